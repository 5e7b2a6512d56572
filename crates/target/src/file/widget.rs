//! What a visitor sees, and how it is read (rules T37 to T40 of target files).

use lamplighter_core::model::{Form, HiddenBecause, WidgetStatus};
use lamplighter_scenario::language::diagnostic::{Diagnostic, any_of};
use lamplighter_scenario::language::span::Span;
use serde_json::Value;

use super::finding::Findings;
use super::node::{Node, Table};
use super::possible::PossibleStatuses;
use super::says::{RowCondition, StatusCell, Unreadable, check_reach, status_of};
use super::template::{Json, KeptValues, NameUse, Names};
use super::value::as_text;

/// More of a value that no row describes is not told.
const SHOWN_CHARS_MAX: usize = 60;

/// The section `[widget]`; its steps stand with the others.
#[derive(Clone, PartialEq, Debug)]
pub enum WidgetSection {
    /// `from = "team"`: the rules fold the team (T39).
    Folded,
    /// `says`: the first row that holds.
    Says(Vec<SaysRow>),
}

/// A row of `says`.
#[derive(Clone, PartialEq, Debug)]
pub struct SaysRow {
    when: RowCondition,
    span: Span,
    status: Option<StatusCell>,
    chat: Option<Json>,
    form: Option<Json>,
    greeting: Option<Json>,
    shown: Option<Json>,
    hidden_because: Option<Json>,
}

/// What was read of a widget. What no row can tell is not there, and not tested.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ObservedWidget {
    /// The status, or the few that it may be (rules W1 to W6).
    pub status: Option<PossibleStatuses<WidgetStatus>>,
    /// Whether a visitor can start a chat (rules W1 to W6).
    pub chat: Option<bool>,
    /// The form that the visitor gets (rules C2, C3).
    pub form: Option<Form>,
    /// The greeting that the visitor reads (rule C1).
    pub greeting: Option<String>,
    /// Whether the visitor sees it (rules V1 to V4).
    pub shown: Option<bool>,
    /// Why the visitor does not see it (rules V1 to V4).
    pub hidden_because: Option<HiddenBecause>,
}

impl ObservedWidget {
    /// What an adapter says of a widget: the cells of `says` by their names (T53).
    ///
    /// # Errors
    /// Class *unreadable*, and why.
    pub fn of_cells(cells: &KeptValues) -> Result<Self, Unreadable> {
        let value = |name: &str| cells.get(name).filter(|value| !value.is_null()).cloned();
        let status = value("status").map(|status| status_of(&status)).transpose()?;
        let others = ["chat", "form", "greeting", "shown", "hidden_because"].map(value);
        let seen = Self::of_values(status, others)?;
        match seen.status.is_none() && seen.shown != Some(false) {
            true => Err(Unreadable::NoStatus),
            false => Ok(seen),
        }
    }

    /// What the cells beside the status come to: `chat`, `form`, `greeting`, `shown`, `hidden_because`.
    fn of_values(
        status: Option<PossibleStatuses<WidgetStatus>>,
        [chat, form, greeting, shown, hidden_because]: [Option<Value>; 5],
    ) -> Result<Self, Unreadable> {
        let hidden_because = word(hidden_because, "hidden_because", HiddenBecause::WORDS)?;
        let shown = flag(shown, "shown")?;
        Ok(Self {
            status,
            chat: flag(chat, "chat")?,
            form: word(form, "form", Form::WORDS)?,
            greeting: greeting.map(|greeting| as_text(&greeting)),
            shown: hidden_because.map(|_| false).or(shown),
            hidden_because,
        })
    }
}

