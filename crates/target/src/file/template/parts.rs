//! A template, and its text taken apart into what is written and the uses of names.

use lamplighter_scenario::language::diagnostic::{Diagnostic, any_of};
use lamplighter_scenario::language::span::Span;

use super::super::finding::Findings;
use super::super::node::SpannedText;
use super::filter::Filter;

/// A text, and where names are put into it.
#[derive(Clone, PartialEq, Debug)]
pub struct Template {
    pub(super) parts: Vec<Part>,
    span: Span,
}

/// A part of a template.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Part {
    /// What is written stands as it is.
    Text(String),
    /// A name is put in.
    Name(NameUse),
}

/// A use of a name in a template: one `{{…}}`.
#[derive(Clone, PartialEq, Debug)]
pub struct NameUse {
    /// The name that stands between the braces.
    pub name: String,
    /// Whether each use counts up by one, as `{{+name}}` does (rule T19).
    pub counts: bool,
    /// The filters that the value goes through, in the order written (rule T20).
    pub filters: Vec<Filter>,
    /// Where it stands in the file, its braces included.
    pub span: Span,
}

impl Template {
    /// Reads a text; what is wrong between its braces goes to the findings.
    pub fn read(text: SpannedText<'_>, findings: &Findings) -> Self {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let (mut rest, mut at) = (text.text, 0);
        while let Some(open) = rest.find("{{") {
            plain.push_str(&rest[..open]);
            let behind = &rest[open + 2..];
            // Where `rest` goes on: behind the escape, the name, or braces that nobody closed.
            let taken = if behind.starts_with("{{") {
                plain.push_str("{{");
                open + 4
            } else if let Some(close) = behind.find("}}") {
                let inside = at + open + 2..at + open + 2 + close;
                let whole = text.part(inside.start - 2..inside.end + 2);
                if let Some(used) = read_use(&behind[..close], whole, findings) {
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(Part::Name(used));
                }
                open + 2 + close + 2
            } else {
                let span = text.part(at + open..at + open + 2);
                let diagnostic =
                    Diagnostic::new(span, "these braces are never closed", "no `}}` behind them");
                findings
                    .error(diagnostic.help("a name stands between `{{` and `}}`; `{{{{` is `{{`"));
                rest.len()
            };
            (rest, at) = (&rest[taken..], at + taken);
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Self { parts, span: text.span }
    }

    /// A text whose braces mean themselves.
    pub fn plain(text: &str, span: Span) -> Self {
        let parts = if text.is_empty() { Vec::new() } else { vec![Part::Text(text.to_owned())] };
        Self { parts, span }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// What is put into it, in order.
    pub fn uses(&self) -> impl Iterator<Item = &NameUse> {
        self.parts.iter().filter_map(|part| match part {
            Part::Name(used) => Some(used),
            Part::Text(_) => None,
        })
    }

    /// The text, if nothing is put into it.
    pub fn as_plain(&self) -> Option<&str> {
        match &self.parts[..] {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text before the first name.
    pub fn begins_with(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }
}

/// Whether something can be a name: what is kept, a variable, a counter.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// Reads what stands between braces: `name`, `+name`, each with `|filter` behind it.
fn read_use(inside: &str, span: Span, findings: &Findings) -> Option<NameUse> {
    let mut words = inside.split('|').map(str::trim);
    let name = words.next().unwrap_or_default();
    let (counts, name) = match name.strip_prefix('+') {
        Some(name) => (true, name),
        None => (false, name),
    };
    if !is_name(name) {
        let shown = inside.trim();
        let message = match shown {
            "" => "there is no name between these braces".to_owned(),
            _ => format!("`{shown}` is no name"),
        };
        let help = "`{{name}}`, `{{name|filter}}` or `{{+counter}}`; `{{{{` is `{{`";
        findings.error(Diagnostic::new(span, message, "expected a name").help(help));
        return None;
    }
    let mut filters = Vec::new();
    for word in words {
        match Filter::WORDS.iter().find(|(known, _)| *known == word) {
            Some((_, filter)) => filters.push(*filter),
            None => {
                let known = Filter::WORDS.iter().map(|(known, _)| *known);
                let message = match word {
                    "" => "no filter stands behind `|`".to_owned(),
                    _ => format!("there is no filter `{word}`"),
                };
                let diagnostic = Diagnostic::new(span, message, "unknown filter");
                let diagnostic = diagnostic.help(format!("filters are {}", any_of(known.clone())));
                findings.error(diagnostic.did_you_mean(word, known));
                return None;
            }
        }
    }
    Some(NameUse { name: name.to_owned(), counts, filters, span })
}
