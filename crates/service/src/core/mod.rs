//! The one thread that owns the state. Calls come to it one after the other; those that come while
//! a commit is on its way share the next one. Nobody gets an answer, and nobody is told anything,
//! before it is on disk. It knows nothing of HTTP: what it does not do it refuses in words of its own.
//!
//! ```text
//! calls ─▶ handle ─▶ state ─▶ store (one commit) ─▶ widget cache, hub ─▶ answers
//!             clock ──┘
//! ```
//!
//! Should a commit fail, the state is made anew from what is kept: what could not be kept has never
//! happened, and of connections it is known what was known before.
//!
//! | file | what it does |
//! | --- | --- |
//! | `handle` | the way of a call to the core and back |
//! | `state` | the engine's world under the names that people gave, with what is set |
//! | `agents`, `accounts`, `rename` | what agents do; their accounts, and the sessions of their devices; other names of these |
//! | `admin`, `members` | what an admin sets: all of it, or a part |
//! | `queries`, `lists`, `explain` | what is asked, what there is, and why a widget is as it is |
//! | `apart` | a property apart from everything else, to play the journal into once more |
//! | `tag`, `expect` | the version of what is set, which a write can name |
//! | `liveness` | which devices are connected |
//! | `unpublished`, `publish` | what has changed since the last commit, and what people are told of it |
//! | `restore`, `snapshot` | from what is kept to a state; a state as text, and back |
//! | `refusal` | why the core does not do what a call asks for |

mod accounts;
mod admin;
mod agents;
mod apart;
mod expect;
mod explain;
mod handle;
mod lists;
mod liveness;
mod members;
mod publish;
mod queries;
mod refusal;
mod rename;
mod restore;
mod snapshot;
mod state;
mod tag;
#[cfg(test)]
mod tests;
mod unpublished;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc;

pub use admin::{Leftover, Put};
pub use apart::Apart;
pub use expect::SetOn;
pub use handle::CoreHandle;
pub use lists::NamesPage;
pub use liveness::Liveness;
pub use members::Named;
pub use refusal::Refusal;
pub use restore::{Entry, RestoreError};
pub use state::{State, TokenHash};
pub use tag::{Condition, Tag};

use self::handle::{Call, CoreCommand};
use super::accounts::PasswordHashes;
use super::clock::Clock;
use super::hub::HubCommand;
use super::metrics::Metrics;
use super::store::{Store, StoreError, Write};
use super::widgets::WidgetCache;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Millis};

/// So many calls share a commit at most.
const BATCH_MAX: usize = 1_024;
/// A snapshot is taken after so many rows of the journal.
const SNAPSHOT_EVERY: i64 = 100_000;
/// How long the core sleeps at most: a machine's clock may be put forward meanwhile.
const SLEEP_MAX: Duration = Duration::from_millis(250);
/// How often the core notes that it is there, in its own time.
const ALIVE_EVERY: Millis = Millis(1_000);
/// How often it looks for messages that are too old.
const EXPIRE_EVERY: Millis = Millis(600_000);

/// What the core shares with those who answer calls: they read it without asking the core.
#[derive(Clone, Debug)]
pub struct Shared {
    /// What time it is; the core alone puts it.
    pub clock: Arc<Clock>,
    /// What widgets show, as of the last commit.
    pub widgets: Arc<WidgetCache>,
    /// The hashes of passwords, as of the last commit.
    pub password_hashes: Arc<PasswordHashes>,
    /// What `/metrics` tells: whoever answers a call counts it here.
    pub metrics: Arc<Metrics>,
}

/// All that the core works with.
pub struct Core {
    state: State,
    store: Box<dyn Store>,
    zones: Arc<Zones>,
    shared: Shared,
    commands: Receiver<CoreCommand>,
    /// Where what is to be told goes.
    hub: mpsc::Sender<HubCommand>,
    /// Where those wait who have called; `None` where they wait without a runtime.
    runtime: Option<Handle>,
    /// Whether calls come in numbers: the last commit was of several.
    shares_commits: bool,
    /// The last row of the journal that is in a snapshot.
    snapshot_seq: i64,
    /// How long messages are kept; `None` for good.
    keep_messages: Option<Millis>,
    /// When it was last noted that the core is there.
    alive: Instant,
    /// When messages that are too old were last looked for.
    expired: Option<Instant>,
    /// Set while the state is not what is kept: then nobody may work on it.
    needs_reload: bool,
}

