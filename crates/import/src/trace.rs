//! Rows of a trace as CSV (RFC 4180).

use std::io::{self, Write};

use lamplighter_core::model::Action;
use lamplighter_core::model::Instant;
use lamplighter_core::trace::COLUMNS;

/// Writes a trace.
pub struct TraceWriter<W> {
    out: W,
    row: Vec<u8>,
    /// How many rows were written so far, the header not counted.
    pub rows: u64,
}

impl<W: Write> TraceWriter<W> {
    /// Begins a trace with its header.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn new(mut out: W) -> io::Result<Self> {
        writeln!(out, "{}", COLUMNS.join(","))?;
        Ok(Self { out, row: Vec::with_capacity(128), rows: 0 })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn row(
        &mut self,
        at: Instant,
        agent: &str,
        device: &str,
        action: Action,
    ) -> io::Result<()> {
        self.row.clear();
        at.write_to(&mut self.row);
        for field in [agent, device] {
            self.row.push(b',');
            push_field(&mut self.row, field);
        }
        self.row.push(b',');
        self.row.extend_from_slice(action.word().as_bytes());
        self.row.push(b'\n');
        self.rows += 1;
        self.out.write_all(&self.row)
    }

    /// Ends the trace.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A field, in quotes where it needs them.
fn push_field(row: &mut Vec<u8>, field: &str) {
    if !field.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
        row.extend_from_slice(field.as_bytes());
        return;
    }
    row.push(b'"');
    for byte in field.bytes() {
        if byte == b'"' {
            row.push(b'"');
        }
        row.push(byte);
    }
    row.push(b'"');
}
