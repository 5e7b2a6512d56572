//! Values of a TOML file with their places, read key by key: what is of another type than asked for, or
//! was never asked for, is a finding.

use std::ops::{Range, RangeInclusive};

use lamplighter_scenario::language::diagnostic::{Diagnostic, any_of};
use lamplighter_scenario::language::span::Span;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::finding::Findings;

/// A file on its way into types.
#[derive(Debug)]
pub struct ParseContext<'a> {
    /// The whole text, in which all spans lie.
    pub text: &'a str,
    /// What was found wrong with it so far: reading goes on, so that one run tells all.
    pub findings: Findings,
}

/// A text with its place.
#[derive(Clone, Copy, Debug)]
pub struct SpannedText<'a> {
    /// What the text says, with its escapes resolved.
    pub text: &'a str,
    /// Where the text stands in the file, its quotes included.
    pub span: Span,
    /// Where its first character stands, if what is written is what it says.
    begins: Option<usize>,
}

impl<'a> SpannedText<'a> {
    fn new(text: &'a str, span: Span, reading: &ParseContext<'_>) -> Self {
        let written = &reading.text[span.start..span.end];
        let quotes = match written.as_bytes() {
            [b'"', b'"', b'"', ..] | [b'\'', b'\'', b'\'', ..] => 3,
            [b'"' | b'\'', ..] => 1,
            _ => 0,
        };
        let inside = written.get(quotes..written.len().saturating_sub(quotes)).unwrap_or_default();
        // A line break right behind three quotes is not said.
        let said = match quotes {
            3 => {
                inside.strip_prefix("\r\n").or_else(|| inside.strip_prefix('\n')).unwrap_or(inside)
            }
            _ => inside,
        };
        let begins = (said == text).then(|| span.start + quotes + (inside.len() - said.len()));
        Self { text, span, begins }
    }

    /// A text that stands in no file: all of it is at one place.
    pub fn at(text: &'a str, span: Span) -> Self {
        Self { text, span, begins: None }
    }

    /// Where a part of it stands: all of it where escapes are in the way.
    pub fn part(&self, range: Range<usize>) -> Span {
        match self.begins {
            Some(begins) => Span::new(begins + range.start, begins + range.end),
            None => self.span,
        }
    }
}

/// A value with its place and the key that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    value: &'a DeValue<'a>,
    key: &'a str,
    span: Span,
    reading: &'a ParseContext<'a>,
}

fn span_of<T>(spanned: &Spanned<T>) -> Span {
    let Range { start, end } = spanned.span();
    Span::new(start, end)
}

impl<'a> Node<'a> {
    fn new(key: &'a str, value: &'a Spanned<DeValue<'a>>, reading: &'a ParseContext<'a>) -> Self {
        Self { value: value.get_ref(), key, span: span_of(value), reading }
    }

    /// The value as the parser gave it.
    pub fn value(&self) -> &'a DeValue<'a> {
        self.value
    }

