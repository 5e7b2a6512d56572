//! What a run was to meet, so that its verdict says something, and what it has met.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that a run must have met before it says anything of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// Edges of schedulers that change what a widget must show.
    Edges,
    /// Ends of graces that change what a widget must show.
    Graces,
    /// Changes of shifts: at a property one leaves and another one takes over.
    ShiftChanges,
    /// Connections that drop in storms.
    StormDrops,
    /// Messages that are due, and those that were acknowledged.
    Messages,
    /// Reads that were judged, and those for which one answer only was admissible.
    DecisiveReads,
    /// Writes that change what a widget must show, and sightings of them by reads.
    PropagationByPoll,
    /// The same, and sightings of them on event streams.
    PropagationByPush,
}

impl Goal {
    /// Every goal once, in the order of declaration.
    pub const ALL: [Self; 8] = [
        Self::Edges,
        Self::Graces,
        Self::ShiftChanges,
        Self::StormDrops,
        Self::Messages,
        Self::DecisiveReads,
        Self::PropagationByPoll,
        Self::PropagationByPush,
    ];

    /// As it stands in reports, of many.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Edges => "edges of schedulers",
            Self::Graces => "ends of graces",
            Self::ShiftChanges => "changes of shifts",
            Self::StormDrops => "connections dropped by storms",
            Self::Messages => "messages acknowledged",
            Self::DecisiveReads => "decisive reads",
            Self::PropagationByPoll => "changes seen by a read",
            Self::PropagationByPush => "changes seen on a stream",
        }
    }

    /// What it is, in a sentence.
    pub fn means(self) -> &'static str {
        match self {
            Self::Edges => {
                "How often the hours of a widget began or ended so that it had to show something \
                 else; the plan lays at least one for each ten properties into runs of 20s or more."
            }
            Self::Graces => {
                "How often the grace of a lost connection ran out (rule P7) so that a widget had to \
                 show something else; the plan lays at least one for each ten properties."
            }
            Self::ShiftChanges => {
                "How often at a property one agent left and another one took over as the plan has \
                 it: at least once for each ten properties."
            }
            Self::StormDrops => {
                "How many connections the storms (--storm) were to cut, and have cut."
            }
            Self::Messages => {
                "How many messages visitors were to leave (--messages), and how many of them the \
                 target said that it has."
            }
            Self::DecisiveReads => {
                "How many answers to reads were judged, and for how many of them one answer only \
                 could be right: in all others something could hide."
            }
            Self::PropagationByPoll => {
                "How many writes changed what a widget must show, and how many changes were seen by \
                 a read: samples of the propagation latency by poll."
            }
            Self::PropagationByPush => {
                "The same, seen on event streams (--streams): samples of the propagation latency by \
                 push. Several streams can see one change."
            }
        }
    }

    /// Whether as many as were planned have to be met; of the others some are enough.
    fn needs_all(self) -> bool {
        matches!(self, Self::Edges | Self::Graces | Self::ShiftChanges)
    }
}

/// How much of a goal was planned, and met. Those of parts of a run add up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct GoalCount {
    /// How many there are at least by the plan, or were to be by what was done.
    pub planned: u64,
    /// How many the run has met.
    pub met: u64,
}

impl GoalCount {
    /// Whether the run has met enough of it.
    pub fn is_met(self, goal: Goal) -> bool {
        match goal.needs_all() {
            true => self.met >= self.planned,
            false => self.met > 0 || self.planned == 0,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.noun())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_laid_all_must_be_met_and_of_what_comes_by_itself_some() {
        let count = |planned, met| GoalCount { planned, met };
        assert!(count(5, 23).is_met(Goal::Edges) && !count(5, 4).is_met(Goal::Edges));
        assert!(count(5, 1).is_met(Goal::Messages) && !count(5, 0).is_met(Goal::Messages));
        assert!(count(0, 0).is_met(Goal::StormDrops) && count(0, 0).is_met(Goal::Graces));
    }
}
