//! What holds devices, recorded for the judge: a device that comes in, or back, by what holds it is a
//! write of its own (rule P7), and one that the service lets go of is lost.
//!
//! A login has settled after `hold_settles` (rule T27 of target files). Who comes back may be too late,
//! and who was not answered before may not be again: then what was asked for may have happened or not,
//! until the service says something.

#[cfg(test)]
mod tests;

use std::sync::atomic::Ordering;
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

/// A device whose session is over, as what holds it was told, or that came back too late.
pub type SessionOver = mpsc::UnboundedSender<DeviceSlot>;

/// Records how one device is held.
#[derive(Debug)]
pub struct HoldRecorder {
    shared: Arc<AgentsShared>,
    agent: AgentIndex,
    slot: DeviceSlot,
    state: Mutex<HoldState>,
    over: SessionOver,
}

/// How far what holds a device has come.
#[derive(Debug, Default)]
struct HoldState {
    /// What was asked for and has not come to its end.
    asked: Option<HoldInvocation>,
    /// When what holds it now was asked for.
    held_since: Option<Micros>,
    /// When the plan has the device come back by what is asked for next.
    comes_back: Option<Micros>,
    /// Whether what was asked for before has failed, and nothing was answered since.
    has_failed: bool,
}

/// Something that connects the device, asked for.
#[derive(Clone, Copy, Debug)]
struct HoldInvocation {
    write: WriteId,
    sent: Micros,
    /// When the plan has it, where it comes back by it.
    comes_back: Option<Micros>,
    /// Whether it has happened once it has settled.
    is_sure: bool,
    /// When it had settled.
    settled: Option<Micros>,
}

impl HoldInvocation {
    /// Whether the history has it as done.
    fn is_done(&self) -> bool {
        self.is_sure && self.settled.is_some()
    }
}

impl HoldRecorder {
    /// Nothing holds the device yet. `over` is told when it was to come back and its session is over.
    pub fn new(
        shared: &Arc<AgentsShared>,
        agent: AgentIndex,
        slot: DeviceSlot,
        over: SessionOver,
    ) -> Arc<Self> {
        let (shared, state) = (Arc::clone(shared), Mutex::default());
        Arc::new(Self { shared, agent, slot, state, over })
    }

    /// What is asked for next is that the device comes back, which the plan has at this instant: that
    /// it is too late for that is no error then.
    pub fn comes_back(&self, intended: Micros) {
        self.state().comes_back = Some(intended);
    }

    /// The device is about to log in: what was before is void.
    pub fn begins_session(&self) {
        let mut state = self.state();
        (state.comes_back, state.has_failed) = (None, false);
    }

    /// Whether what was to hold the device has failed, and nothing was answered since.
    pub fn has_failed(&self) -> bool {
        self.state().has_failed
    }

    fn micros(&self, at: Timestamp) -> Micros {
        self.shared.run.clock.micros_of(at.monotonic)
    }

