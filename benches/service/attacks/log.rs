//! A log that cannot be written: calls are answered, and the service ends as it should.

use std::fs::File;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::{ATTACKER, SOMEBODY, call, guess, login, metric, request};
use super::row::Row;
use crate::process::service_with;

const LOGINS: usize = 100;
/// How long lost lines may take to be counted.
const COUNTED_WITHIN: Duration = Duration::from_secs(10);

/// stderr on a full disk, and with nobody who reads it.
pub fn cannot_be_written() -> Vec<Row> {
    let full = File::options().write(true).open("/dev/full").expect("a disk that is full");
    vec![
        attack("a log on a full disk, 100 failed logins", full.into()),
        attack("a log whose reader is gone, 100 failed logins", Stdio::piped()),
    ]
}

fn attack(attack: &'static str, log: Stdio) -> Row {
    let folder = tempfile::tempdir().expect("a folder");
    let further = ["--max-failed-logins", "1000000", "--password-memory", "8"];
    let mut served = service_with(&folder.path().join("lamplighter.db"), &further, log);
    served.let_log_go();
    served.property("acme", &["ann".to_owned()]);
    let to = served.address;
    let guesses = (0..LOGINS).map(|_| call(ATTACKER, to, &guess("ann")).status);
    let answered = guesses.filter(|status| *status == 401).count();
    let began = Instant::now();
    let lost = loop {
        let lost = metric(to, "lamplighter_lost_log_lines_total");
        if lost >= LOGINS as u64 || began.elapsed() > COUNTED_WITHIN {
            break lost;
        }
        thread::sleep(Duration::from_millis(10));
    };
    let ready = call(SOMEBODY, to, &request("GET", "/readyz", None, &Value::Null)).status;
    let written = call(SOMEBODY, to, &login("ann", "laptop", None)).status;
    let ended = served.terminate();
    let code = ended.map_or_else(|| "a signal".to_owned(), |code| code.to_string());
    Row {
        attack,
        measured: format!(
            "{answered} answered 401, {lost} lines counted as lost, then /readyz {ready}, a login \
             {written}; SIGTERM ends it with {code}"
        ),
        goal: "100, 100, 200, 201, 0".to_owned(),
        is_reached: (answered, ready, written, ended) == (LOGINS, 200, 201, Some(0))
            && lost >= LOGINS as u64,
    }
}
