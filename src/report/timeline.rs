//! The timeline of a run as CSV: `at,widget,status,chat,reason`, row by row as they come about.

use std::io::{self, Write};

use lamplighter_core::model::{Chat, Instant, Names, WidgetId};
use lamplighter_core::world::TimelineRow;

/// Writes a timeline (rule T3). Names, words and instants have nothing in them that CSV quotes.
pub struct Csv<W: Write> {
    out: W,
    line: Vec<u8>,
    /// The last instant, and how it is written: many rows share one.
    at: (Instant, Vec<u8>),
}

impl<W: Write> Csv<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(b"at,widget,status,chat,reason\n")?;
        let at = (Instant::MIN, Instant::MIN.to_string().into_bytes());
        Ok(Self { out, line: Vec::new(), at })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn row(&mut self, row: TimelineRow, widgets: &Names<WidgetId>) -> io::Result<()> {
        if row.at != self.at.0 {
            self.at.0 = row.at;
            self.at.1.clear();
            row.at.write_to(&mut self.at.1);
        }
        let chat = match row.answer.chat {
            Chat::Possible => "yes",
            Chat::No => "no",
        };
        self.line.clear();
        self.line.extend_from_slice(&self.at.1);
        let name = widgets.name(row.widget);
        for field in [name, row.answer.status.word(), chat, row.answer.reason.word()] {
            self.line.push(b',');
            self.line.extend_from_slice(field.as_bytes());
        }
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }

    /// What it was written to.
    pub fn into_inner(self) -> W {
        self.out
    }
}
