//! The command line of Lamplighter, and the reports that it writes. What it is made of are the crates
//! below `crates/`; this is the top of the house.
//!
//! The map, lowest floor first; a module imports only from floors below its own.

pub mod report;

#[cfg(feature = "lsp")]
pub mod editor;

pub mod cli;
