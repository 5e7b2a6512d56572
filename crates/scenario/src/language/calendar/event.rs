//! The events of a calendar, with their times.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use lamplighter_core::hours::{Zone, Zones};
use lamplighter_core::model::LocalTime;

use super::CalendarError;
use super::lines::Line;

/// A date or a date with a time, by a clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moment {
    /// What the clock reads; midnight of a date.
    pub local: LocalTime,
    /// Whether it is a date alone.
    pub is_date: bool,
    /// Whose clock it is; `None` where it floats, which is whatever clock one looks at.
    pub zone: Option<Arc<Zone>>,
}

impl Moment {
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
    pub start: Moment,
    /// How long it takes: whole days, and what is beyond them.
    length: (i64, TimeDelta),
    /// The rules by which it comes again, with their lines.
    pub rules: Vec<(usize, String)>,
    /// Further beginnings.
    pub also: Vec<Moment>,
    /// Beginnings at which it does not take place.
    pub not: Vec<Moment>,
    /// Which of another's times this stands for, by whatever clock.
    pub recurrence_id: Option<Moment>,
    /// Whether it does not take place at all.
    pub is_cancelled: bool,
}

impl Event {
    /// How many days it takes.
    pub fn days(&self) -> i64 {
        self.length.0
    }

    /// Its beginning and its end, where its clock reads this at the beginning.
    pub fn span(&self, local: LocalTime) -> (Moment, Moment) {
        let start = Moment { local, ..self.start.clone() };
        let (days, beyond) = self.length;
        let end = local.checked_add_signed(TimeDelta::days(days) + beyond).unwrap_or(local);
        (start, Moment { local: end, ..self.start.clone() })
    }
}

/// All events of a calendar.
///
/// # Errors
/// When one has no beginning, or a time that is none.
pub fn events(lines: &[Line], zones: &Zones) -> Result<Vec<Event>, CalendarError> {
    let reader = Reader { zones, named: zones_of(lines) };
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

/// The IANA names of zones that the calendar calls otherwise.
fn zones_of(lines: &[Line]) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    let mut id: Option<&str> = None;
    for line in lines {
        match &*line.name {
            "BEGIN" if line.value.eq_ignore_ascii_case("VTIMEZONE") => id = None,
            "TZID" => id = Some(&line.value),
            "X-LIC-LOCATION" => {
                named.extend(id.map(|id| (id.to_owned(), line.value.trim().to_owned())));
            }
            _ => {}
        }
    }
    named
}

struct Reader<'a> {
    zones: &'a Zones,
    named: BTreeMap<String, String>,
}

impl Reader<'_> {
    fn event(&self, lines: &[&Line]) -> Result<Event, CalendarError> {
        let first = lines.first().map_or(1, |line| line.number);
        let find = |name: &str| lines.iter().find(|line| line.name == name).copied();
        let moment = |name: &str| find(name).map(|line| self.moment(line)).transpose();
        let start = moment("DTSTART")?
            .ok_or_else(|| CalendarError::new(first, "this event has no `DTSTART`"))?;
        let end = moment("DTEND")?;
        let length = match (end, find("DURATION")) {
            (Some(end), _) => {
                let end = end.by_clock_of(&start);
                let length = end.local - start.local;
                (length.num_days(), length - TimeDelta::days(length.num_days()))
            }
            (None, Some(line)) => duration(&line.value).ok_or_else(|| {
                let what = format!("`{}` is no duration such as `PT1H30M` or `P1D`", line.value);
                CalendarError::new(line.number, what)
            })?,
            (None, None) => (0, TimeDelta::zero()),
        };
        let mut event = Event {
            line: first,
            uid: find("UID").map_or(String::new(), |line| line.value.clone()),
            length,
            rules: Vec::new(),
            also: Vec::new(),
            not: Vec::new(),
            recurrence_id: None,
            is_cancelled: find("STATUS")
                .is_some_and(|line| line.value.trim().eq_ignore_ascii_case("CANCELLED")),
            start,
        };
        for line in lines {
            match &*line.name {
                "RRULE" => event.rules.push((line.number, line.value.clone())),
                "RDATE" => event.also.extend(self.list(line, &event.start)?),
                "EXDATE" => event.not.extend(self.list(line, &event.start)?),
                _ => {}
            }
        }
        event.recurrence_id = moment("RECURRENCE-ID")?;
        Ok(event)
    }

    /// Moments with commas between, by the clock of a beginning.
    fn list(&self, line: &Line, start: &Moment) -> Result<Vec<Moment>, CalendarError> {
        let each = line.value.split(',').map(|text| {
            // Of a period its beginning counts: how long it takes is said of the event.
            let begins = text.split('/').next().unwrap_or(text);
            self.one(line, begins).map(|moment| moment.by_clock_of(start))
        });
        each.collect()
    }

    fn moment(&self, line: &Line) -> Result<Moment, CalendarError> {
        self.one(line, &line.value)
    }

    fn one(&self, line: &Line, text: &str) -> Result<Moment, CalendarError> {
        let text = text.trim();
        let wrong = || {
            let what =
                format!("`{text}` is no date or time such as `20261225` or `20261224T130000Z`");
            CalendarError::new(line.number, what)
        };
        let (utc, digits) = match text.strip_suffix('Z') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (date, time) = match digits.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (digits, None),
        };
        let date = NaiveDate::parse_from_str(date, "%Y%m%d").ok().filter(|_| date.len() == 8);
        let date = date.ok_or_else(wrong)?;
        let Some(time) = time else {
            let local = date.and_time(NaiveTime::MIN);
            return Ok(Moment { local, is_date: true, zone: None });
        };
        let time = NaiveTime::parse_from_str(time, "%H%M%S").ok().filter(|_| time.len() == 6);
        let local = date.and_time(time.ok_or_else(wrong)?);
        let zone = match (utc, line.parameter("TZID")) {
            (true, _) => Some(Arc::new(Zone::utc())),
            (false, None) => None,
            (false, Some(name)) => Some(self.zone(line, name)?),
        };
        Ok(Moment { local, is_date: false, zone })
    }

    fn zone(&self, line: &Line, name: &str) -> Result<Arc<Zone>, CalendarError> {
        let known = self.named.get(name).map_or(name, |known| known);
        // A solidus in front says that the name is registered somewhere.
        self.zones.get(known.trim_start_matches('/')).map_err(|error| {
            let near = error.help().map(|help| format!("; {help}")).unwrap_or_default();
            let what = format!(
                "there is no time zone `{known}` ({}), and the calendar's `VTIMEZONE` has no \
                 `X-LIC-LOCATION` that says which it is{near}",
                error.release
            );
            CalendarError::new(line.number, what)
        })
    }
}

/// `P1D`, `PT1H30M`, `P2W`: whole days, and what is beyond them.
fn duration(text: &str) -> Option<(i64, TimeDelta)> {
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
    (days <= 40_000).then_some((days, TimeDelta::try_seconds(seconds)?))
}
