//! Which of several packages is preferred, where any of them would do.

use core::cmp::{Ordering, Reverse};

use super::Entry;
use crate::formats::alpine::Version;

/// One that answers to a name, in a version or without.
pub(super) struct Provider<'e, 'a> {
    pub(super) entry: &'e Entry<'a>,
    pub(super) version: Option<&'a Version>,
}

/// Of packages of one name: those of repositories without a tag, the newest, and of the same version
/// that of the first repository.
pub(super) fn in_group(a: &Entry<'_>, b: &Entry<'_>) -> Ordering {
    let key = |entry: &Entry<'_>| (entry.tag.is_some(), entry.repository);
    let newest = || b.package.version.cmp(&a.package.version);
    a.tag.is_some().cmp(&b.tag.is_some()).then_with(newest).then_with(|| key(a).cmp(&key(b)))
}

/// Of packages that answer to `name`, for the package `of`: as in [`in_group`] those without a tag
/// first; then those that were built with it, in the same version; then the newest by that name,
/// and the package of that name before others; then the highest priority; then the newest package,
/// the first repository, and the first name.
pub(super) fn providers(
    name: &str,
    of: Option<&Entry<'_>>,
    a: &Provider<'_, '_>,
    b: &Provider<'_, '_>,
) -> Ordering {
    let is_built_with = |one: &Provider<'_, '_>| {
        of.is_some_and(|of| {
            let (of, one) = (of.package, one.entry.package);
            of.origin.is_some() && of.origin == one.origin && of.version == one.version
        })
    };
    let first = |one: &Provider<'_, '_>| (one.entry.tag.is_some(), !is_built_with(one));
    let then = |one: &Provider<'_, '_>| {
        let package = one.entry.package;
        (*package.name != *name, Reverse(package.provider_priority))
    };
    let (of_a, of_b) = (a.entry.package, b.entry.package);
    first(a)
        .cmp(&first(b))
        .then_with(|| b.version.cmp(&a.version))
        .then_with(|| then(a).cmp(&then(b)))
        .then_with(|| of_b.version.cmp(&of_a.version))
        .then_with(|| a.entry.repository.cmp(&b.entry.repository))
        .then_with(|| of_a.name.cmp(&of_b.name))
}