/// Why a core cannot begin, or go on.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is kept does not fit together.
    #[error(transparent)]
    Restore(#[from] RestoreError),
}

impl Core {
    /// The state that is kept, gone on until now; and where calls are handed in.
    ///
    /// # Errors
    /// When the store cannot be read, or what is in it does not fit together.
    pub fn begin(
        mut store: Box<dyn Store>,
        zones: &Arc<Zones>,
        shared: Shared,
        hub: mpsc::Sender<HubCommand>,
        liveness: Liveness,
        keep_messages: Option<Millis>,
    ) -> Result<(Self, CoreHandle), CoreError> {
        let stored = store.load()?;
        shared.password_hashes.put(stored.accounts.iter().cloned());
        let mut state = State::restore(stored, zones, shared.clock.now(), liveness, None)?;
        shared.clock.begin_at(state.now());
        store.note_alive(state.now());
        // The versions that widgets are about to show are reserved first.
        store.commit(&std::mem::take(&mut state.writes))?;
        shared.widgets.put_all(state.all_rendered());
        let state_now = state.now();
        let (handle, commands) = CoreHandle::new(Arc::clone(&shared.metrics));
        let core = Self {
            snapshot_seq: state.seq,
            state,
            store,
            zones: Arc::clone(zones),
            shared,
            commands,
            hub,
            runtime: Handle::try_current().ok(),
            shares_commits: false,
            keep_messages,
            alive: state_now,
            expired: None,
            needs_reload: false,
        };
        Ok((core, handle))
    }

    /// Works until it is told to stop.
    pub fn run(mut self) {
        loop {
            let first = match self.sleep() {
                None => self.commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(sleep) => self.commands.recv_timeout(sleep),
            };
            if self.needs_reload {
                self.reload();
            }
            self.reach_present();
            self.shared.metrics.clock(&self.shared.clock);
            let (worked, stops) = self.work(first);
            self.shares_commits = worked.len() > 1;
            self.note_time(stops);
            self.finish(worked, stops);
            if stops {
                return;
            }
        }
    }

    /// Brings the state to what time it is; it never goes back.
    fn reach_present(&mut self) {
        self.state.advance(self.shared.clock.now().max(self.state.now()));
    }

    /// Works on the first call and on all that have come meanwhile: those that share the next
    /// commit; and whether that is the last one.
    fn work(&mut self, first: Result<CoreCommand, RecvTimeoutError>) -> (Vec<Box<dyn Call>>, bool) {
        let mut worked = Vec::new();
        let mut next = first;
        let mut may_yield = self.shares_commits;
        loop {
            match next {
                Ok(CoreCommand::Call(mut call)) => {
                    // Nothing happens before it was handed in: who loses the connection now keeps the
                    // grace whole (rule P7), however long those took that came before.
                    if !worked.is_empty() {
                        self.reach_present();
                    }
                    call.work(&mut self.state);
                    worked.push(call);
                }
                Ok(CoreCommand::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    return (worked, true);
                }
                Err(RecvTimeoutError::Timeout) => return (worked, false),
            }
            if worked.len() >= BATCH_MAX {
                return (worked, false);
            }
            next = self.another(&mut may_yield);
        }
    }

    /// A call that has come meanwhile. Where none has, and calls come in numbers, whoever waits for this core of the
    /// machine to hand one in goes first: else the first of many, which wakes this thread, has a commit for itself, and
    /// the others the next one. One that is alone is not kept waiting.
    fn another(&self, may_yield: &mut bool) -> Result<CoreCommand, RecvTimeoutError> {
        let mut come = self.commands.try_recv();
        if *may_yield && matches!(come, Err(TryRecvError::Empty)) {
            // Once: on a busy machine others work long before this thread is back.
            *may_yield = false;
            thread::yield_now();
            come = self.commands.try_recv();
        }
        come.map_err(|error| match error {
            TryRecvError::Empty => RecvTimeoutError::Timeout,
            TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
        })
    }

