//! The zones that events name: those of the database, and those that the calendar describes itself
//! (`VTIMEZONE`, RFC 5545, 3.6.5), as calendars of Outlook do under names of Windows.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};
use lamplighter_core::hours::{Zone, Zones, zone_names};
use lamplighter_core::model::Instant;

use super::super::ast::Name;
use super::super::diagnostic::Diagnostic;
use super::super::span::Span;
use super::super::zones::misleading_zone;
use super::error::CalendarError;
use super::lines::{self, Line, Reading};
use super::rule;

/// The most rules of zones that are worked out for one calendar.
const RULES_MAX: usize = 500;
/// The most times at which the clock of a described zone is changed.
const ONSETS_MAX: usize = 10_000;
/// No zone of a calendar is further from UTC, in seconds; those of the world are within 15 hours.
const OFFSET_S_MAX: i32 = 86_400;

/// The zones of a calendar, each worked out when it is first asked for.
pub struct CalendarZones<'a> {
    zones: &'a Zones,
    described: BTreeMap<&'a str, Described<'a>>,
    known: RefCell<BTreeMap<String, Arc<Zone>>>,
    rules_left: Cell<usize>,
}

impl<'a> CalendarZones<'a> {
    /// The zones that a calendar describes, beside those of the database.
    pub fn new(lines: &'a [Line], zones: &'a Zones) -> Self {
        let described = described(lines);
        Self { zones, described, known: RefCell::default(), rules_left: Cell::new(RULES_MAX) }
    }

    /// The zone that a line calls so.
    ///
    /// # Errors
    /// When nothing says which it is.
    pub fn get(&self, line: &Line, name: &str) -> Result<Arc<Zone>, CalendarError> {
        if let Some(zone) = self.known.borrow().get(name) {
            return Ok(Arc::clone(zone));
        }
        let zone = self.look_up(line, name)?;
        self.known.borrow_mut().insert(name.to_owned(), Arc::clone(&zone));
        Ok(zone)
    }

    fn look_up(&self, line: &Line, name: &str) -> Result<Arc<Zone>, CalendarError> {
        let described = self.described.get(name);
        let location = described.and_then(|described| described.location);
        let parts = described.map_or(&[][..], |described| &described.parts);
        // What the file says of `EST` is what its clock reads; in the database that has no summer.
        let is_unclear = !parts.is_empty() && misleading_zone(name, Span::default()).is_some();
        let by_name = if is_unclear { None } else { self.zones.find(name) };
        if let Some(zone) = by_name.or_else(|| self.zones.find(location?)) {
            return Ok(zone);
        }
        let mut fault = None;
        if !parts.is_empty() {
            self.count(line, parts)?;
            match zone(name, parts) {
                Ok(zone) => return Ok(Arc::new(zone)),
                Err(why) => fault = Some(why),
            }
        }
        let of_windows = || self.zones.find(zone_names::windows(name)?);
        let found = of_windows().or_else(|| self.of_path(name)).or_else(|| self.zones.find(name));
        found.ok_or_else(|| {
            fault.unwrap_or_else(|| self.unknown(line, name, location, described.is_some()))
        })
    }

    /// The zone at the end of a name that is registered somewhere, such as
    /// `/freeassociation.sourceforge.net/Tzfile/Europe/London`.
    fn of_path(&self, name: &str) -> Option<Arc<Zone>> {
        if !name.starts_with('/') && !name.contains("://") {
            return None;
        }
        // No name of the database has more than three parts.
        let ends: Vec<&str> =
            name.rmatch_indices('/').take(3).map(|(at, _)| &name[at + 1..]).collect();
        ends.into_iter().rev().find_map(|end| self.zones.find(end))
    }

    fn count(&self, line: &Line, parts: &[Vec<&Line>]) -> Result<(), CalendarError> {
        let rules = parts.iter().flatten().filter(|line| line.name == "RRULE").count();
        let left = self.rules_left.get().checked_sub(rules).ok_or_else(|| {
            let what = format!(
                "the zones that the calendar describes have more than {RULES_MAX} rules: name those \
                 of the IANA database, such as `Europe/Berlin`"
            );
            CalendarError::new(line.number, what)
        })?;
        self.rules_left.set(left);
        Ok(())
    }

