//! The settings of this system that keep a user from having namespaces.
//! [namespaces(7)](https://man7.org/linux/man-pages/man7/namespaces.7.html).

use std::fmt;
use std::fs;

/// A setting that is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    name: &'static str,
    value: u64,
    wanted: u64,
}

/// Each setting, the value that forbids namespaces, and one that allows them. Not every kernel has
/// all of them.
const SETTINGS: [(&str, u64, u64); 3] = [
    ("user.max_user_namespaces", 0, 15_000),
    ("kernel.unprivileged_userns_clone", 0, 1),
    ("kernel.apparmor_restrict_unprivileged_userns", 1, 0),
];

/// The settings that are in the way of this user; none if it is something else.
pub fn limits() -> Vec<Limit> {
    let is_root = rustix::process::geteuid().is_root();
    found(is_root, |name| {
        let text = fs::read_to_string(format!("/proc/sys/{}", name.replace('.', "/"))).ok()?;
        text.trim().parse().ok()
    })
}

fn found(is_root: bool, value_of: impl Fn(&str) -> Option<u64>) -> Vec<Limit> {
    // The two others are for ordinary users.
    let settings = SETTINGS.into_iter().take(if is_root { 1 } else { SETTINGS.len() });
    let forbids = |(name, forbidden, wanted)| {
        let value = value_of(name).filter(|value| *value == forbidden)?;
        Some(Limit { name, value, wanted })
    };
    settings.filter_map(forbids).collect()
}

impl Limit {
    /// The setting that would allow it, as sysctl(8) takes it.
    pub fn remedy(&self) -> String {
        format!("{}={}", self.name, self.wanted)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is {}, which forbids them", self.name, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(is_root: bool, settings: &[(&str, u64)], expected: &[&str]) {
        let value = |name: &str| settings.iter().find(|setting| setting.0 == name).map(|s| s.1);
        let found: Vec<_> = found(is_root, value).iter().map(Limit::remedy).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_in_the_way_is_found() {
        let debian = "kernel.unprivileged_userns_clone";
        let ubuntu = "kernel.apparmor_restrict_unprivileged_userns";
        check(false, &[("user.max_user_namespaces", 4096), (debian, 1), (ubuntu, 0)], &[]);
        check(false, &[(debian, 0)], &["kernel.unprivileged_userns_clone=1"]);
        check(false, &[(ubuntu, 1)], &["kernel.apparmor_restrict_unprivileged_userns=0"]);
        check(true, &[(debian, 0), (ubuntu, 1)], &[]);
        check(true, &[("user.max_user_namespaces", 0)], &["user.max_user_namespaces=15000"]);
    }
}
