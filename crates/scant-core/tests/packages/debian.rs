//! Debian: one test for each thing that its relations mean.

use scant_core::formats::debian::relations;
use scant_core::rules::packages::debian::{Index, Packages, Pin, Terms};

/// Packages written as `NAME VERSION [FIELD: VALUE; ...]`, one a line, to what is chosen.
struct Case<'a> {
    wishes: &'a str,
    pins: Vec<Pin>,
    has_recommends: bool,
    indexes: &'a [(&'a str, i32)],
}

impl<'a> Case<'a> {
    fn new(wishes: &'a str, indexes: &'a [(&'a str, i32)]) -> Self {
        Self { wishes, pins: Vec::new(), has_recommends: false, indexes }
    }

    fn chosen(&self) -> String {
        let texts: Vec<_> = self.indexes.iter().map(|(text, _)| index(text)).collect();
        let indexes: Vec<_> = texts
            .iter()
            .zip(self.indexes)
            .map(|(text, (_, priority))| Index { text, priority: *priority })
            .collect();
        let terms =
            Terms { architecture: "amd64", has_recommends: self.has_recommends, pins: &self.pins };
        let packages = match Packages::read(&indexes, &terms) {
            Ok(packages) => packages,
            Err(error) => return error.to_string(),
        };
        match packages.choose(&relations(self.wishes).unwrap()) {
            Ok(chosen) => {
                let shown = chosen
                    .iter()
                    .map(|chosen| format!("{} {}", chosen.package.name, chosen.package.version));
                shown.collect::<Vec<_>>().join(", ")
            }
            Err(error) => error.to_string(),
        }
    }
}

fn index(lines: &str) -> String {
    let mut text = String::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, rest) = line.split_once(' ').unwrap();
        let (version, fields) = rest.split_once(' ').unwrap_or((rest, ""));
        text += &format!("Package: {name}\nVersion: {version}\n");
        if !fields.contains("Architecture:") {
            text += "Architecture: amd64\n";
        }
        for field in fields.split(';').map(str::trim).filter(|field| !field.is_empty()) {
            text += &format!("{field}\n");
        }
        text += "\n";
    }
    text
}

#[track_caller]
fn check(wishes: &str, packages: &str, expected: &str) {
    let chosen = Case::new(wishes, &[(packages, 500)]).chosen();
    assert_eq!(chosen, expected);
}

#[test]
fn relations_to_other_architectures_mean_nothing_here() {
    let packages = "
        aa 1 Conflicts: bb:i386, cc:amd64; Depends: bb:any
        bb 1
        cc 1
        dd 1 Depends: bb:i386 | bb:native
        ee 1 Depends: bb:arm64
        ";
    check("aa, dd", packages, "aa 1, bb 1, dd 1");
    check("bb:amd64", packages, "bb 1");
    let refused =
        |wishes: &str| Case::new(wishes, &[(packages, 500)]).chosen().contains("no viable options");
    assert!(refused("aa, cc") && refused("ee"));
}

#[test]
fn what_is_needed_comes_too() {
    check(
        "aa",
        "aa 1 Depends: bb, cc
         bb 1 Pre-Depends: dd
         cc 1
         dd 1
         ee 1",
        "aa 1, bb 1, cc 1, dd 1",
    );
}

#[test]
fn a_circle_is_no_trouble() {
    check("aa", "aa 1 Depends: bb\n bb 1 Depends: aa", "aa 1, bb 1");
}

#[test]
fn the_highest_version_is_taken() {
    check("aa", "aa 1\n aa 1.10\n aa 1.9", "aa 1.10");
}

#[test]
fn the_highest_version_that_is_allowed_is_taken() {
    check("aa (<< 1.10)", "aa 1\n aa 1.10\n aa 1.9", "aa 1.9");
}

#[test]
fn an_older_version_is_taken_where_the_newest_cannot_be() {
    check(
        "aa",
        "aa 2 Depends: bb (>= 2)
         aa 1 Depends: bb
         bb 1",
        "aa 1, bb 1",
    );
}

#[test]
fn a_choice_far_up_is_taken_back_where_it_leads_nowhere() {
    check(
        "aa, zz",
        "aa 1 Depends: bb | cc
         bb 1 Depends: dd
         cc 1
         dd 1
         zz 1 Conflicts: dd",
        "aa 1, cc 1, zz 1",
    );
}

#[test]
fn the_first_alternative_is_preferred() {
    let packages = "aa 1 Depends: bb | cc\n bb 1\n cc 1";
    check("aa", packages, "aa 1, bb 1");
    check("aa, cc", packages, "aa 1, cc 1");
}

#[test]
fn a_package_may_be_provided() {
    check("mta", "xx 1 Provides: mta\n yy 1 Provides: mta", "xx 1");
    check("mta", "xx 1 Provides: mta\n mta 1", "mta 1");
}

#[test]
fn only_a_version_that_is_provided_fulfils_a_version() {
    check("mta (>= 2)", "xx 1 Provides: mta\n yy 1 Provides: mta (= 2)", "yy 1");
}

#[test]
fn conflicts_are_kept_and_do_not_mean_oneself() {
    let packages = "xx 1 Provides: mta; Conflicts: mta
         yy 1 Provides: mta; Conflicts: mta
         aa 1 Depends: mta";
    check("aa", packages, "aa 1, xx 1");
    check("aa, yy", packages, "aa 1, yy 1");
}

#[test]
fn breaks_mean_versions() {
    check(
        "aa, bb",
        "aa 1 Breaks: bb (<< 2)
         bb 1
         bb 2",
        "aa 1, bb 2",
    );
}

