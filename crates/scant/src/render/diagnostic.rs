//! Faults of a manifest with the lines they are about.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use scant_core::formats::manifest::{self, Span};
use scant_core::plan;

/// A fault as it is shown: a sentence, the place, what to do.
pub(crate) struct Diagnostic {
    title: String,
    span: Option<Range<usize>>,
    also: Option<(Range<usize>, String)>,
    notes: Vec<String>,
    help: Vec<String>,
}

/// The text that spans point into.
pub(crate) struct Source<'a> {
    /// Its name, as the user gave it.
    pub(crate) name: &'a str,
    /// The text.
    pub(crate) text: &'a str,
}

impl Diagnostic {
    /// A fault of the manifest's text.
    pub(crate) fn of_manifest(fault: &manifest::Fault) -> Self {
        Self {
            title: fault.message.clone(),
            span: Some(range(fault.span)),
            also: fault.also.as_ref().map(|(span, label)| (range(*span), label.clone())),
            notes: Vec::new(),
            help: fault.help.iter().cloned().collect(),
        }
    }

    /// A fault of the plan.
    pub(crate) fn of_plan(fault: &plan::Fault, source: &Source<'_>) -> Self {
        let notes = match &fault.kind {
            plan::FaultKind::Missing(missing) if !missing.tries.is_empty() => {
                vec![format!("tried, in this order:\n{}", missing.tries.join("\n"))]
            }
            _ => Vec::new(),
        };
        let also = fault.other_line().and_then(|line| {
            let line = line_range(source.text, line)?;
            Some((line, "the other declaration".to_string()))
        });
        Self {
            title: fault.kind.to_string(),
            span: Some(range(fault.span)),
            also: also.filter(|(line, _)| !line.contains(&fault.span.start)),
            notes,
            help: fault.help(),
        }
    }

    /// Any other fault with its place.
    pub(crate) fn new(title: String, span: Option<Span>) -> Self {
        let (notes, help) = (Vec::new(), Vec::new());
        Self { title, span: span.map(range), also: None, notes, help }
    }

    /// Adds something to know about the fault.
    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Adds what to do about the fault.
    pub(crate) fn help(&mut self, help: String) {
        self.help.push(help);
    }

    /// The fault as text of several lines.
    pub(crate) fn render(&self, source: &Source<'_>) -> String {
        let mut group = Group::with_title(Level::ERROR.primary_title(&*self.title));
        if let Some(span) = self.span.clone().filter(|span| span.end <= source.text.len()) {
            let primary = first_line(source.text, span);
            let mut snippet = Snippet::source(source.text)
                .path(source.name)
                .annotation(AnnotationKind::Primary.span(primary));
            if let Some((span, label)) = &self.also {
                let span = first_line(source.text, span.clone());
                snippet = snippet.annotation(AnnotationKind::Context.span(span).label(label));
            }
            group = group.element(snippet);
        }
        group = group.elements(self.notes.iter().map(|note| Level::NOTE.message(note)));
        group = group.elements(self.help.iter().map(|help| Level::HELP.message(help)));
        // The renderer makes C0 controls of the text visible, but not those that came later.
        renderer().render(&[group]).replace(|c| matches!(c, '\u{7f}'..='\u{9f}'), "\u{fffd}")
    }
}

fn renderer() -> Renderer {
    // `NO_COLOR` is honoured by `render::color`, which every colour goes through.
    if !super::color::is_wanted() { Renderer::plain() } else { Renderer::styled() }
}

fn range(span: Span) -> Range<usize> {
    span.start..span.end
}

/// A span up to the end of its first line: an item of many lines is named by its first.
fn first_line(text: &str, span: Range<usize>) -> Range<usize> {
    let end = text[span.start..span.end].find(['\n', '\r']).map_or(span.end, |at| span.start + at);
    span.start..end
}

/// The bytes of a line, numbered from 1, without the white space around.
fn line_range(text: &str, number: u32) -> Option<Range<usize>> {
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index + 1 == number as usize {
            let indent = line.len() - line.trim_start().len();
            return Some(start + indent..start + indent + line.trim().len());
        }
        start += line.len();
    }
    None
}
