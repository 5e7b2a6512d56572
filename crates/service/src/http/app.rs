//! What every call can reach.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::{Semaphore, mpsc};

use crate::accounts::{LoginThrottle, MessageThrottle, Passwords};
use crate::config::Limits;
use crate::core::{CoreHandle, Shared};
use crate::hub::HubCommand;
use crate::outbox::SocketId;
use crate::store::Reader;

/// What every call can reach.
pub struct App {
    /// Where writes, and reads of what is internal, are handed in.
    pub core: CoreHandle,
    /// What is read without asking the core.
    pub shared: Shared,
    /// Who is told what changes; here visitors begin to watch.
    pub hub: mpsc::Sender<HubCommand>,
    /// Reads of what is kept.
    pub reader: Box<dyn Reader>,
    /// How passwords are checked.
    pub passwords: Passwords,
    /// Who has to wait after failed logins.
    pub logins: LoginThrottle,
    /// Who has to wait after many messages.
    pub messages: MessageThrottle,
    /// The hash of the admin key.
    pub admin_key: [u8; 32],
    /// How much of everything there may be.
    pub limits: Limits,
    /// One for each event stream that may be open.
    pub streams: Arc<Semaphore>,
    /// One for each socket of an agent that may be open.
    pub sockets: Arc<Semaphore>,
    /// How many sockets of agents there have been: each has a number of its own.
    pub sockets_opened: AtomicU64,
    /// Set once the service is to stop.
    pub stopping: AtomicBool,
}

impl App {
    /// Whether the service is about to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// A number that no other socket has.
    pub fn next_socket(&self) -> SocketId {
        SocketId(self.sockets_opened.fetch_add(1, Ordering::Relaxed))
    }
}
