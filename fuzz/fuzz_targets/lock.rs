//! Locks: every fault lies in the text, and what is written is read the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::formats::lock::parse;
use scant_core::formats::manifest::Span;
use scant_fuzz::assert_plain;

fuzz_target!(|text: &str| {
    let faults = match parse(text) {
        // Keys of YAML have at most 1024 characters.
        Ok(_) if text.len() > 1000 => return,
        Ok(lock) => {
            let written = lock.encode();
            let read = parse(&written).expect("what is written can be read");
            assert_eq!(read, lock);
            assert_eq!(read.encode(), written);
            return;
        }
        Err(faults) => faults,
    };
    assert!(!faults.is_empty() && faults.len() <= 200);
    for fault in &faults {
        inside(fault.span, text);
        fault.also.iter().for_each(|(span, _)| inside(*span, text));
        assert_plain(&fault.message);
        fault.help.iter().for_each(|help| assert_plain(help));
    }
});

fn inside(span: Span, text: &str) {
    assert!(span.start <= span.end, "{span:?}");
    assert!(text.get(span.start..span.end).is_some(), "{span:?} of {} bytes", text.len());
    assert!(span.line >= 1 && span.column >= 1, "{span:?}");
}
