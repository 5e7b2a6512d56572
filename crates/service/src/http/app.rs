//! What every call can reach.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::{Semaphore, mpsc};

use crate::accounts::{AdminKeys, KeyThrottle, LoginThrottle, MessageThrottle, Passwords};
use crate::config::Limits;
use crate::core::{CoreHandle, Shared};
use crate::hub::HubCommand;
use crate::outbox::SocketId;
use crate::places::Places;
use crate::proxies::TrustedProxies;
use crate::quota::DailyQuota;
use crate::store::Reader;
use crate::volume::Volume;

/// What every call can reach.
pub struct App {
    /// Hands writes, and reads of what is internal, to the core.
    pub core: CoreHandle,
    /// What is read without asking the core.
    pub shared: Shared,
    /// The queue of the task that tells sockets and streams what changes; through it visitors begin
    /// to watch.
    pub hub: mpsc::Sender<HubCommand>,
    /// Reads messages and the journal from the store, beside the core's writes.
    pub reader: Box<dyn Reader>,
    /// Hashes and checks passwords, a few at once.
    pub passwords: Passwords,
    /// The accounts and addresses that have to wait after failed logins.
    pub logins: LoginThrottle,
    /// The addresses that have to wait after many messages.
    pub messages: MessageThrottle,
    /// The addresses that have to wait after keys that were nobody's.
    pub keys: KeyThrottle,
    /// The admin keys.
    pub admin_keys: AdminKeys,
    /// Whether `/metrics` is answered where everything else is.
    pub tells_metrics: bool,
    /// How many messages each property has taken today.
    pub messages_today: DailyQuota,
    /// How much is free for the store.
    pub volume: Arc<Volume>,
    /// How much of everything there may be.
    pub limits: Limits,
    /// The proxies that are believed of whom they call for.
    pub proxies: TrustedProxies,
    /// A place for each TCP connection that may be open.
    pub connections: Arc<Places>,
    /// A place for each event stream that may be open.
    pub streams: Arc<Places>,
    /// A place for each socket of an agent that may be open.
    pub sockets: Arc<Places>,
    /// A permit for each report on coverage that may be reckoned at once.
    pub coverages: Arc<Semaphore>,
    /// How many sockets of agents there have been: each has a number of its own.
    pub sockets_opened: AtomicU64,
    /// Whether the service is to stop: then `/readyz` answers 503, so that no new calls are sent to
    /// it.
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
