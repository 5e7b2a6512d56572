//! Worlds that are played, and held against each other and against the oracle.

use std::collections::BTreeMap;

use super::stories::Step;
use super::worlds::{PROPERTIES, Recipe, agents, devices, widgets};
use lamplighter_core::model::{
    ActionWord, AgentId, AgentStatus, Answer, DeviceId, DeviceKind, Event, Impossible, Instant,
    PropertyId, Visitor, WidgetId,
};
use lamplighter_core::oracle::Oracle;
use lamplighter_core::world::{Change, Timeline, TimelineRow, World};
use proptest::prelude::*;

pub fn visitors() -> [Visitor; 5] {
    let visitor = |page: Option<&str>, country: Option<&str>, device| Visitor {
        page: page.map(String::from),
        country: country.map(|text| text.parse().expect("a country")),
        device,
    };
    [
        visitor(None, None, None),
        visitor(Some("/a"), Some("US"), Some(DeviceKind::Desktop)),
        visitor(Some("https://EXAMPLE.com/a/b?x#y"), Some("DE"), Some(DeviceKind::Mobile)),
        visitor(Some("https://example.org/a"), None, Some(DeviceKind::Mobile)),
        visitor(Some("/"), Some("FR"), None),
    ]
}

/// A world with everything that came out of it.
pub struct Player {
    pub world: World,
    timeline: Timeline,
    rows: Vec<TimelineRow>,
    /// What widgets and agents are, as far as the changes tell.
    pub told: (BTreeMap<WidgetId, Answer>, BTreeMap<AgentId, AgentStatus>),
    /// Changes that tell of no change, or of another one than there was.
    pub false_changes: Vec<Change>,
}

impl Player {
    pub fn new(recipe: &Recipe) -> Self {
        Self::of(recipe.world())
    }

    pub fn of(world: World) -> Self {
        let answers = widgets().map(|widget| (widget, world.answer(widget))).collect();
        let statuses = agents().map(|agent| (agent, world.agent_status(agent))).collect();
        Self {
            timeline: Timeline::new(&world),
            rows: Vec::new(),
            told: (answers, statuses),
            false_changes: Vec::new(),
            world,
        }
    }

    pub fn take(
        change: Change,
        timeline: &mut Timeline,
        rows: &mut Vec<TimelineRow>,
        told: &mut (BTreeMap<WidgetId, Answer>, BTreeMap<AgentId, AgentStatus>),
        false_changes: &mut Vec<Change>,
    ) {
        timeline.take(&change, &mut |row| rows.push(row));
        let sound = match change {
            Change::Agent { agent, now, .. } => told.1.insert(agent, now) != Some(now),
            Change::Widget { widget, before, now, .. } => {
                told.0.insert(widget, now) == Some(before) && before != now
            }
        };
        if !sound {
            false_changes.push(change);
        }
    }

    pub fn apply(&mut self, event: &Event) -> Result<(), Impossible> {
        let Self { world, timeline, rows, told, false_changes } = self;
        world.apply(event, &mut |change| Self::take(change, timeline, rows, told, false_changes))
    }

    /// The same of what is said of one device of an agent or of all, found by a hint.
    pub fn apply_hinted(
        &mut self,
        agent: AgentId,
        device: Option<DeviceId>,
        said: ActionWord,
    ) -> Result<(), Impossible> {
        let Self { world, timeline, rows, told, false_changes } = self;
        let any = world.hinted(device.unwrap_or(DeviceId::new(agent, 0)));
        let changes = &mut |change| Self::take(change, timeline, rows, told, false_changes);
        match device {
            Some(_) => world.apply_on(any, said, changes),
            None => world.apply_on_all(any, said, changes),
        }
    }

    pub fn advance(&mut self, to: Instant) {
        let Self { world, timeline, rows, told, false_changes } = self;
        world.advance(to, &mut |change| Self::take(change, timeline, rows, told, false_changes));
    }

    pub fn step(&mut self, step: &Step) {
        match step {
            Step::Do(event) => {
                let _ = self.apply(event);
            }
            Step::Wait(wait) => self.advance(wait.until(&self.world)),
            Step::AskNext(..) => {}
        }
    }

    pub fn finish(mut self) -> Vec<TimelineRow> {
        self.timeline.finish(&mut |row| self.rows.push(row));
        self.rows
    }
}

/// Holds two worlds together in everything that can be asked of them.
pub fn assert_same(a: &World, b: &World) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.now(), b.now());
    for widget in widgets() {
        prop_assert_eq!(a.explain(widget), b.explain(widget));
        prop_assert_eq!(a.form(widget), b.form(widget));
        prop_assert_eq!(a.greeting(widget), b.greeting(widget));
        for visitor in visitors() {
            prop_assert_eq!(a.visibility(widget, &visitor), b.visibility(widget, &visitor));
        }
    }
    for agent in agents() {
        prop_assert_eq!(a.agent_status(agent), b.agent_status(agent));
        prop_assert_eq!(a.device_facts(agent), b.device_facts(agent));
    }
    Ok(())
}

/// Holds the engine against the oracle in everything that is seen from outside.
pub fn assert_agree(player: &Player, oracle: &Oracle) -> Result<(), TestCaseError> {
    let world = &player.world;
    prop_assert_eq!(world.now(), oracle.now());
    for agent in agents() {
        prop_assert_eq!(world.agent_status(agent), oracle.agent_status(agent), "{:?}", agent);
        prop_assert_eq!(player.told.1[&agent], oracle.agent_status(agent), "as the changes tell");
    }
    for device in devices() {
        prop_assert_eq!(world.device_status(device), oracle.device_status(device), "{:?}", device);
    }
    for property in (0..PROPERTIES).map(PropertyId::new) {
        prop_assert_eq!(world.presence(property), oracle.presence(property), "{:?}", property);
    }
    for widget in widgets() {
        prop_assert_eq!(world.scheduler_state(widget), oracle.scheduler_state(widget));
        prop_assert_eq!(world.answer(widget), oracle.answer(widget), "{:?}", widget);
        prop_assert_eq!(player.told.0[&widget], oracle.answer(widget), "as the changes tell");
        prop_assert_eq!(world.form(widget), oracle.form(widget));
        prop_assert_eq!(world.greeting(widget), oracle.greeting(widget));
        for visitor in visitors() {
            let (found, expected) =
                (world.visibility(widget, &visitor), oracle.visibility(widget, &visitor));
            prop_assert_eq!(found, expected, "{:?} to {:?}", widget, visitor);
        }
    }
    prop_assert!(player.false_changes.is_empty(), "{:?}", player.false_changes);
    Ok(())
}
