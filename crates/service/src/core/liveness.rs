//! Which devices are connected: by an open socket, or, without one, by calling now and then. Who is
//! silent for longer than the limit has lost the connection (rule P7). What has happened to them since the last
//! commit can be undone, should the next one fail.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use crate::outbox::SocketId;
use lamplighter_core::model::{AgentId, DeviceId, Instant, Millis};

/// Which devices are connected, and when the others were last heard of.
#[derive(Clone, Debug)]
pub struct Liveness {
    /// How long a device without a socket may be silent (rule P7).
    limit: Millis,
    sockets: HashMap<DeviceId, SocketId>,
    /// How many of its devices have sockets, for each agent that has one.
    listening: HashMap<AgentId, usize>,
    /// The last call of each device without a socket.
    last: HashMap<DeviceId, Instant>,
    /// When to look at a device again; one entry each, which moves on when it falls due.
    due: BinaryHeap<Reverse<(Instant, DeviceId)>>,
    queued: HashSet<DeviceId>,
    /// Devices whose connection was lost by silence: a call is enough to be back.
    silent: HashSet<DeviceId>,
    /// What was known of devices before what is not kept yet, in its order.
    before: Vec<(DeviceId, Known)>,
}

/// What is known of a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Known {
    socket: Option<SocketId>,
    last: Option<Instant>,
    is_silent: bool,
}

impl Liveness {
    /// Nobody is there; silence may last for so long.
    pub fn new(limit: Millis) -> Self {
        Self {
            limit,
            sockets: HashMap::new(),
            listening: HashMap::new(),
            last: HashMap::new(),
            due: BinaryHeap::new(),
            queued: HashSet::new(),
            silent: HashSet::new(),
            before: Vec::new(),
        }
    }

    fn known(&self, device: DeviceId) -> Known {
        Known {
            socket: self.sockets.get(&device).copied(),
            last: self.last.get(&device).copied(),
            is_silent: self.silent.contains(&device),
        }
    }

    fn note(&mut self, device: DeviceId) {
        self.before.push((device, self.known(device)));
    }

    /// What has happened since the last time is on disk.
    pub fn keep(&mut self) {
        self.before.clear();
    }

    /// What has happened since what was kept last has not.
    pub fn undo(&mut self) {
        for (device, Known { socket, last, is_silent }) in
            std::mem::take(&mut self.before).into_iter().rev()
        {
            self.remove_socket(device);
            if let Some(socket) = socket {
                self.put_socket(device, socket);
            }
            match last {
                Some(last) => self.wait(device, last),
                None => drop(self.last.remove(&device)),
            }
            match is_silent {
                true => self.silent.insert(device),
                false => self.silent.remove(&device),
            };
        }
    }

    /// A device was connected when this began, and last heard of then, unless more is known of it.
    pub fn begin(&mut self, device: DeviceId, heard_of: Instant) {
        let unknown = Known { socket: None, last: None, is_silent: false };
        if self.known(device) == unknown {
            self.wait(device, heard_of);
        }
    }

    /// A device had lost its connection when this began, and no socket that it could come back with.
    pub fn begin_silent(&mut self, device: DeviceId) {
        self.silent.insert(device);
    }

    /// A call of a device; whether it had lost its connection by silence.
    pub fn call(&mut self, device: DeviceId, now: Instant) -> bool {
        self.note(device);
        if !self.sockets.contains_key(&device) {
            self.wait(device, now);
        }
        self.silent.remove(&device)
    }

    fn wait(&mut self, device: DeviceId, now: Instant) {
        self.last.insert(device, now);
        if !self.queued.contains(&device)
            && let Some(due) = now.checked_add(self.limit)
        {
            self.queued.insert(device);
            self.due.push(Reverse((due, device)));
        }
    }

    /// A silent device had lost its connection already: for it a call is not enough.
    pub fn needs_a_socket(&mut self, device: DeviceId) {
        self.note(device);
        self.silent.remove(&device);
    }

    /// Whether a device has a socket open.
    pub fn has_socket(&self, device: DeviceId) -> bool {
        self.sockets.contains_key(&device)
    }

    /// The devices that have sockets open, in no order.
    pub fn connected(&self) -> impl Iterator<Item = DeviceId> {
        self.sockets.keys().copied()
    }

