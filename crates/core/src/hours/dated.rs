//! Hours with dated entries, cuts or weeks that take turns: looked up by the calendar date.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Timelike};

use super::Zone;
use super::day::{Day, OnDate};
use super::far_edge::FarEdge;
use super::lookup::{Lookup, Repeats};
use super::week::union;
use crate::model::{
    DAY_MINUTES, DatedEntry, Dates, Instant, LocalTime, WeekHours, Weekdays, week_of,
};
use crate::mutations::{Mutation, is_on};

const MINUTE_MS: u32 = 60_000;

/// Hours of which some are set for dates, some are cut out, and some take turns (rules S5, S7 to S9).
#[derive(Clone, Debug)]
pub struct Dated {
    weekdays: [Day; 7],
    pub(super) turns: Vec<Turn>,
    /// The dated entries.
    pub(super) entries: Lookup,
    /// What is cut out.
    pub(super) cuts: Lookup,
    /// How many days behind its own a day can matter: 1 or more.
    pub(super) reach_days: u16,
    /// Set where the weekdays alone never open or never close.
    pub(super) every_week: Option<bool>,
    /// When single dates can matter: disjoint, in order, in milliseconds since 1970.
    pub(super) spans_ms: Vec<(i64, i64)>,
    /// When what is named comes again.
    pub(super) repeats: Repeats,
    /// After how many weeks hours that take turns are the same again; `None` for longer than time.
    pub(super) turn_weeks: Option<i64>,
    /// The next edge, where it is far ahead; these hours are of one zone.
    far: FarEdge,
}

/// On which days an edge can be.
#[derive(Clone, Copy, Debug)]
enum Try {
    All,
    /// The weekdays alone bring none: on those of entries and cuts.
    Named,
    /// Nothing else brings any: on those of entries and cuts for Easter.
    Easter,
}

/// Hours of every N-th week (rule S9).
#[derive(Clone, Debug)]
pub(super) struct Turn {
    days: Weekdays,
    /// The number of one of its weeks.
    week: i64,
    /// After how many weeks it comes again.
    weeks: i64,
    day: Day,
}

impl Dated {
    /// Works out hours of which not all are those of every week.
    pub fn new(hours: &WeekHours) -> Self {
        let weekdays = [0, 1, 2, 3, 4, 5, 6].map(|day: usize| Day::new(&hours.weekdays[day]));
        let turn = |line: &crate::model::EveryWeeks| Turn {
            days: line.days,
            week: week_of(line.from),
            weeks: line.weeks.into(),
            day: Day::new(&line.hours),
        };
        let turns: Vec<Turn> = hours.every.iter().map(turn).collect();
        let (entries, cuts) = lookups(hours);
        let days = weekdays.iter().chain(turns.iter().map(|turn| &turn.day));
        let reach_days = days.chain(entries.days()).chain(cuts.days()).map(Day::reach_days).max();
        let mut dated = Self {
            every_week: None,
            spans_ms: Vec::new(),
            far: FarEdge::default(),
            repeats: entries.repeats().and(cuts.repeats()),
            turn_weeks: turns
                .iter()
                .try_fold(1, |all, turn| least_common_multiple(all, turn.weeks)),
            reach_days: reach_days.unwrap_or(0).max(1),
            weekdays,
            turns,
            entries,
            cuts,
        };
        if dated.turns.is_empty() {
            dated.every_week = dated.every_week();
        }
        dated.spans_ms = dated.spans_of_single_dates();
        dated
    }

    /// Whether the weekdays alone never open or never close.
    fn every_week(&self) -> Option<bool> {
        let on = |weekday: usize| OnDate {
            day: &self.weekdays[weekday],
            carried: self.carried(|days| &self.weekdays[(weekday + 7 - usize::from(days)) % 7]),
            cuts: Vec::new(),
        };
        let never_changes = |open: &bool| (0..7).all(|day| on(day).first_not(0, *open).is_none());
        [true, false].into_iter().find(never_changes)
    }

    /// Whether what is named are single dates and nothing else.
    pub fn has_single_dates_alone(&self) -> bool {
        self.entries.has_single_dates_alone() && self.cuts.has_single_dates_alone()
    }

    /// The first date from `from` on that an entry or a cut names.
    pub(super) fn next_named(&self, from: NaiveDate) -> Option<NaiveDate> {
        self.entries.next(from).into_iter().chain(self.cuts.next(from)).min()
    }

