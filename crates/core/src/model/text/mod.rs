//! Scalars as people write them: each is read here and printed here, and nowhere else. The scenario
//! language, JSON documents, options of the command line and traces all take these texts.
//!
//! | file | scalars |
//! | --- | --- |
//! | `time` | instants, dates, times of day, lengths of time |
//! | `hours` | weekdays and intervals of hours |
//! | `dates` | the dates of entries, and several weekdays |
//! | `meant`, `dates_meant` | hours, days, lengths of time and dates as people write them elsewhere |
//! | `countries` | the codes of ISO 3166-1, and those that people write in their place |
//! | `words` | names, countries and page patterns |

mod countries;
mod dates;
mod dates_meant;
mod hours;
mod meant;
mod time;
mod words;

use thiserror::Error;

use super::dates::{Dates, Weekdays};
use super::hours::Interval;
use super::time::{Instant, Millis};

pub use countries::{CountryMeant, country_codes, country_meant_by_code, country_name};
pub use dates::{MONTHS, no_days};
pub use dates_meant::dates_meant;
pub use hours::{WEEKDAYS, every_weeks_expected, weekday, weekday_word};
pub use meant::{days_meant, hours_meant, is_dash, length_meant};
pub use time::{
    INSTANT_YEARS, date, fixed_offset_s, instant_of_a_trace, time_of_day, two_units, write_date,
    write_local, write_time_of_day,
};
pub use words::{Country, NAMES, PagePattern, name};

/// Why a text is not the scalar that it was read as, for whoever wrote it.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{message}: {expected}{}", help.as_ref().map(|help| format!("; {help}")).unwrap_or_default())]
pub struct TextError {
    /// What is wrong, which quotes the text.
    pub message: String,
    /// What was expected in its place, or the rule that it breaks.
    pub expected: &'static str,
    /// What to write instead, where that helps.
    pub help: Option<String>,
    /// The text that was meant, of which the help speaks, where one is known.
    pub meant: Option<String>,
}

impl TextError {
    pub(crate) fn new(message: String, expected: &'static str) -> Self {
        Self { message, expected, help: None, meant: None }
    }

    fn meant(self, meant: impl Into<String>) -> Self {
        Self { meant: Some(meant.into()), ..self }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// In documents a scalar is its text, which `$write` adds to some bytes.
macro_rules! as_text {
    ($($scalar:ty: $write:expr;)*) => {$(
        impl serde::Serialize for $scalar {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut text = Vec::with_capacity(24);
                let write: fn(&Self, &mut Vec<u8>) = $write;
                write(self, &mut text);
                serializer.serialize_str(str::from_utf8(&text).expect("digits, letters and signs"))
            }
        }

        impl<'de> serde::Deserialize<'de> for $scalar {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Reader;

                impl serde::de::Visitor<'_> for Reader {
                    type Value = $scalar;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$scalar, E> {
                        text.parse().map_err(E::custom)
                    }
                }

                from.deserialize_str(Reader)
            }
        }
    )*};
}

as_text! {
    Instant: |at, text| at.write_to(text);
    Millis: display;
    Interval: display;
    Dates: display;
    Weekdays: display;
    Country: display;
    PagePattern: display;
}

fn display(scalar: &impl std::fmt::Display, text: &mut Vec<u8>) {
    text.extend_from_slice(scalar.to_string().as_bytes());
}

/// The numbers in a text of exactly this shape, where `d` stands for a digit.
fn fields(text: &str, shape: &str) -> Option<Vec<u32>> {
    if text.len() != shape.len() {
        return None;
    }
    let mut fields = vec![0];
    for (c, expected) in text.bytes().zip(shape.bytes()) {
        match (c, expected) {
            (b'0'..=b'9', b'd') => {
                let last = fields.last_mut()?;
                *last = *last * 10 + u32::from(c - b'0');
            }
            (c, expected) if c == expected && c != b'd' => fields.push(0),
            _ => return None,
        }
    }
    Some(fields)
}
