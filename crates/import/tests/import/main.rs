//! Logs as their makers document them, and what becomes of them.

mod built_in;
mod common;
mod laws;
mod left_out;
#[path = "../../../../tests/common/mutated.rs"]
mod mutated;
mod rate;
mod robust;
mod round_trip;
mod rules;
mod threads;