    /// How long nothing is to be done; `None` for until somebody calls.
    fn sleep(&self) -> Option<Duration> {
        let clock = &self.shared.clock;
        if clock.is_manual() {
            return None;
        }
        let now = clock.now();
        let due =
            self.state.next_due().map_or(SLEEP_MAX, |at| Duration::from_millis(at.since(now).0));
        Some(due.min(SLEEP_MAX))
    }

    /// Does what is due now and then: notes that somebody is there, and deletes what was kept long enough.
    fn note_time(&mut self, stops: bool) {
        let now = self.state.now();
        if stops || now.since(self.alive) >= ALIVE_EVERY {
            self.store.note_alive(now);
            self.alive = now;
        }
        let Some(keep) = self.keep_messages else { return };
        if self.expired.is_none_or(|last| now.since(last) >= EXPIRE_EVERY) {
            self.expired = Some(now);
            self.state.expire_messages(keep);
        }
    }

    /// Keeps what has changed, publishes it, and answers.
    fn finish(&mut self, worked: Vec<Box<dyn Call>>, stops: bool) {
        let kept = self.keep(stops);
        if !self.needs_reload {
            self.publish();
        }
        if worked.is_empty() {
            return;
        }
        let answer = move || worked.into_iter().for_each(|call| call.answer(kept.clone()));
        match &self.runtime {
            // One of theirs wakes those who wait: each that this thread wakes itself is a call of the machine, and may
            // run at once, and wait for the next one to be woken.
            Some(runtime) => drop(runtime.spawn(async move { answer() })),
            None => answer(),
        }
    }

    /// Commits what has changed.
    fn keep(&mut self, stops: bool) -> Result<(), Refusal> {
        let rows = self.state.seq - self.snapshot_seq;
        if rows >= SNAPSHOT_EVERY || stops && rows > 0 {
            self.state.writes.push(Write::Snapshot(self.state.snapshot()));
            self.snapshot_seq = self.state.seq;
        }
        let writes = std::mem::take(&mut self.state.writes);
        if self.needs_reload {
            return Err(Refusal::StoreUnreadable);
        }
        if !writes.is_empty() {
            let Self { shared, store, .. } = self;
            let kept = shared.metrics.commit(writes.len(), || store.commit(&writes));
            kept.map_err(|error| self.roll_back(&error))?;
        }
        self.state.liveness.keep();
        Ok(())
    }

    /// Lets be known what is on disk.
    fn publish(&mut self) {
        let Self { state, shared, .. } = self;
        if let Some(put) = state.unpublished.clock.take() {
            shared.clock.put(put);
        }
        let accounts = std::mem::take(&mut state.unpublished.accounts);
        if !accounts.is_empty() {
            shared.password_hashes.put(accounts);
        }
        if let Some(edge) = state.latest_edge.take()
            && !shared.clock.is_manual()
        {
            shared.metrics.edge_late(shared.clock.now().since(edge));
        }
        let outbox = state.publish();
        if !outbox.widgets.is_empty() {
            shared.widgets.put(&outbox.widgets);
        }
        if !outbox.is_empty() {
            // The hub lives as long as the core.
            drop(self.hub.blocking_send(HubCommand::Deliver(outbox)));
        }
    }

    /// What could not be kept has not happened.
    fn roll_back(&mut self, error: &StoreError) -> Refusal {
        tracing::error!(%error, "cannot keep what was written; nothing of it has happened");
        self.shared.metrics.failed_commits.inc();
        self.needs_reload = true;
        self.reload();
        Refusal::NotKept
    }

    /// Makes the state anew from the store.
    fn reload(&mut self) {
        let now = self.shared.clock.now();
        self.state.liveness.undo();
        let restored = self.store.load().map_err(CoreError::from).and_then(|stored| {
            let liveness = self.state.liveness.clone();
            let versions = Some(self.state.versions.last());
            State::restore(stored, &self.zones, now, liveness, versions).map_err(CoreError::from)
        });
        match restored {
            Ok(state) => {
                self.state = state;
                self.snapshot_seq = self.snapshot_seq.min(self.state.seq);
                self.needs_reload = false;
                self.shared.widgets.put_all(self.state.all_rendered());
                // What the clock did meanwhile has happened, whatever else has not.
                self.state.tell_everything();
            }
            Err(error) => tracing::error!(%error, "cannot read the store"),
        }
    }
}
