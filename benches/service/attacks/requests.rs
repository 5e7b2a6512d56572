//! Requests with something behind them: the answer waits for none of it.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;

use super::client::{SOMEBODY, call, request};
use super::row::Row;
use crate::process::service_with;

/// At once, on a machine that does other things, too; where an answer waits for bytes it is some seconds
/// until the connection is given up.
const AT_ONCE: Duration = Duration::from_millis(100);
const EACH: usize = 20;

/// Each kind of something behind a message that a visitor leaves.
pub fn with_more_behind() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder");
    let further = ["--max-messages", "1000000"];
    let store = folder.path().join("lamplighter.db");
    let served = service_with(&store, &further, Stdio::null());
    served.property("acme", &[]);
    let left = json!({"name": "Vi", "email": "vi@example.com", "message": "Hello"});
    let message = request("POST", "/v1/widgets/acme/messages", None, &left);
    let last = message.replacen("host: a\r\n", "host: a\r\nconnection: close\r\n", 1);
    [
        ("half of the next request behind a message", format!("{message}GET /v1/wid")),
        ("an empty line behind a message", format!("{message}\r\n")),
        ("`Connection: close`, with more behind a message", format!("{last}GET / HTTP/1.1\r\n")),
    ]
    .map(|(attack, bytes)| {
        let answers: Vec<_> = (0..EACH).map(|_| call(SOMEBODY, served.address, &bytes)).collect();
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        let longest = answers.iter().map(|answer| answer.took).max().expect("some");
        Row {
            attack,
            measured: format!(
                "{created} of {EACH} answered 201, the longest after {:.1} ms",
                longest.as_secs_f64() * 1e3
            ),
            goal: format!("all, ≤ {} ms", AT_ONCE.as_millis()),
            is_reached: created == EACH && longest <= AT_ONCE,
        }
    })
    .into()
}
