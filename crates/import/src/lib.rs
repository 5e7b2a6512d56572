//! Turns the logs of other chat products and contact centres into traces that Lamplighter replays.
//!
//! ```text
//! a log ─ log ─▶ Piece ─ take ─▶ Portion ─ gather, sort ─▶ Entry ─ follow ─▶ Row ─┬─ trace ─▶ trace.csv
//!         (mapping says how, clock reads times,                                  └─ world ─▶ world.scenario
//!          names keeps names)
//! ```
//!
//! Several threads take, each a piece of its own, and what they take is put together in the order of the log;
//! then one follows while another writes. What comes of it is the same with any number of threads.
//!
//! Memory is bounded: of the log some pieces for each thread are held, of what was taken from it as much as
//! fits into 48 MiB, the rest lies sorted in temporary files; names and devices are held once by each thread
//! and once for all.
//!
//! The map, lowest floor first; a module imports only from floors below its own.
//!
//! | file | what it does |
//! | --- | --- |
//! | `clock` | when something happened, as logs write it |
//! | `names`, `pseudonym` | names as they are, each once; and what stands in their place |
//! | `mapping` | how a log is read: its columns and its words |
//! | `log`, `take` | a log row by row, and what can be taken from a row |
//! | `sort`, `follow` | what was taken in the order of time, and what it means |
//! | `presence` | when people were there |
//! | `trace`, `world` | the rows of a trace, and a first world |
//! | `import` | all of it, from the first row to the last |

pub mod clock;
pub mod pseudonym;

pub mod mapping;
pub mod names;
pub mod sort;
pub mod trace;

pub mod log;

pub mod take;

pub mod follow;
pub mod presence;

pub mod import;

pub mod world;

pub use import::{Import, ImportError, Imported, import};