impl WidgetSection {
    /// Reads the table, all but its steps.
    pub fn read(table: &mut Table<'_>) -> Option<Self> {
        let from = table.get("from");
        let folded = from.and_then(|node| node.word(&[("team", ())]));
        let says = table.get("says");
        match (from, says) {
            (Some(_), Some(says)) => {
                let label = "the rules fold the team: no row is asked";
                says.error("`says` does not stand beside `from = \"team\"`", label);
                None
            }
            (Some(_), None) => folded.map(|()| Self::Folded),
            (None, Some(says)) => {
                let rows: Vec<SaysRow> =
                    says.one_or_more().into_iter().filter_map(SaysRow::read).collect();
                check_reach(rows.iter().map(|row| (&row.when, row.span)), says.findings());
                Some(Self::Says(rows))
            }
            (None, None) => {
                let message = "nothing says what a widget shows";
                let diagnostic = Diagnostic::new(table.span(), message, "`says` is missing");
                let help = "rows by what was kept, `says = [{ when = { … }, status = \"…\" }, …]`; \
                            or `from = \"team\"`, where visitors see nothing else";
                table.findings().missing(&["says", "from"], diagnostic.help(help));
                None
            }
        }
    }

    /// What was read; what the read kept is the nearest of the names.
    ///
    /// # Errors
    /// Class *unreadable*, and why.
    pub fn seen(&self, names: &mut Names<'_>) -> Result<ObservedWidget, Unreadable> {
        for row in self.rows() {
            if row.when.holds(names)? {
                return row.seen(names);
            }
        }
        Err(Unreadable::NoRowHolds { said: self.asked(names) })
    }

    /// What stands in the names that rows ask for: `color = pink, open = true`.
    fn asked(&self, names: &Names<'_>) -> Option<String> {
        let mut asked: Vec<&str> = Vec::new();
        for (name, _) in self.whens().flat_map(RowCondition::names) {
            if !asked.contains(&name) {
                asked.push(name);
            }
        }
        let shown = asked.into_iter().filter_map(|name| {
            let value = as_text(names.get(name)?);
            Some(format!("{name} = {}", value.chars().take(SHOWN_CHARS_MAX).collect::<String>()))
        });
        let shown: Vec<String> = shown.collect();
        (!shown.is_empty()).then(|| shown.join(", "))
    }

    /// Whether any row can tell something.
    pub fn tells(&self, column: WidgetColumn) -> bool {
        match self {
            Self::Folded => column == WidgetColumn::Status,
            Self::Says(rows) => rows.iter().any(|row| row.tells(column)),
        }
    }

    /// Each row's names, with their places.
    pub fn whens(&self) -> impl Iterator<Item = &RowCondition> {
        self.rows().map(|row| &row.when)
    }

    /// Everything that is put into it.
    pub fn uses(&self) -> Vec<&NameUse> {
        self.rows().flat_map(SaysRow::uses).collect()
    }

    fn rows(&self) -> impl Iterator<Item = &SaysRow> {
        match self {
            Self::Folded => &[],
            Self::Says(rows) => &rows[..],
        }
        .iter()
    }
}

/// What rows can tell of a widget.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WidgetColumn {
    /// `status`: what the widget shows (rules W1 to W6).
    Status,
    /// `chat`: whether a chat can start (rules W1 to W6).
    Chat,
    /// `form`: the form that the visitor gets (rules C2, C3).
    Form,
    /// `greeting`: the text that the visitor reads (rule C1).
    Greeting,
    /// `shown` or `hidden_because`: whether the visitor sees it, and why not (rules V1 to V4).
    Visibility,
}