    fn unknown(
        &self,
        line: &Line,
        name: &str,
        location: Option<&str>,
        is_described: bool,
    ) -> CalendarError {
        let (why, asked) = match (location, is_described) {
            (Some(location), _) => {
                (format!("nor `{location}`, as its `X-LIC-LOCATION` says"), location)
            }
            (None, true) => ("and its `VTIMEZONE` does not say what it is".to_owned(), name),
            (None, false) => ("and the calendar has no `VTIMEZONE` for it".to_owned(), name),
        };
        let error = self.zones.get(asked).err();
        let help = error.and_then(|error| error.help());
        let help = help.map_or(String::new(), |help| format!("; {help}"));
        let release = self.zones.release();
        let what = format!("there is no time zone `{name}` ({release}), {why}{help}");
        CalendarError::new(line.number, what)
    }
}

/// Warns of zones that a calendar names and does not describe, so that they are those of the database, whose
/// names say something else than they mean.
pub fn misleading_zones(path: &Name, text: &str) -> Vec<Diagnostic> {
    let Ok(lines) = lines::lines(text) else { return Vec::new() };
    let described = described(&lines);
    let is_described =
        |name: &str| described.get(name).is_some_and(|described| !described.parts.is_empty());
    let mut seen = BTreeSet::new();
    let named = lines.iter().filter(|line| line.parameter("VALUE") != Some("DATE"));
    let named = named.filter_map(|line| Some((line.parameter("TZID")?, line.number)));
    let new = named.filter(|(name, _)| !is_described(name) && seen.insert(*name));
    new.filter_map(|(name, number)| {
        let warning = misleading_zone(name, path.span)?;
        let message = format!("line {number} of `{}`: {}", path.node, warning.message);
        let help = "in the calendar, name the zone of a place, such as `America/New_York`, or let a \
                    `VTIMEZONE` say what this one is";
        Some(Diagnostic { message, help: Some(help.to_owned()), ..warning })
    })
    .collect()
}

/// What a calendar says of a zone.
#[derive(Default)]
struct Described<'a> {
    /// What the IANA database calls it.
    location: Option<&'a str>,
    /// The lines of each of its times: `STANDARD`, `DAYLIGHT`.
    parts: Vec<Vec<&'a Line>>,
}

fn described(lines: &[Line]) -> BTreeMap<&str, Described<'_>> {
    let mut all = BTreeMap::new();
    let mut open: Option<(&str, Described<'_>)> = None;
    let mut is_in_part = false;
    for line in lines {
        let is = |name: &str| line.value.trim().eq_ignore_ascii_case(name);
        match (&*line.name, &mut open) {
            ("BEGIN", _) if is("VTIMEZONE") => open = Some(("", Described::default())),
            ("END", _) if is("VTIMEZONE") => {
                is_in_part = false;
                all.extend(open.take());
            }
            ("BEGIN", Some((_, described))) if is("STANDARD") || is("DAYLIGHT") => {
                described.parts.push(Vec::new());
                is_in_part = true;
            }
            ("END", Some(_)) => is_in_part = false,
            (_, Some((_, described))) if is_in_part => {
                described.parts.last_mut().expect("one has begun").push(line);
            }
            ("TZID", Some((name, _))) => *name = &line.value,
            ("X-LIC-LOCATION", Some((_, described))) => {
                described.location = Some(line.value.trim());
            }
            _ => {}
        }
    }
    all
}

