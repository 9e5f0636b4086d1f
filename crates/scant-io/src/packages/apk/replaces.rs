//! Which package may take the place of files of another.

use scant_core::formats::alpine::{Dependency, PackageInfo};

/// Whether `a` may take the place of files of `b`: if it says so, in `replaces`, with the version it
/// says, and `b` does not say the same of it with a higher `replaces_priority`. Packages that were
/// built together may as well: what is installed later does, which is who needs the other, or else
/// the later by name.
pub fn replaces(a: &PackageInfo, b: &PackageInfo) -> bool {
    match (says(a, b), says(b, a)) {
        (true, true) => (a.replaces_priority, &a.name) > (b.replaces_priority, &b.name),
        (a, b) if a != b => a,
        _ if a.origin.is_none() || a.origin != b.origin => false,
        _ => match (needs(a, b), needs(b, a)) {
            (true, false) => true,
            (false, true) => false,
            _ => a.name > b.name,
        },
    }
}

fn says(a: &PackageInfo, b: &PackageInfo) -> bool {
    a.replaces.iter().any(|one| is_meant(one, b))
}

fn needs(a: &PackageInfo, b: &PackageInfo) -> bool {
    a.depends.iter().any(|one| !one.is_conflict && is_meant(one, b))
}

fn is_meant(dependency: &Dependency, package: &PackageInfo) -> bool {
    if dependency.name == package.name {
        return dependency.allows(&package.version);
    }
    package.provides.iter().any(|provided| {
        provided.name == dependency.name
            && match &provided.version {
                Some(version) => dependency.allows(version),
                None => dependency.version.is_none(),
            }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(a: &str, b: &str, expected: [bool; 2]) {
        let info = |name: &str, more: &str| {
            let text = format!("pkgname = {name}\npkgver = 2-r0\n{more}");
            PackageInfo::parse(text.as_bytes()).unwrap()
        };
        let (a, b) = (info("a", a), info("b", b));
        assert_eq!([replaces(&a, &b), replaces(&b, &a)], expected);
    }

    #[test]
    fn who_replaces_whom() {
        case("", "", [false, false]);
        case("replaces = b", "", [true, false]);
        case("replaces = b<2", "", [false, false]);
        case("replaces = b<3", "", [true, false]);
        case("replaces = c", "provides = c=1", [true, false]);
        case("replaces = b", "replaces = a", [false, true]);
        case("replaces = b\nreplaces_priority = 2", "replaces = a", [true, false]);
        case("origin = s", "origin = s", [false, true]);
        case("origin = s\ndepend = b", "origin = s", [true, false]);
        case("origin = s", "origin = t", [false, false]);
    }
}
