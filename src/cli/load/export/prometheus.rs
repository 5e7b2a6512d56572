//! The address at which Prometheus reads metrics.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant as MachineTime};

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::latest::LatestSnapshot;
use crate::cli::exit::Stop;
use crate::report::load::openmetrics;
use lamplighter_load::metrics::Snapshot;

/// The end is waited for as long as two readings were apart, and this longer,
const READ_LATE: Duration = Duration::from_secs(2);
/// but no longer than this, which is as long as Prometheus waits where it is told nothing else.
const READ_WITHIN_MAX: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// So long an answer that is on its way is waited for.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

/// It listens until it is finished.
pub struct Endpoint {
    runtime: Runtime,
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
    end: oneshot::Sender<()>,
}

struct Shared {
    latest: Arc<LatestSnapshot>,
    readings: Mutex<ScrapedSnapshot>,
}

/// When metrics were read, and what.
struct ScrapedSnapshot {
    last: MachineTime,
    /// What was read last; `None` before any.
    snapshot: Option<Arc<Snapshot>>,
    /// How far the last two were apart, or how far the first was from the begin; `None` before any.
    apart: Option<Duration>,
}

impl Shared {
    fn readings(&self) -> MutexGuard<'_, ScrapedSnapshot> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Endpoint {
    /// Listens on an address.
    pub fn open(listen: SocketAddr, latest: Arc<LatestSnapshot>) -> Result<Self, Stop> {
        let machine = |error: std::io::Error| Stop::machine(error.into());
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).thread_name("metrics").enable_all();
        let runtime = runtime.build().map_err(machine)?;
        let bound = runtime.block_on(TcpListener::bind(listen));
        let listener = bound.with_context(|| format!("cannot listen on {listen} for Prometheus"));
        let listener = listener.map_err(|error| {
            Stop::machine(error).hint("is something else there? --prometheus takes another address")
        })?;
        let address = listener.local_addr().map_err(machine)?;
        let last = MachineTime::now();
        let readings = Mutex::new(ScrapedSnapshot { last, snapshot: None, apart: None });
        let shared = Arc::new(Shared { latest, readings });
        let router = Router::new().route("/metrics", get(metrics)).with_state(Arc::clone(&shared));
        let (end, ended) = oneshot::channel::<()>();
        let serving =
            axum::serve(listener, router).with_graceful_shutdown(async { drop(ended.await) });
        let serving = runtime.spawn(async move { drop(serving.await) });
        Ok(Self { runtime, address, shared, serving, end })
    }

    /// The address at which it listens, with the port that the system gave where none was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until what was shown last was read, where anybody reads, and `stop` is not set.
    pub fn finish(self, stop: &AtomicBool, says: &mut dyn FnMut(&str)) {
        let shown_at = MachineTime::now();
        let (shown, apart) = (self.shared.latest.get(), self.shared.readings().apart);
        if let Some(apart) = apart.filter(|_| !stop.load(Ordering::Relaxed)) {
            says("waiting until the last metrics were read");
            let within = (apart + READ_LATE).min(READ_WITHIN_MAX);
            let is_read = || {
                let read = &self.shared.readings().snapshot;
                read.as_ref().is_some_and(|read| Arc::ptr_eq(read, &shown))
            };
            while !is_read() && !stop.load(Ordering::Relaxed) && shown_at.elapsed() < within {
                thread::sleep(LOOK_EVERY);
            }
        }
        // Answers that are on their way arrive; where nobody serves any more there are none.
        let _ = self.end.send(());
        let Self { runtime, serving, .. } = self;
        drop(runtime.block_on(async { tokio::time::timeout(ANSWERED_WITHIN, serving).await }));
        runtime.shutdown_background();
    }
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let snapshot = shared.latest.get();
    let text = openmetrics::text(Arc::clone(&snapshot));
    let mut readings = shared.readings();
    let now = MachineTime::now();
    readings.apart = Some(now - readings.last);
    readings.last = now;
    readings.snapshot = Some(snapshot);
    drop(readings);
    ([(CONTENT_TYPE, openmetrics::CONTENT_TYPE)], text).into_response()
}
