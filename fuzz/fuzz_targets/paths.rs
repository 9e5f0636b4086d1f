//! Paths: normalised once, shown without control characters, and never out of their root.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::rules::View;
use scant_core::words::{EntryKind, Escaped, TreePath};
use scant_fuzz::{MemoryInput, assert_plain, parts};

fuzz_target!(|bytes: &[u8]| {
    let parts = parts(bytes);
    for part in &parts {
        let shown = Escaped(part.name).to_string();
        assert_plain(&shown);
        assert!(!shown.contains('\n'));
        assert_eq!(Escaped::parse(&shown).as_deref(), Some(part.name));
        if let Ok(text) = std::str::from_utf8(part.name) {
            let _ = Escaped::parse(text);
        }
        match TreePath::parse(part.name) {
            Ok(path) => normalised(&path),
            Err(error) => assert_plain(&error.to_string()),
        }
    }
    let input = MemoryInput::new(&parts);
    let view = View::new(&input);
    for asked in parts.iter().flat_map(|part| [Some(part.name), part.target]).flatten() {
        match view.resolve(asked) {
            Ok(found) => {
                input.assert_no_link_above(&found.path);
                assert!(!matches!(found.entry.kind, EntryKind::Symlink { .. }));
                assert!(found.links.len() <= 40);
            }
            Err(error) => assert_plain(&error.to_string()),
        }
    }
});

fn normalised(path: &TreePath) {
    assert_eq!(TreePath::parse(path.as_bytes()).as_ref(), Ok(path));
    assert!(path.components().all(|name| !matches!(name, b"" | b"." | b"..") && name.len() <= 255));
    match (path.parent(), path.name()) {
        (Some(parent), Some(name)) => {
            assert_eq!(&parent.join(name), path);
            assert!(parent < *path);
            assert_eq!(path.below(&parent), Some(TreePath::root().join(name)));
        }
        (None, None) => assert!(path.is_root()),
        other => panic!("{other:?}"),
    }
}
