//! Numbers, and texts from outside, as every report prints them.

pub use lamplighter_scenario::figures::{counted, thousands};

/// A text from outside without what could command a terminal.
pub fn clean(text: &str) -> String {
    text.replace(|c: char| c.is_control(), "\u{fffd}")
}

/// Writes a number to one place, as `1,204.5`.
pub fn decimal(number: f64) -> String {
    let tenths = (number * 10.0).round() as u64;
    format!("{}.{}", thousands(tenths / 10), tenths % 10)
}
