//! Expectations made false, one word at a time.

use lamplighter_core::model::{AgentStatus, Chat, Form, HiddenBecause, Instant, Reason};
use lamplighter_scenario::language::Parsed;
use lamplighter_scenario::language::ast::{Clause, Document, Expect, Line, Part};
use lamplighter_scenario::language::span::Span;

/// The text of a scenario with other words in some places, which come in the order of the text. Its title
/// names every column of its table, so that none is without use where a cell gave way to such words.
pub fn with_words(bytes: &[u8], parsed: &Parsed, words: &[(Span, String)]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let bom = bytes.len() - parsed.source.text().len();
    for (span, words) in words.iter().rev() {
        changed.splice(span.start + bom..span.end + bom, words.bytes());
    }
    let (title, row) = (&parsed.document.header.title, &parsed.row);
    if let (Some(title), Some(row)) = (title, row) {
        let columns: String = row.values.iter().map(|(name, _)| format!(" {{{name}}}")).collect();
        let end = title.span.end + bom;
        changed.splice(end..end, columns.bytes());
    }
    changed
}

/// Every word of an expectation that can be made false by itself: its statement, its place, and
/// something else to write there.
pub fn falsehoods(document: &Document) -> Vec<(Span, Span, String)> {
    let mut falsehoods = Vec::new();
    for part in &document.parts {
        let Part::At(block) = part else { continue };
        for line in &block.lines {
            let Line::Expect(expect) = &line.node else { continue };
            for (span, words) in false_words(expect) {
                falsehoods.push((line.span, span, words));
            }
        }
    }
    falsehoods
}

fn false_words(expect: &Expect) -> Vec<(Span, String)> {
    let because = expect.clauses.iter().find(|c| matches!(c.node, Clause::HiddenBecause(_)));
    let mut found = Vec::new();
    for clause in &expect.clauses {
        let words: Vec<String> = match &clause.node {
            Clause::Status(is) => others(AgentStatus::WORDS, *is)
                // A widget is never invisible.
                .filter(|word| word != "invisible")
                .collect(),
            Clause::Because(is) => {
                others(Reason::WORDS, *is).map(|word| format!("because {word}")).collect()
            }
            Clause::Chat(is) => others(Chat::WORDS, *is).collect(),
            Clause::Form(is) => {
                others(Form::WORDS, *is).map(|word| format!("form {word}")).collect()
            }
            Clause::Greeting(_) => vec!["greeting \"surely not this\"".to_owned()],
            Clause::Shown => vec!["hidden".to_owned()],
            // `shown` takes no reason.
            Clause::Hidden if because.is_none() => vec!["shown".to_owned()],
            Clause::HiddenBecause(is) => {
                others(HiddenBecause::WORDS, *is).map(|word| format!("because {word}")).collect()
            }
            Clause::Next(Some(_)) => vec!["next never".to_owned()],
            Clause::Next(None) => vec![format!("next {}", Instant::MAX)],
            Clause::Changes(_) => vec!["changes at least 1000000 times".to_owned()],
            _ => continue,
        };
        found.extend(words.into_iter().map(|words| (clause.span, words)));
    }
    found
}

fn others<T: Copy + PartialEq>(words: &[(&'static str, T)], is: T) -> impl Iterator<Item = String> {
    words.iter().filter(move |(_, other)| *other != is).map(|(word, _)| (*word).to_owned())
}
