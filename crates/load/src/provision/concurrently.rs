//! Many calls at once: until one fails, or until the budget for failures is used up.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout};

use super::error::ProvisionError;
use crate::wait_budget::WaitBudget;
use lamplighter_target::driver::DeleteError;

/// So many calls at once.
const AT_ONCE_MAX: usize = 32;
/// How often it is looked whether nothing more is to be put there,
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// and how long calls that are on their way are waited for then.
const UNDER_WAY_MAX: Duration = Duration::from_secs(2);
/// What is said of a target that says nothing.
const SILENT: &str = "the target does not answer";

/// What a future gives, unless it is stopped before.
///
/// # Errors
/// [`ProvisionError::Stopped`] where `stop` was set before.
pub async fn unless_stopped<T>(
    stop: &AtomicBool,
    future: impl Future<Output = T>,
) -> Result<T, ProvisionError> {
    let stopped = async {
        while !stop.load(Ordering::Relaxed) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::select! {
        biased;
        () = stopped => Err(ProvisionError::Stopped),
        gives = future => Ok(gives),
    }
}

/// Does all of them, so many at once; what they give, in the same order. Ends at the first that fails,
/// and where it is stopped, with what is on its way by then.
///
/// # Errors
/// The first error of any of them; [`ProvisionError::Stopped`] where `stop` was set before all were done.
pub async fn together<T: Send + 'static>(
    stop: &AtomicBool,
    all: impl Iterator<Item = impl Future<Output = Result<T, ProvisionError>> + Send + 'static>,
) -> Result<Vec<T>, ProvisionError> {
    let mut all = all.enumerate();
    let mut running = JoinSet::new();
    let mut done = Vec::new();
    loop {
        if stop.load(Ordering::Relaxed) {
            let under_way = async { while running.join_next().await.is_some() {} };
            // Those that take longer are cut off.
            drop(timeout(UNDER_WAY_MAX, under_way).await);
            return Err(ProvisionError::Stopped);
        }
        while running.len() < AT_ONCE_MAX
            && let Some((place, next)) = all.next()
        {
            running.spawn(async move { next.await.map(|gives| (place, gives)) });
        }
        match timeout(LOOK_EVERY, running.join_next()).await {
            Err(_) => {}
            Ok(Some(ended)) => done.push(finished(ended)?),
            Ok(None) => break,
        }
    }
    done.sort_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, gives)| gives).collect())
}

/// A task's output; where it panicked, so does whoever waited for it.
fn finished<T>(ended: Result<T, JoinError>) -> T {
    ended.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
}

/// What came of trying to delete many things.
#[derive(Default)]
pub struct DeleteResults {
    /// How many failed, or were not tried any more.
    pub failed: usize,
    /// What went wrong with the first of them.
    pub why: String,
    /// How many are left because nothing says how to delete them.
    pub without: usize,
}

/// Tries all of them, so many at once, until the budget for those that fail is used up.
pub async fn try_all(
    budget: &mut WaitBudget,
    all: impl Iterator<Item = impl Future<Output = Result<(), DeleteError>> + Send + 'static>,
) -> DeleteResults {
    let mut all = all.fuse();
    let mut running = JoinSet::new();
    let mut tried = DeleteResults::default();
    while !budget.is_over() {
        while running.len() < AT_ONCE_MAX
            && let Some(next) = all.next()
        {
            running.spawn(next);
        }
        let began = Instant::now();
        match timeout(budget.left(), running.join_next()).await {
            Ok(None) => break,
            Ok(Some(ended)) => match finished(ended) {
                Ok(()) => {}
                Err(DeleteError::NoSteps) => tried.without += 1,
                Err(DeleteError::Refused(why)) => {
                    budget.spend(began.elapsed());
                    tried.fail(why, 1);
                }
            },
            Err(_) => budget.spend(budget.left()),
        }
    }
    tried.fail(SILENT.to_owned(), running.len() + all.count());
    tried
}

impl DeleteResults {
    fn fail(&mut self, why: String, count: usize) {
        if self.failed == 0 && count > 0 {
            self.why = why;
        }
        self.failed += count;
    }
}
