//! The history of a run, as agents and visitors record it on the run's clock: every write with its
//! invocation and its return, every lost connection, and every observation once it is there. It is all
//! that the judge knows of the target.
//!
//! As in Jepsen's histories a write that nobody answered is *indeterminate*: it may have taken effect,
//! or may still.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::clock::Micros;
use super::observation::{Observation, SessionId};
use super::plan::{AgentIndex, DeviceSlot, PropertyIndex, VisitorKind, WidgetIndex};
use lamplighter_core::model::Chosen;

/// The number of a write; no two of a run are the same.
pub type WriteId = u64;

/// What a write does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// The device logs in (rule P1); earlier tokens of it are void from then on.
    Login,
    /// The device's status is set (rule P2).
    Status(Chosen),
    /// The device is logged out (rule P3).
    Logout,
    /// The device's socket opens: it is connected (again) (rule P7).
    Connect,
}

/// How a write ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Completion {
    /// It was acknowledged: it has taken effect, at these versions of the properties that it names.
    Done(Vec<(PropertyIndex, u64)>),
    /// It was refused: it has no effect.
    Refused,
    /// It was refused, for nobody is logged in with its token.
    LoggedOut,
    /// Nobody answered, or not so that it is known what became of it: it may have taken effect, or
    /// may still.
    Indeterminate,
}

/// One thing that was recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// A write is about to be sent; from now on it may take effect.
    Invoked {
        /// The write's number, by which its return is found.
        write: WriteId,
        /// The moment just before the first byte was sent.
        at: Micros,
        /// The agent whose device sends it.
        agent: AgentIndex,
        /// The device that sends it, by its place among the agent's.
        slot: DeviceSlot,
        /// What it does once it takes effect.
        effect: Effect,
    },
    /// A write is in flight no more.
    Returned {
        /// The write's number, as it was invoked.
        write: WriteId,
        /// The moment at which its answer was there, or it was known that there will be none.
        at: Micros,
        /// What became of it, as far as the answer says.
        completion: Completion,
    },
    /// A device's socket is lost (rule P7): cut off at this end without a word, or closed at the
    /// other.
    ConnectionLost {
        /// The moment at which that was known.
        at: Micros,
        /// The earliest moment at which it can have been lost: the same, or, where the other end
        /// closed it, that at which it was asked for.
        since: Micros,
        /// The agent whose device has lost it.
        agent: AgentIndex,
        /// The device that was connected by it.
        slot: DeviceSlot,
    },
    /// A device's session is over, as the target ends them after a time (rule T45 of target files): no
    /// fault, and the device logs in anew.
    SessionExpired {
        /// The moment at which that was known.
        at: Micros,
        /// The earliest moment at which it can have been over.
        since: Micros,
        /// The agent whose device it was.
        agent: AgentIndex,
        /// The device that is logged out by it.
        slot: DeviceSlot,
    },
    /// A session observed something that the service shows: a read, an event of a stream, an answer.
    Observed(Observation),
    /// A visitor opens an event stream: what comes on it is observed by this session.
    StreamOpened {
        /// The session that its events belong to.
        session: SessionId,
        /// The widget that is watched.
        widget: WidgetIndex,
        /// The kind of visitor who watches.
        visitor: VisitorKind,
        /// The moment at which it was asked for.
        at: Micros,
        /// Whether it is read slowly on purpose: then nothing on it is late.
        is_slow: bool,
    },
    /// An event stream is closed, or was lost: nothing more is expected of it.
    StreamClosed {
        /// The session that has ended.
        session: SessionId,
        /// The moment of its end.
        at: Micros,
    },
    /// A visitor has left a message, which was acknowledged.
    MessageKept {
        /// The property that must have it from now on.
        property: PropertyIndex,
        /// The moment of the acknowledgement.
        at: Micros,
    },
}

impl Record {
    /// When what it records was known, in microseconds of the run.
    pub fn at(&self) -> Micros {
        match self {
            Self::Observed(observation) => observation.returned,
            Self::Invoked { at, .. }
            | Self::Returned { at, .. }
            | Self::ConnectionLost { at, .. }
            | Self::SessionExpired { at, .. }
            | Self::StreamOpened { at, .. }
            | Self::StreamClosed { at, .. }
            | Self::MessageKept { at, .. } => *at,
        }
    }
}

/// Where the history is recorded, from any thread, and taken out by the judge now and then. A record is
/// put in a moment after its time; whoever takes them out leaves the latest for the next time.
#[derive(Clone, Debug, Default)]
pub struct History(Arc<Mutex<Vec<Record>>>);

impl History {
    /// Puts a record in.
    pub fn record(&self, record: Record) {
        self.lock().push(record);
    }

    /// Takes all records out, in the order in which they were put in.
    pub fn take(&self) -> Vec<Record> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Record>> {
        // Pushing does not panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
