//! Failed logins whose names are as long as a body may be: nothing of them is kept.

use std::fs::{self, File};

use super::client::{ATTACKER, call, guess};
use super::row::Row;
use crate::process::service_with;

const LOGINS: usize = 700;
/// As long as a name can be within 256 KiB.
const NAME_BYTES: usize = 255 * 1_024;
const GROWN_MAX: f64 = 10e6;
const LOG_BYTES_MAX: u64 = 1_000;

/// Memory before and after, and the log.
pub fn without_bounds() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, log) = (folder.path().join("lamplighter.db"), folder.path().join("log"));
    let further = ["--max-failed-logins", "1000000"];
    let served = service_with(&store, &further, File::create(&log).expect("a log").into());
    // What a service takes that has checked a password once.
    call(ATTACKER, served.address, &guess("nobody"));
    let before = served.memory();
    for number in 0..LOGINS {
        let name = format!("{number}{}", "x".repeat(NAME_BYTES));
        let answer = call(ATTACKER, served.address, &guess(&name));
        assert_eq!(answer.status, 401, "{}", answer.body);
    }
    let after = served.memory();
    let grown = after as f64 - before as f64;
    // The last lines are written once it ends.
    assert_eq!(served.terminate(), Some(0));
    let bytes = fs::metadata(&log).expect("a log").len();
    let told = fs::read_to_string(&log).expect("text").matches("a login has failed").count();
    let log_row = Row {
        attack: "the log of them",
        measured: format!("{told} lines told, {:.2} MB in all", bytes as f64 / 1e6),
        goal: format!("each told, ≤ {:.1} MB", (LOGINS as u64 * LOG_BYTES_MAX) as f64 / 1e6),
        is_reached: told == LOGINS + 1 && bytes <= LOGINS as u64 * LOG_BYTES_MAX,
    };
    let memory_row = Row {
        attack: "700 failed logins with names of 255 KiB",
        measured: format!(
            "resident {:.1} MB before, {:.1} MB after",
            before as f64 / 1e6,
            after as f64 / 1e6
        ),
        goal: format!("≤ {:.0} MB more", GROWN_MAX / 1e6),
        is_reached: grown <= GROWN_MAX,
    };
    vec![memory_row, log_row]
}
