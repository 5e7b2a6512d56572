//! Declaring a world: who is a member where, and what is set.

use std::convert::Infallible;
use std::sync::Arc;

use super::deadlines::Deadlines;
use super::few::Lists;
use super::people::{Membership, People};
use super::planes::Planes;
use super::shared::Interner;
use super::{Timing, WidgetRecord, World};
use crate::hours::{UnknownZone, Zones};
use crate::model::{AgentId, Instant, Millis, PropertyId, RuleSet, Settings, WidgetId};
use crate::rules::VisibilityRules;

/// Collects properties, widgets, agents and memberships; ids count from zero in the order of
/// declaration.
#[derive(Clone, Debug, Default)]
pub struct WorldBuilder {
    timing: Timing,
    rules: RuleSet,
    forgets_since: bool,
    property_count: usize,
    agent_count: usize,
    widgets: Vec<WidgetRecord>,
    looks: Interner<Settings, VisibilityRules>,
    members: Vec<(AgentId, PropertyId, Membership)>,
}

impl WorldBuilder {
    /// A world without anything, with its grace and auto-away (rules P7, P8).
    pub fn new(timing: Timing) -> Self {
        Self { timing, ..Self::default() }
    }

    /// Another grace and auto-away (rules P7, P8).
    pub fn put_timing(&mut self, timing: Timing) {
        self.timing = timing;
    }

    /// The grace and auto-away (rules P7, P8).
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// The rules of the product.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Another product's rules than the rule book. Their grace is no matter of it: that of the
    /// timing counts.
    pub fn put_rules(&mut self, rules: RuleSet) {
        self.rules = rules;
    }

    /// Leaves out since when each device has its status. Nothing but the words of an explanation
    /// needs it; a fleet without it is 112 bytes a property smaller, and faster.
    #[must_use]
    pub fn without_since(self) -> Self {
        Self { forgets_since: true, ..self }
    }

    /// Declares a property, with nobody and no widget in it.
    pub fn add_property(&mut self) -> PropertyId {
        self.property_count += 1;
        PropertyId::new(self.property_count - 1)
    }

    /// Declares a widget of a property.
    pub fn add_widget(&mut self, property: PropertyId, settings: Settings) -> WidgetId {
        let look = look(&mut self.looks, settings);
        self.widgets.push(WidgetRecord {
            property,
            look,
            schedule: WidgetRecord::NO_SCHEDULE,
            place: 0,
        });
        WidgetId::new(self.widgets.len() - 1)
    }

    /// What a widget is declared with.
    pub fn settings_of(&self, widget: WidgetId) -> &Settings {
        self.looks.key(self.widgets[widget.index()].look as usize)
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
        let mut lists = Lists::default();
        let memberships = memberships(&self.members, self.agent_count);
        let is_dated = !self.forgets_since;
        let mut people = People::new(self.property_count, memberships, &self.rules, is_dated);
        for (id, widget) in self.widgets.iter().enumerate() {
            let mut widgets = people.widgets(widget.property);
            widgets.push(WidgetId::new(id).into(), &mut lists);
            people.put_widgets(widget.property, widgets);
        }
        let (members, first_member) = members_by_property(&self.members, self.property_count);
        let mut world = World {
            now: at,
            timing: self.timing,
            rules: self.rules,
            zones,
            people,
            idle: Vec::new(),
            graces: Default::default(),
            timed: Default::default(),
            grace_deadlines: Deadlines::new(self.timing.grace),
            idle_deadlines: Deadlines::new(self.timing.auto_away.unwrap_or(Millis::ZERO)),
            members: members.into(),
            first_member: first_member.into(),
            later_members: Default::default(),
            free_properties: Default::default(),
            free_widgets: Default::default(),
            planes: Planes::new(self.widgets.len(), &self.rules),
            widgets: self.widgets,
            looks: Arc::new(self.looks),
            edges: Default::default(),
            lists,
            touched: Default::default(),
        };
        for id in (0..world.widgets.len()).map(WidgetId::new) {
            let settings = world.settings(id).clone();
            world.attach_schedule(id, &settings)?;
            world.put_settings(id, &settings);
        }
        world.edges.make_wheels(at);
        Ok(world)
    }
}

/// Settings among the distinct ones of a fleet, used once more.
pub(super) fn look(looks: &mut Interner<Settings, VisibilityRules>, settings: Settings) -> u32 {
    let made = looks.intern(&settings, || Ok::<_, Infallible>(VisibilityRules::new(&settings)));
    let Ok(id) = made;
    u32::try_from(id).expect("no more distinct settings than widgets")
}

/// Each agent's memberships, agent after agent.
fn memberships(
    members: &[(AgentId, PropertyId, Membership)],
    agent_count: usize,
) -> impl Iterator<Item = Vec<(PropertyId, Membership)>> {
    let mut sorted = members.to_vec();
    sorted.sort_by_key(|&(agent, ..)| agent);
    let mut rest = sorted.into_iter().peekable();
    (0..agent_count).map(move |agent| {
        let own = std::iter::from_fn(|| rest.next_if(|(other, ..)| other.index() == agent));
        own.map(|(_, property, membership)| (property, membership)).collect()
    })
}

/// The members of each property in the order of declaration, one property after the other, and
/// where each begins; the end stands behind the last.
fn members_by_property(
    members: &[(AgentId, PropertyId, Membership)],
    property_count: usize,
) -> (Vec<AgentId>, Vec<u32>) {
    let mut first = vec![0_u32; property_count + 1];
    for (_, property, _) in members {
        first[property.index() + 1] += 1;
    }
    for index in 0..property_count {
        first[index + 1] += first[index];
    }
    let mut next = first.clone();
    let mut sorted = vec![AgentId::new(0); members.len()];
    for &(agent, property, _) in members {
        let place = &mut next[property.index()];
        sorted[*place as usize] = agent;
        *place += 1;
    }
    (sorted, first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_count_from_zero_in_the_order_of_declaration() {
        let mut builder = WorldBuilder::new(Timing::default());
        for place in 0..3 {
            let property = builder.add_property();
            assert_eq!(property.index(), place);
            assert_eq!(builder.add_agent().index(), place);
            assert_eq!(builder.add_widget(property, Settings::default()).index(), place);
        }
    }

    #[test]
    fn a_world_without_since_is_the_same_but_for_it() {
        let timing = Timing { grace: Millis(7), auto_away: Some(Millis(9)) };
        let mut builder = WorldBuilder::new(timing);
        let agent = builder.add_agent();
        let zones = Arc::new(Zones::bundled());
        let at = Instant::from_millis(0).expect("in range");
        for (builder, knows) in [(builder.clone(), true), (builder.without_since(), false)] {
            let mut world = builder.build(at, Arc::clone(&zones)).expect("no zone is named");
            assert_eq!(world.timing(), timing);
            let device = world.add_device(agent);
            world.apply(&crate::model::Event::Login(device), &mut |_| {}).expect("can happen");
            assert_eq!(world.device_facts(agent)[0].since.is_some(), knows);
        }
    }
}
