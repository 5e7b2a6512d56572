//! The reference service: the rules over HTTP, on the same engine, with nothing decided outside of
//! it.
//!
//! ```text
//! listen ─▶ http ─┬─▶ widgets                       what widgets show, read by anyone at once
//!                 └─▶ core ─▶ World ─▶ store ─┬─▶ widgets
//!                       ▲                     └─▶ outbox ─▶ hub ─▶ sockets, event streams
//!                     clock
//! ```
//!
//! | module | what it does |
//! | --- | --- |
//! | `config` | what a service is started with, and how much of everything there may be |
//! | `listen`, `listen_metrics`, `tls` | connections: within TLS or not, how long, how they end; the metrics apart; a certificate and its key |
//! | `proxies`, `places`, `quota` | who calls where a proxy stands in between; how many connections, by address, and how many messages, by property |
//! | `http` | every call, and the OpenAPI document of them all |
//! | `core` | the one thread that owns the state and knows no HTTP; nobody is told anything before it is on disk |
//! | `coverage` | how long the widgets of a property kept what they promise, by the journal |
//! | `store`, `volume` | one SQLite file behind one trait; how much is free for it |
//! | `widgets` | the answer of every widget, ready to be sent |
//! | `outbox`, `hub` | what a commit lets be known, and who is told |
//! | `accounts` | passwords, tokens, keys, and who has to wait |
//! | `pages` | the dashboard, the demonstration site, the widget to embed |
//! | `clock`, `metrics`, `json`, `objects`, `address`, `demo` | the time, the counters, JSON that goes out and comes in, addresses of mail, a filled-in example |
//!
//! What goes in and out as JSON is [`lamplighter_target::wire`], which clients read, too.

mod accounts;
mod address;
mod clock;
mod json;
mod objects;
mod pages;
mod proxies;
mod quota;
mod tls;
mod volume;

mod metrics;
mod places;
mod store;
mod widgets;

mod config;
mod outbox;

mod hub;

mod core;

mod coverage;
mod demo;

mod http;

mod listen;
mod listen_metrics;

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

pub use accounts::{AdminKey, FailuresMax, PasswordCost, PasswordError, Secret};
pub use clock::{CLOCK_JUMP_LEAST, CLOCK_JUMP_MAX, Clock, Reading};
pub use config::{Config, Limits};
pub use core::{CoreError, Refusal, RestoreError};
pub use demo::{Demo, DemoError};
pub use listen::bind;
pub use metrics::LostLines;
pub use proxies::ProxyNetwork;
pub use store::{Checked, StoreError, back_up, check_store, restore};
pub use tls::{Tls, TlsError};

use self::core::{Core, Liveness, Shared};
use accounts::{AdminKeys, KeyThrottle, LoginThrottle, MessageThrottle, Passwords};
use http::App;
use hub::{Hub, HubCommand};
use listen::Carrier;
use metrics::Metrics;
use places::Places;
use proxies::TrustedProxies;
use quota::DailyQuota;
use store::{SqliteStore, Store, Write};
use volume::Volume;

use lamplighter_core::hours::Zones;

/// How many commands may wait for the hub; whoever has more waits, too.
const HUB_QUEUE_MAX: usize = 1_024;

/// How many reports on coverage may be reckoned at once: each takes a processor for its time.
const COVERAGES_MAX: usize = 2;

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
    listener: TcpListener,
    /// Where the metrics are told, if not where everything else is.
    metrics_listener: Option<TcpListener>,
    carrier: Carrier,
    app: Arc<App>,
    hub: tokio::task::JoinHandle<()>,
    core: CoreThread,
    /// The admin key, where this start has made one: it is shown once, and only its hash is kept.
    pub new_admin_key: Option<Secret>,
}

/// Work of the service, compiled here as this crate is: what is generic, or `async`, is else compiled by whoever waits
/// for it, and as fast as that crate is to be. All that is done for a connection lies within.
type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The thread of the core.
struct CoreThread {
    thread: thread::JoinHandle<()>,
    /// Completes when the thread ends, however it does.
    ended: oneshot::Receiver<Infallible>,
}

/// The name of the admin key that the first start makes.
const ADMIN_KEY_NAME: &str = "admin";

