//! Agents of a load test against a real service: what they record is what they did, at its instants, and
//! nothing stays behind on the target.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant as MachineTime};

use crate::client::{Client, KEY, Running, limits, start_with, until};
use lamplighter_core::model::{AgentStatus, Chosen, Instant, Millis, Settings};
use lamplighter_load::agents::{self, AgentsSignals, PlayedAgents};
use lamplighter_load::clock::{Micros, RunClock, SECOND_US};
use lamplighter_load::context::RunContext;
use lamplighter_load::history::{Completion, Effect, History, Record};
use lamplighter_load::observation::Observed;
use lamplighter_load::plan::{
    AgentAction, PlannedAgent, PlannedProperty, PlannedStep, PlannedWidget, RunPlan,
};
use lamplighter_load::provision::{ProvisionError, Provisioned};
use lamplighter_load::service::{Service, reference};
use lamplighter_load::tally::Tally;
use lamplighter_load::wait_budget::WaitBudget;
use lamplighter_service::Clock;
use lamplighter_target::driver::Leftovers;
use lamplighter_target::file::possible::PossibleStatuses;
use serde_json::{Value, json};

const GRACE: Millis = Millis(1_000);
/// Whatever is waited for comes sooner, on any machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between the making of a plan and its first instant.
const AHEAD: Duration = Duration::from_millis(700);

fn start(folder: &tempfile::TempDir) -> Running {
    start_with(folder.path(), Clock::system(), limits())
}

fn steps(slot: u8, list: &[(f64, AgentAction)]) -> Vec<PlannedStep> {
    let step = |&(at, what): &(f64, AgentAction)| PlannedStep {
        at: (at * SECOND_US as f64) as Micros,
        slot,
        what,
    };
    list.iter().map(step).collect()
}

/// Two agents, one property with two widgets.
fn plan(ann: Vec<PlannedStep>, bob: Vec<PlannedStep>) -> Arc<RunPlan> {
    let agent = |name: &str, devices: &[&'static str], steps| PlannedAgent {
        name: format!("lt-{name}"),
        properties: vec![0],
        devices: devices.to_vec(),
        steps,
        is_own: true,
    };
    let settings = Arc::new(Settings { pre_chat_form: true, ..Settings::default() });
    let widget = |name: &str| PlannedWidget {
        name: name.to_owned(),
        property: 0,
        settings: Arc::clone(&settings),
    };
    Arc::new(RunPlan {
        start: Instant::MIN,
        duration: Millis(5_000),
        grace: GRACE,
        prefix: "lt-".to_owned(),
        properties: vec![
            PlannedProperty {
                name: "lt-acme".to_owned(),
                members: vec![1, 0],
                suspended: vec![],
                widgets: 0..2,
                is_own: true,
            },
            PlannedProperty {
                name: "lt-of-another-shard".to_owned(),
                members: vec![],
                suspended: vec![],
                widgets: 2..3,
                is_own: false,
            },
        ],
        widgets: vec![widget("lt-acme"), widget("lt-acme/chat"), widget("lt-of-another-shard")],
        agents: vec![
            agent("ann", &["laptop", "phone"], ann),
            agent("bob", &["desk"], bob),
            PlannedAgent {
                is_own: false,
                ..agent("cyd", &["desk"], steps(0, &[(0.0, AgentAction::Login)]))
            },
        ],
        visitors: vec![],
        requests: "lt-1".to_owned(),
        goals: Default::default(),
    })
}

/// Puts a plan on a service, with this key.
async fn provision_with(
    plan: &Arc<RunPlan>,
    target: &str,
    key: &str,
) -> Result<Provisioned, ProvisionError> {
    let mut provisioned = Provisioned::nothing(plan, &reference(target, key));
    provisioned.put(&AtomicBool::new(false)).await?;
    Ok(provisioned)
}

