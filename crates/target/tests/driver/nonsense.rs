//! Nonsense in answer to what is not a read of a widget: writes, teams, holds, pushes. A clear outcome
//! each, nothing hangs, nothing grows (rule T6 of target files).

use std::sync::Arc;
use std::time::{Duration, Instant};

use lamplighter_core::model::{Chosen, Settings, Visitor};
use lamplighter_core::world::Timing;
use lamplighter_target::driver::{CreatedObjects, Device, Driver, Member, SessionEnd};

use super::driver;
use super::fake::{Fake, Reply, Seen, UNREAD_MAX, ok, status, until};

const FILE: &str = r#"
accounts = [{ agent = "ann", password = "a password" }]
properties = [{ property = "acme" }]
[http]
gone = { status = 401 }
timeout = 0.4
[device]
login = { as = "visitor", post = "/login" }
status = { put = "/status", keep.since = { json = "/since" } }
logout = { post = "/logout" }
HOLD
[team]
read = { get = "/team" }
name = "/agent"
said = "/status"
values = { online = "online", away = "away" }
[widget]
read = { get = "/widget", keep.status = { json = "/status" } }
push = { stream = "/events", keep.status = { json = "/status" } }
says = [{ status = "{{status}}" }]
"#;

fn file(hold: &str) -> String {
    FILE.replace("HOLD", hold)
}

fn raw(text: &str) -> Reply {
    Reply::Raw(text.as_bytes().to_vec())
}

