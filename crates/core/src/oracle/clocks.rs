//! The wall clocks that schedulers go by, minute by minute, and what hours say on them.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveTime;

use super::Oracle;
use super::calendar::Day;
use crate::model::{Instant, RuleSet, Scheduler, SchedulerState, WidgetId};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// The clocks of all schedulers over a stretch of time in which nobody sets another one: for whoever looks at
/// each of their minutes, one after the other.
#[derive(Debug)]
pub struct Clocks {
    rules: RuleSet,
    faces: Vec<Face>,
    widgets: Vec<(WidgetId, Option<Hours>)>,
}

/// The clock of one zone.
#[derive(Debug)]
struct Face {
    zone: String,
    /// Each new minute and each change of the offset, with the offset from then on.
    minutes: Vec<(Instant, i32)>,
    /// How many of them have passed.
    passed: usize,
    /// The offset at the last look.
    offset_s: i32,
}

/// The hours of a widget.
#[derive(Debug)]
struct Hours {
    scheduler: Arc<Scheduler>,
    /// Which clock they go by.
    face: usize,
    today: Option<Today>,
}

/// The date that a clock reads.
#[derive(Debug)]
struct Today {
    /// The reading with which it begins, in milliseconds as if it were UTC.
    midnight_ms: i64,
    day: Day,
}

impl Clocks {
    /// Every instant at which one of them begins a minute or changes its offset, zone after zone.
    pub fn instants(&self) -> impl Iterator<Item = Instant> {
        self.faces.iter().flat_map(|face| &face.minutes).map(|(at, _)| *at)
    }

    /// Rules S1, S2, of each widget at the instant that has been reached, which is not before that of the last
    /// look.
    pub fn look<'a>(
        &'a mut self,
        oracle: &Oracle,
    ) -> impl Iterator<Item = (WidgetId, SchedulerState)> + use<'a> {
        let now = oracle.now;
        for face in &mut self.faces {
            face.look(oracle);
        }
        let (rules, faces) = (&self.rules, &self.faces);
        self.widgets.iter_mut().map(move |(widget, hours)| {
            let state = hours.as_mut().map_or(SchedulerState::Off, |hours| {
                match hours.are_open(rules, now, faces[hours.face].offset_s) {
                    true => SchedulerState::Open,
                    false => SchedulerState::Closed,
                }
            });
            (*widget, state)
        })
    }
}

impl Face {
    fn look(&mut self, oracle: &Oracle) {
        let now = oracle.now;
        let passed = self.minutes[self.passed..].iter().take_while(|(at, _)| *at < now).count();
        self.passed += passed;
        self.offset_s = match self.minutes.get(self.passed) {
            Some((at, offset_s)) if *at == now => *offset_s,
            _ => oracle.offset_s(&self.zone, now),
        };
    }
}

impl Hours {
    /// Rule S2: what the wall clock says.
    fn are_open(&mut self, rules: &RuleSet, now: Instant, offset_s: i32) -> bool {
        let reading_ms = now.as_millis() + i64::from(offset_s) * 1_000;
        let is_today = |today: &Today| (0..DAY_MS).contains(&(reading_ms - today.midnight_ms));
        let today = self.today.take().filter(is_today).unwrap_or_else(|| {
            let date = now.to_local(offset_s).date();
            let midnight_ms = date.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
            Today { midnight_ms, day: Day::new(rules, &self.scheduler.hours, date) }
        });
        let minute = (reading_ms - today.midnight_ms) / MINUTE_MS;
        self.today.insert(today).day.is_open(minute as u32)
    }
}

impl Oracle {
    /// The clocks of all schedulers from now, which is left out, up to `until`.
    pub fn clocks(&self, until: Instant) -> Clocks {
        let mut faces: Vec<Face> = Vec::new();
        let mut widgets = Vec::new();
        for (widget, (_, settings)) in &self.widgets {
            let hours = settings.scheduler.as_ref().map(|scheduler| {
                let known = faces.iter().position(|face| face.zone == scheduler.zone);
                let face = known.unwrap_or_else(|| {
                    let zone = scheduler.zone.clone();
                    let minutes = self.minutes_of(&zone, until);
                    faces.push(Face { zone, minutes, passed: 0, offset_s: 0 });
                    faces.len() - 1
                });
                Hours { scheduler: Arc::clone(scheduler), face, today: None }
            });
            widgets.push((*widget, hours));
        }
        Clocks { rules: self.rules, faces, widgets }
    }

    /// Every instant later than now, up to `until`, at which the clock can change anything: all
    /// deadlines, and for each scheduler each new minute of its wall clock and each change of its
    /// offset. An edge of hours is nowhere else (rules S2, S3).
    pub fn candidates(&self, until: Instant) -> BTreeSet<Instant> {
        let deadlines = self.deadlines().into_iter().filter(|&at| at <= until);
        self.clocks(until).instants().chain(deadlines).collect()
    }

    fn minutes_of(&self, zone: &str, until: Instant) -> Vec<(Instant, i32)> {
        let mut minutes = Vec::new();
        let mut at = self.now;
        let mut offset_s = self.offset_s(zone, at);
        loop {
            let into_minute_ms = (at.as_millis() + i64::from(offset_s) * 1_000) % MINUTE_MS;
            let left_ms = MINUTE_MS - (into_minute_ms + MINUTE_MS) % MINUTE_MS;
            let Some(next) = Instant::from_millis(at.as_millis() + left_ms) else { break };
            let next_offset_s = self.offset_s(zone, next);
            if next_offset_s == offset_s {
                at = next;
            } else {
                at = self.first_other_offset(zone, at, next);
                offset_s = self.offset_s(zone, at);
            }
            if at > until {
                break;
            }
            minutes.push((at, offset_s));
        }
        minutes
    }

    /// The first instant after `from`, up to `to`, at which the offset is not what it was; at `to` it is
    /// not.
    fn first_other_offset(&self, zone: &str, from: Instant, to: Instant) -> Instant {
        let before = self.offset_s(zone, from);
        let (mut same, mut other) = (from, to);
        while other.as_millis() - same.as_millis() > 1 {
            let middle = Instant::from_millis((same.as_millis() + other.as_millis()) / 2);
            let middle = middle.expect("between two instants");
            match self.offset_s(zone, middle) == before {
                true => same = middle,
                false => other = middle,
            }
        }
        other
    }
}
