//! A YAML text to its tree. One document, mappings without repeated keys, aliases within a budget;
//! what YAML allows beyond that is refused here.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use granit_parser::{Event, Marker, Parser, ScalarStyle, StrInput};

use super::scalar::Scalar;
use super::{Fault, Node, Span, Value, shown, syntax};

/// A longer text is not written by hand; it would take memory before it is refused.
const TEXT_LIMIT: usize = 4 << 20;
/// Collections inside collections. Everything that walks the tree recurses this deep.
const DEPTH_LIMIT: usize = 64;
/// Nodes and bytes of text after aliases are written out: what stops an alias bomb.
const WEIGHT_LIMIT: usize = 8 << 20;

/// Reads a text. The tree is there when the text has one, even if it has faults as well.
pub(crate) fn parse(text: &str) -> (Option<Node>, Vec<Fault>) {
    let (text, skipped) = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
    let first = Span { start: skipped, end: skipped, line: 1, column: 1 };
    if text.len() > TEXT_LIMIT {
        let message = alloc::format!("the file is larger than {} MiB", TEXT_LIMIT >> 20);
        return (None, alloc::vec![Fault::new(first, message)]);
    }
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: DEPTH_LIMIT,
        block_nesting_limit: DEPTH_LIMIT,
        disallow_directives: true,
    };
    let mut builder = Builder {
        events: Parser::new_from_str_with_options(text, options),
        text,
        skipped,
        faults: Vec::new(),
        anchors: BTreeMap::new(),
        next_id: 0,
    };
    let root = builder.stream(first).ok();
    (root, builder.faults)
}

/// Reading cannot go on; the fault is recorded.
struct Stop;

struct Builder<'t> {
    events: Parser<'t, StrInput<'t>>,
    text: &'t str,
    /// Bytes of a byte order mark before the text.
    skipped: usize,
    faults: Vec<Fault>,
    /// What anchors name; none while it is being read.
    anchors: BTreeMap<usize, Option<Node>>,
    next_id: usize,
}

