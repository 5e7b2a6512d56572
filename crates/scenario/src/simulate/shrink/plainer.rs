//! What can be said more plainly: settings, hours, statuses, visitors, times.

use std::sync::Arc;

use super::super::case::Case;
use super::super::question::Question;
use super::super::settings::{names, without};
use super::Shrinker;
use lamplighter_core::model::{
    Chosen, DeviceId, Event, Instant, Interval, Knob, Millis, RuleSet, Scheduler, Setting, Settings,
};

const MINUTE_MS: u64 = 60_000;

impl Shrinker<'_> {
    /// Tries the rule book, and the rule book's position of each knob.
    pub fn plainer_rules(&mut self) {
        self.take(Case { rules: RuleSet::BOOK, ..self.case.clone() });
        for &knob in Knob::ALL {
            let mut rules = self.case.rules;
            rules.copy_from(knob, &RuleSet::BOOK);
            self.take(Case { rules, ..self.case.clone() });
        }
    }

    /// Tries no auto-away, the default grace or a minute, no visitors, and devices known from the
    /// start.
    pub fn plainer_timing(&mut self) {
        self.take(Case { auto_away: None, ..self.case.clone() });
        for grace in [Millis::DEFAULT_GRACE, Millis(60_000)] {
            if self.case.grace != Millis::DEFAULT_GRACE {
                self.take(Case { grace, ..self.case.clone() });
            }
        }
        self.take(Case { visits: Vec::new(), ..self.case.clone() });
        self.take(Case { devices_are_met: false, ..self.case.clone() });
    }

    /// Tries to take back each setting of each widget, and to make plainer what has to stay.
    pub fn plainer_settings(&mut self) {
        for property in 0..self.case.properties.len() {
            for widget in 0..self.case.properties[property].widgets.len() {
                for name in names() {
                    let mut case = self.case.clone();
                    case.properties[property].widgets[widget].set(name.taken_back());
                    self.take(case);
                }
                let settings = |case: &Case| case.properties[property].widgets[widget].clone();
                let put = |case: &mut Case, settings: Settings| {
                    case.properties[property].widgets[widget] = settings;
                };
                self.plainer_scheduler(
                    |case| settings(case).scheduler.as_deref().cloned(),
                    |case, scheduler| {
                        let mut settings = settings(case);
                        settings.set(Setting::Scheduler(Some(Arc::new(scheduler))));
                        put(case, settings);
                    },
                );
                self.plainer_lists(&settings, &put);
            }
        }
        for index in 0..self.case.steps.len() {
            self.plainer_scheduler(
                |case| match &case.steps.get(index)?.event {
                    Event::Configure(_, setting) => match &**setting {
                        Setting::Scheduler(scheduler) => scheduler.as_deref().cloned(),
                        _ => None,
                    },
                    _ => None,
                },
                |case, scheduler| {
                    if let Event::Configure(_, setting) = &mut case.steps[index].event {
                        **setting = Setting::Scheduler(Some(Arc::new(scheduler)));
                    }
                },
            );
        }
    }

    /// Fewer things in lists.
    fn plainer_lists(
        &mut self,
        settings: &impl Fn(&Case) -> Settings,
        put: &impl Fn(&mut Case, Settings),
    ) {
        for name in names() {
            let mut index = 0;
            loop {
                let mut plainer = settings(&self.case);
                let Some(setting) = without(&plainer.get(name), index) else { break };
                plainer.set(setting);
                let mut case = self.case.clone();
                put(&mut case, plainer);
                if !self.take(case) {
                    index += 1;
                }
            }
        }
    }

    /// Plainer hours of one scheduler: none on a date or a day, one interval less, UTC, the whole day.
    fn plainer_scheduler(
        &mut self,
        get: impl Fn(&Case) -> Option<Scheduler>,
        put: impl Fn(&mut Case, Scheduler),
    ) {
        let Some(scheduler) = get(&self.case) else { return };
        let try_with = |shrinker: &mut Self, change: &dyn Fn(&mut Scheduler)| {
            if let Some(mut scheduler) = get(&shrinker.case) {
                change(&mut scheduler);
                let mut case = shrinker.case.clone();
                put(&mut case, scheduler);
                shrinker.take(case);
            }
        };
        try_with(self, &|scheduler| scheduler.zone = "UTC".to_owned());
        for place in (0..scheduler.hours.dates.entries().len()).rev() {
            try_with(self, &|scheduler| scheduler.hours.dates.remove(place));
        }
        for place in (0..scheduler.hours.cuts.len()).rev() {
            try_with(self, &|scheduler| remove(&mut scheduler.hours.cuts, place));
        }
        for place in (0..scheduler.hours.every.len()).rev() {
            try_with(self, &|scheduler| remove(&mut scheduler.hours.every, place));
        }
        // A day that is like another is no plainer: each try leaves something out.
        try_with(self, &|scheduler| scheduler.hours.weekdays.fill(Vec::new()));
        for day in 0..7 {
            try_with(self, &|scheduler| {
                let alone = std::mem::take(&mut scheduler.hours.weekdays[day]);
                scheduler.hours.weekdays.fill(Vec::new());
                scheduler.hours.weekdays[day] = alone;
            });
        }
        for day in 0..7 {
            try_with(self, &|scheduler| scheduler.hours.weekdays[day].clear());
            for index in (0..scheduler.hours.weekdays[day].len()).rev() {
                try_with(self, &|scheduler| remove(&mut scheduler.hours.weekdays[day], index));
            }
            for plainer in PLAINER_INTERVALS {
                try_with(self, &|scheduler| {
                    let intervals = scheduler.hours.weekdays[day].iter_mut();
                    intervals.for_each(|interval| *interval = plainer(*interval));
                });
            }
        }
        for (place, entry) in scheduler.hours.dates.hours().enumerate() {
            for index in (0..entry.len()).rev() {
                try_with(self, &|scheduler| {
                    if let Some(entry) = scheduler.hours.dates.hours_mut(place) {
                        remove(entry, index);
                    }
                });
            }
            try_with(self, &|scheduler| {
                if let Some(entry) = scheduler.hours.dates.hours_mut(place) {
                    entry.clear();
                }
            });
        }
    }

    pub fn plainer_steps(&mut self) {
        for index in 0..self.case.steps.len() {
            let plainer = match self.case.steps[index].event.clone() {
                Event::SetStatusEverywhere(agent, chosen) => (0..self.case.device_count(agent))
                    .map(|slot| Event::SetStatus(DeviceId::new(agent, slot), chosen))
                    .collect(),
                Event::LogoutEverywhere(agent) => (0..self.case.device_count(agent))
                    .map(|slot| Event::Logout(DeviceId::new(agent, slot)))
                    .collect(),
                Event::SetStatus(device, Chosen::Invisible) => {
                    vec![Event::SetStatus(device, Chosen::Away)]
                }
                Event::SetStatusEverywhereFor(agent, chosen, length) => {
                    (0..self.case.device_count(agent))
                        .map(|slot| Event::SetStatusFor(DeviceId::new(agent, slot), chosen, length))
                        .collect()
                }
                Event::SetStatusFor(device, chosen, length) => {
                    let mut plainer = vec![Event::SetStatus(device, chosen)];
                    let minutes = Millis(length.0 / MINUTE_MS * MINUTE_MS);
                    if minutes > Millis::ZERO && minutes != length {
                        plainer.push(Event::SetStatusFor(device, chosen, minutes));
                    }
                    if chosen == Chosen::Invisible {
                        plainer.push(Event::SetStatusFor(device, Chosen::Away, length));
                    }
                    plainer
                }
                Event::Login(_)
                | Event::SetStatus(..)
                | Event::Logout(_)
                | Event::Disconnect(_)
                | Event::Reconnect(_)
                | Event::Activity(_)
                | Event::Suspend(..)
                | Event::Reinstate(..)
                | Event::Configure(..) => Vec::new(),
            };
            for event in plainer {
                let mut case = self.case.clone();
                case.steps[index].event = event;
                if self.take(case) {
                    break;
                }
            }
        }
    }

    pub fn plainer_visitor(&mut self) {
        for part in 0..3 {
            let Some(Question::Visitor(widget, mut visitor)) = self.question() else { return };
            match part {
                0 => visitor.page = None,
                1 => visitor.country = None,
                _ => visitor.device = None,
            }
            self.take_with(self.case.clone(), Some(Question::Visitor(widget, visitor)));
        }
    }

    /// What happens comes as late as it can, one right after the other, at plain times.
    pub fn plainer_times(&mut self) {
        self.take(Case { start: self.case.end, ..self.case.clone() });
        if let Some(first) = self.case.steps.first() {
            self.take(Case { start: first.at, ..self.case.clone() });
        }
        for index in (0..self.case.steps.len()).rev() {
            let next = self.case.steps.get(index + 1).map_or(self.case.end, |next| next.at);
            let previous = match index.checked_sub(1) {
                Some(before) => self.case.steps[before].at,
                None => self.case.start,
            };
            let own = self.case.steps[index].at;
            let candidates = [Some(next), Some(previous)]
                .into_iter()
                .chain([3_600_000, 60_000, 1_000].map(|unit| rounded(own, unit)))
                .flatten();
            for at in candidates {
                let at = at.clamp(previous, next);
                if at != own && (at == next || at == previous || is_plainer(at, own)) {
                    let mut case = self.case.clone();
                    case.steps[index].at = at;
                    if self.take(case) {
                        break;
                    }
                }
            }
        }
        self.plainer_end();
        if let Some(first) = self.case.steps.first() {
            self.take(Case { start: first.at, ..self.case.clone() });
        }
    }

    fn plainer_end(&mut self) {
        let last = self.case.steps.last().map_or(self.case.start, |last| last.at);
        let end = self.case.end;
        let rounded = [3_600_000, 60_000, 1_000].map(|unit| rounded(end, unit));
        for end in std::iter::once(last).chain(rounded.into_iter().flatten()) {
            if end >= last && (end == last || is_plainer(end, self.case.end)) {
                let case = Case { end, ..self.case.clone() };
                if self.take(case) {
                    return;
                }
            }
        }
    }
}

