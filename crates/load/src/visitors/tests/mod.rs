//! Visitors of a server that does what a script says.

mod followed;
mod honesty;
mod ids;
mod left;
mod lines;
mod server;
mod watching;

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant as MachineTime};

use self::server::Server;
use super::pool::VisitorPool;
use super::{KeptMessage, Signals, Visitors, connection, run};
use crate::clock::{Micros, RunClock};
use crate::context::RunContext;
use crate::history::{History, Record};
use crate::observation::{Observation, Observed, SessionId, WidgetSeen};
use crate::plan::{Arrival, PlannedProperty, PlannedWidget, RunPlan, StreamWatch, VisitorAction};
use crate::service::{Service, StandingProperty};
use crate::tally::{RunCounts, Tally};
use lamplighter_core::model::{
    Instant, Millis, PageList, Setting, Settings, Visitor, WidgetStatus,
};
use lamplighter_core::world::Timing;
use lamplighter_target::Trust;
use lamplighter_target::driver::{CreatedObjects, Driver, DriverOptions, Endpoint, Member};
use lamplighter_target::file::check;

/// Whatever is waited for comes sooner, on any machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// The greeting of `acme` while it is online.
const HELLO: &str = "Hello!";

/// Two properties; whoever is on the second kind of visitor's page does not see `acme`.
fn plan() -> RunPlan {
    let start = Instant::from_millis(1_773_061_200_000).expect("a year that there is");
    let mut settings = Settings::default();
    settings.set(Setting::Greeting(WidgetStatus::Online, Some(HELLO.to_owned())));
    settings.pages[PageList::Hide] = vec!["/checkout".parse().expect("a page pattern")];
    let property = |name: &str, widget: u32| PlannedProperty {
        name: name.to_owned(),
        members: Vec::new(),
        suspended: Vec::new(),
        widgets: widget..widget + 1,
        is_own: true,
    };
    let widget = |name: &str, property, settings: &Settings| PlannedWidget {
        name: name.to_owned(),
        property,
        settings: Arc::new(settings.clone()),
    };
    let on = |page: &str| Visitor { page: Some(page.to_owned()), ..Visitor::default() };
    RunPlan {
        start,
        duration: Millis(60_000),
        grace: Millis(2_000),
        prefix: "t-".to_owned(),
        properties: vec![property("acme", 0), property("globex", 1)],
        widgets: vec![widget("acme", 0, &settings), widget("globex", 1, &Settings::default())],
        agents: Vec::new(),
        visitors: vec![Visitor::default(), on("https://example.com/checkout")],
        requests: "t-7".to_owned(),
        goals: Default::default(),
    }
}

/// What stands before the widget in every target file here: two properties that are there beforehand.
const FRONT: &str = r#"
format = 1
[target]
name       = "scripted"
base       = "http://127.0.0.1:1"
accounts   = [{ agent = "ann", password = "pw-of-ann" }, { agent = "bob", password = "pw-of-bob" }]
properties = [{ property = "acme" }, { property = "globex" }]
[http]
headers = { User-Agent = "lamplighter" }
[device]
login  = { as = "visitor", post = "/login" }
status = { put = "/status" }
logout = { post = "/logout" }
"#;

/// Widgets and messages as the reference service has them.
const LIKE_REFERENCE: &str = r#"
[widget]
make = { as = "admin", put = "/w/{{widget}}", json = { greetings = "{{greetings}}", form = "{{pre_chat_form}}", pages = "{{pages}}" } }
read = { get = "/v1/widgets/{{property}}", query = { page = "{{page}}" }, keep = { status = { json = "/status" }, chat = { json = "/chat" }, shown = { json = "/shown" }, hidden = { json = "/hidden_because", else = "" }, greeting = { json = "/greeting" }, form = { json = "/form" }, version = { json = "/version" } } }
push = { stream = "/v1/widgets/{{property}}/events", keep = { status = { json = "/status" }, chat = { json = "/chat" }, shown = { json = "/shown" }, hidden = { json = "/hidden_because", else = "" }, greeting = { json = "/greeting" }, form = { json = "/form" }, version = { json = "/version" } } }
says = [{ status = "{{status}}", chat = "{{chat}}", form = "{{form}}", greeting = "{{greeting}}", shown = "{{shown}}", hidden_because = "{{hidden}}" }]
[message]
leave = { post = "/v1/widgets/{{property}}/messages", json = { name = "{{name}}", message = "{{text}}" } }
list  = { get = "/v1/messages/{{property}}", keep.said = { json = "/messages/*/message" } }
[can]
settings   = ["greetings", "pre_chat_form", "pages"]
visibility = true
versions   = "version"
"#;

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

