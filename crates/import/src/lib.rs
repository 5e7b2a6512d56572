//! Turns the logs of other chat products and contact centres into traces that Lamplighter replays.
//!
//! ```text
//! a log ─ log ─▶ Row ─ take ─▶ Entry ─ sort ─ follow ─▶ Row ─┬─ trace ─▶ trace.csv
//!         (mapping says how, clock reads times,              └─ world ─▶ world.scenario
//!          names keeps names)
//! ```
//!
//! Memory is bounded: of the log one row at a time is held, of what was taken from it as much as fits
//! into 48 MiB, the rest lies sorted in temporary files; names and devices are held once each.
//!
//! The map, lowest floor first; a module imports only from floors below its own.

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