    /// The first instant later than `at` at which the hours open or close, if there is one. It is
    /// always asked for the same zone.
    pub fn next_edge(&self, zone: &Zone, at: Instant) -> Option<Instant> {
        self.far.or_find(at, || self.find_next_edge(zone, at))
    }

    /// The same, found anew: by the days that can bring an edge, one after the other.
    pub(super) fn find_next_edge(&self, zone: &Zone, at: Instant) -> Option<Instant> {
        let local = at.to_local(zone.span(at).offset_s);
        let open = self.is_open_at_reading(local);
        let days = if self.every_week == Some(open) { Try::Named } else { Try::All };
        if let Some(far) = self.far_from(local.date()) {
            let edge = self.next_edge_until(zone, at, Some(far), days);
            if edge.is_some() {
                return edge;
            }
            if self.is_moved_by_easter_alone(open, zone, at) {
                return self.next_edge_until(zone, at, None, Try::Easter);
            }
        }
        self.next_edge_until(zone, at, self.is_settled_after(local.date(), open), days)
    }

    /// The first edge later than `at`, if it is no later than a date.
    fn next_edge_until(
        &self,
        zone: &Zone,
        at: Instant,
        settled: Option<NaiveDate>,
        days: Try,
    ) -> Option<Instant> {
        let mut span = zone.span(at);
        let mut local = at.to_local(span.offset_s);
        let open = self.is_open_at_reading(local);
        loop {
            if settled.is_some_and(|settled| settled < local.date()) {
                return None;
            }
            let clock_change = span.end.map(|end| (end, end.to_local(span.offset_s)));
            let limit = clock_change.map(|(_, reading)| reading);
            if let Some(edge) = self.next_reading_not(local, open, (limit, settled), days) {
                let edge = Instant::from_local(edge, span.offset_s);
                debug_assert!(edge.is_none_or(|edge| edge > at), "an edge that is not ahead");
                return edge;
            }
            let (instant, _) = clock_change?;
            span = zone.span(instant);
            local = instant.to_local(span.offset_s);
            if self.is_open_at_reading(local) != open {
                return Some(instant);
            }
        }
    }

    /// Whether the hours are open where the wall clock reads this (rule S2).
    pub fn is_open_at_reading(&self, local: LocalTime) -> bool {
        self.on(local.date()).is_open(minute_of(local))
    }

    /// The first reading after `from`, which is `open`, and before `limit` that is not, on a clock
    /// that nobody changes.
    fn next_reading_not(
        &self,
        from: LocalTime,
        open: bool,
        (limit, settled): (Option<LocalTime>, Option<NaiveDate>),
        days: Try,
    ) -> Option<LocalTime> {
        let (mut date, mut minute) = (from.date(), minute_of(from));
        loop {
            if let Some(minute) = self.on(date).first_not(minute, open) {
                let edge = date.and_time(time_of(minute));
                return limit.is_none_or(|limit| edge < limit).then_some(edge);
            }
            date = self.next_day_to_try(date, days)?;
            minute = 0;
            if limit.is_some_and(|limit| date > limit.date())
                || settled.is_some_and(|settled| settled < date)
            {
                return None;
            }
        }
    }

    /// The next day after a date that can bring an edge.
    fn next_day_to_try(&self, date: NaiveDate, days: Try) -> Option<NaiveDate> {
        let next = date.checked_add_days(Days::new(1))?;
        // What starts on a day still counts on days after it.
        let from = || next.checked_sub_days(Days::new(self.reach_days.into()));
        let named = match days {
            Try::All => return Some(next),
            Try::Named => self.next_named(from()?),
            Try::Easter => {
                let (entry, cut) =
                    (self.entries.next_easter(from()?), self.cuts.next_easter(from()?));
                entry.into_iter().chain(cut).min()
            }
        };
        named.map(|named| named.max(next))
    }