/// A zone of what is said of its standard time and of its summer time: at each of their onsets its clock
/// is put to theirs. Before the first one it reads what that is put from.
fn zone(name: &str, parts: &[Vec<&Line>]) -> Result<Zone, CalendarError> {
    let first = parts.iter().flatten().next().map_or(1, |line| line.number);
    let wrong = |what: String| {
        CalendarError::new(first, format!("the `VTIMEZONE` of `{name}` cannot be taken: {what}"))
    };
    let mut onsets: BTreeMap<Instant, (i32, i32)> = BTreeMap::new();
    for lines in parts {
        let part = Part::read(lines, first).map_err(|error| wrong(error.to_string()))?;
        for local in part.onsets(lines).map_err(|error| wrong(error.to_string()))? {
            if let Some(at) = Instant::from_local(local, part.from_s) {
                onsets.insert(at, (part.from_s, part.to_s));
            }
        }
        if onsets.len() > ONSETS_MAX {
            return Err(wrong(format!("its clock is changed more than {ONSETS_MAX} times")));
        }
    }
    let first_s = onsets.first_key_value().map(|(_, (from_s, _))| *from_s);
    let first_s = first_s.ok_or_else(|| wrong("it begins at no time".to_owned()))?;
    let changes = onsets.into_iter().map(|(at, (_, to_s))| (at, to_s)).collect();
    Ok(Zone::of_changes(name, first_s, &changes))
}

/// The standard time of a zone, or its summer time.
struct Part {
    /// When it begins for the first time, by the clock before.
    start: NaiveDateTime,
    /// How far the clock before is ahead of UTC, in seconds.
    from_s: i32,
    /// How far its own is.
    to_s: i32,
}

impl Part {
    fn read(lines: &[&Line], first: usize) -> Result<Self, CalendarError> {
        let find = |name: &str| {
            let line = lines.iter().find(|line| line.name == name).copied();
            line.ok_or_else(|| CalendarError::new(first, format!("a part of it has no `{name}`")))
        };
        let offset = |name: &str| {
            let line = find(name)?;
            utc_offset_s(line.value.trim()).ok_or_else(|| {
                let what = format!("`{}` is no offset such as `-0500`", line.value);
                CalendarError::new(line.number, what)
            })
        };
        let (from_s, to_s) = (offset("TZOFFSETFROM")?, offset("TZOFFSETTO")?);
        let start = find("DTSTART")?;
        let start = by_clock(start.reading(&start.value)?, from_s);
        Ok(Self { start, from_s, to_s })
    }

    /// When it begins, by the clock before.
    fn onsets(&self, lines: &[&Line]) -> Result<Vec<NaiveDateTime>, CalendarError> {
        let mut onsets = Vec::new();
        let mut is_by_rule = false;
        for line in lines {
            match &*line.name {
                "RRULE" => {
                    is_by_rule = true;
                    let ahead = TimeDelta::seconds(self.from_s.into());
                    let by_clock = |utc: NaiveDateTime| utc.checked_add_signed(ahead);
                    onsets.extend(rule::named(self.start, line.number, &line.value, &by_clock)?);
                }
                "RDATE" => {
                    for text in line.value.split(',') {
                        let begins = text.split('/').next().unwrap_or(text);
                        onsets.push(by_clock(line.reading(begins)?, self.from_s));
                    }
                }
                _ => {}
            }
        }
        // Exchange writes the first of January where its rule says autumn: nothing begins there then.
        if !is_by_rule {
            onsets.push(self.start);
        }
        Ok(onsets)
    }
}

/// What a clock reads that is so many seconds ahead of UTC.
fn by_clock(reading: Reading, ahead_s: i32) -> NaiveDateTime {
    let ahead = TimeDelta::seconds(if reading.is_utc { ahead_s.into() } else { 0 });
    reading.local.checked_add_signed(ahead).unwrap_or(reading.local)
}

/// `-0500`, `+053000`: seconds ahead of UTC.
fn utc_offset_s(text: &str) -> Option<i32> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |part| part.parse::<i32>().ok());
    let (hours, minutes, seconds) = (part(0)?, part(2)?, part(4)?);
    let offset_s = hours * 3_600 + minutes * 60 + seconds;
    (minutes < 60 && seconds < 60 && offset_s < OFFSET_S_MAX).then_some(sign * offset_s)
}
