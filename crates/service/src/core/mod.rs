//! The one thread that owns the state. Calls come to it one after the other; those that come while
//! a commit is on its way share the next one. Nobody gets an answer, and nobody is told anything,
//! before it is on disk.
//!
//! ```text
//! calls ─▶ desk ─▶ state ─▶ store (one commit) ─▶ board, hub ─▶ answers
//!            clock ──┘
//! ```
//!
//! Should a commit fail, the state is made anew from what is kept: what could not be kept has never
//! happened.

mod admin;
mod agents;
mod lives;
mod news;
mod reads;
mod restore;
mod state;

use std::sync::Arc;
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel,
};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

pub use admin::Put;
pub use lives::{Lives, SocketId};
pub use news::Told;
pub use restore::Unfit;
pub use state::{State, TokenHash};

use super::board::Board;
use super::clock::Clock;
use super::hub::HubOrder;
use super::metrics::Metrics;
use super::problem::Problem;
use super::store::{Op, Store, StoreError};
use lamplighter_core::hours::Zones;

/// How many calls may wait; more are sent away.
const QUEUE_MAX: usize = 4_096;
/// So many calls share a commit at most.
const BATCH_MAX: usize = 1_024;
/// A snapshot is taken after so many rows of the journal.
const SNAPSHOT_EVERY: i64 = 100_000;
/// How long the core sleeps at most: a machine's clock may be put forward meanwhile.
const SLEEP_MAX: Duration = Duration::from_millis(250);

/// A call on its way through the core.
trait Call: Send {
    /// Does with the state what the call asks for.
    fn work(&mut self, state: &mut State);

    /// Answers, once what it did is kept, or could not be.
    fn answer(self: Box<Self>, kept: Result<(), Problem>);
}

/// What a call does, then what came of it, and who waits for that.
struct Pending<F, T> {
    work: Option<F>,
    result: Option<Result<T, Problem>>,
    tell: oneshot::Sender<Result<T, Problem>>,
}

impl<F, T> Call for Pending<F, T>
where
    F: FnOnce(&mut State) -> Result<T, Problem> + Send,
    T: Send,
{
    fn work(&mut self, state: &mut State) {
        self.result = self.work.take().map(|work| work(state));
    }

    fn answer(self: Box<Self>, kept: Result<(), Problem>) {
        let Self { result, tell, .. } = *self;
        // Who asked may have gone away.
        drop(result.map(|result| tell.send(kept.and(result))));
    }
}

/// Where calls are handed in.
#[derive(Clone, Debug)]
pub struct Desk {
    jobs: SyncSender<Order>,
    metrics: Arc<Metrics>,
}

enum Order {
    Call(Box<dyn Call>),
    Stop,
}

impl Desk {
    /// Hands a call in, and waits until what it changed is on disk.
    ///
    /// # Errors
    /// What the call itself fails with; 503 when too many wait, when it cannot be kept, and when the
    /// service is stopping.
    pub async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut State) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (tell, told) = oneshot::channel();
        let pending = Pending { work: Some(call), result: None, tell };
        self.hand_in(Order::Call(Box::new(pending)))?;
        told.await.unwrap_or_else(|_| Err(stopping()))
    }

    fn hand_in(&self, order: Order) -> Result<(), Problem> {
        self.jobs.try_send(order).map_err(|error| match error {
            TrySendError::Full(_) => {
                self.metrics.turned_away.inc();
                Problem::unavailable("too many calls are waiting", 1)
            }
            TrySendError::Disconnected(_) => stopping(),
        })
    }

    /// Lets the core finish what was handed in before, and stop.
    pub fn stop(&self) {
        // A full queue has to be worked off first; a core that is gone need not stop.
        drop(self.jobs.send(Order::Stop));
    }
}

fn stopping() -> Problem {
    Problem::unavailable("the service is stopping", 5)
}

/// All that the core works with.
pub struct Core {
    state: State,
    store: Box<dyn Store>,
    zones: Arc<Zones>,
    clock: Arc<Clock>,
    board: Arc<Board>,
    /// Where what is to be told goes.
    hub: mpsc::Sender<HubOrder>,
    metrics: Arc<Metrics>,
    snapshot_seq: i64,
    /// Set while the state is not what is kept: then nobody may work on it.
    is_adrift: bool,
}

/// Why a core cannot begin, or go on.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is kept does not fit together.
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

