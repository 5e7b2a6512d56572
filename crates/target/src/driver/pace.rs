//! How fast a service may be called (rule T43 of target files): limits of the product that are kept to.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Limits of one product, and when each next call may go out.
#[derive(Debug)]
pub struct Pace {
    /// Between two calls of this process, whoever makes them.
    call_every: Option<Duration>,
    /// Between two reads of one widget or team.
    poll_every: Duration,
    next: Mutex<Next>,
}

#[derive(Debug, Default)]
struct Next {
    call: Option<Instant>,
    polls: BTreeMap<String, Instant>,
}

/// So many widgets and teams are remembered; who has not been read for long can be read at once.
const POLLS_MAX: usize = 100_000;

impl Pace {
    /// `calls_per_second` and `poll_every_min`.
    pub fn new(calls_per_second_max: Option<f64>, poll_every: Duration) -> Self {
        let call_every =
            calls_per_second_max.map(|calls| Duration::from_secs_f64(1.0 / calls.max(1e-6)));
        Self { call_every, poll_every, next: Mutex::default() }
    }

    /// Waits until a call may go out.
    pub async fn call(&self) {
        let Some(every) = self.call_every else { return };
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let at = next.call.map_or(now, |call| call.max(now));
            next.call = Some(at + every);
            at
        };
        sleep_until(at).await;
    }

    /// Waits until a widget or a team may be read again.
    pub async fn poll(&self, what: &str) {
        if self.poll_every.is_zero() {
            return;
        }
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            if next.polls.len() >= POLLS_MAX {
                next.polls.retain(|_, at| *at > now);
            }
            let at = next.polls.get(what).map_or(now, |at| (*at).max(now));
            next.polls.insert(what.to_owned(), at + self.poll_every);
            at
        };
        sleep_until(at).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn t43_calls_go_out_no_faster_than_the_product_allows() {
        let pace = Pace::new(Some(4.0), Duration::ZERO);
        let began = Instant::now();
        for _ in 0..9 {
            pace.call().await;
        }
        assert_eq!(began.elapsed(), Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn t43_reads_of_one_widget_are_apart_whoever_reads_and_others_do_not_wait() {
        let pace = Pace::new(None, Duration::from_secs(3));
        let began = Instant::now();
        tokio::join!(pace.poll("acme"), pace.poll("acme"), pace.poll("other"));
        assert_eq!(began.elapsed(), Duration::from_secs(3));
        pace.poll("other").await;
        assert_eq!(began.elapsed(), Duration::from_secs(3));
        pace.poll("acme").await;
        assert_eq!(began.elapsed(), Duration::from_secs(6));
    }
}
