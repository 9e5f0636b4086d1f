//! A manifest while it is written: its lines, each with the place of what it says. A line that the
//! parser of manifests refuses becomes a comment, and its fault a note: what comes out is read.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{NOWHERE, Note};
use crate::formats::apko::Place;
use crate::formats::manifest;

/// The lines so far.
#[derive(Default)]
pub(super) struct Draft {
    lines: Vec<Line>,
}

struct Line {
    text: String,
    /// Where that is written which the line says; none for lines that are always there.
    place: Option<Place>,
    /// Whether it means something only together with the others of its kind.
    is_of_packages: bool,
    is_refused: bool,
}

impl Draft {
    /// A line that is always there.
    pub(super) fn line(&mut self, text: impl Into<String>) {
        self.push(text.into(), None);
    }

    /// A line that says what is written at a place.
    pub(super) fn item(&mut self, text: impl Into<String>, place: Place) {
        self.push(text.into(), Some(place));
    }

    fn push(&mut self, text: String, place: Option<Place>) {
        self.lines.push(Line { text, place, is_of_packages: false, is_refused: false });
    }

    /// Says that the lines so far, but for the first, are those about packages.
    pub(super) fn end_packages(&mut self) {
        self.lines.iter_mut().skip(1).for_each(|line| line.is_of_packages = true);
    }

    /// Lines under a head, which is not there without them.
    pub(super) fn section(&mut self, head: &str, items: impl IntoIterator<Item = (String, Place)>) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_some() {
            self.line(head);
        }
        for (text, place) in items {
            self.item(text, place);
        }
    }

    fn text(&self) -> String {
        let line = |line: &Line| match line.is_refused {
            false => format!("{}\n", line.text),
            true if line.text.is_empty() => String::from("\n"),
            true => {
                let indent = line.text.len() - line.text.trim_start().len();
                format!("{}# {}\n", &line.text[..indent], &line.text[indent..])
            }
        };
        self.lines.iter().map(line).collect()
    }

    /// The text, without what no manifest can say, and a note for each of that.
    pub(super) fn finish(mut self, notes: &mut Vec<Note>) -> String {
        loop {
            let text = self.text();
            let faults = manifest::parse(&text).err().unwrap_or_default();
            let refused = faults.iter().filter(|fault| self.refuse(fault, notes)).count();
            // Each round refuses a line, so that there is a last one.
            if refused == 0 && (faults.is_empty() || !self.refuse_packages(&faults[0], notes)) {
                return text;
            }
        }
    }

    /// Makes all that is about packages a comment: so little of it is left that it means nothing.
    fn refuse_packages(&mut self, fault: &manifest::Fault, notes: &mut Vec<Note>) -> bool {
        let is_left = |line: &&mut Line| line.is_of_packages && !line.is_refused;
        let lines: Vec<_> = self.lines.iter_mut().filter(is_left).collect();
        if lines.is_empty() {
            return false;
        }
        let text = format!("no packages are taken: {}", fault.message);
        notes.push(Note { place: NOWHERE, text });
        lines.into_iter().for_each(|line| line.is_refused = true);
        true
    }

    /// Makes the line of a fault a comment; false if it is always there, or one already.
    fn refuse(&mut self, fault: &manifest::Fault, notes: &mut Vec<Note>) -> bool {
        let line = (fault.span.line as usize).checked_sub(1).and_then(|at| self.lines.get_mut(at));
        let Some(line) = line.filter(|line| !line.is_refused) else { return false };
        let Some(place) = line.place else { return false };
        line.is_refused = true;
        let text = format!("{}: left as a comment, for a manifest cannot say it", fault.message);
        notes.push(Note { place, text });
        true
    }
}
