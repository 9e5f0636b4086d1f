//! What is asked for and nobody has, which is told better than a chain of reasons can.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Packages;
use crate::formats::alpine::Dependency;
use crate::formats::yaml::{list_of, nearest};
use crate::words::Platform;

/// How many versions are told.
const MOST: usize = 5;

impl Packages<'_> {
    /// What of this no package is for a platform, each a sentence that says what there is instead.
    pub fn absent(&self, wishes: &[Dependency], platform: Platform) -> Vec<String> {
        let is_absent =
            |wish: &&Dependency| !wish.is_conflict && self.matching(wish, None).is_empty();
        wishes.iter().filter(is_absent).map(|wish| self.instead(wish, platform)).collect()
    }

    fn instead(&self, wish: &Dependency, platform: Platform) -> String {
        let providers = self.providers.get(&*wish.name).map(Vec::as_slice).unwrap_or_default();
        if providers.is_empty() {
            let near = nearest(&wish.name, self.names.iter().map(|(name, _)| *name));
            let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            return format!("no repository has `{}` for {platform}{near}", wish.name);
        }
        let mut there: Vec<_> = providers.iter().map(|(at, version)| (version, *at)).collect();
        there.sort_by(|a, b| b.cmp(a));
        let mut words = Vec::new();
        for (version, at) in there {
            let entry = &self.entries[at];
            let of = match entry.package.name == wish.name {
                true => String::new(),
                false => format!(" by {}", entry.package.name),
            };
            let tag = entry.tag.map_or(String::new(), |tag| format!(" @{tag}"));
            let version = version.map_or("no version".into(), ToString::to_string);
            let word = format!("{version}{of}{tag}");
            if !words.contains(&word) {
                words.push(word);
            }
        }
        let more = words.len().saturating_sub(MOST);
        words.truncate(MOST);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let there = list_of(words.iter().map(String::as_str));
        format!(
            "no repository has `{wish}` for {platform}; of `{}` there is {there}{more}",
            wish.name
        )
    }
}
