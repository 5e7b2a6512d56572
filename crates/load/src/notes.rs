//! What agents and visitors say happened, on the run's clock: all that the judge knows of the
//! answers. Whoever calls notes a write just before it is sent, and again when it has ended; reads,
//! pushes and looks at teams once they are there.

use std::sync::{Arc, Mutex, PoisonError};

use super::clock::Micros;
use lamplighter_core::model::{AgentStatus, Chosen, Form, HiddenBecause, WidgetStatus};

/// An agent, by its place in the plan.
pub type AgentIndex = u32;
/// A property, by its place in the plan.
pub type PropertyIndex = u32;
/// A widget, by its place in the plan, all widgets of all properties counted through.
pub type WidgetIndex = u32;
/// A device of an agent, by its place in the plan's list of names.
pub type Slot = u8;
/// The number of a write; no two of a run are the same.
pub type WriteId = u64;
/// Someone who must never see time go back: a visitor, a stream, a device.
pub type Reader = u64;

/// What a write does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// The device logs in (rule P1); earlier tokens of it are void from then on.
    Login,
    /// The device's status is set (rule P2).
    Status(Chosen),
    /// The status of all devices that are logged in is set (rule P2).
    StatusEverywhere(Chosen),
    /// The device is logged out (rule P3).
    Logout,
    /// All devices are logged out (rule P3).
    LogoutEverywhere,
    /// The device's socket opens: it is connected (again) (rule P7).
    Connect,
}

/// How a write ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// It was answered: it has taken effect, at these versions of the properties that it names.
    Done(Vec<(PropertyIndex, u64)>),
    /// It was refused: it has no effect.
    Refused,
    /// It was refused, for nobody is logged in with its token.
    LoggedOut,
    /// Nobody answered, or not so that it is known what became of it: it may have taken effect, or
    /// may still.
    Unanswered,
}

/// What a widget's answer says. What it says beside that was held against the plan already, see
/// [`beside`](Said::beside).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// Rules W1 to W6.
    pub status: WidgetStatus,
    /// Whether a chat can start.
    pub chat: bool,
    /// What hides it from this visitor, if anything (rules V1 to V4).
    pub hidden_because: Option<HiddenBecause>,
    /// Rules C2, C3.
    pub form: Form,
    /// What the answer knew, where the product says so.
    pub version: Option<u64>,
    /// What is wrong with it whatever the presence is: the name of another widget, a greeting that
    /// its status does not have.
    pub beside: Option<Box<str>>,
}

/// A kind of visitor: an index into the plan's list.
pub type VisitorKind = u16;

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// A write is about to be sent.
    WriteSent {
        /// Its number.
        write: WriteId,
        /// When.
        at: Micros,
        /// Whose.
        agent: AgentIndex,
        /// From which device.
        slot: Slot,
        /// What it does.
        effect: Effect,
    },
    /// It has ended.
    WriteEnded {
        /// Its number.
        write: WriteId,
        /// When.
        at: Micros,
        /// How.
        ended: Ended,
    },
    /// A device's socket is lost (rule P7): cut off at this end without a word, or closed at the
    /// other.
    SocketLost {
        /// When that was known.
        at: Micros,
        /// The earliest moment at which it can have been: the same, or, where the other end closed it,
        /// that at which it was asked for.
        since: Micros,
        /// Whose.
        agent: AgentIndex,
        /// From which device.
        slot: Slot,
    },
    /// A visitor's answer is there.
    Read {
        /// Of which widget.
        widget: WidgetIndex,
        /// By whom.
        visitor: VisitorKind,
        /// Who must not see time go back.
        reader: Reader,
        /// When it was asked for.
        sent: Micros,
        /// When the answer was there.
        answered: Micros,
        /// What it says.
        said: Said,
    },
    /// A visitor opens an event stream: what comes on it is asked for from `at` on.
    /// Whoever reads slowly on purpose may learn everything late.
    StreamOpened {
        /// Of which widget.
        widget: WidgetIndex,
        /// By whom.
        visitor: VisitorKind,
        /// Who must not see time go back.
        reader: Reader,
        /// When.
        at: Micros,
        /// Whether it is read slowly on purpose.
        is_slow: bool,
    },
    /// An event came on it.
    Push {
        /// Who must not see time go back.
        reader: Reader,
        /// When.
        at: Micros,
        /// What it says.
        said: Said,
    },
    /// It is closed, or was lost: nothing more is expected of it.
    StreamClosed {
        /// Who must not see time go back.
        reader: Reader,
        /// When.
        at: Micros,
    },
    /// An agent has looked at a team: each member's status, in the order of the plan's members
    /// (`None` for a member who is missing).
    Team {
        /// Of which property.
        property: PropertyIndex,
        /// When it was asked for.
        sent: Micros,
        /// When the answer was there.
        answered: Micros,
        /// What it knew, where the product says so.
        version: Option<u64>,
        /// Of each member, in the order of the plan; `None` for who is missing.
        statuses: Vec<Option<AgentStatus>>,
    },
    /// A team-mate's status was pushed on a socket. `reader` is the socket.
    TeamPush {
        /// Of which property.
        property: PropertyIndex,
        /// Who must not see time go back.
        reader: Reader,
        /// When.
        at: Micros,
        /// Whose.
        agent: AgentIndex,
        /// What team-mates see.
        status: AgentStatus,
        /// What it knew, where the product says so.
        version: Option<u64>,
    },
    /// A visitor has left a message, which was acknowledged.
    MessageKept {
        /// Of which property.
        property: PropertyIndex,
        /// When.
        at: Micros,
        /// What was left.
        text: Box<str>,
    },
    /// An acknowledged message was not among those that the property has, or not as it was left;
    /// `why` says which.
    MessageMissing {
        /// Of which property.
        property: PropertyIndex,
        /// When.
        at: Micros,
        /// What was left.
        text: Box<str>,
        /// In which way it is missing.
        why: Box<str>,
    },
}

impl Note {
    /// When it was known.
    pub fn at(&self) -> Micros {
        match self {
            Self::WriteSent { at, .. }
            | Self::WriteEnded { at, .. }
            | Self::SocketLost { at, .. }
            | Self::Read { answered: at, .. }
            | Self::StreamOpened { at, .. }
            | Self::Push { at, .. }
            | Self::StreamClosed { at, .. }
            | Self::Team { answered: at, .. }
            | Self::TeamPush { at, .. }
            | Self::MessageKept { at, .. }
            | Self::MessageMissing { at, .. } => *at,
        }
    }
}

/// Where notes are put, from any thread, and taken out again by the judge now and then. A note is
/// put in a moment after its time; whoever takes them out leaves the latest for the next time.
#[derive(Clone, Debug, Default)]
pub struct Notebook(Arc<Mutex<Vec<Note>>>);

impl Notebook {
    /// Puts a note in.
    pub fn put(&self, note: Note) {
        self.lock().push(note);
    }

    /// Takes all notes out, in the order in which they were put in.
    pub fn take(&self) -> Vec<Note> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Note>> {
        // Pushing does not panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
