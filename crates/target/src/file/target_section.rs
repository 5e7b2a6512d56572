//! What a target is called, where it is, and what stands there beforehand (rules T23 to T25, T50 of
//! target files).

use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;

use super::node::{Node, Table};
use super::template::{Json, KeptValues, NameUse, Names, RenderError, Template, is_name};

/// The section `[target]`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TargetSection {
    /// The name under which reports tell of the target.
    pub name: String,
    /// The address where the target is, unless `--host` says another; an adapter has none.
    pub base: Option<Template>,
    /// Whether a member of each property is made that only looks.
    pub observer: bool,
    /// The letters in front of every name that a run makes, up to 8 (rule T23).
    pub prefix: String,
    /// Accounts that are there beforehand, for targets without `agent.make` (rule T24).
    pub accounts: Vec<ExistingRow>,
    /// Properties that are there beforehand, for targets without `property.make` (rule T24).
    pub properties: Vec<ExistingRow>,
    /// Names whose texts come only from the caller, so that no file holds a secret (rule T25).
    pub secrets: Vec<(String, Span)>,
    /// Whether anybody has tried the file against the product; every run says so if not.
    pub tried: bool,
    /// The command that starts a process to speak for the product, with its arguments.
    pub adapter: Option<Vec<String>>,
    /// Where the table `[target]` stands, for what is missing from it.
    pub span: Span,
}

/// Something that is there beforehand, with the names that are kept with it.
#[derive(Clone, PartialEq, Debug)]
pub struct ExistingRow {
    /// Where the row stands, for what is wrong with it.
    pub span: Span,
    members: Vec<(String, Json)>,
}

impl TargetSection {
    /// Reads the table.
    pub fn read(mut table: Table<'_>) -> Self {
        let name = table.require("name", "how reports call the target");
        let name = name.and_then(|node| node.text()).filter(|name| {
            let is_empty = name.text.trim().is_empty();
            if is_empty {
                let message = "a target has a name";
                table.findings().error(Diagnostic::new(name.span, message, "this is none"));
            }
            !is_empty
        });
        let adapter = table.get("adapter");
        let base = match adapter {
            Some(_) => table.get("base"),
            None => table.require("base", "where the target is, as `http://HOST:PORT`"),
        };
        let base = base.and_then(|node| Some(Template::read(node.text()?, node.findings())));
        let flag = |table: &mut Table<'_>, key, otherwise| {
            table.get(key).and_then(|node| node.flag()).unwrap_or(otherwise)
        };
        let about = Self {
            name: name.map(|name| name.text.to_owned()).unwrap_or_default(),
            base,
            observer: flag(&mut table, "observer", false),
            prefix: read_prefix(&mut table),
            accounts: table
                .get("accounts")
                .map(|node| ExistingRow::read_all(node, &["agent", "password"]))
                .unwrap_or_default(),
            properties: table
                .get("properties")
                .map(|node| ExistingRow::read_all(node, &["property"]))
                .unwrap_or_default(),
            secrets: table.get("secrets").map(read_secrets).unwrap_or_default(),
            tried: flag(&mut table, "tried", true),
            adapter: adapter.and_then(read_adapter),
            span: table.span(),
        };
        table.finish();
        about
    }
}

fn read_prefix(table: &mut Table<'_>) -> String {
    let prefix = table.get("prefix").and_then(|node| node.text());
    let Some(prefix) = prefix else { return "ll".to_owned() };
    let is_made = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !(1..=8).contains(&prefix.text.len()) || !prefix.text.chars().all(is_made) {
        let message = format!("`{}` cannot be in front of every name", prefix.text);
        let label = "1 to 8 small letters and digits";
        table.findings().error(Diagnostic::new(prefix.span, message, label));
    }
    prefix.text.to_owned()
}

fn read_secrets(node: Node<'_>) -> Vec<(String, Span)> {
    let texts = node.texts("a list of names").into_iter();
    let names = texts.filter(|text| {
        if !is_name(text.text) {
            let message = format!("`{}` is no name", text.text);
            let label = "a letter, then letters, digits, `_` and `-`";
            node.findings().error(Diagnostic::new(text.span, message, label));
        }
        is_name(text.text)
    });
    names.map(|text| (text.text.to_owned(), text.span)).collect()
}

fn read_adapter(node: Node<'_>) -> Option<Vec<String>> {
    let words = node.texts("a list: a program and its arguments");
    if words.is_empty() {
        node.error("an adapter is a program and its arguments", "there is none");
    }
    Some(words.into_iter().map(|word| word.text.to_owned()).collect())
}

impl ExistingRow {
    /// Reads rows; each has these names, and all have the same ones.
    fn read_all(node: Node<'_>, needed: &[&'static str]) -> Vec<Self> {
        let tables = node.one_or_more().into_iter().filter_map(|node| node.table());
        let rows: Vec<Self> = tables.map(|table| Self::read(&table, needed)).collect();
        if let Some((first, others)) = rows.split_first() {
            for row in others {
                let lacking = first.names().find(|name| !row.names().any(|other| other == *name));
                let lacking = lacking.filter(|name| !needed.contains(name));
                if let Some(name) = lacking {
                    let message = format!("this row has no `{name}`, and the first one has");
                    let label = "all rows have the same names";
                    node.findings().error(Diagnostic::new(row.span, message, label));
                }
            }
        }
        rows
    }

    fn read(table: &Table<'_>, needed: &[&'static str]) -> Self {
        let findings = table.findings();
        let mut members = Vec::new();
        for (name, value) in table.entries() {
            if !is_name(name.text) {
                let message = format!("`{}` is no name", name.text);
                let label = "a letter, then letters, digits, `_` and `-`";
                findings.error(Diagnostic::new(name.span, message, label));
            }
            let is_needed = needed.contains(&name.text);
            if is_needed && value.text().is_none() {
                continue;
            }
            members.extend(Json::read(value).map(|value| (name.text.to_owned(), value)));
        }
        for name in needed {
            if !table.entries().any(|(key, _)| key.text == *name) {
                let message = format!("`{name}` is missing");
                findings
                    .missing(&[name], Diagnostic::new(table.span(), message, "each row has one"));
            }
        }
        Self { span: table.span(), members }
    }

    /// The names that it gives.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_str())
    }

    /// Its names with their values; there are only variables to be put in.
    ///
    /// # Errors
    /// When a variable has no value.
    pub fn kept(&self, names: &mut Names<'_>) -> Result<KeptValues, RenderError> {
        let mut kept = KeptValues::new();
        for (name, value) in &self.members {
            kept.put(name, value.value(names)?);
        }
        Ok(kept)
    }

    /// Everything that is put into it.
    pub fn uses(&self) -> impl Iterator<Item = &NameUse> {
        self.members.iter().flat_map(|(_, value)| value.uses())
    }
}
