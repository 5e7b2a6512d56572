//! Declaring a world: who is a member where, and what is set.

use std::sync::Arc;

use super::{Agent, MemberOf, Property, Timing, Widget, World};
use crate::hours::{UnknownZone, Zones};
use crate::model::{AgentId, Instant, Presence, PropertyId, SchedulerState, Settings, WidgetId};
use crate::rules::{self, VisibilityRules};

/// Whether a member counts in a property (rule P6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Membership {
    /// Counts.
    Active,
    /// Counts nowhere in the property until reinstated.
    Suspended,
}

/// Collects properties, widgets, agents and memberships; ids count from zero in the order of
/// declaration.
#[derive(Clone, Debug, Default)]
pub struct WorldBuilder {
    timing: Timing,
    agent_count: usize,
    property_count: usize,
    widgets: Vec<(PropertyId, Settings)>,
    members: Vec<(AgentId, PropertyId, Membership)>,
}

impl WorldBuilder {
    /// A world without anything, with its grace and auto-away (rules P7, P8).
    pub fn new(timing: Timing) -> Self {
        Self { timing, ..Self::default() }
    }

    /// Declares a property, with nobody and no widget in it.
    pub fn add_property(&mut self) -> PropertyId {
        self.property_count += 1;
        PropertyId::new(self.property_count - 1)
    }

    /// Declares a widget of a property.
    pub fn add_widget(&mut self, property: PropertyId, settings: Settings) -> WidgetId {
        self.widgets.push((property, settings));
        WidgetId::new(self.widgets.len() - 1)
    }

    /// Declares an agent, logged in nowhere.
    pub fn add_agent(&mut self) -> AgentId {
        self.agent_count += 1;
        AgentId::new(self.agent_count - 1)
    }

    /// Makes an agent a member of a property; once for each pair.
    pub fn add_member(&mut self, agent: AgentId, property: PropertyId, membership: Membership) {
        self.members.push((agent, property, membership));
    }

    /// The world at its first instant, with nobody logged in.
    ///
    /// # Errors
    /// When a scheduler names a zone that `zones` does not know.
    pub fn build(self, at: Instant, zones: Arc<Zones>) -> Result<World, UnknownZone> {
        let mut properties = vec![Property::default(); self.property_count];
        for &(agent, property, _) in &self.members {
            properties[property.index()].members.push(agent);
        }
        for (index, (property, _)) in self.widgets.iter().enumerate() {
            properties[property.index()].widgets.push(WidgetId::new(index));
        }
        let mut members = self.members;
        members.sort_by_key(|&(agent, property, _)| (agent, property));
        let mut agents = vec![Agent::default(); self.agent_count];
        for (place, &(agent, ..)) in members.iter().enumerate() {
            let memberships = &mut agents[agent.index()].memberships;
            let first = if memberships.end == 0 { place } else { memberships.start };
            *memberships = first..place + 1;
        }
        let memberships = members
            .into_iter()
            .map(|(_, property, membership)| MemberOf { property, membership })
            .collect();
        let widgets = self.widgets.into_iter().map(|(property, settings)| Widget {
            property,
            visibility: VisibilityRules::new(&settings),
            schedule: None,
            answer: rules::answer(
                SchedulerState::Off,
                Presence::Nobody,
                settings.offline_when_all_agents_offline,
            ),
            settings,
            touched: false,
        });
        let mut world = World {
            now: at,
            timing: self.timing,
            zones,
            devices: Vec::new(),
            agents,
            properties,
            widgets: widgets.collect(),
            memberships,
            schedules: Vec::new(),
            schedule_ids: Default::default(),
            deadlines: Default::default(),
            edges: Default::default(),
            touched_agents: Vec::new(),
            touched_widgets: Vec::new(),
        };
        for widget in (0..world.widgets.len()).map(WidgetId::new) {
            world.attach_schedule(widget)?;
            world.refresh(widget);
        }
        world.finish_step(&mut |_| {});
        Ok(world)
    }
}
