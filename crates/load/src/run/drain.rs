//! The end of a run: what visitors left must be there, what is still recorded is judged, and all
//! connections are closed.

use std::fmt::Display;
use std::thread;
use std::time::Duration;

use super::load_run::LoadRun;
use super::supervise::JudgeTask;
use super::threads::RunThreads;
use crate::agents::PlayedAgents;
use crate::history::Record;
use crate::judge::JudgeReport;
use crate::observation::Observed;
use crate::visitors::{MessageCheckResult, check_messages};
use crate::wait_budget::WaitBudget;

/// So much of the budget is kept for what was put on the target, which is to be taken away again.
const KEPT_FOR_TAKING_AWAY: Duration = Duration::from_secs(2);

/// What is left of a run when all have played.
pub struct DrainResult {
    /// What the judge came to.
    pub report: JudgeReport,
    /// The time of a processor that judging took.
    pub judging_us: u64,
    /// Goose's tables of the agents' requests.
    pub goose: String,
    /// What could not be read or brought to its end, a line each.
    pub unfinished: Vec<String>,
    /// Why the generator itself could not go on, if it could not.
    pub failed: Option<String>,
}

impl LoadRun<'_> {
    /// Waits for all who play, looks for what visitors left, judges the rest, and closes all
    /// connections. Whatever goes wrong with that is told and no reason to lose what there is.
    pub(super) fn drain(
        &self,
        threads: RunThreads<'_>,
        mut judge_task: JudgeTask,
        budget: &mut WaitBudget,
    ) -> DrainResult {
        let until = judge_task.catch_up();
        let RunThreads { visitors, visiting, playing, .. } = threads;
        visitors.signals.close_streams();
        let (mut failed, mut unfinished) = (None, Vec::new());
        let kept = ended(visiting.join(), "visitors", &mut failed).unwrap_or_default();
        let agents = ended(playing.join(), "agents", &mut failed);
        let came = match kept.is_empty() {
            true => MessageCheckResult::default(),
            false => check_messages(&visitors, &kept, budget, KEPT_FOR_TAKING_AWAY),
        };
        unfinished.extend(came.unfinished());
        // Streams that were closed just now say nothing that counts.
        let (mut report, judging_us) = judge_task.finish(until, is_about_messages);
        // Of a message that could not be looked for nothing is known.
        report.judged.messages = report.judged.messages.saturating_sub(came.unknown);
        let goose = match agents {
            Some(PlayedAgents { tables: None, .. }) => {
                unfinished.push("goose did not end: its tables of requests are missing".to_owned());
                String::new()
            }
            Some(mut agents) => {
                let tables = agents.tables.take().unwrap_or_default();
                self.runtime.block_on(agents.release(self.config.keep, budget));
                tables
            }
            None => String::new(),
        };
        DrainResult { report, judging_us, goose, unfinished, failed }
    }

    /// The messages that were acknowledged so far, of which none was looked for.
    pub(super) fn messages_unknown(report: &mut JudgeReport) -> Option<String> {
        let unknown = std::mem::take(&mut report.judged.messages);
        MessageCheckResult::none(unknown, "that is done at the end").unfinished()
    }
}

fn is_about_messages(record: &Record) -> bool {
    match record {
        Record::MessageKept { .. } => true,
        Record::Observed(observation) => {
            matches!(observation.seen, Observed::MissingMessage { .. })
        }
        _ => false,
    }
}

/// What players leave; or why they could not go on, for the report.
fn ended<T, E: Display>(
    joined: thread::Result<Result<T, E>>,
    who: &'static str,
    failed: &mut Option<String>,
) -> Option<T> {
    let why = match joined {
        Ok(Ok(left)) => return Some(left),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "a mistake in the program".to_owned(),
    };
    failed.get_or_insert(format!("the generator failed, its {who} could not go on: {why}"));
    None
}