/// Intervals to the hour, from its start, or to its end; those that are so already stay as they are.
const PLAINER_INTERVALS: [fn(Interval) -> Interval; 3] = [
    |interval| {
        with_minutes(
            interval,
            whole_hour(interval.start_minute()),
            whole_hour(interval.end_minute()),
        )
    },
    |interval| with_minutes(interval, whole_hour(interval.start_minute()), interval.end_minute()),
    |interval| with_minutes(interval, interval.start_minute(), whole_hour(interval.end_minute())),
];

fn whole_hour(minute: u16) -> u16 {
    minute / 60 * 60
}

fn with_minutes(interval: Interval, start: u16, end: u16) -> Interval {
    let kept = end < start && interval.runs_past_midnight() || start < end;
    Interval::new(start, end).filter(|_| kept).unwrap_or(interval)
}

fn remove<T>(intervals: &mut Vec<T>, index: usize) {
    if index < intervals.len() {
        intervals.remove(index);
    }
}

/// An instant without what is finer than a unit.
fn rounded(at: Instant, unit_ms: i64) -> Option<Instant> {
    Instant::from_millis(at.as_millis() - at.as_millis().rem_euclid(unit_ms))
}

/// Whether a time has fewer digits that matter.
fn is_plainer(at: Instant, other: Instant) -> bool {
    let digits = |at: Instant| {
        let ms = at.as_millis();
        [3_600_000, 60_000, 1_000].iter().filter(|unit| ms.rem_euclid(**unit) != 0).count()
    };
    digits(at) < digits(other)
}
