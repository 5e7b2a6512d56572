//! Some rows of a trace: those that are written as most are stand in a text, the others aside.

use std::collections::VecDeque;

use super::ahead::Piece;
use super::directory::{Directory, Memo, NamesOf, PlacedRow, Whom};
use lamplighter_core::model::{Action, ActionWord, Impossible, Instant, NameList};
use lamplighter_core::trace::{self, Reader, RowStart, Text, UsualRow};
use lamplighter_core::world::{Change, World};

/// So many faults are read at a time.
const BATCH_FAULTS: usize = 50;

/// So many rows are placed and looked ahead at together: enough to wait for memory together, few enough to be
/// still at hand when they are played.
const ROWS_AHEAD: usize = 64;

/// So many rows are read at a time that are not written as most are.
const BATCH_ROWS: usize = 256;

/// Some rows of a trace, and where the next one of them is.
#[derive(Default)]
pub struct Batch {
    /// Those that are placed, with those that were passed.
    pub rows: Vec<PlacedRow>,
    /// Which of them is next.
    pub next: usize,
    /// The world has been asked to look ahead up to here.
    ahead: usize,
    /// The rows that are not written as most are.
    aside: Aside,
    /// What is wrong with rows in between: each with the place in `rows` before which it stands.
    diagnostics: VecDeque<(usize, Box<trace::Diagnostic>)>,
    /// The rows of the text at hand that were found last; the first of them are placed behind `rows`. The others
    /// wait until they are next, when what the world has met since then is known.
    found: Vec<UsualRow>,
    placed: usize,
    memo: Memo,
    /// A text that was played, whose room others need.
    played: Text,
}

/// Rows whose text is not kept.
#[derive(Default)]
struct Aside {
    agents: NameList,
    /// Empty for "on all devices".
    devices: NameList,
    actions: Vec<Action>,
    places: Vec<RowStart>,
}

impl Batch {
    /// How many rows there are, those that were passed among them.
    pub fn len(&self) -> usize {
        self.rows.len() + self.found.len() - self.placed
    }

    /// Whether there are rows that are not placed yet.
    pub fn is_any_waiting(&self) -> bool {
        self.placed < self.found.len()
    }

    /// Places the next rows of those that wait.
    pub fn place_next(&mut self, reader: &Reader, directory: &Directory) {
        self.place(ROWS_AHEAD, reader, directory);
    }

    fn place(&mut self, rows_max: usize, reader: &Reader, directory: &Directory) {
        let end = self.found.len().min(self.placed.saturating_add(rows_max));
        let names = |row| reader.names(row);
        let found = &self.found[self.placed..end];
        directory.place_all(found, names, &mut self.memo, &mut self.rows);
        self.placed = end;
    }

    /// The rows that are still to come, the one that is next first, those that wait among them.
    pub fn to_come(&self, reader: &Reader, directory: &Directory) -> Vec<PlacedRow> {
        let mut rows = self.rows[self.next..].to_vec();
        let names = |row| reader.names(row);
        directory.place_all(&self.found[self.placed..], names, &mut Memo::default(), &mut rows);
        rows
    }

    /// Whether there is something to tell before the row that is next, or there may be.
    #[inline]
    pub fn has_diagnostics(&self) -> bool {
        !self.diagnostics.is_empty()
    }

    /// Takes down that the file cannot be read on.
    pub fn note(&mut self, diagnostic: Box<trace::Diagnostic>) {
        self.diagnostics.push_back((self.rows.len(), diagnostic));
    }

    /// Gives the room of what was played away.
    pub fn take_played(&mut self) -> Piece {
        let (text, rows) = (std::mem::take(&mut self.played), std::mem::take(&mut self.rows));
        Piece { text, rows, end: 0 }
    }

