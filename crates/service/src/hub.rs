//! Who is told what changes: the sockets of agents, and the event streams of visitors. Each has a
//! short queue of its own; who does not read it is let go, so that nobody waits for anybody.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc::{self, error::TrySendError};

use super::outbox::{
    CloseReason, ClosedSocket, EventOutlet, OpenedSocket, Outbox, Outgoing, Outlet, SocketId,
};
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
    Watch(String, Visitor, EventOutlet),
    /// All sockets and streams are closed, and the hub ends.
    Stop,
}

/// A visitor's event stream.
struct Watcher {
    visitor: Visitor,
    /// What was sent last.
    last: Option<Arc<RenderedWidget>>,
    outlet: EventOutlet,
}

/// The socket of an agent's device.
struct Listener {
    device: DeviceId,
    socket: SocketId,
    outlet: Outlet,
    /// What it is told by the delivery that is under way.
    texts: Vec<Bytes>,
}

/// All sockets and streams.
pub struct Hub {
    widgets: Arc<WidgetCache>,
    listeners: HashMap<AgentId, Vec<Listener>>,
    watchers: HashMap<String, Vec<Watcher>>,
}

impl Hub {
    /// A hub to which nobody is connected yet.
    pub fn new(widgets: Arc<WidgetCache>) -> Self {
        Self { widgets, listeners: HashMap::new(), watchers: HashMap::new() }
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
        for listener in self.listeners.into_values().flatten() {
            // Who does not read does not learn why.
            drop(listener.outlet.try_send(Outgoing::Close(CloseReason::Stopping)));
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
        let mut told = BTreeSet::new();
        // A socket that was opened is told everything first, then what comes behind.
        for (OpenedSocket { device, socket, outlet }, texts) in outbox.opened {
            told.insert(device.agent());
            let listener = Listener { device, socket, outlet, texts };
            self.listeners.entry(device.agent()).or_default().push(listener);
        }
        let to_agents = outbox.to_agents.iter();
        let to_agents =
            to_agents.flat_map(|(agents, text)| agents.iter().map(move |id| (*id, text)));
        for (agent, text) in to_agents {
            told.insert(agent);
            self.listeners_of(agent).for_each(|listener| listener.texts.push(text.clone()));
        }
        for (device, text) in outbox.to_devices {
            told.insert(device.agent());
            let own = self.listeners_of(device.agent()).filter(|other| other.device == device);
            own.for_each(|listener| listener.texts.push(text.clone()));
        }
        for agent in told {
            self.tell(agent);
        }
        for ClosedSocket { device, socket, reason } in outbox.closed {
            if let Some(listeners) = self.listeners.get_mut(&device.agent()) {
                let closed = listeners.extract_if(.., |other| other.socket == socket);
                // A queue that is full ends without a reason.
                closed.for_each(|closed| drop(closed.outlet.try_send(Outgoing::Close(reason))));
            }
        }
    }

    fn listeners_of(&mut self, agent: AgentId) -> impl Iterator<Item = &mut Listener> {
        self.listeners.get_mut(&agent).into_iter().flatten()
    }

    /// Tells the sockets of an agent at once what a delivery has for each: who does not read is found by how many
    /// deliveries wait, and not by how long one is.
    fn tell(&mut self, agent: AgentId) {
        if let Some(listeners) = self.listeners.get_mut(&agent) {
            listeners.retain_mut(Listener::tell);
            if listeners.is_empty() {
                self.listeners.remove(&agent);
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

    fn watch(&mut self, widget: String, visitor: Visitor, outlet: EventOutlet) {
        let Some(rendered) = self.widgets.get(&widget) else { return };
        let mut watcher = Watcher { visitor, last: None, outlet };
        if watcher.show(&rendered) {
            self.watchers.entry(widget).or_default().push(watcher);
        }
    }

    fn keep_alive(&mut self) {
        let comment = Bytes::from_static(b":\n\n");
        self.watchers.retain(|_, watchers| {
            watchers.retain(|watcher| put(&watcher.outlet, comment.clone()));
            !watchers.is_empty()
        });
        self.listeners.retain(|_, listeners| {
            listeners.retain(|listener| !listener.outlet.is_closed());
            !listeners.is_empty()
        });
    }
}

impl Listener {
    /// Puts what it is told into its queue; whether it is still read.
    fn tell(&mut self) -> bool {
        self.texts.is_empty() || put(&self.outlet, Outgoing::Texts(std::mem::take(&mut self.texts)))
    }
}

impl Watcher {
    /// Sends what the visitor would notice; whether the stream is still read.
    fn show(&mut self, rendered: &Arc<RenderedWidget>) -> bool {
        // A stream begins with what holds, of which older changes may still be on their way.
        let is_old = |last: &Arc<RenderedWidget>| rendered.version() < last.version();
        if self.last.as_ref().is_some_and(is_old) {
            return !self.outlet.is_closed();
        }
        let same = |last: &Arc<RenderedWidget>| last.renders_the_same(rendered, &self.visitor);
        if self.last.as_ref().is_some_and(same) {
            return !self.outlet.is_closed();
        }
        self.last = Some(Arc::clone(rendered));
        put(&self.outlet, rendered.event(&self.visitor))
    }
}

/// Puts something into a queue; whether it has been taken.
fn put<T>(outlet: &mpsc::Sender<T>, what: T) -> bool {
    match outlet.try_send(what) {
        Ok(()) => true,
        Err(TrySendError::Full(_) | TrySendError::Closed(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::OUTLET_MAX;
    use crate::widgets::VisibilityPolicy;
    use lamplighter_core::model::{Form, Settings, WidgetStatus};
    use lamplighter_target::wire::WidgetAnswer;

    fn rendered(status: WidgetStatus, version: u64) -> Arc<RenderedWidget> {
        let answer = WidgetAnswer {
            widget: "acme".into(),
            status,
            chat: true,
            shown: true,
            hidden_because: None,
            greeting: "".into(),
            form: Form::None,
            next_change: None,
            version,
        };
        let policy = Arc::new(VisibilityPolicy::new(&Settings::default()));
        Arc::new(RenderedWidget::new(answer, policy))
    }

    #[test]
    fn a_delivery_of_many_texts_is_no_sign_that_nobody_reads() {
        let mut hub = Hub::new(Arc::default());
        let device = DeviceId::new(AgentId::new(0), 0);
        let (outlet, mut pieces) = mpsc::channel(OUTLET_MAX);
        let texts = |from: usize| (from..from + 40).map(|number| Bytes::from(number.to_string()));
        let opened = OpenedSocket { device, socket: SocketId(1), outlet };
        let to_agents = texts(40).map(|text| (vec![device.agent()], text)).collect();
        let first = (opened, texts(0).collect());
        hub.deliver(Outbox { opened: vec![first], to_agents, ..Outbox::default() });
        let Ok(Outgoing::Texts(told)) = pieces.try_recv() else { panic!("nothing is told") };
        assert_eq!(told, (0..80).map(|number| Bytes::from(number.to_string())).collect::<Vec<_>>());
        // Who reads none of as many deliveries as may wait is let go.
        let mut more = || {
            let text = (device, Bytes::from_static(b"more"));
            hub.deliver(Outbox { to_devices: vec![text], ..Outbox::default() });
            hub.listeners.len()
        };
        let kept: Vec<usize> = (0..=OUTLET_MAX).map(|_| more()).collect();
        assert_eq!((kept[OUTLET_MAX - 1], kept[OUTLET_MAX]), (1, 0));
    }

    #[test]
    fn a_stream_is_not_told_what_was_so_before_it_began() {
        let widgets = Arc::new(WidgetCache::default());
        widgets.put_all(vec![("acme".to_owned(), Some(rendered(WidgetStatus::Away, 3)))]);
        let mut hub = Hub::new(widgets);
        let (outlet, mut pieces) = mpsc::channel(OUTLET_MAX);
        hub.watch("acme".to_owned(), Visitor::default(), outlet);
        for (status, version) in [(WidgetStatus::Online, 2), (WidgetStatus::Offline, 4)] {
            let widgets = vec![("acme".to_owned(), Some(rendered(status, version)))];
            hub.deliver(Outbox { widgets, ..Outbox::default() });
        }
        let mut told = Vec::new();
        while let Ok(text) = pieces.try_recv() {
            let text = String::from_utf8(text.to_vec()).expect("text");
            told.push(
                ["online", "away", "offline"].map(|word| text.contains(&format!("\"{word}\""))),
            );
        }
        assert_eq!(told, [[false, true, false], [false, false, true]]);
    }
}
