//! What holds of every call: the section `[http]` (rules T1, T3, T6, T8 of target files).

use std::time::Duration;

use super::condition::Condition;
use super::header::Headers;
use super::node::Table;
use super::outcome::CommonConditions;
use super::timing::seconds;

/// The section `[http]`.
#[derive(Clone, Debug)]
pub struct HttpSection {
    /// The headers that go on every call; a caller's and a step's own come on top.
    pub headers: Headers,
    /// What is done, refused and gone where a step does not say.
    pub general: CommonConditions,
    /// How many bytes of an answer are read at most; a longer one is broken (rule T6).
    pub body_bytes_max: usize,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// How long the answer to a call that holds a device is waited for.
    pub hold_timeout: Duration,
}

/// The most that `max_body` can be.
const BODY_BYTES_MOST: u64 = 1 << 30;

impl Default for HttpSection {
    fn default() -> Self {
        Self {
            headers: Headers::default(),
            general: CommonConditions::default(),
            body_bytes_max: 1 << 20,
            timeout: Duration::from_secs(10),
            hold_timeout: Duration::from_secs(120),
        }
    }
}

impl HttpSection {
    /// Reads the table.
    pub fn read(mut table: Table<'_>) -> Self {
        let mut http = Self::default();
        if let Some(node) = table.get("headers") {
            http.headers = Headers::read(node);
        }
        let CommonConditions { done, refused, gone } = &mut http.general;
        if let Some(node) = table.get("done") {
            *done = Condition::read_done(node);
        }
        for (key, condition) in [("refused", refused), ("gone", gone)] {
            if let Some(node) = table.get(key) {
                *condition = Condition::read(node);
            }
        }
        let bytes = table.get("max_body").and_then(|node| node.whole(1..=BODY_BYTES_MOST));
        if let Some(bytes) = bytes.and_then(|bytes| usize::try_from(bytes).ok()) {
            http.body_bytes_max = bytes;
        }
        let timeout = table.get("timeout").and_then(|node| {
            let timeout = seconds(node)?;
            if timeout.is_zero() {
                node.error("no answer comes at once", "more than zero seconds");
            }
            Some(timeout).filter(|timeout| !timeout.is_zero())
        });
        http.timeout = timeout.unwrap_or(http.timeout);
        table.finish();
        http
    }
}
