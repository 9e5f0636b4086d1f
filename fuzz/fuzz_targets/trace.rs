//! What `scant trace` reads: logs of other tools, its own record, and manifests that it edits. The
//! first byte says which.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::formats::manifest::{Addition, edit, parse, patch};
use scant_core::formats::{ld_debug_log, strace_log, trace_file};
use scant_core::words::Access;
use scant_fuzz::assert_plain;

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    match kind {
        b's' => {
            let mut reader = strace_log::Reader::new(Some(b"/"));
            bytes.split(|&b| b == b'\n').for_each(|line| placed(&reader.line(line)));
            told(&reader.finish());
        }
        b'l' => {
            let mut reader = ld_debug_log::Reader::default();
            bytes.split(|&b| b == b'\n').for_each(|line| placed(&reader.line(line)));
            let (rest, left) = reader.finish();
            placed(&rest);
            told(&left);
        }
        b't' => {
            let Ok(text) = str::from_utf8(bytes) else { return };
            match trace_file::decode(text) {
                Ok(file) => {
                    let again = trace_file::decode(&trace_file::encode(&file));
                    assert_eq!(again.as_ref(), Ok(&file));
                }
                Err(faults) => assert!(!faults.is_empty()),
            }
        }
        _ => {
            let Ok(text) = str::from_utf8(bytes) else { return };
            let additions = [
                Addition::Data { from: "HOST/new".into(), why: "a: b #c".into() },
                Addition::Library { binary: 0, name: "libz.so".into(), why: "why".into() },
            ];
            for count in 1..=2 {
                let Ok(edited) = edit(text, &additions[..count]) else { continue };
                patch("m.yaml", text, &edited);
                // Its own values may be wrong: they are then wrong as before.
                let _ = parse(&edited.text);
            }
        }
    }
});

/// Every access says where its name starts.
fn placed(accesses: &[Access]) {
    for access in accesses {
        assert!(access.name.starts_with(b"/") || access.directory.starts_with(b"/"), "{access:?}");
    }
}

fn told(left: &strace_log::Left) {
    assert!(left.first.len() as u64 <= left.count());
    left.first.iter().for_each(|(_, text)| assert_plain(text));
}
