//! What an axis says of the time: clock times, dates, and the changes of the clock, as the wall
//! clock of a zone reads them.

use chrono::{Days, NaiveDate, NaiveTime};

use super::Axis;
use lamplighter_core::hours::{Local, Zone};
use lamplighter_core::model::text::{write_local, write_time_of_day};
use lamplighter_core::model::{Instant, LocalTime};

/// How much room writing takes, in cells.
#[derive(Clone, Copy, Debug)]
pub struct Letters {
    /// How wide a character is, in cells.
    pub char: u32,
    /// How far two texts are apart at least, in cells.
    pub gap: u32,
}

impl Letters {
    /// How wide a text is; ours are plain Latin ones.
    pub fn width(self, text: &str) -> u32 {
        text.chars().count() as u32 * self.char
    }
}

/// A clock time below the axis.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tick {
    /// The cell of the axis that the time stands for.
    pub x: u32,
    /// The cell in which its text begins, so that it is centred and within the axis.
    pub text_x: u32,
    /// `09:00`, with the offset where the clock reads this twice.
    pub text: String,
}

/// Clock times that don't overlap: those of the ends and of `marks` before those of other knots,
/// which have none where the axis is crowded: times of day would say little there.
pub fn ticks(axis: &Axis, marks: &[Instant], zone: &Zone, letters: Letters) -> Vec<Tick> {
    let ends = [axis.first(), axis.last()];
    let mut placed: Vec<Tick> = Vec::new();
    let others = axis.knots().filter(|_| !axis.is_crowded);
    for at in ends.into_iter().chain(marks.iter().copied()).chain(others) {
        let text = clock_time(at, zone);
        let width = letters.width(&text);
        let x = axis.x(at);
        let text_x = x.saturating_sub(width / 2).min(axis.width().saturating_sub(width));
        let before = placed.partition_point(|tick| tick.x < x);
        let end_before = before.checked_sub(1).map(|i| &placed[i]);
        let is_free_before = end_before
            .is_none_or(|tick| tick.text_x + letters.width(&tick.text) + letters.gap <= text_x);
        let is_free_behind = placed
            .get(before)
            .is_none_or(|tick| tick.x > x && text_x + width + letters.gap <= tick.text_x);
        if is_free_before && is_free_behind {
            placed.insert(before, Tick { x, text_x, text });
        }
    }
    placed
}

fn clock_time(at: Instant, zone: &Zone) -> String {
    let local = zone.local(at);
    let text = write_time_of_day(local.time());
    match zone.resolve(local) {
        Local::Once(_) => text,
        // Twice: the offset tells which.
        _ => format!("{text}{}", offset(zone.offset_s(at))),
    }
}

/// `+1`, `-3:30`
fn offset(offset_s: i32) -> String {
    let (sign, s) = (if offset_s < 0 { '-' } else { '+' }, offset_s.unsigned_abs());
    match (s / 3_600, s / 60 % 60, s % 60) {
        (h, 0, 0) => format!("{sign}{h}"),
        (h, m, 0) => format!("{sign}{h}:{m:02}"),
        (h, m, s) => format!("{sign}{h}:{m:02}:{s:02}"),
    }
}

/// A day of the calendar below the axis, or several that are too narrow to be told apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Date {
    /// The first cell that belongs to it.
    pub x: u32,
    /// The cell after the last one that does.
    pub end_x: u32,
    /// As much of the date as has room; it can be nothing.
    pub text: String,
    /// The whole date, for where there is no room to write it.
    pub full: String,
}

