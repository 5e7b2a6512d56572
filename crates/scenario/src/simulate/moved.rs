//! A case at another time of the calendar: for a service whose clock has gone on and is not put back.

use std::sync::Arc;

use chrono::{Days, NaiveDate};

use super::case::Case;
use lamplighter_core::hours::{Schedule, Zones};
use lamplighter_core::model::{
    DatedEntry, DatedHours, Dates, Event, Instant, Millis, RuleSet, Scheduler, Setting, Settings,
};
use lamplighter_core::rules;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const WEEK_MS: i64 = 7 * DAY_MS;
/// So many weeks are looked through for one in which clocks change as they do in a case: two years, in
/// which every rule of a clock has come twice.
const WEEKS_MAX: i64 = 106;
/// The same where dates of every year are named: weekdays fall on the same dates after 28 years at the latest.
const YEARLY_WEEKS_MAX: i64 = 1_462;
/// So many edges of a scheduler are compared.
const EDGES_MAX: usize = 64;

impl Case {
    /// The same, so many whole weeks later or earlier: every time of day and weekday stays, and so does
    /// the distance of every date but those of every year. `None` where an instant would not lie in the years 0001 to
    /// 9999.
    pub fn moved(&self, weeks: i64) -> Option<Self> {
        let by = |at: Instant| Instant::from_millis(at.as_millis().checked_add(weeks * WEEK_MS)?);
        let mut case = Self { start: by(self.start)?, end: by(self.end)?, ..self.clone() };
        for step in &mut case.steps {
            step.at = by(step.at)?;
            if let Event::Configure(_, setting) = &mut step.event
                && let Setting::Scheduler(Some(scheduler)) = &mut **setting
            {
                *scheduler = moved_scheduler(scheduler, weeks)?;
            }
        }
        for visit in &mut case.visits {
            visit.at = by(visit.at)?;
        }
        for settings in case.properties.iter_mut().flat_map(|property| &mut property.widgets) {
            *settings = moved_settings(settings, weeks)?;
        }
        Some(case)
    }

    /// The same at a time from an instant on: the first week behind it in which the clocks of its zones
    /// are set as in the case and do what they do there, and its schedulers open and close alike, whatever
    /// dates of every year they name. Where there is none, in which the clocks are alike; else the very next
    /// one. `None` where there is no such time before the end of 9999.
    pub fn not_before(&self, from: Instant, zones: &Zones) -> Option<Self> {
        let behind_ms = from.as_millis() - self.start.as_millis();
        let next = behind_ms.div_euclid(WEEK_MS) + i64::from(behind_ms.rem_euclid(WEEK_MS) > 0);
        let clocks = self.clock_changes(0, zones);
        let hours: Vec<Hours> = self.hours(zones).collect();
        let weeks_max = if self.names_yearly() { YEARLY_WEEKS_MAX } else { WEEKS_MAX };
        let mut alike = None;
        for weeks in next..next + weeks_max {
            let Some(start) = later(self.start, weeks) else { break };
            if self.clock_changes(weeks, zones) != clocks {
                continue;
            }
            if hours.iter().all(|hours| hours.are_alike(start, weeks, &self.rules)) {
                return self.moved(weeks);
            }
            alike.get_or_insert(weeks);
        }
        self.moved(alike.unwrap_or(next))
    }

    /// The same from right before the last clock change on that its zones had between an instant and its
    /// start: what was made there before the change may go by the clock of that time. `None` where there was
    /// no change.
    pub fn from_before_clock_change(&self, from: Instant, zones: &Zones) -> Option<Self> {
        let known = self.zone_names().into_iter().filter_map(|name| zones.get(name).ok());
        let changes = known.flat_map(|zone| {
            let next =
                move |at: &Instant| zone.next_change(*at).filter(|change| *change <= self.start);
            std::iter::successors(next(&from), next)
        });
        let before = Instant::from_millis(changes.max()?.as_millis() - HOUR_MS)?;
        Some(Self { start: before.max(from), ..self.clone() })
    }

    /// All schedulers that it has or is given.
    fn schedulers(&self) -> impl Iterator<Item = &Scheduler> {
        let own = self.properties.iter().flat_map(|property| &property.widgets);
        let given = self.steps.iter().filter_map(|step| match &step.event {
            Event::Configure(_, setting) => match &**setting {
                Setting::Scheduler(given) => given.as_deref(),
                _ => None,
            },
            _ => None,
        });
        own.filter_map(|settings| settings.scheduler.as_deref()).chain(given)
    }

    /// Whether a scheduler of it names dates by the calendar of a year.
    fn names_yearly(&self) -> bool {
        self.schedulers().any(|scheduler| {
            let entries = scheduler.hours.dates.entries().iter();
            let named = entries.map(|entry| match entry {
                DatedEntry::Hours(named, _) => !is_moved(*named),
                DatedEntry::Calendar(_) => true,
            });
            named.chain(scheduler.hours.cuts.iter().map(|cut| !is_moved(cut.dates))).any(|is| is)
        })
    }

