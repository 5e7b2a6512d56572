//! Rows of a trace as CSV (RFC 4180).

use std::io::{self, Write};

use lamplighter_core::model::{Action, Instant, NameList};
use lamplighter_core::trace::COLUMNS;

/// Writes the rows of a trace as CSV, many at a time.
pub struct TraceWriter<W> {
    out: W,
    /// The columns of each device and its agent, from the comma in front of them to the one behind.
    columns: NameList,
    /// Rows that wait until they are many.
    text: Vec<u8>,
    /// How many rows were written so far, the header not counted.
    pub rows: u64,
}

/// So many bytes are written at once.
const WRITTEN_BYTES: usize = 1 << 16;

impl<W: Write> TraceWriter<W> {
    /// Begins a trace with its header; its rows will be of these agents and their devices.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn new<'a>(
        mut out: W,
        devices: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> io::Result<Self> {
        writeln!(out, "{}", COLUMNS.join(","))?;
        let (mut columns, mut of_device) = (NameList::default(), String::new());
        for (agent, device) in devices {
            of_device.clear();
            for field in [agent, device] {
                of_device.push(',');
                push_field(&mut of_device, field);
            }
            of_device.push(',');
            columns.push(&of_device);
        }
        Ok(Self { out, columns, text: Vec::with_capacity(WRITTEN_BYTES), rows: 0 })
    }

    /// Writes a row of a device, by its place among those that were given.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn row(&mut self, at: Instant, device: u32, action: Action) -> io::Result<()> {
        at.write_to(&mut self.text);
        self.text.extend_from_slice(self.columns.get_bytes(device as usize));
        self.text.extend_from_slice(action.word().as_bytes());
        self.text.push(b'\n');
        self.rows += 1;
        if self.text.len() < WRITTEN_BYTES {
            return Ok(());
        }
        self.write()
    }

    fn write(&mut self) -> io::Result<()> {
        self.out.write_all(&self.text)?;
        self.text.clear();
        Ok(())
    }

    /// Ends the trace.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn finish(mut self) -> io::Result<()> {
        self.write()?;
        self.out.flush()
    }
}

/// A field, in quotes where it needs them.
fn push_field(row: &mut String, field: &str) {
    if !field.contains([',', '"', '\r', '\n']) {
        return row.push_str(field);
    }
    row.push('"');
    for sign in field.chars() {
        if sign == '"' {
            row.push('"');
        }
        row.push(sign);
    }
    row.push('"');
}
