//! Lamplighter finds out whether the light in the window tells the truth: what a live-chat widget
//! must show, given who is logged in on which devices, the widget's scheduler and its settings.
//!
//! The map, lowest floor first; a module imports only from floors below its own.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod faults;
pub mod model;

pub mod hours;
pub mod pages;

pub mod rules;

pub mod oracle;
pub mod world;

pub mod trace;

pub mod scenario;
pub mod synth;

pub mod remote;
pub mod service;
pub mod simulate;

pub mod load;

pub mod report;

pub mod cli;
