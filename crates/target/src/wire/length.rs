//! Lengths of time in documents: as the language writes them, or as a number of seconds.

use std::fmt;

use lamplighter_core::model::Millis;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// The longest that a number says: what is longer is written as text.
const SECONDS_MAX: f64 = 1e11;

/// Reads `"2m"`, or `120`.
///
/// # Errors
/// What is no length.
pub fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Millis, D::Error> {
    from.deserialize_any(LengthVisitor)
}

/// The same where null is none.
///
/// # Errors
/// What is no length.
pub fn read_optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Millis>, D::Error> {
    struct Length(Millis);

    impl<'de> Deserialize<'de> for Length {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            read(from).map(Self)
        }
    }

    Ok(Option::<Length>::deserialize(from)?.map(|Length(length)| length))
}

struct LengthVisitor;

impl Visitor<'_> for LengthVisitor {
    type Value = Millis;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"2m\", or a number of seconds")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Millis, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Millis, E> {
        seconds.checked_mul(1_000).map(Millis).ok_or_else(|| E::custom("the length is too long"))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Millis, E> {
        let seconds = u64::try_from(seconds);
        seconds.map_err(|_| E::custom("no length is below zero")).and_then(|s| self.visit_u64(s))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Millis, E> {
        match (0.0..=SECONDS_MAX).contains(&seconds) {
            true => Ok(Millis((seconds * 1_000.0).round() as u64)),
            false => Err(E::custom("no length of time")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use crate::wire::TimingDocument;
    use lamplighter_core::model::Millis;

    #[test]
    fn lengths_are_texts_of_the_language_or_numbers_of_seconds() {
        for (said, grace) in [
            (json!("2m"), Some(120_000)),
            (json!(120), Some(120_000)),
            (json!(1.5), Some(1_500)),
            (json!(0), Some(0)),
            (json!(-1), None),
            (json!("soon"), None),
            (json!(true), None),
            (json!(u64::MAX), None),
            (json!(null), None),
        ] {
            let read: Result<TimingDocument, _> =
                from_value(json!({ "grace": said, "auto_away": null }));
            assert_eq!(read.ok().map(|read| read.grace), grace.map(Millis), "{said}");
        }
        let read: TimingDocument = from_value(json!({ "auto_away": 600 })).expect("a length");
        assert_eq!(read.auto_away, Some(Millis(600_000)));
    }
}
