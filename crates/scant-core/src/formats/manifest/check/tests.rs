//! Checks `tests`.

use alloc::boxed::Box;

use super::Checker;
use crate::formats::manifest::raw::Item;
use crate::formats::manifest::{Fault, TestSource};
use crate::formats::structure_test::raw::StructureTests;
use crate::formats::structure_test::{self, Version};
use crate::formats::yaml::{Form, Spanned, shown};

impl Checker {
    /// An item: the path of a file, or tests of schema 2.0.0.
    pub(super) fn tests(&mut self, raw: Item<StructureTests>) -> Option<TestSource> {
        let Spanned { value: raw, span } = raw;
        let raw = match raw {
            Form::Short(path) if path.is_empty() => {
                return self.fault(Fault::new(span, "a file of tests is named here"));
            }
            Form::Short(path) => {
                let path = self.without_nul(path, span)?;
                return Some(TestSource::File(Spanned { value: path, span }));
            }
            Form::Long(raw) => *raw,
        };
        if let Some(version) = raw.schema_version.as_ref().filter(|text| text.value.0 != "2.0.0") {
            let message = format_args!("{}", shown(&version.value.0));
            let message = alloc::format!("tests in a manifest are of schema 2.0.0, not {message}");
            let help = "put them into a file, and name it here";
            self.faults.push(Fault::new(version.span, message).help(help));
        }
        let tests = structure_test::check(raw, Version::Two, &mut self.faults);
        Some(TestSource::Here(Box::new(tests)))
    }
}
