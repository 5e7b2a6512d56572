//! What is to be delivered once a commit is on disk: made by the core, delivered by the hub, taken by
//! sockets and event streams.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::widgets::RenderedWidget;
use lamplighter_core::model::{AgentId, DeviceId};

/// How many deliveries may wait for a socket, or events for a stream.
pub const OUTLET_MAX: usize = 16;

/// An open socket; no two have the same number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SocketId(pub u64);

/// What is sent to a socket.
#[derive(Clone, Debug)]
pub enum Outgoing {
    /// The messages of one delivery, however many: who reads takes them all.
    Texts(Vec<Bytes>),
    /// The end, and why.
    Close(CloseReason),
}

/// The end of a socket's queue that is filled.
pub type Outlet = mpsc::Sender<Outgoing>;
/// The end of an event stream's queue that is filled; the stream ends when it is dropped.
pub type EventOutlet = mpsc::Sender<Bytes>;

/// Why the service closes a socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseReason {
    /// The service is stopping.
    Stopping,
    /// The device was logged out.
    LoggedOut,
    /// The device was logged in anew, with another token.
    LoggedInAfresh,
    /// The device has another socket now.
    Replaced,
    /// The device has another name now: its token is good on.
    Renamed,
    /// The other end does not read what it is sent.
    TooSlow,
}

impl CloseReason {
    /// The close code and the reason, as the socket's other end gets them.
    pub fn code_and_reason(self) -> (u16, &'static str) {
        match self {
            Self::Stopping => (1001, "the service is stopping"),
            Self::LoggedOut => (4001, "the device was logged out"),
            Self::LoggedInAfresh => (4001, "the device was logged in afresh"),
            Self::Replaced => (4002, "the device is connected by another socket"),
            Self::Renamed => (4002, "the device has another name: connect again"),
            Self::TooSlow => (4003, "the socket was read too slowly"),
        }
    }
}

/// A socket that was opened.
#[derive(Clone, Debug)]
pub struct OpenedSocket {
    /// The device that it connects (rule P7).
    pub device: DeviceId,
    /// The number of the socket, by which it is closed again.
    pub socket: SocketId,
    /// The queue that takes whatever its other end is told.
    pub outlet: Outlet,
}

/// A socket that is to be closed.
#[derive(Clone, Copy, Debug)]
pub struct ClosedSocket {
    /// The device that the socket connected.
    pub device: DeviceId,
    /// The number of the socket: by now the device may have another one.
    pub socket: SocketId,
    /// The reason that its other end is given with the close frame.
    pub reason: CloseReason,
}

/// Everything that a commit lets be known. Nothing of it is delivered before it is on disk.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Widgets whose answers may have changed, by their full names; `None` for those that are gone.
    pub widgets: Vec<(String, Option<Arc<RenderedWidget>>)>,
    /// Messages for all sockets of these agents.
    pub to_agents: Vec<(Vec<AgentId>, Bytes)>,
    /// Messages for the sockets of single devices.
    pub to_devices: Vec<(DeviceId, Bytes)>,
    /// Sockets that were opened, with what each is told first.
    pub opened: Vec<(OpenedSocket, Vec<Bytes>)>,
    /// Sockets that are to be closed, once they have been told what comes before.
    pub closed: Vec<ClosedSocket>,
}

impl Outbox {
    /// Whether there is nothing to deliver.
    pub fn is_empty(&self) -> bool {
        let Self { widgets, to_agents, to_devices, opened, closed } = self;
        widgets.is_empty()
            && to_agents.is_empty()
            && to_devices.is_empty()
            && opened.is_empty()
            && closed.is_empty()
    }
}
