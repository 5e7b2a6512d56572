//! What of a scenario is still to come.

use std::iter::Peekable;
use std::vec;

use super::traces::{Feed, Feeds};
use crate::language::plan::Step;
use crate::language::span::Spanned;
use lamplighter_core::model::Instant;

/// The steps of the file, the rows of its traces and its end, in the order of time.
pub struct Agenda {
    steps: Peekable<vec::IntoIter<Step>>,
    /// The rows of the traces; playing one is theirs to do, since a row may name a new device.
    pub feeds: Feeds,
    /// The instant to which the world runs on behind all else, with the line that asks for it.
    pub until: Option<Spanned<Instant>>,
}

impl Agenda {
    /// Everything is to come.
    pub fn new(steps: Vec<Step>, feeds: Feeds, until: Option<Spanned<Instant>>) -> Self {
        Self { steps: steps.into_iter().peekable(), feeds, until }
    }

    /// The instant of the next step or row.
    #[inline]
    pub fn next_instant(&mut self) -> Option<Instant> {
        let step = self.steps.peek().map(|step| step.at);
        step.into_iter().chain(self.feeds.next_instant()).min()
    }

    /// The next instant of the file or its traces; behind the last one, `end`, that of `until`.
    #[inline]
    pub fn next_goal(&mut self, end: Instant) -> Option<Instant> {
        self.next_instant().or_else(|| {
            let until = self.until?.node;
            (until > end).then_some(until)
        })
    }

    /// The next step, if it is of this instant.
    #[inline]
    pub fn next_step(&mut self, at: Instant) -> Option<Step> {
        self.steps.next_if(|step| step.at == at)
    }

    /// The last instant whose rows all come before the next step.
    #[inline]
    pub fn rows_until(&mut self) -> Instant {
        let before = |step: &Step| Instant::from_millis(step.at.as_millis() - 1);
        self.steps.peek().map_or(Some(Instant::MAX), before).unwrap_or(Instant::MIN)
    }

    /// The next row, if it is of this instant.
    #[inline]
    pub fn next_row(&self, at: Instant) -> Option<Feed> {
        self.feeds.next_at(at)
    }
}