/// The name under which the hash of that key is kept.
const ADMIN_KEY_FACT: &str = "admin-key";

/// A service without its listener.
struct Recovered {
    app: Arc<App>,
    hub: tokio::task::JoinHandle<()>,
    core: CoreThread,
    new_admin_key: Option<Secret>,
}

impl Service {
    /// Recovers what is kept. Meanwhile whoever calls is told that the service is starting.
    ///
    /// # Errors
    /// When the store cannot be used, or the machine does not give what is needed.
    #[inline(never)]
    pub fn start(
        listener: TcpListener,
        config: Config,
        zones: Arc<Zones>,
    ) -> Work<Result<Self, StartError>> {
        Box::pin(Self::start_by(listener, config, zones))
    }

    async fn start_by(
        listener: TcpListener,
        mut config: Config,
        zones: Arc<Zones>,
    ) -> Result<Self, StartError> {
        let metrics_listener = config.metrics_listener.take();
        let tells_metrics = metrics_listener.is_none();
        let carrier = Carrier::new(config.tls.clone(), config.limits.header_timeout);
        let recovering =
            tokio::task::spawn_blocking(move || recover(config, &zones, tells_metrics));
        let recovered = tokio::select! {
            recovered = recovering => recovered.unwrap_or_else(|error| {
                Err(StartError::Machine(error.to_string()))
            }),
            never = listen::tell_that_it_starts(&listener, &carrier) => match never {},
        };
        let Recovered { app, hub, core, new_admin_key } = recovered?;
        Ok(Self { listener, metrics_listener, carrier, app, hub, core, new_admin_key })
    }

    /// Fills the example in.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub async fn fill_in_demo(&self) -> Result<Demo, DemoError> {
        demo::fill(&self.app.core, &self.app.passwords).await
    }

    /// Serves until `shutdown` completes, or the core ends, without which nothing can be served; then everything that was taken in is finished, sockets are
    /// closed with a reason, and what is needed for a fast start is written.
    ///
    /// # Errors
    /// When the core has panicked, which is a mistake in the program.
    pub fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> Work<io::Result<()>> {
        self.run_until(Box::pin(shutdown))
    }

    #[inline(never)]
    fn run_until(self, shutdown: Work<()>) -> Work<io::Result<()>> {
        Box::pin(self.serve(shutdown))
    }

    async fn serve(self, shutdown: Work<()>) -> io::Result<()> {
        let Self { listener, metrics_listener, carrier, app, hub, core, .. } = self;
        let (stop_listening, stopped) = watch::channel(false);
        if let Some(listener) = metrics_listener {
            let serving = listen_metrics::serve(listener, Arc::clone(&app), stopped.clone());
            tokio::spawn(serving);
        }
        let listening = listen::serve(listener, Arc::clone(&app), carrier, stopped);
        let listening = tokio::spawn(listening);
        let CoreThread { thread: core, ended } = core;
        tokio::select! {
            () = shutdown => {}
            _ = ended => tracing::error!("the core has ended, and with it the service"),
        }
        app.stopping.store(true, Ordering::Relaxed);
        drop(app.hub.send(HubCommand::Stop).await);
        // Should nobody listen any more, nobody need stop.
        let _ = stop_listening.send(true);
        drop(listening.await);
        drop(hub.await);
        let handle = app.core.clone();
        let stopped = tokio::task::spawn_blocking(move || {
            handle.stop();
            core.join()
        });
        match stopped.await {
            Ok(Ok(())) => Ok(()),
            _ => Err(io::Error::other("the core has panicked")),
        }
    }
}