    /// The names of the agent and of the device in a row; no letters for "on all devices".
    pub fn names<'a>(&'a self, row: &PlacedRow, reader: &'a Reader) -> (&'a str, &'a str) {
        match row.names {
            NamesOf::Text(start) => reader.names(start),
            NamesOf::Aside(at) => {
                (self.aside.agents.get(at as usize), self.aside.devices.get(at as usize))
            }
        }
    }

    /// What a row says that its agent does.
    pub fn action(&self, row: &PlacedRow) -> Action {
        match row.names {
            NamesOf::Text(_) => row.action.action(),
            NamesOf::Aside(at) => self.aside.actions[at as usize],
        }
    }

    /// Where a row stands.
    pub fn place_of(&self, row: &PlacedRow, reader: &Reader) -> RowStart {
        match row.names {
            NamesOf::Text(start) => reader.place(start),
            NamesOf::Aside(at) => self.aside.places[at as usize],
        }
    }

    /// Lets the world look ahead at those of whom the rows from `row` on are, if it has not.
    #[inline]
    pub fn look_ahead(&mut self, row: usize, world: &World) {
        if row < self.ahead {
            return;
        }
        let to = self.rows.len().min(self.ahead + ROWS_AHEAD);
        world.look_ahead(self.rows[self.ahead..to].iter().map(|row| row.device));
        self.ahead = to;
    }

    /// Plays the rows that are next, one after the other, as long as they are about known devices, happen and
    /// are not behind an instant; gives how many.
    #[inline]
    pub fn play_many(
        &mut self,
        until: Instant,
        world: &mut World,
        changes: &mut impl FnMut(Change),
    ) -> u64 {
        let first = self.next;
        while self.next < self.rows.len() && !self.has_diagnostics() {
            self.look_ahead(self.next, world);
            let rows = &self.rows[self.next..self.ahead];
            let in_time = rows.partition_point(|row| row.at <= until);
            let played = play_rows(&rows[..in_time], world, changes);
            let is_whole = played == rows.len();
            self.next += played;
            if !is_whole {
                break;
            }
        }
        (self.next - first) as u64
    }

    /// The next fault before the row that is next.
    pub fn take_diagnostic(&mut self) -> Option<Box<trace::Diagnostic>> {
        let (row, _) = self.diagnostics.front()?;
        if *row != self.next {
            return None;
        }
        self.diagnostics.pop_front().map(|(_, diagnostic)| diagnostic)
    }

    /// Forgets the rows, which are passed.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.found.clear();
        self.aside.clear();
        (self.next, self.ahead, self.placed) = (0, 0, 0);
    }

    /// Takes what others have read and found.
    pub fn go_to(&mut self, piece: Piece, reader: &mut Reader) {
        let Piece { mut text, rows, end } = piece;
        let ends = rows.first().zip(rows.last()).map(|(first, last)| (first.at, last.at));
        self.rows = rows;
        if !reader.go_to_text(&mut text, end, ends) {
            self.rows.clear();
        }
        self.played = text;
    }

    /// Adds the rows that are next in the text at hand; false where there are none, nor before.
    pub fn fill(&mut self, reader: &mut Reader, directory: &Directory) -> bool {
        loop {
            reader.usual_rows(&mut self.found);
            let is_full =
                self.aside.places.len() >= BATCH_ROWS || self.diagnostics.len() >= BATCH_FAULTS;
            let is_empty = self.len() == 0 && self.diagnostics.is_empty();
            // Beyond the text at hand there is no text for the rows that were found in it.
            if is_full || !is_empty && !reader.has_row() {
                return !is_empty;
            }
            self.place(usize::MAX, reader, directory);
            match reader.next_row() {
                None => return !is_empty,
                Some(Err(diagnostic)) => self.note(diagnostic),
                Some(Ok(row)) => self.rows.push(self.aside.put(&row, directory)),
            }
        }
    }
}

impl Aside {
    fn clear(&mut self) {
        self.agents.clear();
        self.devices.clear();
        self.actions.clear();
        self.places.clear();
    }

    /// Keeps the names of a row.
    fn put(&mut self, row: &trace::Row<'_>, directory: &Directory) -> PlacedRow {
        let place = u32::try_from(self.places.len()).expect("few rows are read at a time");
        self.agents.push(row.agent);
        self.devices.push(row.device.unwrap_or_default());
        self.actions.push(row.action);
        self.places.push(row.place);
        let (whom, device) = directory.whom(row.agent, row.device);
        let (whom, action) = match ActionWord::of(row.action) {
            Some(word) => (whom, word),
            None if whom == Whom::Stranger => (whom, ActionWord::at(0)),
            None => (Whom::Other, ActionWord::at(0)),
        };
        PlacedRow { at: row.at, device, names: NamesOf::Aside(place), whom, action }
    }
}

/// Plays rows one after the other, as long as they are about known devices and happen; gives how many.
#[inline]
fn play_rows(rows: &[PlacedRow], world: &mut World, changes: &mut impl FnMut(Change)) -> usize {
    for (place, row) in rows.iter().enumerate() {
        if !row.whom.is_known() {
            return place;
        }
        world.advance(row.at, changes);
        if row.play_known(world, changes).is_err() {
            return place;
        }
    }
    rows.len()
}

impl PlacedRow {
    /// Plays a row that is about known devices.
    ///
    /// # Errors
    /// When it cannot happen.
    #[inline(always)]
    fn play_known(
        &self,
        world: &mut World,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        match self.whom == Whom::One {
            true => world.apply_on(self.device, self.action, changes),
            false => world.apply_on_all(self.device, self.action, changes),
        }
    }

    /// The same where many rows are not played one after the other.
    ///
    /// # Errors
    /// When it cannot happen.
    #[inline(never)]
    pub fn play_by_itself(
        &self,
        world: &mut World,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        self.play_known(world, changes)
    }
}