/// The dates from one end of the axis to the other, without a gap. Days on which nothing happens
/// and days with no room are put together.
pub fn dates(axis: &Axis, zone: &Zone, letters: Letters) -> Vec<Date> {
    let mut begins = vec![axis.first()];
    for knot in axis.knots() {
        let date = zone.local(knot).date();
        let next = date.checked_add_days(Days::new(1));
        begins.extend([Some(date), next].into_iter().flatten().filter_map(|d| begin(d, zone)));
    }
    begins.retain(|&at| axis.first() <= at && at <= axis.last());
    begins.sort_unstable();
    begins.dedup();
    let mut cells = Vec::with_capacity(begins.len());
    for (index, &from) in begins.iter().enumerate() {
        let (to, end_x) = match begins.get(index + 1) {
            Some(&to) => (just_before(to), axis.x(to)),
            None => (axis.last(), axis.width()),
        };
        if axis.x(from) < end_x {
            cells.push(Cell { x: axis.x(from), end_x, from, to });
        }
    }
    let mut dates = Vec::new();
    let mut cells = cells.into_iter().peekable();
    while let Some(mut cell) = cells.next() {
        // Neighbours that have no room for a date share one.
        while cell.text(zone, letters).is_none()
            && let Some(next) = cells.next_if(|next| next.text(zone, letters).is_none())
        {
            (cell.end_x, cell.to) = (next.end_x, next.to);
        }
        let text = cell.text(zone, letters).unwrap_or_default();
        let full = cell.forms(zone).swap_remove(0);
        dates.push(Date { x: cell.x, end_x: cell.end_x, text, full });
    }
    dates
}

/// A date, or several, on its way below the axis.
struct Cell {
    x: u32,
    end_x: u32,
    from: Instant,
    to: Instant,
}

impl Cell {
    /// The longest form that has room.
    fn text(&self, zone: &Zone, letters: Letters) -> Option<String> {
        let room = self.end_x - self.x;
        self.forms(zone).into_iter().find(|form| letters.width(form) + letters.gap <= room)
    }

    /// The ways of writing it, the longest first.
    fn forms(&self, zone: &Zone) -> Vec<String> {
        forms(zone.local(self.from).date(), zone.local(self.to).date())
    }
}

/// The first instant of a date, if it is within time; of a day that the zone skipped, that of the
/// day after it.
fn begin(date: NaiveDate, zone: &Zone) -> Option<Instant> {
    match zone.resolve(LocalTime::new(date, NaiveTime::MIN)) {
        Local::Once(at) | Local::Twice { first: at, .. } => Some(at),
        Local::Skipped { before, .. } => Some(before),
        Local::OutOfRange => None,
    }
}

fn just_before(at: Instant) -> Instant {
    Instant::from_millis(at.as_millis() - 1).unwrap_or(at)
}

/// A date or a range of dates, the longest way of writing it first.
fn forms(from: NaiveDate, to: NaiveDate) -> Vec<String> {
    let write = |date: NaiveDate, form: &str| date.format(form).to_string();
    if from == to {
        return ["%a %-d %b %Y", "%a %-d %b", "%-d %b"].map(|form| write(from, form)).to_vec();
    }
    let range = |first: &str, last: &str| format!("{} – {}", write(from, first), write(to, last));
    let forms: &[(&str, &str)] = if write(from, "%Y") != write(to, "%Y") {
        &[("%-d %b %Y", "%-d %b %Y"), ("%b %Y", "%b %Y"), ("%Y", "%Y")]
    } else if write(from, "%m") != write(to, "%m") {
        &[("%-d %b", "%-d %b %Y"), ("%-d %b", "%-d %b"), ("%b", "%b %Y"), ("%b", "%b")]
    } else {
        &[("%-d", "%-d %b %Y"), ("%-d", "%-d %b")]
    };
    forms.iter().map(|(first, last)| range(first, last)).collect()
}

/// A change of the clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClockChange {
    /// The cell of the axis at which the clock is changed.
    pub x: u32,
    /// `the clock goes from 02:00 to 03:00`
    pub text: String,
}

/// More changes than these are not worth the ink.
const CLOCK_CHANGES_MAX: usize = 12;

/// The changes of the clock within an axis, but for those where it is cut; none where there are
/// very many.
pub fn clock_changes(axis: &Axis, zone: &Zone) -> Vec<ClockChange> {
    let next = |at: &Instant| zone.next_change(*at).filter(|at| *at <= axis.last());
    let is_seen = |at: &Instant| !axis.cuts.iter().any(|cut| cut.from < *at && *at < cut.to);
    let changes: Vec<ClockChange> = std::iter::successors(next(&axis.first()), next)
        .filter(is_seen)
        .take(CLOCK_CHANGES_MAX + 1)
        .map(|at| {
            let before = at.to_local(zone.offset_s(just_before(at)));
            let (before, after) = (write_local(before), write_local(zone.local(at)));
            ClockChange { x: axis.x(at), text: format!("the clock goes from {before} to {after}") }
        })
        .collect();
    if changes.len() > CLOCK_CHANGES_MAX { Vec::new() } else { changes }
}

