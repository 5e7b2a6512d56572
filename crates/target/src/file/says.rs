//! Tables that say what an answer means: the first row that holds decides (rules T11, T37, T38 of
//! target files).

use lamplighter_scenario::language::diagnostic::{Diagnostic, any_of};
use lamplighter_scenario::language::span::Span;
use serde_json::Value;
use thiserror::Error;

use super::node::{Node, Table};
use super::possible::{PossibleStatuses, Status};
use super::template::{Json, NameUse, Names, RenderError, Template};
use super::value::{as_text, is_same};

/// Why an answer that arrived whole says nothing that can be judged: class *unreadable* (T6).
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Unreadable {
    /// It is no JSON, where rows are looked for.
    #[error("the answer is no JSON")]
    NoJson,
    /// There are no rows where they are looked for.
    #[error("the answer has no rows")]
    NoRows,
    /// Its rows are a list, and nothing says whose each is.
    #[error("the rows are a list, and there is no `name` that says whose each is")]
    NoNames,
    /// What it says is in no row of the table.
    #[error("no row of the table says what {} is", said.as_deref().map_or("this".to_owned(), |said| format!("`{said}`")))]
    NoRowHolds {
        /// What was said, where it is one value.
        said: Option<String>,
    },
    /// A cell came to something that the column cannot be.
    #[error("`{found}` is no `{column}`")]
    NotOfColumn {
        /// The column of the table, such as `status` or `chat`.
        column: &'static str,
        /// The text that the cell came to.
        found: String,
    },
    /// An adapter says no status of a widget that is not hidden.
    #[error("the answer says no `status`")]
    NoStatus,
    /// A name that the table asks for has no value.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// The names that a row asks for, and what each may be. Without any it always holds.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RowCondition {
    /// Each name with the values of which it must be one.
    wants: Vec<(String, Span, Vec<Json>)>,
}

impl RowCondition {
    /// Whether it asks for what is kept under a name.
    pub fn asks(&self, name: &str) -> bool {
        self.wants.iter().any(|(wanted, ..)| wanted == name)
    }

    /// Reads the `when` of a row.
    pub fn read(node: Node<'_>) -> Self {
        let table = node.table();
        let entries = table.iter().flat_map(Table::entries);
        let wants = entries.map(|(name, value)| {
            let any = value.one_or_more().into_iter().filter_map(Json::read).collect();
            (name.text.to_owned(), name.span, any)
        });
        Self { wants: wants.collect() }
    }

