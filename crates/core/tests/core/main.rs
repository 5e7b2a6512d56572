//! The engine from outside: its laws, held against the oracle, and the zones that it reads.

mod calendar;
#[path = "../../../../tests/common/config.rs"]
mod config;
mod engine;
mod growth;
mod laws;
mod zones;
