//! Visitors of a server that does what a script says.

mod honesty;
mod lines;
mod server;
mod watching;

use std::sync::Arc;
use std::time::Duration;

use self::server::Server;
use super::{Outcome, Signals, TIMEOUT, Visitors, run};
use crate::clock::{Micros, RunClock};
use crate::notes::{Note, Notebook};
use crate::plan::{Arrival, Plan, Property, Visit, Watch, Widget};
use crate::product::Reference;
use crate::tally::{Counts, Tally};
use lamplighter_core::model::{Instant, Millis, Setting, Settings, Visitor, WidgetStatus};
use lamplighter_target::{Host, Trust};

/// The greeting of `acme` while it is online.
const HELLO: &str = "Hello!";

/// Two properties; whoever is on the second kind of visitor's page does not see `acme`.
fn plan() -> Plan {
    let start = Instant::from_millis(1_773_061_200_000).expect("a year that there is");
    let mut settings = Settings::default();
    settings.set(Setting::Greeting(WidgetStatus::Online, Some(HELLO.to_owned())));
    settings.set(Setting::PagesHide(vec!["/checkout".to_owned()]));
    let property = |name: &str, widget: u32| Property {
        name: name.to_owned(),
        members: Vec::new(),
        suspended: Vec::new(),
        widgets: widget..widget + 1,
        is_own: true,
    };
    let widget = |name: &str, property, settings: &Settings| Widget {
        name: name.to_owned(),
        property,
        settings: Arc::new(settings.clone()),
    };
    let on = |page: &str| Visitor { page: Some(page.to_owned()), ..Visitor::default() };
    Plan {
        start,
        duration: Millis(60_000),
        grace: Millis(2_000),
        prefix: "t-".to_owned(),
        password: String::new(),
        properties: vec![property("acme", 0), property("globex", 1)],
        widgets: vec![widget("acme", 0, &settings), widget("globex", 1, &Settings::default())],
        agents: Vec::new(),
        visitors: vec![Visitor::default(), on("https://example.com/checkout")],
    }
}

/// What `acme` answers.
fn acme(version: u64) -> String {
    answer("acme", HELLO, "none", "null", version)
}

fn answer(widget: &str, greeting: &str, form: &str, hidden: &str, version: u64) -> String {
    let shown = hidden == "null";
    format!(
        r#"{{"widget":"{widget}","status":"online","chat":true,"shown":{shown},"hidden_because":{hidden},"greeting":"{greeting}","form":"{form}","next_change":null,"version":{version}}}"#
    )
}

/// Visitors of a server, whose run begins now.
fn visitors(server: &Server) -> Visitors {
    let plan = plan();
    Visitors {
        clock: RunClock::new(plan.start, plan.start),
        plan: Arc::new(plan),
        product: Arc::new(Reference),
        host: Host::new(&format!("http://{}", server.address), "key", &Trust::Machine)
            .expect("an address"),
        notebook: Notebook::default(),
        tally: Arc::new(Tally::new(1_000)),
        signals: Arc::new(Signals::default()),
        watches: Vec::new(),
        connections_max: 64,
        timeout: TIMEOUT,
    }
}

/// Looks at `acme`, at these milliseconds of the run.
fn looks(at_ms: impl IntoIterator<Item = i64>) -> Vec<Arrival> {
    let look = |ms| Arrival { at: ms * 1_000, widget: 0, visitor: 0, what: Visit::Look };
    at_ms.into_iter().map(look).collect()
}

/// A stream of `acme`, in milliseconds of the run.
fn watch(from_ms: i64, to_ms: i64) -> Watch {
    let (from, to) = (from_ms * 1_000, to_ms * 1_000);
    Watch { from, to, widget: 0, visitor: 0, is_slow: false }
}

/// What became of it.
struct Ran {
    outcome: Outcome,
    notes: Vec<Note>,
    counts: Counts,
}

/// Runs to the end of the arrivals, and streams for so much longer.
fn ran(visitors: Visitors, arrivals: Vec<Arrival>, longer: Duration) -> Ran {
    let (signals, notebook, tally) =
        (visitors.signals.clone(), visitors.notebook.clone(), visitors.tally.clone());
    let running = std::thread::spawn(move || run(visitors, arrivals.into_iter()));
    while !signals.are_done() && !running.is_finished() {
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(longer);
    signals.close_streams();
    let outcome = running.join().expect("does not panic").expect("the server has an address");
    let open = tally.connections.load(std::sync::atomic::Ordering::Relaxed);
    let streams = tally.streams.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!((open, streams), (0, 0), "all is closed in the end");
    Ran { outcome, notes: notebook.take(), counts: tally.counts() }
}

impl Ran {
    /// Calls of an operation that were answered as they should be, and what went wrong with others.
    fn calls(&self, operation: &str) -> (u64, Vec<(&str, u64)>) {
        let Some(counted) = self.counts.operations.get(operation) else { return (0, Vec::new()) };
        let errors = counted.errors.iter().map(|(why, count)| (why.as_str(), *count));
        (counted.ok, errors.collect())
    }

    /// When each read was sent and answered, by whom, and what it says of versions and of what is
    /// beside presence.
    #[expect(clippy::type_complexity)]
    fn reads(&self) -> Vec<(Micros, Micros, u64, Option<u64>, Option<&str>)> {
        let read = |note| match note {
            &Note::Read { sent, answered, reader, ref said, .. } => {
                Some((sent, answered, reader, said.version, said.beside.as_deref()))
            }
            _ => None,
        };
        self.notes.iter().filter_map(read).collect()
    }
}
