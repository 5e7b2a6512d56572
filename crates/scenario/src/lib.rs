//! Scenarios: the language, worlds drawn from a seed, and the simulator that holds the engine against
//! the rule book.
//!
//! The map, lowest floor first; a module imports only from floors below its own.

pub mod language;
pub mod synth;

pub mod play;

pub mod simulate;
