//! A world and everything that happens in it, as plain data: what a seed draws, what engine and
//! oracle are given, what is made smaller, and what a scenario file says.

use std::sync::Arc;

use lamplighter_core::hours::{ReferenceClock, UnknownZone, Zones};
use lamplighter_core::model::{
    AgentId, DeviceId, Event, Instant, Millis, PropertyId, RuleSet, Setting, Settings, Visitor,
    WidgetId,
};
use lamplighter_core::oracle::{Member, OffsetAt, Oracle};
use lamplighter_core::world::{Membership, Timing, World, WorldBuilder};

/// A world and everything that happens in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// The first instant of the run, at which the world is built.
    pub start: Instant,
    /// The last instant of the run, included.
    pub end: Instant,
    /// The rules of the product, of which the grace does not count.
    pub rules: RuleSet,
    /// How long a lost connection keeps its status (rule P7).
    pub grace: Millis,
    /// After how long an idle device goes away (rule P8); `None` for "off".
    pub auto_away: Option<Millis>,
    /// How many agents there are; their ids count from zero.
    pub agent_count: usize,
    /// The properties in the order of their ids.
    pub properties: Vec<Property>,
    /// What happens, in the order of time.
    pub steps: Vec<TimedEvent>,
    /// The visitors who come, in the order of time.
    pub visits: Vec<Visit>,
    /// Whether devices are met on the way, as in a trace; or all are known from the start, as in a
    /// scenario without one.
    pub devices_are_met: bool,
}

/// A property with its members and widgets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Property {
    /// The members, each once, and which of them are suspended at first (rule P6).
    pub members: Vec<(AgentId, Membership)>,
    /// What is set on its widgets, of which the first has the property's name; at least one. Widgets
    /// count from zero, property after property.
    pub widgets: Vec<Settings>,
}

/// An event with the instant at which it happens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimedEvent {
    /// The instant at which it happens.
    pub at: Instant,
    /// What happens; it may be something that cannot.
    pub event: Event,
}

/// A visitor who looks at every widget.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visit {
    /// The instant at which the visitor looks.
    pub at: Instant,
    /// The visitor: page, country and kind of device, each perhaps unknown.
    pub visitor: Visitor,
}

impl Case {
    /// The ids of all agents.
    pub fn agents(&self) -> impl Iterator<Item = AgentId> + use<> {
        (0..self.agent_count).map(AgentId::new)
    }

    /// How many widgets all properties have.
    pub fn widget_count(&self) -> usize {
        self.properties.iter().map(|property| property.widgets.len()).sum()
    }

    /// The widgets, property after property, each with its property and its settings at first.
    pub fn widgets(&self) -> impl Iterator<Item = (WidgetId, PropertyId, &Settings)> {
        let each = self.properties.iter().enumerate().flat_map(|(index, property)| {
            property.widgets.iter().map(move |settings| (PropertyId::new(index), settings))
        });
        each.enumerate().map(|(id, (property, settings))| (WidgetId::new(id), property, settings))
    }

    /// How many devices an agent has: as many as the steps speak of.
    pub fn device_count(&self, agent: AgentId) -> usize {
        let devices = self.steps.iter().filter_map(|step| step.event.device());
        let own = devices.filter(|device| device.agent() == agent);
        own.map(|device| device.slot() + 1).max().unwrap_or(0)
    }

