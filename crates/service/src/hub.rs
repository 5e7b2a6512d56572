//! Who is told what changes: the sockets of agents, and the event streams of visitors. Each has a
//! short queue of its own; who does not read it is let go, so that nobody waits for anybody.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc::{self, error::TrySendError};

use super::outbox::{CloseReason, ClosedSocket, OpenedSocket, Outbox, Outgoing, Outlet, SocketId};
use super::widgets::{RenderedWidget, WidgetCache};
use lamplighter_core::model::{AgentId, DeviceId, Visitor};

/// How often idle streams are written to, so that dead ones are found.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What the hub is asked to do.
#[derive(Debug)]
pub enum HubCommand {
    /// Everyone concerned is told.
    Deliver(Outbox),
    /// From now on a visitor watches a widget: the answer now, then each change.
    Watch(String, Visitor, Outlet),
    /// All sockets and streams are closed, and the hub ends.
    Stop,
}

/// A visitor's event stream.
struct Watcher {
    visitor: Visitor,
    /// What was sent last.
    last: Option<Arc<RenderedWidget>>,
    outlet: Outlet,
}

/// All sockets and streams.
pub struct Hub {
    widgets: Arc<WidgetCache>,
    sockets: HashMap<AgentId, Vec<(DeviceId, SocketId, Outlet)>>,
    watchers: HashMap<String, Vec<Watcher>>,
}

impl Hub {
    /// A hub to which nobody is connected yet.
    pub fn new(widgets: Arc<WidgetCache>) -> Self {
        Self { widgets, sockets: HashMap::new(), watchers: HashMap::new() }
    }

    /// Tells until it is told to stop.
    pub async fn run(mut self, mut orders: mpsc::Receiver<HubCommand>) {
        let mut keep_alive = tokio::time::interval(KEEP_ALIVE);
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(HubCommand::Deliver(outbox)) => self.deliver(outbox),
                    Some(HubCommand::Watch(widget, visitor, outlet)) => {
                        self.watch(widget, visitor, outlet);
                    }
                    Some(HubCommand::Stop) | None => break,
                },
                _ = keep_alive.tick() => self.keep_alive(),
            }
        }
        for (_, _, outlet) in self.sockets.into_values().flatten() {
            // Who does not read does not learn why.
            drop(outlet.try_send(Outgoing::Close(CloseReason::Stopping)));
        }
    }

    fn deliver(&mut self, outbox: Outbox) {
        for (widget, rendered) in outbox.widgets {
            match rendered {
                Some(rendered) => self.show(&widget, &rendered),
                // The streams of what is gone end.
                None => drop(self.watchers.remove(&widget)),
            }
        }
        // A socket that was opened is told everything first, then what comes behind.
        for (OpenedSocket { device, socket, outlet }, first) in outbox.opened {
            if first.into_iter().all(|text| send(&outlet, text)) {
                self.sockets.entry(device.agent()).or_default().push((device, socket, outlet));
            }
        }
        for (agents, text) in outbox.to_agents {
            for agent in agents {
                self.tell_sockets(agent, |_| true, &text);
            }
        }
        for (device, text) in outbox.to_devices {
            self.tell_sockets(device.agent(), |other| other == device, &text);
        }
        for ClosedSocket { device, socket, reason } in outbox.closed {
            if let Some(sockets) = self.sockets.get_mut(&device.agent()) {
                let closed = sockets.extract_if(.., |(_, other, _)| *other == socket);
                // A queue that is full ends without a reason.
                closed.for_each(|(_, _, outlet)| drop(outlet.try_send(Outgoing::Close(reason))));
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

    fn show(&mut self, widget: &str, rendered: &Arc<RenderedWidget>) {
        let Some(watchers) = self.watchers.get_mut(widget) else { return };
        watchers.retain_mut(|watcher| watcher.show(rendered));
        if watchers.is_empty() {
            self.watchers.remove(widget);
        }
    }

    fn watch(&mut self, widget: String, visitor: Visitor, outlet: Outlet) {
        let Some(rendered) = self.widgets.get(&widget) else { return };
        let mut watcher = Watcher { visitor, last: None, outlet };
        if watcher.show(&rendered) {
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
    fn show(&mut self, rendered: &Arc<RenderedWidget>) -> bool {
        let same = |last: &Arc<RenderedWidget>| last.renders_the_same(rendered, &self.visitor);
        if self.last.as_ref().is_some_and(same) {
            return !self.outlet.is_closed();
        }
        self.last = Some(Arc::clone(rendered));
        send(&self.outlet, rendered.event(&self.visitor))
    }
}

/// Puts a text into a queue; whether it has been taken.
fn send(outlet: &Outlet, text: Bytes) -> bool {
    match outlet.try_send(Outgoing::Text(text)) {
        Ok(()) => true,
        Err(TrySendError::Full(_) | TrySendError::Closed(_)) => false,
    }
}