    /// The hours of all its schedulers, and when they open and close in it.
    fn hours<'a>(&'a self, zones: &'a Zones) -> impl Iterator<Item = Hours<'a>> {
        let known = self.schedulers().filter_map(|own| Some((zones.get(&own.zone).ok()?, own)));
        known.map(|(zone, own)| {
            let schedule = Schedule::new(zone, &rules::hours(&self.rules, &own.hours));
            let length = self.end.since(self.start);
            let edges = edges(&schedule, self.start, length).collect();
            Hours { own, length, is_open: schedule.is_open(self.start), edges, schedule }
        })
    }

    /// How the clocks of its zones are set so many weeks later, and how far from its start they change then and
    /// by how much, zone after zone.
    fn clock_changes(&self, weeks: i64, zones: &Zones) -> Vec<(Millis, i32)> {
        let mut changes = Vec::new();
        let (Some(start), Some(end)) = (later(self.start, weeks), later(self.end, weeks)) else {
            return changes;
        };
        for zone in self.zone_names().into_iter().filter_map(|name| zones.get(name).ok()) {
            let mut at = start;
            changes.push((Millis::ZERO, zone.offset_s(at)));
            while let Some(change) = zone.next_change(at).filter(|change| *change <= end) {
                let jump_s = zone.offset_s(change) - zone.offset_s(at);
                changes.push((change.since(start), jump_s));
                at = change;
            }
        }
        changes
    }
}

/// The hours of a scheduler in a case.
struct Hours<'a> {
    own: &'a Scheduler,
    schedule: Schedule,
    /// How long the case is.
    length: Millis,
    /// Whether they are open where it starts.
    is_open: bool,
    /// How far behind its start they open and close.
    edges: Vec<Millis>,
}

impl Hours<'_> {
    /// Whether they open and close alike so many weeks later, from where the case starts then.
    fn are_alike(&self, start: Instant, weeks: i64, rules: &RuleSet) -> bool {
        let is_alike = |schedule: &Schedule| {
            schedule.is_open(start) == self.is_open
                && edges(schedule, start, self.length).eq(self.edges.iter().copied())
        };
        match moved_scheduler(self.own, weeks) {
            Some(moved) if *moved == *self.own => is_alike(&self.schedule),
            Some(moved) => {
                let zone = Arc::clone(self.schedule.zone());
                is_alike(&Schedule::new(zone, &rules::hours(rules, &moved.hours)))
            }
            None => false,
        }
    }
}

/// How far behind an instant hours open and close, for so long.
fn edges(schedule: &Schedule, start: Instant, length: Millis) -> impl Iterator<Item = Millis> {
    let next =
        move |at: &Instant| schedule.next_edge(*at).filter(|edge| edge.since(start) <= length);
    std::iter::successors(next(&start), next).take(EDGES_MAX).map(move |edge| edge.since(start))
}

/// So many weeks later or earlier.
fn later(at: Instant, weeks: i64) -> Option<Instant> {
    Instant::from_millis(at.as_millis().checked_add(weeks * WEEK_MS)?)
}

fn moved_settings(settings: &Settings, weeks: i64) -> Option<Settings> {
    let scheduler = match &settings.scheduler {
        Some(scheduler) => Some(moved_scheduler(scheduler, weeks)?),
        None => None,
    };
    Some(Settings { scheduler, ..settings.clone() })
}

fn moved_scheduler(scheduler: &Scheduler, weeks: i64) -> Option<Arc<Scheduler>> {
    let mut moved = scheduler.clone();
    let hours = &mut moved.hours;
    for every in &mut hours.every {
        every.from = moved_date(every.from, weeks)?;
    }
    let mut dates = DatedHours::default();
    for entry in hours.dates.entries() {
        match entry {
            DatedEntry::Hours(named, hours) => {
                dates.insert(moved_dates(*named, weeks)?, hours.clone());
            }
            DatedEntry::Calendar(calendar) => dates.insert_calendar(Arc::clone(calendar)),
        }
    }
    hours.dates = dates;
    for cut in &mut hours.cuts {
        cut.dates = moved_dates(cut.dates, weeks)?;
    }
    Some(Arc::new(moved))
}

/// Whether dates are moved with a case; others are named by the calendar.
fn is_moved(dates: Dates) -> bool {
    matches!(dates, Dates::On(_) | Dates::Range(..))
}

/// Dates of every year stay: they are named by the calendar.
fn moved_dates(dates: Dates, weeks: i64) -> Option<Dates> {
    Some(match dates {
        Dates::On(date) => Dates::On(moved_date(date, weeks)?),
        Dates::Range(from, to) => Dates::Range(moved_date(from, weeks)?, moved_date(to, weeks)?),
        Dates::Yearly(_) | Dates::YearlyRange(..) | Dates::OfMonth(..) | Dates::Easter(_) => dates,
    })
}

fn moved_date(date: NaiveDate, weeks: i64) -> Option<NaiveDate> {
    let days = Days::new(7 * weeks.unsigned_abs());
    if weeks < 0 { date.checked_sub_days(days) } else { date.checked_add_days(days) }
}

