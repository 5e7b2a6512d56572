//! A population's events as a CSV trace.

use std::io::{self, Write};

use super::events::TraceEvent;
use super::{DAY_MS, names};
use lamplighter_core::model::Instant;
use lamplighter_core::model::text::write_date;
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
    let mut date = Date::default();
    let mut row = Vec::with_capacity(80);
    for event in events {
        row.clear();
        date.push(event.at, &mut row);
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

/// The date of the row before, as it is written: rows of one day are many.
#[derive(Default)]
struct Date {
    midnight_ms: i64,
    text: String,
}

impl Date {
    /// Adds an instant as `Display` writes it, and faster.
    fn push(&mut self, at: Instant, row: &mut Vec<u8>) {
        let mut since_ms = at.as_millis() - self.midnight_ms;
        if self.text.is_empty() || !(0..DAY_MS).contains(&since_ms) {
            since_ms = at.as_millis().rem_euclid(DAY_MS);
            self.midnight_ms = at.as_millis() - since_ms;
            self.text = write_date(at.to_local(0).date());
        }
        row.extend_from_slice(self.text.as_bytes());
        // Milliseconds of a day.
        let (seconds, ms) = ((since_ms / 1_000) as u32, (since_ms % 1_000) as u32);
        let two = |number: u32| [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        for (separator, number) in
            [(b'T', seconds / 3_600), (b':', seconds / 60 % 60), (b':', seconds % 60)]
        {
            row.push(separator);
            row.extend_from_slice(&two(number));
        }
        if ms != 0 {
            row.extend_from_slice(&[b'.', b'0' + (ms / 100) as u8]);
            row.extend_from_slice(&two(ms % 100));
        }
        row.push(b'Z');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_they_display() {
        let mut date = Date::default();
        for ms in [0, 1, 999, 86_399_999, 86_400_000, 1_772_409_600_050, 1_772_409_661_000, 5_000] {
            let at = Instant::from_millis(ms).expect("in range");
            let mut row = Vec::new();
            date.push(at, &mut row);
            assert_eq!(String::from_utf8(row), Ok(at.to_string()));
        }
    }
}
