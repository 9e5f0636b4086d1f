//! Files of structure tests: every fault lies in the text, every expression that is accepted can be
//! matched, and variables are replaced in any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::formats::structure_test::{Pattern, Subject, expand, parse};
use scant_fuzz::assert_plain;

fuzz_target!(|text: &str| {
    expand(text, |name| {
        assert!(!name.is_empty() && text.contains(name));
        String::new()
    });
    if let Ok(pattern) = Pattern::new(text.get(..200).unwrap_or(text)) {
        pattern.is_match("a line\nand another: 1.2.3 {\"ok\": true}\n");
    }
    match parse(text) {
        Ok(tests) => {
            for test in &tests.tests {
                assert!(text.get(test.span.start..test.span.end).is_some(), "{:?}", test.span);
                if let Subject::Command(command) = &test.subject {
                    assert!(!command.line.is_empty() && !test.name.is_empty());
                    assert!(command.setup.iter().chain(&command.teardown).all(|l| !l.is_empty()));
                }
            }
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in &faults {
                assert!(text.get(fault.span.start..fault.span.end).is_some(), "{:?}", fault.span);
                assert_plain(&fault.message);
            }
        }
    }
});
