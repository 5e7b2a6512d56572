//! Coverage: how long widgets kept what their light promises, what other settings would have done with
//! the same events, and how many people it takes.
//!
//! Everything is folded from what the engine says, instant by instant; there is no second evaluator, and
//! nothing is sampled. What it needs of memory goes by widgets, hours of the week and days, not by events.
//!
//! ```text
//! scenario, traces ──▶ happenings ─┐                  ┌─▶ people ─▶ widgets ─▶ figures
//!                                  ├─▶ play ─▶ World ─┤
//! visitors ──────────▶ arrivals ───┘   (one for each  └─▶ staffing: queues of chats
//!                                       alternative)
//! ```
//!
//! The map, lowest floor first; a module imports only from floors below its own.
//!
//! | file | what it does |
//! | --- | --- |
//! | `calendar` | stretches of time cut at the hours of a zone's wall clock |
//! | `class` | the five classes of time |
//! | `text_file` | small files of text, read at once |
//! | `figures` | what a run comes to: the one model behind every report |
//! | `words` | causes and dates as every report writes them |
//! | `arrivals` | visitors, from a file or drawn along a curve |
//! | `json` | a run as JSON, as `docs/coverage.schema.json` describes it |
//! | `many` | many scenarios, each by itself, in lines of JSON |
//! | `staffing` | chats that wait for members: queues, and the formulas of Erlang |
//! | `fold` | a world's changes into figures |
//! | `play` | a scenario and its alternatives, each in a world of its own |

pub mod calendar;
pub mod class;
pub mod text_file;

pub mod figures;

pub mod words;

pub mod arrivals;
pub mod json;

pub mod many;
pub mod staffing;

pub mod fold;

pub mod play;
