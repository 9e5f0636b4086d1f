//! Manifests: every fault lies in the text, and can be shown.
#![no_main]

// The renderer is the program's own, taken by its path: a program has no library to take it from.
#[path = "../../crates/scant/src/render"]
mod render {
    #[allow(dead_code)]
    pub(crate) mod color;
    #[allow(dead_code)]
    pub(crate) mod diagnostic;
}

use libfuzzer_sys::fuzz_target;
use render::diagnostic::{Diagnostic, Source};
use scant_core::formats::manifest::{Span, parse};
use scant_fuzz::assert_plain;

fuzz_target!(|text: &str| {
    let faults = match parse(text) {
        Ok(_) => return,
        Err(faults) => faults,
    };
    assert!(!faults.is_empty() && faults.len() <= 201);
    for fault in &faults {
        inside(fault.span, text);
        fault.also.iter().for_each(|(span, _)| inside(*span, text));
        assert_plain(&fault.message);
        fault.help.iter().for_each(|help| assert_plain(help));
    }
    // Rendering takes the time that it takes: a few are enough.
    for fault in faults.iter().take(3) {
        let source = Source { name: "m.yaml", text };
        assert_plain(&Diagnostic::of_manifest(fault).render(&source));
    }
});

fn inside(span: Span, text: &str) {
    assert!(span.start <= span.end, "{span:?}");
    assert!(text.get(span.start..span.end).is_some(), "{span:?} of {} bytes", text.len());
    assert!(span.line >= 1 && span.column >= 1, "{span:?}");
}
