//! Strings that have a form, as far as no type of the model is read from them and written so.

use std::fmt;

use chrono::NaiveDate;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use lamplighter_core::model::text::{self, TextError};

/// A text of the scenario language inside a JSON document: read by the language's own rules, and
/// written as the language writes it.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident($inner:ty) read $read:path, write $write:expr;)*) => {$(
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
                struct TextVisitor;

                impl Visitor<'_> for TextVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a string")
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$name, E> {
                        $read(text).map($name).map_err(E::custom)
                    }
                }

                from.deserialize_str(TextVisitor)
            }
        }
    )*};
}

texts! {
    /// The name of a property, widget, agent or device.
    Name(String) read read_name, write String::clone;
    /// `2026-12-25` (rule S5).
    Date(NaiveDate) read text::date, write |date| text::write_date(*date);
    /// `mon` to `sun`, as a number from zero.
    Day(usize) read read_day, write |day| text::WEEKDAYS[*day].0.to_owned();
}

fn read_name(text: &str) -> Result<String, TextError> {
    text::name(text).map(str::to_owned)
}

fn read_day(text: &str) -> Result<usize, TextError> {
    text::weekday(text).map(|day| day.num_days_from_monday() as usize)
}
