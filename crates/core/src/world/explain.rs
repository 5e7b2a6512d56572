//! Why a widget is as it is: the facts behind each rule that took part.

use std::sync::Arc;

use super::{Connection, GoesBack, Membership, NextChange, World};
use crate::hours::Schedule;
use crate::model::{
    AgentId, AgentStatus, Answer, DeviceId, DeviceStatus, Instant, Knob, LocalTime, Presence,
    RuleSet, SchedulerState, WidgetId,
};
use crate::rules;

/// Everything behind a widget's answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The instant that is explained: the one that the world has reached.
    pub at: Instant,
    /// What the widget shows (rules W1 to W6).
    pub answer: Answer,
    /// The scheduler's part; `None` where it is off (rule S1).
    pub scheduler: Option<SchedulerFacts>,
    /// Whether the setting `offline-when-all-agents-offline` is on (rules W5, W6).
    pub offline_when_all_agents_offline: bool,
    /// What the members add up to (rule P5).
    pub presence: Presence,
    /// Every member of the property with its devices, suspended ones too (rule P6).
    pub members: Vec<MemberFacts>,
    /// The knobs that decided, in the order of the rules: with the rule book's position of one of
    /// them the hours, the presence or the answer would be another now. What knobs did before, as a
    /// login gave a status, is not among it.
    pub knobs: Vec<Knob>,
    /// What the clock will change next.
    pub next: Option<NextChange>,
}

/// A scheduler's part in an answer (rules S2 to S6).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SchedulerFacts {
    /// The scheduler's own zone, by its IANA name (rule S2).
    pub zone: String,
    /// The date and time that the scheduler's wall clock reads, which alone decides (rule S2).
    pub local: LocalTime,
    /// Whether the hours are open or closed at the instant that is explained.
    pub state: SchedulerState,
    /// The next time that it opens or closes.
    pub next_edge: Option<Instant>,
}

/// A member's part in a presence (rules P4, P6).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberFacts {
    /// The member whose part it is.
    pub agent: AgentId,
    /// Whether the member counts here (rule P6).
    pub membership: Membership,
    /// What team-mates see, and what the member adds to the presence where active (rule P5).
    pub status: AgentStatus,
    /// The devices on which the agent has ever logged in.
    pub devices: Vec<DeviceFacts>,
}

/// A device's part in its agent's status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeviceFacts {
    /// The device whose part it is.
    pub device: DeviceId,
    /// What the device adds to the status of its agent (rule P4).
    pub status: DeviceStatus,
    /// Whether it is away by rule P8 rather than by hand.
    pub away_by_rule: bool,
    /// What it goes back to, and when, where its status is for a time (rule P9).
    pub goes_back: Option<GoesBack>,
    /// Whether its connection is up, and if not, how long it still counts (rule P7).
    pub connection: Connection,
    /// The instant at which the status last changed; `None` in a world made [without
    /// it](super::WorldBuilder::without_since).
    pub since: Option<Instant>,
}

impl World {
    /// Everything behind what a widget shows now.
    pub fn explain(&self, widget: WidgetId) -> Explanation {
        let property = self.property_of(widget);
        Explanation {
            at: self.now,
            answer: self.answer(widget),
            scheduler: self.schedule(widget).map(|schedule| SchedulerFacts {
                zone: schedule.zone().name().to_owned(),
                local: schedule.zone().local(self.now),
                state: self.scheduler_state(widget),
                next_edge: schedule.next_edge(self.now),
            }),
            offline_when_all_agents_offline: self.settings(widget).offline_when_all_agents_offline,
            presence: self.presence(property),
            members: self
                .members(property)
                .iter()
                .map(|&agent| MemberFacts {
                    agent,
                    membership: self
                        .membership(agent, property)
                        .expect("the members of a property have a membership in it"),
                    status: self.agent_status(agent),
                    devices: self.device_facts(agent),
                })
                .collect(),
            knobs: self.decided_by(widget),
            next: self.next_change(widget),
        }
    }

    /// The knobs without which the hours, the presence or the answer of a widget would be another now,
    /// in the order of the rules; none where the rule book decides.
    pub fn decided_by(&self, widget: WidgetId) -> Vec<Knob> {
        let (scheduler, property) = (self.scheduler_state(widget), self.property_of(widget));
        let presence = self.presence(property);
        let decides = |knob: &Knob| {
            let mut without = self.rules;
            without.copy_from(*knob, &RuleSet::BOOK);
            match knob {
                Knob::AwayIs | Knob::InvisibleIs => {
                    self.people.presence_by(&without, self.members(property), property) != presence
                }
                Knob::EndMinute | Knob::Overnight => {
                    self.schedule(widget).is_some_and(|schedule| {
                        let settings = self.settings(widget).scheduler.as_ref();
                        let hours = &settings.expect("it has a schedule").hours;
                        let zone = Arc::clone(schedule.zone());
                        let other = Schedule::new(zone, &rules::hours(&without, hours));
                        other.is_open(self.now) != schedule.is_open(self.now)
                    })
                }
                Knob::Hours | Knob::OpenAndNobody => {
                    let setting = self.settings(widget).offline_when_all_agents_offline;
                    rules::decided(&self.rules, scheduler, presence, setting) == Some(*knob)
                }
                // What these do lies in what agents and devices are by now.
                Knob::Devices
                | Knob::Merge
                | Knob::Login
                | Knob::Logout
                | Knob::TeamSeesInvisible
                | Knob::Idle
                | Knob::Grace => false,
            }
        };
        self.rules.unlike(&RuleSet::BOOK).filter(decides).collect()
    }

    /// The devices on which an agent has ever logged in; all of them in a world made
    /// [without since when](super::WorldBuilder::without_since).
    pub fn device_facts(&self, agent: AgentId) -> Vec<DeviceFacts> {
        self.devices_of(agent)
            .filter_map(|id| {
                let device = self.people.device(id);
                let since = match self.people.are_dated() {
                    false => None,
                    // Never logged in: no status has begun.
                    true => Some(self.people.since(id)?.into()),
                };
                Some(DeviceFacts {
                    device: id,
                    status: device.status(),
                    away_by_rule: device.is_away_by_rule(),
                    goes_back: self.goes_back(id),
                    connection: self.connection(id),
                    since,
                })
            })
            .collect()
    }
}