/// One of each kind, with the outcome of whatever is asked.
fn kinds() -> Vec<(Reply, &'static str)> {
    let chunk = [b"10000\r\n".to_vec(), vec![b'x'; 0x10000], b"\r\n".to_vec()].concat();
    let endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let slow = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec();
    let unpacked = vec![("Content-Encoding", "gzip".to_owned())];
    vec![
        (raw("SSH-2.0-OpenSSH\r\n\r\n"), "the answer is no HTTP: invalid HTTP version parsed"),
        (raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"), "the answer was cut off"),
        (Reply::Close, "the answer was cut off"),
        (Reply::Silence, "no answer came within 0.4 s"),
        (Reply::Trickle(slow, Duration::from_millis(40)), "no answer came within 0.4 s"),
        (Reply::Endless(endless, chunk), "the answer is longer than 1048576 bytes"),
        (
            Reply::Plain(200, Vec::new(), vec![b'x'; 10_000_000]),
            "the answer is longer than 1048576 bytes",
        ),
        (Reply::Plain(200, unpacked, b"plain".to_vec()), "the answer does not unpack as `gzip`"),
    ]
}

async fn member(driver: &Driver) -> Member {
    let mut made = CreatedObjects::default();
    let agents = driver.make_agents(1, &mut made).await.expect("goes on").expect("there");
    let (settings, timing) = (Settings::default(), Timing::default());
    let property = driver.make_property(&settings, timing, &mut made).await;
    Member::new(&agents[0], &property.expect("goes on").expect("there"))
}

async fn logged_in(driver: &Arc<Driver>) -> Arc<Device> {
    let device = Device::new(&member(driver).await.agent, 1);
    assert!(driver.log_in(&device).await.expect("goes on").is_done());
    device
}

/// Answers one path so, and everything else well.
fn at(path: &'static str, reply: Reply) -> impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static {
    move |seen, _| if seen.path == path { reply.clone() } else { ok(r#"{"since":1}"#) }
}

#[tokio::test]
async fn t6_a_write_that_is_answered_nonsense_is_unknown_with_why_and_the_device_stays() {
    let no_json = "the answer has no `since` to keep (by `json`: it is no JSON) (status 200)";
    let others = vec![
        (ok("<html>"), no_json),
        (ok("\u{0}\u{1}"), no_json),
        (status(500), "the answer 500 is neither done, refused nor gone (status 500)"),
    ];
    for (reply, why) in kinds().into_iter().chain(others) {
        let fake = Fake::start(at("/status", reply)).await;
        let driver = driver(&fake, &file(""));
        let device = logged_in(&driver).await;
        let began = Instant::now();
        let write = driver.set_status(&device, Chosen::Away, None).await.expect("goes on");
        assert_eq!(write.why_not, Some(format!("unknown: {why}")));
        assert!(began.elapsed() < Duration::from_secs(3), "{why}");
        assert!(fake.bytes_sent() < UNREAD_MAX, "{why}: {} bytes", fake.bytes_sent());
        assert!(device.is_logged_in() && device.take_ended().is_none(), "{why}");
        assert!(driver.log_out(&device).await.expect("goes on").is_done(), "{why}");
    }
}

#[tokio::test]
async fn t6_a_team_that_is_answered_nonsense_is_unreadable_with_why() {
    let others = vec![
        (ok("<html>"), "the answer is no JSON"),
        (ok("17"), "the answer has no rows"),
        (ok(r#"[{"agent":"ann","status":"asleep"}]"#), "no row of the table says what `asleep` is"),
        (status(404), "the read is refused (status 404)"),
    ];
    for (reply, why) in kinds().into_iter().chain(others) {
        let shown = format!("{reply:?}").chars().take(80).collect::<String>();
        let fake = Fake::start(at("/team", reply)).await;
        let driver = driver(&fake, &file(""));
        let member = member(&driver).await;
        let began = Instant::now();
        let team = driver.read_team(&member.property, std::slice::from_ref(&member)).await;
        let fault = team.expect("goes on").what.expect_err("nonsense").to_string();
        assert!(fault.starts_with(why), "{shown}: {fault}");
        assert!(began.elapsed() < Duration::from_secs(3), "{shown}");
    }
}

const POLLS: &str = "[device.hold]\ncall = { get = \"/poll\" }\n";

#[tokio::test]
async fn t27_a_hold_that_is_answered_nonsense_ten_times_is_a_lost_session_and_once_is_none() {
    for (reply, why) in [
        (Reply::Close, "unknown: the answer was cut off"),
        (status(500), "unknown: the answer 500 is neither done, refused nor gone (status 500)"),
        (raw("nonsense\r\n\r\n"), "unknown: the answer is no HTTP"),
    ] {
        let fake = Fake::start(at("/poll", reply)).await;
        let driver = driver(&fake, &file(POLLS));
        let device = logged_in(&driver).await;
        let polls = || fake.lines().iter().filter(|line| *line == "GET /poll").count();
        until("it calls", || polls() > 0).await;
        assert!(device.is_logged_in(), "once is none");
        // What lies between two calls passes at once.
        tokio::time::pause();
        while device.is_logged_in() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        tokio::time::resume();
        let Some(SessionEnd::HoldFailed(last)) = device.take_ended() else { panic!("it is over") };
        let is_known = last.starts_with(why) || last.contains("no answer came within");
        assert!(is_known, "{last}");
        // A get that finds its connection closed goes out once more.
        assert!((1..=20).contains(&polls()), "{} calls", polls());
    }
}

#[tokio::test]
async fn t29_a_socket_that_says_nonsense_or_closes_holds_no_device_and_nothing_hangs() {
    let hold = "[device.hold]\nsocket = \"/socket\"\nscript = [{ await = \"welcome\" }]\n";
    for reply in [Reply::Socket(vec!["nonsense"]), Reply::Close, ok("no socket"), Reply::Silence] {
        let shown = format!("{reply:?}");
        let fake = Fake::start(at("/socket", reply)).await;
        let driver = driver(&fake, &file(hold));
        let began = Instant::now();
        let device = Device::new(&member(&driver).await.agent, 1);
        let login = driver.log_in(&device).await.expect("goes on");
        assert!(login.is_done(), "{shown}: the login itself was done");
        assert!(began.elapsed() < Duration::from_secs(3), "{shown}: {:?}", began.elapsed());
        driver.log_out(&device).await.expect("goes on");
        assert!(began.elapsed() < Duration::from_secs(4), "{shown}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn t40_a_stream_that_says_nonsense_is_told_and_ends() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    let endless = Reply::Endless(head.as_bytes().to_vec(), vec![b'x'; 0x10000]);
    for (reply, wanted) in [
        (Reply::Close, vec!["the answer was cut off"]),
        (Reply::Silence, vec!["no answer came within 0.4 s"]),
        (status(500), vec!["the read is answered 500"]),
        (endless, vec!["the answer is longer than 1048576 bytes"]),
        (raw(&format!("{head}data: {{\"stat")), vec![]),
        (raw(&format!("{head}hello\n\n<html>\n\n: sign of life\n\n")), vec![]),
        (
            raw(&format!("{head}data: \u{0}\u{1}\n\ndata: {{\"status\":\"away\"}}\n\n")),
            vec!["the answer has no `status` to keep (by `json`: it is no JSON)", "away"],
        ),
    ] {
        let shown = format!("{reply:?}").chars().take(80).collect::<String>();
        let fake = Fake::start(at("/events", reply)).await;
        let driver = driver(&fake, &file(""));
        let widget = member(&driver).await.property.own_widget();
        let mut pushes = driver.listen(&widget, &Visitor::default(), None).await.expect("goes on");
        let mut said = Vec::new();
        let began = Instant::now();
        while let Some(pushed) = pushes.next().await {
            said.push(match pushed.what {
                Ok(seen) => seen.status.expect("one").to_string(),
                Err(fault) => fault.to_string(),
            });
        }
        assert_eq!(said, wanted, "{shown}");
        assert!(began.elapsed() < Duration::from_secs(3), "{shown}");
        assert!(fake.bytes_sent() < UNREAD_MAX, "{shown}: {} bytes", fake.bytes_sent());
    }
}
