//! How far what holds a device has come, and who hears of it.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};

use crate::timestamp::Timestamp;

/// Hears how a device is held.
pub trait HoldListener: Send + Sync + Debug {
    /// Something came of it. Whoever is slow here slows the device.
    fn on_event(&self, event: HoldEvent);

    /// Whether it logs a device in again by itself whose session the product has ended for its age (rule T45).
    fn logs_in(&self) -> bool;
}

/// What comes of holding a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HoldEvent {
    /// What connects it is about to go out: a socket's handshake, or the first of its calls.
    Connecting(Timestamp),
    /// It has settled (rule T27), and the service has said nothing of it yet: a call has been out for
    /// `hold_settles`, or a socket's script has begun that awaits nothing in the end. What is heard
    /// first can still be that its session is over.
    Settled(Timestamp),
    /// It is connected, as the service has shown: a call was answered, or something came on the socket,
    /// or that is still open when an answer would have come.
    Connected(Timestamp),
    /// It is not connected by what was asked for, though that may have settled, and why.
    NotConnected(Timestamp, ConnectFailure),
    /// It was connected, and the service has ended that, or does not answer any more.
    Lost(Timestamp),
    /// It was connected, and this side has ended that.
    Disconnected(Timestamp),
    /// It was connected, and an answer says that its session is over.
    SessionOver(Timestamp),
    /// An answer says that its session is over, as the product ends them after a time (rule T45): at
    /// some moment since the second one.
    Expired(Timestamp, Timestamp),
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
    /// The service opened the socket, and closed it before anything else was heard.
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
    Settled,
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
            Phase::Connecting | Phase::Settled => {
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

    /// Whether what connects the device is on its way, and has not settled.
    pub fn is_connecting(&self) -> bool {
        self.phase() == Phase::Connecting
    }

    /// Whether that has settled, and nothing was heard of it yet.
    pub fn is_settled(&self) -> bool {
        self.phase() == Phase::Settled
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

    /// What connects the device has been out for as long as that takes.
    pub fn settled(&self) {
        if self.change_from(Phase::Connecting, Phase::Settled) {
            self.emit(HoldEvent::Settled(Timestamp::now()));
        }
    }

    /// The device is connected, as the service has shown.
    pub fn connected(&self) {
        let is_news = self.change_from(Phase::Connecting, Phase::Connected)
            || self.change_from(Phase::Settled, Phase::Connected);
        if is_news {
            self.emit(HoldEvent::Connected(Timestamp::now()));
        }
    }

    /// A call was answered that carried a status.
    pub fn answered(&self, carried: u64) {
        self.connected();
        self.tell.send_modify(|progress| progress.answered = Some(carried));
    }

    /// Its session is over, as the product ends them after a time: at some moment since this one.
    pub fn expired(&self, since: Timestamp) {
        if self.change(Phase::Disconnected) != Phase::Disconnected {
            self.emit(HoldEvent::Expired(Timestamp::now(), since));
        }
    }

    /// The device is connected no more, if it was; gives whether it was.
    pub fn failed(&self, why: ConnectFailure) -> bool {
        let at = Timestamp::now();
        let was = self.change(Phase::Disconnected);
        match (was, why) {
            (Phase::Disconnected, _) => {}
            (Phase::Connecting | Phase::Settled, why) => {
                self.emit(HoldEvent::NotConnected(at, why))
            }
            (Phase::Connected, ConnectFailure::Gone) => self.emit(HoldEvent::SessionOver(at)),
            (Phase::Connected, _) => self.emit(HoldEvent::Lost(at)),
        }
        was == Phase::Connected
    }

    fn phase(&self) -> Phase {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner)
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
