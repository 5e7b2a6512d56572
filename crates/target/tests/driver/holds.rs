//! What keeps a device connected, and how it is lost (rules T27 to T29 of target files).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lamplighter_core::model::Chosen;
use lamplighter_target::driver::{
    ConnectFailure, CreatedObjects, Device, Driver, HoldEvent, HoldListener, Pool, SessionEnd,
};

use super::driver;
use super::fake::{End, Fake, Reply, Seen, ok, status, until};

fn file(hold: &str) -> String {
    format!(
        r#"
properties = [{{ property = "acme" }}]
[http]
gone = {{ status = 401 }}
timeout = 2
[agent]
make = {{ post = "/agents" }}
[device]
login = {{ as = "visitor", post = "/login" }}
logout = {{ post = "/logout" }}
activity = {{ post = "/active" }}
headers = {{ X-Agent = "{{{{agent}}}}" }}
{hold}
[widget]
read = {{ get = "/widget", keep.status = {{ json = "/status" }} }}
says = [{{ status = "{{{{status}}}}" }}]
"#
    )
}

const POLLS: &str = r#"
status = []
[device.hold]
call = { post = "/poll/{{+n}}", json = { status = "{{value}}" }, keep.since = { json = "/since" } }
"#;

/// Takes down what comes of holding a device.
#[derive(Default, Debug)]
struct Held {
    events: Mutex<Vec<HoldEvent>>,
    logs_in: bool,
}

impl HoldListener for Held {
    fn on_event(&self, event: HoldEvent) {
        self.events.lock().expect("no test panics while it holds this").push(event);
    }

    fn logs_in(&self) -> bool {
        self.logs_in
    }
}

impl Held {
    fn events(&self) -> Vec<HoldEvent> {
        self.events.lock().expect("no test panics while it holds this").clone()
    }
}

/// A device, and what comes of holding it.
async fn heard(driver: &Arc<Driver>) -> (Arc<Device>, Arc<Held>) {
    heard_by(driver, Held::default()).await
}

async fn heard_by(driver: &Arc<Driver>, held: Held) -> (Arc<Device>, Arc<Held>) {
    let agents = driver.make_agents(1, &mut CreatedObjects::default()).await.expect("made");
    let (held, agent) = (Arc::new(held), &agents.expect("there")[0]);
    (Device::with(agent, 1, Pool::new(), Some(held.clone())), held)
}

async fn device(driver: &Arc<Driver>) -> Arc<Device> {
    let agents = driver.make_agents(1, &mut CreatedObjects::default()).await.expect("made");
    Device::new(&agents.expect("there")[0], 1)
}

