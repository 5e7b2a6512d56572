//! How stale answers may be: what the target has promised, and what is known of its clock.

use crate::clock::{Micros, micros};
use crate::history::Effect;
use lamplighter_core::model::{Millis, RuleSet};
use lamplighter_target::file::TargetFile;
use lamplighter_target::file::section::Section;
use lamplighter_target::file::timing::Timing;

/// How stale answers may be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct StalenessBound {
    /// An edge, or the end of a grace, shows so long after it at the latest; and so does a write on a
    /// stream.
    pub within: Micros,
    /// What writes and lost connections may take to show beside that.
    pub bounds: StalenessBounds,
    /// How far the target's clock is ahead of the run's, by which edges are laid on the run's clock.
    pub clock_ahead: Micros,
    /// How far that may be off to either side: as much is tolerated.
    pub clock_uncertain: Micros,
}

/// How soon a target shows what was written, and what comes of a lost connection: `[timing]` of target
/// files. Counted from the answer to the write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StalenessBounds {
    /// A status shows so long after its answer at the latest (`shows_within`).
    pub status: Micros,
    /// What a login gives does (`login_shows_within`).
    pub login: Micros,
    /// The end of a device by a logout does (`logout_shows_within`).
    pub logout: Micros,
    /// So long after a logout of one of several devices the agent may also read as logged out
    /// (`logout_unsettles`, rule T44 of target files).
    pub logout_unsettles: Micros,
    /// How long a lost connection keeps its status (rule P7); `None` where its loss is never noticed.
    pub grace: Option<GraceRange>,
    /// The rules that the target follows (`[rules]`).
    pub rules: RuleSet,
    /// Whether agents' accounts are made for the run, and so nothing is kept of them from before (rule P1,
    /// `login = "keeps"`).
    pub accounts_are_new: bool,
}

/// How long a lost connection keeps its status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GraceRange {
    /// At least so long.
    pub min: Micros,
    /// At most so long.
    pub max: Micros,
}

impl StalenessBounds {
    /// Of a target by the rule book that shows what was written once it has answered, with this grace to
    /// the instant.
    pub fn exact(grace: Millis) -> Self {
        let grace = (grace.0 * 1_000) as Micros;
        Self {
            status: 0,
            login: 0,
            logout: 0,
            logout_unsettles: 0,
            grace: Some(GraceRange { min: grace, max: grace }),
            rules: RuleSet::BOOK,
            accounts_are_new: true,
        }
    }

    /// What a target file says, where a run sets this grace if the target takes one.
    pub fn of(file: &TargetFile, grace: Millis) -> Self {
        let Timing { shows_within, login_shows_within, logout_shows_within, .. } = file.timing;
        let Timing { grace_min, grace_max, logout_unsettles, .. } = file.timing;
        let own = grace_min.zip(grace_max);
        Self {
            status: micros(shows_within),
            login: micros(login_shows_within),
            logout: micros(logout_shows_within),
            logout_unsettles: micros(logout_unsettles),
            grace: match file.can.sets(lamplighter_target::file::can::GRACE) {
                true => Self::exact(grace).grace,
                false => own.map(|(min, max)| GraceRange { min: micros(min), max: micros(max) }),
            },
            rules: file.rules.set,
            accounts_are_new: file.does(Section::AgentMake),
        }
    }

    /// How soon an edge shows by what a target file says, in microseconds (`edge_shows_within`).
    pub fn edge_within(file: &TargetFile) -> Micros {
        micros(file.timing.edge_shows_within)
    }

    /// How long after its answer a write may not show yet.
    pub fn shows_within(&self, effect: Effect) -> Micros {
        match effect {
            Effect::Login => self.login,
            Effect::Status(_) => self.status,
            Effect::Logout => self.logout,
            // Nothing shows where a device comes back in time.
            Effect::Connect => 0,
        }
    }
}
