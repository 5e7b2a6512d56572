//! What is kept, and what a start makes of it.

mod not_kept;

use super::*;
use crate::accounts::Secret;
use crate::outbox::SocketId;
use crate::store::SqliteStore;
use lamplighter_core::model::{Chosen, Instant, Millis};
use std::task::Poll;

fn at(seconds: i64) -> Instant {
    Instant::from_millis(1_773_057_600_000 + 1_000 * seconds).expect("in range")
}

fn token(number: usize) -> Secret {
    Secret::new(number.to_string())
}

/// A core on a clock that the test holds.
fn core(store: &std::path::Path, clock: &Arc<Clock>) -> (Core, mpsc::Receiver<HubCommand>) {
    let (core, _, orders) = core_with_handle(store, clock);
    (core, orders)
}

fn core_with_handle(
    store: &std::path::Path,
    clock: &Arc<Clock>,
) -> (Core, CoreHandle, mpsc::Receiver<HubCommand>) {
    core_on(Box::new(SqliteStore::open(store).expect("opens")), clock)
}

fn core_on(
    store: Box<dyn Store>,
    clock: &Arc<Clock>,
) -> (Core, CoreHandle, mpsc::Receiver<HubCommand>) {
    let (hub, orders) = mpsc::channel(16);
    let shared = Shared {
        clock: Arc::clone(clock),
        widgets: Arc::default(),
        password_hashes: Arc::default(),
        metrics: Arc::default(),
    };
    let zones = Arc::new(Zones::bundled());
    let liveness = Liveness::new(Millis(60_000));
    let (core, handle) = Core::begin(store, &zones, shared, hub, liveness, None).expect("begins");
    (core, handle, orders)
}

#[test]
fn time_never_goes_back_even_where_the_clock_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("lamplighter.db");
    let clock = Arc::new(Clock::manual(at(100)));
    let (mut core, _orders) = core(&store, &clock);
    core.state.put_account("ann", "a hash".to_owned(), None);
    core.state.log_in("ann", "laptop", &token(1), 8).expect("logs in");
    core.finish(Vec::new(), false);
    clock.put(at(0));
    core.state.advance(clock.now().max(core.state.now()));
    core.state.log_out(&token(1).hash(), false).expect("logs out");
    assert_eq!(core.state.now(), at(100));
    core.finish(Vec::new(), true);
    drop(core);
    // The next start does not begin before what is in the journal, either.
    let (core, _orders) = self::core(&store, &clock);
    assert_eq!(core.state.now(), at(100));
    let mut instants = Vec::new();
    let mut row = |row: crate::store::JournalRow| {
        instants.push((row.at, row.action.into_owned()));
        true
    };
    let reader = core.store.reader();
    reader.journal(Instant::MIN, Instant::MAX, &mut row).expect("reads");
    assert_eq!(instants, [(at(100), "login".to_owned()), (at(100), "logout".to_owned())]);
}

#[test]
fn calls_that_share_a_commit_each_happen_when_their_turn_comes() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(Clock::manual(at(0)));
    let store = folder.path().join("lamplighter.db");
    let (mut core, handle, _orders) = core_with_handle(&store, &clock);
    let goes_on = Arc::clone(&clock);
    let mut first = Box::pin(handle.call(move |state| {
        goes_on.put(at(5));
        Ok(state.now())
    }));
    let mut second = Box::pin(handle.call(|state| Ok(state.now())));
    let mut nobody = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(first.as_mut().poll(&mut nobody).is_pending(), "handed in");
    assert!(second.as_mut().poll(&mut nobody).is_pending(), "handed in");
    let come = core.commands.recv().map_err(|_| RecvTimeoutError::Disconnected);
    let (worked, _) = core.work(come);
    assert_eq!(worked.len(), 2, "they share the commit");
    core.finish(worked, false);
    assert!(matches!(first.as_mut().poll(&mut nobody), Poll::Ready(Ok(now)) if now == at(0)));
    assert!(matches!(second.as_mut().poll(&mut nobody), Poll::Ready(Ok(now)) if now == at(5)));
}

