//! The rule book followed word by word: slow, obvious, and sharing nothing with the engine but the
//! nouns of `model`. What the engine answers is held against this.
//!
//! Nothing is counted, cached or queued. An agent's status is looked up over all devices whenever
//! it is asked for, hours are asked of the wall clock minute by minute, and what the clock does next
//! is found by letting it run. Whoever looks at every minute of days on end does so by [`Clocks`], which
//! ask each wall clock once a minute, and of hours once a date what is under way on it.
//!
//! Here is what is so at one instant; what follows from it stands beside, to be read with the rule book:
//!
//! | file | rules | what it answers |
//! | --- | --- | --- |
//! | `events` | P1 to P3, P6 to P9 | what an event does, and whether it can happen |
//! | `deadlines` | P7 to P9, T2 | what the clock does by itself, and when |
//! | `presence` | P4 to P9 | what devices and agents show, and what members add up to |
//! | `calendar` | S2 to S9 | whether hours are under way when a wall clock reads a time |
//! | `clocks` | S1, S2, S10 | the same of all wall clocks, minute by minute |
//! | `widget` | S1, S2, W1 to W6, C1 to C3 | a widget's status, its greeting and its form |
//! | `visibility` | V1 to V4 | who sees it, and which pages a pattern means |
//! | `next`, `witness` | T3 | what the clock will change next; all that changed, as a timeline |

mod calendar;
mod clocks;
mod deadlines;
mod events;
mod next;
mod presence;
mod visibility;
mod widget;
mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::model::knobs::Devices;
use crate::model::{
    AgentId, Chosen, DeviceId, Instant, Millis, PropertyId, RuleSet, Settings, WidgetId,
};

pub use calendar::{is_open, names};
pub use clocks::Clocks;
pub use visibility::page_matches;
pub use witness::Witness;

/// How many seconds a zone's wall clock is ahead of UTC at an instant; `None` for a zone that
/// nobody knows. The oracle has no zone data of its own.
pub type OffsetAt = dyn Fn(&str, Instant) -> Option<i32> + Send + Sync;

/// A fleet at one instant, as the rule book describes it.
#[derive(Clone)]
pub struct Oracle {
    now: Instant,
    grace: Millis,
    auto_away: Option<Millis>,
    rules: RuleSet,
    offset_at: Arc<OffsetAt>,
    /// The devices that are logged in, and no other.
    logins: BTreeMap<DeviceId, Login>,
    /// The statuses of all that ever had one; who is logged in nowhere keeps it, and it counts for
    /// nothing.
    statuses: BTreeMap<Holder, Status>,
    /// How many statuses have been given.
    given: u64,
    /// The devices whose grace ran out and that have not logged in since (rule P7).
    ran_out: BTreeSet<DeviceId>,
    members: BTreeMap<PropertyId, BTreeMap<AgentId, Member>>,
    widgets: BTreeMap<WidgetId, (PropertyId, Settings)>,
}

/// What is so of a logged-in device, beside its status.
#[derive(Clone, Copy, Debug)]
struct Login {
    /// When the connection was lost, if it is (rule P7).
    lost_at: Option<Instant>,
}

/// What has a status (rules P2, P4, the knob `devices`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Holder {
    Device(DeviceId),
    Agent(AgentId),
}

/// A status, and how it came about.
#[derive(Clone, Copy, Debug)]
struct Status {
    now: Chosen,
    set: Set,
    /// The last one that did not come by the clock, and was not for a time (rule P9).
    chosen: Chosen,
    /// Whether it was given for a time, and until when (`None`: beyond the year 9999).
    for_a_time: Option<Option<Instant>>,
    /// The last login, status or activity (rule P8).
    active_at: Instant,
    /// The how manieth of all that were given.
    given: u64,
}

/// How a device came to its status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Set {
    /// By login, by hand or by activity.
    ByHand,
    /// By the clock, which takes an idle device away (rule P8).
    ByTheClock,
}

/// Whether a member counts (rule P6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Member {
    /// The member counts towards the presence (rule P5).
    Active,
    /// Counts nowhere in the property.
    Suspended,
}

/// A device's connection (rule P7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Connection {
    /// Connected, or not logged in.
    Up,
    /// Lost; the device counts as logged out from that instant on (`None`: beyond the year 9999).
    Lost(Option<Instant>),
    /// Lost so long ago that the device was logged out, and has not logged in since.
    RanOut,
}

impl fmt::Debug for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oracle")
            .field("now", &self.now)
            .field("logins", &self.logins)
            .field("statuses", &self.statuses)
            .field("ran_out", &self.ran_out)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}

impl Oracle {
    /// A world without anything, with its grace and auto-away (rules P7, P8; `None` for "off").
    pub fn new(
        at: Instant,
        grace: Millis,
        auto_away: Option<Millis>,
        offset_at: Arc<OffsetAt>,
    ) -> Self {
        Self {
            now: at,
            grace,
            auto_away,
            rules: RuleSet::BOOK,
            offset_at,
            logins: BTreeMap::new(),
            statuses: BTreeMap::new(),
            given: 0,
            ran_out: BTreeSet::new(),
            members: BTreeMap::new(),
            widgets: BTreeMap::new(),
        }
    }

    /// The same world by another product's rules. Their grace is no matter of it.
    #[must_use]
    pub fn by_rules(self, rules: RuleSet) -> Self {
        Self { rules, ..self }
    }

    /// Declares a widget of a property.
    pub fn add_widget(&mut self, widget: WidgetId, property: PropertyId, settings: Settings) {
        self.widgets.insert(widget, (property, settings));
    }

    /// Declares a member of a property.
    pub fn add_member(&mut self, agent: AgentId, property: PropertyId, member: Member) {
        self.members.entry(property).or_default().insert(agent, member);
    }

    /// The instant that has been reached (rule T1: from outside alone).
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Rules P2, P4 and the knob `devices`: what has the status that a device shows.
    fn holder(&self, device: DeviceId) -> Holder {
        match self.rules.devices {
            Devices::Each => Holder::Device(device),
            Devices::OneStatus => Holder::Agent(device.agent()),
        }
    }

    fn one_more(&mut self) -> u64 {
        self.given += 1;
        self.given
    }

    /// The logged-in devices of an agent.
    fn logged_in_of(&self, agent: AgentId) -> impl Iterator<Item = DeviceId> {
        let from_the_first =
            self.logins.range(DeviceId::new(agent, 0)..).map(|(device, _)| *device);
        from_the_first.take_while(move |device| device.agent() == agent)
    }

    fn offset_s(&self, zone: &str, at: Instant) -> i32 {
        (self.offset_at)(zone, at).expect("a scheduler's zone was known when it was set")
    }
}
