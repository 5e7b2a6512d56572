//! Whether the parts of a mapping make a whole, be they from a file or from options.

use std::collections::BTreeMap;

use super::{Columns, Kind, Mapping, Word};
use lamplighter_core::model::{NAME_CODE_POINTS_MAX, is_name_in_quotes};
use lamplighter_scenario::language::diagnostic::{Diagnostic, nearest};
use lamplighter_scenario::language::span::{Span, Spanned};

/// Everything that keeps a mapping from being used. A diagnostic at the empty place is of no line: of
/// options, or of what is missing.
pub fn check(mapping: &Mapping) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    time(mapping, &mut found);
    if mapping.agent.columns.is_empty() {
        let label = "expected `[agent]` with `column = \"…\"`";
        found.push(missing("nothing says who it is about", label, "agent"));
    }
    let Spanned { node: name, span } = &mapping.device.name;
    if !is_name_in_quotes(name) {
        let message = format!("`{name}` cannot be the name of a device");
        let label = format!(
            "names are 1 to {NAME_CODE_POINTS_MAX} printable characters, with single blanks between"
        );
        found.push(Diagnostic::new(*span, message, label));
    }
    actions(mapping, &mut found);
    if !mapping.property.only.is_empty() && mapping.property.called.columns.is_empty() {
        let label = "expected `[property]` with `column = \"…\"` for `only`";
        found.push(missing("nothing says of which property a row is", label, "property"));
    }
    match &mapping.log.kind {
        Kind::Csv { columns: Some(columns), .. } => known_columns(mapping, columns, &mut found),
        Kind::Csv { columns: None, .. } => {}
        Kind::Json { rows } => pointers(mapping, rows, &mut found),
    }
    found
}

fn missing(message: &str, label: &str, option: &str) -> Diagnostic {
    let help = format!("or say it by an option: `--columns {option}=COLUMN`");
    Diagnostic::new(Span::default(), message, label).help(help)
}

fn time(mapping: &Mapping, found: &mut Vec<Diagnostic>) {
    let time = &mapping.time;
    let first = |columns: &Columns| columns.first().map_or(Span::default(), |column| column.span);
    if time.at.is_empty() && time.from.is_empty() {
        let label = "expected `[time]` with `at = \"…\"`, or `from` and `to` of intervals";
        found.push(missing("nothing says when it happens", label, "at"));
    }
    if !time.at.is_empty() && !time.from.is_empty() {
        let message = "a log is of events or of intervals";
        let label = "expected `at`, or `from` with `to` or `duration`, not both";
        found.push(Diagnostic::new(first(&time.from), message, label));
    }
    if !time.to.is_empty() && !time.duration.is_empty() {
        let message = "`to` and `duration` both say when an interval ends";
        found.push(Diagnostic::new(first(&time.duration), message, "expected one of the two"));
    }
    let ends = if time.to.is_empty() { &time.duration } else { &time.to };
    if time.from.is_empty() && !ends.is_empty() {
        let message = "an end without a beginning";
        let label = "expected `from`, too: only intervals have an end";
        found.push(Diagnostic::new(first(ends), message, label));
    }
    if !time.from.is_empty() && ends.is_empty() {
        let message = "nothing says when an interval ends";
        let label = "expected `to` or `duration`, too";
        let help = "if each row holds until the next one, it is an event: write `at`";
        found.push(Diagnostic::new(first(&time.from), message, label).help(help));
    }
}

fn actions(mapping: &Mapping, found: &mut Vec<Diagnostic>) {
    if mapping.actions.is_empty() {
        let label = "expected `[[action]]` with `column = \"…\"` and the log's words";
        found.push(missing("nothing says what happens", label, "action"));
    }
    for (index, step) in mapping.actions.iter().enumerate() {
        let is_last = index + 1 == mapping.actions.len();
        let mut seen: BTreeMap<String, &Spanned<String>> = BTreeMap::new();
        for (text, word) in &step.words {
            if let Some(before) = seen.insert(text.node.trim().to_lowercase(), text) {
                let message = format!("`{}` has two meanings", text.node);
                let label = match before.node == text.node {
                    true => "it stands in another list of this column, too".to_owned(),
                    false => {
                        format!("as `{}`: words are compared without regard to case", before.node)
                    }
                };
                found.push(Diagnostic::new(text.span, message, label));
            }
            said(mapping, *word, text.span, is_last, found);
        }
        if let Some(other) = step.other {
            said(mapping, other, step.column.span, is_last, found);
        }
        if step.words.is_empty() && step.other.is_none() {
            let message = format!("no word of the column `{}` means anything", step.column.node);
            let label = "expected its words, e.g. `online = [\"Available\"]`";
            found.push(
                Diagnostic::new(step.column.span, message, label)
                    .help("or say them by an option: `--action online=Available`"),
            );
        }
    }
}

/// Whether a word can mean this where it stands.
fn said(mapping: &Mapping, word: Word, span: Span, is_last: bool, found: &mut Vec<Diagnostic>) {
    if word == Word::Next && is_last {
        let message = "there is no next column";
        let label = "`next` leads to the `[[action]]` behind this one, and there is none";
        found.push(Diagnostic::new(span, message, label));
    }
    if mapping.is_of_intervals() && !word.can_last() {
        let message = "an interval is a state";
        let label = "nobody is `disconnect`, `reconnect` or `active` for a while";
        found.push(Diagnostic::new(span, message, label));
    }
}

/// Every column that a mapping names, and what for.
pub(crate) fn columns(mapping: &Mapping) -> Vec<&Spanned<String>> {
    let Mapping { time, agent, device, property, actions, .. } = mapping;
    let called = [agent, &device.called, &property.called];
    [&time.at, &time.from, &time.to, &time.duration]
        .into_iter()
        .chain(called.into_iter().flat_map(|called| [&called.columns, &called.or]))
        .flatten()
        .chain(actions.iter().map(|step| &step.column))
        .collect()
}

/// That every column is among those that the log is said to have.
fn known_columns(mapping: &Mapping, known: &Columns, found: &mut Vec<Diagnostic>) {
    for (index, column) in known.iter().enumerate() {
        if known[..index].contains(column) {
            let message = format!("two columns are called `{}`", column.node);
            found.push(Diagnostic::new(column.span, message, "each needs a name of its own"));
        }
    }
    for column in columns(mapping) {
        if !known.contains(column) {
            let names = || known.iter().map(|known| known.node.as_str());
            let message = format!("there is no column `{}`", column.node);
            let label = format!("`columns` names {}", names().collect::<Vec<_>>().join(", "));
            let unknown = Diagnostic::new(column.span, message, label);
            found.push(match nearest(&column.node, names()) {
                Some(near) => unknown.help(format!("did you mean `{near}`?")),
                None => unknown,
            });
        }
    }
}

fn pointers(mapping: &Mapping, rows: &Columns, found: &mut Vec<Diagnostic>) {
    for row in rows {
        if !row.node.is_empty() && !row.node.starts_with('/') {
            let message = format!("`{}` is no pointer into JSON", row.node);
            let label = "expected `/`, e.g. `/agents/*/states/*`, or nothing for the value itself";
            found.push(Diagnostic::new(row.span, message, label));
        }
    }
    for column in columns(mapping) {
        let text = column.node.as_str();
        if !text.starts_with('/') && !text.starts_with("../") {
            let message = format!("`{text}` is no pointer into JSON");
            let label = "expected `/` and the way from the row, e.g. `/state/name` or `../userId`";
            let pointer = Diagnostic::new(column.span, message, label);
            found.push(pointer.help(format!("did you mean `/{text}`?")));
        }
    }
}
