//! Who is told what changes: the sockets of agents, and the event streams of visitors. Each has a
//! short queue of its own; who does not read it is let go, so that nobody waits for anybody.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::mpsc::{self, error::TrySendError};

use super::board::{Board, Face};
use super::core::{SocketId, Told};
use lamplighter_core::model::{AgentId, DeviceId, Visitor};

/// How many texts may wait for a socket or a stream.
pub const OUTLET_MAX: usize = 16;
/// How often idle streams are written to, so that dead ones are found.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What is sent to a socket or a stream.
#[derive(Clone, Debug)]
pub enum Out {
    /// A message on a socket, an event on a stream.
    Text(Bytes),
    /// The end, and why.
    Close(Closing),
}

/// One end of a socket's or a stream's queue.
pub type Outlet = mpsc::Sender<Out>;

/// Why the service closes a socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closing {
    /// It is stopping.
    Stopping,
    /// The device was logged out.
    LoggedOut,
    /// The device was logged in anew, with another token.
    LoggedInAfresh,
    /// The device has another socket now.
    Replaced,
}

impl Closing {
    /// The close code and the reason, as the socket's other end gets them.
    pub fn code_and_reason(self) -> (u16, &'static str) {
        match self {
            Self::Stopping => (1001, "the service is stopping"),
            Self::LoggedOut => (4001, "the device was logged out"),
            Self::LoggedInAfresh => (4001, "the device was logged in afresh"),
            Self::Replaced => (4002, "the device is connected by another socket"),
        }
    }
}

/// The code with which a socket is closed that does not keep up.
pub const TOO_SLOW: (u16, &str) = (4003, "the socket was read too slowly");

/// What the hub is asked to do.
#[derive(Debug)]
pub enum HubOrder {
    /// Tells everyone concerned.
    Tell(Told),
    /// From now on a visitor watches a widget: the answer now, then each change.
    Watch(String, Visitor, Outlet),
    /// Everything is closed.
    Stop,
}

/// A visitor's event stream.
struct Watcher {
    visitor: Visitor,
    /// What was sent last.
    last: Option<Arc<Face>>,
    outlet: Outlet,
}

/// All sockets and streams.
pub struct Hub {
    board: Arc<Board>,
    sockets: HashMap<AgentId, Vec<(DeviceId, SocketId, Outlet)>>,
    watchers: HashMap<String, Vec<Watcher>>,
}

impl Hub {
    /// Nobody is connected.
    pub fn new(board: Arc<Board>) -> Self {
        Self { board, sockets: HashMap::new(), watchers: HashMap::new() }
    }

    /// Tells until it is told to stop.
    pub async fn run(mut self, mut orders: mpsc::Receiver<HubOrder>) {
        let mut keep_alive = tokio::time::interval(KEEP_ALIVE);
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(HubOrder::Tell(told)) => self.tell(told),
                    Some(HubOrder::Watch(widget, visitor, outlet)) => {
                        self.watch(widget, visitor, outlet);
                    }
                    Some(HubOrder::Stop) | None => break,
                },
                _ = keep_alive.tick() => self.keep_alive(),
            }
        }
        for (_, _, outlet) in self.sockets.into_values().flatten() {
            // Who does not read does not learn why.
            drop(outlet.try_send(Out::Close(Closing::Stopping)));
        }
    }

    fn tell(&mut self, told: Told) {
        for (widget, face) in told.faces {
            match face {
                Some(face) => self.show(&widget, &face),
                // The streams of what is gone end.
                None => drop(self.watchers.remove(&widget)),
            }
        }
        // A socket that was opened is told everything first, then what comes behind.
        for (device, socket, outlet, first) in told.opened {
            if first.into_iter().all(|text| send(&outlet, text)) {
                self.sockets.entry(device.agent()).or_default().push((device, socket, outlet));
            }
        }
        for (agents, text) in told.to_agents {
            for agent in agents {
                self.tell_sockets(agent, |_| true, &text);
            }
        }
        for (device, text) in told.to_devices {
            self.tell_sockets(device.agent(), |other| other == device, &text);
        }
        for (device, socket, closing) in told.closed {
            if let Some(sockets) = self.sockets.get_mut(&device.agent()) {
                let closed = sockets.extract_if(.., |(_, other, _)| *other == socket);
                // A queue that is full ends without a reason.
                closed.for_each(|(_, _, outlet)| drop(outlet.try_send(Out::Close(closing))));
            }
        }
    }

    fn tell_sockets(&mut self, agent: AgentId, of: impl Fn(DeviceId) -> bool, text: &Bytes) {
        if let Some(sockets) = self.sockets.get_mut(&agent) {
            sockets.retain(|(device, _, outlet)| !of(*device) || send(outlet, text.clone()));
            if sockets.is_empty() {
                self.sockets.remove(&agent);
            }
        }
    }

    fn show(&mut self, widget: &str, face: &Arc<Face>) {
        let Some(watchers) = self.watchers.get_mut(widget) else { return };
        watchers.retain_mut(|watcher| watcher.show(face));
        if watchers.is_empty() {
            self.watchers.remove(widget);
        }
    }

    fn watch(&mut self, widget: String, visitor: Visitor, outlet: Outlet) {
        let Some(face) = self.board.face(&widget) else { return };
        let mut watcher = Watcher { visitor, last: None, outlet };
        if watcher.show(&face) {
            self.watchers.entry(widget).or_default().push(watcher);
        }
    }

    fn keep_alive(&mut self) {
        let comment = Bytes::from_static(b":\n\n");
        self.watchers.retain(|_, watchers| {
            watchers.retain(|watcher| send(&watcher.outlet, comment.clone()));
            !watchers.is_empty()
        });
        self.sockets.retain(|_, sockets| {
            sockets.retain(|(_, _, outlet)| !outlet.is_closed());
            !sockets.is_empty()
        });
    }
}

impl Watcher {
    /// Sends what the visitor would notice; whether the stream is still read.
    fn show(&mut self, face: &Arc<Face>) -> bool {
        let same = |last: &Arc<Face>| last.looks_the_same(face, &self.visitor);
        if self.last.as_ref().is_some_and(same) {
            return !self.outlet.is_closed();
        }
        self.last = Some(Arc::clone(face));
        send(&self.outlet, face.event(&self.visitor))
    }
}

/// Puts a text into a queue; whether it has been taken.
fn send(outlet: &Outlet, text: Bytes) -> bool {
    match outlet.try_send(Out::Text(text)) {
        Ok(()) => true,
        Err(TrySendError::Full(_) | TrySendError::Closed(_)) => false,
    }
}
