//! A table of a mapping file, key by key: what a key holds, and what is wrong where it does not hold
//! what it should.

use std::ops::Range;

use toml::Spanned as At;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use super::Columns;
use lamplighter_scenario::language::diagnostic::{Diagnostic, any_of};
use lamplighter_scenario::language::span::{Span, Spanned};

/// A table whose keys are taken one by one.
pub(super) struct Table<'a> {
    table: &'a DeTable<'a>,
    /// The place of the table in the file, for messages about what is missing in it.
    pub span: Span,
}

/// What is wrong with a file, as far as it is read.
pub(super) type Diagnostics = Vec<Diagnostic>;

impl<'a> Table<'a> {
    /// A table with these keys and no others.
    pub fn new(
        table: &'a DeTable<'a>,
        span: Span,
        known: &[&'static str],
        found: &mut Diagnostics,
    ) -> Self {
        for key in table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let label = format!("expected {}", any_of(known.iter().copied()));
                let message = format!("there is no key `{name}` here");
                let unknown = Diagnostic::new(span_of(key.span()), message, label);
                found.push(unknown.did_you_mean(name, known.iter().copied()));
            }
        }
        Self { table, span }
    }

    /// The value of a key, and where the key stands.
    pub fn get(&self, key: &str) -> Option<(Span, &'a At<DeValue<'a>>)> {
        let (name, value) = self.table.get_key_value(key)?;
        Some((span_of(name.span()), value))
    }

    /// A table below this one.
    pub fn table(
        &self,
        key: &str,
        known: &[&'static str],
        found: &mut Diagnostics,
    ) -> Option<Table<'a>> {
        let (span, value) = self.get(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Table::new(table, span, known, found)),
            other => {
                found.push(unlike(value, other, "a table", &format!("write `[{key}]`")));
                None
            }
        }
    }

    /// The tables below this one: `[[key]]`, or one alone.
    pub fn tables(
        &self,
        key: &str,
        known: &[&'static str],
        found: &mut Diagnostics,
    ) -> Vec<Table<'a>> {
        let Some((span, value)) = self.get(key) else { return Vec::new() };
        let help = format!("write `[[{key}]]`");
        let mut tables = Vec::new();
        match value.get_ref() {
            DeValue::Table(table) => tables.push(Table::new(table, span, known, found)),
            DeValue::Array(values) => {
                for value in values {
                    match value.get_ref() {
                        DeValue::Table(table) => {
                            let span = span_of(value.span());
                            tables.push(Table::new(table, span, known, found));
                        }
                        other => found.push(unlike(value, other, "a table", &help)),
                    }
                }
            }
            other => found.push(unlike(value, other, "a table", &help)),
        }
        tables
    }

    /// The text of a key; `None` without the key, or where its value is no text, which is told.
    pub fn text(&self, key: &str, found: &mut Diagnostics) -> Option<Spanned<String>> {
        let (_, value) = self.get(key)?;
        text_of(value, "a text in quotes", found)
    }

    /// One text or a list of them.
    pub fn texts(&self, key: &str, found: &mut Diagnostics) -> Columns {
        let Some((_, value)) = self.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(values) => texts_of(values, found),
            _ => text_of(value, "a text in quotes, or a list of them", found).into_iter().collect(),
        }
    }

    /// Whether a key is `true`; `None` without the key, or where its value is neither, which is told.
    pub fn flag(&self, key: &str, found: &mut Diagnostics) -> Option<bool> {
        let (_, value) = self.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => {
                found.push(unlike(value, other, "`true` or `false`", ""));
                None
            }
        }
    }

    /// A text that is one of a few words.
    pub fn word<T: Copy>(
        &self,
        key: &str,
        words: &[(&'static str, T)],
        found: &mut Diagnostics,
    ) -> Option<Spanned<T>> {
        let text = self.text(key, found)?;
        let names = || words.iter().map(|(name, _)| *name);
        if let Some((_, known)) = words.iter().find(|(name, _)| *name == text.node) {
            return Some(Spanned::new(*known, text.span));
        }
        let message = format!("`{}` is not known here", text.node);
        let unknown = Diagnostic::new(text.span, message, format!("expected {}", any_of(names())));
        found.push(unknown.did_you_mean(&text.node, names()));
        None
    }
}

fn texts_of(values: &DeArray<'_>, found: &mut Diagnostics) -> Columns {
    values.iter().filter_map(|value| text_of(value, "a text in quotes", found)).collect()
}

fn text_of(
    value: &At<DeValue<'_>>,
    expected: &str,
    found: &mut Diagnostics,
) -> Option<Spanned<String>> {
    match value.get_ref() {
        DeValue::String(text) => {
            Some(Spanned::new(DeString::clone(text).into_owned(), span_of(value.span())))
        }
        other => {
            let help = match other {
                DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => {
                    "numbers and `true` are texts to a log, too: put it in quotes"
                }
                _ => "",
            };
            found.push(unlike(value, other, expected, help));
            None
        }
    }
}

/// That a value is not what it should be.
fn unlike(value: &At<DeValue<'_>>, is: &DeValue<'_>, expected: &str, help: &str) -> Diagnostic {
    let is = match is {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let message = format!("this is {is}");
    let found = Diagnostic::new(span_of(value.span()), message, format!("expected {expected}"));
    if help.is_empty() { found } else { found.help(help) }
}

/// A place of the `toml` crate as one of ours.
pub(super) fn span_of(range: Range<usize>) -> Span {
    Span::new(range.start, range.end)
}
