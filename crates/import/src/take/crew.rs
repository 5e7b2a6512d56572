//! Several takers at once on a log with a separator, each on a piece of its own; what they take is handed over
//! in the order of the log.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use super::portion::Portion;
use super::taker::Taker;
use crate::log::{CsvForm, CsvLog, Piece, Pieces, Row};

/// A piece of a log, and what was taken from it.
#[derive(Default)]
struct Work {
    piece: Piece,
    portion: Portion,
    /// Which of the log's pieces it is.
    number: u64,
    /// Whose it is.
    taker: usize,
}

/// What a taker hands over.
enum Done {
    Work(Box<Work>),
    /// The log cannot be read on behind the pieces before this one.
    Unreadable(u64, io::Error),
    /// A taker has panicked.
    Panicked(Box<dyn std::any::Any + Send>),
}

/// Where takers get their pieces from: one at a time.
struct Source {
    pieces: Pieces,
    /// Room for pieces. There is no more of it than at the beginning, so that nobody runs ahead of the others
    /// by more.
    room: Receiver<Box<Work>>,
    next: u64,
    is_over: bool,
}

/// So much room each taker has, in pieces.
const PIECES_EACH: usize = 3;

/// Lets the takers take all rows of a log, each in a thread of its own. What they take goes to `with`, with the
/// number of the taker, in the order of the log, until that gives an error.
///
/// # Errors
/// That of `with`, and what `unreadable` makes of the log's.
pub fn take_all<E>(
    log: CsvLog,
    takers: Vec<Taker<'_>>,
    unreadable: impl FnOnce(io::Error) -> E,
    mut with: impl FnMut(usize, &mut Portion) -> Result<(), E>,
) -> Result<(), E> {
    let CsvLog { pieces, form } = log;
    let (give_room, room) = channel();
    for _ in 0..takers.len() * PIECES_EACH {
        let _ = give_room.send(Box::default());
    }
    let source = Mutex::new(Source { pieces, room, next: 0, is_over: false });
    std::thread::scope(|scope| {
        // Gone when this ends, however it does: then takers end, too.
        let give_room = give_room;
        let (hand_over, handed_over) = channel();
        for (number, taker) in takers.into_iter().enumerate() {
            let (source, form, hand_over) = (&source, &form, hand_over.clone());
            scope.spawn(move || work(number, taker, source, form, &hand_over));
        }
        drop(hand_over);
        in_order(handed_over, &give_room, unreadable, |work| with(work.taker, &mut work.portion))
    })
}

/// What one taker does, until there is nothing more to do.
fn work(
    taker_number: usize,
    mut taker: Taker<'_>,
    source: &Mutex<Source>,
    form: &CsvForm,
    hand_over: &Sender<Done>,
) {
    let mut take = || {
        let mut work = match source.lock().unwrap_or_else(PoisonError::into_inner).next()? {
            Done::Work(work) => work,
            other => return Some(other),
        };
        work.taker = taker_number;
        let Work { piece, portion, .. } = &mut *work;
        taker.take_rows(form.rows(piece).map(Row::Csv), portion);
        for &quote in piece.open_quotes() {
            taker.leave_out(quote, || form.show(quote), portion);
        }
        Some(Done::Work(work))
    };
    loop {
        let done = match catch_unwind(AssertUnwindSafe(&mut take)) {
            Ok(Some(done)) => done,
            Ok(None) => return,
            Err(panic) => Done::Panicked(panic),
        };
        let is_last = !matches!(done, Done::Work(_));
        if hand_over.send(done).is_err() || is_last {
            return;
        }
    }
}

impl Source {
    /// The next piece, with room for what is taken from it; `None` where nobody waits for one any more.
    fn next(&mut self) -> Option<Done> {
        if self.is_over {
            return None;
        }
        let mut work = self.room.recv().ok()?;
        let number = self.next;
        self.next += 1;
        work.number = number;
        let read = self.pieces.read(&mut work.piece);
        self.is_over = !matches!(read, Ok(true));
        match read {
            Ok(true) => Some(Done::Work(work)),
            Ok(false) => None,
            Err(error) => Some(Done::Unreadable(number, error)),
        }
    }
}

/// Puts what is handed over in the order of the log, and gives its room back.
fn in_order<E>(
    handed_over: Receiver<Done>,
    give_room: &Sender<Box<Work>>,
    unreadable: impl FnOnce(io::Error) -> E,
    mut with: impl FnMut(&mut Work) -> Result<(), E>,
) -> Result<(), E> {
    let (mut waiting, mut next) = (BTreeMap::new(), 0);
    let mut error = None;
    for done in handed_over {
        match done {
            Done::Work(work) => drop(waiting.insert(work.number, work)),
            Done::Unreadable(number, why) => error = Some((number, why)),
            Done::Panicked(panic) => resume_unwind(panic),
        }
        while let Some(mut work) = waiting.remove(&next) {
            with(&mut work)?;
            next += 1;
            // Nobody needs it where all is read.
            let _ = give_room.send(work);
        }
        if error.as_ref().is_some_and(|(number, _)| *number == next) {
            break;
        }
    }
    error.map_or(Ok(()), |(_, why)| Err(unreadable(why)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts in order what is handed over; the numbers of the pieces, how it ended, and how much room was given
    /// back.
    fn ordered(
        handed_over: impl IntoIterator<Item = Done>,
    ) -> (Vec<u64>, Result<(), String>, usize) {
        let (hand_over, receiver) = channel();
        for done in handed_over {
            hand_over.send(done).expect("there is room");
        }
        drop(hand_over);
        let (give_room, room) = channel();
        let mut numbers = Vec::new();
        let ended = in_order(
            receiver,
            &give_room,
            |error| error.to_string(),
            |work| {
                numbers.push(work.number);
                if work.number == 7 { Err("seven".to_owned()) } else { Ok(()) }
            },
        );
        (numbers, ended, room.try_iter().count())
    }

    fn piece(number: u64) -> Done {
        Done::Work(Box::new(Work { number, ..Work::default() }))
    }

    #[test]
    fn what_is_handed_over_comes_in_the_order_of_the_log_up_to_what_cannot_be_read() {
        assert_eq!(ordered([2, 0, 1, 4, 3].map(piece)), (vec![0, 1, 2, 3, 4], Ok(()), 5));
        let unreadable = || Done::Unreadable(2, io::Error::other("torn"));
        let torn = Err("torn".to_owned());
        assert_eq!(ordered([unreadable(), piece(1), piece(0)]), (vec![0, 1], torn.clone(), 2));
        assert_eq!(ordered([piece(0), piece(1), unreadable()]), (vec![0, 1], torn, 2));
        let (numbers, ended, room) = ordered((0..9).rev().map(piece));
        assert_eq!((numbers.len(), ended, room), (8, Err("seven".to_owned()), 7));
    }

    #[test]
    fn a_panic_of_a_taker_is_one_of_the_import() {
        let handed_over = || [piece(1), Done::Panicked(Box::new("broken"))];
        let panic = catch_unwind(|| ordered(handed_over())).expect_err("it goes on");
        assert_eq!(panic.downcast_ref(), Some(&"broken"));
    }
}
