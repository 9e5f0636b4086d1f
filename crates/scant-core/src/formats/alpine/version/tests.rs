//! The order of versions, as chains: each version is older than all that come after it in its line.

use core::cmp::Ordering;

use super::*;

/// Older to newer.
const CHAINS: [&str; 20] = [
    // Numbers, by value, and more of them is newer.
    "0 1 2 9 10 99 100 20050405 20060811",
    "1 1.0 1.0.0 1.0.1 1.0.10 1.1 1.1.0 1.2 1.9 1.10 1.39 1.100 2",
    "0.5.2.7 0.6 0.9.12 0.9.13 0.10 0.90.1 0.99.3.20040818 0.99.163 1.0",
    "3.0.20060720 20060720 99999999999999999999 100000000000000000000",
    // After a point, a number that begins with zero is compared as text.
    "1.00 1.000 1.01 1.010 1.02 1.02.06 1.02.07 1.02.10 1.05 1.1",
    "4.0 4.00 4.09 4.1 4.5.14 4.9 4.10",
    // Not so the first.
    "006 07 8 013 014 087 103",
    // Letters.
    "1.2 1.2-r0 1.2a 1.2b 1.2z 1.2.0 1.2.1",
    "6 6-r7 6b 6b-r1 6b-r7 6c 7",
    "0.59 0.59s 0.59s-r11 0.65",
    // A number after the letter.
    "0.99 0.99f 0.99f-r1 0.99f7 0.99f7-r1 0.99f10 0.99g",
    // Suffixes: some come before the release, some after.
    "1.0_alpha 1.0_beta 1.0_pre 1.0_rc 1.0 1.0_cvs 1.0_svn 1.0_git 1.0_hg 1.0_p 1.0.0",
    "1.3_alpha 1.3_alpha2 1.3_alpha3 1.3_alpha8 1.3_alpha10 1.3_beta 1.3_beta1 1.3",
    "0.1.0_alpha_pre2 0.1.0_alpha 0.1.0_alpha1 0.1.0_alpha_p1 0.1.0_beta 0.1.0",
    "1.8.4-r3 1.8.5 1.8.5_p2 1.8.5_p12 1.8.6_rc1 1.8.6",
    "1.0.0_pre20191002222144-r0 1.0.0_pre20210530193627-r0 1.0.0 1.0.0_git20210530",
    // Revisions.
    "1.3_pre1-r1 1.3 1.3-r0 1.3-r1 1.3-r9 1.3-r10 1.3_p1 1.3_p1-r1 1.3.1 1.3.1-r0",
    "2.3.0b 2.3.0b-r1 2.3.0b-r2 2.3.0b-r16 2.3.0b_p1 2.3.0c",
    // Hashes of commits.
    "1.0_rc1~abc 1.0 1.0-r5 1.0~ab 1.0~abc 1.0~abc-r1 1.0~abc-r2 1.0~abd 1.0_p1",
    "2.1_pre20 2.1_pre26 2.1 2.1.9.200602141850 2.2.39-r1 2.10",
];

#[test]
fn the_order_of_versions() {
    let parse = |text: &str| text.parse::<Version>().unwrap_or_else(|_| panic!("{text}"));
    let mut pairs = 0;
    for chain in CHAINS {
        let versions: Vec<_> = chain.split(' ').map(parse).collect();
        for (place, older) in versions.iter().enumerate() {
            assert_eq!(older.cmp(older), Ordering::Equal, "{older}");
            for newer in &versions[place + 1..] {
                assert_eq!(older.cmp(newer), Ordering::Less, "{older} < {newer}");
                assert_eq!(newer.cmp(older), Ordering::Greater, "{newer} > {older}");
                pairs += 1;
            }
        }
    }
    assert!(pairs >= 500, "{pairs}");
}

#[test]
fn one_version_may_be_written_in_several_ways() {
    let case = |a: &str, b: &str| {
        assert_eq!(a.parse::<Version>().unwrap(), b.parse::<Version>().unwrap(), "{a} {b}");
    };
    case("01", "1");
    case("1-r01", "1-r1");
    case("1_rc01", "1_rc1");
    case("007.1", "7.1");
}

#[test]
fn a_version_may_be_like_another() {
    let case = |version: &str, like: &str, expected: bool| {
        let parse = |text: &str| text.parse::<Version>().unwrap();
        assert_eq!(parse(version).is_like(&parse(like)), expected, "{version} ~ {like}");
    };
    case("1.2.3-r0", "1.2", true);
    case("1.2.3-r0", "1.2.3", true);
    case("1.2.3-r0", "1.2.3-r0", true);
    case("1.2.3-r0", "1.2.4", false);
    case("1.20", "1.2", false);
    case("1.2", "1.2.3", false);
    case("1.2_rc1", "1.2", true);
    case("1.2a", "1.2", true);
    case("6.0_pre1", "6", true);
    case("6.0_pre1", "6.1", false);
    case("1.2.3-r1", "1.2.3-r10", false);
}

#[test]
fn what_is_no_version_is_refused() {
    for text in [
        "",
        "a",
        "1.",
        "1..2",
        "1.2ab",
        "1.0bc",
        "1_",
        "1_foo",
        "23_foo",
        "1-r",
        "1-1",
        "1-r1-r2",
        "1-r1_p1",
        "1~",
        "1~xyz",
        "1 ",
        "1A",
        ".1",
        "1_rc1a",
        "1a.2",
        "1_p1.2",
        "1.2_PRE",
        "1-r1~a",
        "v1",
        "1+2",
        "1:2",
        "-r1",
        "1_alphabet",
    ] {
        assert!(text.parse::<Version>().is_err(), "{text}");
    }
}
