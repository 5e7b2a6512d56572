//! A population's events as a CSV trace.

use std::io::{self, Write};

use super::events::TraceEvent;
use super::names;
use lamplighter_core::trace::COLUMNS;

/// Writes a trace with its header, a row for each event.
///
/// # Errors
/// When `out` takes no more.
pub fn write_trace(
    events: impl Iterator<Item = TraceEvent>,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "{}", COLUMNS.join(","))?;
    let mut row = Vec::with_capacity(80);
    for event in events {
        row.clear();
        event.at.write_to(&mut row);
        row.push(b',');
        names::push_agent(event.agent, &mut row);
        row.push(b',');
        if let Some(device) = event.device {
            row.extend_from_slice(names::DEVICES[usize::from(device)].as_bytes());
        }
        row.push(b',');
        row.extend_from_slice(event.action.word().as_bytes());
        row.push(b'\n');
        out.write_all(&row)?;
    }
    Ok(())
}
