//! Settings in random worlds, by the table of the model: what is drawn of each kind of value, and what is
//! plainer than a value.

use std::sync::Arc;

use chrono::{Days, NaiveDate};

use super::calendar::{CalendarSampler, is_writable};
use super::swarm::Swarm;
use super::visitors::pages;
use crate::synth::random::RandomStream;
use lamplighter_core::for_each_setting;
use lamplighter_core::model::{
    Countries, Instant, Interval, PagePattern, Scheduler, Setting, SettingName, WeekHours,
};

const MINUTE_MS: u64 = 60_000;
const DAY_MINUTES: u32 = 24 * 60;

/// All settings in the order in which worlds draw them, and cases are made plainer: greetings last, as
/// seeds have had them from the first one on.
pub fn names() -> Vec<SettingName> {
    let mut names: Vec<SettingName> = SettingName::all().collect();
    names.sort_by_key(|name| matches!(name, SettingName::Greeting(_)));
    names
}

/// All but the scheduler, which comes more often.
pub fn others() -> Vec<SettingName> {
    names().into_iter().filter(|name| *name != SettingName::Scheduler).collect()
}

/// A kind of value in random worlds.
trait Value: Sized {
    /// A value for a part of a setting, or one that takes it back.
    fn draw(sampler: &mut Sampler<'_>, on: bool, part: Option<&str>) -> Self;

    /// The value without one of the things in it, if it has so many.
    fn without(&self, _index: usize) -> Option<Self> {
        None
    }
}

impl Value for bool {
    fn draw(_: &mut Sampler<'_>, on: bool, _: Option<&str>) -> Self {
        on
    }
}

impl Value for Vec<PagePattern> {
    fn draw(sampler: &mut Sampler<'_>, on: bool, _: Option<&str>) -> Self {
        if on { pages(&mut sampler.stream) } else { Self::new() }
    }

    fn without(&self, index: usize) -> Option<Self> {
        let mut less = self.clone();
        (index < less.len()).then(|| drop(less.remove(index)))?;
        Some(less)
    }
}

impl Value for Option<Countries> {
    fn draw(sampler: &mut Sampler<'_>, on: bool, _: Option<&str>) -> Self {
        let stream = &mut sampler.stream;
        let all = ["FR", "DE", "US"].map(|text| text.parse().expect("a country"));
        let count = stream.between(1, 2) as usize;
        let first = stream.below(2) as usize;
        let some = all[first..first + count].to_vec();
        let countries = match stream.chance(50) {
            true => Countries::Only(some),
            false => Countries::Except(some),
        };
        on.then_some(countries)
    }
}

impl Value for Option<String> {
    fn draw(_: &mut Sampler<'_>, on: bool, part: Option<&str>) -> Self {
        let text = match part {
            Some("online") => "Hello",
            Some("away") => "Back soon",
            _ => "Write to us",
        };
        on.then(|| text.to_owned())
    }
}

impl Value for Option<Arc<Scheduler>> {
    fn draw(sampler: &mut Sampler<'_>, on: bool, _: Option<&str>) -> Self {
        on.then(|| Arc::new(sampler.scheduler(sampler.swarm.start)))
    }
}

macro_rules! values {
    ($(
        $(#[$doc:meta])*
        $name:ident, $field:ident, $keyword:literal, $rule:literal,
            [$($key:ident: $part:ty)?] $value:ty;
    )*) => {
        impl Sampler<'_> {
            /// A setting with a value, mostly, or one that is taken back.
            pub fn setting(&mut self, name: SettingName) -> Setting {
                let on = self.stream.chance(75);
                match name {
                    $(SettingName::$name $(($key))? => {
                        Setting::$name($($key,)? Value::draw(self, on, name.part()))
                    })*
                }
            }
        }

        /// A setting without one of the things in its list, if it has so many.
        pub fn without(setting: &Setting, index: usize) -> Option<Setting> {
            match setting {
                $(Setting::$name($($key,)? value) => {
                    value.without(index).map(|value| Setting::$name($(*$key,)? value))
                })*
            }
        }
    };
}

for_each_setting! { values }

/// Draws places with what is set on them, from a swarm.
pub struct Sampler<'a> {
    /// The options of the seed, by whose percentages settings are drawn.
    pub swarm: &'a Swarm,
    /// The random numbers of the draws, forked from the seed for settings alone.
    pub stream: RandomStream,
    /// Those of what calendars bring to hours.
    pub calendar: RandomStream,
}

