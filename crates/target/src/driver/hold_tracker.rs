//! How far what holds a device has come, and who hears of it.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};

use crate::timestamp::Timestamp;

/// Hears how a device is held.
pub trait HoldListener: Send + Sync + Debug {
    /// Something came of it. Whoever is slow here slows the device.
    fn on_event(&self, event: HoldEvent);
}

/// What comes of holding a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HoldEvent {
    /// What connects it is about to go out: a socket's handshake, or the first of its calls.
    Connecting(Timestamp),
    /// It is connected: the socket is open and its script has begun, a call was answered, or has been
    /// out for `hold_settles`.
    Connected(Timestamp),
    /// It is not connected by what was asked for, and why.
    NotConnected(Timestamp, ConnectFailure),
    /// It was connected, and the service has ended that, or does not answer any more.
    Lost(Timestamp),
    /// It was connected, and this side has ended that.
    Disconnected(Timestamp),
    /// It was connected, and an answer says that its session is over.
    SessionOver(Timestamp),
}

/// Why a device is not connected by what was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConnectFailure {
    /// Its session is over.
    Gone,
    /// The service refuses, with this HTTP status.
    Refused(u16),
    /// Nobody took a connection: nothing went out.
    Unreachable(String),
    /// The service opened the socket, and closed it before its script had begun.
    Closed(String),
    /// Nobody knows what the service did.
    Unknown(String),
    /// This side does not wait for it any more.
    GivenUp,
}

/// How far what holds a device has come, for whoever waits for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct HoldProgress {
    /// When the first call went out, or a socket was open and its script had begun.
    pub began: Option<Timestamp>,
    /// The status that the last call carried that went out, by its number, and when.
    pub sent: Option<(u64, Timestamp)>,
    /// The status that the last call carried that was answered.
    pub answered: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Disconnected,
    Connecting,
    Connected,
}

/// Follows how one device is kept connected, from the first call until it is disconnected.
pub struct HoldTracker {
    tell: watch::Sender<HoldProgress>,
    listener: Option<Arc<dyn HoldListener>>,
    phase: Mutex<Phase>,
    /// Is told when a call has gone out.
    pub wrote: Notify,
}

impl Drop for HoldTracker {
    fn drop(&mut self) {
        match self.change(Phase::Disconnected) {
            Phase::Disconnected => {}
            Phase::Connecting => {
                self.emit(HoldEvent::NotConnected(Timestamp::now(), ConnectFailure::GivenUp))
            }
            Phase::Connected => self.emit(HoldEvent::Disconnected(Timestamp::now())),
        }
    }
}

impl HoldTracker {
    /// Nothing went out yet.
    pub fn new(tell: watch::Sender<HoldProgress>, listener: Option<Arc<dyn HoldListener>>) -> Self {
        Self { tell, listener, phase: Mutex::new(Phase::Disconnected), wrote: Notify::new() }
    }

    /// Whether the device is connected by it.
    pub fn is_connected(&self) -> bool {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) == Phase::Connected
    }

    /// What connects the device is about to go out.
    pub fn connecting(&self) {
        if self.change_from(Phase::Disconnected, Phase::Connecting) {
            self.emit(HoldEvent::Connecting(Timestamp::now()));
        }
    }

    /// A call went out that carries a status.
    pub fn call_sent(&self, carried: u64, at: Timestamp) {
        self.tell.send_modify(|progress| {
            progress.began.get_or_insert(at);
            progress.sent = Some((carried, at));
        });
        self.wrote.notify_one();
    }

    /// The device is connected.
    pub fn connected(&self) {
        if self.change_from(Phase::Connecting, Phase::Connected) {
            self.emit(HoldEvent::Connected(Timestamp::now()));
        }
    }

    /// A call was answered that carried a status.
    pub fn answered(&self, carried: u64) {
        self.connected();
        self.tell.send_modify(|progress| progress.answered = Some(carried));
    }

    /// The device is connected no more, if it was; gives whether it was.
    pub fn failed(&self, why: ConnectFailure) -> bool {
        let at = Timestamp::now();
        let was = self.change(Phase::Disconnected);
        match (was, why) {
            (Phase::Disconnected, _) => {}
            (Phase::Connecting, why) => self.emit(HoldEvent::NotConnected(at, why)),
            (Phase::Connected, ConnectFailure::Gone) => self.emit(HoldEvent::SessionOver(at)),
            (Phase::Connected, _) => self.emit(HoldEvent::Lost(at)),
        }
        was == Phase::Connected
    }

    fn change(&self, to: Phase) -> Phase {
        std::mem::replace(&mut *self.phase.lock().unwrap_or_else(PoisonError::into_inner), to)
    }

    fn change_from(&self, from: Phase, to: Phase) -> bool {
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        let is_so = *phase == from;
        if is_so {
            *phase = to;
        }
        is_so
    }

    fn emit(&self, event: HoldEvent) {
        if let Some(listener) = &self.listener {
            listener.on_event(event);
        }
    }
}