    /// All that is so on a date.
    fn on(&self, date: NaiveDate) -> OnDate<'_> {
        let carried =
            match is_on(Mutation::DateCutsEveningBefore) && self.entries.last_on(date).is_some() {
                true => self.day(date).spill_after(1),
                false => self.carried(|days| self.evening(before(date, days))),
            };
        OnDate { day: self.day(date), carried, cuts: self.cuts_on(date) }
    }

    /// The minute until which hours run on that started on days before.
    fn carried<'a>(&self, on: impl Fn(u16) -> &'a Day) -> u16 {
        let reach = if is_on(Mutation::OneDayBackAlone) { 1 } else { self.reach_days };
        let mut carried = on(1).spill_after(1);
        for days in 2..=reach {
            carried = carried.max(on(days).spill_after(days));
        }
        carried
    }

    /// What is cut out of a date, by its own cuts and those of days before (rule S8).
    fn cuts_on(&self, date: NaiveDate) -> Vec<(u16, u16)> {
        if self.cuts.is_empty() {
            return Vec::new();
        }
        let mut spans: Vec<(u16, u16)> = Vec::new();
        for cut in self.cuts.all_on(date) {
            spans.extend(cut.own());
            if is_on(Mutation::CutsReplaceEachOther) {
                break;
            }
        }
        for days in 1..=self.reach_days {
            let reaching = self.cuts.all_on(before(date, days));
            let spill = reaching.map(|cut| cut.spill_after(days)).max().unwrap_or(0);
            if spill > 0 && !is_on(Mutation::CutEndsAtMidnight) {
                spans.push((0, spill.min(DAY_MINUTES)));
            }
        }
        union(spans)
    }

    fn day(&self, date: NaiveDate) -> &Day {
        if let Some(day) = self.entries.last_on(date)
            && !(is_on(Mutation::CutReplacesEntry) && self.cuts.all_on(date).next().is_some())
        {
            return day;
        }
        self.by_week(date)
    }

    /// What starts on a date by its weekday, in the week that it is in.
    fn by_week(&self, date: NaiveDate) -> &Day {
        let weekday = date.weekday().num_days_from_monday() as usize;
        if is_on(Mutation::SundayFirstBesideDates) {
            return &self.weekdays[date.weekday().num_days_from_sunday() as usize];
        }
        if !self.turns.is_empty() {
            let week = match is_on(Mutation::WeeksFromSunday) {
                true => week_of(date.succ_opt().unwrap_or(date)),
                false => week_of(date),
            };
            let comes = |turn: &&Turn| {
                let past = week - turn.week;
                turn.days.contains(weekday)
                    && past % turn.weeks == 0
                    && !(past < 0 && is_on(Mutation::TurnsBeginWithTheirDate))
            };
            if let Some(turn) = self.turns.iter().find(comes) {
                return &turn.day;
            }
        }
        &self.weekdays[weekday]
    }

    /// What starts on a day before the one that is asked for.
    fn evening(&self, date: NaiveDate) -> &Day {
        if is_on(Mutation::DatedEveningLost) { self.by_week(date) } else { self.day(date) }
    }
}

/// The entries and the cuts of some hours, those of calendars included.
fn lookups(hours: &WeekHours) -> (Lookup, Lookup) {
    let count = hours.dates.entries().len();
    let (mut entries, mut cuts) = (Lookup::with_room(count), Lookup::default());
    for entry in hours.dates.entries() {
        match entry {
            DatedEntry::Hours(dates, hours) => entries.add(dates, Day::new(hours)),
            DatedEntry::Calendar(calendar) => {
                entries.add_calendar(calendar);
                for &(date, interval) in &calendar.cuts {
                    cuts.add(&Dates::On(date), Day::new(&[interval]));
                }
            }
        }
    }
    for cut in &hours.cuts {
        cuts.add(&cut.dates, Day::new(&cut.intervals));
    }
    entries.sort();
    cuts.sort();
    (entries, cuts)
}

fn before(date: NaiveDate, days: u16) -> NaiveDate {
    date.checked_sub_days(Days::new(days.into())).expect("within chrono's range of dates")
}

/// `None` where it is greater than a number can be.
pub(super) fn least_common_multiple(a: i64, b: i64) -> Option<i64> {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    (a / x).checked_mul(b)
}

fn minute_of(local: LocalTime) -> u16 {
    (local.hour() * 60 + local.minute()) as u16
}

fn time_of(minute: u16) -> NaiveTime {
    let milliseconds = u32::from(minute) * MINUTE_MS;
    NaiveTime::from_num_seconds_from_midnight_opt(milliseconds / 1_000, 0)
        .expect("a minute of the day")
}
