//! Strings that have a form: read by the scenario language's own rules, and written as the language
//! writes them.

use std::fmt;

use chrono::NaiveDate;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use lamplighter_core::model::{Instant, Interval, Millis, NAME_CODE_POINTS_MAX, is_name};
use lamplighter_core::pages::Pattern;
use lamplighter_scenario::language as scenario;

/// A text of the scenario language inside a JSON document: read by the language's own rules, and
/// written as the language writes it.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident($inner:ty) read $read:expr, write $write:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub $inner);

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let write: fn(&$inner) -> String = $write;
                serializer.serialize_str(&write(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Reader;

                impl Visitor<'_> for Reader {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a string")
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$name, E> {
                        let read: fn(&str) -> Result<$inner, String> = $read;
                        read(text).map($name).map_err(E::custom)
                    }
                }

                from.deserialize_str(Reader)
            }
        }
    )*};
}

texts! {
    /// The name of a property, widget, agent or device.
    Name(String) read read_name, write String::clone;
    /// `09:00-17:00` (rules S3, S4).
    Hours(Interval) read scenario::parse_interval_alone, write Interval::to_string;
    /// `2026-12-25` (rule S5).
    Date(NaiveDate)
        read scenario::parse_date_alone, write |date| Instant::write_date(*date);
    /// `mon` to `sun`, as a number from zero.
    Day(usize) read read_day, write |day| day_word(*day).to_owned();
    /// A length of time: `90s`, `1h30m`.
    Length(Millis) read scenario::parse_duration_alone, write Millis::to_string;
    /// ISO 3166-1 alpha-2: two capital letters, not looked up (rule V2).
    Country(String) read read_country, write String::clone;
    /// A page pattern (rule V1).
    PagePattern(String) read read_pattern, write String::clone;
    /// An instant, RFC 3339 with its seconds.
    When(Instant) read scenario::parse_instant_alone, write Instant::to_string;
}

fn read_name(text: &str) -> Result<String, String> {
    match is_name(text) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "`{text}` cannot be a name: names are 1 to {NAME_CODE_POINTS_MAX} letters, marks and \
             digits, `.`, `_`, `-`"
        )),
    }
}

/// The weekdays as their keys are, from Monday on.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn day_word(day: usize) -> &'static str {
    DAYS[day % DAYS.len()]
}

fn read_day(text: &str) -> Result<usize, String> {
    let day = DAYS.iter().position(|day| *day == text);
    day.ok_or_else(|| format!("`{text}` is no weekday: expected `mon` to `sun`"))
}

fn read_country(text: &str) -> Result<String, String> {
    match text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is no country: expected two capital letters, as in `DE`")),
    }
}

fn read_pattern(text: &str) -> Result<String, String> {
    match text.parse::<Pattern>() {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// An instant, RFC 3339 with its seconds.
///
/// # Errors
/// When it is none.
pub fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<Instant, D::Error> {
    When::deserialize(from).map(|When(at)| at)
}

/// An instant, or null for never.
///
/// # Errors
/// When it is neither.
pub fn instant_or_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Instant>, D::Error> {
    Option::<When>::deserialize(from).map(|at| at.map(|When(at)| at))
}
