//! Guesses at passwords: how many are tried, and who waits for them.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::client::{ATTACKER, Connection, SOMEBODY, call, guess, login, metric, read};
use super::row::Row;
use crate::process::{Process, service_with};

/// As many as may fail of an account from an address within a minute, by default.
const FAILURES_MAX: usize = 10;
const AT_ONCE: usize = 300;
const THOUSAND: usize = 1_000;
/// How many logins that are right are timed, one after the other.
const LOGINS: usize = 10;
/// How many reads are timed before the attack.
const READS: usize = 1_000;
/// How often the widget is read.
const BETWEEN_READS: Duration = Duration::from_millis(1);
/// A login waits for the password that is being checked, and is checked: twice as long as an idle service
/// takes, and room for the rest of the machine.
const TIMES_AS_LONG_MAX: f64 = 3.0;
const READ_P99_MAX: Duration = Duration::from_millis(10);

/// Hundreds of guesses at one account at once; then from so many addresses that the account is locked, and a
/// device that it knows.
pub fn at_once() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder");
    let served = start(&folder, &[]);
    let to = served.address;
    let known = call(SOMEBODY, to, &login("ann", "laptop", None)).body;
    let known: serde_json::Value = serde_json::from_str(&known).expect("an answer");
    let known = known["token"].as_str().expect("a token");
    let refused = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let status = call(ATTACKER, to, &guess("ann")).status;
                refused.fetch_add(usize::from(status == 429), Ordering::Relaxed);
            });
        }
    });
    let tried = metric(to, "lamplighter_failed_logins_total") as usize;
    let refused = refused.into_inner();
    let tried_row = Row {
        attack: "300 guesses at once at one account, of which 10 may fail",
        measured: format!("{tried} were tried, {refused} answered 429"),
        goal: format!("{FAILURES_MAX} tried, the others told so"),
        is_reached: tried == FAILURES_MAX && refused == AT_ONCE - tried,
    };
    // Ten addresses with ten guesses each lock the account for whoever it does not know.
    for last in 11..=20 {
        for _ in 0..FAILURES_MAX {
            call(Ipv4Addr::new(127, 0, 0, last), to, &guess("ann"));
        }
    }
    let stranger = call(SOMEBODY, to, &login("ann", "phone", None)).status;
    let own = call(SOMEBODY, to, &login("ann", "phone", Some(known))).status;
    let known_row = Row {
        attack: "the account locked by 100 guesses of ten addresses more",
        measured: format!(
            "the right password: {stranger}; with the token of a known device: {own}"
        ),
        goal: "429; 201".to_owned(),
        is_reached: (stranger, own) == (429, 201),
    };
    vec![tried_row, known_row]
}

/// A thousand guesses of one address wait for the worker, and somebody else logs in; visitors read meanwhile.
/// Failures are not bounded here, so that nothing but the turns of addresses holds them back.
pub fn behind_a_thousand() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder");
    let served = start(&folder, &["--max-failed-logins", "1000000"]);
    let to = served.address;
    let idle = times((0..LOGINS).map(|number| log_in(to, number)));
    let idle_reads = reads(to, &AtomicBool::new(false), READS);
    let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (behind, while_attacked, left) = thread::scope(|scope| {
        for place in 0..THOUSAND {
            let answered = &answered;
            scope.spawn(move || {
                call(ATTACKER, to, &guess(&format!("agent{}", place % 100)));
                answered.fetch_add(1, Ordering::Relaxed);
            });
        }
        // Those for whom no room is left are told so at once: the others wait.
        while answered.load(Ordering::Relaxed) < THOUSAND / 2 {
            thread::sleep(Duration::from_millis(1));
        }
        let over = &over;
        let reading = scope.spawn(move || reads(to, over, usize::MAX));
        let behind = times((0..LOGINS).map(|number| log_in(to, number)));
        let left = THOUSAND - answered.load(Ordering::Relaxed);
        over.store(true, Ordering::Relaxed);
        (behind, reading.join().expect("reads"), left)
    });
    assert!(left > 0, "the guesses were over before the last login");
    let (idle, worst) = (ms(idle[LOGINS / 2]), ms(behind[LOGINS - 1]));
    let times_as_long = worst / idle;
    let login_row = Row {
        attack: "a login from another address behind 1,000 guesses of one",
        measured: format!(
            "median {:.0} ms, the longest of {LOGINS} {worst:.0} ms; of an idle service {idle:.0} ms: \
             {times_as_long:.1} times as long, and {left} guesses still waited",
            ms(behind[LOGINS / 2])
        ),
        goal: format!("≤ {TIMES_AS_LONG_MAX:.0} times as long"),
        is_reached: times_as_long <= TIMES_AS_LONG_MAX,
    };
    let read_row = Row {
        attack: "reads of a widget meanwhile",
        measured: format!(
            "p99 {:.2} ms of {} reads; of an idle service {:.2} ms",
            ms(p99(&while_attacked)),
            while_attacked.len(),
            ms(p99(&idle_reads))
        ),
        goal: format!("p99 ≤ {:.0} ms", ms(READ_P99_MAX)),
        is_reached: p99(&while_attacked) <= READ_P99_MAX,
    };
    vec![login_row, read_row]
}

/// A service with a property and its agent.
fn start(folder: &tempfile::TempDir, further: &[&str]) -> Process {
    let store = folder.path().join("lamplighter.db");
    let served = service_with(&store, further, std::process::Stdio::null());
    served.property("acme", &["ann".to_owned()]);
    served
}

/// The time of a login that is right.
fn log_in(to: SocketAddr, number: usize) -> Duration {
    let answer = call(SOMEBODY, to, &login("ann", &format!("d{number}"), None));
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.took
}

/// The times of reads, so many at most, until it is over.
fn reads(to: SocketAddr, over: &AtomicBool, max: usize) -> Vec<Duration> {
    let (mut connection, read) = (Connection::open(SOMEBODY, to), read());
    times((0..max).take_while(|_| !over.load(Ordering::Relaxed)).map(|_| {
        thread::sleep(BETWEEN_READS);
        let answer = connection.call(&read);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.took
    }))
}

/// Times, the shortest first.
fn times(times: impl Iterator<Item = Duration>) -> Vec<Duration> {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times
}

fn p99(sorted: &[Duration]) -> Duration {
    sorted[(sorted.len() * 99).div_ceil(100) - 1]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
