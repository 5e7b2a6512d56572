//! `expect no anomalies`: whether all rows of traces so far could happen.

use super::anomaly::Anomalies;
use super::facts::Fact;
use super::verdict::Failure;
use crate::language::span::Span;
use lamplighter_core::model::Instant;

/// So many rows are named in a message; the others are counted.
const NAMED_MAX: usize = 3;

/// What is false of the statement at an instant; `None` where every row could happen.
pub fn failure(anomalies: &Anomalies, statement: Span, at: Instant) -> Option<Failure> {
    if anomalies.count == 0 {
        return None;
    }
    let first: Vec<_> = anomalies.first.iter().take(NAMED_MAX).cloned().collect();
    let more = anomalies.count - first.len() as u64;
    Some(Failure {
        statement,
        at,
        words: statement,
        expected: "no anomalies".to_owned(),
        found: match anomalies.count {
            1 => "1 row that cannot happen".to_owned(),
            count => format!("{count} rows that cannot happen"),
        },
        facts: vec![Fact::Anomalies(first, more)],
        // No words of the file would make it true: the trace is as it is.
        edits: Some(Vec::new()),
    })
}
