//! A long trace read ahead on several threads: piece after piece is taken off the file, looked through and
//! placed by whoever has nothing else to do, and handed over in the order of the file. What comes out hangs
//! on no thread: a piece says the same whoever looked it through.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::directory::{Directory, Memo, PlacedRow};
use lamplighter_core::model::Instant;
use lamplighter_core::trace::{Checked, PIECE_BYTES, Text, Texts, UsualRow, UsualRows};

/// How a trace is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// So many threads read a long trace, that of the run among them; with one nothing is read ahead.
    pub threads: usize,
    /// So many bytes are read at a time, and whatever is missing to the end of a line.
    pub piece_bytes: usize,
}

impl Default for Reading {
    fn default() -> Self {
        Self { threads: 1, piece_bytes: PIECE_BYTES }
    }
}

impl Reading {
    /// What of it is for one of several traces, by its place among them.
    pub(super) fn share(self, index: usize, traces: usize) -> Self {
        let others = self.threads.saturating_sub(1);
        let (each, more) = (others / traces.max(1), others % traces.max(1));
        Self { threads: 1 + each + usize::from(index < more), ..self }
    }

    /// Whether a file of such a length is worth other threads.
    pub(super) fn is_ahead(self, file_bytes: u64) -> bool {
        const PIECES: u64 = 8;
        self.threads > 1 && file_bytes / PIECES >= self.piece_bytes as u64
    }
}

/// A part of a trace, and the rows in it.
pub struct Piece {
    /// The lines of the piece.
    pub text: Text,
    /// The rows at its start that are written as most are, each not before the one in front of it.
    pub rows: Vec<PlacedRow>,
    /// Where in the text the first other row begins.
    pub end: usize,
}

/// What comes next of a file that is read ahead.
pub enum Next {
    /// The next piece of the file.
    Piece(Piece),
    /// The end of the file: no piece comes any more.
    End,
    /// What is no text, or cannot be read: for somebody who reads line by line.
    Unusual,
}

/// Reads the pieces of a trace ahead of whoever plays them, on other threads.
pub struct Ahead {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    worker: Worker,
}

/// What all threads know.
struct Shared {
    directory: Arc<Directory>,
    file: Mutex<Source>,
    queue: Mutex<Queue>,
    /// Something is done, or there is room for more.
    changed: Condvar,
    /// So many pieces are on their way at once.
    pieces_max: usize,
}

/// The file, from which one thread reads at a time.
struct Source {
    texts: Texts,
    /// How many pieces were read.
    count: u64,
}

/// Pieces on their way.
#[derive(Default)]
struct Queue {
    /// What is done, from the piece on that is handed over next; `None` for what is not.
    done: VecDeque<Option<Next>>,
    /// How many pieces were handed over.
    taken: u64,
    /// How many somebody has begun with, and not handed over.
    begun: usize,
    /// Nobody begins with another piece.
    is_over: bool,
    /// Rooms of pieces that were played.
    spare: Vec<Piece>,
}

/// What a thread needs for itself.
#[derive(Default)]
struct Worker {
    found: Vec<UsualRow>,
    usual: UsualRows,
    memo: Memo,
}

impl Ahead {
    /// Reads on from where the texts of a file are, by so many threads, that of the run among them.
    pub fn new(texts: Texts, directory: &Arc<Directory>, threads: usize) -> Self {
        let shared = Arc::new(Shared {
            directory: Arc::clone(directory),
            file: Mutex::new(Source { texts, count: 0 }),
            queue: Mutex::default(),
            changed: Condvar::new(),
            pieces_max: 4 * threads,
        });
        let begin = || {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.work())
        };
        let threads = (1..threads).map(|_| begin()).collect();
        Self { shared, threads, worker: Worker::default() }
    }

    /// What comes next, and what was played before, whose room is needed. As long as it is not done yet, the
    /// thread that asks does something itself.
    pub fn take(&mut self, played: Piece) -> Next {
        let mut queue = self.shared.queue();
        queue.spare.push(played);
        loop {
            if let Some(Some(_)) = queue.done.front() {
                let next = queue.done.pop_front().flatten().expect("it is there");
                if let Next::Piece(_) = next {
                    queue.taken += 1;
                    queue.begun -= 1;
                    self.shared.changed.notify_all();
                }
                return next;
            }
            queue = match self.shared.may_begin(&queue) {
                true => {
                    self.shared.begin(queue, &mut self.worker);
                    self.shared.queue()
                }
                false => self.shared.wait(queue),
            };
        }
    }

    /// The file, once nobody reads it any more; where in it that was means nothing.
    pub fn stop(self) -> Texts {
        let shared = Arc::clone(&self.shared);
        drop(self);
        let shared = Arc::into_inner(shared).expect("the threads have ended");
        shared.file.into_inner().unwrap_or_else(PoisonError::into_inner).texts
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.shared.queue().is_over = true;
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            // One that panicked has said so, and has left something unusual.
            drop(thread.join());
        }
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner)
    }

    fn may_begin(&self, queue: &Queue) -> bool {
        !queue.is_over && queue.begun < self.pieces_max
    }

    /// Works until there is nothing more to do.
    fn work(&self) {
        let mut worker = Worker::default();
        let mut queue = self.queue();
        while !queue.is_over {
            queue = match self.may_begin(&queue) {
                true => {
                    self.begin(queue, &mut worker);
                    self.queue()
                }
                false => self.wait(queue),
            };
        }
    }

    /// Begins with a piece, and does it.
    fn begin(&self, mut queue: MutexGuard<'_, Queue>, worker: &mut Worker) {
        queue.begun += 1;
        let spare = queue.spare.pop().unwrap_or_else(Piece::empty);
        drop(queue);
        let mut work = Work { shared: self, number: None, next: Next::Unusual };
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        work.number = Some(file.count);
        file.count += 1;
        let mut bytes = spare.text.into_bytes();
        let read = file.texts.read(&mut bytes);
        drop(file);
        work.next = match read {
            Ok(true) => worker.place(bytes, spare.rows, &self.directory),
            Ok(false) => Next::End,
            Err(_) => Next::Unusual,
        };
    }
}

/// A piece that somebody has begun with: when that is over, whatever came of it is in its place.
struct Work<'a> {
    shared: &'a Shared,
    /// The number of the piece; `None` before it was read.
    number: Option<u64>,
    next: Next,
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        let mut queue = self.shared.queue();
        let next = std::mem::replace(&mut self.next, Next::Unusual);
        queue.is_over |= !matches!(next, Next::Piece(_));
        let Some(number) = self.number else { return };
        let place = (number - queue.taken) as usize;
        if queue.done.len() <= place {
            queue.done.resize_with(place + 1, || None);
        }
        queue.done[place] = Some(next);
        self.shared.changed.notify_all();
    }
}

impl Worker {
    /// Looks lines through, and finds the rows in them.
    fn place(&mut self, bytes: Vec<u8>, mut rows: Vec<PlacedRow>, directory: &Directory) -> Next {
        let Checked::Usual(text) = Text::check(bytes) else { return Next::Unusual };
        rows.clear();
        self.found.clear();
        let end = self.usual.find(&text, 0, &mut { Instant::MIN }, &mut self.found);
        let names = |row| UsualRow::names(&text, row);
        directory.place_all(&self.found, names, &mut self.memo, &mut rows);
        Next::Piece(Piece { text, rows, end })
    }
}

impl Piece {
    /// A piece of nothing.
    pub fn empty() -> Self {
        Self { text: Text::default(), rows: Vec::new(), end: 0 }
    }
}
