//! The scenario language: a plain text that reads like a help article, into a plan.
//!
//! ```text
//! bytes ─ lex ─ parse ─▶ Document ─ plan ─▶ Plan
//!                          │ spans on every node
//!                          └─▶ print
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `span`, `code`, `diagnostic` | where something stands in a file, what is wrong there, and of what kind that is |
//! | `quote` | words as they must be written |
//! | `lex`, `parse` | lines into words, words into a document; every fault noted, nothing given up |
//! | `examples`, `include` | tables of examples; files of blocks that scenarios include |
//! | `suite` | a file as a whole, to be read by each row of its table |
//! | `rules` | a product's rules as a table of TOML, and by the names of what is built in |
//! | `zones` | names of zones that are none, or that mislead |
//! | `calendar` | calendar files (iCalendar) as closed dates and cuts |
//! | `ast` | the document: every statement with its span |
//! | `time`, `roster` | times as written, and names, into instants and ids, and back |
//! | `plan` | a document into what will happen when, with names and times resolved |
//! | `settings`, `print` | what is set, as lines; a document as text again |
//! | `format` | a file in its form, with all that it says and its comments |
//! | `blocks` | a property and its widgets as text, of what is so somewhere else |

pub mod ast;
mod blocks;
pub mod calendar;
pub mod code;
pub mod diagnostic;
mod examples;
pub mod format;
mod include;
pub(crate) mod lex;
mod parse;
pub mod plan;
mod print;
mod quote;
mod roster;
pub mod rules;
mod settings;
pub mod span;
pub(crate) mod suite;
pub mod time;
pub mod zones;

pub use blocks::{push_property, push_settings, push_widget};
pub use examples::{ExampleRow, cells_of_line};
pub use lex::{Word, words_of_line};
pub use parse::{
    NameOf, Parsed, StatementContext, begins_hours, begins_statement, clauses, keywords,
    parse_name_alone, parse_time_alone, statements, verbs,
};
pub use print::{phrase, print, push_block_line};
pub use quote::{quote_word, write_name, write_word};
pub use roster::Roster;
pub use settings::{hours_lines, setting_lines};
pub use suite::{Suite, parse, parse_world};
