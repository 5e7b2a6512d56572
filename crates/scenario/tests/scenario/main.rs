//! The language from outside, and generated worlds through engine and oracle.

mod bless;
#[path = "../../../../tests/common/config.rs"]
mod config;
mod generated;
mod parser;