    /// The key that it belongs to; that of the list for what stands in one.
    pub fn key(&self) -> &'a str {
        self.key
    }

    /// Where it stands; of a `[table]` the line that opens it.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Where findings go.
    pub fn findings(&self) -> &'a Findings {
        &self.reading.findings
    }

    /// Says that this value is wrong.
    pub fn error(&self, message: impl Into<String>, label: impl Into<String>) {
        self.findings().error(Diagnostic::new(self.span, message, label));
    }

    /// Says that this value is of another type than it must be.
    pub fn expected<T>(&self, what: &str) -> Option<T> {
        let found = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.error(format!("`{}` takes {what}", self.key), format!("this is {found}"));
        None
    }

    /// A table, whatever its keys.
    pub fn table(&self) -> Option<Table<'a>> {
        match self.value {
            DeValue::Table(entries) => Some(Table {
                entries,
                name: self.key,
                span: self.span,
                reading: self.reading,
                asked: Vec::new(),
            }),
            _ => self.expected("a table"),
        }
    }

    /// A text.
    pub fn text(&self) -> Option<SpannedText<'a>> {
        match self.value {
            DeValue::String(text) => Some(SpannedText::new(text, self.span, self.reading)),
            _ => self.expected("a text"),
        }
    }

    /// A text that is one of a few words.
    pub fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text.text).map(|(_, value)| *value);
        if found.is_none() {
            let known = words.iter().map(|(word, _)| *word);
            let message = format!("`{}` cannot be `{}`", self.key, text.text);
            let label = format!("expected {}", any_of(known.clone()));
            let diagnostic =
                Diagnostic::new(self.span, message, label).did_you_mean(text.text, known);
            self.findings().error(diagnostic);
        }
        found
    }

    /// `true` or `false`.
    pub fn flag(&self) -> Option<bool> {
        match self.value {
            DeValue::Boolean(flag) => Some(*flag),
            _ => self.expected("`true` or `false`"),
        }
    }

    /// A whole number within a range.
    pub fn whole(&self, range: RangeInclusive<u64>) -> Option<u64> {
        let (least, most) = (range.start(), range.end());
        let what = match *most {
            u64::MAX => format!("a whole number from {least}"),
            most => format!("a whole number from {least} to {most}"),
        };
        let DeValue::Integer(integer) = self.value else { return self.expected(&what) };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            self.error(format!("`{}` takes {what}", self.key), "out of range");
        }
        number
    }

    /// A number that is not negative.
    pub fn number(&self, what: &str) -> Option<f64> {
        let number = match self.value {
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .ok()
                .map(|whole| whole as f64),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => return self.expected(what),
        };
        let number = number.filter(|number| number.is_finite() && *number >= 0.0);
        if number.is_none() {
            self.error(format!("`{}` takes {what}", self.key), "zero or more");
        }
        number
    }

    /// A text, a whole number or a boolean, as it stands.
    pub fn as_written(&self) -> Option<Value> {
        match self.value {
            DeValue::String(text) => Some(Value::from(text.as_ref())),
            DeValue::Boolean(flag) => Some(Value::from(*flag)),
            DeValue::Integer(integer) => {
                i64::from_str_radix(integer.as_str(), integer.radix()).ok().map(Value::from)
            }
            _ => self.expected("a text, a whole number or a boolean"),
        }
    }

    /// A value, or each of a list of values.
    pub fn one_or_more(&self) -> Vec<Node<'a>> {
        match self.value {
            DeValue::Array(list) => {
                list.iter().map(|value| Node::new(self.key, value, self.reading)).collect()
            }
            _ => vec![*self],
        }
    }

    /// Each of a list of values.
    pub fn list(&self, what: &str) -> Option<Vec<Node<'a>>> {
        match self.value {
            DeValue::Array(_) => Some(self.one_or_more()),
            _ => self.expected(what),
        }
    }

    /// A list of texts.
    pub fn texts(&self, what: &str) -> Vec<SpannedText<'a>> {
        let list = self.list(what).unwrap_or_default();
        list.into_iter().filter_map(|node| node.text()).collect()
    }
}

/// A table that is read key by key.
#[derive(Debug)]
pub struct Table<'a> {
    entries: &'a DeTable<'a>,
    name: &'a str,
    span: Span,
    reading: &'a ParseContext<'a>,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// The whole file.
    pub fn root(entries: &'a DeTable<'a>, reading: &'a ParseContext<'a>) -> Self {
        Self { entries, name: "", span: Span::default(), reading, asked: Vec::new() }
    }

    /// Where it stands; of a `[table]` the line that opens it.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The key that it belongs to.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Where findings go.
    pub fn findings(&self) -> &'a Findings {
        &self.reading.findings
    }

    /// What stands under a key, if anything does.
    pub fn get(&mut self, key: &'static str) -> Option<Node<'a>> {
        self.asked.push(key);
        let (key, value) = self.entries.get_key_value(key)?;
        Some(Node::new(key.get_ref(), value, self.reading))
    }

    /// What stands under a key that must be there.
    pub fn require(&mut self, key: &'static str, what_for: &str) -> Option<Node<'a>> {
        let found = self.get(key);
        if found.is_none() {
            let message = format!("`{key}` is missing");
            self.findings().missing(&[key], Diagnostic::new(self.span, message, what_for));
        }
        found
    }

    /// Every key with its value, in the order of the file: for tables whose keys are the author's.
    pub fn entries(&self) -> impl Iterator<Item = (SpannedText<'a>, Node<'a>)> + use<'a> {
        let reading = self.reading;
        self.entries.iter().map(move |(key, value)| {
            let text = SpannedText::new(key.get_ref(), span_of(key), reading);
            (text, Node::new(key.get_ref(), value, reading))
        })
    }

    /// Says of every key that was not asked for that nobody knows it.
    pub fn finish(self) {
        for (key, _) in self.entries() {
            if self.asked.contains(&key.text) {
                continue;
            }
            let message = match self.name {
                "" => format!("a target file has no `{}`", key.text),
                name => format!("`{name}` has no key `{}`", key.text),
            };
            let known = self.asked.iter().copied();
            let diagnostic = Diagnostic::new(key.span, message, "unknown");
            let diagnostic = diagnostic.help(format!("expected {}", any_of(known.clone())));
            self.findings().unknown(key.text, known, diagnostic);
        }
    }
}