#[test]
fn other_architectures_are_left_out() {
    check("aa", "aa 2 Architecture: arm64\n aa 1 Architecture: all", "aa 1");
}

#[test]
fn what_is_recommended_comes_on_request() {
    let packages = "aa 1 Recommends: bb, none\n bb 1";
    check("aa", packages, "aa 1");
    let case = Case { has_recommends: true, ..Case::new("aa", &[]) };
    let case = Case { indexes: &[(packages, 500)], ..case };
    assert_eq!(case.chosen(), "aa 1, bb 1");
}

#[test]
fn a_priority_is_over_a_version() {
    let indexes = [("aa 1", 990), ("aa 2", 500)];
    assert_eq!(Case::new("aa", &indexes).chosen(), "aa 1");
    assert_eq!(Case::new("aa (>> 1)", &indexes).chosen(), "aa 2");
}

#[test]
fn a_pin_chooses_and_forbids() {
    let pin =
        |version: &str, priority| Pin { name: "aa".into(), version: version.into(), priority };
    let indexes = [("aa 1.1\n aa 1.2\n aa 2", 500)];
    let with = |pins| Case { pins, ..Case::new("aa", &indexes) }.chosen();
    assert_eq!(with(vec![pin("1.*", 990)]), "aa 1.2");
    assert_eq!(with(vec![pin("2", -1)]), "aa 1.2");
    assert_eq!(with(vec![pin("1.1", 1001)]), "aa 1.1");
}

#[test]
fn the_same_of_two_indexes_is_one() {
    assert_eq!(Case::new("aa", &[("aa 1", 500), ("aa 1", 500)]).chosen(), "aa 1");
}

#[track_caller]
fn check_refused(wishes: &str, packages: &str, reasons: &str) {
    let chosen = Case::new(wishes, &[(packages, 500)]).chosen();
    let expected = format!("no choice of packages fulfils all that is asked for:\n{reasons}");
    assert_eq!(chosen, expected);
}

#[test]
fn what_is_not_there_is_told() {
    check_refused("none", "aa 1", "No candidates were found for none.");
}

#[test]
fn a_conflict_is_told_as_a_chain() {
    check_refused(
        "aa, bb",
        "aa 1 Depends: cc\n cc 1\n bb 1 Conflicts: cc",
        "The following packages are incompatible
├─ aa can be installed with any of the following options:
│  └─ aa 1 would require
│     └─ cc, which can be installed with any of the following options:
│        └─ cc 1
└─ bb cannot be installed because there are no viable options:
   └─ bb 1 would constrain
      └─ cc, which conflicts with any installable versions previously reported",
    );
}

#[test]
fn a_conflict_of_versions_is_told_as_a_chain() {
    check_refused(
        "aa, bb | xx",
        "aa 1 Depends: cc (>= 2)\n cc 2\n cc 1\n bb 1 Depends: cc (<< 2)\n xx 1 Depends: cc (<< 2)",
        "The following packages are incompatible
├─ aa can be installed with any of the following options:
│  └─ aa 1 would require
│     └─ cc (>= 2), which can be installed with any of the following options:
│        └─ cc 2
└─ bb for `bb | xx` | xx for `bb | xx` cannot be installed because there are no viable options:
   ├─ bb 1 would require
   │  └─ cc (<< 2), which cannot be installed because there are no viable options:
   │     └─ cc 1, which conflicts with the versions reported above.
   └─ xx 1 would require
      └─ cc (<< 2), which cannot be installed because there are no viable options:
         └─ cc 1, which conflicts with the versions reported above.",
    );
}

#[test]
fn a_missing_need_is_told_as_a_chain() {
    check_refused(
        "aa",
        "aa 2 Depends: bb (>= 2)\n aa 1 Depends: cc\n bb 1",
        "aa cannot be installed because there are no viable options:
├─ aa 2 would require
│  └─ bb (>= 2), for which no candidates were found.
└─ aa 1 would require
   └─ cc, for which no candidates were found.",
    );
}

#[test]
fn a_damaged_index_is_told() {
    check(
        "aa",
        "aa x",
        "line 1: package aa: `x` is not a version of a Debian package: it must begin with a digit",
    );
    check_refused("aa", "aa 1 Depends: (1)", "aa cannot be installed because there are no viable options:
└─ aa 1 would require
   └─ (line 1: package aa: Depends: `(1)` is not a relation to a package: the name of a package was expected), for which no candidates were found.");
}

#[test]
fn what_nobody_has_is_told_with_what_there_is() {
    let text = index("curl 7.88-1\ncurl 7.88-2\ndefault-mysql-server 1\nlibx 1 Provides: virtual");
    let terms = Terms { architecture: "amd64", ..Terms::default() };
    let packages = Packages::read(&[Index { text: &text, priority: 500 }], &terms).unwrap();
    let case = |wishes: &str, expected: &[&str]| {
        assert_eq!(packages.absent(&relations(wishes).unwrap()), expected);
    };
    case("curl, virtual, crul | curl", &[]);
    case(
        "crul, curl (>= 99), mysql-server, curl:arm64, virtual (>= 1)",
        &[
            "no archive has `crul` for amd64; did you mean `curl`?",
            "no archive has `curl (>= 99)` for amd64; of `curl` there is `7.88-2`, `7.88-1`",
            "no archive has `mysql-server` for amd64; did you mean `default-mysql-server`?",
            "no archive has `curl:arm64` for amd64; leave `:arm64` out: `platforms` of the manifest says for which architectures packages are",
            "no archive has `virtual (>= 1)` for amd64",
        ],
    );
}
