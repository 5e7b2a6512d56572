//! Calendar files (iCalendar, RFC 5545) as hours: events of whole days are closed dates, those with
//! times are cuts, taken into the scheduler's zone. What is read, and how long it takes, is bounded
//! whatever the file says.
//!
//! | file | what it does |
//! | --- | --- |
//! | `error` | why a calendar cannot be taken |
//! | `lines` | content lines: unfolded, with their names and parameters |
//! | `rule` | when something comes again |
//! | `zones` | the zones that events name, be it as the file describes them |
//! | `event` | the events of a file |
//! | `recur` | when an event takes place |
//! | `changed` | what stands in the place of some of its times |

mod changed;
mod error;
mod event;
mod lines;
mod recur;
mod rule;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveDateTime, Timelike};
use lamplighter_core::hours::{Local, Zone, Zones};
use lamplighter_core::model::{Calendar, DAY_MINUTES, Instant, Interval};

use changed::Changed;
use event::{CalendarTime, Event, Length};

pub use error::CalendarError;
pub use zones::misleading_zones;

/// The most bytes of a calendar.
pub const BYTES_MAX: usize = 1 << 20;
/// The most events that take place more than once.
const RECURRING_MAX: usize = 500;
/// The most days and cuts that a calendar comes to.
const OCCURRENCES_MAX: usize = 50_000;

/// Reads the text of a calendar for a scheduler in a zone; zones that events name are looked up in
/// `zones`.
///
/// # Errors
/// When it is no iCalendar text, names a zone that nobody knows, or comes to more than can be taken.
pub fn read(text: &str, zone: &Zone, zones: &Zones) -> Result<Calendar, CalendarError> {
    if text.len() > BYTES_MAX {
        let what = format!("a calendar has at most {BYTES_MAX} bytes: leave out what is past");
        return Err(CalendarError::new(1, what));
    }
    let lines = lines::lines(text)?;
    let events = event::events(&lines, zones)?;
    let mut recurring = events.iter().filter(|event| !event.rules.is_empty());
    if let Some(event) = recurring.nth(RECURRING_MAX) {
        let what = format!("a calendar has at most {RECURRING_MAX} events with an RRULE");
        return Err(CalendarError::new(event.line, what));
    }
    // An event with a RECURRENCE-ID stands in the place of times of another.
    let mut by_uid: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    let mut alone: BTreeSet<(&str, (Option<Instant>, NaiveDateTime))> = BTreeSet::new();
    for event in &events {
        let Some(stands_for) = &event.stands_for else { continue };
        by_uid.entry(&event.uid).or_default().push(event);
        if !stands_for.and_later {
            alone.insert((&event.uid, stands_for.moment.key()));
        }
    }
    let mut hours = Hours { zone, closed: BTreeSet::new(), cuts: BTreeSet::new() };
    for event in events.iter().filter(|event| !event.is_cancelled) {
        let others = by_uid.get(&*event.uid).map_or(&[][..], |others| others);
        let changed = match &event.stands_for {
            None => Changed::new(event, others),
            // One that stands alone for the same time says what is then.
            Some(of) if of.and_later && alone.contains(&(&event.uid, of.moment.key())) => continue,
            Some(_) => Changed::default(),
        };
        for (start, length) in recur::starts(event)? {
            if let Some((event, start, length)) = changed.at(event, start, length) {
                hours.take(event, start, length)?;
            }
        }
    }
    Ok(Calendar {
        text: text.to_owned(),
        closed: runs(&hours.closed),
        cuts: hours.cuts.into_iter().collect(),
    })
}

/// What the events come to.
struct Hours<'z> {
    zone: &'z Zone,
    closed: BTreeSet<NaiveDate>,
    cuts: BTreeSet<(NaiveDate, Interval)>,
}

impl Hours<'_> {
    /// An event that begins when its own clock reads this.
    fn take(
        &mut self,
        event: &Event,
        start: NaiveDateTime,
        length: Length,
    ) -> Result<(), CalendarError> {
        if event.start.is_date {
            let days = length.days.max(1);
            for day in start.date().iter_days().take(usize::try_from(days).unwrap_or(usize::MAX)) {
                self.closed.insert(day);
                self.count(event)?;
            }
            return Ok(());
        }
        let (start, end) = event.span(start, length);
        let (Some(start), Some(end)) = (self.reading(&start), self.reading(&end)) else {
            return Ok(());
        };
        // The start down and the end up to the minute.
        let start = start.with_second(0).and_then(|s| s.with_nanosecond(0)).unwrap_or(start);
        let is_even = end.second() == 0 && end.nanosecond() == 0;
        let even = end.with_second(0).and_then(|e| e.with_nanosecond(0)).unwrap_or(end);
        let end = if is_even { even } else { even + chrono::TimeDelta::minutes(1) };
        let minute = |reading: NaiveDateTime| (reading.hour() * 60 + reading.minute()) as u16;
        let mut date = start.date();
        while date <= end.date() && start < end {
            let from = if date == start.date() { minute(start) } else { 0 };
            let to = if date == end.date() { minute(end) } else { DAY_MINUTES };
            if from < to {
                self.cuts.extend(Interval::new(from, to).map(|interval| (date, interval)));
                self.count(event)?;
            }
            let Some(next) = date.checked_add_days(Days::new(1)) else { break };
            date = next;
        }
        Ok(())
    }

    /// What the scheduler's wall clock reads at a moment; as it stands where it floats.
    fn reading(&self, moment: &CalendarTime) -> Option<NaiveDateTime> {
        match moment.instant() {
            None => Some(moment.local),
            Some(instant) => instant.map(|instant| self.zone.local(instant)),
        }
    }

    fn count(&self, event: &Event) -> Result<(), CalendarError> {
        if self.closed.len() + self.cuts.len() > OCCURRENCES_MAX {
            let what = format!(
                "a calendar comes to at most {OCCURRENCES_MAX} days and times: give the rule of \
                 this event an end, or leave out what is past"
            );
            return Err(CalendarError::new(event.line, what));
        }
        Ok(())
    }
}

impl CalendarTime {
    /// The instant at which the moment's own clock reads it; `None` where it floats, and within where
    /// it lies outside of the years.
    fn instant(&self) -> Option<Option<Instant>> {
        let zone = self.zone.as_ref()?;
        Some(match zone.resolve(self.local) {
            Local::Once(at) | Local::Twice { first: at, .. } => Some(at),
            // By the offset before the gap, as RFC 5545 has it.
            Local::Skipped { before, .. } => Some(before),
            Local::OutOfRange => None,
        })
    }

    /// The same for moments that are one, by whatever clock they are written.
    fn key(&self) -> (Option<Instant>, NaiveDateTime) {
        match self.instant().flatten() {
            Some(at) => (Some(at), NaiveDateTime::MIN),
            None => (None, self.local),
        }
    }
}

/// Days in a row, first and last of each run.
fn runs(days: &BTreeSet<NaiveDate>) -> Vec<(NaiveDate, NaiveDate)> {
    let mut runs: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for &day in days {
        match runs.last_mut() {
            Some((_, last)) if last.succ_opt() == Some(day) => *last = day,
            _ => runs.push((day, day)),
        }
    }
    runs
}

#[cfg(test)]
mod tests;
