//! Scenarios: the language, worlds drawn from a seed, and the simulator that holds the engine against
//! the rule book.
//!
//! ```
//! use std::path::Path;
//! use std::sync::Arc;
//! use std::sync::atomic::AtomicBool;
//!
//! use lamplighter_core::hours::Zones;
//! use lamplighter_scenario::play::{Options, Outcome, run};
//!
//! let text = "\
//! scenario Away shows while nobody is online
//! property acme
//!   members ann
//! at 2026-03-09 09:00
//!   ann logs in on laptop
//!   ann goes away
//!   expect acme online
//! ";
//! let (zones, stop) = (Arc::new(Zones::bundled()), AtomicBool::new(false));
//! let path = Path::new("away.scenario");
//! let verdict = run(path, text.as_bytes(), &zones, Options::default(), &stop);
//!
//! assert_eq!(verdict.outcome(), Outcome::Failed);
//! let failure = &verdict.failures[0];
//! assert_eq!(failure.found, "away (agent-away, rule W3)");
//! for note in verdict.notes(failure) {
//!     println!("{note}");
//! }
//! ```
//!
//! The map, lowest floor first; a module imports only from floors below its own.
//!
//! | file | what it does |
//! | --- | --- |
//! | `window` | whether what was seen was so at a moment of a window, and else how far from one |
//! | `shard` | a part of work that is divided |
//! | `figures` | numbers as people read them, for every report |
//! | `language` | a text into a plan |
//! | `synth` | synthetic worlds and working days, drawn from a seed |
//! | `play` | a plan into a verdict |
//! | `simulate` | random worlds: engine against oracle, and what differs made small |

pub mod figures;
pub mod language;
pub mod shard;
pub mod window;

pub mod play;
pub mod synth;

pub mod simulate;
