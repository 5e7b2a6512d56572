//! What could not be kept has not happened: to connections neither, nor to the clock.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::outbox::{Outgoing, SocketId};
use crate::store::{Reader, Stored};
use lamplighter_core::model::DeviceId;
use lamplighter_target::wire::{Name, PropertyDocument};

/// A store whose disk is full as long as the test says so.
struct Full {
    store: SqliteStore,
    is_full: Arc<AtomicBool>,
}

impl Store for Full {
    fn load(&mut self) -> Result<Stored, StoreError> {
        self.store.load()
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        if self.is_full.load(Ordering::Relaxed) {
            return Err(StoreError::Machine { path: "store".into(), why: "it is full".to_owned() });
        }
        self.store.commit(writes)
    }

    fn note_alive(&mut self, at: Instant) {
        self.store.note_alive(at);
    }

    fn reader(&self) -> Box<dyn Reader> {
        self.store.reader()
    }
}

/// A service with ann, who is logged in on a laptop.
struct Service {
    core: Core,
    clock: Arc<Clock>,
    orders: mpsc::Receiver<HubCommand>,
    is_full: Arc<AtomicBool>,
    _folder: tempfile::TempDir,
}

const LAPTOP: usize = 1;

impl Service {
    fn begin() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(&folder.path().join("lamplighter.db")).expect("opens");
        let (clock, is_full) = (Arc::new(Clock::manual(at(0))), Arc::new(AtomicBool::new(false)));
        let store = Box::new(Full { store, is_full: Arc::clone(&is_full) });
        let (core, _, orders) = core_on(store, &clock);
        let mut service = Self { core, clock, orders, is_full, _folder: folder };
        service.kept(|state| {
            state.put_account("ann", "a hash".to_owned(), None);
            state.put_account("bob", "a hash".to_owned(), None);
            state.log_in("ann", "laptop", &token(LAPTOP), 8).expect("logs in");
        });
        service
    }

    fn kept(&mut self, work: impl FnOnce(&mut State)) {
        work(&mut self.core.state);
        self.core.finish(Vec::new(), false);
        assert!(!self.core.needs_reload);
    }

    /// Works, and keeps nothing of it.
    fn not_kept(&mut self, work: impl FnOnce(&mut State)) {
        self.is_full.store(true, Ordering::Relaxed);
        work(&mut self.core.state);
        self.core.finish(Vec::new(), false);
        self.is_full.store(false, Ordering::Relaxed);
        let failed = self.core.shared.metrics.failed_commits.get();
        assert_eq!((failed, self.core.needs_reload), (1, false), "it could not be kept");
    }

    fn pass_until(&mut self, seconds: i64) {
        self.clock.put(at(seconds));
        self.kept(|state| state.advance(at(seconds)));
    }

    fn is_connected(&self) -> bool {
        self.core.state.devices("ann").expect("is there")[0].connected
    }

    fn has_socket(&self) -> bool {
        self.core.state.liveness.listens(self.laptop().agent())
    }

    fn laptop(&self) -> DeviceId {
        self.core.state.tokens[&token(LAPTOP).hash()]
    }
}

fn connect(state: &mut State, socket: u64) -> mpsc::Receiver<Outgoing> {
    let (outlet, pieces) = mpsc::channel(1);
    state.connect(&token(LAPTOP).hash(), SocketId(socket), outlet).expect("is logged in");
    pieces
}

#[test]
fn a_device_that_never_was_does_not_fall_silent() {
    let mut service = Service::begin();
    service.not_kept(|state| {
        state.log_in("ann", "phone", &token(2), 8).expect("logs in");
    });
    service.pass_until(120);
    assert_eq!(service.core.state.devices("ann").expect("is there").len(), 1);
}

#[test]
fn a_socket_that_could_not_be_kept_connects_nobody() {
    let mut service = Service::begin();
    let mut pieces = None;
    service.not_kept(|state| {
        pieces = Some(connect(state, 1));
        state.log_in("bob", "desk", &token(3), 8).expect("logs in");
    });
    assert!(!service.has_socket());
    service.pass_until(60);
    assert!(!service.is_connected(), "silent for a minute");
}

#[test]
fn a_socket_outlives_a_logout_that_could_not_be_kept() {
    let mut service = Service::begin();
    let mut pieces = None;
    service.kept(|state| pieces = Some(connect(state, 1)));
    service.not_kept(|state| {
        state.log_out(&token(LAPTOP).hash(), false).expect("logs out");
    });
    assert!(service.has_socket());
    service.pass_until(120);
    assert!(service.is_connected());
}

#[test]
fn a_loss_that_could_not_be_kept_can_be_told_again() {
    let mut service = Service::begin();
    let mut pieces = None;
    service.kept(|state| pieces = Some(connect(state, 1)));
    let laptop = service.laptop();
    service.not_kept(|state| state.disconnect(laptop, SocketId(1)));
    assert!(service.is_connected() && service.has_socket());
    service.kept(|state| state.disconnect(laptop, SocketId(1)));
    assert!(!service.is_connected() && !service.has_socket());
}

#[test]
fn who_was_silent_comes_back_by_a_later_call_where_the_first_could_not_be_kept() {
    let mut service = Service::begin();
    service.pass_until(60);
    assert!(!service.is_connected());
    service.not_kept(|state| drop(state.device_of(&token(LAPTOP).hash())));
    assert!(!service.is_connected());
    service.kept(|state| drop(state.device_of(&token(LAPTOP).hash())));
    assert!(service.is_connected());
}

#[test]
fn a_commit_that_fails_is_no_sign_of_life_of_anybody() {
    let mut service = Service::begin();
    service.pass_until(50);
    service.not_kept(|state| {
        state.log_in("bob", "desk", &token(3), 8).expect("logs in");
    });
    service.pass_until(60);
    assert!(!service.is_connected(), "silent for a minute");
}

#[test]
fn what_the_clock_did_beside_it_is_told() {
    let mut service = Service::begin();
    let document = PropertyDocument { members: vec![Name("ann".to_owned())], ..Default::default() };
    service.kept(|state| drop(state.put_property("acme", document).expect("is put")));
    while service.orders.try_recv().is_ok() {}
    service.clock.put(at(600));
    service.not_kept(|state| {
        // Silent for a minute, and gone two minutes later.
        state.advance(at(600));
        state.log_in("bob", "desk", &token(3), 8).expect("logs in");
    });
    let Ok(HubCommand::Deliver(outbox)) = service.orders.try_recv() else { panic!("not told") };
    let (name, rendered) = &outbox.widgets[0];
    let status = rendered.as_ref().expect("is there").answer(&Default::default()).status;
    assert_eq!((name.as_str(), status.word()), ("acme", "offline"));
}

#[test]
fn a_clock_that_could_not_be_kept_was_not_put() {
    let mut service = Service::begin();
    service.not_kept(|state| {
        state.put_clock(at(3_600)).expect("goes forward");
    });
    assert_eq!((service.clock.now(), service.core.state.now()), (at(0), at(0)));
    service.kept(|state| {
        state.put_clock(at(30)).expect("goes forward");
    });
    assert_eq!((service.clock.now(), service.core.state.now()), (at(30), at(30)));
}
