//! The plan of a run: the properties, who works there, what every agent does and every visitor asks,
//! and when. Plain data: the same knobs give the same plan, on every machine.
//!
//! | file | what it does |
//! | --- | --- |
//! | `knobs`, `shard` | what a run is drawn from, and which part of it a generator plays |
//! | `limits` | what of it the target can play |
//! | `world`, `given_world` | a world whose schedulers lie around the run, or that of a scenario |
//! | `day`, `team_reads` | what an agent does: a working day in some minutes, with looks at teams behind writes |
//! | `quota`, `hours`, `hand_over`, `goals` | what a run surely meets: edges, changes of shifts, ends of graces |
//! | `arrivals`, `rate` | when visitors come, and how many a product allows |

mod arrivals;
mod day;
mod given_world;
mod goals;
mod hand_over;
mod hours;
pub mod knobs;
mod limits;
mod quota;
mod rate;
mod shard;
mod team_reads;
#[cfg(test)]
pub(crate) mod tests;
mod world;

use std::sync::Arc;

use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Chosen, Instant, Millis, Settings, Visitor};
use lamplighter_scenario::synth;

use super::clock::Micros;
use goals::DrawnPlan;
use hand_over::HandOverPlanner;
use hours::HoursPlanner;

pub use arrivals::{AllArrivals, watches};
pub use given_world::GivenWorld;
pub use goals::PlanGoals;
pub use hand_over::HandOver;
pub use knobs::RunKnobs;
pub use limits::TargetLimits;
pub use quota::{HandOverSpan, PROMISED_FROM, start_from};
pub use rate::fit_rate;
pub use shard::Shard;

/// An agent, by its place in [`RunPlan::agents`].
pub type AgentIndex = u32;
/// A property, by its place in [`RunPlan::properties`].
pub type PropertyIndex = u32;
/// A widget, by its place in [`RunPlan::widgets`]: all widgets of all properties, counted through.
pub type WidgetIndex = u32;
/// A device of an agent, by its place in [`PlannedAgent::devices`].
pub type DeviceSlot = u8;
/// A kind of visitor, by its place in [`RunPlan::visitors`].
pub type VisitorKind = u16;

/// All that a run is to do: who is there, when, and what each of them does.
#[derive(Clone, Debug)]
pub struct RunPlan {
    /// The run's first instant, on the target's clock.
    pub start: Instant,
    /// How long the run lasts, from its first instant on.
    pub duration: Millis,
    /// The grace that the service gets (rule P7).
    pub grace: Millis,
    /// In front of every name in the plan; on the target everything has a name of its own.
    pub prefix: String,
    /// Every property of the world, also those of other shards.
    pub properties: Vec<PlannedProperty>,
    /// Every widget, property by property, each property's own first.
    pub widgets: Vec<PlannedWidget>,
    /// Every agent of the world.
    pub agents: Vec<PlannedAgent>,
    /// The kinds of visitors that there are.
    pub visitors: Vec<Visitor>,
    /// What the ids of all visitors' requests begin with.
    pub requests: String,
    /// What a run of it surely meets.
    pub goals: PlanGoals,
}

impl RunPlan {
    /// Draws a plan.
    ///
    /// # Errors
    /// When a knob of the world is out of its range, or the zone data lack a zone.
    pub fn draw(knobs: &RunKnobs, zones: &Zones) -> Result<Self, synth::PopulationError> {
        let (properties, mut widgets, mut agents) = match &knobs.given {
            Some(given) => world::of_given(given, knobs),
            None => world::draw(knobs, zones)?,
        };
        let quotas = quota::quotas(knobs, properties.len() as u32);
        let spans = hand_over::spans(knobs, &quotas);
        let hours = HoursPlanner { knobs, zones, properties: &properties };
        hours.lay(&quotas, &spans, &mut widgets)?;
        knobs.limits.fit_hours(&mut widgets);
        let edges = hours.edges(&quotas, &widgets)?;
        let cast = HandOverPlanner { hours, widgets: &widgets, agents: &agents };
        let (hand_overs, kept) = cast.lay(&quotas, &spans)?;
        for (number, agent) in (0..).zip(&mut agents) {
            if agent.is_own {
                let steps = day::steps(knobs, number, agent, kept.get(&number).copied());
                agent.steps = team_reads::with_team_reads(knobs, number, agent, steps);
            }
        }
        team_reads::keep_apart(&mut agents, knobs.limits.team_read_every);
        let drawn = DrawnPlan {
            knobs,
            quotas: &quotas,
            edges: &edges,
            hand_overs,
            properties: &properties,
            agents: &agents,
        };
        let goals = drawn.goals();
        Ok(Self {
            start: knobs.start,
            duration: knobs.duration,
            grace: knobs.grace,
            prefix: knobs.prefix.clone(),
            properties,
            widgets,
            agents,
            visitors: world::visitors(),
            requests: format!("{}-{}", knobs.prefix, knobs.world.seed),
            goals,
        })
    }