/// Visitors of a server like the reference service, whose run begins now.
fn visitors(server: &Server) -> Visitors {
    visitors_of(server, LIKE_REFERENCE)
}

/// The same of a server that a target file with these lines describes.
fn visitors_of(server: &Server, lines: &str) -> Visitors {
    let plan = plan();
    let run = RunContext {
        clock: RunClock::new(plan.start, plan.start),
        service: Arc::new(standing(&plan, driver(server, lines))),
        plan: Arc::new(plan),
        history: History::default(),
        tally: Arc::new(Tally::new(1_000)),
    };
    Visitors {
        run,
        signals: Arc::new(Signals::default()),
        watches: Vec::new(),
        connections_max: 64,
        timeout: Duration::from_secs(10),
    }
}

fn driver(server: &Server, lines: &str) -> Arc<Driver> {
    let text = format!("{FRONT}{lines}");
    let checked = check(text.as_bytes(), &|path| Err(format!("no file {path}")));
    let file = checked.file.unwrap_or_else(|| panic!("{:#?}\n{text}", checked.findings));
    let endpoint = Endpoint::new(&format!("http://{}", server.address), &Trust::Machine);
    let endpoint = endpoint.expect("an address");
    Arc::new(Driver::new(file, endpoint, DriverOptions::default()).expect("randomness"))
}

/// The plan as it stands on a service that has all of it beforehand.
fn standing(plan: &RunPlan, driver: Arc<Driver>) -> Service {
    let service = Service::new(Arc::clone(&driver), plan);
    let mut made = CreatedObjects::default();
    let runtime = super::runtime().expect("a runtime");
    runtime.block_on(async {
        let agents = driver.make_agents(2, &mut made).await.expect("nothing is called");
        let agents = agents.expect("they are there");
        for index in 0..2 {
            let settings = Settings::default();
            let property = driver.make_property(&settings, Timing::default(), &mut made).await;
            let property = property.expect("nothing is called").expect("it is there");
            let members = agents.iter().map(|agent| Member::new(agent, &property)).collect();
            service.put_widget(index, property.own_widget());
            service.put_property(index, StandingProperty { property, members });
        }
    });
    service
}

/// So many looks at `acme`, for [`one_by_one`].
fn looks_at_once(count: usize) -> Vec<Arrival> {
    looks(vec![0; count])
}

/// Looks at `acme`, at these milliseconds of the run.
fn looks(at_ms: impl IntoIterator<Item = i64>) -> Vec<Arrival> {
    let look = |(number, ms)| Arrival {
        at: ms * 1_000,
        widget: 0,
        visitor: 0,
        number,
        what: VisitorAction::Look,
    };
    (1..).zip(at_ms).map(look).collect()
}

/// A stream of `acme`, in milliseconds of the run.
fn watch(from_ms: i64, to_ms: i64) -> StreamWatch {
    let (from, to) = (from_ms * 1_000, to_ms * 1_000);
    StreamWatch { from, to, widget: 0, visitor: 0, number: 3, is_slow: false }
}

/// What became of it.
#[derive(Debug, Default)]
struct Ran {
    kept: Vec<KeptMessage>,
    records: Vec<Record>,
    counts: RunCounts,
}

/// Runs to the end of the arrivals.
fn ran(visitors: Visitors, arrivals: Vec<Arrival>) -> Ran {
    ran_until(visitors, arrivals, |_| true)
}