/// Puts a plan on a service.
async fn provision(plan: &Arc<RunPlan>, target: &str) -> Provisioned {
    provision_with(plan, target, KEY).await.expect("the service takes the plan")
}

/// Takes it away again: nothing is left but accounts, which the service cannot delete.
async fn take_away(provisioned: Provisioned) {
    let (failed, left) = provisioned.take_away(&mut WaitBudget::of(PATIENCE)).await;
    assert_eq!(failed, [""; 0]);
    assert_eq!(left, Leftovers { agents: 2, ..Leftovers::default() });
}

fn target(service: &Running) -> String {
    format!("http://{}", service.address)
}

/// What a run leaves.
struct Ran {
    clock: RunClock,
    history: History,
    /// What was taken out of the history so far.
    taken: Mutex<Vec<Record>>,
    tally: Arc<Tally>,
    signals: Arc<AgentsSignals>,
}

impl Ran {
    fn new() -> Self {
        let now = Clock::system().now();
        let start = Instant::from_millis(now.as_millis() + AHEAD.as_millis() as i64);
        Self {
            clock: RunClock::new(start.expect("an instant"), now),
            history: History::default(),
            taken: Mutex::default(),
            tally: Arc::new(Tally::new(1_000)),
            signals: Arc::default(),
        }
    }

    async fn play(&self, plan: &Arc<RunPlan>, service: &Arc<Service>) -> PlayedAgents {
        let run = RunContext {
            plan: Arc::clone(plan),
            service: Arc::clone(service),
            clock: self.clock,
            history: self.history.clone(),
            tally: Arc::clone(&self.tally),
        };
        agents::play(run, Arc::clone(&self.signals)).await.expect("goose runs")
    }

    /// All that was recorded so far.
    fn records(&self) -> Vec<Record> {
        let mut taken = self.taken.lock().expect("nobody panics with it");
        taken.extend(self.history.take());
        taken.clone()
    }

