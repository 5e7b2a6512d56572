//! What can be wrong with a row: found in passing, and put into words only where it is told.

use std::path::Path;

use super::{COLUMNS, Diagnostic, Fault, RowStart, hint};
use crate::model::{Action, Chosen, Instant, NAME_CODE_POINTS_MAX};

/// That a row is not UTF-8.
pub(super) const NOT_UTF_8: &str = "the row is not UTF-8";

/// The message of how many fields a row has.
pub(super) fn fields_found(count: usize) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("the row has {count} field{s}")
}

/// The message and the label of a text that is no instant.
pub(super) fn no_instant(text: &str) -> (String, String) {
    let label = "expected RFC 3339 in the years 0001 to 9999, e.g. `2026-03-09T13:55:00Z`";
    (format!("`{text}` is not an instant"), label.to_owned())
}

/// The message and the label of a row before the row before it, which is then.
pub(super) fn out_of_order(last_at: Instant) -> (String, String) {
    ("the rows are not in time order".to_owned(), format!("the row before is at {last_at}"))
}

/// What is wrong with a row.
#[derive(Clone, Copy)]
pub enum RowFault<'a> {
    /// A quote stands where RFC 4180 has none.
    Quote,
    /// It is not UTF-8.
    Encoding,
    /// It has so many fields.
    Fields(usize),
    /// Its first field is no instant.
    Instant(&'a str),
    /// It is before the row before it, which is then.
    Order(Instant),
    /// This cannot be an agent's name.
    Agent(&'a str),
    /// This is no action.
    Action(&'a str),
    /// This action needs a device.
    NoDevice(&'a str),
    /// This cannot be a device's name.
    Device(&'a str),
}

impl<'a> RowFault<'a> {
    /// Which kind of fault it is.
    pub fn fault(self) -> Fault {
        match self {
            Self::Quote => Fault::Quote,
            Self::Encoding => Fault::Encoding,
            Self::Fields(_) => Fault::Fields,
            Self::Instant(_) => Fault::Instant,
            Self::Order(_) => Fault::Order,
            Self::Agent(_) => Fault::Agent,
            Self::Action(_) => Fault::Action,
            Self::NoDevice(_) | Self::Device(_) => Fault::Device,
        }
    }

    /// The word that is at fault, where rows with the same one have one fault together.
    pub fn word(self) -> Option<&'a str> {
        match self {
            Self::Action(word) => Some(word),
            _ => None,
        }
    }

    /// The field that is at fault; `None` for the row as a whole.
    fn field(self) -> Option<usize> {
        match self {
            Self::Quote | Self::Encoding | Self::Fields(_) => None,
            Self::Instant(_) | Self::Order(_) => Some(0),
            Self::Agent(_) => Some(1),
            Self::NoDevice(_) | Self::Device(_) => Some(2),
            Self::Action(_) => Some(3),
        }
    }

    /// The same in words, with the line that has it.
    pub fn tell(self, path: &Path, place: RowStart) -> Box<Diagnostic> {
        let (message, label) = match self {
            Self::Quote => return Diagnostic::of_misplaced_quote(path, place),
            Self::Encoding => (NOT_UTF_8.into(), "save the trace as UTF-8".into()),
            Self::Fields(count) => {
                if let Some(diagnostic) = Diagnostic::of_unclosed_quote(path, place) {
                    return diagnostic;
                }
                let label = format!("expected {}: {}", COLUMNS.len(), COLUMNS.join(","));
                (fields_found(count), label)
            }
            Self::Instant(at) => no_instant(at),
            Self::Order(last_at) => out_of_order(last_at),
            Self::Agent(agent) => (
                format!("`{agent}` cannot be the name of an agent"),
                "expected a member of a property".to_owned(),
            ),
            Self::Action(action) => {
                let status = action.split_once(" for").map(|(status, _)| status);
                let label = match status.filter(|status| Chosen::from_word(status).is_some()) {
                    Some(status) => format!("expected `{status}`, or `{status} for` a time"),
                    None => {
                        let words: Vec<&str> =
                            Action::WORDS.iter().map(|(word, _)| *word).collect();
                        format!("expected one of {}", words.join(" "))
                    }
                };
                (format!("`{action}` is not an action"), label)
            }
            Self::NoDevice(action) => (
                format!("`{action}` needs a device"),
                "only logout, online, away and invisible can be for all devices".to_owned(),
            ),
            Self::Device(device) => (
                format!("`{device}` cannot be the name of a device"),
                format!(
                    "names are 1 to {NAME_CODE_POINTS_MAX} printable characters, with single \
                     blanks between"
                ),
            ),
        };
        let hint = match self {
            Self::Instant(at) => hint::of_instant(at),
            Self::Action(action) => hint::of_action(action),
            _ => None,
        };
        let at_fault = (self.fault(), self.field());
        Diagnostic::of_row(path, place, at_fault, message, &label).hinted(hint)
    }
}
