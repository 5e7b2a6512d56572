//! Pages that are filled by several threads, and taken one after the other: what is taken is the same by
//! however many they are filled.

use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope, ScopedJoinHandle};

/// So many pages of each thread wait to be taken.
const WAITING: usize = 2;

/// Fills a page for each number, by so many threads, and lets `take` have them in the order of the numbers.
/// A page comes to be filled again as it was taken.
///
/// # Errors
/// The first one of `take`, which is not called again.
pub(super) fn in_turn<P: Default + Send, E>(
    threads: usize,
    numbers: Range<usize>,
    fill: impl Fn(usize, &mut P) + Sync,
    mut take: impl FnMut(&P) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.min(numbers.len());
    if threads < 2 {
        let mut page = P::default();
        return numbers.into_iter().try_for_each(|number| {
            fill(number, &mut page);
            take(&page)
        });
    }
    thread::scope(|scope| {
        // Each fills every so manieth page, and so everybody knows whose turn it is.
        let fill = &fill;
        let mut fillers: Vec<_> = (0..threads)
            .map(|first| Filler::start(scope, numbers.clone().skip(first).step_by(threads), fill))
            .collect();
        for number in 0..numbers.len() {
            let filler = &fillers[number % threads];
            let Ok(page) = filler.filled.recv() else { break };
            take(&page)?;
            // Whoever has filled their last page has no use for it.
            let _ = filler.taken.send(page);
        }
        fillers.drain(..).for_each(Filler::join);
        Ok(())
    })
}

/// A thread that fills pages.
struct Filler<'scope, P> {
    filled: Receiver<P>,
    /// Pages to be filled again.
    taken: SyncSender<P>,
    thread: ScopedJoinHandle<'scope, ()>,
}

impl<'scope, P: Default + Send + 'scope> Filler<'scope, P> {
    fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        numbers: impl Iterator<Item = usize> + Send + 'scope,
        fill: &'scope (impl Fn(usize, &mut P) + Sync),
    ) -> Self {
        let (sender, filled) = sync_channel(WAITING);
        let (taken, emptied) = sync_channel(WAITING + 2);
        let thread = scope.spawn(move || {
            for number in numbers {
                let mut page = emptied.try_recv().unwrap_or_default();
                fill(number, &mut page);
                // Where nobody takes them any more, nobody needs to fill them.
                if sender.send(page).is_err() {
                    return;
                }
            }
        });
        Self { filled, taken, thread }
    }

    fn join(self) {
        drop(self.filled);
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::time::Duration;

    #[test]
    fn pages_are_taken_in_their_order_by_however_many_they_are_filled() {
        let fill = |number: usize, page: &mut Vec<usize>| {
            // The first ones come last.
            thread::sleep(Duration::from_micros(40 / (number as u64 + 1)));
            page.push(number);
        };
        for threads in [0, 1, 2, 3, 7, 100] {
            for count in [0, 1, 5, 40] {
                let mut taken = Vec::new();
                let all = in_turn(threads, 3..3 + count, fill, |page| {
                    taken.extend(page.last().copied());
                    Ok::<_, Infallible>(())
                });
                assert!(all.is_ok() && taken.into_iter().eq(3..3 + count), "{threads} {count}");
            }
        }
    }

    #[test]
    fn nothing_is_taken_behind_what_could_not_be() {
        for threads in [1, 2, 3] {
            let mut taken = 0;
            let result = in_turn(
                threads,
                0..1_000,
                |number, page| *page = number,
                |page| {
                    taken += 1;
                    if *page == 7 { Err("full") } else { Ok(()) }
                },
            );
            assert_eq!((result, taken), (Err("full"), 8));
        }
    }

    #[test]
    #[should_panic(expected = "a page that cannot be filled")]
    fn a_panic_is_everybodys() {
        let fill = |number: usize, _: &mut ()| assert!(number != 7, "a page that cannot be filled");
        let _ = in_turn(2, 0..1_000, fill, |()| Ok::<_, Infallible>(()));
    }
}
