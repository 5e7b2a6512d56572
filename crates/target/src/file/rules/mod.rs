//! A product's rules as a set of positions: read and checked here, followed elsewhere.

mod knobs;

pub use knobs::{Knob, SETS};

use std::collections::BTreeMap;

use lamplighter_core::model::{AgentStatus, Millis, Presence};
use lamplighter_scenario::language::diagnostic::{Diagnostic, any_of, nearest};
use lamplighter_scenario::language::span::Span;
use toml::de::DeTable;

use super::finding::Findings;
use super::node::{Node, Reading, Table, Text};
use super::possible::CountsAs;

/// Positions that are not the rule book's, whatever they extend already in them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rules {
    positions: BTreeMap<Knob, Position>,
    /// The place of the table `[rules]`; `None` where there is none.
    pub span: Option<Span>,
}

/// A position, with its place where this file says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Position {
    /// The word of the position, or the duration, as it is written.
    pub word: String,
    /// The place where the file says it; `None` where the set says so that it extends.
    pub span: Option<Span>,
}

const CANNOT_EXTEND: &str = "cannot be extended";

/// Reads what stands in a file beside the one that is read; `Err` says why it cannot.
pub type Beside<'f> = &'f dyn Fn(&str) -> Result<String, String>;

impl Rules {
    /// Reads a table `[rules]` with all that it extends; what is wrong with it goes to the findings.
    pub fn read(node: Node<'_>, beside: Beside<'_>) -> Self {
        let rules = node.table().map(|table| Self::read_table(&table, beside, &mut Vec::new()));
        let mut rules = rules.unwrap_or_default();
        rules.span = Some(node.span());
        let one_status = rules.position(Knob::Devices) == Some("one-status");
        let merge = rules.positions.get(&Knob::Merge).filter(|merge| merge.word != "highest");
        if let (true, Some(merge)) = (one_status, merge) {
            let span = merge.span.unwrap_or(node.span());
            let label = "with one status there is nothing to merge";
            let message = "`merge` does not go together with `devices = \"one-status\"`";
            node.findings().error(Diagnostic::new(span, message, label));
        }
        rules
    }

    fn read_table(table: &Table<'_>, beside: Beside<'_>, way: &mut Vec<String>) -> Self {
        let findings = table.findings();
        let mut own = BTreeMap::new();
        let mut rules = Self::default();
        for (key, value) in table.entries() {
            if key.text == "extend" {
                if let Some(text) = value.text() {
                    rules = Self::extended(text, beside, way, findings);
                }
                continue;
            }
            let Some(knob) = Knob::of(key.text) else {
                let known = || Knob::ALL.iter().map(|knob| knob.name()).chain(["extend"]);
                let diagnostic = Diagnostic::new(
                    key.span,
                    format!("there is no knob `{}`", key.text),
                    "unknown",
                );
                let diagnostic = diagnostic.help(format!("knobs are {}", any_of(known())));
                findings.error(diagnostic.did_you_mean(key.text, known()));
                continue;
            };
            let Some(text) = value.text() else { continue };
            if let Err(expected) = knob.check(text.text) {
                let message = format!("`{}` cannot be `{}`", knob.name(), text.text);
                let near = nearest(text.text, knob.positions().iter().copied());
                let diagnostic =
                    Diagnostic::new(text.span, message, format!("expected {expected}"));
                findings.error(match near {
                    Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                    None => diagnostic,
                });
                continue;
            }
            own.insert(knob, Position { word: text.text.to_owned(), span: Some(text.span) });
        }
        rules.positions.extend(own);
        rules
    }

