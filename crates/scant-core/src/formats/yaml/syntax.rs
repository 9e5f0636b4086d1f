//! The YAML parser's refusals in words that a person who writes a manifest can use.

use alloc::string::ToString;

use granit_parser::ErrorKind;

use super::{Fault, Span};

/// The fault for a text that is no YAML.
pub(super) fn fault(kind: &ErrorKind, span: Span) -> Fault {
    use ErrorKind as Kind;
    match kind {
        Kind::TabInIndentation | Kind::TabNotAllowed | Kind::TabInBlockIndentation => {
            Fault::new(span, "a tab cannot indent").help("indent with spaces")
        }
        Kind::UnknownAnchor => Fault::new(span, "this alias names an anchor that is not above it"),
        Kind::RecursionLimitExceeded => Fault::new(span, "nested too deeply"),
        Kind::MappingValueNotAllowed => Fault::new(span, "a `:` with a space is not expected here")
            .help("quote a text that contains `: `, and indent keys of one mapping alike"),
        Kind::DirectiveDisallowed => Fault::new(span, "directives (`%`) mean nothing here"),
        Kind::InvalidQuotedScalarIndent => {
            Fault::new(span, "a quoted text goes on here without indentation")
                .help("perhaps its closing quote is missing")
        }
        Kind::UnclosedQuotedScalar => Fault::new(span, "this quote is never closed"),
        Kind::UnclosedFlowCollection { open } => {
            Fault::new(span, alloc::format!("this `{open}` is never closed"))
        }
        Kind::UnexpectedEofFlowSequence => Fault::new(span, "a `[` is never closed"),
        Kind::UnexpectedEofFlowMapping | Kind::UnexpectedEofImplicitFlowMapping => {
            Fault::new(span, "a `{` is never closed")
        }
        Kind::ExpectedFlowMappingSeparator => Fault::new(span, "`,` or `}` was expected here"),
        Kind::ExpectedFlowSequenceSeparator => Fault::new(span, "`,` or `]` was expected here"),
        Kind::ExpectedBlockMappingKey => {
            Fault::new(span, "a key was expected here").help("indent all keys of one mapping alike")
        }
        Kind::ExpectedBlockSequenceEntry => {
            Fault::new(span, "a list item, `- `, was expected here")
                .help("indent all items of one list alike")
        }
        Kind::SimpleKeyExpected => Fault::new(span, "a `:` was expected after this key"),
        Kind::UnexpectedCharacter { character } => Fault::new(
            span,
            alloc::format!("a plain text cannot start with `{}`", character.escape_default()),
        )
        .help("quote the text"),
        Kind::MissingIncludeResolver
        | Kind::InputIo { .. }
        | Kind::InputDecoding { .. }
        | Kind::InputByteLimitExceeded { .. } => Fault::new(span, "the text cannot be read"),
        other => Fault::new(span, alloc::format!("not YAML: {}", other.to_string().to_lowercase())),
    }
}
