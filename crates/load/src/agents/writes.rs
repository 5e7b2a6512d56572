//! Writes of agents: each recorded just before it is sent, and once it has returned.

use super::requests::{HttpReply, Requests};
use super::shared::AgentsShared;
use super::sockets::CONNECTION_REFUSED;
use crate::clock::Micros;
use crate::history::{Completion, Effect, Record, WriteId};
use crate::plan::{AgentIndex, DeviceSlot};
use crate::product::{HttpCall, UnreadableAnswer};
use crate::tally::{CONNECT, CallTiming, LOGIN, LOGOUT, STATUS};
use lamplighter_core::model::Chosen;

/// A write that is to be made.
#[derive(Clone, Copy)]
pub struct PlannedWrite {
    /// The agent whose device sends it.
    pub agent: AgentIndex,
    /// The device that sends it, with its own token.
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
            Effect::Status(_) | Effect::StatusEverywhere(_) => STATUS,
            Effect::Logout | Effect::LogoutEverywhere => LOGOUT,
            Effect::Connect => CONNECT,
        }
    }
}

/// How a write ended, with what its answer gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WriteResult<T> {
    /// It was acknowledged.
    Done(T),
    /// It was refused, with this HTTP status.
    Refused(u16),
    /// Nobody knows what became of it.
    Indeterminate,
}

impl<T> WriteResult<T> {
    /// Whether the device must log in anew: its token is void, or nobody knows what became of the
    /// write.
    pub fn is_in_doubt(&self) -> bool {
        matches!(self, Self::Refused(401) | Self::Indeterminate)
    }
}

/// What an answer with an HTTP status that is no success says of a write: 4xx and 503 refuse it, any
/// other leaves open what became of it.
pub fn not_done<T>(status: u16) -> (WriteResult<T>, Completion) {
    match status {
        401 => (WriteResult::Refused(status), Completion::LoggedOut),
        400..500 | 503 => (WriteResult::Refused(status), Completion::Refused),
        _ => (WriteResult::Indeterminate, Completion::Indeterminate),
    }
}

/// What is known of a write that nobody answered: where no connection was taken, nothing was sent.
pub fn unanswered(why: &str) -> Completion {
    match why {
        CONNECTION_REFUSED => Completion::Refused,
        _ => Completion::Indeterminate,
    }
}

/// Records that a write is about to be sent.
pub fn record_invoked(shared: &AgentsShared, planned: PlannedWrite) -> (WriteId, Micros) {
    let PlannedWrite { agent, slot, effect, .. } = planned;
    let write = shared.next_write();
    let at = shared.run.clock.now();
    shared.run.history.record(Record::Invoked { write, at, agent, slot, effect });
    (write, at)
}

/// What a write's answer gives, and the versions at which the write took effect.
type Gives<T> = Result<(T, Vec<(String, u64)>), UnreadableAnswer>;

/// Makes a write.
pub async fn write<T, R: Requests>(
    shared: &AgentsShared,
    requests: &mut R,
    planned: PlannedWrite,
    call: &HttpCall,
    read: impl FnOnce(&[u8]) -> Gives<T>,
) -> WriteResult<T> {
    let (write, sent) = record_invoked(shared, planned);
    let reply = requests.request(planned.operation(), call).await;
    let at = shared.run.clock.now();
    let timing = CallTiming { intended: planned.intended, sent, answered: at };
    let (result, completion, error) = match reply {
        HttpReply::Answer { status: 200..300, body } => match read(&body) {
            Ok((gives, versions)) => {
                (WriteResult::Done(gives), Completion::Done(shared.known(versions)), None)
            }
            Err(_) => {
                requests.unreadable();
                let why = "unreadable answer".to_owned();
                (WriteResult::Indeterminate, Completion::Indeterminate, Some(why))
            }
        },
        HttpReply::Answer { status, .. } => {
            let (result, completion) = not_done(status);
            (result, completion, Some(status.to_string()))
        }
        HttpReply::Nothing(why) => {
            (WriteResult::Indeterminate, unanswered(why), Some(why.to_owned()))
        }
    };
    shared.run.history.record(Record::Returned { write, at, completion });
    shared.run.tally.call(planned.operation(), timing, error.as_deref().map_or(Ok(()), Err));
    result
}

/// Sets a status with this token.
pub async fn set_status<R: Requests>(
    shared: &AgentsShared,
    requests: &mut R,
    planned: PlannedWrite,
    (token, chosen): (&str, Chosen),
) -> WriteResult<()> {
    let everywhere = matches!(planned.effect, Effect::StatusEverywhere(_));
    let call = shared.run.product.status(token, chosen, everywhere);
    let read = |body: &[u8]| Ok(((), shared.run.product.read_versions(body)?));
    write(shared, requests, planned, &call, read).await
}
