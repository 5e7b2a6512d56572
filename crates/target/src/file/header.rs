//! Headers in layers: those of every call, of the caller, of the step (rules T7, T8 of target files).

use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;

use super::node::{Node, SpannedText};
use super::template::Template;

/// Headers as one table of the file has them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Headers {
    headers: Vec<Header>,
}

/// A header of a call: its name, its place and its value.
#[derive(Clone, PartialEq, Debug)]
pub struct Header {
    /// The header's name as written; two are the same without regard to case.
    pub name: String,
    /// Where the name stands, for messages about it.
    pub span: Span,
    /// The value that goes out; an empty one takes the header away.
    pub value: Template,
}

impl Headers {
    /// No headers, for callers of whom the file says none.
    pub const NONE: Self = Self { headers: Vec::new() };

    /// Reads a table of headers; what can be none goes to the findings.
    pub fn read(node: Node<'_>) -> Self {
        let table = node.table();
        let entries = table.iter().flat_map(|table| table.entries());
        let headers: Vec<Header> =
            entries.filter_map(|(name, value)| Header::read(name, value)).collect();
        for (index, header) in headers.iter().enumerate() {
            if headers[..index].iter().any(|other| other.is(&header.name)) {
                let message = format!("the header `{}` stands here twice", header.name);
                let label = "names are compared without regard to case";
                node.findings().error(Diagnostic::new(header.span, message, label));
            }
        }
        Self { headers }
    }

    /// All headers in the order written.
    pub fn iter(&self) -> impl Iterator<Item = &Header> {
        self.headers.iter()
    }

    /// Whether there is a header of that name, be it one that takes it away.
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.is(name))
    }
}

impl Header {
    fn read(name: SpannedText<'_>, value: Node<'_>) -> Option<Self> {
        if name.text.is_empty() || !name.text.bytes().all(is_token) {
            let message = format!("`{}` cannot be the name of a header", name.text);
            let label = "letters, digits and `-`";
            value.findings().error(Diagnostic::new(name.span, message, label));
            return None;
        }
        let text = value.text()?;
        if text.text.contains(['\r', '\n']) {
            value.error("a header has no line breaks", "a line break within a value");
        }
        let value = Template::read(text, value.findings());
        Some(Self { name: name.text.to_owned(), span: name.span, value })
    }

    /// Whether its name is this one.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Whether a header carries secrets by its nature.
pub fn is_secret(name: &str) -> bool {
    ["authorization", "proxy-authorization", "cookie", "set-cookie"]
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
}

/// What names of headers are made of (RFC 9110).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