    /// The id of a request as it is sent: the same plan gives the same ids.
    pub fn request_id(&self, request: RequestId) -> String {
        let requests = &self.requests;
        match request {
            RequestId::Visit(number) => format!("{requests}-{number}"),
            RequestId::Stream { number, again: 0 } => format!("{requests}-s{number}"),
            RequestId::Stream { number, again } => format!("{requests}-s{number}.{again}"),
        }
    }

    /// Whether a widget belongs to this shard.
    pub fn is_own(&self, widget: WidgetIndex) -> bool {
        let property = self.widgets[widget as usize].property;
        self.properties[property as usize].is_own
    }
}

/// A property that the run makes, or finds, on the target.
#[derive(Clone, Debug)]
pub struct PlannedProperty {
    /// Its name on the target.
    pub name: String,
    /// Its members, suspended ones too.
    pub members: Vec<AgentIndex>,
    /// Those who do not count (rule P6).
    pub suspended: Vec<AgentIndex>,
    /// Its widgets, its own first.
    pub widgets: std::ops::Range<WidgetIndex>,
    /// Whether it belongs to this shard: then its agents and visitors are played here.
    pub is_own: bool,
}

/// A widget that visitors of the run look at.
#[derive(Clone, Debug)]
pub struct PlannedWidget {
    /// Its full name on the target.
    pub name: String,
    /// The property whose widget it is.
    pub property: PropertyIndex,
    /// What is set on it.
    pub settings: Arc<Settings>,
}

/// An agent with a working day.
#[derive(Clone, Debug)]
pub struct PlannedAgent {
    /// The name on the target.
    pub name: String,
    /// The properties of which the agent is a member, by their places in the plan.
    pub properties: Vec<PropertyIndex>,
    /// The names of the agent's devices, which number them by their places.
    pub devices: Vec<&'static str>,
    /// What the agent does, in the order of time.
    pub steps: Vec<PlannedStep>,
    /// Whether the agent is played in this shard.
    pub is_own: bool,
}

/// Something that an agent does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlannedStep {
    /// When, in microseconds of the run.
    pub at: Micros,
    /// The device on which it is done.
    pub slot: DeviceSlot,
    /// What the agent does then.
    pub what: AgentAction,
}

/// What an agent can do in a step of the plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AgentAction {
    /// Logs in (rule P1), and opens the device's socket.
    Login,
    /// Sets the device's status (rule P2).
    Status(Chosen),
    /// Sets the device's status twice at once, as an impatient client does.
    StatusTwice(Chosen),
    /// Sets a status that is sent only so many microseconds later, while the agent goes on: what
    /// comes after it may overtake it.
    StatusLate(Chosen, u32),
    /// Sets the status of all devices (rule P2).
    StatusEverywhere(Chosen),
    /// Logs out (rule P3).
    Logout,
    /// Logs out everywhere (rule P3).
    LogoutEverywhere,
    /// Loses the connection: the socket is dropped without a word (rule P7).
    Lose,
    /// Comes back with the token it has; where the grace has run out meanwhile, logs in anew.
    Return,
    /// Looks at a team of which the agent is a member.
    Team(PropertyIndex),
    /// Looks at a team as soon as what the agent did before has been answered.
    TeamBehind(PropertyIndex),
}

/// Which request of the plan's visitors one is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RequestId {
    /// That of a visitor who arrives, by [`Arrival::number`].
    Visit(u64),
    /// That of an event stream.
    Stream {
        /// The number of the stream, as in [`StreamWatch::number`].
        number: u64,
        /// How often it had been opened before.
        again: u32,
    },
}

/// The arrival of one visitor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// The intended instant, in microseconds of the run.
    pub at: Micros,
    /// Which widget is looked at.
    pub widget: WidgetIndex,
    /// The kind of visitor who arrives.
    pub visitor: VisitorKind,
    /// Its place among all arrivals of the plan, from 1: no other one has it, in whatever shard.
    pub number: u64,
    /// What the visitor does.
    pub what: VisitorAction,
}

/// What a visitor does on arrival.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VisitorAction {
    /// The widget is read once.
    Look,
    /// One message is left; the number of the arrival makes its text unlike any other.
    Message,
}

/// Someone who watches a widget by an event stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StreamWatch {
    /// When the stream is opened, in microseconds of the run.
    pub from: Micros,
    /// When it is closed; at the end of the run, unless it is before.
    pub to: Micros,
    /// The widget that is watched.
    pub widget: WidgetIndex,
    /// The kind of visitor who watches.
    pub visitor: VisitorKind,
    /// Its place among all streams of the plan, from 0: no other one has it, in whatever shard.
    pub number: u64,
    /// Whether the reader is slow: takes some bytes, and sleeps.
    pub is_slow: bool,
}
