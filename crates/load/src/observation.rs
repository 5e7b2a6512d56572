//! What a client saw of a property, as one value from the connection on which it was read, through the
//! judge, to the violation that a report tells of.

use std::fmt;
use std::sync::Arc;

use lamplighter_core::model::{AgentStatus, Chat, WidgetStatus};
use lamplighter_target::file::possible::PossibleStatuses;

use super::clock::{Micros, SECOND_US};
use super::exchange::Exchange;
use super::plan::{AgentIndex, DeviceSlot, PropertyIndex, RequestId, VisitorKind, WidgetIndex};

/// A session: a connection of visitors, an event stream, an agent. What one session sees
/// comes in one order, so that no read of it may be followed by an older one (monotonic reads).
pub type SessionId = u64;

/// What is pushed tells of something that was so at some moment since the push before it, and within
/// this time at most.
pub const PUSHED_WITHIN: Micros = 10 * SECOND_US;

/// A read in the sense of the literature: an interval of time from its invocation to its return, and
/// what it returned. It is right if the rules give what was seen at some moment of the interval.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observation {
    /// The property whose history decides whether it is admissible.
    pub property: PropertyIndex,
    /// Who saw it: of two observations of one session the later one may not know less.
    pub session: SessionId,
    /// The first moment at which what was seen can have been current: when a read was sent; for an event
    /// on a stream see [`pushed_since`].
    pub invoked: Micros,
    /// The last moment at which it can have been: when the answer was there.
    pub returned: Micros,
    /// The version of the property that the answer says it knew, where the product has versions: then
    /// exactly the writes up to it count.
    pub version: Option<u64>,
    /// What the answer says of the property.
    pub seen: Observed,
    /// By which request it was seen; `None` of agents, whose requests have no id.
    pub request: Option<RequestId>,
    /// The request and the answer, which are kept for evidence; `None` where they are not.
    pub exchange: Option<Arc<Exchange>>,
}

/// What an observation is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observed {
    /// A widget, as a visitor is shown it.
    Widget(WidgetSeen),
    /// A whole team: of each member, in the order of the plan, what team-mates see (rule P4), one of a
    /// few where the target does not tell them apart; `None` for a member who is missing.
    Team(Vec<Option<PossibleStatuses<AgentStatus>>>),
    /// The messages of a property, among which one is missing that was acknowledged (rule C2).
    MissingMessage {
        /// The text of the message, by which it is looked for among those that are kept.
        text: Box<str>,
        /// In which way it is missing: not there at all, there twice, or changed.
        why: Box<str>,
    },
    /// A device's session is over, as a call of it was answered.
    SessionOver(AgentIndex, DeviceSlot),
}

/// A widget as it was seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WidgetSeen {
    /// The widget whose answer it is.
    pub widget: WidgetIndex,
    /// Which kind of visitor looked; what hides a widget depends on it (rules V1 to V3).
    pub visitor: VisitorKind,
    /// How it came, by which it is told in evidence.
    pub delivery: Delivery,
    /// What of it depends on presence and hours, and so on the history.
    pub shown: SeenStates,
    /// What is wrong with it whatever the history is: another widget's name, a greeting that its
    /// status does not have. Found where the answer is read, for it needs no more than the plan.
    pub mismatch: Option<Box<str>>,
}

/// What a widget shows, as far as it depends on presence and hours (rules W1 to W6).
pub type ShownState = (WidgetStatus, Chat);

/// What an answer says that a widget shows: less than [`ShownState`] where the target does not tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SeenStates {
    /// The status, one of a few where the answer does not tell them apart (rule T38 of target files).
    pub status: PossibleStatuses<WidgetStatus>,
    /// Whether a chat can be started (rule C1); `None` where the target's answers do not say so.
    pub chat: Option<Chat>,
}

impl SeenStates {
    /// Whether what a widget shows can be this.
    pub fn can_be(self, (status, chat): ShownState) -> bool {
        self.status.can_be(status) && self.chat.is_none_or(|seen| seen == chat)
    }
}

impl From<ShownState> for SeenStates {
    fn from((status, chat): ShownState) -> Self {
        Self { status: PossibleStatuses::just(status), chat: Some(chat) }
    }
}

/// `away, chat possible`; of a target that says less `online or away`.
impl fmt::Display for SeenStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, chat } = self;
        match chat {
            Some(chat) => write!(f, "{status}, {chat}"),
            None => write!(f, "{status}"),
        }
    }
}

/// How a widget's state came to whoever saw it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// As the answer to a read.
    Polled,
    /// As an event on a stream.
    Pushed,
    /// As the last event on a stream, which stands for what is so until the next one comes.
    Standing,
}

/// From when on what is pushed can have been current: since the push before it or, for the first, since
/// the session was opened. Whoever reads slowly on purpose learns everything late, and of that the
/// target can do nothing; all others are told within ten seconds.
pub fn pushed_since(before: Micros, returned: Micros, is_slow: bool) -> Micros {
    if is_slow { before } else { before.max(returned - PUSHED_WITHIN) }
}