#[cfg(test)]
mod tests {
    use super::super::draw::draw;
    use super::super::swarm::Swarm;
    use super::*;

    #[test]
    fn a_case_moved_by_weeks_and_back_is_the_same() {
        let zones = Zones::bundled();
        for seed in 0..200 {
            let case = draw(seed, &Swarm::draw(seed, None), &zones);
            let Some(moved) = case.moved(53) else { continue };
            assert_ne!(moved, case);
            assert_eq!(moved.moved(-53), Some(case), "seed {seed}");
        }
    }

    #[test]
    fn a_case_finds_a_later_week_in_which_its_clocks_are_set_and_change_alike() {
        let zones = Zones::bundled();
        let from: Instant = "2040-01-01T00:00:00Z".parse().expect("an instant");
        let mut with_changes = 0;
        for seed in 0..300 {
            let swarm = Swarm::draw(seed, None);
            let case = draw(seed, &swarm, &zones);
            let own = case.clock_changes(0, &zones);
            // Of zones whose rules go on for ever.
            let is_lasting = (2025..2100).contains(&year(case.start))
                && !case.zone_names().iter().any(|zone| zone.contains("Casablanca"));
            let later = case.not_before(from, &zones).expect("there is time");
            assert!(later.start >= from && later.is_in_order(), "seed {seed}");
            let changes = own.iter().filter(|(behind, _)| *behind > Millis::ZERO).count();
            if is_lasting && changes == 1 {
                assert_eq!(later.clock_changes(0, &zones), own, "seed {seed}");
                with_changes += 1;
            }
        }
        assert!(with_changes > 20, "only {with_changes} cases have a change");
    }

    #[test]
    fn a_case_of_summer_comes_again_in_summer() {
        let zones = Zones::bundled();
        let offset_s = |at: Instant| zones.get("Europe/Madrid").expect("a zone").offset_s(at);
        let from: Instant = "2040-11-01T00:00:00Z".parse().expect("an instant");
        let mut found = 0;
        for seed in 0..200 {
            let mut case = draw(seed, &Swarm::draw(seed, None), &zones);
            case.properties.truncate(1);
            case.steps.clear();
            let Some(widget) = case.properties.first_mut().and_then(|it| it.widgets.first_mut())
            else {
                continue;
            };
            let scheduler = widget.scheduler.clone();
            let Some(mut scheduler) = scheduler else { continue };
            Arc::make_mut(&mut scheduler).zone = "Europe/Madrid".to_owned();
            widget.scheduler = Some(scheduler);
            case.properties[0].widgets.truncate(1);
            if !(2025..2100).contains(&year(case.start)) {
                continue;
            }
            let later = case.not_before(from, &zones).expect("there is time");
            assert_eq!(offset_s(later.start), offset_s(case.start), "seed {seed}");
            found += 1;
        }
        assert!(found > 20, "only {found} cases have hours");
    }

    #[test]
    fn a_case_with_dates_of_every_year_comes_again_when_its_hours_do() {
        let zones = Zones::bundled();
        let mut found = 0;
        for seed in 0..400 {
            let case = draw(seed, &Swarm::draw(seed, None), &zones);
            if !case.names_yearly() || !(2025..2100).contains(&year(case.start)) {
                continue;
            }
            let from = case.end.checked_add(Millis(1)).expect("there is time");
            let later = case.not_before(from, &zones).expect("there is time");
            let edges = |case: &Case| {
                let of_each = |it: Hours<'_>| (it.is_open, it.edges);
                case.hours(&zones).map(of_each).collect::<Vec<_>>()
            };
            found += u32::from(edges(&later) == edges(&case));
        }
        assert!(found >= 10, "only {found} cases come again with their hours");
    }

    #[test]
    fn a_case_behind_a_clock_change_begins_before_the_last_one_of_its_zones() {
        let zones = Zones::bundled();
        let mut found = 0;
        for seed in 0..200 {
            let case = draw(seed, &Swarm::draw(seed, None), &zones);
            let Some(from) = Instant::from_millis(case.start.as_millis() - 53 * WEEK_MS) else {
                continue;
            };
            let Some(earlier) = case.from_before_clock_change(from, &zones) else { continue };
            assert!((from..case.start).contains(&earlier.start), "seed {seed}");
            let up_to_its_start = Case { end: case.start, ..earlier };
            let changes = up_to_its_start.clock_changes(0, &zones);
            let behind = changes.iter().filter(|(behind, _)| *behind > Millis::ZERO);
            // Of several zones each may change in that hour.
            assert!((1..=case.zone_names().len()).contains(&behind.count()), "seed {seed}");
            found += 1;
        }
        assert!(found > 50, "only {found} cases lie behind a change");
        let utc = Case {
            properties: Vec::new(),
            steps: Vec::new(),
            ..draw(0, &Swarm::draw(0, None), &zones)
        };
        assert_eq!(utc.from_before_clock_change(Instant::MIN, &zones), None);
    }

    fn year(at: Instant) -> i32 {
        use chrono::Datelike;
        at.to_local(0).date().year()
    }
}
