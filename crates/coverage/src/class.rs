//! The classes of time: what a widget promises, and who is there to keep it.

use lamplighter_core::model::knobs::HoursAre;
use lamplighter_core::model::{Presence, SchedulerState, WidgetId};
use lamplighter_core::world::World;

/// The class of an instant of a widget, by its scheduler and the presence of its property; every instant
/// is in exactly one. A widget without a scheduler is always open.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// Open and online: the promise is kept.
    Staffed,
    /// Open and away: someone may answer, later.
    AwayOnly,
    /// Open and nobody there: a light with no one behind it (rule W6), or a dark window in opening hours
    /// (rules W4, W5).
    Empty,
    /// Closed, and people there behind a closed sign.
    AfterHours,
    /// Closed and nobody there: as it should be.
    Closed,
}

/// How many classes there are.
pub const CLASSES: usize = 5;

impl Class {
    /// All of them, in the order in which reports tell them.
    pub const ALL: [Self; CLASSES] =
        [Self::Staffed, Self::AwayOnly, Self::Empty, Self::AfterHours, Self::Closed];

    /// The class of a widget now, and what its scheduler says: nothing by rules that look at none
    /// (`hours = "none"`).
    pub fn of_widget(world: &World, widget: WidgetId) -> (Self, SchedulerState) {
        let scheduler = match world.rules().hours {
            HoursAre::None => SchedulerState::Off,
            HoursAre::Gate | HoursAre::OrPresent | HoursAre::Replace => {
                world.scheduler_state(widget)
            }
        };
        (Self::of(scheduler, world.presence(world.property_of(widget))), scheduler)
    }

    /// The class of an instant.
    #[inline]
    pub fn of(scheduler: SchedulerState, presence: Presence) -> Self {
        match (scheduler, presence) {
            (SchedulerState::Closed, Presence::Nobody) => Self::Closed,
            (SchedulerState::Closed, Presence::Away | Presence::Online) => Self::AfterHours,
            (SchedulerState::Off | SchedulerState::Open, Presence::Online) => Self::Staffed,
            (SchedulerState::Off | SchedulerState::Open, Presence::Away) => Self::AwayOnly,
            (SchedulerState::Off | SchedulerState::Open, Presence::Nobody) => Self::Empty,
        }
    }

    /// The word of reports: `away-only`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Staffed => "staffed",
            Self::AwayOnly => "away-only",
            Self::Empty => "empty",
            Self::AfterHours => "after-hours",
            Self::Closed => "closed",
        }
    }

    /// What it means, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Staffed => "open, somebody online",
            Self::AwayOnly => "open, everybody there is away",
            Self::Empty => "open and nobody there",
            Self::AfterHours => "closed, with people there",
            Self::Closed => "closed, nobody there",
        }
    }

    /// Whether the widget is open.
    #[inline]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Staffed | Self::AwayOnly | Self::Empty)
    }

    /// Whether the widget is open and somebody keeps its light on.
    #[inline]
    pub fn is_lit(self) -> bool {
        matches!(self, Self::Staffed | Self::AwayOnly)
    }
}

/// How long each class lasted, in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClassTimes(pub [u64; CLASSES]);

impl ClassTimes {
    /// How long one of them lasted.
    #[inline]
    pub fn of(&self, class: Class) -> u64 {
        self.0[class as usize]
    }

    /// Adds to one of them.
    #[inline]
    pub fn add(&mut self, class: Class, ms: u64) {
        self.0[class as usize] += ms;
    }

    /// Adds those of another stretch or widget.
    pub fn add_all(&mut self, other: &Self) {
        for (ms, more) in self.0.iter_mut().zip(other.0) {
            *ms += more;
        }
    }

    /// How long all of them lasted together.
    pub fn whole_ms(&self) -> u64 {
        self.0.iter().sum()
    }

    /// How long the widget was open.
    pub fn open_ms(&self) -> u64 {
        Class::ALL.into_iter().filter(|class| class.is_open()).map(|class| self.of(class)).sum()
    }
}
