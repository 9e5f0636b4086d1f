//! The bounds of what is kept, and rules that need no files. What is said of a whole image is
//! tested where images are read.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;
use crate::words::Digest;

fn texts(report: &Report) -> Vec<String> {
    report.mismatches().map(ToString::to_string).collect()
}

#[test]
fn equal_mismatches_are_one_and_all_are_sorted() {
    let mut report = Report::default();
    for place in ["b", "a", "b"] {
        report.mismatch(MismatchKind::Document, place, 1, 2);
    }
    assert_eq!(texts(&report), ["a: expected 1, found 2", "b: expected 1, found 2"]);
}

#[test]
fn what_is_kept_is_bounded() {
    let mut report = Report::default();
    for number in 0..10_007 {
        report.mismatch(MismatchKind::Document, number, 1, 2);
        report.note(number);
    }
    assert_eq!((report.mismatches().len(), report.more()), (10_000, 7));
    assert_eq!(report.notes().count(), 10_000);
    let mut other = Report::default();
    other.mismatch(MismatchKind::Document, "z", "é".repeat(1000), 2);
    let expected = &other.mismatches().next().unwrap().expected;
    assert_eq!(*expected, format!("{}…", "é".repeat(300)));
    report.merge(other);
    assert_eq!(report.more(), 8);
}

#[test]
fn one_name_twice_in_an_object_is_found_at_any_depth() {
    let case = |text: &str, expected: &[&str]| {
        let mut report = Report::default();
        saved(text.as_bytes(), &mut report);
        assert_eq!(texts(&report), expected, "{text}");
    };
    case(r#"[{"Config":"c","Layers":[]}]"#, &[]);
    let expected = "manifest.json: expected JSON, found the member `b` twice at line 1 column 25";
    case(r#"[{"Config":[{"b":1,"b":2}]}]"#, &[expected]);
    let deep = "[".repeat(100_000);
    let expected =
        "manifest.json: expected JSON, found recursion limit exceeded at line 1 column 128";
    case(&deep, &[expected]);
}

/// Looks at entries `(name, flag, link)`; the verdicts, and what was said.
fn entries(entries: &[(&str, u8, &str)]) -> (Vec<Verdict>, Vec<String>) {
    let mut report = Report::default();
    let mut rules = Entries::new("layer");
    let verdicts = entries.iter().map(|(name, flag, link)| {
        let (name, link) = (name.as_bytes(), link.as_bytes());
        let entry = LayerEntry {
            name,
            link,
            flag: *flag,
            size: 0,
            attributes: 0,
            has_selinux_label: false,
        };
        rules.entry(&entry, &mut report)
    });
    let verdicts = verdicts.collect();
    rules.finish(&mut report);
    (verdicts, texts(&report))
}

#[test]
fn a_link_that_leads_to_itself_ends() {
    let (verdicts, said) = entries(&[("l", b'2', "l"), ("a", b'1', "l/x")]);
    assert_eq!(verdicts, [Verdict::Sound, Verdict::Unsound]);
    let expected = "layer: /a: expected a hard link to a file before it in the same layer, found \
                    `/l/x`, which is not in this layer";
    assert_eq!(said, [expected]);
}

#[test]
fn a_link_has_a_target_that_can_be_opened() {
    let case = |link: &str| entries(&[("l", b'2', link)]).1;
    assert_eq!(case(&"x".repeat(4095)), Vec::<String>::new());
    for (link, length) in [(String::new(), 0), ("x".repeat(4096), 4096)] {
        let expected =
            format!("layer: /l: expected a link to a path of 1 to 4095 bytes, found {length}");
        assert_eq!(case(&link), [expected]);
    }
}

#[test]
fn a_layer_of_too_many_entries_is_given_up() {
    let mut report = Report::default();
    let mut rules = Entries::with_room("layer", 200);
    let (name, link) = (b"abc", b"");
    let entry =
        LayerEntry { name, link, flag: b'5', size: 0, attributes: 0, has_selinux_label: false };
    let verdicts: Vec<_> = (0..4).map(|_| rules.entry(&entry, &mut report)).collect();
    assert_eq!(verdicts, [Verdict::Sound, Verdict::Sound, Verdict::Stop, Verdict::Stop]);
    assert_eq!(
        texts(&report),
        [
            "layer: expected as many entries as are kept in memory, found more",
            "layer: /abc: expected one entry of this path, found another",
        ]
    );
}

#[test]
fn the_subject_of_an_artifact() {
    let digest = Digest::of(b"image");
    let text = |subject: &str| {
        format!(
            "{{\"schemaVersion\":2,\"artifactType\":\"a/b\",\"layers\":[],\"config\":{{\
             \"mediaType\":\"application/vnd.oci.empty.v1+json\",\"size\":2,\"digest\":\
             \"{digest}\"}}{subject}}}"
        )
    };
    let subject = Reference {
        place: String::new(),
        digest,
        media_type: None,
        size: Some(5),
        platform: None,
        artifact_type: None,
        annotations: Default::default(),
    };
    let case = |text: &str, expected: &[&str]| {
        let mut report = Report::default();
        let found = manifest(text.as_bytes(), &subject, "m", &mut report);
        artifact_of(&found, "a/b", &subject, "m", &mut report);
        assert_eq!(texts(&report), expected);
    };
    let descriptor = |size| {
        format!(",\"subject\":{{\"mediaType\":\"a/b\",\"size\":{size},\"digest\":\"{digest}\"}}")
    };
    case(&text(&descriptor(5)), &[]);
    case(&text(&descriptor(6)), &["m: subject.size: expected 5, found 6"]);
    case(&text(""), &[&format!("m: subject: expected {digest}, found nothing")]);
}
