//! Scenarios: the language, worlds drawn from a seed, and the simulator that holds the engine against
//! the rule book.
//!
//! The map, lowest floor first; a module imports only from floors below its own.
//!
//! | file | what it does |
//! | --- | --- |
//! | `language` | a text into a plan |
//! | `synth` | synthetic worlds and working days, drawn from a seed |
//! | `play` | a plan into a verdict |
//! | `simulate` | random worlds: engine against oracle, and what differs made small |

pub mod language;
pub mod synth;

pub mod play;

pub mod simulate;