#[test]
fn a_start_from_a_snapshot_and_one_from_all_rows_come_to_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("lamplighter.db");
    let clock = Arc::new(Clock::manual(at(0)));
    let (mut core, _orders) = core(&store, &clock);
    for (place, agent) in ["ann", "bob", "cy"].into_iter().enumerate() {
        core.state.put_account(agent, "a hash".to_owned(), None);
        core.state.log_in(agent, "laptop", &token(place), 8).expect("logs in");
        core.state.log_in(agent, "phone", &token(10 + place), 8).expect("logs in");
    }
    core.state.advance(at(30));
    core.state.set_status(&token(0).hash(), Chosen::Away, None, false).expect("is set");
    core.state.set_status(&token(1).hash(), Chosen::Invisible, None, true).expect("is set");
    core.state.advance(at(70));
    core.state.log_out(&token(12).hash(), false).expect("logs out");
    // An account under the name of one that had devices.
    core.state.delete_account("bob").expect("is there");
    core.state.put_account("bob", "another hash".to_owned(), None);
    core.state.log_in("bob", "tablet", &token(20), 8).expect("logs in");
    assert_eq!(core.state.devices("bob").expect("is there").len(), 1);
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
        let liveness = Liveness::new(Millis(60_000));
        let state = State::restore(kept, &core.zones, snapshot.at, liveness, None);
        state.expect("fits together").snapshot()
    };
    let kept = core.store.load().expect("reads");
    assert!(kept.tail.is_empty());
    let liveness = Liveness::new(Millis(60_000));
    let from_snapshot = State::restore(kept, &core.zones, at(70), liveness, None);
    assert_eq!(from_snapshot.expect("fits together").snapshot(), all_rows);
    assert_eq!(all_rows, core.state.snapshot());
}

#[test]
fn a_commit_wakes_those_who_wait_for_it_by_one_task_of_theirs() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (mut core, handle, _orders) = {
        let _within = runtime.enter();
        let store = folder.path().join("lamplighter.db");
        core_with_handle(&store, &Arc::new(Clock::manual(at(0))))
    };
    let mut calls: Vec<_> = ["ann", "bob", "cy"]
        .map(|agent| {
            Box::pin(handle.call(move |state: &mut State| {
                state.put_account(agent, "a hash".to_owned(), None);
                Ok(agent)
            }))
        })
        .into();
    let mut nobody = std::task::Context::from_waker(std::task::Waker::noop());
    let mut are_answered = || {
        calls.iter_mut().map(|call| call.as_mut().poll(&mut nobody).is_ready()).collect::<Vec<_>>()
    };
    assert_eq!(are_answered(), [false; 3], "handed in");
    let first = core.commands.recv().map_err(|_| RecvTimeoutError::Disconnected);
    let (worked, _) = core.work(first);
    assert_eq!(worked.len(), 3, "they share the commit");
    core.finish(worked, false);
    assert_eq!(are_answered(), [false; 3], "the core has woken nobody itself");
    assert_eq!(runtime.metrics().num_alive_tasks(), 1);
    runtime.block_on(tokio::task::yield_now());
    assert_eq!(are_answered(), [true; 3]);
    assert_eq!(core.store.load().expect("reads").accounts.len(), 3);
}

#[test]
fn who_had_lost_the_connection_when_the_service_went_away_is_back_by_a_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("lamplighter.db");
    let clock = Arc::new(Clock::manual(at(0)));
    let (mut core, _orders) = core(&store, &clock);
    core.state.put_account("ann", "a hash".to_owned(), None);
    core.state.log_in("ann", "laptop", &token(1), 8).expect("logs in");
    core.state.advance(at(60));
    let is_connected = |core: &Core| core.state.devices("ann").expect("is there")[0].connected;
    assert!(!is_connected(&core), "silent for a minute");
    core.finish(Vec::new(), true);
    drop(core);
    clock.put(at(90));
    let (mut core, _orders) = self::core(&store, &clock);
    assert!(!is_connected(&core), "the grace goes on");
    core.state.device_of(&token(1).hash()).expect("is logged in");
    assert!(is_connected(&core));
}

#[test]
fn a_status_that_goes_back_is_told_to_its_device_whatever_the_agents_others_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(Clock::manual(at(0)));
    let (mut core, mut orders) = core(&folder.path().join("lamplighter.db"), &clock);
    core.state.put_account("ann", "a hash".to_owned(), None);
    let mut outlets = Vec::new();
    for (place, device) in ["laptop", "phone"].into_iter().enumerate() {
        let token = token(place);
        core.state.log_in("ann", device, &token, 8).expect("logs in");
        let (outlet, outlet_end) = mpsc::channel(1);
        core.state.connect(&token.hash(), SocketId(place as u64), outlet).expect("is logged in");
        outlets.push(outlet_end);
    }
    let length = Some(Millis(1_800_000));
    core.state.set_status(&token(0).hash(), Chosen::Away, length, false).expect("is set");
    core.finish(Vec::new(), false);
    while orders.try_recv().is_ok() {}
    core.state.advance(at(1_800));
    core.finish(Vec::new(), false);
    let Ok(HubCommand::Deliver(outbox)) = orders.try_recv() else { panic!("nothing is told") };
    let told: Vec<_> = outbox.to_devices.iter().map(|(_, text)| &text[..]).collect();
    assert_eq!(told, [br#"{"type":"device","device":"laptop","status":"online"}"#]);
}