fn polls(seen: &Seen, place: usize) -> Reply {
    match &*seen.path {
        path if path.starts_with("/poll/") => {
            Reply::Later(Duration::from_millis(30), 200, format!(r#"{{"since":{place}}}"#))
        }
        _ => ok(""),
    }
}

#[tokio::test]
async fn t27_a_device_that_loses_its_connection_is_reset_and_calls_no_more() {
    let fake = Fake::start(|seen, _| match &*seen.path {
        path if path.starts_with("/poll/") => Reply::Silence,
        _ => ok(""),
    })
    .await;
    let driver = driver(&fake, &file(POLLS));
    let device = device(&driver).await;
    assert!(driver.log_in(&device).await.expect("goes on").is_done());
    until("it polls", || fake.lines().last().is_some_and(|line| line.contains("/poll/"))).await;
    let polling = fake.calls().last().expect("some").connection;
    driver.lose(&device).await;
    until("the server sees it", || fake.ends().iter().any(|(one, _)| *one == polling)).await;
    assert!(fake.ends().contains(&(polling, End::Reset)), "{:?}", fake.ends());
    let count = fake.lines().len();
    assert!(device.is_logged_in());
    driver.reconnect(&device).await;
    until("it polls again", || fake.lines().len() > count).await;
    assert_eq!(fake.lines().last().expect("some"), "POST /poll/2");
}

#[tokio::test]
async fn t27_a_socket_that_is_lost_is_reset() {
    let fake = Fake::start(|seen, _| match &*seen.path {
        "/socket" => Reply::Socket(vec!["hello 42"]),
        _ => ok(""),
    })
    .await;
    let hold = r#"
status = { put = "/status/{{number}}" }
[device.hold]
socket = "/socket"
script = [{ send = "I am {{agent}}" }, { await = "hello (?P<number>\\d+)" }, { every = 0.02, send = "still {{+n}}" }]
"#;
    let driver = driver(&fake, &file(hold));
    let device = device(&driver).await;
    assert!(driver.log_in(&device).await.expect("goes on").is_done());
    let shaken = fake.calls().into_iter().find(|call| call.path == "/socket").expect("opened");
    assert_eq!(shaken.header("x-agent"), device.agent.name);
    until("it is kept", || fake.texts().len() >= 3).await;
    assert_eq!(
        fake.texts()[..3],
        [format!("I am {}", device.agent.name), "still 1".to_owned(), "still 2".to_owned()]
    );
    driver.set_status(&device, Chosen::Away, None).await.expect("goes on");
    assert_eq!(fake.lines().last().expect("some"), "PUT /status/42");
    driver.lose(&device).await;
    until("the server sees it", || !fake.ends().is_empty()).await;
    assert!(fake.ends().contains(&(shaken.connection, End::Reset)), "{:?}", fake.ends());
}

#[tokio::test]
async fn t28_a_status_that_a_hold_alone_carries_is_done_when_the_call_with_it_is_answered() {
    let fake = Fake::start(polls).await;
    let text = format!("{}[timing]\nhold_settles = 5\n", file(POLLS));
    let driver = driver(&fake, &text);
    let device = device(&driver).await;
    driver.log_in(&device).await.expect("goes on");
    let write = driver.set_status(&device, Chosen::Away, None).await.expect("goes on");
    assert!(write.is_done(), "{write:?}");
    let carried = fake.calls().into_iter().filter(|call| call.body.contains("away")).count();
    assert!(carried >= 1);
    assert!(write.answered.monotonic - write.sent.monotonic < Duration::from_secs(4));
}

#[tokio::test]
async fn t28_with_interrupt_a_new_status_ends_the_call_in_flight() {
    let fake = Fake::start(|seen, _| match &*seen.path {
        path if path.starts_with("/poll/") => Reply::Silence,
        _ => ok(""),
    })
    .await;
    let text = format!("{POLLS}interrupt = true\n");
    let driver = driver(&fake, &file(&text));
    let device = device(&driver).await;
    driver.log_in(&device).await.expect("goes on");
    driver.set_status(&device, Chosen::Away, None).await.expect("goes on");
    let bodies: Vec<String> = fake
        .calls()
        .into_iter()
        .filter(|call| call.path.starts_with("/poll/"))
        .map(|call| call.body)
        .collect();
    assert_eq!(bodies, [r#"{"status":"online"}"#, r#"{"status":"away"}"#]);
}

#[tokio::test]
async fn t27_a_hold_that_is_answered_as_gone_ends_the_session() {
    let fake = Fake::start(|seen, _| match &*seen.path {
        "/poll/3" => status(401),
        path if path.starts_with("/poll/") => ok(r#"{"since":1}"#),
        _ => ok(""),
    })
    .await;
    let driver = driver(&fake, &file(POLLS));
    let device = device(&driver).await;
    driver.log_in(&device).await.expect("goes on");
    until("it is over", || !device.is_logged_in()).await;
    assert_eq!(device.take_ended(), Some(SessionEnd::Gone));
    let polls = fake.lines().iter().filter(|line| line.contains("/poll/")).count();
    assert_eq!(polls, 3);
}

#[tokio::test]
async fn t27_a_logout_once_answered_ends_the_hold_by_a_reset() {
    let fake = Fake::start(|seen, _| match &*seen.path {
        path if path.starts_with("/poll/") => Reply::Silence,
        _ => ok(""),
    })
    .await;
    let driver = driver(&fake, &file(POLLS));
    let device = device(&driver).await;
    driver.log_in(&device).await.expect("goes on");
    until("it polls", || fake.lines().last().is_some_and(|line| line.contains("/poll/"))).await;
    let polling = fake.calls().last().expect("some").connection;
    assert!(driver.log_out(&device).await.expect("goes on").is_done());
    until("the server sees it", || fake.ends().iter().any(|(one, _)| *one == polling)).await;
    assert!(fake.ends().contains(&(polling, End::Reset)), "{:?}", fake.ends());
    assert_eq!(fake.lines().last().expect("some"), "POST /logout");
}

#[tokio::test]
async fn t27_a_hold_that_hears_of_the_logout_first_is_no_lost_session() {
    for logout in [200, 500] {
        let is_leaving = AtomicBool::new(false);
        let fake = Fake::start(move |seen, _| match &*seen.path {
            "/logout" => {
                is_leaving.store(true, Ordering::Relaxed);
                Reply::Later(Duration::from_millis(300), logout, String::new())
            }
            path if path.starts_with("/poll/") && is_leaving.load(Ordering::Relaxed) => status(401),
            path if path.starts_with("/poll/") => {
                Reply::Later(Duration::from_millis(5), 200, r#"{"since":1}"#.to_owned())
            }
            _ => ok(""),
        })
        .await;
        let driver = driver(&fake, &file(POLLS));
        let agents = driver.make_agents(1, &mut CreatedObjects::default()).await.expect("made");
        let held = Arc::new(Held::default());
        let agent = &agents.expect("there")[0];
        let device = Device::with(agent, 1, Pool::new(), Some(held.clone()));
        driver.log_in(&device).await.expect("goes on");
        let write = driver.log_out(&device).await.expect("goes on");
        assert_eq!(write.is_done(), logout == 200, "{write:?}");
        assert!(fake.lines().last().expect("some").contains("/poll/"), "{:?}", fake.lines());
        assert_eq!((device.is_logged_in(), device.take_ended()), (false, None));
        let held = held.events.lock().expect("no test panics while it holds this");
        let is_held =
            |event: &HoldEvent| matches!(event, HoldEvent::Settled(_) | HoldEvent::Connected(_));
        let others: Vec<&HoldEvent> = held.iter().filter(|event| !is_held(event)).collect();
        let ended_here = matches!(
            others[..],
            [HoldEvent::Connecting(_), HoldEvent::Disconnected(_)]
                | [HoldEvent::Connecting(_), HoldEvent::NotConnected(_, ConnectFailure::GivenUp),]
        );
        assert!(ended_here, "the session was over by the logout alone: {held:?}");
    }
}

#[tokio::test]
async fn t4_a_session_that_was_over_before_its_logout_is_lost() {
    let fake = Fake::start(|seen, _| match &*seen.path {
        "/logout" => status(401),
        path if path.starts_with("/poll/") => Reply::Silence,
        _ => ok(""),
    })
    .await;
    let driver = driver(&fake, &file(POLLS));
    let device = device(&driver).await;
    driver.log_in(&device).await.expect("goes on");
    assert!(!driver.log_out(&device).await.expect("goes on").is_done());
    assert_eq!((device.is_logged_in(), device.take_ended()), (false, Some(SessionEnd::Gone)));
}

/// The first poll is answered after 200 ms and settles after so many seconds: how long after it the
/// status went out.
async fn status_after_first_poll(hold_settles: f64, poll: fn() -> Reply) -> Duration {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let calls = Arc::clone(&seen);
    let fake = Fake::start(move |seen, _| {
        let mut calls = calls.lock().expect("no test panics while it holds this");
        calls.push((seen.path.clone(), Instant::now()));
        if seen.path.starts_with("/poll/") { poll() } else { ok("") }
    })
    .await;
    let hold = r#"
status = { put = "/status" }
[device.hold]
call = { post = "/poll/{{+n}}" }
"#;
    let driver = driver(&fake, &format!("{}[timing]\nhold_settles = {hold_settles}\n", file(hold)));
    let device = device(&driver).await;
    driver.log_in(&device).await.expect("goes on");
    assert!(driver.set_status(&device, Chosen::Away, None).await.expect("goes on").is_done());
    let calls = seen.lock().expect("no test panics while it holds this");
    let at = |path: &str| calls.iter().find(|(one, _)| one == path).expect("called").1;
    at("/status") - at("/poll/1")
}

#[tokio::test]
async fn t27_no_step_overtakes_the_first_call_that_holds_a_device() {
    let later = || Reply::Later(Duration::from_millis(200), 200, String::new());
    let after = status_after_first_poll(60.0, later).await;
    assert!(after >= Duration::from_millis(200) && after < Duration::from_secs(30), "{after:?}");
    let after = status_after_first_poll(0.3, || Reply::Silence).await;
    assert!(after >= Duration::from_millis(250), "{after:?}");
}

#[tokio::test]
async fn t19_numbers_are_taken_in_the_order_in_which_calls_go_out() {
    let fake = Fake::start(polls).await;
    let hold = r#"
status = { put = "/status", json = { n = "{{+n}}" } }
[device.hold]
call = { post = "/poll/{{+n}}" }
"#;
    let driver = driver(&fake, &file(hold));
    let device = device(&driver).await;
    driver.log_in(&device).await.expect("goes on");
    for _ in 0..5 {
        driver.set_status(&device, Chosen::Away, None).await.expect("goes on");
    }
    let mut numbers: Vec<u64> = fake
        .calls()
        .iter()
        .filter_map(|call| match call.path.strip_prefix("/poll/") {
            Some(number) => number.parse().ok(),
            None => call.body.strip_prefix("{\"n\":")?.strip_suffix('}')?.parse().ok(),
        })
        .collect();
    let taken: Vec<u64> = (1..=numbers.len() as u64).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, taken);
}

#[tokio::test]
async fn t27_what_has_settled_is_not_connected_until_the_service_says_something() {
    let fake = Fake::start(|seen, _| match &*seen.path {
        "/poll/1" => Reply::Later(Duration::from_millis(300), 401, String::new()),
        _ => ok(""),
    })
    .await;
    let driver = driver(&fake, &format!("{}[timing]\nhold_settles = 0.01\n", file(POLLS)));
    let (device, held) = heard(&driver).await;
    driver.log_in(&device).await.expect("goes on");
    until("it is over", || !device.is_logged_in()).await;
    until("it is told", || held.events().len() == 3).await;
    let [
        HoldEvent::Connecting(_),
        HoldEvent::Settled(_),
        HoldEvent::NotConnected(_, ConnectFailure::Gone),
    ] = held.events()[..]
    else {
        panic!("{:?}", held.events())
    };
}

#[tokio::test]
async fn t27_a_socket_that_awaits_nothing_is_connected_once_something_comes_on_it() {
    for (says, is_connected) in [(Some("welcome"), true), (None, false)] {
        let fake = Fake::start(move |seen, _| match &*seen.path {
            "/socket" => Reply::SocketThatCloses(says.into_iter().collect()),
            _ => ok(""),
        })
        .await;
        let hold = "status = { put = \"/status\" }\n[device.hold]\nsocket = \"/socket\"\n\
                    script = [{ send = \"hello\" }]\n";
        let driver = driver(&fake, &file(hold));
        let (device, held) = heard(&driver).await;
        driver.log_in(&device).await.expect("goes on");
        let ends =
            |event: &HoldEvent| matches!(event, HoldEvent::Lost(_) | HoldEvent::NotConnected(..));
        until("it is closed", || held.events().iter().any(ends)).await;
        match held.events()[..] {
            [
                HoldEvent::Connecting(_),
                HoldEvent::Settled(_),
                HoldEvent::Connected(_),
                HoldEvent::Lost(_),
                ..,
            ] if is_connected => {}
            [
                HoldEvent::Connecting(_),
                HoldEvent::Settled(_),
                HoldEvent::NotConnected(_, ConnectFailure::Closed(_)),
                ..,
            ] if !is_connected => {}
            ref others => panic!("{says:?}: {others:?}"),
        }
    }
}

#[tokio::test]
async fn t27_calls_that_fail_after_they_have_settled_are_a_lost_session_when_ten_have() {
    let fake = Fake::start(|seen, _| match &*seen.path {
        path if path.starts_with("/poll/") => {
            Reply::Later(Duration::from_millis(40), 500, String::new())
        }
        _ => ok(""),
    })
    .await;
    let driver = driver(&fake, &format!("{}[timing]\nhold_settles = 0.005\n", file(POLLS)));
    let (device, held) = heard(&driver).await;
    driver.log_in(&device).await.expect("goes on");
    until("it has settled", || held.events().len() >= 2).await;
    // What lies between two calls passes at once.
    tokio::time::pause();
    let began = Instant::now();
    while device.is_logged_in() && began.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::resume();
    let ended = device.take_ended();
    assert!(matches!(ended, Some(SessionEnd::HoldFailed(_))), "{ended:?}");
    let polls = fake.lines().iter().filter(|line| line.contains("/poll/")).count();
    assert!(polls <= 10, "{polls}");
}

#[tokio::test]
async fn t45_a_hold_that_hears_that_its_time_is_over_is_logged_in_again_with_its_status() {
    let text = format!(
        "{}[timing]\nsession_max = 0\n",
        file(&POLLS.replace(
            "status = []",
            "status = { put = \"/status\", json = { s = \"{{value}}\" } }"
        ))
    );
    let answers = |is_over: Arc<AtomicBool>| {
        move |seen: &Seen, place: usize| match &*seen.path {
            path if path.starts_with("/poll/") && is_over.swap(false, Ordering::Relaxed) => {
                status(401)
            }
            _ => polls(seen, place),
        }
    };
    let is_over = Arc::new(AtomicBool::new(false));
    let fake = Fake::start(answers(Arc::clone(&is_over))).await;
    let one = driver(&fake, &text);
    // Whoever only listens changes nothing.
    let (device, _) = heard(&one).await;
    one.log_in(&device).await.expect("goes on");
    one.set_status(&device, Chosen::Away, None).await.expect("goes on");
    is_over.store(true, Ordering::Relaxed);
    let statuses = || fake.lines().iter().filter(|line| *line == "PUT /status").count();
    until("it has its status again", || statuses() == 2).await;
    until("it polls", || fake.lines().last().is_some_and(|line| line.contains("/poll/"))).await;
    assert_eq!((device.is_logged_in(), device.take_ended()), (true, None));
    let last = fake.calls().into_iter().rfind(|call| call.path == "/status").expect("there");
    assert_eq!(last.body, r#"{"s":"away"}"#);
    // Who logs devices in does that by itself.
    let fake = Fake::start(answers(is_over.clone())).await;
    let driver = driver(&fake, &text);
    let held = Held { logs_in: true, ..Held::default() };
    let (device, held) = heard_by(&driver, held).await;
    driver.log_in(&device).await.expect("goes on");
    is_over.store(true, Ordering::Relaxed);
    let is_expired = |event: &HoldEvent| matches!(event, HoldEvent::Expired(..));
    until("it is told", || held.events().iter().any(is_expired)).await;
    assert_eq!((device.is_logged_in(), device.take_ended()), (false, Some(SessionEnd::Gone)));
    assert_eq!(fake.lines().iter().filter(|line| *line == "POST /login").count(), 1);
}