    /// Waits for something of what is recorded, but not for ever.
    async fn until(&self, what: &str, is_so: impl Fn(&[Record]) -> bool) {
        let began = MachineTime::now();
        while !is_so(&self.records()) {
            assert!(
                began.elapsed() < PATIENCE,
                "waited in vain until {what}: {:#?}",
                self.records()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// What a device did, and how it ended: `login done`, `lost`, `connect refused`.
fn deeds(records: &[Record], who: u32, on: u8) -> Vec<String> {
    let ended = |of: u64| {
        let mut ends = records.iter().filter_map(|record| match record {
            Record::Returned { write, completion, .. } if *write == of => Some(completion),
            _ => None,
        });
        let end = ends.next();
        assert_eq!(ends.next(), None, "a write ends once");
        match end {
            Some(Completion::Done(_)) => "done",
            Some(Completion::Refused | Completion::LoggedOut) => "refused",
            Some(Completion::Indeterminate) => "indeterminate",
            None => "pending",
        }
    };
    let deed = |record: &Record| match record {
        Record::Invoked { write, agent, slot, effect, .. } if (*agent, *slot) == (who, on) => {
            let effect = match effect {
                Effect::Login => "login".to_owned(),
                Effect::Status(chosen) => chosen.to_string(),
                Effect::Logout => "logout".to_owned(),
                Effect::Connect => "connect".to_owned(),
            };
            Some(format!("{effect} {}", ended(*write)))
        }
        Record::ConnectionLost { at, since, agent, slot } if (*agent, *slot) == (who, on) => {
            Some(if at == since { "lost" } else { "closed" }.to_owned())
        }
        _ => None,
    };
    records.iter().filter_map(deed).collect()
}

fn sent_at(records: &[Record], who: u32, what: Effect) -> Vec<Micros> {
    let at = |record: &Record| match record {
        Record::Invoked { at, agent, effect, .. } if (*agent, *effect) == (who, what) => Some(*at),
        _ => None,
    };
    records.iter().filter_map(at).collect()
}

/// When the first of an agent's writes of this kind returned.
fn returned_at(records: &[Record], who: u32, what: Effect) -> Micros {
    let first = records.iter().find_map(|record| match record {
        Record::Invoked { write, agent, effect, .. } => {
            ((*agent, *effect) == (who, what)).then_some(*write)
        }
        _ => None,
    });
    let at = records.iter().find_map(|record| match record {
        Record::Returned { write, at, .. } => (Some(*write) == first).then_some(*at),
        _ => None,
    });
    at.expect("it returned")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines, reason = "one course of events, told as it happens")]
async fn agents_do_what_the_plan_says_and_record_what_became_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(&folder);
    let mut ann = steps(
        0,
        &[
            (0.1, AgentAction::Login),
            (0.3, AgentAction::Status(Chosen::Away)),
            (0.5, AgentAction::StatusTwice(Chosen::Online)),
            (0.6, AgentAction::StatusLate(Chosen::Invisible, 200_000)),
            (1.0, AgentAction::Lose),
            (1.3, AgentAction::Return),
            (1.5, AgentAction::Lose),
            (3.0, AgentAction::Return),
            (3.3, AgentAction::Team(0)),
            // So late that a busy machine, too, has logged the devices out by then.
            (3.4, AgentAction::StatusLate(Chosen::Away, 1_500_000)),
            (3.5, AgentAction::LogoutEverywhere),
            (3.6, AgentAction::Status(Chosen::Away)),
        ],
    );
    ann.insert(2, PlannedStep { at: 400_000, slot: 1, what: AgentAction::Login });
    let bob = steps(
        0,
        &[
            (0.05, AgentAction::Login),
            (0.2, AgentAction::StatusEverywhere(Chosen::Away)),
            (0.3, AgentAction::Lose),
            (2.0, AgentAction::Status(Chosen::Online)),
            (2.2, AgentAction::Status(Chosen::Away)),
            (2.4, AgentAction::TeamBehind(0)),
            (2.6, AgentAction::Login),
        ],
    );
    let plan = plan(ann, bob);
    let provisioned = provision(&plan, &target(&service)).await;
    let ran = Ran::new();
    let played = ran.play(&plan, provisioned.service()).await;
    let sockets = &ran.tally.sockets;
    assert_eq!(sockets.load(Ordering::Relaxed), 1, "bob's");
    let tables = played.tables.clone().expect("goose ended");
    played.release(false, &mut WaitBudget::of(PATIENCE)).await;
    assert_eq!(sockets.load(Ordering::Relaxed), 0);
    let records = ran.records();

    let laptop = [
        "login done",
        "connect done",
        "away done",
        "online done",
        "online done",
        "invisible done",
        "lost",
        "connect done",
        "lost",
        "connect refused",
        "login done",
        "connect done",
        "logout done",
    ];
    // Whether the answer to a logout is there before the socket is closed is chance.
    let deeds = |who, on| -> Vec<String> {
        deeds(&records, who, on).into_iter().filter(|deed| deed != "closed").collect()
    };
    assert_eq!(deeds(0, 0), laptop, "{records:#?}");
    // Everywhere is one logout a device, in the order of their logins.
    assert_eq!(deeds(0, 1), ["login done", "connect done", "logout done"]);
    let logouts = sent_at(&records, 0, Effect::Logout);
    let [phone, laptop_too] = logouts[..] else { panic!("{logouts:?}") };
    let first_returned = returned_at(&records, 0, Effect::Logout);
    assert!(phone < first_returned && first_returned <= laptop_too, "{logouts:?}");
    let desk = [
        "login done",
        "connect done",
        "away done",
        "lost",
        "online refused",
        "login done",
        "connect done",
    ];
    assert_eq!(deeds(1, 0), desk);
    assert_eq!(deeds(2, 0), [""; 0], "another shard plays her");

    // Never early, and the late one as late as it is meant to be: behind what came after it.
    let at = |what| sent_at(&records, 0, what)[0];
    assert!(at(Effect::Login) >= 100_000, "{}", at(Effect::Login));
    let invisible = at(Effect::Status(Chosen::Invisible));
    assert!(invisible >= 800_000, "{invisible}");
    // At once: the second is sent while the first is in flight.
    let sent = sent_at(&records, 0, Effect::Status(Chosen::Online));
    let [one, other] = sent[..] else { panic!("{sent:?}") };
    let returned = returned_at(&records, 0, Effect::Status(Chosen::Online));
    assert!(other < returned, "sent at {one} and {other}, the first was answered at {returned}");

    // Versions are those of the plan's property.
    let mut versions = vec![];
    for record in &records {
        if let Record::Returned { completion: Completion::Done(seen), .. } = record {
            assert!(seen.iter().all(|(property, _)| *property == 0), "{seen:?}");
            versions.extend(seen.iter().map(|(_, version)| *version));
        }
    }
    assert!(versions.len() >= 10 && versions.first() < versions.last(), "{versions:?}");

    let observations: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            Record::Observed(observation) if observation.property == 0 => Some(observation),
            _ => None,
        })
        .collect();
    let team = observations.iter().find_map(|observation| match &observation.seen {
        Observed::Team(statuses) => Some(statuses.clone()),
        _ => None,
    });
    // Bob is the first of the plan's members.
    let online = Some(PossibleStatuses::just(AgentStatus::Online));
    assert_eq!(team, Some(vec![online, online]));

