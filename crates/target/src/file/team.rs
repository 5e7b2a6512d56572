//! What team-mates see, and how it is read (rules T11, T36, T38 of target files).

use lamplighter_core::model::AgentStatus;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;
use serde_json::Value;

use super::answer::Answer;
use super::node::{Node, Table};
use super::pointer::{Pointer, PointerMatch};
use super::possible::PossibleStatuses;
use super::says::{RowCondition, StatusCell, Unreadable, check_reach};
use super::template::{KeptValues, NameUse, Names, RenderError, Template};
use super::value::as_text;

/// The section `[team]`; its steps stand with the others, as [`Section::TeamRead`].
///
/// [`Section::TeamRead`]: super::section::Section::TeamRead
#[derive(Clone, PartialEq, Debug)]
pub struct TeamSection {
    /// Where the table `[team]` stands, for messages about it.
    pub span: Span,
    /// Whether it is read once for each member, rather than once for a property.
    pub for_member: bool,
    /// The place of the rows in the answer; without, what was kept as `said` is read.
    pub rows: Option<TeamRows>,
    /// What was said, and what it means.
    pub meaning: StatusMapping,
    /// What a member is of whom nothing is said.
    pub none: StatusCell,
}

/// Where in the last step's body the members stand.
#[derive(Clone, PartialEq, Debug)]
pub struct TeamRows {
    /// The list; a table is the list of its members.
    pub list: Pointer,
    /// The member's name within a row; without, the key of a table.
    pub name: Option<Pointer>,
    /// What is said of the member within a row.
    pub said: Pointer,
    /// What the name must equal, as text.
    pub is: Template,
}

/// What was said, and what it means.
#[derive(Clone, PartialEq, Debug)]
pub enum StatusMapping {
    /// `values`: each by its text.
    Values(Vec<(String, StatusCell)>),
    /// `says`: the first row that holds.
    Says(Vec<(RowCondition, StatusCell, Span)>),
}

impl TeamSection {
    /// Reads the table, all but `read`.
    pub fn read(table: &mut Table<'_>) -> Option<Self> {
        let span = table.span();
        let for_member = table.get("for").and_then(|node| node.word(&[("member", true)]));
        let for_member = for_member.unwrap_or(false);
        let rows = TeamRows::read(table, for_member);
        let none = table.get("none").and_then(StatusCell::read::<AgentStatus>);
        let none = none.unwrap_or_else(|| StatusCell::plain("offline", span));
        let meaning = StatusMapping::read(table);
        if !for_member && rows.is_none() {
            let message = "a team that is read once for a property has a row for each member";
            let diagnostic = Diagnostic::new(span, message, "`rows` is missing");
            table.findings().missing(
                &["rows", "name", "said", "is", "for"],
                diagnostic.help("`rows = \"/members\"`, or `for = \"member\"`"),
            );
        }
        // A row with a name is no status itself; who is named may be all that is asked.
        let asks_said = meaning.as_ref().is_some_and(StatusMapping::asks_said);
        let is_named = rows.as_ref().is_some_and(|rows| rows.name.is_some());
        if is_named && asks_said && table.get("said").is_none() {
            let message = "nothing says where in a row the status stands";
            let diagnostic = Diagnostic::new(span, message, "`said` is missing");
            table.findings().missing(&["said"], diagnostic.help("a pointer: `said = \"/status\"`"));
        }
        Some(Self { span, for_member, rows, meaning: meaning?, none })
    }

    /// What was read of the member whose names these are; what the read kept is the nearest of them.
    /// `last` is the answer to the last step.
    ///
    /// # Errors
    /// Class *unreadable*, and why.
    pub fn status(
        &self,
        last: &Answer,
        names: &mut Names<'_>,
    ) -> Result<PossibleStatuses<AgentStatus>, Unreadable> {
        let said: Vec<Value> = match &self.rows {
            Some(rows) => rows.said(last, self.for_member, names)?,
            None => match names.get("said") {
                None => return Err(RenderError::NotKept { name: "said".to_owned() }.into()),
                Some(Value::Array(list)) => list.clone(),
                Some(value) => vec![value.clone()],
            },
        };
        let mut highest: Option<PossibleStatuses<AgentStatus>> = None;
        for one in said {
            let status = self.meaning.status(&one, names)?;
            highest = Some(highest.map_or(status, |highest| highest.highest(status)));
        }
        match highest {
            Some(status) => Ok(status),
            None => self.none.status(names),
        }
    }

    /// Each row's names, with their places.
    pub fn whens(&self) -> impl Iterator<Item = &RowCondition> {
        match &self.meaning {
            StatusMapping::Values(_) => &[],
            StatusMapping::Says(rows) => &rows[..],
        }
        .iter()
        .map(|(when, ..)| when)
    }

    /// Everything that is put into it.
    pub fn uses(&self) -> Vec<&NameUse> {
        let mut uses: Vec<&NameUse> = self.none.uses().collect();
        uses.extend(self.rows.iter().flat_map(|rows| rows.is.uses()));
        match &self.meaning {
            StatusMapping::Values(values) => {
                uses.extend(values.iter().flat_map(|(_, cell)| cell.uses()))
            }
            StatusMapping::Says(rows) => {
                uses.extend(rows.iter().flat_map(|(when, cell, _)| when.uses().chain(cell.uses())));
            }
        }
        uses
    }
}

impl StatusMapping {
    /// Whether it goes by what is said of a member.
    fn asks_said(&self) -> bool {
        match self {
            Self::Values(_) => true,
            Self::Says(rows) => rows.iter().any(|(when, ..)| when.asks("said")),
        }
    }
}

