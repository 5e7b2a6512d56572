//! The reference service: the rules over HTTP, on the same engine, with nothing decided outside of
//! it.
//!
//! ```text
//! listen ─▶ http ─┬─▶ board                         what widgets show, read by anyone at once
//!                 └─▶ core ─▶ World ─▶ store ─┬─▶ board
//!                       ▲                     └─▶ hub ─▶ sockets, event streams
//!                     clock
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `listen` | connections: how many, how long, how they end |
//! | `http` | every call, and the OpenAPI document of them all |
//! | `core` | the one thread that owns the state; nobody is told anything before it is on disk |
//! | `store` | one SQLite file behind one trait |
//! | `board` | the answer of every widget, ready to be sent |
//! | `hub` | who is told what changes |
//! | `accounts` | passwords, tokens, keys, and who has to wait |
//! | `problem` | what a call fails with; whatever else goes in and out as JSON is `lamplighter_target::wire` |
//! | `pages` | the dashboard, the demonstration site, the widget to embed |
//! | `clock`, `metrics`, `demo` | the time, the counters, a filled-in example |

mod accounts;
mod board;
mod clock;
mod core;
mod demo;
mod http;
mod hub;
mod listen;
mod metrics;
mod pages;
mod problem;
mod store;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};

pub use accounts::{FailuresMax, PasswordCost, Secret};
pub use clock::Clock;
pub use core::CoreError;
pub use demo::Demo;
pub use listen::bind;
pub use store::StoreError;

use self::core::{Core, Lives};
use accounts::{MessagesThrottle, Passwords, Throttle};
use board::Board;
use http::{App, Numbers};
use hub::{Hub, HubOrder};
use metrics::Metrics;
use store::{Op, SqliteStore, Store};

use lamplighter_core::hours::Zones;
use lamplighter_core::model::Millis;

/// How much of everything there may be. What is more is answered 413, 429 or 503.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The largest body, in bytes.
    pub body_bytes_max: usize,
    /// How long a body may take.
    pub body_timeout: Duration,
    /// How long the headers of a call may take, and how long a connection may idle.
    pub header_timeout: Duration,
    /// Open TCP connections.
    pub connections_max: usize,
    /// Open WebSockets of agents.
    pub sockets_max: usize,
    /// Open event streams of visitors.
    pub streams_max: usize,
    /// Devices of an agent, by their names.
    pub devices_max: usize,
    /// Failed logins within a minute.
    pub failures_max: FailuresMax,
    /// What visitors leave from one address within a minute.
    pub messages_max: u32,
    /// How long a device without a socket may be silent before its connection is lost (rule P7).
    pub silence_max: Millis,
    /// How much work a password is.
    pub password_cost: PasswordCost,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 256 * 1_024,
            body_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(30),
            connections_max: 50_000,
            sockets_max: 50_000,
            streams_max: 50_000,
            devices_max: 64,
            failures_max: FailuresMax::default(),
            messages_max: 60,
            silence_max: Millis(60_000),
            password_cost: PasswordCost::default(),
        }
    }
}

/// What a service is started with.
#[derive(Debug)]
pub struct Config {
    /// The store's file; made if need be.
    pub store: PathBuf,
    /// The machine's clock, or a manual one.
    pub clock: Clock,
    /// The admin key; `None` for the one that was made at the first start.
    pub admin_key: Option<Secret>,
    /// Limits.
    pub limits: Limits,
}

/// Why a service cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The store, or what is in it.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The cost of passwords is out of range.
    #[error("passwords cannot cost that much: {0}")]
    PasswordCost(argon2::Error),
    /// The machine has no threads or no randomness.
    #[error("the machine cannot run a service: {0}")]
    Machine(String),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Core(error.into())
    }
}

/// A service that has recovered, and is ready to take connections in.
pub struct Service {
    app: Arc<App>,
    hub: tokio::task::JoinHandle<()>,
    core: thread::JoinHandle<()>,
    /// The admin key, where this start has made one: it is shown once, and only its hash is kept.
    pub new_admin_key: Option<Secret>,
}

/// The name under which the hash of the admin key is kept.
const ADMIN_KEY_FACT: &str = "admin-key";

