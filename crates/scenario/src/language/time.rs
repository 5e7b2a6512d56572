//! Times as written into instants, and instants into times as one would write them.

use chrono::{Days, NaiveDate, NaiveTime};

use super::ast::Time;
use super::code::Code;
use super::diagnostic::Diagnostic;
use super::span::{Span, Spanned};
use lamplighter_core::hours::{Local, Zone};
use lamplighter_core::model::text::{write_local, write_time_of_day};
use lamplighter_core::model::{Instant, LocalTime};

/// The instant of a time in the file's zone; the relative forms follow `base`. `Ok(None)` where
/// that is unknown because of an earlier fault.
///
/// # Errors
/// A local time that does not exist or exists twice, a time of day before the base, an instant
/// outside the years 0001 to 9999; with the instant that comes nearest to what was meant.
pub fn resolve(
    time: &Spanned<Time>,
    base: Base,
    zone: &Zone,
) -> Result<Option<Instant>, (Box<Diagnostic>, Option<Instant>)> {
    let beyond = || {
        let diagnostic = Diagnostic::new(
            time.span,
            "this is beyond all of time",
            "rule T4: instants are in the years 0001 to 9999",
        )
        .code(Code::BeyondAllTime);
        (Box::new(diagnostic), None)
    };
    let local = match (time.node, base) {
        (Time::Local(date, time_of_day), _) => date.and_time(time_of_day),
        (Time::Instant(instant), _) => return Ok(Some(instant)),
        (_, Base::Unknown) => return Ok(None),
        (_, Base::None) => {
            let diagnostic = Diagnostic::new(
                time.span,
                "the first time needs a date",
                "there is no `at` before it to count from",
            )
            .code(Code::FirstTimeWithoutDate);
            let diagnostic = diagnostic.help("write for example `2026-03-09 08:55`");
            return Err((Box::new(diagnostic), None));
        }
        (Time::After(length), Base::At(base)) => {
            return base.checked_add(length).map(Some).ok_or_else(beyond);
        }
        (Time::TimeOfDay(time_of_day), Base::At(base)) => {
            zone.local(base).date().and_time(time_of_day)
        }
        (Time::DaysAfter(days, time_of_day), Base::At(base)) => zone
            .local(base)
            .date()
            .checked_add_days(Days::new(days.into()))
            .map(|date| date.and_time(time_of_day))
            .ok_or_else(beyond)?,
    };
    let instant = match zone.resolve(local) {
        Local::Once(instant) => instant,
        Local::OutOfRange => return Err(beyond()),
        Local::Skipped { before, after } => {
            let diagnostic = skipped(time.span, local, (before, after), zone);
            return Err((Box::new(diagnostic), Some(before)));
        }
        Local::Twice { first, second } => {
            let diagnostic = repeated(time.span, local, (first, second), zone);
            return Err((Box::new(diagnostic), Some(first)));
        }
    };
    match (time.node, base) {
        (Time::TimeOfDay(_), Base::At(base)) if instant < base => {
            let diagnostic = Diagnostic::new(
                time.span,
                "time goes back",
                format!("it is {} already", write(base, zone)),
            )
            .code(Code::TimeGoesBack);
            let diagnostic = diagnostic.help("write `+1d` before a time of the next day");
            Err((Box::new(diagnostic), Some(base)))
        }
        _ => Ok(Some(instant)),
    }
}

/// That the clock jumps over a local time, and the instants that may have been meant: by the offset
/// before the jump, and by the one after.
fn skipped(
    span: Span,
    local: LocalTime,
    (before, after): (Instant, Instant),
    zone: &Zone,
) -> Diagnostic {
    let message = format!("{} does not exist in {}", write_local(local), zone.name());
    Diagnostic::new(span, message, "the clock jumps over it").code(Code::SkippedTime).help(format!(
        "write the instant: {before} by the offset before the jump, {after} by the one after"
    ))
}

/// That a local time comes twice, and both of its instants.
fn repeated(
    span: Span,
    local: LocalTime,
    (first, second): (Instant, Instant),
    zone: &Zone,
) -> Diagnostic {
    let message = format!("{} exists twice in {}", write_local(local), zone.name());
    Diagnostic::new(span, message, "the clock is put back over it")
        .code(Code::DoubledTime)
        .help(format!("write the instant: {first} for the first time, {second} for the second"))
}

/// What relative times count from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Base {
    /// There was no `at` yet.
    None,
    /// The `at` before has a fault.
    Unknown,
    /// The instant of the `at` before.
    At(Instant),
}

/// An instant in the file's zone as people read it; where its local time exists twice, in UTC.
pub fn write(at: Instant, zone: &Zone) -> String {
    let local = zone.local(at);
    match zone.resolve(local) {
        Local::Once(_) => write_local(local),
        _ => at.to_string(),
    }
}

/// The shortest form that says an instant after a base: a time of day where it is the same local
/// date, else with its date.
pub fn write_after(at: Instant, base: Instant, zone: &Zone) -> String {
    let local = zone.local(at);
    let same_day = local.date() == zone.local(base).date() && at >= base;
    match zone.resolve(local) {
        Local::Once(_) if same_day => write_time_of_day(local.time()),
        _ => write(at, zone),
    }
}

/// A time as the language writes it.
pub fn write_time(time: &Time) -> String {
    let local = |date: NaiveDate, time: NaiveTime| write_local(LocalTime::new(date, time));
    match time {
        Time::Local(date, time) => local(*date, *time),
        Time::Instant(instant) => instant.to_string(),
        Time::TimeOfDay(time) => write_time_of_day(*time),
        Time::After(length) => format!("+{length}"),
        Time::DaysAfter(days, time) => format!("+{days}d {}", write_time_of_day(*time)),
    }
}
