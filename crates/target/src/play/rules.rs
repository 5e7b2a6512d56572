//! Where a target follows other rules than the rule book: what hangs on them is not tested until the
//! engine can follow them, too (rule T42 of target files).

use std::collections::BTreeSet;

use lamplighter_core::model::{
    AgentId, AgentStatus, Chosen, DeviceId, DeviceStatus, Event, Instant, Scheduler, WidgetId,
};
use lamplighter_core::world::{Membership, World};
use lamplighter_scenario::play::{Facts, Untested};

use crate::file::TargetFile;
use crate::file::hours::Times;
use crate::file::possible::{CountsAs, OneOf, fold};
use crate::file::rules::Knob;

/// A minute, for which the end minute of hours is open or closed.
const MINUTE_MS: i64 = 60_000;

/// The knobs that a file turns, and whom what has happened makes differ.
#[derive(Clone, Debug, Default)]
pub struct OtherRules {
    knobs: Vec<(Knob, String)>,
    counts: CountsAs,
    /// Devices whose status is another by the target's rules since their last login or logout.
    devices: BTreeSet<(DeviceId, usize)>,
    last: std::collections::BTreeMap<DeviceId, Chosen>,
}

impl OtherRules {
    /// Those of a file.
    pub fn new(file: &TargetFile) -> Self {
        let knobs = file.rules.positions().filter(|(knob, _)| *knob != Knob::Grace);
        let knobs = knobs.map(|(knob, position)| (knob, position.into_owned()));
        Self { knobs: knobs.collect(), counts: file.rules.counts_as(), ..Self::default() }
    }

    fn place(&self, knob: Knob) -> Option<usize> {
        self.knobs.iter().position(|(other, _)| *other == knob)
    }

    fn has(&self, knob: Knob, position: &str) -> Option<usize> {
        self.place(knob).filter(|place| self.knobs[*place].1 == position)
    }

    fn why(&self, place: usize) -> Untested {
        let (knob, position) = &self.knobs[place];
        Untested(format!("other rules: {} = {position}", knob.name()))
    }

    /// Something is about to happen.
    pub fn note(&mut self, event: &Event, world: &World) {
        match event {
            Event::Login(device) => {
                self.devices.retain(|(other, _)| other != device);
                let keeps = self.last.get(device).is_some_and(|last| *last != Chosen::Online);
                if let Some(place) = self.place(Knob::Login)
                    && (keeps || self.knobs[place].1 != "keeps")
                {
                    self.devices.insert((*device, place));
                }
            }
            Event::SetStatus(device, chosen) | Event::SetStatusFor(device, chosen, _) => {
                self.chosen(*device, *chosen);
            }
            Event::SetStatusEverywhere(agent, chosen)
            | Event::SetStatusEverywhereFor(agent, chosen, _) => {
                world.devices_of(*agent).for_each(|device| self.chosen(device, *chosen));
            }
            Event::Logout(device) => {
                let others = world.devices_of(device.agent()).filter(|other| other != device);
                let others: Vec<DeviceId> = others.filter(|d| is_in(world, *d)).collect();
                if let Some(place) = self.has(Knob::Logout, "account") {
                    self.devices.extend(others.iter().map(|other| (*other, place)));
                }
                if let Some(place) = self.has(Knob::Logout, "never") {
                    self.devices.insert((*device, place));
                }
            }
            Event::LogoutEverywhere(agent) => {
                if let Some(place) = self.has(Knob::Logout, "never") {
                    self.devices.extend(world.devices_of(*agent).map(|device| (device, place)));
                }
            }
            _ => {}
        }
    }

    fn chosen(&mut self, device: DeviceId, chosen: Chosen) {
        self.last.insert(device, chosen);
        let login = self.place(Knob::Login);
        self.devices.retain(|(other, place)| *other != device || Some(*place) != login);
    }

    /// Why what is said of an agent's devices hangs on other rules, if it does.
    fn devices(&self, agent: AgentId, world: &World) -> Option<Untested> {
        let of_agent = self.devices.iter().find(|(device, _)| device.agent() == agent);
        if let Some((_, place)) = of_agent {
            return Some(self.why(*place));
        }
        let mut statuses = world.devices_of(agent).filter(|device| is_in(world, *device));
        let first = statuses.next().map(|device| world.device_status(device));
        let differs = statuses.any(|device| Some(world.device_status(device)) != first);
        let one = self.has(Knob::Devices, "one-status").or(self.has(Knob::Merge, "newest"));
        one.filter(|_| differs).map(|place| self.why(place))
    }

    /// Why what team-mates see of an agent hangs on other rules, if it does.
    pub fn agent(&self, agent: AgentId, world: &World) -> Option<Untested> {
        let is_invisible = world.agent_status(agent) == AgentStatus::Invisible;
        let hidden = self.place(Knob::TeamSeesInvisible).filter(|_| is_invisible);
        let is_away = world.agent_status(agent) == AgentStatus::Away;
        let idle = self.place(Knob::Idle).filter(|_| is_away && world.timing().auto_away.is_some());
        self.devices(agent, world).or(hidden.or(idle).map(|place| self.why(place)))
    }

    /// Why what a widget shows hangs on other rules, if it does.
    pub fn widget(&self, widget: WidgetId, facts: Facts<'_>) -> Option<Untested> {
        let world = facts.world;
        let property = world.property_of(widget);
        let is_active =
            |agent: &&AgentId| world.membership(**agent, property) == Some(Membership::Active);
        let members: Vec<AgentId> =
            world.members(property).iter().filter(is_active).copied().collect();
        if let Some(why) = members.iter().find_map(|agent| self.devices(*agent, world)) {
            return Some(why);
        }
        let statuses: Vec<OneOf<AgentStatus>> =
            members.iter().map(|agent| OneOf::just(world.agent_status(*agent))).collect();
        let of = |counts| fold(statuses.iter().copied(), counts);
        if of(self.counts) != of(CountsAs::default()) {
            let knob = self.place(Knob::AwayIs).or(self.place(Knob::InvisibleIs));
            return knob.map(|place| self.why(place));
        }
        if world.answer(widget).rule == 6
            && let Some(place) = self.place(Knob::OpenAndNobody)
        {
            return Some(self.why(place));
        }
        let scheduler = world.settings(widget).scheduler.as_deref()?;
        self.hours(widget, scheduler, world).map(|place| self.why(place))
    }

    fn hours(&self, widget: WidgetId, scheduler: &Scheduler, world: &World) -> Option<usize> {
        if let Some(place) = self.place(Knob::Hours) {
            return Some(place);
        }
        let days = scheduler.hours.weekdays.iter().chain(scheduler.hours.dates.hours());
        let is_overnight = |day: &Vec<_>| Times::of_day(day).into_iter().any(Times::is_overnight);
        if let Some(place) = self.place(Knob::Overnight)
            && days.into_iter().any(is_overnight)
        {
            return Some(place);
        }
        let place = self.has(Knob::EndMinute, "open")?;
        let schedule = world.schedule(widget)?;
        let before = Instant::from_millis(world.now().as_millis() - MINUTE_MS)?;
        (schedule.is_open(before) && !schedule.is_open(world.now())).then_some(place)
    }
}

fn is_in(world: &World, device: DeviceId) -> bool {
    world.device_status(device) != DeviceStatus::LoggedOut
}
