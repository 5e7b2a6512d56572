//! The columns that a mapping names, each once, and which of them say what.

use crate::log::{Field, Row};
use crate::mapping::{Called, Columns, Mapping};

/// Places of columns among those for which a log is opened.
pub struct Roles {
    /// The places of the columns that say when an event happens, several to be joined.
    pub at: Vec<usize>,
    /// The places of those that say when an interval begins.
    pub from: Vec<usize>,
    /// The places of those that say when it ends.
    pub to: Vec<usize>,
    /// The places of those that say how long it lasts instead.
    pub duration: Vec<usize>,
    /// The places of the agent's name, and of its substitute.
    pub agent: Alternatives,
    /// The places of the device's name, and of its substitute; both may be empty.
    pub device: Alternatives,
    /// The places of the property's name, and of its substitute; both may be empty.
    pub property: Alternatives,
    /// The place of the column of each of the mapping's steps, in their order.
    pub actions: Vec<usize>,
}

/// The columns of a name, and those to look at where they are empty.
pub struct Alternatives {
    columns: Vec<usize>,
    or: Vec<usize>,
}

/// Which columns a log is opened for, how many of them it must have, and what they say.
pub fn roles(mapping: &Mapping) -> (Vec<String>, usize, Roles) {
    let mut names: Vec<String> = Vec::new();
    let mut places = |columns: &Columns| -> Vec<usize> {
        let place = |name: &String| {
            names.iter().position(|known| known == name).unwrap_or_else(|| {
                names.push(name.clone());
                names.len() - 1
            })
        };
        columns.iter().map(|column| &column.node).map(place).collect()
    };
    let time = &mapping.time;
    let (at, from) = (places(&time.at), places(&time.from));
    let (to, duration) = (places(&time.to), places(&time.duration));
    let actions = mapping.actions.iter().map(|step| step.column.clone()).collect();
    let actions = places(&actions);
    let agent = match mapping.agent.or.is_empty() {
        true => places(&mapping.agent.columns),
        false => Vec::new(),
    };
    let needed = {
        let all = [&at, &from, &to, &duration, &actions, &agent];
        all.into_iter().flatten().max().map_or(0, |last| last + 1)
    };
    let mut alternatives =
        |called: &Called| Alternatives { columns: places(&called.columns), or: places(&called.or) };
    let agent = alternatives(&mapping.agent);
    let device = alternatives(&mapping.device.called);
    let property = alternatives(&mapping.property.called);
    (names, needed, Roles { at, from, to, duration, agent, device, property, actions })
}

/// Why the text of columns cannot be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoText {
    /// The row ends before a column.
    Missing,
    /// This column's bytes are no text.
    NotUtf8(usize),
}

/// The texts of columns with a blank between, put together in `into` where there are several.
///
/// # Errors
/// [`NoText`] of the first column that the row does not have, or whose bytes are no UTF-8.
#[inline]
pub fn text<'r>(
    row: &'r Row<'_>,
    columns: &[usize],
    into: &'r mut String,
) -> Result<&'r str, NoText> {
    let field = |column: usize| match row.field(column) {
        Field::Text(text) => Ok(text),
        Field::Missing => Err(NoText::Missing),
        Field::NotUtf8 => Err(NoText::NotUtf8(column)),
    };
    if let &[column] = columns {
        return field(column);
    }
    into.clear();
    for &column in columns {
        let text = field(column)?.trim();
        if !into.is_empty() && !text.is_empty() {
            into.push(' ');
        }
        into.push_str(text);
    }
    Ok(into)
}

impl Alternatives {
    /// Whether there are any columns.
    pub fn is_none(&self) -> bool {
        self.columns.is_empty()
    }

    /// The column to underline: the first, which is there where one is asked for.
    pub fn first(&self) -> usize {
        self.columns.first().copied().unwrap_or(0)
    }

    /// The text of the columns, or of those to look at where they are empty.
    ///
    /// # Errors
    /// As [`text`].
    #[inline]
    pub fn text<'r>(&self, row: &'r Row<'_>, into: &'r mut String) -> Result<&'r str, NoText> {
        if self.or.is_empty() {
            return text(row, &self.columns, into);
        }
        let is_empty = text(row, &self.columns, into)?.trim().is_empty();
        text(row, if is_empty { &self.or } else { &self.columns }, into)
    }
}