impl TeamRows {
    fn read(table: &mut Table<'_>, for_member: bool) -> Option<Self> {
        let pointer = |node: Option<Node<'_>>| {
            node.map(|node| Pointer::read(node.text()?, node.findings()))
                .map(Option::unwrap_or_default)
        };
        let list = pointer(table.get("rows"));
        let name = pointer(table.get("name"));
        let said = pointer(table.get("said"));
        let is = table.get("is");
        if list.is_none() && name.is_none() && said.is_none() && is.is_none() {
            return None;
        }
        // Of a table of statuses the key is the name, and where `is` says so of any other table.
        let has_keys = is.is_some() || said.is_none();
        let is_pattern = list.as_ref().is_some_and(Pointer::is_many);
        if !for_member && name.is_none() && (is_pattern || !has_keys) {
            let message = "nothing says whose a row is";
            let diagnostic = Diagnostic::new(table.span(), message, "`name` is missing").help(
                "a pointer: `name = \"/name\"`; where the rows are a table whose keys are the \
                 names, `is = \"{{agent}}\"`",
            );
            match is_pattern {
                true => table.findings().missing(&["name"], diagnostic),
                // They may be a table whose keys are the names: that an answer alone tells.
                false => table.findings().warning(diagnostic),
            }
        }
        let is = match is.and_then(|node| node.text()) {
            Some(text) => Template::read(text, table.findings()),
            None => Template::read(
                super::node::SpannedText::at("{{agent}}", table.span()),
                table.findings(),
            ),
        };
        Some(Self { list: list.unwrap_or_default(), name, said: said.unwrap_or_default(), is })
    }

    /// All that is said of the member; nothing where no row is the member's.
    fn said(
        &self,
        last: &Answer,
        for_member: bool,
        names: &mut Names<'_>,
    ) -> Result<Vec<Value>, Unreadable> {
        let is = self.is.text(names)?;
        let document = last.json().ok_or(Unreadable::NoJson)?;
        let rows: Vec<(Option<&str>, &Value)> = match self.list.find(document) {
            PointerMatch::All(rows) => rows.into_iter().map(|row| (None, row)).collect(),
            PointerMatch::One(Value::Array(rows)) => rows.iter().map(|row| (None, row)).collect(),
            PointerMatch::One(Value::Object(rows)) => {
                rows.iter().map(|(key, row)| (Some(key.as_str()), row)).collect()
            }
            PointerMatch::One(_) | PointerMatch::Nothing => return Err(Unreadable::NoRows),
        };
        let has_names = self.name.is_some() || rows.iter().all(|(key, _)| key.is_some());
        if !for_member && !has_names {
            return Err(Unreadable::NoNames);
        }
        let is_members = |(key, row): &(Option<&str>, &Value)| match &self.name {
            Some(name) => matches!(name.find(row), PointerMatch::One(name) if as_text(name) == is),
            // Of a list without names each row is the member's who was asked for.
            None => key.is_none_or(|key| key == is),
        };
        let said = rows.iter().filter(|row| is_members(row)).flat_map(|(_, row)| {
            match self.said.find(row) {
                PointerMatch::One(Value::Array(several)) => several.clone(),
                PointerMatch::One(one) => vec![one.clone()],
                PointerMatch::All(several) => several.into_iter().cloned().collect(),
                PointerMatch::Nothing => Vec::new(),
            }
        });
        Ok(said.collect())
    }
}

impl StatusMapping {
    fn read(table: &mut Table<'_>) -> Option<Self> {
        let (values, says) = (table.get("values"), table.get("says"));
        match (values, says) {
            (Some(values), None) => {
                let entries = values.table()?.entries();
                let cells = entries.filter_map(|(said, value)| {
                    Some((said.text.to_owned(), StatusCell::read::<AgentStatus>(value)?))
                });
                Some(Self::Values(cells.collect()))
            }
            (None, Some(says)) => {
                let rows: Vec<(RowCondition, StatusCell, Span)> =
                    says.one_or_more().into_iter().filter_map(Self::read_row).collect();
                check_reach(rows.iter().map(|(when, _, span)| (when, *span)), says.findings());
                Some(Self::Says(rows))
            }
            (Some(_), Some(says)) => {
                let diagnostic = Diagnostic::new(
                    says.span(),
                    "`values` and `says` say the same thing twice",
                    "one is enough",
                );
                says.findings().error(
                    diagnostic.help("`values` is a table by one value, `says` by any names"),
                );
                None
            }
            (None, None) => {
                let diagnostic = Diagnostic::new(
                    table.span(),
                    "nothing says what was said",
                    "`values` is missing",
                );
                let help = "`values = { available = \"online\", … }`, or a table `says`";
                table.findings().missing(&["values", "says"], diagnostic.help(help));
                None
            }
        }
    }

    fn read_row(node: Node<'_>) -> Option<(RowCondition, StatusCell, Span)> {
        let mut row = node.table()?;
        let when = row.get("when").map(RowCondition::read).unwrap_or_default();
        let status = row.require("status", "what a member is where this row holds");
        let status = status.and_then(StatusCell::read::<AgentStatus>);
        row.finish();
        Some((when, status?, node.span()))
    }

    fn status(
        &self,
        said: &Value,
        names: &mut Names<'_>,
    ) -> Result<PossibleStatuses<AgentStatus>, Unreadable> {
        let text = as_text(said);
        let mut here = KeptValues::new();
        here.put("said", said.clone());
        let mut names = names.with(&here);
        match self {
            Self::Values(values) => {
                if let Some((_, status)) = values.iter().find(|(value, _)| *value == text) {
                    return status.status(&mut names);
                }
            }
            Self::Says(rows) => {
                for (when, status, _) in rows {
                    if when.holds(&mut names)? {
                        return status.status(&mut names);
                    }
                }
            }
        }
        Err(Unreadable::NoRowHolds { said: Some(text) })
    }
}