impl Core {
    /// The state that is kept, gone on until now.
    ///
    /// # Errors
    /// When the store cannot be read, or what is in it does not fit together.
    pub fn begin(
        mut store: Box<dyn Store>,
        zones: &Arc<Zones>,
        clock: Arc<Clock>,
        board: Arc<Board>,
        hub: mpsc::Sender<HubOrder>,
        metrics: Arc<Metrics>,
        lives: Lives,
    ) -> Result<Self, CoreError> {
        let mut state = State::restore(store.load()?, zones, clock.now(), lives, None)?;
        clock.put(state.now());
        // The versions that faces are about to show are reserved first.
        store.commit(&std::mem::take(&mut state.ops))?;
        board.put_all(&state.all_faces());
        let snapshot_seq = state.seq;
        let zones = Arc::clone(zones);
        Ok(Self { state, store, zones, clock, board, hub, metrics, snapshot_seq, is_adrift: false })
    }

    /// Where calls are handed in, and the core's own end of it.
    pub fn desk(metrics: Arc<Metrics>) -> (Desk, Calls) {
        let (jobs, calls) = sync_channel(QUEUE_MAX);
        (Desk { jobs, metrics }, Calls(calls))
    }

    /// Works until it is told to stop.
    pub fn run(mut self, Calls(calls): Calls) {
        loop {
            let first = match self.sleep() {
                None => calls.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(sleep) => calls.recv_timeout(sleep),
            };
            if self.is_adrift {
                self.come_back();
            }
            self.state.advance(self.clock.now().max(self.state.now()));
            let (worked, stops) = self.work(first, &calls);
            self.finish(worked, stops);
            if stops {
                return;
            }
        }
    }

    /// Works on the first call and on all that have come meanwhile: those that share the next
    /// commit; and whether that is the last one.
    fn work(
        &mut self,
        first: Result<Order, RecvTimeoutError>,
        calls: &Receiver<Order>,
    ) -> (Vec<Box<dyn Call>>, bool) {
        let mut worked = Vec::new();
        let mut next = first;
        loop {
            match next {
                Ok(Order::Call(mut call)) => {
                    call.work(&mut self.state);
                    worked.push(call);
                }
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return (worked, true),
                Err(RecvTimeoutError::Timeout) => return (worked, false),
            }
            if worked.len() >= BATCH_MAX {
                return (worked, false);
            }
            next = calls.try_recv().map_err(|error| match error {
                TryRecvError::Empty => RecvTimeoutError::Timeout,
                TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
            });
        }
    }

    /// How long nothing is to be done; `None` for until somebody calls.
    fn sleep(&self) -> Option<Duration> {
        if self.clock.is_manual() {
            return None;
        }
        let now = self.clock.now();
        let due = self.state.next_due().map_or(SLEEP_MAX, |at| {
            // A clock that jumped back has to come round first; what is due has to be done at once.
            Duration::from_millis(at.since(now).0)
        });
        Some(due.min(SLEEP_MAX))
    }

    /// Keeps what has changed, tells it, and answers.
    fn finish(&mut self, worked: Vec<Box<dyn Call>>, stops: bool) {
        let rows = self.state.seq - self.snapshot_seq;
        if rows >= SNAPSHOT_EVERY || stops && rows > 0 {
            self.state.ops.push(Op::Snapshot(self.state.snapshot()));
            self.snapshot_seq = self.state.seq;
        }
        let ops = std::mem::take(&mut self.state.ops);
        let kept = match (self.is_adrift, ops.is_empty()) {
            (true, _) => Err(Problem::unavailable("the store cannot be read", 2)),
            (false, true) => Ok(()),
            (false, false) => {
                let kept = self.metrics.commit(ops.len(), || self.store.commit(&ops));
                kept.map_err(|error| self.forget(&error))
            }
        };
        if self.is_adrift {
            worked.into_iter().for_each(|call| call.answer(kept.clone()));
            return;
        }
        let told = self.state.take_news();
        if !told.faces.is_empty() {
            self.board.put(&told.faces);
        }
        if let Some(edge) = told.latest_edge
            && !self.clock.is_manual()
        {
            self.metrics.edge_late(self.clock.now().since(edge));
        }
        if !told.is_empty() {
            // The hub lives as long as the core.
            drop(self.hub.blocking_send(HubOrder::Tell(told)));
        }
        for call in worked {
            call.answer(kept.clone());
        }
    }

    /// What could not be kept has not happened.
    fn forget(&mut self, error: &StoreError) -> Problem {
        tracing::error!(%error, "cannot keep what was written; nothing of it has happened");
        self.metrics.failed_commits.inc();
        self.is_adrift = true;
        self.come_back();
        Problem::unavailable(format!("it could not be kept, and has not happened: {error}"), 2)
    }

