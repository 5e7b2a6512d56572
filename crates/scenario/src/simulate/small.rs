//! Small worlds, all of them: every state of a few agents and devices, and everything that can happen
//! in each.
//!
//! A walk of our own: a state is what the devices and memberships are, so that all states are known
//! beforehand, and each is reached by logging in and setting statuses. What a checker of models would
//! add, the search for states and their hashing, there is no need for. One property has a widget for
//! each scheduler (off, open, closed) with each setting: a widget knows of the agents nothing but the
//! presence, and so one state of the agents stands for six of widgets. An event leads from a state to
//! one that is listed, too, or the walk fails: so nothing is left out.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::checks::{Extent, Trial, answers};
use super::explained::connection;
use super::invariants::{self, Checked};
use super::small_world::{DeviceState, Size, begins_with, events, instants};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{
    Chosen, DeviceId, DeviceStatus, Event, Instant, Knob, PropertyId, RuleSet, WidgetId,
};
use lamplighter_core::oracle::Oracle;
use lamplighter_core::world::{Change, Membership, World};

/// What came of a walk.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    /// States of agents, devices and memberships.
    pub states: u64,
    /// How many states of widgets those come to: six for each, by scheduler and setting.
    pub widget_states: u64,
    /// How many events and passings of time were tried, each from one state.
    pub transitions: u64,
    /// What was checked in each state.
    pub checked: Checked,
    /// What does not hold, of the first states that have something.
    pub wrong: Vec<String>,
}

impl Walked {
    fn add(&mut self, other: Self) {
        self.states += other.states;
        self.widget_states += other.widget_states;
        self.transitions += other.transitions;
        self.checked.add(&other.checked);
        self.wrong.extend(other.wrong);
    }
}

/// The size of the small worlds in which the knobs are walked through.
const PAIRED: Size = Size { agents: 1, devices: 2, connections: true };

/// Rules for every pair of positions of two knobs, the others being the rule book's; the grace is
/// walked through anyway.
pub fn rules_in_pairs() -> Vec<RuleSet> {
    let mut pairs = Vec::new();
    let knobs = || Knob::ALL.iter().copied().filter(|knob| *knob != Knob::Grace);
    for one in knobs() {
        for other in knobs().filter(|other| *other > one) {
            for position in one.positions() {
                for other_position in other.positions() {
                    let mut rules = RuleSet::BOOK;
                    rules.put(one, position).expect("a position of its own");
                    rules.put(other, other_position).expect("a position of its own");
                    if rules.check().is_ok() && !pairs.contains(&rules) {
                        pairs.push(rules);
                    }
                }
            }
        }
    }
    pairs
}

/// Walks through every state of a small world by each of some rules, on so many threads.
pub fn walk_all(rules: &[RuleSet], jobs: usize, zones: &Arc<Zones>) -> Walked {
    let mut walked = Walked::default();
    for rules in rules {
        let mut by_these = walk(PAIRED, rules, jobs, zones);
        by_these.wrong.iter_mut().for_each(|wrong| *wrong = format!("rules {rules}: {wrong}"));
        walked.add(by_these);
    }
    walked.wrong.truncate(WRONG_MAX);
    walked
}

