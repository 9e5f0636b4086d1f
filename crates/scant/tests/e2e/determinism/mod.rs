//! The same manifest and the same inputs give the same bytes, whatever is around them.
//!
//! [`variations`] is the table of what is around; [`subjects`] is what is built in each of them.
//! `docs/reproducibility.md` lists both.

mod build;
mod buildkit;
mod outputs;
mod processors;
mod subjects;
mod variations;

use std::time::Instant;

use build::built;
use subjects::Subject;
use variations::{USUAL, VARIATIONS};

/// Builds in every variation, and expects the digests of the usual one.
#[track_caller]
fn case(subject: &Subject) {
    let start = Instant::now();
    let usual = built(subject, &USUAL).expect("the usual surroundings are there");
    let (mut same, mut other) = (0, Vec::new());
    for (name, variation) in VARIATIONS {
        match built(subject, variation) {
            Ok(text) if text == usual => same += 1,
            Ok(text) => other.push(format!("{}: {name}:\n{text}", subject.name)),
            Err(reason) => crate::tools::skip(&format!("{}: {name}: {reason}", subject.name)),
        }
    }
    let seconds = start.elapsed().as_secs();
    println!("{}: {same} of {} variations, {seconds} s", subject.name, VARIATIONS.len());
    assert!(other.is_empty(), "usual:\n{usual}\n{}", other.join("\n"));
}

/// One test for each, so that they run side by side.
macro_rules! cases {
    ($($name:ident $(needs $tool:ident)?;)+) => {$(
        #[test]
        fn $name() {
            $(crate::tools::require!($tool);)?
            case(&subjects::$name());
        }
    )+};
}

cases! {
    bash needs BASH;
    everything;
    nginx needs NGINX;
    platforms;
    python needs PYTHON;
    ripgrep needs RG;
    static_program;
    traced;
    unbound;
}

#[test]
fn a_change_of_the_content_is_seen() {
    let subject = subjects::static_program();
    let usual = built(&subject, &USUAL).expect("it is built");
    std::fs::write(subject.path().join("note"), "another\n").expect("the copy is ours");
    let other = built(&subject, &USUAL).expect("it is built");
    assert_eq!(usual, other, "what is not declared does not count");
    subject.append("static.yml", "\ndata: [\"./note:/note\"]\n");
    let other = built(&subject, &USUAL).expect("it is built");
    assert_ne!(usual, other, "the comparison would see a difference");
}

#[test]
fn every_example_is_a_subject() {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    for example in std::fs::read_dir(examples).expect("it is here") {
        let name = example.expect("it can be listed").file_name().into_string();
        let name = name.expect("names are text");
        // What an archive has changes: a story builds it with a lock.
        if name == "debian" {
            continue;
        }
        let call = format!("Example::copy(\"{name}\")");
        assert!(include_str!("subjects.rs").contains(&call), "no subject says {call}");
    }
}
