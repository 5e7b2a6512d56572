//! Declaring a world: who is a member where, and what is set.

use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::deadlines::Deadlines;
use super::few::Lists;
use super::members::{Members, Memberships};
use super::people::{Membership, People};
use super::planes::Planes;
use super::shared::Interner;
use super::{Timing, WidgetRecord, World};
use crate::hours::{UnknownZone, Zones};
use crate::model::{
    AgentId, Instant, Millis, PropertyId, RuleSet, Scheduler, SchedulerState, Settings, WidgetId,
};
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
    members: Members,
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
        self.widgets.push(WidgetRecord::new(property, look));
        WidgetId::new(self.widgets.len() - 1)
    }

    /// Declares a widget with the same settings as another, which costs nearly nothing.
    pub fn add_widget_like(&mut self, property: PropertyId, other: WidgetId) -> WidgetId {
        let look = self.widgets[other.index()].look;
        self.looks.share(look as usize);
        self.widgets.push(WidgetRecord::new(property, look));
        WidgetId::new(self.widgets.len() - 1)
    }

    /// Declares a widget whose settings no other has, so far as is known: nobody is looked for who has them.
    pub fn add_widget_apart(&mut self, property: PropertyId, settings: Settings) -> WidgetId {
        let rules = VisibilityRules::new(&settings);
        let look = u32::try_from(self.looks.add(settings, rules)).expect(TOO_MANY_LOOKS);
        self.widgets.push(WidgetRecord::new(property, look));
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

    /// Declares agents, logged in nowhere, until there are so many.
    pub fn add_agents_up_to(&mut self, count: usize) {
        self.agent_count = self.agent_count.max(count);
    }

    /// Makes an agent a member of a property; once for each pair.
    pub fn add_member(&mut self, agent: AgentId, property: PropertyId, membership: Membership) {
        self.members.push(agent, property, membership);
    }

    /// Whether an agent is a member of a property, suspended or not.
    pub fn is_member(&self, agent: AgentId, property: PropertyId) -> bool {
        self.members.contains(agent, property)
    }

    /// The world at its first instant, with nobody logged in.
    ///
    /// # Errors
    /// When a scheduler names a zone that `zones` does not know.
    pub fn build(self, at: Instant, zones: Arc<Zones>) -> Result<World, UnknownZone> {
        Ok(self.populate(zones)?.begin(at))
    }

    /// Whether so many are declared that a thread of its own pays for a part of building.
    pub fn is_big(&self) -> bool {
        self.agent_count > 100_000
    }

    /// Everything of a world that does not hang on its first instant.
    ///
    /// # Errors
    /// When a scheduler names a zone that `zones` does not know.
    pub fn populate(self, zones: Arc<Zones>) -> Result<Populated, UnknownZone> {
        let mut lists = Lists::default();
        // Of a big fleet each of these lists is large: what is not needed any more goes at once.
        let memberships = Memberships::of(&self.members, self.agent_count);
        let (members, first_member) = self.members.by_property(self.property_count);
        let is_dated = !self.forgets_since;
        let mut people =
            People::new(self.property_count, memberships.iter(), &self.rules, is_dated);
        drop(memberships);
        for (id, widget) in self.widgets.iter().enumerate() {
            let mut widgets = people.widgets(widget.property);
            widgets.push(WidgetId::new(id).into(), &mut lists);
            people.put_widgets(widget.property, widgets);
        }
        let mut world = World {
            now: Instant::MIN,
            busy_from: Instant::MIN,
            timing: self.timing,
            rules: self.rules,
            zones,
            people,
            idle: Vec::new(),
            graces: Default::default(),
            timed: Default::default(),
            grace_deadlines: Deadlines::new(self.timing.grace),
            idle_deadlines: Deadlines::new(self.timing.auto_away.unwrap_or(Millis::ZERO)),
            members,
            first_member,
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
        world.put_declared_schedules()?;
        Ok(Populated(world))
    }
}

/// A world before its first instant. Made by [`WorldBuilder::populate`].
pub struct Populated(World);

impl Populated {
    /// The world at its first instant, with nobody logged in.
    pub fn begin(self, at: Instant) -> World {
        let mut world = World { now: at, ..self.0 };
        world.put_declared_settings();
        world.edges.make_wheels(at);
        world
    }
}

impl World {
    /// Puts every widget under its schedule. Equal settings have one schedule, which is looked up once.
    fn put_declared_schedules(&mut self) -> Result<(), UnknownZone> {
        let looks = Arc::clone(&self.looks);
        // By where each scheduler is kept, for those that are shared are many.
        let mut schedules: HashMap<*const Scheduler, usize> = HashMap::new();
        for id in (0..self.widgets.len()).map(WidgetId::new) {
            let look = self.widgets[id.index()].look;
            let Some(scheduler) = &looks.key(look as usize).scheduler else { continue };
            let schedule = match schedules.entry(Arc::as_ptr(scheduler)) {
                Entry::Occupied(entry) => self.edges.share(*entry.get()),
                Entry::Vacant(entry) => {
                    *entry.insert(self.edges.intern(scheduler, &self.zones, &self.rules)?)
                }
            };
            let place = self.edges.attach_before_wheels(schedule, id);
            self.widgets[id.index()].put_schedule(schedule, place);
        }
        Ok(())
    }

    /// Puts what the rules need of every widget's settings and of what its schedule says now.
    fn put_declared_settings(&mut self) {
        let looks = Arc::clone(&self.looks);
        // Many have one schedule.
        let mut states: Vec<Option<SchedulerState>> = Vec::new();
        for id in (0..self.widgets.len()).map(WidgetId::new) {
            let widget = self.widgets[id.index()];
            let state = widget.schedule().map_or(SchedulerState::Off, |schedule| {
                if states.len() <= schedule {
                    states.resize(schedule + 1, None);
                }
                *states[schedule]
                    .get_or_insert_with(|| self.state_now(self.edges.schedule(schedule)))
            });
            let setting = looks.key(widget.look as usize).offline_when_all_agents_offline;
            self.planes.put_settings(id, state, setting);
        }
    }
}

/// Settings among the distinct ones of a fleet, used once more.
pub(super) fn look(looks: &mut Interner<Settings, VisibilityRules>, settings: Settings) -> u32 {
    let made = looks.intern(&settings, || Ok::<_, Infallible>(VisibilityRules::new(&settings)));
    let Ok(id) = made;
    u32::try_from(id).expect(TOO_MANY_LOOKS)
}

const TOO_MANY_LOOKS: &str = "no more distinct settings than widgets";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, Setting};

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
    fn members_are_told_in_whichever_order_they_were_declared() {
        let mut builder = WorldBuilder::new(Timing::default());
        let [acme, bakery] = [builder.add_property(), builder.add_property()];
        let [ann, bob, cleo] = [(); 3].map(|()| builder.add_agent());
        let mut declared = Vec::new();
        for (agent, property) in [(bob, acme), (ann, bakery), (bob, bakery), (ann, acme)] {
            assert!(!builder.is_member(agent, property));
            builder.add_member(agent, property, Membership::Active);
            declared.push((agent, property));
            for pair in [ann, bob, cleo].into_iter().flat_map(|a| [(a, acme), (a, bakery)]) {
                assert_eq!(builder.is_member(pair.0, pair.1), declared.contains(&pair));
            }
        }
        let at = Instant::from_millis(0).expect("in range");
        let world = builder.build(at, Arc::new(Zones::bundled())).expect("no zone is named");
        assert_eq!(
            (world.members(acme), world.members(bakery)),
            (&[bob, ann][..], &[ann, bob][..])
        );
    }

    #[test]
    fn a_widget_like_another_has_its_settings_and_its_schedule() {
        let mut builder = WorldBuilder::new(Timing::default());
        let acme = builder.add_property();
        let scheduler = Scheduler { zone: "Europe/Rome".to_owned(), hours: Default::default() };
        let settings = Settings { scheduler: Some(Arc::new(scheduler)), ..Settings::default() };
        let first = builder.add_widget(acme, settings.clone());
        let like = builder.add_widget_like(acme, first);
        assert_eq!(builder.settings_of(like), &settings);
        let at = Instant::from_millis(0).expect("in range");
        let mut world = builder.build(at, Arc::new(Zones::bundled())).expect("a known zone");
        assert!(world.schedule(like).is_some());
        // What both share is not gone with the first of them.
        let off = Event::Configure(first, Setting::Scheduler(None).into());
        world.apply(&off, &mut |_| {}).expect("a setting can always change");
        assert_eq!(
            (world.schedule(first).is_some(), world.schedule(like).is_some()),
            (false, true)
        );
        assert_eq!(world.settings(like), &settings);
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
            world.apply(&Event::Login(device), &mut |_| {}).expect("can happen");
            assert_eq!(world.device_facts(agent)[0].since.is_some(), knows);
        }
    }
}
