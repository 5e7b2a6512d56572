//! What waits at a property to be judged, and which versions its answers must know.

use std::collections::VecDeque;

use crate::clock::{Micros, SECOND_US};
use crate::notes::{AgentIndex, Reader, Said, VisitorKind, WidgetIndex, WriteId};
use lamplighter_core::model::AgentStatus;

/// Versions are remembered for so long.
const REMEMBERED_FOR: Micros = 120 * SECOND_US;

/// An answer that waits until everything is known that it may have known.
#[derive(Clone, PartialEq, Debug)]
pub enum Asked {
    /// A visitor's read.
    Read {
        /// Of which widget.
        widget: WidgetIndex,
        /// By whom.
        visitor: VisitorKind,
        /// When it was asked.
        sent: Micros,
        /// When its answer was there.
        at: Micros,
        /// The answer.
        said: Said,
    },
    /// An event on a stream.
    Push {
        /// On which.
        reader: Reader,
        /// When.
        at: Micros,
        /// The answer.
        said: Said,
    },
    /// The end of a stream: what came last on it must be true then.
    StreamEnd {
        /// Which.
        reader: Reader,
        /// When.
        at: Micros,
    },
    /// A look at a team.
    Team {
        /// When it was asked.
        sent: Micros,
        /// When its answer was there.
        at: Micros,
        /// The version that it knew.
        version: Option<u64>,
        /// Of each member.
        statuses: Vec<Option<AgentStatus>>,
    },
    /// A team-mate's status on a socket.
    TeamPush {
        /// Which socket.
        reader: Reader,
        /// When.
        at: Micros,
        /// Whose.
        agent: AgentIndex,
        /// Which.
        status: AgentStatus,
        /// The version that it knew.
        version: Option<u64>,
    },
}

impl Asked {
    /// When it was there.
    pub fn at(&self) -> Micros {
        match self {
            Self::Read { at, .. }
            | Self::Push { at, .. }
            | Self::StreamEnd { at, .. }
            | Self::Team { at, .. }
            | Self::TeamPush { at, .. } => *at,
        }
    }
}

/// Versions as they became known, each with the moment; only higher ones are kept.
#[derive(Clone, Debug, Default)]
pub struct Known(VecDeque<(Micros, u64)>);

impl Known {
    /// A version is known from this moment on.
    pub fn add(&mut self, at: Micros, version: u64) {
        if self.0.back().is_some_and(|(_, highest)| *highest >= version) {
            return;
        }
        self.0.push_back((at, version));
        // The last that is too old still counts: it is the highest of its time.
        while self.0.get(1).is_some_and(|(then, _)| *then < at - REMEMBERED_FOR) {
            self.0.pop_front();
        }
    }

    /// Since when something higher than this version is known, if it was before a moment.
    pub fn higher_since(&self, version: u64, before: Micros) -> Option<(Micros, u64)> {
        let place = self.0.partition_point(|(_, known)| *known <= version);
        self.0.get(place).copied().filter(|(at, _)| *at < before)
    }
}

/// A property's desk.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// The writes that are on their way, with the moment of their sending.
    pub open: Vec<(WriteId, Micros)>,
    waiting: VecDeque<Asked>,
    /// Versions at which writes were answered.
    pub written: Known,
    /// Versions that readers have seen.
    pub seen: Known,
}

impl Desk {
    /// An answer comes in.
    pub fn ask(&mut self, asked: Asked) {
        self.waiting.push_back(asked);
    }

    /// The next answer of which everything is known: no write that was sent before it is still on
    /// its way.
    pub fn next(&mut self) -> Option<Asked> {
        let first = self.waiting.front()?;
        let waits = self.open.iter().any(|(_, sent)| *sent <= first.at());
        if waits { None } else { self.waiting.pop_front() }
    }

    /// The next answer, whatever is still on its way.
    pub fn next_at_once(&mut self) -> Option<Asked> {
        self.waiting.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_waits_for_the_writes_that_were_sent_before_it() {
        let mut desk = Desk { open: vec![(1, 100)], ..Desk::default() };
        let team = |at| Asked::Team { sent: at, at, version: None, statuses: Vec::new() };
        desk.ask(team(99));
        desk.ask(team(100));
        assert_eq!(desk.next(), Some(team(99)));
        assert_eq!(desk.next(), None);
        desk.open.clear();
        assert_eq!(desk.next(), Some(team(100)));
    }

    #[test]
    fn a_version_must_be_known_from_the_moment_of_its_answer_on() {
        let mut known = Known::default();
        known.add(10, 5);
        known.add(20, 4);
        known.add(30, 8);
        assert_eq!(known.higher_since(4, 11), Some((10, 5)));
        assert_eq!(known.higher_since(4, 10), None);
        assert_eq!(known.higher_since(5, 40), Some((30, 8)));
        assert_eq!(known.higher_since(8, 1_000), None);
    }
}