/// Walks through every state of small worlds of a size, by such rules and on so many threads.
pub fn walk(size: Size, rules: &RuleSet, jobs: usize, zones: &Arc<Zones>) -> Walked {
    let walk = Walk::new(size, rules, zones);
    const BLOCK: usize = 64;
    let next = AtomicUsize::new(0);
    let mut walked = Walked::default();
    std::thread::scope(|scope| {
        let work = || {
            let mut walked = Walked::default();
            loop {
                let first = next.fetch_add(BLOCK, Ordering::Relaxed);
                if first >= walk.state_count() {
                    return walked;
                }
                walk.states(first..walk.state_count().min(first + BLOCK), &mut walked);
            }
        };
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            match thread.join() {
                Ok(part) => walked.add(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    // Threads end in any order.
    walked.wrong.sort();
    walked.wrong.truncate(WRONG_MAX);
    walked
}

const WRONG_MAX: usize = 10;

struct Walk {
    size: Size,
    rules: RuleSet,
    world: World,
    oracle: Oracle,
    device_states: Vec<DeviceState>,
    events: Vec<Event>,
    /// When the clock does something.
    instants: Vec<Instant>,
}

impl Walk {
    fn new(size: Size, rules: &RuleSet, zones: &Arc<Zones>) -> Self {
        let case = begins_with(size, rules);
        let world = case.engine(zones).expect("UTC is in every database");
        let oracle = case.oracle(zones).expect("UTC is in every database");
        Self {
            size,
            rules: *rules,
            world,
            oracle,
            device_states: DeviceState::all(size.connections),
            events: events(size, rules),
            instants: instants(rules),
        }
    }

    fn device_count(&self) -> usize {
        self.size.agents * self.size.devices
    }

    fn state_count(&self) -> usize {
        self.device_states.len().pow(self.device_count() as u32) << self.size.agents
    }

    fn devices(&self) -> impl Iterator<Item = DeviceId> + use<> {
        let Size { agents, devices, .. } = self.size;
        (0..agents)
            .flat_map(move |agent| (0..devices).map(move |slot| DeviceId::new(agent.into(), slot)))
    }

    /// The events that lead to the state with a number.
    fn way_to(&self, mut number: usize) -> Vec<Event> {
        let mut events = Vec::new();
        for agent in 0..self.size.agents {
            if number & 1 == 1 {
                events.push(Event::Suspend(agent.into(), PropertyId::new(0)));
            }
            number >>= 1;
        }
        for device in self.devices() {
            let state = self.device_states[number % self.device_states.len()];
            let by_the_book = self.rules == RuleSet::BOOK;
            events.extend(state.events(device, by_the_book.then_some(Chosen::Online)));
            number /= self.device_states.len();
        }
        events
    }

    /// The number of the state that a world is in; `None` if it is not among those that are walked.
    fn number_of(&self, world: &World) -> Option<usize> {
        let mut number = 0;
        for device in self.devices().collect::<Vec<_>>().into_iter().rev() {
            let lost = matches!(
                world.connection(device),
                lamplighter_core::world::Connection::Lost { .. }
            );
            let chosen = match world.device_status(device) {
                DeviceStatus::LoggedOut => None,
                DeviceStatus::Invisible => Some(Chosen::Invisible),
                DeviceStatus::Away => Some(Chosen::Away),
                DeviceStatus::Online => Some(Chosen::Online),
            };
            let state = DeviceState { chosen, lost };
            let place = self.device_states.iter().position(|other| *other == state)?;
            number = number * self.device_states.len() + place;
        }
        for agent in (0..self.size.agents).rev() {
            let membership = world.membership(agent.into(), PropertyId::new(0))?;
            number = number << 1 | usize::from(membership == Membership::Suspended);
        }
        Some(number)
    }

    fn states(&self, numbers: Range<usize>, walked: &mut Walked) {
        let mut trial = Trial::default();
        for number in numbers {
            if walked.wrong.len() < WRONG_MAX
                && let Err(wrong) = self.state(number, &mut trial, walked)
            {
                let way = self.way_to(number);
                walked.wrong.push(format!("{:?}, after {way:?}: {wrong}", self.size));
            }
        }
    }

    /// One state, and everything that can happen in it.
    fn state(&self, number: usize, trial: &mut Trial, walked: &mut Walked) -> Result<(), String> {
        let (mut world, mut oracle) = (self.world.clone(), self.oracle.clone());
        for event in self.way_to(number) {
            let there = world.apply(&event, &mut |_| {}).and(oracle.apply(&event));
            there.map_err(|error| format!("{event:?}: {error}"))?;
        }
        walked.states += 1;
        walked.widget_states += world.widget_count() as u64;
        if self.rules == RuleSet::BOOK {
            same("the number of the state", Some(number), self.number_of(&world))?;
        }
        compare(&world, &oracle, &self.devices().collect::<Vec<_>>())?;
        let extent = Extent { agents: self.size.agents, properties: 1 };
        if let Some(broken) = invariants::check_all(&world, extent, trial, &mut walked.checked) {
            return Err(format!("{}: {}", broken.name, broken.detail));
        }
        self.nothing_between(&world, walked)?;
        for event in &self.events {
            walked.transitions += 1;
            self.transition(&world, &oracle, event)
                .map_err(|wrong| format!("then {event:?}: {wrong}"))?;
        }
        for &at in &self.instants {
            walked.transitions += 1;
            self.passing(&world, &oracle, at).map_err(|wrong| format!("until {at}: {wrong}"))?;
        }
        Ok(())
    }

    /// Half way to what the clock does next, nothing has changed.
    fn nothing_between(&self, world: &World, walked: &mut Walked) -> Result<(), String> {
        let Some(next) = world.next_clock_instant() else { return Ok(()) };
        let between = (world.now().as_millis() + next.as_millis()) / 2;
        let between = Instant::from_millis(between).ok_or("no instant in between")?;
        let checked = &mut walked.checked;
        match invariants::check_between(&mut world.clone(), between, checked) {
            Some(broken) => Err(format!("{}: {}", broken.name, broken.detail)),
            None => Ok(()),
        }
    }

    fn transition(&self, world: &World, oracle: &Oracle, event: &Event) -> Result<(), String> {
        let (mut world, mut oracle) = (world.clone(), oracle.clone());
        let before = answers(&world);
        let mut told = before.clone();
        let found = world.apply(event, &mut |change| tell(&mut told, &change));
        same("whether it can happen", oracle.apply(event), found)?;
        same("what was reported", answers(&world), told)?;
        if !matches!(event, Event::Configure(..)) {
            self.number_of(&world).ok_or("a state that is none of those that are walked")?;
        }
        compare(&world, &oracle, &self.devices().collect::<Vec<_>>())
    }

    fn passing(&self, world: &World, oracle: &Oracle, at: Instant) -> Result<(), String> {
        let (mut world, mut oracle) = (world.clone(), oracle.clone());
        let mut told = answers(&world);
        world.advance(at, &mut |change| tell(&mut told, &change));
        oracle.advance(at);
        same("what was reported", answers(&world), told)?;
        self.number_of(&world).ok_or("a state that is none of those that are walked")?;
        compare(&world, &oracle, &self.devices().collect::<Vec<_>>())
    }
}

fn tell(told: &mut [lamplighter_core::model::Answer], change: &Change) {
    if let Change::Widget { widget, now, .. } = *change {
        told[widget.index()] = now;
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: T, found: T) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, found {found:?}"))
}

/// Engine and oracle, in everything that can be seen.
fn compare(world: &World, oracle: &Oracle, devices: &[DeviceId]) -> Result<(), String> {
    for widget in (0..world.widget_count()).map(WidgetId::new) {
        same("a widget", oracle.answer(widget), world.answer(widget))?;
    }
    for &device in devices {
        same("a connection", oracle.connection(device), connection(world, device))?;
        same("a device", oracle.device_status(device), world.device_status(device))?;
        let agent = device.agent();
        same("an agent", oracle.agent_status(agent), world.agent_status(agent))?;
    }
    let property = PropertyId::new(0);
    same("the presence", oracle.presence(property), world.presence(property))
}