/// Runs to the end of the arrivals, and streams until what is there is enough.
fn ran_until(visitors: Visitors, arrivals: Vec<Arrival>, is_enough: impl Fn(&Ran) -> bool) -> Ran {
    let (signals, context) = (visitors.signals.clone(), visitors.run.clone());
    let running = std::thread::spawn(move || run(visitors, arrivals.into_iter()));
    let mut ran = Ran::default();
    let began = MachineTime::now();
    loop {
        // Whether all have come is asked first: what they have left is there then.
        let are_done = signals.are_done() || running.is_finished();
        ran.take(&context);
        if are_done && is_enough(&ran) {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "it is not enough: {ran:#?}");
        std::thread::sleep(Duration::from_millis(2));
    }
    signals.close_streams();
    ran.kept = running.join().expect("does not panic").expect("the server has an address");
    ran.take(&context);
    ran.check_closed(&context);
    ran
}

/// Lets visitors come one after the other, each once the one before has been answered, however long the
/// machine takes for it. Before each `is_quiet` must be so of the connections that are open.
fn one_by_one(
    visitors: Visitors,
    arrivals: Vec<Arrival>,
    is_quiet: impl Fn(usize, u64) -> bool,
) -> Ran {
    let (context, dialer) = (visitors.run.clone(), visitors.dialer().expect("an address"));
    let mut ran = Ran::default();
    let runtime = super::runtime().expect("a runtime");
    runtime.block_on(async {
        let pool = Rc::new(VisitorPool::new(visitors, dialer));
        for (number, arrival) in arrivals.into_iter().enumerate() {
            let open = || context.tally.connections.load(Ordering::Relaxed);
            until("the connections are as they must be", || is_quiet(number, open())).await;
            let now = context.clock.now();
            context.tally.arrival(now, now);
            if let Some(slot) = pool.arrive(Arrival { at: now, ..arrival }) {
                tokio::task::spawn_local(connection::attend(pool.clone(), slot));
            }
            until("the visitor is answered", || pool.in_flight() == 0).await;
        }
        ran.kept = pool.messages.take().into_messages();
    });
    // Connections that are still open are closed with it.
    drop(runtime);
    ran.take(&context);
    ran.check_closed(&context);
    ran
}

/// Waits for something, but not for ever.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = MachineTime::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

impl Ran {
    /// Takes what has come together so far.
    fn take(&mut self, context: &RunContext) {
        self.records.extend(context.history.take());
        self.counts = context.tally.counts();
    }

    fn check_closed(&self, context: &RunContext) {
        let open = context.tally.connections.load(Ordering::Relaxed);
        let streams = context.tally.streams.load(Ordering::Relaxed);
        assert_eq!((open, streams), (0, 0), "all is closed in the end");
    }

    /// Calls of an operation that were answered as they should be, and what went wrong with others.
    fn calls(&self, operation: &str) -> (u64, Vec<(&str, u64)>) {
        let Some(counted) = self.counts.operations.get(operation) else { return (0, Vec::new()) };
        let errors = counted.errors.iter().map(|(why, count)| (why.as_str(), *count));
        (counted.ok, errors.collect())
    }

    /// What was seen of widgets, with all that is known of it.
    fn seen(&self) -> impl Iterator<Item = (&Observation, &WidgetSeen)> {
        self.records.iter().filter_map(|record| match record {
            Record::Observed(observation) => match &observation.seen {
                Observed::Widget(seen) => Some((observation, seen)),
                _ => None,
            },
            _ => None,
        })
    }

    /// Of each read when it was sent and answered.
    fn times(&self) -> Vec<(Micros, Micros)> {
        self.seen().map(|(observation, _)| (observation.invoked, observation.returned)).collect()
    }

    /// Who saw each.
    fn sessions(&self) -> Vec<SessionId> {
        self.seen().map(|(observation, _)| observation.session).collect()
    }

    /// The version of each.
    fn versions(&self) -> Vec<Option<u64>> {
        self.seen().map(|(observation, _)| observation.version).collect()
    }

    /// What is wrong with each whatever the presence is.
    fn mismatches(&self) -> Vec<Option<&str>> {
        self.seen().map(|(_, seen)| seen.mismatch.as_deref()).collect()
    }
}
