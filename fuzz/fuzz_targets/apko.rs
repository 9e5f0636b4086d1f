//! Files of apko: what is made of any that is read is a manifest, and notes lie in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::formats::{apko, manifest};
use scant_fuzz::assert_plain;

fuzz_target!(|text: &str| {
    // A file, and what it includes.
    let texts = text.split_once("@@OVER\n").unwrap_or((text, ""));
    let (upper, lower) = (read(texts.0, 0), read(texts.1, 1));
    let configuration = match (upper, lower) {
        (Some(upper), Some(lower)) => upper.over(lower),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return,
    };
    let imported = apko::import(&configuration, "apko.yaml");
    if let Err(faults) = manifest::parse(&imported.text) {
        panic!("{faults:?}\n{}", imported.text);
    }
    for note in &imported.notes {
        let text = if note.place.file == 0 { texts.0 } else { texts.1 };
        // To YAML a carriage return alone ends a line, too.
        let lines = text.replace("\r\n", "\n").replace('\r', "\n").lines().count();
        assert!(note.place.line as usize <= lines.max(1), "{note:?}");
        assert_plain(&note.text);
    }
});

fn read(text: &str, file: usize) -> Option<apko::Configuration> {
    match apko::parse(text, file) {
        Ok(configuration) => Some(configuration),
        Err(faults) => {
            assert!(!faults.is_empty());
            faults.iter().for_each(|fault| assert_plain(&fault.message));
            None
        }
    }
}
