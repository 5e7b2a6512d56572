//! How fast a service may be called (rule T43 of target files): limits of the product that are kept to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Limits of one product, and when each next call may go out.
#[derive(Debug)]
pub struct RateLimiter {
    /// Between two calls of this process, whoever makes them.
    call_every: Option<Duration>,
    /// Between two reads of one widget or team.
    poll_every: Duration,
    next: Mutex<NextCalls>,
    /// The longest wait since waits were last forgotten, in microseconds.
    waited_us_max: AtomicU64,
}

#[derive(Debug, Default)]
struct NextCalls {
    call: Option<Instant>,
    polls: BTreeMap<String, Instant>,
}

/// So many widgets and teams are remembered; who has not been read for long can be read at once.
const POLLS_MAX: usize = 100_000;

impl RateLimiter {
    /// `calls_per_second` and `poll_every_min`.
    pub fn new(calls_per_second_max: Option<f64>, poll_every: Duration) -> Self {
        let call_every =
            calls_per_second_max.map(|calls| Duration::from_secs_f64(1.0 / calls.max(1e-6)));
        let waited_us_max = AtomicU64::new(0);
        Self { call_every, poll_every, next: Mutex::default(), waited_us_max }
    }

    /// Whether nothing has to wait.
    pub fn is_free(&self) -> bool {
        self.call_every.is_none() && self.poll_every.is_zero()
    }

    /// How long a call has waited for its turn at most, since waits were last forgotten.
    pub fn longest_wait(&self) -> Duration {
        Duration::from_micros(self.waited_us_max.load(Ordering::Relaxed))
    }

    /// What has waited until now is of no interest any more.
    pub fn forget_waits(&self) {
        self.waited_us_max.store(0, Ordering::Relaxed);
    }

    async fn wait(&self, at: Instant) {
        let wait = at.saturating_duration_since(Instant::now());
        let us = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
        self.waited_us_max.fetch_max(us, Ordering::Relaxed);
        sleep_until(at).await;
    }

    /// Waits until a call may go out.
    pub async fn call(&self) {
        self.call_within(Duration::MAX).await;
    }

    /// Waits until a widget or a team may be read again.
    pub async fn poll(&self, what: &str) {
        self.poll_within(what, Duration::MAX).await;
    }

    /// Waits until a call may go out; `false` at once, and no turn is taken, where that is not so
    /// soon.
    pub async fn call_within(&self, within: Duration) -> bool {
        let Some(every) = self.call_every else { return true };
        let at = {
            let mut next = self.lock();
            let now = Instant::now();
            let at = next.call.map_or(now, |call| call.max(now));
            if at - now > within {
                return false;
            }
            next.call = Some(at + every);
            at
        };
        self.wait(at).await;
        true
    }

    /// The same for another read of a widget or a team.
    pub async fn poll_within(&self, what: &str, within: Duration) -> bool {
        if self.poll_every.is_zero() {
            return true;
        }
        let at = {
            let mut next = self.lock();
            let now = Instant::now();
            if next.polls.len() >= POLLS_MAX {
                next.polls.retain(|_, at| *at > now);
            }
            let at = next.polls.get(what).map_or(now, |at| (*at).max(now));
            if at - now > within {
                return false;
            }
            next.polls.insert(what.to_owned(), at + self.poll_every);
            at
        };
        self.wait(at).await;
        true
    }

    fn lock(&self) -> MutexGuard<'_, NextCalls> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn t43_calls_go_out_no_faster_than_the_product_allows() {
        let rate_limiter = RateLimiter::new(Some(4.0), Duration::ZERO);
        let began = Instant::now();
        for _ in 0..9 {
            rate_limiter.call().await;
        }
        assert_eq!(began.elapsed(), Duration::from_secs(2));
        assert_eq!(rate_limiter.longest_wait(), Duration::from_millis(250));
        rate_limiter.forget_waits();
        assert_eq!(rate_limiter.longest_wait(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn t43_who_would_wait_for_too_long_takes_nobody_s_turn() {
        let rate_limiter = RateLimiter::new(Some(0.5), Duration::from_secs(3));
        let (short, long) = (Duration::from_secs(1), Duration::from_secs(5));
        let began = Instant::now();
        assert!(
            rate_limiter.call_within(short).await && rate_limiter.poll_within("acme", short).await
        );
        for _ in 0..9 {
            assert!(
                !rate_limiter.call_within(short).await
                    && !rate_limiter.poll_within("acme", short).await
            );
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert!(rate_limiter.call_within(long).await);
        assert_eq!(began.elapsed(), Duration::from_secs(2));
        assert!(rate_limiter.poll_within("acme", long).await);
        assert_eq!(began.elapsed(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn t43_reads_of_one_widget_are_apart_whoever_reads_and_others_do_not_wait() {
        let rate_limiter = RateLimiter::new(None, Duration::from_secs(3));
        let began = Instant::now();
        tokio::join!(
            rate_limiter.poll("acme"),
            rate_limiter.poll("acme"),
            rate_limiter.poll("other")
        );
        assert_eq!(began.elapsed(), Duration::from_secs(3));
        rate_limiter.poll("other").await;
        assert_eq!(began.elapsed(), Duration::from_secs(3));
        rate_limiter.poll("acme").await;
        assert_eq!(began.elapsed(), Duration::from_secs(6));
    }
}
