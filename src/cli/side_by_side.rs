//! Many files at once, and what became of them in their order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How long nothing may happen before whoever waits hears that it did not.
const QUIET_FOR: Duration = Duration::from_millis(100);

/// How work is shared between threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Threads {
    /// So many files are worked on at once.
    pub jobs: usize,
    /// How many threads each of them has for its text and its traces: those that are left where there are
    /// few files.
    pub each: usize,
}

impl Threads {
    /// So many threads for so many files.
    pub fn shared(threads: usize, files: usize) -> Self {
        let jobs = threads.min(files);
        Self { jobs, each: threads / jobs.max(1) }
    }
}

/// Works on each of many things, on several threads, and hands over what became of it in their order;
/// nothing every now and then, as long as there is no news. Where `work` gives nothing, no more is begun.
///
/// # Errors
/// That of `take`; what is worked on then is of no use any more.
pub fn in_order<T: Sync, News: Send, E>(
    jobs: usize,
    things: &[T],
    work: impl Fn(&T) -> Option<News> + Sync,
    take: &mut dyn FnMut(Option<News>) -> Result<(), E>,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    std::thread::scope(|threads| {
        for _ in 0..jobs {
            let (send, next, work) = (send.clone(), &next, &work);
            threads.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(news) = things.get(index).and_then(work) else { return };
                    if send.send((index, news)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        // Dropped when what was taken fails, so that the others end.
        let receive = receive;
        let mut early = BTreeMap::new();
        let mut expected = 0;
        loop {
            let (index, news) = match receive.recv_timeout(QUIET_FOR) {
                Ok(news) => news,
                Err(RecvTimeoutError::Timeout) => {
                    take(None)?;
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            early.insert(index, news);
            while let Some(news) = early.remove(&expected) {
                expected += 1;
                take(Some(news))?;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn what_became_of_things_comes_in_their_order_whoever_was_first() {
        let things: Vec<u64> = (0..40).collect();
        let mut taken = Vec::new();
        let work = |thing: &u64| {
            std::thread::sleep(Duration::from_millis(if thing.is_multiple_of(8) { 20 } else { 0 }));
            Some(thing * 2)
        };
        in_order(4, &things, work, &mut |news| {
            taken.extend(news);
            Ok::<_, ()>(())
        })
        .expect("nothing fails");
        assert_eq!(taken, things.iter().map(|thing| thing * 2).collect::<Vec<_>>());
    }

    #[test]
    fn who_waits_hears_that_nothing_happened() {
        let (mut ticks, waited_for) = (0, AtomicBool::new(false));
        let work = |_: &()| {
            while !waited_for.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            Some(())
        };
        in_order(1, &[()], work, &mut |news: Option<()>| {
            ticks += usize::from(news.is_none());
            waited_for.store(true, Ordering::Relaxed);
            Ok::<_, ()>(())
        })
        .expect("nothing fails");
        assert!(ticks > 0);
    }

    #[test]
    fn an_error_ends_it() {
        let things: Vec<u64> = (0..1000).collect();
        let begun = AtomicUsize::new(0);
        let work = |thing: &u64| {
            begun.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(1));
            Some(*thing)
        };
        let failed = in_order(2, &things, work, &mut |news| news.map_or(Ok(()), Err));
        assert_eq!(failed, Err(0));
        assert!(begun.into_inner() < 1000);
    }

    #[test]
    fn threads_that_are_left_over_are_shared() {
        assert_eq!(Threads::shared(4, 2), Threads { jobs: 2, each: 2 });
        assert_eq!(Threads::shared(2, 9), Threads { jobs: 2, each: 1 });
        assert_eq!(Threads::shared(2, 0), Threads { jobs: 0, each: 2 });
    }
}
