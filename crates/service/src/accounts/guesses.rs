//! Guesses at passwords within a minute: one counts when it begins, not when it has failed.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// How long a failure counts.
pub const WINDOW: Duration = Duration::from_secs(60);

/// More keys than that are not kept, whatever is tried.
const KEYS_MAX: usize = 100_000;

/// Guesses by what they are at, or come from.
#[derive(Debug)]
pub struct Guesses<K> {
    max: u32,
    windows: Mutex<HashMap<K, Window>>,
    /// A guess has ended: whoever waits for its place looks again.
    ended: Notify,
}

/// The guesses of one key.
#[derive(Clone, Copy, Debug)]
struct Window {
    /// When the first of the failures that count was.
    began: Instant,
    failed: u32,
    /// How many have begun and not ended.
    begun: u32,
}

/// A guess that has begun. One that is dropped without more has failed.
#[derive(Debug)]
pub struct Guess<K: Copy + Eq + Hash> {
    of: Arc<Guesses<K>>,
    key: K,
    is_forgiven: bool,
}

impl<K: Copy + Eq + Hash> Guesses<K> {
    /// So many may fail within a minute.
    pub fn new(max: u32) -> Arc<Self> {
        Arc::new(Self { max, windows: Mutex::default(), ended: Notify::new() })
    }

    /// Begins a guess. As long as those that have begun could use up what is left, the next one waits
    /// for their end: so no more are tried than may fail, and who is right is never refused for them.
    ///
    /// # Errors
    /// How long to wait until the next one can begin.
    pub async fn begin(self: &Arc<Self>, key: K) -> Result<Guess<K>, Duration> {
        loop {
            let ended = self.ended.notified();
            let mut ended = std::pin::pin!(ended);
            // From here on no end is missed.
            ended.as_mut().enable();
            match self.try_begin(key, Instant::now()) {
                Some(begun) => return begun,
                None => ended.await,
            }
        }
    }

    /// Counts a guess that has begun and failed at once.
    pub fn fail(self: &Arc<Self>, key: K) {
        let now = Instant::now();
        let mut windows = self.windows();
        make_room(&mut windows, self.max, now);
        let window = windows.entry(key).or_insert(Window { began: now, failed: 0, begun: 0 });
        if window.failed == 0 || window.left(now).is_none() {
            *window = Window { began: now, failed: 0, ..*window };
        }
        window.failed += 1;
    }

    /// How long a guess has to wait for failures to be forgotten, if at all.
    pub fn wait(&self, key: K) -> Option<Duration> {
        let now = Instant::now();
        let window = self.windows().get(&key).copied()?;
        (window.failed >= self.max).then_some(window.left(now)?)
    }

    /// `None` where it must wait for those that have begun.
    fn try_begin(self: &Arc<Self>, key: K, now: Instant) -> Option<Result<Guess<K>, Duration>> {
        let mut windows = self.windows();
        make_room(&mut windows, self.max, now);
        let window = windows.entry(key).or_insert(Window { began: now, failed: 0, begun: 0 });
        match window.left(now) {
            None => *window = Window { began: now, failed: 0, ..*window },
            Some(left) if window.failed >= self.max => return Some(Err(left)),
            Some(_) => {}
        }
        if window.failed.saturating_add(window.begun) >= self.max {
            return None;
        }
        window.begun += 1;
        Some(Ok(Guess { of: Arc::clone(self), key, is_forgiven: false }))
    }

    fn windows(&self) -> MutexGuard<'_, HashMap<K, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window {
    /// How long its failures count on; `None` where they count no more.
    fn left(&self, now: Instant) -> Option<Duration> {
        WINDOW.checked_sub(now.duration_since(self.began)).filter(|left| !left.is_zero())
    }
}

/// Forgets what counts no more; and where that is not enough, all but those who must wait.
fn make_room<K: Copy + Eq + Hash>(windows: &mut HashMap<K, Window>, max: u32, now: Instant) {
    if windows.len() < KEYS_MAX {
        return;
    }
    windows.retain(|_, window| window.begun > 0 || window.left(now).is_some());
    if windows.len() >= KEYS_MAX {
        windows.retain(|_, window| window.begun > 0 || window.failed >= max);
    }
    if windows.len() >= KEYS_MAX {
        windows.retain(|_, window| window.begun > 0);
    }
}

impl<K: Copy + Eq + Hash> Guess<K> {
    /// It was right, or nobody has looked at it.
    pub fn does_not_count(mut self) {
        self.is_forgiven = true;
    }
}

impl<K: Copy + Eq + Hash> Drop for Guess<K> {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut windows = self.of.windows();
        if let Some(window) = windows.get_mut(&self.key) {
            window.begun = window.begun.saturating_sub(1);
            if !self.is_forgiven {
                if window.failed == 0 {
                    window.began = now;
                }
                window.failed += 1;
            }
        }
        drop(windows);
        self.of.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_many_at_once_no_more_are_tried_than_may_fail() {
        let guesses = Guesses::new(10);
        let tried = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let all = (0..300).map(|_| {
            let (guesses, tried) = (Arc::clone(&guesses), Arc::clone(&tried));
            tokio::spawn(async move {
                let guess = guesses.begin("ann").await;
                if guess.is_ok() {
                    tried.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
                guess.is_ok()
            })
        });
        for one in all.collect::<Vec<_>>() {
            one.await.expect("ends");
        }
        assert_eq!(tried.load(std::sync::atomic::Ordering::Relaxed), 10);
        assert!(guesses.wait("ann").is_some_and(|wait| wait <= WINDOW));
        assert!(guesses.begin("bob").await.is_ok());
    }

    #[tokio::test]
    async fn who_is_right_is_never_refused_for_others_who_are_right_at_once() {
        let guesses = Guesses::new(3);
        let all = (0..100).map(|_| {
            let guesses = Arc::clone(&guesses);
            tokio::spawn(async move {
                let guess = guesses.begin(1).await.expect("nobody has failed");
                tokio::task::yield_now().await;
                guess.does_not_count();
            })
        });
        for one in all.collect::<Vec<_>>() {
            one.await.expect("none is refused");
        }
        assert_eq!(guesses.wait(1), None);
    }

    #[test]
    fn failures_count_for_a_minute() {
        let guesses = Guesses::new(2);
        let now = Instant::now();
        for _ in 0..2 {
            drop(guesses.try_begin(1, now).expect("nobody else").expect("may fail"));
        }
        assert!(matches!(guesses.try_begin(1, now), Some(Err(left)) if left <= WINDOW));
        let later = now + WINDOW + Duration::from_secs(1);
        assert!(matches!(guesses.try_begin(1, later), Some(Ok(_))));
    }

    #[test]
    fn what_is_kept_is_bounded_and_who_must_wait_is_kept() {
        let guesses = Guesses::new(1);
        let now = Instant::now();
        for key in 0..(3 * KEYS_MAX as u32) {
            let guess = guesses.try_begin(key, now).expect("nobody else").expect("the first");
            match key {
                7 => drop(guess),
                _ => guess.does_not_count(),
            }
        }
        assert!(guesses.windows().len() <= KEYS_MAX);
        assert!(guesses.wait(7).is_some());
    }
}