    /// A built-in set, or a file of its own.
    fn extended(
        text: Text<'_>,
        beside: Beside<'_>,
        way: &mut Vec<String>,
        findings: &Findings,
    ) -> Self {
        let name = text.text;
        if !name.ends_with(".toml") {
            let set = SETS.iter().find(|(known, _)| *known == name);
            let Some((_, positions)) = set else {
                let known = SETS.iter().map(|(name, _)| *name);
                let diagnostic =
                    Diagnostic::new(text.span, format!("there are no rules `{name}`"), "unknown");
                let diagnostic = diagnostic.help(format!(
                    "built in are {}; a file ends in `.toml`",
                    any_of(known.clone())
                ));
                findings.error(diagnostic.did_you_mean(name, known));
                return Self::default();
            };
            let position = |(knob, word): &(Knob, &str)| {
                (*knob, Position { word: (*word).to_owned(), span: None })
            };
            return Self { positions: positions.iter().map(position).collect(), span: None };
        }
        if way.iter().any(|other| other == name) {
            let label = "it leads back to itself";
            findings.error(Diagnostic::new(text.span, format!("`{name}` extends itself"), label));
            return Self::default();
        }
        way.push(name.to_owned());
        let read = beside(name).and_then(|file| Self::of_file(name, &file, beside, way));
        way.pop();
        read.unwrap_or_else(|why| {
            findings.error(Diagnostic::new(text.span, format!("`{name}` {CANNOT_EXTEND}"), why));
            Self::default()
        })
    }

    /// The rules of a file that another one extends.
    fn of_file(
        name: &str,
        file: &str,
        beside: Beside<'_>,
        way: &mut Vec<String>,
    ) -> Result<Self, String> {
        let parsed = DeTable::parse(file).map_err(|error| error.message().to_owned())?;
        let reading = Reading { text: file, findings: Findings::default() };
        let mut root = Table::root(parsed.get_ref(), &reading);
        let rules = root.require("rules", "").and_then(|node| node.table());
        let rules = rules.map(|table| Self::read_table(&table, beside, way)).unwrap_or_default();
        root.finish();
        match reading.findings.into_sorted().first() {
            None => Ok(rules.without_places()),
            Some(finding) => {
                let Diagnostic { span, message, label, .. } = &finding.diagnostic;
                let line = file[..span.start].matches('\n').count() + 1;
                // What cannot be extended says why beside it.
                let why = if message.ends_with(CANNOT_EXTEND) { label } else { message };
                Err(format!("{name}:{line}: {why}"))
            }
        }
    }

    fn without_places(mut self) -> Self {
        self.positions.values_mut().for_each(|position| position.span = None);
        self
    }

    /// The position of a knob, where it is not left to the rule book.
    pub fn position(&self, knob: Knob) -> Option<&str> {
        self.positions.get(&knob).map(|position| position.word.as_str())
    }

    /// Every knob that is not left to the rule book, with its position.
    pub fn positions(&self) -> impl Iterator<Item = (Knob, &Position)> {
        self.positions.iter().map(|(knob, position)| (*knob, position))
    }

    /// What away and invisible members count for (`away_is`, `invisible_is`).
    pub fn counts_as(&self) -> CountsAs {
        let presence = |knob, otherwise| match self.position(knob) {
            Some("online") => Presence::Online,
            Some("away") => Presence::Away,
            Some("offline") => Presence::Nobody,
            _ => otherwise,
        };
        let book = CountsAs::default();
        CountsAs {
            away: presence(Knob::AwayIs, book.away),
            invisible: presence(Knob::InvisibleIs, book.invisible),
        }
    }

    /// What team-mates see of an invisible agent (`team_sees_invisible`).
    pub fn team_sees_invisible_as(&self) -> AgentStatus {
        match self.position(Knob::TeamSeesInvisible) {
            Some("offline") => AgentStatus::Offline,
            _ => AgentStatus::Invisible,
        }
    }

    /// How long a lost connection keeps its status (rule P7); `None` where its loss is never noticed.
    pub fn grace(&self) -> Option<Millis> {
        match self.position(Knob::Grace) {
            Some("never") => None,
            Some(length) => Some(length.parse().unwrap_or(Millis::DEFAULT_GRACE)),
            None => Some(Millis::DEFAULT_GRACE),
        }
    }
}
