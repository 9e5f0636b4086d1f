//! Where in the text of a manifest something goes, by the places of its YAML tree.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Item, ORDER, entries, items, write};
use crate::formats::manifest::check::halves;
use crate::formats::yaml::Node;

/// Bytes that are inserted at a place, and how many are removed there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) at: usize,
    pub(super) removed: usize,
    pub(super) inserted: String,
}

/// Makes the changes, which are sorted and apart.
pub(super) fn apply(text: &str, changes: &[Change]) -> String {
    let (mut new, mut done) = (String::with_capacity(text.len()), 0);
    for change in changes {
        new += &text[done..change.at];
        new += &change.inserted;
        done = change.at + change.removed;
    }
    new + &text[done..]
}

/// The text with its tree.
pub(super) struct Layout<'t> {
    text: &'t str,
    root: &'t Node,
    sections: &'t [(Node, Node)],
    line_end: &'static str,
}

/// How a collection is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Inside brackets.
    Flow,
    /// By indentation.
    Block,
    /// Nothing is written.
    Nothing,
}

impl<'t> Layout<'t> {
    pub(super) fn new(text: &'t str, root: &'t Node) -> Option<Self> {
        let first_line = text.find('\n').map(|end| &text[..end]);
        let line_end = if first_line.is_some_and(|l| l.ends_with('\r')) { "\r\n" } else { "\n" };
        Some(Self { text, root, sections: entries(root)?, line_end })
    }

    /// Adds items at the end of a section, which is made where it is not there.
    pub(super) fn add_items(
        &self,
        section: &str,
        added: &[Item],
        changes: &mut Vec<Change>,
    ) -> Option<()> {
        let flow = || added.iter().map(write::flow_item).collect::<Vec<_>>();
        let block =
            |indent| added.iter().flat_map(|i| write::block_item(i, indent)).collect::<Vec<_>>();
        let Some((key, list)) = self.section(section) else {
            let flow = |indent: &str| {
                let joined = flow().join(&alloc::format!(",{indent}  "));
                alloc::format!("[{indent}  {joined}{indent}]")
            };
            return self.add_section(section, flow, &block(self.usual_indent()), changes);
        };
        match self.style(key, list) {
            Style::Nothing => {
                let lines = block(self.indent_of_line(key) + self.usual_indent());
                let end = self.end_of_nothing(key, list, changes);
                changes.push(self.lines_after(end, &lines));
            }
            Style::Flow => self.add_to_flow(list, &flow(), true, changes)?,
            Style::Block => {
                let lines = block(self.dash(items(list)?.first()?)?);
                changes.push(self.lines_after(list.span.end, &lines));
            }
        }
        Some(())
    }

    /// Adds libraries to an item of `binaries`.
    pub(super) fn add_libraries(
        &self,
        binary: usize,
        names: &[(&str, &str)],
        changes: &mut Vec<Change>,
    ) -> Option<()> {
        let (key, list) = self.section("binaries")?;
        let item = items(list)?.get(binary)?;
        let is_flow = self.style(key, list) == Style::Flow;
        let Some(entries) = entries(item) else {
            let whole = |indent| whole_list("libraries", names, indent);
            return self.to_long_form(item, is_flow, &flow_names(names), whole, changes);
        };
        self.add_names(item, entries, "libraries", names, changes)
    }

    /// Adds ids to what `suggestions` accepts.
    pub(super) fn add_accepted(
        &self,
        ids: &[(&str, &str)],
        changes: &mut Vec<Change>,
    ) -> Option<()> {
        let Some((key, value)) = self.section("suggestions") else {
            let flow =
                |_: &str| alloc::format!("{{\"accept\": [{}]}}", quoted_names(ids).join(", "));
            let lines = whole_list("accept", ids, self.usual_indent().max(2));
            return self.add_section("suggestions", flow, &lines, changes);
        };
        match entries(value) {
            Some(entries) => self.add_names(value, entries, "accept", ids, changes),
            None => {
                let indent = column(key) + self.usual_indent().max(2);
                let end = self.end_of_nothing(key, value, changes);
                changes.push(self.lines_after(end, &whole_list("accept", ids, indent)));
                Some(())
            }
        }
    }

