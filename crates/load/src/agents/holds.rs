//! What holds devices, recorded for the judge: a device that comes in, or back, by what holds it is a
//! write of its own (rule P7), and one that the service lets go of is lost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::shared::AgentsShared;
use super::writes::{PlannedWrite, record_invoked};
use crate::clock::Micros;
use crate::error_labels;
use crate::history::{Completion, Effect, Record, WriteId};
use crate::plan::{AgentIndex, DeviceSlot};
use crate::tally::{CONNECT, CallTiming};
use lamplighter_target::driver::{ConnectFailure, HoldEvent, HoldListener, Timestamp};

/// Stands for no instant of the plan.
const UNPLANNED: u64 = u64::MAX;

/// A device that was to come back, and whose session is over, as what holds it was told.
pub type SessionOver = mpsc::UnboundedSender<DeviceSlot>;

/// Records how one device is held.
#[derive(Debug)]
pub struct HoldRecorder {
    shared: Arc<AgentsShared>,
    agent: AgentIndex,
    slot: DeviceSlot,
    /// What was asked for and has not come to its end.
    asked: Mutex<Option<HoldInvocation>>,
    /// When what holds it now was asked for.
    held_since: Mutex<Option<Micros>>,
    /// When the plan has the device come back, as bits.
    comes_back: AtomicU64,
    over: SessionOver,
}

/// Something that connects the device, asked for.
#[derive(Clone, Copy, Debug)]
struct HoldInvocation {
    write: WriteId,
    sent: Micros,
    /// When the plan has it, where it comes back by it.
    comes_back: Option<Micros>,
}

impl HoldRecorder {
    /// Nothing holds the device yet. `over` is told when it was to come back and its session is over.
    pub fn new(
        shared: &Arc<AgentsShared>,
        agent: AgentIndex,
        slot: DeviceSlot,
        over: SessionOver,
    ) -> Arc<Self> {
        Arc::new(Self {
            shared: Arc::clone(shared),
            agent,
            slot,
            asked: Mutex::default(),
            held_since: Mutex::default(),
            comes_back: AtomicU64::new(UNPLANNED),
            over,
        })
    }

    /// What is asked for next is that the device comes back, which the plan has at this instant: that
    /// it is too late for that is no error then.
    pub fn comes_back(&self, intended: Micros) {
        self.comes_back.store(intended.cast_unsigned(), Ordering::Relaxed);
    }

    fn micros(&self, at: Timestamp) -> Micros {
        self.shared.run.clock.micros_of(at.monotonic)
    }

    fn held_since(&self) -> MutexGuard<'_, Option<Micros>> {
        self.held_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked(&self) -> MutexGuard<'_, Option<HoldInvocation>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asks(&self) {
        let (agent, slot) = (self.agent, self.slot);
        let comes_back = match self.comes_back.swap(UNPLANNED, Ordering::Relaxed) {
            UNPLANNED => None,
            intended => Some(intended.cast_signed()),
        };
        let intended = comes_back.unwrap_or_else(|| self.shared.run.clock.now());
        let planned = PlannedWrite { agent, slot, effect: Effect::Connect, intended };
        let (write, sent) = record_invoked(&self.shared, planned);
        *self.asked() = Some(HoldInvocation { write, sent, comes_back });
    }

    /// What was asked for has come to its end.
    fn returned(
        &self,
        at: Timestamp,
        completion: Completion,
        error: Option<&str>,
    ) -> Option<HoldInvocation> {
        let asked = self.asked().take()?;
        let (at, HoldInvocation { write, sent, comes_back }) = (self.micros(at), asked);
        let run = &self.shared.run;
        run.history.record(Record::Returned { write, at, completion });
        let timing = CallTiming { intended: comes_back.unwrap_or(sent), sent, answered: at };
        run.tally.call(CONNECT, timing, error.map_or(Ok(()), Err));
        Some(asked)
    }

    fn not_held(&self, at: Timestamp, why: &ConnectFailure) {
        let is_back = self.asked().is_some_and(|asked| asked.comes_back.is_some());
        let asked = match why {
            ConnectFailure::Gone => {
                // Who comes back may be too late (rule P7).
                let error = (!is_back).then_some("session over");
                self.returned(at, Completion::LoggedOut, error);
                self.is_over(is_back);
                return;
            }
            ConnectFailure::Refused(status) => {
                self.returned(at, Completion::Refused, Some(&status.to_string()))
            }
            ConnectFailure::Unreachable(why) => {
                self.returned(at, Completion::Refused, Some(&error_labels::unreachable(why)))
            }
            // A socket that is closed is all that many services say to who comes back too late: then the
            // device logs in anew.
            ConnectFailure::Closed(_) if is_back => {
                self.given_up(at);
                self.is_over(true);
                return;
            }
            ConnectFailure::Closed(_) => {
                self.returned(at, Completion::Indeterminate, Some("socket closed"));
                return;
            }
            ConnectFailure::Unknown(_) => {
                self.returned(at, Completion::Indeterminate, Some("not connected"));
                return;
            }
            ConnectFailure::GivenUp => {
                self.given_up(at);
                return;
            }
        };
        // Nothing holds it, and the service may take it for lost.
        self.lost(at, asked.map(|asked| asked.sent));
    }

    /// Nobody waited for it any more, or it came too late: no call that failed.
    fn given_up(&self, at: Timestamp) {
        let asked = self.asked().take();
        if let Some(HoldInvocation { write, .. }) = asked {
            let (at, completion) = (self.micros(at), Completion::Indeterminate);
            self.shared.run.history.record(Record::Returned { write, at, completion });
        }
    }

    /// The connection is lost, at the earliest at a moment.
    fn lost(&self, at: Timestamp, since: Option<Micros>) {
        let (at, agent, slot) = (self.micros(at), self.agent, self.slot);
        let since = since.unwrap_or(at);
        self.shared.run.history.record(Record::ConnectionLost { at, since, agent, slot });
    }

    /// Its session is over. Whoever was to come back logs in anew, and so does every device where the
    /// target ends sessions after a time (rule T45 of target files); else it has lost its session, and
    /// stays out until the plan logs it in (rule T4).
    fn is_over(&self, is_back: bool) {
        if is_back || self.shared.ends_sessions() {
            // Should the agent's day be over, nobody need know.
            let _ = self.over.send(self.slot);
        }
    }
}

impl HoldListener for HoldRecorder {
    fn on_event(&self, event: HoldEvent) {
        let sockets = &self.shared.run.tally.sockets;
        match event {
            HoldEvent::Connecting(_) => self.asks(),
            HoldEvent::Connected(at) => {
                sockets.fetch_add(1, Ordering::Relaxed);
                let asked = self.returned(at, Completion::Done(Vec::new()), None);
                // When the other end lets go of it later, nobody here knows: that is known since then.
                *self.held_since() = asked.map(|asked| asked.sent);
            }
            HoldEvent::NotConnected(at, why) => self.not_held(at, &why),
            HoldEvent::Lost(at) => {
                sockets.fetch_sub(1, Ordering::Relaxed);
                let since = *self.held_since();
                self.lost(at, since);
            }
            HoldEvent::Disconnected(_) => {
                sockets.fetch_sub(1, Ordering::Relaxed);
            }
            HoldEvent::SessionOver(at) => {
                sockets.fetch_sub(1, Ordering::Relaxed);
                // The call that was told so, as a write that was refused.
                self.asks();
                self.returned(
                    at.max(Timestamp::now()),
                    Completion::LoggedOut,
                    Some("session over"),
                );
                self.is_over(false);
            }
        }
    }
}
