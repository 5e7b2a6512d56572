//! Where something was said first that is said again.

use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::{Source, Span};
use lamplighter_scenario::language::words_of_line;

/// The first words of lines that declare names.
const DECLARING: [&str; 3] = ["property", "widget", "members"];
/// The first words of lines behind which a setting can be given anew.
const BEGINNING: [&str; 3] = ["property", "widget", "at"];

/// The other place of what is said, set or declared twice; `None` of any other fault.
pub fn first_said(source: &Source, found: &Diagnostic) -> Option<Span> {
    match found.code {
        Code::DeclaredTwice | Code::AgentAndProperty => first_declared(source, found.span),
        Code::SaidTwice => line_before(source, found.span, |_| false),
        Code::SetTwice => line_before(source, found.span, |first| BEGINNING.contains(&first)),
        _ => None,
    }
}

/// Where the name at a place is declared elsewhere.
fn first_declared(source: &Source, again: Span) -> Option<Span> {
    let (start, line) = source.line_of(again.start);
    let words = words_of_line(line, start);
    let name = &words.iter().find(|word| word.span.start == again.start)?.text;
    source.all_lines().find_map(|(start, line)| {
        let words = words_of_line(line, start);
        words.first().filter(|first| DECLARING.contains(&first.text.as_str()))?;
        let mut names = words.iter().skip(1);
        names.find(|word| word.text == *name && word.span != again).map(|word| word.span)
    })
}

/// The line before that of a place which begins with the same word, up to one that ends the search. Where it
/// is not the first word that is said twice, the line has the words that are.
fn line_before(source: &Source, again: Span, ends: impl Fn(&str) -> bool) -> Option<Span> {
    let first_of = |line: &str| words_of_line(line, 0).into_iter().next().map(|word| word.text);
    let (own, line) = source.line_of(again.start);
    let first = first_of(line)?;
    let is_of_line = again.start == own + (line.len() - line.trim_start().len());
    let before: Vec<_> = source.all_lines().take_while(|(start, _)| *start < own).collect();
    for (start, line) in before.into_iter().rev() {
        let Some(word) = first_of(line) else { continue };
        if word == first && (is_of_line || line.contains(source.slice(again))) {
            let indent = line.len() - line.trim_start().len();
            return Some(Span::new(start + indent, start + line.trim_end().len()));
        }
        if ends(&word) {
            return None;
        }
    }
    None
}