    /// Adds to a list of names, which is the value of a key of a mapping.
    fn add_names(
        &self,
        mapping: &Node,
        entries: &[(Node, Node)],
        name: &str,
        names: &[(&str, &str)],
        changes: &mut Vec<Change>,
    ) -> Option<()> {
        if let Some((key, list)) = entries.iter().find(|(key, _)| key.text() == name) {
            match self.style(key, list) {
                // An indented list inside brackets would be none.
                Style::Nothing if self.is_in_brackets(mapping) => return None,
                Style::Nothing => {
                    let end = self.end_of_nothing(key, list, changes);
                    changes.push(self.lines_after(end, &block_names(names, column(key) + 2)));
                }
                Style::Flow => self.add_to_flow(list, &flow_names(names), false, changes)?,
                Style::Block => {
                    let lines = block_names(names, self.dash(items(list)?.first()?)?);
                    changes.push(self.lines_after(list.span.end, &lines));
                }
            }
            return Some(());
        }
        if self.is_in_brackets(mapping) {
            let names = flow_names(names).join(", ");
            let (at, comma) = match entries.last() {
                Some((key, value)) => (value.span.end.max(key.span.end), ", "),
                None => (mapping.span.start + 1, ""),
            };
            let inserted = alloc::format!("{comma}{name}: [{names}]");
            changes.push(Change { at, removed: 0, inserted });
        } else {
            let indent = column(&entries.first()?.0);
            changes.push(self.lines_after(mapping.span.end, &whole_list(name, names, indent)));
        }
        Some(())
    }

    fn is_in_brackets(&self, mapping: &Node) -> bool {
        self.text[mapping.span.start..].starts_with('{')
    }

