//! A run from the moment in which all is let loose to its result.

use std::sync::atomic::AtomicBool;
use std::thread;

use super::assemble::RunOutcome;
use super::drain::DrainResult;
use super::error::RunError;
use super::load_run::LoadRun;
use super::supervise::{EarlyEnd, JudgeTask};
use super::threads::RunThreads;
use super::watcher::RunWatcher;
use crate::result::LoadResult;
use crate::wait_budget::WaitBudget;
use lamplighter_core::hours::Zones;

impl LoadRun<'_> {
    /// Lets agents and visitors loose, judges what they see, and gives what it all came to.
    pub(super) fn play(
        &self,
        zones: &Zones,
        stop: &AtomicBool,
        watcher: &mut dyn RunWatcher,
        budget: &mut WaitBudget,
    ) -> Result<LoadResult, RunError> {
        let mut judge_task = JudgeTask::new(&self.context, self.bound(), zones)?;
        let (end, drain_result) = thread::scope(|scope| {
            let threads = RunThreads::start(self, scope);
            let end = self.supervise(&threads, &mut judge_task, stop, watcher);
            watcher.says("looking for the messages that visitors left");
            budget.spend(end.spent());
            let drain_result = self.drain(threads, judge_task, budget);
            (end, drain_result)
        });
        if end.at < 0 && end.early == Some(EarlyEnd::Interrupted) {
            return Err(RunError::Interrupted { cleaned: "" });
        }
        watcher.found(&drain_result.report.wrong);
        let DrainResult { report, judging_us, goose, unfinished, failed } = drain_result;
        let interrupted = failed.is_some() || end.early == Some(EarlyEnd::Interrupted);
        let ended_early = failed.or(match end.early {
            Some(EarlyEnd::Interrupted) => Some("Ctrl-C, or a signal to end".to_owned()),
            Some(EarlyEnd::Gate(gate)) => Some(format!("a gate failed: {gate}")),
            Some(EarlyEnd::Failed) | None => None,
        });
        let outcome = RunOutcome {
            report,
            judging_us,
            goose,
            ended_at: end.at,
            ended_early,
            interrupted,
            unfinished,
        };
        Ok(self.result(outcome))
    }
}
