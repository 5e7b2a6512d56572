//! Values of options of `serve`, as typed.

use lamplighter_core::model::text::TextError;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_service::CLOCK_JUMP_LEAST;

/// A clock as typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockChoice {
    /// The clock of the machine.
    System,
    /// One that stands until it is put.
    Manual(Instant),
}

/// Reads `system` or `manual:INSTANT`.
pub fn clock(text: &str) -> Result<ClockChoice, String> {
    match text.strip_prefix("manual:") {
        Some(instant) => {
            instant.parse().map(ClockChoice::Manual).map_err(|error: TextError| error.to_string())
        }
        None if text == "system" => Ok(ClockChoice::System),
        None => Err("expected `system` or `manual:2026-03-09T13:55:00Z`".to_owned()),
    }
}

/// How long something is kept; `None` for good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keeping(pub Option<Millis>);

/// Reads a duration, or `forever`.
pub fn keeping(text: &str) -> Result<Keeping, String> {
    match text {
        "forever" => Ok(Keeping(None)),
        _ => some_time(text).map(|keep| Keeping(Some(keep))),
    }
}

/// Reads a duration that is not over at once.
pub fn some_time(text: &str) -> Result<Millis, String> {
    match text.parse() {
        Ok(Millis(0)) => Err("expected a duration longer than none".to_owned()),
        read => read.map_err(|error: TextError| error.to_string()),
    }
}

/// Reads how far the clock may jump: any clock is read with some error, and one that may not err stops all writes.
pub fn clock_jump(text: &str) -> Result<Millis, String> {
    match text.parse() {
        Ok(jump) if jump < CLOCK_JUMP_LEAST => Err(format!(
            "expected a second at least ({CLOCK_JUMP_LEAST}): clocks of machines are put right by less all the time"
        )),
        read => read.map_err(|error: TextError| error.to_string()),
    }
}
