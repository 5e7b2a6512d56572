//! Values that were kept, and how they are compared and written (rules T10, T11 of target files).

use chrono::DateTime;
use lamplighter_core::model::Instant;
use serde_json::Value;

/// Seconds since 1970 are below this number and milliseconds above it, from 1973 to the year 5138.
const FIRST_MILLIS: f64 = 1e11;

/// A value as text: a text as it is, anything else as its JSON text, whole numbers without a point.
pub fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if !number.is_i64() && !number.is_u64() && is_whole(float) => {
                format!("{float:.0}")
            }
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// Whether a number has no fraction, and is small enough for that to be certain.
fn is_whole(number: f64) -> bool {
    const CERTAIN_MAX: f64 = 9_007_199_254_740_992.0;
    number.fract() == 0.0 && number.abs() <= CERTAIN_MAX
}

/// Whether two values are the same: with their types, but 1 and 1.0 are one number.
pub fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other
                || one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| one == other)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let holds = |(key, value)| other.get(key).is_some_and(|other| is_same(value, other));
            one.len() == other.len() && one.iter().all(holds)
        }
        _ => one == other,
    }
}

/// The instant that a value names: RFC 3339, or seconds or milliseconds since 1970 by its size.
pub fn as_instant(value: &Value) -> Option<Instant> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => match DateTime::parse_from_rfc3339(text.trim()) {
            Ok(at) => return Instant::from_millis(at.timestamp_millis()),
            Err(_) => text.trim().parse().ok()?,
        },
        _ => return None,
    };
    let millis = if number.abs() < FIRST_MILLIS { number * 1_000.0 } else { number };
    Instant::from_millis(millis.round() as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn t11_values_are_the_same_with_their_types_alone() {
        for (one, other, same) in [
            (json!(1), json!(1.0), true),
            (json!("1"), json!(1), false),
            (json!("a"), json!("a"), true),
            (json!(true), json!("true"), false),
            (json!([1, "a"]), json!([1.0, "a"]), true),
            (json!([1, 2]), json!([2, 1]), false),
            (json!({ "a": 1 }), json!({ "a": 1.0 }), true),
            (json!({ "a": 1 }), json!({ "a": 1, "b": 2 }), false),
            (json!(u64::MAX), json!(u64::MAX), true),
        ] {
            assert_eq!(is_same(&one, &other), same, "{one} {other}");
        }
    }

    #[test]
    fn t11_values_are_written_as_text_without_quotes_or_needless_points() {
        for (value, text) in [
            (json!(true), "true"),
            (json!(1), "1"),
            (json!(1.0), "1"),
            (json!(-2.5), "-2.5"),
            (json!("a \"b\""), "a \"b\""),
            (json!(["a", 1]), "[\"a\",1]"),
            (json!(u64::MAX), "18446744073709551615"),
        ] {
            assert_eq!(as_text(&value), text);
        }
    }

    #[test]
    fn t43_an_instant_is_rfc_3339_or_seconds_or_milliseconds_by_its_size() {
        for (value, ms) in [
            (json!("2026-03-09T13:55:00.000Z"), Some(1_773_064_500_000)),
            (json!("2026-03-09T14:55:00+01:00"), Some(1_773_064_500_000)),
            (json!(1_773_064_500), Some(1_773_064_500_000)),
            (json!("1773064500"), Some(1_773_064_500_000)),
            (json!(1_773_064_500.25), Some(1_773_064_500_250)),
            (json!(1_773_064_500_123_u64), Some(1_773_064_500_123)),
            (json!("soon"), None),
            (json!(true), None),
            (json!(f64::MAX), None),
        ] {
            assert_eq!(as_instant(&value).map(Instant::as_millis), ms, "{value}");
        }
    }
}
