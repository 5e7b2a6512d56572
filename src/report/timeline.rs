//! The timeline of a run as CSV: `at,widget,status,chat,reason`.

use std::io::{self, Write};

use crate::model::Chat;
use crate::scenario::Verdict;

/// Writes the timeline that a verdict has kept (rule T3).
///
/// # Errors
/// When `out` does not take it.
pub fn csv(out: &mut dyn Write, verdict: &Verdict) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["at", "widget", "status", "chat", "reason"])?;
    for row in &verdict.timeline {
        let chat = match row.answer.chat {
            Chat::Possible => "yes",
            Chat::No => "no",
        };
        csv.write_record([
            row.at.to_string().as_str(),
            verdict.roster.widgets.name(row.widget),
            row.answer.status.word(),
            chat,
            row.answer.reason.word(),
        ])?;
    }
    csv.flush()
}