impl<'t> Builder<'t> {
    fn stream(&mut self, first: Span) -> Result<Node, Stop> {
        let mut root = None;
        loop {
            match self.event()? {
                (Event::StreamEnd, _) => break,
                (Event::DocumentStart(..), span) if root.is_some() => {
                    return self.stop(Fault::new(span, "a second document begins here").help(
                        "a manifest is one document: leave only one `---`, at the beginning",
                    ));
                }
                (Event::DocumentStart(..), _) => {
                    let (event, span) = self.event()?;
                    root = Some(self.node(event, span, 0)?);
                }
                _ => {}
            }
        }
        match root {
            Some(root) if !root.is_null() => Ok(root),
            _ => self.stop(Fault::new(first, "the manifest is empty")),
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, Stop> {
        if let Event::Alias(anchor) = event {
            return self.alias(anchor, span, depth);
        }
        let tag = event.tag().map(|tag| {
            (tag.original(), tag.core_suffix().map(String::from), tag.original() == "!")
        });
        if let Some((original, None, false)) = &tag {
            let message = alloc::format!("the tag `{}` means nothing here", shown(original));
            self.faults.push(Fault::new(span, message).help("leave it out"));
        }
        let tag = tag.and_then(|(original, core, _)| core.or(Some(original)));
        let anchor = event.anchor_id();
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, None);
        }
        let node = match event {
            Event::Scalar(text, style, ..) => {
                let plain = match tag.as_deref() {
                    Some("str" | "!") => false,
                    Some("int" | "float" | "bool" | "null") => true,
                    _ => style == ScalarStyle::Plain,
                };
                let weight = 1 + text.len();
                let scalar = Scalar { text: text.into_owned(), plain };
                self.finish(span, Value::Scalar(scalar), (0, weight))?
            }
            Event::SequenceStart(..) => self.list(span, depth)?,
            Event::MappingStart(..) => self.mapping(span, depth)?,
            _ => return self.stop(Fault::new(span, "a value was expected here")),
        };
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, Some(node.clone()));
        }
        Ok(node)
    }

    fn list(&mut self, start: Span, depth: usize) -> Result<Node, Stop> {
        self.check_depth(depth + 1, start)?;
        let (mut items, mut size) = (Vec::new(), (0, 1));
        loop {
            let (event, span) = self.event()?;
            if event == Event::SequenceEnd {
                let end = end_of(items.last(), start, span);
                return self.finish(Span { end, ..start }, Value::List(items), size);
            }
            let item = self.node(event, span, depth + 1)?;
            size = (size.0.max(item.height), size.1.saturating_add(item.weight));
            items.push(item);
        }
    }

    fn mapping(&mut self, start: Span, depth: usize) -> Result<Node, Stop> {
        self.check_depth(depth + 1, start)?;
        let (mut entries, mut size) = (Vec::<(Node, Node)>::new(), (0, 1));
        let mut keys = BTreeMap::<String, Span>::new();
        let mut last_end = start.end;
        loop {
            let (event, span) = self.event()?;
            if event == Event::MappingEnd {
                let end = if span.end > span.start { span.end } else { last_end };
                return self.finish(Span { end, ..start }, Value::Mapping(entries), size);
            }
            let key = self.node(event, span, depth + 1)?;
            let (event, span) = self.event()?;
            let mut value = self.node(event, span, depth + 1)?;
            if value.span.start == value.span.end {
                // Nothing is written there: the key is what a person can look at.
                value.span = key.span;
            }
            last_end = value.span.end.max(key.span.end);
            size.0 = size.0.max(value.height);
            size.1 = size.1.saturating_add(key.weight).saturating_add(value.weight);
            if self.accept(&key, &mut keys) {
                entries.push((key, value));
            }
        }
    }

    /// Whether the key may stand in a mapping that has `keys` already.
    fn accept(&mut self, key: &Node, keys: &mut BTreeMap<String, Span>) -> bool {
        let Some(scalar) = key.scalar() else {
            let message = alloc::format!("a key must be a string, not {}", key.describe());
            self.faults.push(Fault::new(key.span, message));
            return false;
        };
        if scalar.plain && scalar.text == "<<" {
            let fault = Fault::new(key.span, "merge keys (`<<`) are not YAML 1.2");
            self.faults.push(fault.help("write the keys out, or use an alias for a whole value"));
            return false;
        }
        match keys.entry(scalar.text.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(key.span);
                true
            }
            Entry::Occupied(entry) => {
                let message = alloc::format!("the key `{}` is there twice", shown(entry.key()));
                self.faults.push(Fault::new(key.span, message).also(*entry.get(), "first here"));
                false
            }
        }
    }

    fn alias(&mut self, anchor: usize, span: Span, depth: usize) -> Result<Node, Stop> {
        let Some(Some(node)) = self.anchors.get(&anchor).cloned() else {
            return self.stop(Fault::new(span, "this alias stands inside what it names"));
        };
        self.check_depth(depth + node.height, span)?;
        let id = self.new_id();
        Ok(Node { id, span, ..node })
    }

    fn check_depth(&mut self, depth: usize, span: Span) -> Result<(), Stop> {
        if depth <= DEPTH_LIMIT {
            return Ok(());
        }
        let message = alloc::format!("nested more than {DEPTH_LIMIT} levels deep");
        self.stop(Fault::new(span, message))
    }

    /// The node of a value; of a collection, `size` is the greatest height and the sum of weights
    /// of what is in it.
    fn finish(&mut self, span: Span, value: Value, size: (usize, usize)) -> Result<Node, Stop> {
        let (height, weight) = size;
        if weight > WEIGHT_LIMIT {
            return self.stop(
                Fault::new(span, "written out, the aliases in this are too much to read")
                    .help("use fewer aliases of aliases"),
            );
        }
        let height = height + usize::from(!matches!(value, Value::Scalar(_)));
        let id = self.new_id();
        Ok(Node { id, span, value: Rc::new(value), height, weight })
    }

    fn new_id(&mut self) -> usize {
        self.next_id += 1;
        self.next_id
    }

    fn event(&mut self) -> Result<(Event<'t>, Span), Stop> {
        match self.events.next_event() {
            Some(Ok((event, span))) => Ok((event, self.span(&span.start, &span.end))),
            Some(Err(error)) => {
                let span = self.span(error.marker(), error.marker());
                self.stop(syntax::fault(error.kind(), span))
            }
            None => self.stop(Fault::new(Span::default(), "the text ends too early")),
        }
    }

    fn span(&self, start: &Marker, end: &Marker) -> Span {
        let offset = |marker: &Marker| marker.byte_offset().unwrap_or(0).min(self.text.len());
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Span {
            start: self.skipped + offset(start),
            end: self.skipped + offset(end).max(offset(start)),
            line: number(start.line().max(1)),
            column: number(start.col() + 1),
        }
    }

    fn stop<T>(&mut self, fault: Fault) -> Result<T, Stop> {
        self.faults.push(fault);
        Err(Stop)
    }
}

/// Where a list ends: at its bracket, or after the last item. A block ends for the parser only
/// where the next thing begins.
fn end_of(last: Option<&Node>, start: Span, closing: Span) -> usize {
    if closing.end > closing.start {
        return closing.end;
    }
    last.map_or(start.end, |item| item.span.end.max(start.end))
}
