//! Traces: recorded events as CSV (RFC 4180), one row after the other, never the whole file.
//!
//! ```text
//! file ─ texts ─ lines ─┬─ rows as usual ─────────────▶ UsualRow
//!                       ├─ any other row ────────────┬▶ Row, ObservedRow
//!                       └─ the csv crate ─ every row ┘
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `texts` | a file in pieces of whole lines, without quotes or with them |
//! | `lines` | reads whole lines, as long as there is no quote among them |
//! | `usual` | takes a row apart that is written as nearly all are |
//! | `marks` | where the fields of such a row end, many bytes looked at together |
//! | `quotes` | which quotes RFC 4180 knows, and one that is never closed |
//! | `quoted` | the csv crate, from the first quote on, and whether RFC 4180 knows that quote |
//! | `records` | the records of a file, from the one and then the other |
//! | `reader` | rows of traces, and what is wrong with the others |
//! | `observed` | rows of what was seen of widgets or agents, likewise |
//! | `instant` | instants in and out of RFC 3339 |
//! | `counts` | which faults are told with their line |
//! | `row_fault`, `diagnostic`, `hint` | what can be wrong with a row; in words, and where; what was meant |

mod counts;
mod diagnostic;
mod hint;
mod instant;
mod lines;
mod marks;
mod observed;
mod quoted;
mod quotes;
mod reader;
mod records;
mod row_fault;
#[cfg(test)]
mod tests;
mod texts;
mod usual;

pub use counts::{DETAILED_MAX, WORDS_MAX};
pub use diagnostic::{Diagnostic, Fault, OpenTraceError, line_at};
pub use observed::{ObservedReader, ObservedRow, SeenState, SeenVisitor};
pub use quotes::{OpenQuote, Watched};
pub use reader::Reader;
pub use texts::{Checked, PIECE_BYTES, Text, Texts};
pub use usual::{UsualRow, UsualRows};

use crate::model::{Action, Instant};

/// The columns of a trace, in their order.
pub const COLUMNS: [&str; 4] = ["at", "agent", "device", "action"];

/// One row: what an agent did when, and on which device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row<'a> {
    /// The instant at which it happened; rows are in the order of time.
    pub at: Instant,
    /// The name of the agent who did it.
    pub agent: &'a str,
    /// The name of the device on which it happened; `None` for "on all devices" of the agent.
    pub device: Option<&'a str>,
    /// What the agent or the agent's connection did, as an event of the rule book (rules P1 to P3,
    /// P7, P8).
    pub action: Action,
    /// The row's place in its trace, by which a message finds the line again.
    pub place: RowStart,
}

/// Where a row begins in its file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct RowStart {
    byte: u64,
    /// The line from 1, or that of blank lines before it.
    line: u64,
}

impl RowStart {
    /// The first byte of a file.
    const START: Self = Self { byte: 0, line: 1 };

    /// A byte of a file, and the line from 1 that it is in, or that of blank lines before it.
    pub fn new(byte: u64, line: u64) -> Self {
        Self { byte, line }
    }
}
