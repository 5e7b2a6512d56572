//! What a live-chat widget must show, given who is logged in on which devices with which status, the
//! widget's scheduler and its visibility settings; and nothing else.
//!
//! The map, lowest floor first; a module imports only from floors below its own.

pub mod model;
pub mod mutations;

pub mod hours;
pub mod pages;

pub mod rules;

pub mod oracle;
pub mod world;

pub mod trace;