    /// Makes the state anew from the store.
    fn come_back(&mut self) {
        let now = self.state.now();
        let restored = self.store.load().map_err(CoreError::from).and_then(|kept| {
            let lives = self.state.lives.clone();
            let versions = Some(self.state.versions.last());
            State::restore(kept, &self.zones, now, lives, versions).map_err(CoreError::from)
        });
        match restored {
            Ok(state) => {
                self.state = state;
                self.snapshot_seq = self.snapshot_seq.min(self.state.seq);
                self.is_adrift = false;
                self.board.put_all(&self.state.all_faces());
            }
            Err(error) => tracing::error!(%error, "cannot read the store"),
        }
    }
}

/// The core's end of the desk.
pub struct Calls(Receiver<Order>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SqliteStore;
    use lamplighter_core::model::{Instant, Millis};

    fn at(seconds: i64) -> Instant {
        Instant::from_millis(1_773_057_600_000 + 1_000 * seconds).expect("in range")
    }

    /// A core on a clock that the test holds.
    fn core(store: &std::path::Path, clock: &Arc<Clock>) -> (Core, mpsc::Receiver<HubOrder>) {
        let (hub, orders) = mpsc::channel(16);
        let core = Core::begin(
            Box::new(SqliteStore::open(store).expect("opens")),
            &Arc::new(Zones::bundled()),
            Arc::clone(clock),
            Arc::default(),
            hub,
            Arc::default(),
            Lives::new(Millis(60_000)),
        );
        (core.expect("begins"), orders)
    }

    #[test]
    fn time_never_goes_back_even_where_the_clock_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("lamplighter.db");
        let clock = Arc::new(Clock::manual(at(100)));
        let (mut core, _orders) = core(&store, &clock);
        core.state.put_account("ann", String::new());
        core.state.log_in("ann", "laptop", [1; 32], 8).expect("logs in");
        core.finish(Vec::new(), false);
        clock.put(at(0));
        core.state.advance(clock.now().max(core.state.now()));
        core.state.log_out(&[1; 32], false).expect("logs out");
        assert_eq!(core.state.now(), at(100));
        core.finish(Vec::new(), true);
        drop(core);
        // The next start does not begin before what is in the journal, either.
        let (core, _orders) = self::core(&store, &clock);
        assert_eq!(core.state.now(), at(100));
        let mut instants = Vec::new();
        let mut row = |entry: crate::store::Entry| {
            instants.push((entry.at, entry.action.into_owned()));
            true
        };
        let reader = core.store.reader();
        reader.journal(Instant::MIN, Instant::MAX, &mut row).expect("reads");
        assert_eq!(instants, [(at(100), "login".to_owned()), (at(100), "logout".to_owned())]);
    }

    #[test]
    fn a_start_from_a_snapshot_and_one_from_all_rows_come_to_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("lamplighter.db");
        let clock = Arc::new(Clock::manual(at(0)));
        let (mut core, _orders) = core(&store, &clock);
        for (place, agent) in ["ann", "bob", "cy"].into_iter().enumerate() {
            core.state.put_account(agent, String::new());
            let token = [place as u8; 32];
            core.state.log_in(agent, "laptop", token, 8).expect("logs in");
            core.state.log_in(agent, "phone", [10 + place as u8; 32], 8).expect("logs in");
        }
        core.state.advance(at(30));
        core.state
            .set_status(&[0; 32], lamplighter_core::model::Chosen::Away, false)
            .expect("is set");
        core.state
            .set_status(&[1; 32], lamplighter_core::model::Chosen::Invisible, true)
            .expect("is set");
        core.state.advance(at(70));
        core.state.log_out(&[12; 32], false).expect("logs out");
        core.finish(Vec::new(), true);
        let all_rows = {
            let mut kept = core.store.load().expect("reads");
            let snapshot = kept.snapshot.take().expect("was taken at the stop");
            let mut rows = Vec::new();
            let mut row = |entry| {
                rows.push(entry);
                true
            };
            let reader = core.store.reader();
            reader.journal(Instant::MIN, Instant::MAX, &mut row).expect("reads");
            kept.tail = rows;
            let lives = Lives::new(Millis(60_000));
            let state = State::restore(kept, &core.zones, snapshot.at, lives, None);
            state.expect("fits together").snapshot()
        };
        let kept = core.store.load().expect("reads");
        assert!(kept.tail.is_empty());
        let lives = Lives::new(Millis(60_000));
        let from_snapshot = State::restore(kept, &core.zones, at(70), lives, None);
        assert_eq!(from_snapshot.expect("fits together").snapshot(), all_rows);
        assert_eq!(all_rows, core.state.snapshot());
    }
}
