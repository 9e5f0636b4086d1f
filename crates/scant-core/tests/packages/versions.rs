//! The order of versions, compared with what dpkg says.

use std::cmp::Ordering;
use std::process::Command;

use scant_core::formats::debian::Version;

/// How many pairs are compared.
const PAIRS: u64 = 10_000;
/// How many programs run at once.
const THREADS: u64 = 4;

/// A version that is made of what the order is about, the same for each number.
fn version(number: u64) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    let mut next = |most: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % most
    };
    let part = |next: &mut dyn FnMut(u64) -> u64| -> String {
        const PARTS: [&str; 14] =
            ["0", "1", "9", "10", "01", ".", ".0", "~", "~~", "+", "a", "Z", "rc", "-"];
        (0..next(5)).map(|_| PARTS[next(PARTS.len() as u64) as usize]).collect()
    };
    let epoch = ["", "", "", "0:", "1:"][next(5) as usize];
    let upstream = format!("{}{}", next(3), part(&mut next));
    let revision = format!("{}{}", next(3), part(&mut next).replace('-', ""));
    // A `-` at the end would be a revision that is missing.
    match next(2) {
        0 => format!("{epoch}{}", upstream.replace('-', "")),
        _ => format!("{epoch}{upstream}-{revision}"),
    }
}

fn check(number: u64) {
    // Some of the pairs differ at their ends only.
    let (mut a, mut b) = (version(number * 2), version(number * 2 + 1));
    if number.is_multiple_of(2) {
        (a, b) = (format!("{a}{}", &b[b.len() - 1..]), a);
    }
    let parse = |text: &str| text.parse::<Version>().unwrap_or_else(|error| panic!("{error}"));
    let relation = match parse(&a).cmp(&parse(&b)) {
        Ordering::Less => "lt",
        Ordering::Equal => "eq",
        Ordering::Greater => "gt",
    };
    let agrees = Command::new("dpkg").args(["--compare-versions", &a, relation, &b]).status();
    assert!(agrees.unwrap().success(), "dpkg does not find that {a} {relation} {b}");
}

#[test]
fn dpkg_finds_the_same_order() {
    if Command::new("dpkg").arg("--version").output().is_err() {
        let strict = std::env::var_os("SCANT_NO_SKIP").is_some_and(|value| value == "1");
        assert!(!strict, "must not be skipped: dpkg is not installed");
        println!("skipped: dpkg is not installed");
        return;
    }
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || (thread..PAIRS).step_by(THREADS as usize).for_each(check));
        }
    });
}