    /// Whether any device of an agent has a socket open.
    pub fn listens(&self, agent: AgentId) -> bool {
        self.listening.contains_key(&agent)
    }

    /// A socket of a device is open; gives the one before it, if there is one.
    pub fn attach(&mut self, device: DeviceId, socket: SocketId) -> Option<SocketId> {
        self.note(device);
        self.last.remove(&device);
        self.silent.remove(&device);
        self.put_socket(device, socket)
    }

    fn put_socket(&mut self, device: DeviceId, socket: SocketId) -> Option<SocketId> {
        let before = self.sockets.insert(device, socket);
        if before.is_none() {
            *self.listening.entry(device.agent()).or_default() += 1;
        }
        before
    }

    fn remove_socket(&mut self, device: DeviceId) -> Option<SocketId> {
        let socket = self.sockets.remove(&device)?;
        if let Some(count) = self.listening.get_mut(&device.agent()) {
            *count -= 1;
            if *count == 0 {
                self.listening.remove(&device.agent());
            }
        }
        Some(socket)
    }

    /// A socket is closed; whether it was the device's own until now.
    pub fn detach(&mut self, device: DeviceId, socket: SocketId) -> bool {
        let own = self.sockets.get(&device) == Some(&socket);
        if own {
            self.note(device);
            self.remove_socket(device);
        }
        own
    }

    /// A device was logged out.
    pub fn forget(&mut self, device: DeviceId) -> Option<SocketId> {
        self.note(device);
        self.last.remove(&device);
        self.silent.remove(&device);
        self.remove_socket(device)
    }

    /// When a device may next have been silent for too long.
    pub fn next(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse((at, _))| *at)
    }

    /// A device that has been silent for too long at an instant; each once.
    pub fn pop(&mut self, at: Instant) -> Option<DeviceId> {
        while let Some(&Reverse((due, device))) = self.due.peek()
            && due <= at
        {
            self.due.pop();
            self.queued.remove(&device);
            // Has it a socket by now, or is it logged out, there is nothing to wait for.
            let Some(&last) = self.last.get(&device) else { continue };
            match last.checked_add(self.limit) {
                Some(due) if due > at => {
                    self.queued.insert(device);
                    self.due.push(Reverse((due, device)));
                }
                _ => {
                    self.note(device);
                    self.last.remove(&device);
                    self.silent.insert(device);
                    return Some(device);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Instant {
        Instant::from_millis(ms).expect("in range")
    }

    #[test]
    fn who_calls_lives_and_who_is_silent_for_the_limit_is_lost_once() {
        let mut liveness = Liveness::new(Millis(100));
        let ann = DeviceId::new(AgentId::new(0), 0);
        assert!(!liveness.call(ann, at(0)));
        assert!(!liveness.call(ann, at(60)));
        assert_eq!(liveness.next(), Some(at(100)));
        assert_eq!(liveness.pop(at(100)), None);
        assert_eq!(liveness.next(), Some(at(160)));
        assert_eq!(liveness.pop(at(159)), None);
        assert_eq!(liveness.pop(at(160)), Some(ann));
        assert_eq!(liveness.pop(at(10_000)), None);
        assert!(liveness.call(ann, at(10_000)), "back from silence");
        assert!(!liveness.call(ann, at(10_001)));
    }

    #[test]
    fn an_open_socket_needs_no_calls_and_the_old_one_of_two_ends_nothing() {
        let mut liveness = Liveness::new(Millis(100));
        let ann = DeviceId::new(AgentId::new(0), 0);
        liveness.call(ann, at(0));
        assert_eq!(liveness.attach(ann, SocketId(1)), None);
        assert_eq!(liveness.pop(at(10_000)), None);
        assert_eq!(liveness.attach(ann, SocketId(2)), Some(SocketId(1)));
        assert!(!liveness.detach(ann, SocketId(1)));
        assert!(liveness.listens(ann.agent()));
        assert!(liveness.detach(ann, SocketId(2)));
        assert!(!liveness.listens(ann.agent()));
        assert_eq!(liveness.attach(ann, SocketId(3)), None);
        assert!(liveness.listens(ann.agent()));
        assert_eq!(liveness.forget(ann), Some(SocketId(3)));
        assert!(!liveness.listens(ann.agent()));
    }
}