    let counts = ran.tally.counts();
    let ok = |operation: &str| counts.operations[operation].ok;
    assert_eq!((ok("login"), ok("status"), ok("logout"), ok("team")), (5, 5, 2, 1));
    assert_eq!(counts.operations["status"].errors["401"], 1);
    assert!(counts.operations["connect"].errors.is_empty(), "to come back too late is none");
    for expected in ["POST login", "PUT status", "GET team", "401"] {
        assert!(tables.contains(expected), "{expected}: {tables}");
    }
    take_away(provisioned).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_can_stand_twice_on_a_service_and_nothing_stays_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(&folder);
    let plan = plan(vec![], vec![]);
    let client = Client::new(service.address);
    let first = provision(&plan, &target(&service)).await;
    let settings = client.admin("GET", "/v1/settings", Value::Null);
    assert_eq!(settings, json!({"grace": "1s", "auto_away": null}));
    // Someone is still logged in from a run that was cut off.
    let name = |of: &Provisioned, agent| of.service().agent(agent).expect("made").clone();
    let there = |of: &Provisioned| of.service().property(0).expect("made").name.clone();
    let ann = name(&first, 0);
    let body = json!({"agent": ann.name, "password": ann.password(), "device": "elsewhere"});
    assert_eq!(client.call("POST", "/v1/login", None, body).status, 201);
    assert_eq!(client.status(&there(&first)), "online");
    let second = provision(&plan, &target(&service)).await;
    let (one, other) = (there(&first), there(&second));
    assert_ne!(one, other);
    assert_eq!(client.status(&other), "offline");
    let chat = second.service().widget(1).expect("made").name.clone();
    assert_eq!(client.status(&format!("{other}/{chat}")), "offline");
    let property = client.admin("GET", &format!("/v1/properties/{other}"), Value::Null);
    let members = [1, 0].map(|agent| name(&second, agent).name);
    assert_eq!(property["members"], json!(members));
    assert_eq!(property["pre_chat_form"], true);
    assert!(second.service().property(1).is_none() && second.service().agent(2).is_none());
    take_away(second).await;
    let status =
        |path: &str| client.call("GET", &format!("/v1/widgets/{path}"), None, Value::Null).status;
    assert_eq!((status(&other), status(&format!("{other}/{chat}"))), (404, 404));
    assert_eq!(status(&one), 200);
    take_away(first).await;
    assert_eq!(status(&one), 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_keeps_a_plan_off_a_service_names_the_section_at_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(&folder);
    let plan = plan(vec![], vec![]);
    let failed = async |address: &str, key| {
        provision_with(&plan, address, key).await.err().expect("it does not go").to_string()
    };
    let wrong = failed(&target(&service), "no key of that service").await;
    assert!(wrong.contains("`agent.make` is answered as gone"), "{wrong}");
    let nobody = failed("http://127.0.0.1:9", KEY).await;
    assert!(nobody.contains("cannot reach http://127.0.0.1:9"), "{nobody}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t4_a_device_whose_session_is_lost_stays_out_until_the_plan_logs_it_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(&folder);
    let day = [
        (0.0, AgentAction::Login),
        (4.8, AgentAction::Status(Chosen::Away)),
        (5.0, AgentAction::Login),
        (60.0, AgentAction::Logout),
    ];
    let plan = plan(steps(0, &day), vec![]);
    let kept = provision(&plan, &target(&service)).await;
    let ann = kept.service().agent(0).expect("made").clone();
    let ran = Ran::new();
    let comes_back =
        ["login done", "connect done", "closed", "connect refused", "login done", "connect done"];
    let (played, ()) = tokio::join!(ran.play(&plan, kept.service()), async {
        let is_in = |records: &[Record]| deeds(records, 0, 0) == ["login done", "connect done"];
        ran.until("she is in", is_in).await;
        // Somebody else takes her place on the laptop, which is named `d1` there.
        let client = Client::new(service.address);
        let (agent, password) = (ann.name.clone(), ann.password());
        let body = json!({"agent": agent, "password": password, "device": "d1"});
        let login = move || client.call("POST", "/v1/login", None, body).status;
        assert_eq!(tokio::task::spawn_blocking(login).await.expect("calls"), 201);
        ran.until("she is back", |records| deeds(records, 0, 0) == comes_back).await;
        ran.signals.stop();
    });
    assert_eq!(deeds(&ran.records(), 0, 0), comes_back);
    let again = sent_at(&ran.records(), 0, Effect::Login)[1];
    assert!(again >= 5_000_000, "when the plan has it, not at {again}");
    played.release(false, &mut WaitBudget::of(PATIENCE)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_stop_soon_and_a_target_that_hangs_up_leaves_writes_indeterminate() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(&folder);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let hanging_up = tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let plan = plan(
        steps(0, &[(0.0, AgentAction::Login), (1.0, AgentAction::Status(Chosen::Away))]),
        steps(0, &[(3_600.0, AgentAction::Login)]),
    );
    // Her account is that of another service: nobody asks here.
    let made = provision(&plan, &target(&service)).await;
    let there = Arc::new(Service::new(reference(&address, KEY), &plan));
    there.put_agent(0, made.service().agent(0).expect("made").clone());
    let ran = Ran::new();
    let (played, stopped) = tokio::join!(ran.play(&plan, &there), async {
        let is_again = |records: &[Record]| deeds(records, 0, 0).len() >= 2;
        ran.until("it is tried again", is_again).await;
        ran.signals.stop();
        MachineTime::now()
    });
    // Long before the instants at which they would go on.
    assert!(stopped.elapsed() < PATIENCE, "{:?}", stopped.elapsed());
    played.release(false, &mut WaitBudget::of(PATIENCE)).await;
    hanging_up.abort();
    let deeds = deeds(&ran.records(), 0, 0);
    assert!(deeds.iter().all(|deed| deed == "login indeterminate"), "{deeds:?}");
    let errors = &ran.tally.counts().operations["login"].errors;
    assert_eq!(errors.values().sum::<u64>(), deeds.len() as u64, "{errors:?}");
}

#[test]
fn the_run_of_agents_can_be_moved_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let ran = Ran::new();
    let plan = plan(vec![], vec![]);
    let nobody = Arc::new(Service::new(reference("http://127.0.0.1:9", KEY), &plan));
    is_send(&ran.play(&plan, &nobody));
    until("it is said", || true);
}
