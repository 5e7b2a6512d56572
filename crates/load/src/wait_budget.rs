//! How long the target is waited for once a run is over. What it does counts for nothing: a large plan
//! takes its time to be taken away. Only where it fails, or says nothing, the budget is used up.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout};

/// A length of time for all that is still to be done, which only failures and silence use up.
#[derive(Debug)]
pub struct WaitBudget {
    left: Duration,
}

impl WaitBudget {
    /// Patience for so long a time in all.
    pub fn of(left: Duration) -> Self {
        Self { left }
    }

    /// What is left of it.
    pub fn left(&self) -> Duration {
        self.left
    }

    /// Whether none is left.
    pub fn is_over(&self) -> bool {
        self.left.is_zero()
    }

    /// So much of it was used up.
    pub fn spend(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }

    /// Waits for a result, for as long as the budget lasts but for what is to be kept; `None` where
    /// that ran out. What succeeds uses none of it up.
    pub async fn wait<T, E>(
        &mut self,
        kept: Duration,
        result: impl Future<Output = Result<T, E>>,
    ) -> Option<Result<T, E>> {
        let own = self.left.saturating_sub(kept);
        if own.is_zero() {
            return None;
        }
        let began = Instant::now();
        let ended = timeout(own, result).await;
        match ended {
            Ok(Ok(_)) => {}
            Ok(Err(_)) => self.spend(began.elapsed()),
            Err(_) => self.spend(own),
        }
        ended.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn after<T>(ms: u64, gives: T) -> T {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        gives
    }

    #[test]
    fn what_succeeds_uses_none_of_it_up_and_failures_and_silence_do() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let mut budget = WaitBudget::of(Duration::from_millis(200));
            let kept = Duration::from_millis(50);
            let done = budget.wait(kept, after(20, Ok::<_, ()>(7))).await;
            assert_eq!(done, Some(Ok(7)));
            assert_eq!(budget.left(), Duration::from_millis(200));
            assert_eq!(budget.wait(kept, after(20, Err::<(), _>(8))).await, Some(Err(8)));
            assert!(budget.left() <= Duration::from_millis(180), "{budget:?}");
            let silence = std::future::pending::<Result<(), ()>>();
            assert_eq!(budget.wait(kept, silence).await, None);
            assert!(budget.left() <= kept && !budget.is_over(), "{budget:?}");
            assert_eq!(budget.wait(kept, after(0, Ok::<_, ()>(9))).await, None);
        });
    }
}
