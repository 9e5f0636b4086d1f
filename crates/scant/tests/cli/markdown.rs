//! The fenced code blocks of a Markdown document, and the document with other text in them.
//!
//! What follows the language on the fence says what a test does with a block:
//!
//! ```text
//! yaml file=NAME     a manifest that the document's commands use
//! yaml               a whole manifest: it must parse
//! yaml part          a part of one: nothing is done
//! console tested     each line `$ COMMAND` is run, and what it prints must be what follows
//! console host       the same on this machine's own files: only that the commands succeed
//! anything else      nothing
//! ```

/// A part of a document: text, or a block between fences.
pub(crate) enum Part<'d> {
    Text(&'d str),
    Block(Block<'d>),
}

/// A fenced block.
pub(crate) struct Block<'d> {
    /// The fence with what follows it.
    pub(crate) fence: &'d str,
    /// The text between the fences.
    pub(crate) text: String,
}

impl<'d> Block<'d> {
    /// The language.
    pub(crate) fn language(&self) -> &'d str {
        self.words().next().unwrap_or_default()
    }

    /// Whether a word follows the language.
    pub(crate) fn is_marked(&self, word: &str) -> bool {
        self.words().skip(1).any(|found| found == word)
    }

    /// The name of the file that it is.
    pub(crate) fn file(&self) -> Option<&'d str> {
        self.words().find_map(|word| word.strip_prefix("file="))
    }

    fn words(&self) -> impl Iterator<Item = &'d str> {
        self.fence.trim_start_matches('`').split_whitespace()
    }
}

/// The parts of a document, in order.
pub(crate) fn parts(document: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for line in document.split_inclusive('\n') {
        match (&mut open, line.starts_with("```")) {
            (None, true) => open = Some(Block { fence: line, text: String::new() }),
            (None, false) => parts.push(Part::Text(line)),
            (Some(_), true) => parts.extend(open.take().map(Part::Block)),
            (Some(block), false) => block.text += line,
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    parts
}

/// The document again.
pub(crate) fn joined(parts: &[Part<'_>]) -> String {
    let text = |part: &Part<'_>| match part {
        Part::Text(text) => text.to_string(),
        Part::Block(block) => format!("{}{}```\n", block.fence, block.text),
    };
    parts.iter().map(text).collect()
}