    /// Whether it holds of the names.
    ///
    /// # Errors
    /// When a name was not kept.
    pub fn holds(&self, names: &mut Names<'_>) -> Result<bool, RenderError> {
        for (name, _, any) in &self.wants {
            let Some(value) = names.get(name) else {
                return Err(RenderError::NotKept { name: name.clone() });
            };
            let mut is_one = false;
            for wanted in any {
                is_one = is_one || is_same(value, &wanted.value(names)?);
            }
            if !is_one {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether it holds wherever another does: a row behind it with the other is never reached.
    pub fn covers(&self, other: &Self) -> bool {
        self.wants.iter().all(|(name, _, any)| {
            other.wants.iter().any(|(other, _, wanted)| {
                other == name && wanted.iter().all(|one| any.iter().any(|any| means_same(any, one)))
            })
        })
    }

    /// Whether it always holds.
    pub fn is_always(&self) -> bool {
        self.wants.is_empty()
    }

    /// Every name that it asks for, with its place.
    pub fn names(&self) -> impl Iterator<Item = (&str, Span)> {
        self.wants.iter().map(|(name, span, _)| (name.as_str(), *span))
    }

    /// Everything that is put into it.
    pub fn uses(&self) -> impl Iterator<Item = &NameUse> {
        self.wants.iter().flat_map(|(_, _, any)| any).flat_map(Json::uses)
    }
}

fn means_same(one: &Json, other: &Json) -> bool {
    match (one.as_plain(), other.as_plain()) {
        (Some(one), Some(other)) => is_same(&one, &other),
        _ => false,
    }
}

/// A cell that names a status, or several of which it is one (T38).
#[derive(Clone, PartialEq, Debug)]
pub struct StatusCell {
    any: Vec<Json>,
}

impl StatusCell {
    /// Reads a word, a template, or a list of them; words that are no status go to the findings.
    pub fn read<T: Status>(node: Node<'_>) -> Option<Self> {
        let mut any = Vec::new();
        for one in node.one_or_more() {
            let json = Json::read(one)?;
            let plain = json.as_plain();
            let word = plain.as_ref().and_then(Value::as_str);
            if plain.is_some() && !T::WORDS.iter().any(|(known, _)| Some(*known) == word) {
                let known = T::WORDS.iter().map(|(word, _)| *word);
                let found = plain.as_ref().map(as_text).unwrap_or_default();
                let message = format!("`{found}` is no status");
                let label = format!("expected {}", any_of(known.clone()));
                one.findings()
                    .error(Diagnostic::new(one.span(), message, label).did_you_mean(&found, known));
                return None;
            }
            any.push(json);
        }
        if any.is_empty() {
            node.error("an empty list is no status", "one or more statuses");
            return None;
        }
        Some(Self { any })
    }

    /// One word that stands in no file.
    pub fn plain(word: &str, span: Span) -> Self {
        Self { any: vec![Json::Text(Template::plain(word, span))] }
    }

    /// What it is.
    ///
    /// # Errors
    /// When a template comes to something that is no status.
    pub fn status<T: Status>(
        &self,
        names: &mut Names<'_>,
    ) -> Result<PossibleStatuses<T>, Unreadable> {
        let mut found: Option<PossibleStatuses<T>> = None;
        for one in &self.any {
            let status = just(&one.value(names)?)?;
            found = Some(found.map_or(status, |found| found.or(status)));
        }
        found.ok_or(Unreadable::NoRowHolds { said: None })
    }

    /// Everything that is put into it.
    pub fn uses(&self) -> impl Iterator<Item = &NameUse> {
        self.any.iter().flat_map(Json::uses)
    }
}

/// The status that a value says, or the few of a list (T38).
///
/// # Errors
/// When it says something that is no status.
pub fn status_of<T: Status>(value: &Value) -> Result<PossibleStatuses<T>, Unreadable> {
    let any = match value {
        Value::Array(any) => &any[..],
        one => std::slice::from_ref(one),
    };
    let (first, others) = any.split_first().ok_or(Unreadable::NoStatus)?;
    others.iter().try_fold(just(first)?, |found, other| Ok(found.or(just(other)?)))
}

fn just<T: Status>(value: &Value) -> Result<PossibleStatuses<T>, Unreadable> {
    let word = T::WORDS.iter().find(|(word, _)| value.as_str() == Some(*word));
    let (_, status) =
        word.ok_or_else(|| Unreadable::NotOfColumn { column: "status", found: as_text(value) })?;
    Ok(PossibleStatuses::just(*status))
}

/// Says of rows that are never reached why not, and of one without `when` that it must be the last.
pub fn check_reach<'a>(
    rows: impl IntoIterator<Item = (&'a RowCondition, Span)>,
    findings: &super::finding::Findings,
) {
    let rows: Vec<(&RowCondition, Span)> = rows.into_iter().collect();
    for (index, (when, span)) in rows.iter().enumerate() {
        let covering = rows[..index].iter().find(|(earlier, _)| earlier.covers(when));
        let Some((earlier, _)) = covering else { continue };
        let label = match earlier.is_always() {
            true => "a row before it has no `when` and always holds",
            false => "a row before it holds wherever this one does",
        };
        let diagnostic = Diagnostic::new(*span, "this row is never reached", label);
        findings
            .error(diagnostic.help("the first row that holds decides: put the narrower one first"));
    }
}
