//! The events of a calendar, with their times.

use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};
use lamplighter_core::hours::{Zone, Zones};
use lamplighter_core::model::LocalTime;

use super::error::CalendarError;
use super::lines::{Line, Reading};
use super::zones::CalendarZones;

/// A date or a date with a time, by a clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CalendarTime {
    /// What the clock reads; midnight of a date.
    pub local: LocalTime,
    /// Whether it is a date alone.
    pub is_date: bool,
    /// Whose clock it is; `None` where it floats, which is whatever clock one looks at.
    pub zone: Option<Arc<Zone>>,
}

impl CalendarTime {
    /// The same by the clock of another.
    #[must_use]
    pub fn by_clock_of(self, other: &Self) -> Self {
        match (&other.zone, self.instant()) {
            (Some(zone), Some(Some(instant))) => {
                let local: NaiveDateTime = zone.local(instant);
                Self { local, is_date: false, zone: Some(Arc::clone(zone)) }
            }
            _ => self,
        }
    }
}

/// An event.
#[derive(Clone, Debug)]
pub struct Event {
    /// The line on which it begins.
    pub line: usize,
    /// What tells it from others; one event can be written in several parts.
    pub uid: String,
    /// When it begins, for the first time.
    pub start: CalendarTime,
    /// How long it takes.
    pub length: Length,
    /// The rules by which it comes again, with their lines.
    pub rules: Vec<(usize, String)>,
    /// Further beginnings, and how long it takes then where that is said of one (`VALUE=PERIOD`).
    pub also: Vec<(CalendarTime, Option<Length>)>,
    /// Beginnings at which it does not take place.
    pub not: Vec<CalendarTime>,
    /// Which of another's times this stands for.
    pub stands_for: Option<StandsFor>,
    /// Whether it does not take place at all.
    pub is_cancelled: bool,
}

/// How long something takes: whole days, and what is beyond them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Length {
    /// Whole days of the calendar, however many hours they have.
    pub days: i64,
    /// What is beyond them.
    beyond: TimeDelta,
}

/// Which of another event's times an event stands for (`RECURRENCE-ID`).
#[derive(Clone, Debug)]
pub struct StandsFor {
    /// When the other would have begun, by whatever clock.
    pub moment: CalendarTime,
    /// Whether all later times of the other follow it (`RANGE=THISANDFUTURE`).
    pub and_later: bool,
}

impl StandsFor {
    /// When the other would have begun, by its own clock.
    pub fn by_clock_of(&self, other: &Event) -> LocalTime {
        let start = &other.start;
        match self.moment.is_date && !start.is_date {
            // A date alone means the time of that date.
            true => self.moment.local.date().and_time(start.local.time()),
            false => self.moment.clone().by_clock_of(start).local,
        }
    }
}

impl Event {
    /// Its beginning and its end, where its clock reads this at the beginning.
    pub fn span(&self, local: LocalTime, length: Length) -> (CalendarTime, CalendarTime) {
        let start = CalendarTime { local, ..self.start.clone() };
        let length = TimeDelta::days(length.days) + length.beyond;
        let end = local.checked_add_signed(length).unwrap_or(local);
        (start, CalendarTime { local: end, ..self.start.clone() })
    }

    /// Whether it stands for later times of another, too.
    pub fn is_for_later(&self) -> bool {
        self.stands_for.as_ref().is_some_and(|stands_for| stands_for.and_later)
    }

    fn check(&self) -> Result<(), CalendarError> {
        let rule = self.rules.first().map(|(line, _)| *line);
        let again = rule.or((!self.also.is_empty()).then_some(self.line));
        match again {
            Some(line) if self.is_for_later() => {
                let what = "an event with `RANGE=THISANDFUTURE` comes again when the one does that it \
                            changes: leave out its RRULE and RDATE, or give it a UID of its own \
                            without RECURRENCE-ID and let the rule of the other end before it";
                Err(CalendarError::new(line, what))
            }
            _ => Ok(()),
        }
    }
}

/// All events of a calendar.
///
/// # Errors
/// When one has no beginning, or a time that is none.
pub fn events(lines: &[Line], zones: &Zones) -> Result<Vec<Event>, CalendarError> {
    let reader = EventReader { zones: CalendarZones::new(lines, zones) };
    let mut events = Vec::new();
    // What stands within an event, such as its alarms, is no part of its own lines.
    let mut open: Vec<&str> = Vec::new();
    let mut own: Vec<&Line> = Vec::new();
    for line in lines {
        match &*line.name {
            "BEGIN" => open.push(&line.value),
            "END" => {
                let ended = open.pop().is_some_and(|begun| begun.eq_ignore_ascii_case(&line.value));
                if !ended {
                    let what = format!("`END:{}` ends nothing that has begun", line.value);
                    return Err(CalendarError::new(line.number, what));
                }
                if line.value.eq_ignore_ascii_case("VEVENT") {
                    events.push(reader.event(&std::mem::take(&mut own))?);
                }
            }
            _ if open.last().is_some_and(|last| last.eq_ignore_ascii_case("VEVENT")) => {
                own.push(line);
            }
            _ => {}
        }
    }
    match open.last() {
        None => Ok(events),
        Some(begun) => {
            let line = lines.last().map_or(1, |line| line.number);
            Err(CalendarError::new(line, format!("there is no `END:{begun}`")))
        }
    }
}

