//! Properties, members, settings and hours, drawn from a swarm.

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};

use super::case::Property;
use super::swarm::Swarm;
use super::visitors::pages;
use crate::synth::random::RandomStream;
use lamplighter_core::model::{
    AgentId, Countries, DeviceKind, Instant, Interval, Scheduler, Setting, Settings, WeekHours,
    WidgetStatus,
};
use lamplighter_core::world::Membership;

const MINUTE_MS: u64 = 60_000;
const DAY_MINUTES: u32 = 24 * 60;

/// Draws properties and what is set on widgets.
pub struct Places<'a> {
    pub swarm: &'a Swarm,
    pub stream: RandomStream,
}

impl Places<'_> {
    /// The properties of a world, with their members and widgets.
    pub fn properties(&mut self) -> Vec<Property> {
        let mut drawn: Vec<Arc<Scheduler>> = Vec::new();
        let mut properties: Vec<Property> = (0..self.swarm.properties)
            .map(|_| {
                let widgets = self.stream.between(1, self.swarm.widgets);
                let widgets = (0..widgets).map(|_| self.widget(&mut drawn)).collect();
                Property { members: Vec::new(), widgets }
            })
            .collect();
        for agent in (0..self.swarm.agents).map(AgentId::from) {
            let first = self.stream.below(self.swarm.properties) as usize;
            for (index, property) in properties.iter_mut().enumerate() {
                if index == first || self.stream.chance(self.swarm.shared) {
                    let membership = match self.stream.chance(self.swarm.suspended) {
                        true => Membership::Suspended,
                        false => Membership::Active,
                    };
                    property.members.push((agent, membership));
                }
            }
        }
        properties
    }

    fn widget(&mut self, drawn: &mut Vec<Arc<Scheduler>>) -> Settings {
        let mut settings = Settings::default();
        if self.stream.chance(self.swarm.scheduled) {
            let scheduler = match drawn.is_empty() || !self.stream.chance(self.swarm.alike) {
                true => Arc::new(self.scheduler(self.swarm.start)),
                false => Arc::clone(self.stream.one_of(drawn)),
            };
            drawn.push(Arc::clone(&scheduler));
            settings.scheduler = Some(scheduler);
        }
        for index in 0..OTHER_SETTINGS {
            if self.stream.chance(self.swarm.settings) {
                settings.set(self.setting(index));
            }
        }
        settings
    }

    /// One of the settings that are not the scheduler.
    pub fn setting(&mut self, index: u32) -> Setting {
        let stream = &mut self.stream;
        let on = stream.chance(75);
        match index {
            0 => Setting::OfflineWhenAllAgentsOffline(on),
            1 => Setting::HideWhenOffline(on),
            2 => Setting::HideOn(DeviceKind::Desktop, on),
            3 => Setting::HideOn(DeviceKind::Mobile, on),
            4 => Setting::PagesShow(if on { pages(stream) } else { Vec::new() }),
            5 => Setting::PagesHide(if on { pages(stream) } else { Vec::new() }),
            6 => {
                let all = ["FR", "DE", "US"];
                let count = stream.between(1, 2) as usize;
                let first = stream.below(2) as usize;
                let some = all[first..first + count].iter().map(|c| (*c).to_owned()).collect();
                let countries = match stream.chance(50) {
                    true => Countries::Only(some),
                    false => Countries::Except(some),
                };
                Setting::Countries(on.then_some(countries))
            }
            7 => Setting::PreChatForm(on),
            8 => Setting::Greeting(WidgetStatus::Online, on.then(|| "Hello".to_owned())),
            9 => Setting::Greeting(WidgetStatus::Away, on.then(|| "Back soon".to_owned())),
            _ => Setting::Greeting(WidgetStatus::Offline, on.then(|| "Write to us".to_owned())),
        }
    }

    /// A scheduler, with dated entries near an instant.
    pub fn scheduler(&mut self, near: Instant) -> Scheduler {
        let zone = (*self.stream.one_of(&self.swarm.zones)).to_owned();
        let mut hours = WeekHours::default();
        let shape = self.stream.below(6);
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
        for day in 0..days.min(6) {
            let date = first.and_then(|first| first.checked_add_days(Days::new(day.into())));
            if let Some(date) = date.filter(|&date| is_writable(date))
                && self.stream.chance(self.swarm.dated)
            {
                let shape = self.stream.below(6);
                let entry = if self.stream.chance(40) { Vec::new() } else { self.day(shape) };
                hours.dates.insert(date, entry);
            }
        }
        Scheduler { zone, hours }
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
            // About when clocks change.
            2 => (0..stream.between(1, 3))
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

/// How many settings there are besides the scheduler.
pub const OTHER_SETTINGS: u32 = 11;

/// Dates are written with the four digits of years 1 to 9999.
fn is_writable(date: NaiveDate) -> bool {
    (1..=9_999).contains(&date.year())
}
