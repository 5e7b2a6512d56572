//! Writes of agents: each recorded just before it is sent, and once it has returned.

use std::future::Future;

use tokio::sync::watch;

use super::shared::AgentsShared;
use super::stop::{StopRequest, given_up};
use crate::clock::Micros;
use crate::error_labels;
use crate::history::{Completion, Effect, Record, WriteId};
use crate::outages::UNANSWERED_AT_END;
use crate::plan::{AgentIndex, DeviceSlot};
use crate::tally::{CONNECT, CallTiming, LOGIN, LOGOUT, STATUS};
use lamplighter_target::driver::{RunError, Timestamp, WriteOutcome};
use lamplighter_target::file::outcome::StepOutcome;
use lamplighter_target::file::section::Section;

/// A write that is to be made.
#[derive(Clone, Copy)]
pub struct PlannedWrite {
    /// The agent whose device sends it.
    pub agent: AgentIndex,
    /// The device that sends it, in its own session.
    pub slot: DeviceSlot,
    /// What it does once it takes effect, as the judge is told.
    pub effect: Effect,
    /// The instant at which the plan has it: its latency counts from there.
    pub intended: Micros,
}

impl PlannedWrite {
    /// The operation as which it is counted.
    pub fn operation(self) -> &'static str {
        match self.effect {
            Effect::Login => LOGIN,
            Effect::Status(_) => STATUS,
            Effect::Logout => LOGOUT,
            Effect::Connect => CONNECT,
        }
    }
}

/// How a write ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteResult {
    /// It was acknowledged: the service says that it is done.
    Done,
    /// It was refused, and will be the next time.
    Refused,
    /// It was refused, for the service has no time.
    Busy,
    /// It was refused, for the device's session is over.
    Gone,
    /// Nobody knows what became of it.
    Indeterminate,
}

/// Records that a write is about to be sent.
pub fn record_invoked(shared: &AgentsShared, planned: PlannedWrite) -> (WriteId, Micros) {
    let PlannedWrite { agent, slot, effect, .. } = planned;
    let write = shared.next_write();
    let at = shared.run.clock.now();
    shared.run.history.record(Record::Invoked { write, at, agent, slot, effect });
    (write, at)
}

/// Makes a write; nobody waits for it once the run is given up.
pub async fn write(
    shared: &AgentsShared,
    stopped: &mut watch::Receiver<StopRequest>,
    planned: PlannedWrite,
    making: impl Future<Output = Result<WriteOutcome, RunError>>,
) -> WriteResult {
    let (write, invoked) = record_invoked(shared, planned);
    let made = tokio::select! {
        made = making => Some(made),
        () = given_up(stopped) => None,
    };
    let micros = |stamp: Timestamp| shared.run.clock.micros_of(stamp.monotonic);
    let now = shared.run.clock.now();
    let mut timing = CallTiming { intended: planned.intended, sent: invoked, answered: now };
    let (result, completion, error, at) = match made {
        Some(Ok(made)) => {
            (timing.sent, timing.answered) = (micros(made.sent), micros(made.replied));
            let (result, completion) = came_to(shared, planned.agent, &made);
            (result, completion, error_labels::of_write(&made), micros(made.answered))
        }
        Some(Err(error)) => {
            let (result, completion) = not_made(shared, planned, &error);
            (
                result,
                completion,
                Some(error_labels::of_error(shared.run.service.driver(), &error)),
                now,
            )
        }
        None => {
            let why = Some(UNANSWERED_AT_END.to_owned());
            (WriteResult::Indeterminate, Completion::Indeterminate, why, now)
        }
    };
    shared.run.history.record(Record::Returned { write, at, completion });
    shared.run.tally.call(planned.operation(), timing, error.as_deref().map_or(Ok(()), Err));
    result
}

fn came_to(
    shared: &AgentsShared,
    agent: AgentIndex,
    made: &WriteOutcome,
) -> (WriteResult, Completion) {
    let is_busy = matches!(made.status, Some(429 | 503));
    match &made.outcome {
        StepOutcome::Done(kept) => {
            (WriteResult::Done, Completion::Done(shared.versions(agent, kept)))
        }
        StepOutcome::Refused if is_busy => (WriteResult::Busy, Completion::Refused),
        StepOutcome::Refused => (WriteResult::Refused, Completion::Refused),
        StepOutcome::Gone => (WriteResult::Gone, Completion::LoggedOut),
        StepOutcome::Unknown(_) => (WriteResult::Indeterminate, Completion::Indeterminate),
    }
}

/// What is known of a write that could not be made: where nobody took a connection for the first of
/// its calls, nothing was sent.
fn not_made(
    shared: &AgentsShared,
    planned: PlannedWrite,
    error: &RunError,
) -> (WriteResult, Completion) {
    let file = shared.run.service.driver().file();
    let section = match planned.effect {
        Effect::Login => Some(Section::DeviceLogin),
        Effect::Logout => Some(Section::DeviceLogout),
        Effect::Status(chosen) => file.status_steps(chosen).map(|(section, _)| section),
        Effect::Connect => None,
    };
    let steps = section.and_then(|section| file.steps(section));
    let is_one_call = steps.is_some_and(|steps| steps.len() == 1);
    let completion = match error {
        RunError::Unreachable { .. } | RunError::CannotSend { .. } if is_one_call => {
            Completion::Refused
        }
        _ => Completion::Indeterminate,
    };
    (WriteResult::Indeterminate, completion)
}
