//! The end of a run: what visitors left must be there, what is still recorded is judged, and all
//! connections are closed.

use std::thread;

use super::players::{AgentsEnd, Players, VisitorsEnd};
use super::supervise::Judging;
use super::{LoadRun, RunError};
use crate::history::Record;
use crate::judge::JudgeReport;
use crate::observation::Observed;
use crate::visitors::check_messages;

/// What is left of a run when all have played.
pub struct Drained {
    /// Agents, with sockets that are still open.
    pub agents: AgentsEnd,
    /// Visitors, with the messages that were acknowledged.
    pub visitors: VisitorsEnd,
    /// What the judge came to.
    pub report: JudgeReport,
    /// The time of a processor that judging took.
    pub judging_us: u64,
}

impl LoadRun<'_> {
    /// Waits for all who play, looks for what visitors left, and judges the rest.
    ///
    /// # Errors
    /// When a thread has panicked, or messages cannot be looked for.
    pub(super) fn drain(
        &self,
        players: Players<'_>,
        mut judging: Judging,
    ) -> Result<Drained, RunError> {
        let until = judging.catch_up();
        let Players { visitors, visiting, playing, .. } = players;
        visitors.signals.close_streams();
        let visited = joined(visiting.join(), "visitors")?;
        let agents = joined(playing.join(), "agents")?;
        if let Ok(kept) = &visited
            && !kept.is_empty()
        {
            check_messages(&visitors, kept)?;
        }
        // Streams that were closed just now say nothing that counts.
        let (report, judging_us) = judging.finish(until, is_about_messages);
        Ok(Drained { agents, visitors: visited, report, judging_us })
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

fn joined<T>(joined: thread::Result<T>, who: &'static str) -> Result<T, RunError> {
    joined.map_err(|_| RunError::Panicked(who))
}