    /// The zones of all schedulers that are ever set.
    pub(super) fn zone_names(&self) -> Vec<&str> {
        let at_first = self.widgets().filter_map(|(_, _, settings)| settings.scheduler.as_deref());
        let later = self.steps.iter().filter_map(|step| match &step.event {
            Event::Configure(_, setting) => match &**setting {
                Setting::Scheduler(scheduler) => scheduler.as_deref(),
                _ => None,
            },
            _ => None,
        });
        let mut names: Vec<&str> = at_first.chain(later).map(|s| s.zone.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The engine at the start, with all devices that are ever mentioned, unless they are met on the
    /// way.
    ///
    /// # Errors
    /// When a scheduler names a zone that is not in the database.
    pub fn engine(&self, zones: &Arc<Zones>) -> Result<World, UnknownZone> {
        let mut builder =
            WorldBuilder::new(Timing { grace: self.grace, auto_away: self.auto_away });
        builder.put_rules(self.rules);
        for _ in self.agents() {
            builder.add_agent();
        }
        for property in &self.properties {
            let id = builder.add_property();
            for &(agent, membership) in &property.members {
                builder.add_member(agent, id, membership);
            }
            for settings in &property.widgets {
                builder.add_widget(id, settings.clone());
            }
        }
        let mut world = builder.build(self.start, Arc::clone(zones))?;
        for agent in self.agents().filter(|_| !self.devices_are_met) {
            for _ in 0..self.device_count(agent) {
                world.add_device(agent);
            }
        }
        Ok(world)
    }

    /// The oracle at the start, with clocks of its own.
    ///
    /// # Errors
    /// When a scheduler names a zone that is not in the database.
    pub fn oracle(&self, zones: &Zones) -> Result<Oracle, UnknownZone> {
        let names = self.zone_names();
        let clocks: Result<Vec<(String, ReferenceClock)>, UnknownZone> =
            names.iter().map(|name| Ok(((*name).to_owned(), zones.clock(name)?))).collect();
        let clocks = clocks?;
        let offset_at: Arc<OffsetAt> = Arc::new(move |zone, at| {
            let known = clocks.iter().find(|(name, _)| name == zone);
            known.map(|(_, clock)| clock.offset_s(at))
        });
        let oracle = Oracle::new(self.start, self.grace, self.auto_away, offset_at);
        let mut oracle = oracle.by_rules(self.rules);
        for (id, property) in self.properties.iter().enumerate() {
            for &(agent, membership) in &property.members {
                let member = match membership {
                    Membership::Active => Member::Active,
                    Membership::Suspended => Member::Suspended,
                };
                oracle.add_member(agent, PropertyId::new(id), member);
            }
        }
        for (id, property, settings) in self.widgets() {
            oracle.add_widget(id, property, settings.clone());
        }
        Ok(oracle)
    }

    /// The same case up to an instant and so many steps.
    #[must_use]
    pub fn until(&self, end: Instant, steps: usize) -> Self {
        let steps = self.steps[..steps].to_vec();
        let mut case = Self { end, steps, visits: Vec::new(), ..self.clone() };
        case.number_devices();
        case
    }

    /// Whether everything comes in the order of time, from the start to the end.
    pub fn is_in_order(&self) -> bool {
        let steps = self.steps.iter().map(|step| step.at);
        std::iter::once(self.start).chain(steps).chain([self.end]).is_sorted()
    }

    /// Whether all who do anything, or are asked for, are members of a property: nobody else has a
    /// name in a scenario.
    pub fn everybody_is_a_member(&self, asked: Option<AgentId>) -> bool {
        let mut needed = self.steps.iter().filter_map(|step| step.event.agent()).chain(asked);
        needed.all(|agent| {
            let mut members = self.properties.iter().flat_map(|property| &property.members);
            members.any(|(member, _)| *member == agent)
        })
    }

    /// Numbers each agent's devices in the order in which the steps mention them, as a scenario file
    /// does.
    pub fn number_devices(&mut self) {
        let mut met: Vec<Vec<usize>> = vec![Vec::new(); self.agent_count];
        for step in &mut self.steps {
            if let Some(device) = step.event.device() {
                let slots = &mut met[device.agent().index()];
                let slot = slots.iter().position(|&slot| slot == device.slot());
                let slot = slot.unwrap_or_else(|| {
                    slots.push(device.slot());
                    slots.len() - 1
                });
                step.event = step.event.clone().on_device(DeviceId::new(device.agent(), slot));
            }
        }
    }
}

/// Makes room for the device that an event is about, where it is a new one.
pub fn meet(world: &mut World, event: &Event) -> Option<DeviceId> {
    let device = event.device()?;
    let is_new = device.slot() == world.device_count(device.agent());
    is_new.then(|| world.add_device(device.agent()))
}