/// The shape of hours about when clocks change.
const ABOUT_CLOCK_CHANGES: u32 = 2;

impl Sampler<'_> {
    /// A scheduler, with dated entries near an instant.
    pub fn scheduler(&mut self, near: Instant) -> Scheduler {
        let zone = (*self.stream.one_of(&self.swarm.zones)).to_owned();
        let mut hours = WeekHours::default();
        let is_turning = self.swarm.turning > 0 && self.stream.chance(self.swarm.turning);
        let shape = if is_turning { ABOUT_CLOCK_CHANGES } else { self.stream.below(6) };
        let usual = self.day(shape);
        for (index, day) in hours.weekdays.iter_mut().enumerate() {
            // Most weeks have days that are alike.
            *day = match self.stream.below(3) {
                0 => self.day(shape),
                _ if index >= 5 && shape == 0 => Vec::new(),
                _ => usual.clone(),
            };
        }
        let days = (self.swarm.length.0 / (u64::from(DAY_MINUTES) * MINUTE_MS)) as u32 + 3;
        let first = near.to_local(0).date().checked_sub_days(Days::new(1));
        let mut near: Vec<NaiveDate> = Vec::new();
        for day in 0..days.min(6) {
            let date = first.and_then(|first| first.checked_add_days(Days::new(day.into())));
            near.extend(date.filter(|&date| is_writable(date)));
        }
        for &date in &near {
            if self.stream.chance(self.swarm.dated) {
                let shape = self.stream.below(6);
                let entry = if self.stream.chance(40) { Vec::new() } else { self.day(shape) };
                hours.dates.insert(date, entry);
            }
        }
        let mut scheduler = Scheduler { zone, hours };
        let (stream, percent) = (&mut self.calendar, self.swarm.calendar);
        CalendarSampler { stream, percent, days: &near }.add(&mut scheduler);
        scheduler
    }

    /// The hours of one day.
    fn day(&mut self, shape: u32) -> Vec<Interval> {
        let stream = &mut self.stream;
        let grain = *stream.one_of(&[60, 30, 30, 15, 1]);
        let grained = |minute: u32| minute / grain * grain;
        let spans: Vec<(u32, u32)> = match shape {
            // Office hours, some with a break.
            0 => {
                let (start, end) = (stream.between(6, 11) * 60, stream.between(14, 20) * 60);
                match stream.chance(30) {
                    true => vec![(start, 720), (780, end)],
                    false => vec![(start, end)],
                }
            }
            // Past midnight.
            1 => vec![(grained(stream.between(960, 1_439)), grained(stream.between(0, 600)))],
            ABOUT_CLOCK_CHANGES => (0..stream.between(1, 3))
                .map(|_| {
                    let start = grained(stream.below(240));
                    (start, start + grain.max(stream.below(120) / grain * grain))
                })
                .collect(),
            // Anything, overlapping or touching as it comes.
            3 => (0..stream.below(5))
                .map(|_| (grained(stream.below(1_440)), grained(stream.below(1_441))))
                .collect(),
            // The whole day, up to its end, or from its start.
            4 => {
                let minute = grained(stream.between(1, 1_439)).max(grain);
                vec![*stream.one_of(&[(0, 1_440), (minute, 1_440), (0, minute), (minute, 0)])]
            }
            // A minute now and then.
            _ => (0..stream.between(1, 3))
                .map(|_| {
                    let start = stream.below(1_440);
                    (start, start + 1)
                })
                .collect(),
        };
        let minute = |minute: u32| u16::try_from(minute).ok();
        let spans = spans.into_iter().filter_map(|(a, b)| Interval::new(minute(a)?, minute(b)?));
        spans.collect()
    }
}