    fn state(&self) -> MutexGuard<'_, HoldState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asks(&self) {
        let (agent, slot) = (self.agent, self.slot);
        let mut state = self.state();
        let comes_back = state.comes_back.take();
        let intended = comes_back.unwrap_or_else(|| self.shared.run.clock.now());
        let planned = PlannedWrite { agent, slot, effect: Effect::Connect, intended };
        let (write, sent) = record_invoked(&self.shared, planned);
        let is_sure = comes_back.is_none() && !state.has_failed;
        state.asked = Some(HoldInvocation { write, sent, comes_back, is_sure, settled: None });
    }

    /// What was asked for has settled: nothing was heard of it yet.
    fn settled(&self, at: Timestamp) {
        self.shared.run.tally.sockets.fetch_add(1, Ordering::Relaxed);
        let at = self.micros(at);
        let mut state = self.state();
        let Some(asked) = &mut state.asked else { return };
        asked.settled = Some(at);
        let HoldInvocation { write, sent, is_sure, .. } = *asked;
        if is_sure {
            self.record(write, at, Completion::Done(Vec::new()));
            state.held_since = Some(sent);
        }
    }

    /// The service has shown that the device is connected.
    fn connected(&self, at: Timestamp) {
        let asked = self.returned(at, Completion::Done(Vec::new()), None);
        if asked.is_none_or(|asked| asked.settled.is_none()) {
            self.shared.run.tally.sockets.fetch_add(1, Ordering::Relaxed);
        }
        let mut state = self.state();
        state.has_failed = false;
        // When the other end lets go of it later, nobody here knows: that is known since then.
        state.held_since = asked.map(|asked| asked.sent);
    }

    fn record(&self, write: WriteId, at: Micros, completion: Completion) {
        self.shared.run.history.record(Record::Returned { write, at, completion });
    }

    /// What was asked for has come to its end, which is counted.
    fn returned(
        &self,
        at: Timestamp,
        completion: Completion,
        error: Option<&str>,
    ) -> Option<HoldInvocation> {
        let asked = self.state().asked.take()?;
        let at = self.micros(at);
        let HoldInvocation { write, sent, comes_back, settled, .. } = asked;
        if !asked.is_done() {
            self.record(write, at, completion);
        }
        // Who has settled was connected by then.
        let answered = settled.filter(|_| error.is_none()).unwrap_or(at);
        let timing = CallTiming { intended: comes_back.unwrap_or(sent), sent, answered };
        self.shared.run.tally.call(CONNECT, timing, error.map_or(Ok(()), Err));
        Some(asked)
    }

    fn not_connected(&self, at: Timestamp, why: &ConnectFailure) {
        let Some(asked) = self.state().asked else { return };
        if asked.settled.is_some() {
            self.shared.run.tally.sockets.fetch_sub(1, Ordering::Relaxed);
        }
        self.state().has_failed = *why != ConnectFailure::GivenUp;
        if asked.is_done() {
            self.held_no_more(at, why);
        } else {
            self.not_held(at, why, asked.comes_back.is_some());
        }
    }

    /// What has happened, as it had settled, was never answered right.
    fn held_no_more(&self, at: Timestamp, why: &ConnectFailure) {
        let error = match why {
            ConnectFailure::Gone => {
                // The call that was told so, as a write that was refused.
                self.state().asked = None;
                return self.session_over(at);
            }
            ConnectFailure::GivenUp => None,
            ConnectFailure::Refused(status) => Some(status.to_string()),
            ConnectFailure::Unreachable(why) => Some(error_labels::unreachable(why)),
            ConnectFailure::Closed(_) => Some("socket closed".to_owned()),
            ConnectFailure::Unknown(_) => Some("not connected".to_owned()),
        };
        let asked = self.returned(at, Completion::Done(Vec::new()), error.as_deref());
        if error.is_some() {
            self.lost(at, asked.map(|asked| asked.sent));
        }
    }

    /// What was asked for has not happened, or nobody knows whether.
    fn not_held(&self, at: Timestamp, why: &ConnectFailure, is_back: bool) {
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
            // device logs in anew. Until then it tries again, as late as before.
            ConnectFailure::Closed(_) if is_back => {
                let asked = self.given_up(at);
                self.state().comes_back = asked.and_then(|asked| asked.comes_back);
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

    /// Nobody waited for it any more, or it came too late: no call that failed, and one that was right
    /// where it had settled.
    fn given_up(&self, at: Timestamp) -> Option<HoldInvocation> {
        let asked = self.state().asked?;
        if asked.settled.is_some() {
            return self.returned(at, Completion::Indeterminate, None);
        }
        self.state().asked = None;
        self.record(asked.write, self.micros(at), Completion::Indeterminate);
        Some(asked)
    }

    /// Its session is over, as a call says that nothing was asked of but to hold it.
    fn session_over(&self, at: Timestamp) {
        self.asks();
        let told = at.max(Timestamp::now());
        self.returned(told, Completion::LoggedOut, Some("session over"));
        self.is_over(false);
    }

    /// Its session is over as the target ends them after a time, which is no fault (rule T45).
    fn expired(&self, at: Timestamp, since: Timestamp) {
        let asked = self.state().asked.take();
        if let Some(HoldInvocation { write, .. }) = asked.filter(|asked| !asked.is_done()) {
            self.record(write, self.micros(at), Completion::Refused);
        }
        if asked.is_none_or(|asked| asked.settled.is_some()) {
            self.shared.run.tally.sockets.fetch_sub(1, Ordering::Relaxed);
        }
        let (at, since) = (self.micros(at), self.micros(since));
        let (agent, slot) = (self.agent, self.slot);
        self.shared.run.history.record(Record::SessionExpired { at, since, agent, slot });
        self.is_over(true);
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
            HoldEvent::Settled(at) => self.settled(at),
            HoldEvent::Connected(at) => self.connected(at),
            HoldEvent::NotConnected(at, why) => self.not_connected(at, &why),
            HoldEvent::Lost(at) => {
                sockets.fetch_sub(1, Ordering::Relaxed);
                self.state().has_failed = true;
                let since = self.state().held_since;
                self.lost(at, since);
            }
            HoldEvent::Disconnected(_) => {
                sockets.fetch_sub(1, Ordering::Relaxed);
            }
            HoldEvent::SessionOver(at) => {
                sockets.fetch_sub(1, Ordering::Relaxed);
                self.session_over(at);
            }
            HoldEvent::Expired(at, since) => self.expired(at, since),
        }
    }

    fn logs_in(&self) -> bool {
        true
    }
}