impl Service {
    /// Recovers what is kept. Meanwhile whoever calls is told that the service is starting.
    ///
    /// # Errors
    /// When the store cannot be used, or the machine does not give what is needed.
    pub async fn start(
        config: Config,
        zones: &Arc<Zones>,
        listener: &TcpListener,
    ) -> Result<Self, StartError> {
        let zones = Arc::clone(zones);
        let recovering = tokio::task::spawn_blocking(move || Self::recover(config, &zones));
        tokio::select! {
            recovered = recovering => recovered.unwrap_or_else(|error| {
                Err(StartError::Machine(error.to_string()))
            }),
            never = listen::tell_that_it_starts(listener) => match never {},
        }
    }

    fn recover(config: Config, zones: &Arc<Zones>) -> Result<Self, StartError> {
        let Config { store, clock, admin_key, limits } = config;
        let machine = |error: &dyn std::fmt::Display| StartError::Machine(error.to_string());
        let mut store = SqliteStore::open(&store)?;
        let (admin_hash, new_admin_key) = admin_key_of(&mut store, admin_key)?;
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let passwords = Passwords::new(limits.password_cost, workers);
        let metrics = Arc::new(Metrics::new());
        let board = Arc::new(Board::default());
        let clock = Arc::new(clock);
        let reader = store.reader();
        let (tell, orders) = mpsc::channel::<HubOrder>(1_024);
        let core = Core::begin(
            Box::new(store),
            zones,
            Arc::clone(&clock),
            Arc::clone(&board),
            tell.clone(),
            Arc::clone(&metrics),
            Lives::new(limits.silence_max),
        )?;
        let hub = tokio::spawn(Hub::new(Arc::clone(&board)).run(orders));
        let (desk, calls) = Core::desk(Arc::clone(&metrics));
        let core = thread::Builder::new()
            .name("core".to_owned())
            .spawn(move || core.run(calls))
            .map_err(|error| machine(&error))?;
        let app = App {
            desk,
            board,
            hub: tell,
            reader,
            clock,
            metrics,
            passwords: passwords.map_err(StartError::PasswordCost)?,
            throttle: Throttle::new(limits.failures_max),
            messages: MessagesThrottle::new(limits.messages_max),
            admin_key: admin_hash,
            limits,
            streams: Arc::new(Semaphore::new(limits.streams_max)),
            sockets: Arc::new(Semaphore::new(limits.sockets_max)),
            numbers: Numbers::default(),
            stopping: AtomicBool::new(false),
        };
        Ok(Self { app: Arc::new(app), hub, core, new_admin_key })
    }

    /// Fills the example in.
    ///
    /// # Errors
    /// What is wrong, in words, when it cannot be kept.
    pub async fn fill_in_demo(&self) -> Result<Demo, String> {
        demo::fill(&self.app).await.map_err(|problem| problem.detail)
    }

    /// Serves until `stop` completes; then everything that was taken in is finished, sockets are
    /// closed with a reason, and what is needed for a fast start is written.
    ///
    /// # Errors
    /// When the core has panicked, which is a mistake in the program.
    pub async fn run(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let Self { app, hub, core, .. } = self;
        let (stop_listening, stopped) = watch::channel(false);
        let listening = tokio::spawn(listen::serve(listener, Arc::clone(&app), stopped));
        stop.await;
        app.stopping.store(true, Ordering::Relaxed);
        drop(app.hub.send(HubOrder::Stop).await);
        // Should nobody listen any more, nobody need stop.
        let _ = stop_listening.send(true);
        drop(listening.await);
        drop(hub.await);
        let desk = app.desk.clone();
        let stopped = tokio::task::spawn_blocking(move || {
            desk.stop();
            core.join()
        });
        match stopped.await {
            Ok(Ok(())) => Ok(()),
            _ => Err(io::Error::other("the core has panicked")),
        }
    }
}

/// The hash of the admin key: of the one that is given, else of the one that is kept, else of a new
/// one.
fn admin_key_of(
    store: &mut SqliteStore,
    given: Option<Secret>,
) -> Result<([u8; 32], Option<Secret>), StartError> {
    if let Some(key) = given {
        return Ok((key.hash(), None));
    }
    let kept = store.fact(ADMIN_KEY_FACT)?;
    if let Some(hash) = kept.as_deref().and_then(accounts::unhex) {
        return Ok((hash, None));
    }
    let key = Secret::random().map_err(|error| StartError::Machine(error.to_string()))?;
    store.commit(&[Op::Fact(ADMIN_KEY_FACT, accounts::hex(&key.hash()))])?;
    Ok((key.hash(), Some(key)))
}