/// Reads what is kept, and sets core and hub going.
fn recover(
    config: Config,
    zones: &Arc<Zones>,
    tells_metrics: bool,
) -> Result<Recovered, StartError> {
    // What is within TLS is the listener's, and so is where the metrics are told.
    let Config {
        store: path,
        clock,
        admin_keys,
        trusted_proxies,
        limits,
        lost_log_lines,
        keep_messages,
        tls: _,
        metrics_listener: _,
    } = config;
    let mut store = SqliteStore::open(&path)?;
    let (admin_keys, new_admin_key) = admin_keys_of(&mut store, admin_keys)?;
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let passwords = Passwords::new(limits.password_cost, workers);
    let passwords = passwords.map_err(StartError::PasswordCost)?;
    let shared = Shared {
        clock: Arc::new(clock),
        widgets: Arc::default(),
        password_hashes: Arc::default(),
        metrics: Arc::new(Metrics::new(&lost_log_lines)),
    };
    let metrics = &shared.metrics;
    let (free, nearly_full) = (metrics.store_free.clone(), metrics.store_nearly_full.clone());
    let volume = Volume::new(&path, limits.free_bytes_min, free, nearly_full);
    let reader = store.reader();
    let (commands, received) = mpsc::channel(HUB_QUEUE_MAX);
    let (core, handle) = Core::begin(
        Box::new(store),
        zones,
        shared.clone(),
        commands.clone(),
        Liveness::new(limits.silence_max),
        keep_messages,
    )?;
    let hub = tokio::spawn(Hub::new(Arc::clone(&shared.widgets)).run(received));
    let (running, ended) = oneshot::channel();
    let thread = thread::Builder::new()
        .name("core".to_owned())
        .spawn(move || {
            // Dropped at the end, be it a panic.
            let _running: oneshot::Sender<Infallible> = running;
            core.run();
        })
        .map_err(|error| StartError::Machine(error.to_string()))?;
    let core = CoreThread { thread, ended };
    let app = App {
        core: handle,
        shared,
        hub: commands,
        reader,
        passwords,
        logins: LoginThrottle::new(limits.failures_max),
        messages: MessageThrottle::new(limits.messages_max),
        keys: KeyThrottle::new(limits.failures_max.of_address),
        admin_keys,
        tells_metrics,
        messages_today: DailyQuota::new(limits.messages_of_property_max),
        volume: Arc::new(volume),
        limits,
        proxies: TrustedProxies::new(trusted_proxies),
        connections: Places::new("connections", limits.connections_max, limits.by_address_max),
        streams: Places::new("event streams", limits.streams_max, limits.by_address_max),
        sockets: Places::new("sockets", limits.sockets_max, limits.by_address_max),
        coverages: Arc::new(Semaphore::new(COVERAGES_MAX)),
        sockets_opened: AtomicU64::new(0),
        stopping: AtomicBool::new(false),
    };
    Ok(Recovered { app: Arc::new(app), hub, core, new_admin_key })
}

/// The hashes of the admin keys: of those that are given, else of the one that is kept, else of a new one.
fn admin_keys_of(
    store: &mut SqliteStore,
    given: Vec<AdminKey>,
) -> Result<(AdminKeys, Option<Secret>), StartError> {
    if !given.is_empty() {
        let keys = given.into_iter().map(|key| (key.name, key.secret.hash()));
        return Ok((AdminKeys::new(keys), None));
    }
    let one = |hash| AdminKeys::new([(ADMIN_KEY_NAME.to_owned(), hash)]);
    let kept = store.fact(ADMIN_KEY_FACT)?;
    if let Some(hash) = kept.as_deref().and_then(accounts::unhex) {
        return Ok((one(hash), None));
    }
    let key = Secret::random().map_err(|error| StartError::Machine(error.to_string()))?;
    store.commit(&[Write::Fact(ADMIN_KEY_FACT, accounts::hex(&key.hash()))])?;
    Ok((one(key.hash()), Some(key)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_core_that_ends_ends_the_service() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config {
            store: folder.path().join("lamplighter.db"),
            clock: Clock::system(),
            admin_keys: Vec::new(),
            metrics_listener: None,
            keep_messages: None,
            trusted_proxies: Vec::new(),
            tls: None,
            limits: Limits::default(),
            lost_log_lines: LostLines::default(),
        };
        let listener = bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let zones = Arc::new(Zones::bundled());
        let service = Service::start(listener, config, zones).await.expect("starts");
        let core = service.app.core.clone();
        let running = tokio::spawn(service.run(std::future::pending()));
        assert!(core.call(|_| Ok(())).await.is_ok());
        let panicking = core.call(|_| -> Result<(), Refusal> { panic!("on purpose") });
        assert_eq!(panicking.await, Err(Refusal::Stopping));
        let ended = tokio::time::timeout(Duration::from_secs(60), running).await;
        let ended = ended.expect("the service ends").expect("and does not panic");
        assert!(ended.is_err(), "whoever started it is told");
    }
}
