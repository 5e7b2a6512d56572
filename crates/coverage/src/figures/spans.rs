//! Spans of time, what began them, and the longest of each kind.

use lamplighter_core::model::{AgentId, Chosen, DeviceId, EventKind, Instant};

/// So many of the longest stretches of a kind are kept.
pub const LONGEST_KEPT: usize = 10;

/// A stretch of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// The first instant of the stretch.
    pub from: Instant,
    /// The first instant behind it.
    pub to: Instant,
}

/// A stretch of one class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClassSpan {
    /// The time that the stretch took.
    pub span: Span,
    /// What made the widget enter the class, so that the report can name a reason.
    pub cause: Cause,
}

/// A gap of `empty` from the one who went to another one who came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handover {
    /// The time from the one who went to the one who came.
    pub span: Span,
    /// The agent who was the last to go.
    pub went: AgentId,
    /// The agent who came next, another one than who went.
    pub came: AgentId,
}

/// A stretch on which a single person kept the light on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Single {
    /// The time in which nobody else was there.
    pub span: Span,
    /// The agent who was there alone.
    pub agent: AgentId,
}

/// A device that alone kept a widget lit without any event of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ghost {
    /// From the first instant of it to the last; the widget may have been closed in between.
    pub span: Span,
    /// For how long of that the widget was lit by it alone, in milliseconds.
    pub lit_ms: u64,
    /// The device that nobody seems to sit at.
    pub device: DeviceId,
}

/// Something of which the longest are told.
pub trait Lasts: Copy {
    /// How long it lasted, in milliseconds.
    fn lasted_ms(&self) -> u64;
    /// When it began.
    fn began(&self) -> Instant;
}

macro_rules! lasts {
    ($($kind:ident)*) => {$(
        impl Lasts for $kind {
            fn lasted_ms(&self) -> u64 {
                self.span.length_ms()
            }

            fn began(&self) -> Instant {
                self.span.from
            }
        }
    )*};
}

lasts!(ClassSpan Handover Single);

impl Lasts for Ghost {
    fn lasted_ms(&self) -> u64 {
        self.lit_ms
    }

    fn began(&self) -> Instant {
        self.span.from
    }
}

/// How many there were, how long they lasted together, and the longest of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Longest<T> {
    /// How many there were.
    pub count: u64,
    /// How long all of them lasted together, in milliseconds.
    pub total_ms: u64,
    /// The longest, longest first; of equal ones the earlier.
    pub kept: Vec<T>,
}

impl<T> Default for Longest<T> {
    fn default() -> Self {
        Self { count: 0, total_ms: 0, kept: Vec::new() }
    }
}

impl<T: Lasts> Longest<T> {
    /// Takes one more, in the order of time; of no length it is none.
    pub fn take(&mut self, one: T) {
        let ms = one.lasted_ms();
        if ms == 0 {
            return;
        }
        self.count += 1;
        self.total_ms += ms;
        if self.kept.len() == LONGEST_KEPT
            && self.kept.last().is_some_and(|last| last.lasted_ms() >= ms)
        {
            return;
        }
        let place = self.kept.partition_point(|other| other.lasted_ms() >= ms);
        self.kept.insert(place, one);
        self.kept.truncate(LONGEST_KEPT);
    }
}

/// What began a stretch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// The report begins; it may have begun before.
    Beginning,
    /// The scheduler opened: its hours began.
    Opened,
    /// The scheduler closed: its hours ended.
    Closed,
    /// A setting of the widget changed.
    Setting,
    /// Something of a member.
    Member {
        /// The member, an agent of the widget's property.
        agent: AgentId,
        /// On which device; `None` for all of them, and where it is no matter of devices.
        device: Option<DeviceId>,
        /// What the member did, or what the clock did to the member.
        doing: Doing,
    },
}

/// What a member did, or what the clock did to one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doing {
    /// An event of such a kind, with the status that it chooses.
    Event(EventKind, Option<Chosen>),
    /// The grace of a lost connection ran out (rule P7).
    GraceRanOut,
    /// The time of a status was over (rule P9).
    TimeOver,
    /// It was idle for too long (rule P8).
    Idle,
}