struct EventReader<'a> {
    zones: CalendarZones<'a>,
}

impl EventReader<'_> {
    fn event(&self, lines: &[&Line]) -> Result<Event, CalendarError> {
        let first = lines.first().map_or(1, |line| line.number);
        let find = |name: &str| lines.iter().find(|line| line.name == name).copied();
        let start = find("DTSTART")
            .ok_or_else(|| CalendarError::new(first, "this event has no `DTSTART`"))?;
        let start = self.moment(start, &start.value)?;
        let length = match (find("DTEND"), find("DURATION")) {
            (Some(end), _) => Length::between(&start, self.moment(end, &end.value)?),
            (None, Some(line)) => duration(line, &line.value)?,
            (None, None) => Length::default(),
        };
        let mut event = Event {
            line: first,
            uid: find("UID").map_or(String::new(), |line| line.value.clone()),
            length,
            rules: Vec::new(),
            also: Vec::new(),
            not: Vec::new(),
            stands_for: find("RECURRENCE-ID").map(|line| self.stands_for(line)).transpose()?,
            is_cancelled: find("STATUS")
                .is_some_and(|line| line.value.trim().eq_ignore_ascii_case("CANCELLED")),
            start,
        };
        for line in lines {
            match &*line.name {
                "RRULE" => event.rules.push((line.number, line.value.clone())),
                "RDATE" => {
                    for text in line.value.split(',') {
                        event.also.push(self.also(line, text, &event.start)?);
                    }
                }
                "EXDATE" => {
                    for text in line.value.split(',') {
                        // Of a period its beginning counts.
                        let begins = text.split('/').next().unwrap_or(text);
                        event.not.push(self.moment(line, begins)?.by_clock_of(&event.start));
                    }
                }
                _ => {}
            }
        }
        event.check()?;
        Ok(event)
    }

    /// A further beginning, by the clock of the first; of a period with its own length.
    fn also(
        &self,
        line: &Line,
        text: &str,
        start: &CalendarTime,
    ) -> Result<(CalendarTime, Option<Length>), CalendarError> {
        let Some((begins, ends)) = text.split_once('/') else {
            return Ok((self.moment(line, text)?.by_clock_of(start), None));
        };
        let begins = self.moment(line, begins)?.by_clock_of(start);
        if start.is_date || begins.is_date {
            let what = format!(
                "`{}` is a period, which has times, and this event is of whole days: write its \
                 dates, or an event of its own",
                text.trim()
            );
            return Err(CalendarError::new(line.number, what));
        }
        let length = match ends.trim().starts_with(['P', '+', '-']) {
            true => duration(line, ends)?,
            false => Length::between(&begins, self.moment(line, ends)?),
        };
        Ok((begins, Some(length)))
    }

    fn stands_for(&self, line: &Line) -> Result<StandsFor, CalendarError> {
        let and_later = match line.parameter("RANGE") {
            None => false,
            Some(range) if range.eq_ignore_ascii_case("THISANDFUTURE") => true,
            Some(range) => {
                let what = format!("`RANGE={range}` is not taken: only `THISANDFUTURE` is");
                return Err(CalendarError::new(line.number, what));
            }
        };
        Ok(StandsFor { moment: self.moment(line, &line.value)?, and_later })
    }

    fn moment(&self, line: &Line, text: &str) -> Result<CalendarTime, CalendarError> {
        let Reading { local, is_date, is_utc } = line.reading(text)?;
        let zone = match line.parameter("TZID") {
            _ if is_date => None,
            _ if is_utc => Some(Arc::new(Zone::utc())),
            None => None,
            Some(name) => Some(self.zones.get(line, name)?),
        };
        Ok(CalendarTime { local, is_date, zone })
    }
}

/// What a text says that something takes.
fn duration(line: &Line, text: &str) -> Result<Length, CalendarError> {
    Length::read(text).ok_or_else(|| {
        let what = format!("`{text}` is no duration such as `PT1H30M` or `P1D`");
        CalendarError::new(line.number, what)
    })
}

impl Length {
    /// From a beginning to an end, as the clock of the beginning reads them.
    fn between(start: &CalendarTime, end: CalendarTime) -> Self {
        let length = end.by_clock_of(start).local - start.local;
        Self { days: length.num_days(), beyond: length - TimeDelta::days(length.num_days()) }
    }

    /// `P1D`, `PT1H30M`, `P2W`.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
        let (days, time) = rest.split_once('T').unwrap_or((rest, ""));
        let read = |mut text: &str, units: &[(char, i64)]| {
            let mut total = 0_i64;
            for &(unit, size) in units {
                if let Some((number, behind)) = text.split_once(unit) {
                    let number: u32 = number.parse().ok()?;
                    total = total.checked_add(i64::from(number).checked_mul(size)?)?;
                    text = behind;
                }
            }
            text.is_empty().then_some(total)
        };
        let days = read(days, &[('W', 7), ('D', 1)])?;
        let seconds = read(time, &[('H', 3_600), ('M', 60), ('S', 1)])?;
        let beyond = TimeDelta::try_seconds(seconds)?;
        (days <= 40_000).then_some(Self { days, beyond })
    }
}