impl SaysRow {
    fn read(node: Node<'_>) -> Option<Self> {
        let mut table = node.table()?;
        let findings = node.findings();
        let when = table.get("when").map(RowCondition::read).unwrap_or_default();
        let status = table.get("status").map(StatusCell::read::<WidgetStatus>);
        let flag = |table: &mut Table<'_>, key| {
            table.get(key).and_then(|node| cell(node, key, &["true", "false"], false, findings))
        };
        let (chat, shown) = (flag(&mut table, "chat"), flag(&mut table, "shown"));
        let words =
            |words: &[(&'static str, Form)]| words.iter().map(|(w, _)| *w).collect::<Vec<_>>();
        let forms = words(Form::WORDS);
        let form = table.get("form").and_then(|node| cell(node, "form", &forms, true, findings));
        let greeting = table.get("greeting").and_then(Json::read);
        let reasons: Vec<&str> = HiddenBecause::WORDS.iter().map(|(word, _)| *word).collect();
        let hidden_because = table.get("hidden_because");
        let hidden_because =
            hidden_because.and_then(|node| cell(node, "hidden_because", &reasons, true, findings));
        table.finish();
        let row = Self {
            when,
            span: node.span(),
            status: status.clone().flatten(),
            chat,
            form,
            greeting,
            shown,
            hidden_because,
        };
        let is_hidden = row.shown.as_ref().and_then(Json::as_plain) == Some(Value::Bool(false));
        if row.hidden_because.is_some()
            && row.shown.as_ref().and_then(Json::as_plain) == Some(Value::Bool(true))
        {
            let label = "`hidden_because` implies `shown = false`";
            node.error("what is shown is not hidden", label);
        }
        if status.is_none() && row.hidden_because.is_none() && !is_hidden {
            let label = "only a hidden widget has none";
            node.error("this row names no `status`", label);
        }
        Some(row)
    }

    fn seen(&self, names: &mut Names<'_>) -> Result<ObservedWidget, Unreadable> {
        let status = self.status.as_ref().map(|cell| cell.status(names)).transpose()?;
        let mut value = |cell: &Option<Json>| -> Result<Option<Value>, Unreadable> {
            Ok(cell.as_ref().map(|cell| cell.value(names)).transpose()?)
        };
        ObservedWidget::of_values(
            status,
            [
                value(&self.chat)?,
                value(&self.form)?,
                value(&self.greeting)?,
                value(&self.shown)?,
                value(&self.hidden_because)?,
            ],
        )
    }

    fn tells(&self, column: WidgetColumn) -> bool {
        match column {
            WidgetColumn::Status => self.status.is_some(),
            WidgetColumn::Chat => self.chat.is_some(),
            WidgetColumn::Form => self.form.is_some(),
            WidgetColumn::Greeting => self.greeting.is_some(),
            WidgetColumn::Visibility => self.shown.is_some() || self.hidden_because.is_some(),
        }
    }

    fn uses(&self) -> Vec<&NameUse> {
        let Self { when, span: _, status, chat, form, greeting, shown, hidden_because } = self;
        let cells = [chat, form, greeting, shown, hidden_because].into_iter().flatten();
        let of_status = status.iter().flat_map(StatusCell::uses);
        when.uses().chain(of_status).chain(cells.flat_map(Json::uses)).collect()
    }
}

/// Reads a cell; a plain one must be one of the words, as a text or (for booleans) as what it says.
fn cell(
    node: Node<'_>,
    column: &str,
    words: &[&'static str],
    is_text: bool,
    findings: &Findings,
) -> Option<Json> {
    let json = Json::read(node)?;
    let Some(plain) = json.as_plain() else { return Some(json) };
    if words.contains(&as_text(&plain).as_str()) && plain.is_string() == is_text {
        return Some(json);
    }
    let found = as_text(&plain);
    let known = words.iter().copied();
    let diagnostic = Diagnostic::new(
        node.span(),
        format!("`{column}` cannot be `{found}`"),
        format!("expected {}", any_of(known.clone())),
    );
    findings.error(diagnostic.did_you_mean(&found, known));
    None
}

/// A boolean, or a text that says one.
fn flag(value: Option<Value>, column: &'static str) -> Result<Option<bool>, Unreadable> {
    word(value, column, &[("true", true), ("false", false)])
}

/// What a word stands for; an empty text and null say nothing.
fn word<T: Copy>(
    value: Option<Value>,
    column: &'static str,
    words: &[(&'static str, T)],
) -> Result<Option<T>, Unreadable> {
    let found = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => as_text(&value),
    };
    match words.iter().find(|(word, _)| *word == found) {
        Some((_, value)) => Ok(Some(*value)),
        None if found.is_empty() => Ok(None),
        None => Err(Unreadable::NotOfColumn { column, found }),
    }
}
