//! Any byte may be wrong: in a blob it is noticed, anywhere it is survived.

use super::fixture::{Fixture, seen, tar_of, write};

#[test]
fn no_byte_of_a_blob_changes_unnoticed() {
    let place = tempfile::tempdir().unwrap();
    let (files, names) = Fixture::default().make();
    write(&files, place.path());
    let argument = format!("oci:{}", place.path().display());
    for (name, bytes) in files.iter().filter(|(name, _)| name.starts_with("blobs/")) {
        for at in (0..bytes.len()).step_by(23) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x11;
            std::fs::write(place.path().join(name), &changed).unwrap();
            let seen = seen(&argument, &names).unwrap();
            let hex = name.rsplit('/').next().unwrap();
            let (_, called) = names.iter().find(|(known, _)| known == hex).unwrap();
            let text = format!("<{called}>: digest: expected <{called}>, found <other>");
            assert!(seen.mismatches.iter().any(|m| m.ends_with(&text)), "{name} at {at}");
        }
        std::fs::write(place.path().join(name), bytes).unwrap();
    }
    assert_eq!(seen(&argument, &names).unwrap().mismatches, Vec::<String>::new());
}

#[test]
fn an_archive_with_any_byte_changed_or_cut_off_anywhere_is_survived() {
    let place = tempfile::tempdir().unwrap();
    let (files, names) = Fixture::default().make();
    let archive = tar_of(&files);
    let path = place.path().join("a.tar");
    let argument = format!("docker-archive:{}", path.display());
    let mut refused = 0;
    for at in (0..archive.len()).step_by(61) {
        let mut changed = archive.clone();
        changed[at] = changed[at].wrapping_add(1);
        for bytes in [&changed[..], &archive[..at]] {
            std::fs::write(&path, bytes).unwrap();
            // What is said is tested elsewhere; here it must end, with whatever it says.
            refused += u32::from(seen(&argument, &names).is_err());
        }
    }
    assert!(refused > 0, "without its beginning it is no image");
}