#[cfg(test)]
mod tests {
    use super::super::{Instants, Space};
    use super::*;
    use lamplighter_core::hours::Zones;

    const LETTERS: Letters = Letters { char: 1, gap: 1 };

    fn axis(width: u32, instants: &[&str]) -> Axis {
        let at = |text: &&str| {
            let local = LocalTime::parse_from_str(text, "%Y-%m-%dT%H:%M").expect("a time");
            Instant::from_local(local, 0).expect("in range")
        };
        let space =
            Space { width_min: width, width_max: width, per_knot: 1, knot_gap_min: 1, tail: 2 };
        let marks = instants.iter().map(at).collect();
        Axis::new(Instants { marks, ..Instants::default() }, space).expect("instants")
    }

    fn below(axis: &Axis, zone: &str) -> [String; 2] {
        let zone = Zones::bundled().get(zone).expect("a zone");
        let mut times = String::new();
        for tick in ticks(axis, &[], &zone, LETTERS) {
            times.push_str(&" ".repeat(tick.text_x as usize - times.chars().count()));
            times.push_str(&tick.text);
        }
        let dates = dates(axis, &zone, LETTERS);
        let dates = dates.iter().map(|date| {
            let width = (date.end_x - date.x - 1) as usize;
            format!("|{:width$}", date.text)
        });
        [times, dates.collect::<String>().trim_end().to_owned()]
    }

    #[test]
    fn times_and_dates_are_those_of_the_zone() {
        let axis = axis(60, &["2026-03-09T22:00", "2026-03-10T01:00", "2026-03-10T09:00"]);
        assert_eq!(
            below(&axis, "UTC"),
            [
                "22:00               01:00                              09:00",
                "|Mon 9 Mar    |Tue 10 Mar 2026"
            ]
        );
        assert_eq!(
            below(&axis, "Asia/Tokyo"),
            ["07:00               10:00                              18:00", "|Tue 10 Mar 2026"]
        );
    }

    #[test]
    fn an_hour_that_comes_twice_says_which() {
        let axis = axis(60, &["2026-11-01T05:30", "2026-11-01T06:30"]);
        let [times, _] = below(&axis, "America/New_York");
        assert_eq!(times, "01:30-4                                              01:30-5");
        let zone = Zones::bundled().get("America/New_York").expect("a zone");
        let changes = clock_changes(&axis, &zone);
        let text = "the clock goes from 2026-11-01 02:00 to 2026-11-01 01:00";
        assert_eq!(changes, [ClockChange { x: 29, text: text.to_owned() }]);
    }

    #[test]
    fn a_day_that_the_zone_skipped_has_no_place() {
        let axis = axis(60, &["2011-12-30T02:00", "2011-12-30T10:00", "2011-12-30T20:00"]);
        let [_, dates] = below(&axis, "Pacific/Apia");
        assert_eq!(dates, "|Thu 29 Dec 2011           |Sat 31 Dec 2011");
    }

    #[test]
    fn dates_fill_the_axis_in_every_zone() {
        let zones = Zones::bundled();
        let axis = axis(
            80,
            &["1890-01-01T00:00", "1969-10-01T12:00", "2011-12-30T11:00", "2090-01-01T00:00"],
        );
        for name in zones.names() {
            let zone = zones.get(&name).expect("a zone");
            let dates = dates(&axis, &zone, LETTERS);
            assert_eq!((dates[0].x, dates[dates.len() - 1].end_x), (0, 80), "{name}");
            assert!(dates.windows(2).all(|w| w[0].end_x == w[1].x && w[0].x < w[1].x), "{name}");
            ticks(&axis, &[], &zone, LETTERS);
            assert_eq!(clock_changes(&axis, &Zone::utc()), []);
        }
    }

    #[test]
    fn the_ends_of_time_have_dates() {
        let axis = axis(60, &["0001-01-01T00:00", "9999-12-31T23:59"]);
        for zone in ["UTC", "Asia/Tokyo", "America/New_York"] {
            assert!(!below(&axis, zone)[1].is_empty());
        }
    }
}
