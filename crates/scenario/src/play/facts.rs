//! The facts behind an answer: gathered of a world at an instant, and data until somebody reads them.

use std::sync::Arc;

use super::anomaly::Anomaly;
use super::special_hours::{SpecialHours, special_hours};
use crate::language::Roster;
use lamplighter_core::hours::Zone;
use lamplighter_core::model::{
    AgentId, AgentStatus, Answer, Instant, Knob, PropertyId, SchedulerState, Visitor, WidgetId,
};
use lamplighter_core::world::{DeviceFacts, Membership, NextChange, World};

/// Where facts are gathered: a world, with the names and the zone of the file that it is played for.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The names of the file, which facts are told in.
    pub roster: &'a Roster,
    /// The zone of the file's local times, which instants are told in.
    pub zone: &'a Zone,
    /// The world at the instant in question; what it says is what the rules say.
    pub world: &'a World,
}

/// One of the facts behind a failure, as it was at the failure's instant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fact {
    /// Another part of the expectation is false, too.
    AlsoFalse {
        /// What the expectation says in that part, in words.
        expected: String,
        /// What is so instead, in words.
        found: String,
    },
    /// An observer has seen something else, too, that is not as the rules say.
    AlsoSeen(Discrepancy),
    /// Rows of traces at this very instant, which come after the lines of the file: what each says.
    RowsToCome(Vec<String>),
    /// What the widget showed as its changes were counted.
    Changes(ChangesFacts),
    /// Rows of traces that cannot happen: the first of them, and how many there are besides.
    Anomalies(Vec<Anomaly>, u64),
    /// The visitor for whom the widget was looked at (rules V1 to V4).
    Visitor(Visitor),
    /// What the widget shows, where that is not what the expectation is about.
    Widget(Answer),
    /// What the widget shows by the rules, where an observer has seen otherwise.
    ByTheRules(Answer),
    /// A knob of other rules than the rule book's that decided what the widget shows, and its position.
    DecidedBy(Knob, String),
    /// The members of the widget's property, with their devices (rules P4 to P6).
    Members(MembersFacts),
    /// One agent, with the devices (rule P4).
    Agent(AgentFacts),
    /// The hours of the widget (rules S1 to S9); `None` where its scheduler is off (rule S1).
    Hours(Option<HoursFacts>),
    /// What the clock alone will change next about the widget; `None` for nothing.
    Next(Option<NextChange>),
    /// What the clock alone will change next about the agent; `None` for nothing.
    NextOfAgent(Option<NextChange<AgentStatus>>),
}

impl Fact {
    /// A knob that decided, with its position: `open-and-nobody = offline`.
    pub(super) fn knob_and_position(&self) -> Option<String> {
        match self {
            Self::DecidedBy(knob, position) => Some(format!("{} = {position}", knob.word())),
            _ => None,
        }
    }
}

/// What an observer has seen beside what the rules say of the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Discrepancy {
    /// What the observer has seen, in words.
    pub seen: String,
    /// What the rules say of the same, in the same words.
    pub rules: String,
}

/// What a widget showed while its changes were counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangesFacts {
    /// What it showed at first.
    pub before: Answer,
    /// The first changes, up to [`NAMED_MAX`](Self::NAMED_MAX): when, and what it showed from then on.
    pub first: Vec<(Instant, Answer)>,
    /// How many changes there were besides.
    pub more: u64,
}

impl ChangesFacts {
    /// More changes than this are counted, not named.
    pub const NAMED_MAX: usize = 8;
}

/// An agent as team-mates see it, and why (rule P4).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentFacts {
    /// The agent whose facts they are.
    pub agent: AgentId,
    /// The highest status over the agent's devices.
    pub status: AgentStatus,
    /// The devices on which the agent has ever logged in.
    pub devices: Vec<DeviceFacts>,
}

/// The members of a property, the first of them by name (rules P5, P6).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MembersFacts {
    /// The property, to be named where it has no members.
    pub property: PropertyId,
    /// The first members, up to [`NAMED_MAX`](Self::NAMED_MAX), and whether each is suspended.
    pub first: Vec<(AgentFacts, Membership)>,
    /// How many members there are besides.
    pub more: usize,
}

impl MembersFacts {
    /// More members than this are counted, not named.
    pub const NAMED_MAX: usize = 12;
}

/// A widget's hours at an instant (rules S2 to S9).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HoursFacts {
    /// The scheduler's own zone, whose wall clock counts.
    pub zone: Arc<Zone>,
    /// Whether the hours are open or closed at the failure's instant (rule S2).
    pub state: SchedulerState,
    /// What else than the hours of the weekday makes them so.
    pub special: Option<SpecialHours>,
    /// The next time that they open or close, if they ever do.
    pub next_edge: Option<Instant>,
}

impl Facts<'_> {
    /// The instant that the world has reached.
    pub fn now(self) -> Instant {
        self.world.now()
    }

    /// The rule that decided what a widget shows, and the knobs that did: `rule W6, open-and-nobody =
    /// offline`.
    pub fn rule(self, widget: WidgetId, answer: Answer) -> String {
        let mut words = format!("rule W{}", answer.rule);
        if answer == self.world.answer(widget) {
            for fact in self.decided_by(widget) {
                words.push_str(&format!(", {}", fact.knob_and_position().unwrap_or_default()));
            }
        }
        words
    }

    /// The knobs of other rules than the rule book's that decided what a widget shows.
    pub fn decided_by(self, widget: WidgetId) -> impl Iterator<Item = Fact> {
        let knobs = self.world.decided_by(widget).into_iter();
        knobs.map(move |knob| Fact::DecidedBy(knob, self.world.rules().position(knob).into_owned()))
    }

    /// An agent, and the devices (rule P4).
    pub fn agent(self, agent: AgentId) -> AgentFacts {
        let status = self.world.agent_status(agent);
        AgentFacts { agent, status, devices: self.world.device_facts(agent) }
    }

    /// The members of the property that a widget belongs to (rules P5, P6).
    pub fn members(self, widget: WidgetId) -> MembersFacts {
        let property = self.world.property_of(widget);
        let members = self.world.members(property);
        let first = members.iter().take(MembersFacts::NAMED_MAX).map(|&agent| {
            let membership = self.world.membership(agent, property);
            (self.agent(agent), membership.unwrap_or(Membership::Active))
        });
        MembersFacts {
            property,
            first: first.collect(),
            more: members.len().saturating_sub(MembersFacts::NAMED_MAX),
        }
    }

    /// A widget's hours; `None` where its scheduler is off (rule S1).
    pub fn hours(self, widget: WidgetId) -> Option<HoursFacts> {
        let schedule = self.world.schedule(widget)?;
        let state = self.world.scheduler_state(widget);
        let hours = &self.world.settings(widget).scheduler.as_ref()?.hours;
        let local = schedule.zone().local(self.now());
        Some(HoursFacts {
            zone: Arc::clone(schedule.zone()),
            state,
            special: special_hours(hours, state, local),
            next_edge: schedule.next_edge(self.now()),
        })
    }
}
