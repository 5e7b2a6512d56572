//! What a plan is made of, as plain data: properties, widgets, agents with their steps, visitors.

use std::sync::Arc;

use lamplighter_core::model::{Chosen, Settings};

use crate::clock::Micros;

/// An agent, by its place in [`RunPlan::agents`](super::RunPlan::agents).
pub type AgentIndex = u32;
/// A property, by its place in [`RunPlan::properties`](super::RunPlan::properties).
pub type PropertyIndex = u32;
/// A widget, by its place in [`RunPlan::widgets`](super::RunPlan::widgets): all widgets of all properties, counted through.
pub type WidgetIndex = u32;
/// A device of an agent, by its place in [`PlannedAgent::devices`].
pub type DeviceSlot = u8;
/// A kind of visitor, by its place in [`RunPlan::visitors`](super::RunPlan::visitors).
pub type VisitorKind = u16;

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
