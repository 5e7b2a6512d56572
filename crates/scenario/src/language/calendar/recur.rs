//! When an event takes place: its first time, and those by its rules and lists.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::error::CalendarError;
use super::event::{Event, Length};
use super::rule;
use lamplighter_core::model::Instant;

/// All beginnings of an event, by its own clock, in order, each with how long it takes.
///
/// # Errors
/// When a rule is none, or names more than can be taken.
pub fn starts(event: &Event) -> Result<BTreeMap<NaiveDateTime, Length>, CalendarError> {
    let mut starts = BTreeMap::from([(event.start.local, event.length)]);
    for (line, rule) in &event.rules {
        let named = rule::named(event.start.local, *line, rule, &|utc| by_clock(event, utc))?;
        starts.extend(named.into_iter().map(|start| (start, event.length)));
    }
    // What is said of one time alone counts there (RFC 5545, 3.8.5.2), whatever a rule says.
    let (plain, periods): (Vec<_>, Vec<_>) =
        event.also.iter().partition(|(_, length)| length.is_none());
    for (moment, length) in plain.into_iter().chain(periods) {
        starts.insert(moment.local, length.unwrap_or(event.length));
    }
    for not in &event.not {
        match not.is_date && !event.start.is_date {
            true => starts.retain(|start, _| start.date() != not.local.date()),
            false => drop(starts.remove(&not.local)),
        }
    }
    Ok(starts)
}

/// What the event's clock reads when UTC is this; the same where it floats.
fn by_clock(event: &Event, utc: NaiveDateTime) -> Option<NaiveDateTime> {
    match &event.start.zone {
        Some(zone) => Some(zone.local(Instant::from_local(utc, 0)?)),
        None => Some(utc),
    }
}
