//! A manifest while it is written: its lines, each with the place of what it says. A line that the
//! parser of manifests refuses becomes a comment, and its fault a note: what comes out is read.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Note;
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
    is_refused: bool,
}

impl Draft {
    /// A line that is always there.
    pub(super) fn line(&mut self, text: impl Into<String>) {
        self.lines.push(Line { text: text.into(), place: None, is_refused: false });
    }

    /// A line that says what is written at a place.
    pub(super) fn item(&mut self, text: impl Into<String>, place: Place) {
        self.lines.push(Line { text: text.into(), place: Some(place), is_refused: false });
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
            if refused == 0 {
                return text;
            }
        }
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
