//! What the judge is told of what holds a device, event by event.

use std::collections::BTreeMap;

use super::*;
use crate::clock::RunClock;
use crate::context::RunContext;
use crate::history::History;
use crate::plan::tests::{draw, knobs};
use crate::service::{Service, driver_of};
use crate::tally::Tally;

const FILE: &str = r#"
format = 1
[target]
name = "held"
base = "http://127.0.0.1:1"
accounts = [{ agent = "a", password = "p" }]
properties = [{ property = "one" }]
[device]
login = { post = "/in" }
logout = { post = "/out" }
status = { post = "/status" }
hold = { call = { post = "/beat" }, every = 1 }
[widget]
read = [{ get = "/w", keep.said = { json = "/s" } }]
says = [{ status = "{{said}}" }]
"#;

/// A device, what is recorded of it, and where it is heard that its session is over.
struct Held {
    recorder: Arc<HoldRecorder>,
    run: RunContext,
    over: mpsc::UnboundedReceiver<DeviceSlot>,
}

impl Held {
    fn new() -> Self {
        let plan = draw(&knobs());
        let driver = driver_of(FILE, "http://127.0.0.1:1", |_| ());
        let run = RunContext {
            clock: RunClock::new(plan.start, plan.start),
            service: Arc::new(Service::new(driver, &plan)),
            plan: Arc::new(plan),
            history: History::default(),
            tally: Arc::new(Tally::new(1_000)),
        };
        let (tell, over) = mpsc::unbounded_channel();
        let recorder = HoldRecorder::new(&Arc::new(AgentsShared::new(run.clone())), 0, 0, tell);
        Self { recorder, run, over }
    }

    /// Hears what comes of holding it; gives what was recorded by that, in short.
    fn hears(&self, events: impl IntoIterator<Item = fn(Timestamp) -> HoldEvent>) -> Vec<String> {
        events.into_iter().for_each(|event| self.recorder.on_event(event(Timestamp::now())));
        let told = |record| match record {
            Record::Invoked { effect, .. } => format!("{effect:?}"),
            Record::Returned { completion, .. } => format!("{completion:?}"),
            Record::ConnectionLost { at, since, .. } => format!("lost {}", since < at),
            Record::SessionExpired { .. } => "expired".to_owned(),
            other => panic!("{other:?}"),
        };
        self.run.history.take().into_iter().map(told).collect()
    }

    /// How many calls were right, and what was wrong with others.
    fn counted(&self) -> (u64, BTreeMap<String, u64>) {
        let counts = self.run.tally.counts();
        let connect = counts.operations.get(CONNECT);
        connect.map_or_else(Default::default, |stats| (stats.ok, stats.errors.clone()))
    }

    fn sockets(&self) -> u64 {
        self.run.tally.sockets.load(Ordering::Relaxed)
    }
}

fn failed(at: Timestamp, why: ConnectFailure) -> HoldEvent {
    HoldEvent::NotConnected(at, why)
}

fn unknown(at: Timestamp) -> HoldEvent {
    failed(at, ConnectFailure::Unknown("500".to_owned()))
}

#[test]
fn who_comes_back_is_perhaps_there_until_something_is_heard_and_too_late_is_no_error() {
    let mut held = Held::new();
    let gone: fn(Timestamp) -> HoldEvent = |at| failed(at, ConnectFailure::Gone);
    let closed: fn(Timestamp) -> HoldEvent =
        |at| failed(at, ConnectFailure::Closed("4401".to_owned()));
    for (last, told) in [(gone, "LoggedOut"), (closed, "Indeterminate")] {
        held.recorder.begins_session();
        held.recorder.comes_back(0);
        assert_eq!(held.hears([HoldEvent::Connecting, HoldEvent::Settled]), ["Connect"]);
        assert_eq!((held.sockets(), held.hears([last])), (1, vec![told.to_owned()]));
        assert_eq!((held.sockets(), held.over.try_recv()), (0, Ok(0)), "it logs in anew");
    }
    assert_eq!(held.counted(), (2, BTreeMap::new()));
    // Who is shut out again before the new login is still too late.
    assert_eq!(held.hears([HoldEvent::Connecting, HoldEvent::Settled]), ["Connect"]);
    assert!(held.recorder.has_failed());
    assert_eq!(held.hears([closed]), ["Indeterminate"]);
    held.recorder.begins_session();
    assert!(!held.recorder.has_failed());
    // What is answered was there from the time at which it had settled.
    held.recorder.comes_back(0);
    let events = [HoldEvent::Connecting, HoldEvent::Settled, HoldEvent::Connected];
    assert_eq!(held.hears(events), ["Connect", "Done([])"]);
    assert_eq!((held.sockets(), held.counted()), (1, (4, BTreeMap::new())));
}

#[test]
fn a_login_has_settled_and_what_is_never_answered_is_an_error_each_time() {
    let held = Held::new();
    let first = held.hears([HoldEvent::Connecting, HoldEvent::Settled]);
    assert_eq!(first, ["Connect", "Done([])"], "rule T27");
    assert_eq!(held.hears([unknown as fn(_) -> _]), ["lost true"]);
    let again = held.hears([HoldEvent::Connecting, HoldEvent::Settled, unknown]);
    assert_eq!(again, ["Connect", "Indeterminate"], "nobody knows whether it is held again");
    assert_eq!(held.counted(), (0, [("not connected".to_owned(), 2)].into()));
    assert_eq!(held.sockets(), 0);
}

#[test]
fn t45_a_session_that_is_over_after_its_time_is_no_error_and_logs_in_anew() {
    let mut held = Held::new();
    held.hears([HoldEvent::Connecting, HoldEvent::Settled, HoldEvent::Connected]);
    let expired: fn(Timestamp) -> HoldEvent = |at| HoldEvent::Expired(at, at);
    assert_eq!(held.hears([expired]), ["expired"]);
    assert_eq!((held.over.try_recv(), held.sockets()), (Ok(0), 0));
    assert_eq!(held.counted(), (1, BTreeMap::new()));
}