    fn section(&self, name: &str) -> Option<&'t (Node, Node)> {
        self.sections.iter().find(|(key, _)| key.text() == name)
    }

    /// Makes a mapping of an item that is one string. What follows it on its line stays there.
    fn to_long_form(
        &self,
        item: &Node,
        is_flow: bool,
        names: &[String],
        lines: impl Fn(usize) -> Vec<String>,
        changes: &mut Vec<Change>,
    ) -> Option<()> {
        let (at, removed) = (item.span.start, item.span.end - item.span.start);
        let written = &self.text[item.span.start..item.span.end];
        let (from, to) = halves(item.text());
        if written.contains('\n') {
            return None;
        }
        if is_flow {
            let to = to.map_or(String::new(), |to| alloc::format!(", to: {}", write::quoted(to)));
            let (from, names) = (write::quoted(from), names.join(", "));
            let inserted = alloc::format!("{{from: {from}{to}, libraries: [{names}]}}");
            changes.push(Change { at, removed, inserted });
            return Some(());
        }
        let from = if to.is_none() { written.into() } else { write::scalar("from", from) };
        changes.push(Change { at, removed, inserted: alloc::format!("from: {from}") });
        let indent = column(item);
        let mut below: Vec<String> = Vec::new();
        below.extend(
            to.map(|to| alloc::format!("{}to: {}", " ".repeat(indent), write::scalar("to", to))),
        );
        below.extend(lines(indent));
        changes.push(self.lines_after(item.span.end, &below));
        Some(())
    }

    /// Adds before the bracket that closes a list; each item on a line of its own if so wished.
    fn add_to_flow(
        &self,
        list: &Node,
        added: &[String],
        has_lines: bool,
        changes: &mut Vec<Change>,
    ) -> Option<()> {
        let indent = self.line_end_and(self.indent_of_line(list) + 2);
        let between = if has_lines { alloc::format!(",{indent}") } else { ", ".into() };
        let joined = added.join(&between);
        let (at, inserted) = match items(list)?.last() {
            Some(last) => (last.span.end, alloc::format!("{between}{joined}")),
            None if has_lines => (list.span.start + 1, alloc::format!("{indent}{joined}")),
            None => (list.span.start + 1, joined),
        };
        changes.push(Change { at, removed: 0, inserted });
        Some(())
    }

    fn add_section(
        &self,
        section: &str,
        flow: impl Fn(&str) -> String,
        lines: &[String],
        changes: &mut Vec<Change>,
    ) -> Option<()> {
        let last = |(key, value): &(Node, Node)| value.span.end.max(key.span.end);
        if self.text[self.root.span.start..].starts_with('{') {
            let at = self.sections.last().map(last)?;
            let indent = self.line_end_and(self.indent_of_line(&self.sections.first()?.0));
            let inserted = alloc::format!(",{indent}\"{section}\": {}", flow(&indent));
            changes.push(Change { at, removed: 0, inserted });
            return Some(());
        }
        let rank = |name: &str| ORDER.iter().position(|known| *known == name);
        let before = self
            .sections
            .iter()
            .filter(|(key, _)| rank(key.text()) < rank(section))
            .max_by_key(|(key, _)| rank(key.text()));
        let indent = " ".repeat(column(&self.sections.first()?.0));
        let mut all = Vec::from([alloc::format!("{indent}{section}:")]);
        all.extend(lines.iter().map(|line| alloc::format!("{indent}{line}")));
        match before {
            Some(before) => {
                if self.is_spaced() {
                    all.insert(0, String::new());
                }
                changes.push(self.lines_after(last(before), &all));
            }
            None => {
                let first = self.sections.first()?.0.span.start;
                let at = self.text[..first].rfind('\n').map_or(0, |end| end + 1);
                if self.is_spaced() {
                    all.push(String::new());
                }
                let inserted = all.iter().map(|line| alloc::format!("{line}{}", self.line_end));
                changes.push(Change { at, removed: 0, inserted: inserted.collect() });
            }
        }
        Some(())
    }

    /// Lines behind the line in which something ends, and behind the comments below it that are
    /// indented further than the first of the lines: these belong to what is there.
    fn lines_after(&self, end: usize, lines: &[String]) -> Change {
        let indent = |line: &str| line.len() - line.trim_start().len();
        let own = lines.iter().find(|line| !line.is_empty()).map_or(0, |line| indent(line));
        // The end of a text block lies in the line after it.
        let end = self.text[..end].trim_end().len();
        let joined = lines.join(self.line_end);
        match self.text[end..].find('\n') {
            Some(line) => {
                let mut at = end + line + 1;
                // The last line of a text without an end takes none behind it.
                for line in self.text[at..].split_inclusive('\n').filter(|l| l.ends_with('\n')) {
                    if !line.trim_start().starts_with('#') || indent(line) <= own {
                        break;
                    }
                    at += line.len();
                }
                Change { at, removed: 0, inserted: joined + self.line_end }
            }
            None => {
                let inserted = alloc::format!("{}{joined}", self.line_end);
                Change { at: self.text.len(), removed: 0, inserted }
            }
        }
    }

    /// Where the key of nothing ends; a `null` or `~` is removed.
    fn end_of_nothing(&self, key: &Node, value: &Node, changes: &mut Vec<Change>) -> usize {
        if value.span.start != key.span.start {
            let removed = value.span.end - value.span.start;
            changes.push(Change { at: value.span.start, removed, inserted: String::new() });
        }
        key.span.end
    }

    fn style(&self, key: &Node, list: &Node) -> Style {
        if items(list).is_none() || list.span.start == key.span.start {
            Style::Nothing
        } else if self.text[list.span.start..].starts_with('[') {
            Style::Flow
        } else {
            Style::Block
        }
    }

    /// The column of the dash before an item of a block list, from 0.
    fn dash(&self, item: &Node) -> Option<usize> {
        let before = self.text[..item.span.start].trim_end();
        let dash = before.strip_suffix('-')?.len();
        let line = self.text[..dash].rfind('\n').map_or(0, |end| end + 1);
        self.text[line..dash].bytes().all(|b| b == b' ').then_some(dash - line)
    }

    /// How far the dashes of other sections stand to the right of their keys.
    fn usual_indent(&self) -> usize {
        let dash = |(key, list): &(Node, Node)| {
            if self.style(key, list) != Style::Block {
                return None;
            }
            self.dash(items(list)?.first()?)?.checked_sub(column(key))
        };
        self.sections.iter().find_map(dash).unwrap_or(2)
    }

    /// Whether empty lines stand between the sections.
    fn is_spaced(&self) -> bool {
        self.sections.windows(2).any(|pair| {
            let end = pair[0].1.span.end.max(pair[0].0.span.end);
            let between = self.text.get(end..pair[1].0.span.start).unwrap_or_default();
            // The rest of the one's last line and the beginning of the other's first count for none.
            let lines: Vec<&str> = between.split('\n').collect();
            let whole = lines.get(1..lines.len() - 1).unwrap_or_default();
            whole.iter().any(|line| line.trim().is_empty())
        })
    }

    /// The blanks that the line of a node begins with.
    fn indent_of_line(&self, node: &Node) -> usize {
        let line = self.text[..node.span.start].rfind('\n').map_or(0, |end| end + 1);
        self.text[line..].bytes().take_while(|b| *b == b' ').count()
    }

    fn line_end_and(&self, indent: usize) -> String {
        alloc::format!("{}{}", self.line_end, " ".repeat(indent))
    }
}

/// A key with a block list of names.
fn whole_list(key: &str, names: &[(&str, &str)], indent: usize) -> Vec<String> {
    let mut lines = Vec::from([alloc::format!("{}{key}:", " ".repeat(indent))]);
    lines.extend(block_names(names, indent + 2));
    lines
}

fn block_names(names: &[(&str, &str)], indent: usize) -> Vec<String> {
    names.iter().map(|(name, why)| write::name(name, why, indent)).collect()
}

fn flow_names(names: &[(&str, &str)]) -> Vec<String> {
    names.iter().map(|(name, _)| write::flow_name(name)).collect()
}

fn quoted_names(names: &[(&str, &str)]) -> Vec<String> {
    names.iter().map(|(name, _)| write::quoted(name)).collect()
}

/// The column of a node, from 0.
fn column(node: &Node) -> usize {
    node.span.column.saturating_sub(1) as usize
}
