//! Rows in their order, some of which wait until it is certain that they happen.

use std::collections::VecDeque;

use super::Row;
use lamplighter_core::model::{Instant, Millis};

/// A row that waits.
#[derive(Clone, Copy, Debug)]
pub enum Held {
    /// The row happens, whatever follows.
    Certain(Row),
    /// The row may still be taken back by a later one.
    Perhaps(Row),
    /// It was taken back.
    TakenBack,
}

/// Rows that wait, in the order of time.
pub struct HeldRows {
    rows: VecDeque<Held>,
    /// The number of the first.
    first: u64,
    /// How long a row can be taken back.
    wait: Millis,
}

impl HeldRows {
    /// None yet; a row can be taken back for so long, and at its own instant.
    pub fn new(wait: Millis) -> Self {
        Self { rows: VecDeque::new(), first: 0, wait }
    }

    /// Adds a row, and says its number.
    pub fn push(&mut self, row: Held) -> u64 {
        self.rows.push_back(row);
        self.first + self.rows.len() as u64 - 1
    }

    /// Takes a row back, if it still waits.
    pub fn take_back(&mut self, number: u64) -> bool {
        let place = number.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        match place.and_then(|place| self.rows.get_mut(place)) {
            Some(row @ Held::Perhaps(_)) => {
                *row = Held::TakenBack;
                true
            }
            _ => false,
        }
    }

    /// Lets go what is certain at an instant, before which nothing comes any more; all of it at the end.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn flush<E>(
        &mut self,
        now: Option<Instant>,
        out: &mut impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(held) = self.rows.front() {
            let row = match held {
                Held::TakenBack => None,
                Held::Certain(row) => Some(*row),
                Held::Perhaps(row) => match now {
                    // At the very end of the wait an interval may still begin.
                    Some(now) if now.since(row.at) <= self.wait => return Ok(()),
                    _ => Some(*row),
                },
            };
            self.rows.pop_front();
            self.first += 1;
            if let Some(row) = row {
                out(row)?;
            }
        }
        Ok(())
    }
}
