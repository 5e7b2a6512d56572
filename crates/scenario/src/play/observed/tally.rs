//! What a recording came to: how many rows, how many of them are wrong in which way, and those that are
//! told.

use std::collections::{BTreeMap, HashMap};

use super::histories::State;
use crate::language::plan::Subject;
use crate::window::Miss;
use lamplighter_core::model::{Instant, Visitor};
use lamplighter_core::trace::{RowStart, SeenState};

/// A row with its name as an id.
#[derive(Clone, Debug)]
pub struct Row {
    /// The instant at which it was seen.
    pub at: Instant,
    /// The agent or the widget of which it was seen.
    pub subject: Subject,
    /// The state that was seen.
    pub seen: SeenState,
    /// The visitor who looked; what the recording does not say is unknown.
    pub visitor: Visitor,
    /// The row's place in the recording.
    pub place: RowStart,
}

/// A row that is wrong, and told.
#[derive(Clone, Debug)]
pub struct WrongRow {
    /// The row itself, as it was read.
    pub row: Row,
    /// In which way it is wrong.
    pub miss: Miss,
    /// How many more rows are wrong in the same way, and are not told.
    pub more: u64,
    /// Whether it is the first of its kind.
    pub is_first: bool,
}

/// So many rows are told of each kind.
const TOLD_MAX: u64 = 10;
/// So many kinds are told in each way in which rows can be wrong.
const KINDS_MAX: usize = 100;

/// What rows have in common that are wrong in the same way.
type Kind = (Subject, SeenState, &'static str, Option<State>);

/// What a recording came to so far.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many sound rows were judged.
    pub rows: u64,
    /// How many of them are wrong, by the word of the way.
    pub wrong: BTreeMap<&'static str, u64>,
    /// Those that are told.
    pub told: Vec<WrongRow>,
    /// How many wrong rows are of kinds that are not told.
    pub untold: u64,
    /// Of each kind how many there were, and which of those told is its first.
    kinds: HashMap<Kind, (u64, usize)>,
    /// How many kinds there are by the word of the way.
    kinds_of: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// A row is wrong: at its own instant something else was so.
    pub fn miss(&mut self, row: Row, should: Option<State>, miss: Miss) {
        let word = miss.word();
        *self.wrong.entry(word).or_default() += 1;
        let kind = (row.subject, row.seen, word, should);
        let first = self.told.len();
        let (count, first) = match self.kinds.get_mut(&kind) {
            Some(known) => known,
            None => {
                let kinds = self.kinds_of.entry(word).or_default();
                if *kinds >= KINDS_MAX {
                    self.untold += 1;
                    return;
                }
                *kinds += 1;
                self.kinds.entry(kind).or_insert((0, first))
            }
        };
        *count += 1;
        match *count <= TOLD_MAX {
            true => {
                let is_first = *count == 1;
                self.told.push(WrongRow { row, miss, more: 0, is_first });
            }
            false => self.told[*first].more += 1,
        }
    }

    /// So many more rows are wrong just as one that was taken in is.
    pub fn more_alike(&mut self, row: &Row, should: Option<State>, miss: Miss, more: u64) {
        if more == 0 {
            return;
        }
        let word = miss.word();
        *self.wrong.entry(word).or_default() += more;
        match self.kinds.get(&(row.subject, row.seen, word, should)) {
            Some((_, first)) => self.told[*first].more += more,
            None => self.untold += more,
        }
    }
}
