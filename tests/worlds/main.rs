//! Worlds and traces through the whole program.

mod synth;
mod traces;
