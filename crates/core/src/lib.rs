//! What a live-chat widget must show, given who is logged in on which devices with which status, the
//! widget's scheduler and its visibility settings; and nothing else.
//!
//! The map, lowest floor first; a module imports only from floors below its own.
//!
//! | file | what it does |
//! | --- | --- |
//! | `model` | the nouns: names, statuses, instants, settings, events |
//! | `mutations` | deliberate mistakes, under a cfg that no build for users sets |
//! | `hours` | weekly hours in a time zone, and their edges |
//! | `pages` | patterns of pages |
//! | `rules` | the decision tables W, V and C. Nothing else decides anything |
//! | `oracle` | the same answers straight from the rule book: slow and obvious |
//! | `world` | the engine: the state of a whole fleet, packed for the processor |
//! | `trace` | traces: recorded events as CSV |

pub mod model;
pub mod mutations;

pub mod hours;
pub mod pages;

pub mod rules;

pub mod oracle;
pub mod world;

pub mod trace;
