//! What the rules say where expectations stand, for those who read the file with it in sight.

use std::collections::BTreeMap;

use super::text::{Text, TextPosition, Units};
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::play::Checked;

/// What is so behind a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hint {
    /// The end of the statement.
    pub at: TextPosition,
    /// What the rules say there.
    pub text: String,
}

/// More answers than these of as many rows are counted, not shown.
const ANSWERS_SHOWN_MAX: usize = 3;

/// What the rules say at the expectations of a file, each answer once where the rows of a table agree.
pub fn hints(checked: &[Checked], text: &Text, units: Units) -> Vec<Hint> {
    let mark = if text.as_str().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut by_statement: BTreeMap<Span, Vec<&str>> = BTreeMap::new();
    for said in checked.iter().flat_map(|one| &one.verdict.answers) {
        let answers = by_statement.entry(said.statement).or_default();
        if !answers.contains(&said.told.as_str()) {
            answers.push(&said.told);
        }
    }
    let hint = |(statement, answers): (Span, Vec<&str>)| {
        let shown = answers.iter().take(ANSWERS_SHOWN_MAX).copied().collect::<Vec<_>>();
        let mut text_of = shown.join(" | ");
        if let Some(more @ 1..) = answers.len().checked_sub(ANSWERS_SHOWN_MAX) {
            text_of.push_str(&format!(" | and {more} more"));
        }
        Hint { at: text.place(statement.end + mark, units), text: text_of }
    };
    by_statement.into_iter().map(hint).collect()
}
