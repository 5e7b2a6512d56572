//! Rows in their order, some of which wait until it is certain that they happen.

use std::collections::VecDeque;

use super::row::Row;
use lamplighter_core::model::{Instant, Millis};

/// A row that waits.
#[derive(Clone, Copy, Debug)]
enum Held {
    /// The row happens, and waits for those before it.
    Certain(Row),
    /// The row may still be taken back by a later one.
    Perhaps(Row),
    /// It was taken back.
    TakenBack,
}

/// Rows in the order of time: those that are certain, and behind them those that wait.
pub struct HeldRows {
    /// What is certain, and nothing before it waits.
    pub certain: Vec<Row>,
    /// The first of these waits.
    waiting: VecDeque<Held>,
    /// The number of the first.
    first: u64,
    /// How long a row can be taken back.
    wait: Millis,
}

impl HeldRows {
    /// None yet; a row can be taken back for so long, and at its own instant.
    pub fn new(wait: Millis) -> Self {
        Self { certain: Vec::new(), waiting: VecDeque::new(), first: 0, wait }
    }

    /// Adds a row that happens, whatever follows.
    #[inline]
    pub fn push(&mut self, row: Row) {
        match self.waiting.is_empty() {
            true => self.certain.push(row),
            false => self.waiting.push_back(Held::Certain(row)),
        }
    }

    /// Adds a row that may be taken back, and says its number.
    pub fn push_perhaps(&mut self, row: Row) -> u64 {
        self.waiting.push_back(Held::Perhaps(row));
        self.first + self.waiting.len() as u64 - 1
    }

    /// Takes a row back, if it still waits.
    pub fn take_back(&mut self, number: u64) -> bool {
        let place = number.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        match place.and_then(|place| self.waiting.get_mut(place)) {
            Some(row @ Held::Perhaps(_)) => {
                *row = Held::TakenBack;
                true
            }
            _ => false,
        }
    }

    /// Lets nothing wait any more that is certain at an instant, before which nothing comes any more; nothing
    /// at all at the end.
    #[inline]
    pub fn settle(&mut self, now: Option<Instant>) {
        while let Some(held) = self.waiting.front() {
            match held {
                Held::TakenBack => {}
                Held::Certain(row) => self.certain.push(*row),
                Held::Perhaps(row) => match now {
                    // At the very end of the wait an interval may still begin.
                    Some(now) if now.since(row.at) <= self.wait => return,
                    _ => self.certain.push(*row),
                },
            }
            self.waiting.pop_front();
            self.first += 1;
        }
    }
}
