//! What a live-chat widget must show, given who is logged in on which devices with which status, the
//! widget's scheduler and its visibility settings; and nothing else. Time and events go in, answers and
//! changes come out; nothing here reads a clock, a file or a socket but zone data and traces that it is
//! given.
//!
//! ```
//! use std::sync::Arc;
//!
//! use lamplighter_core::hours::Zones;
//! use lamplighter_core::model::{Event, Reason, Scheduler, Settings, WeekHours};
//! use lamplighter_core::world::{Membership, Timing, WorldBuilder};
//!
//! // Open on Mondays from nine to five, by the clock of New York.
//! let mut hours = WeekHours::default();
//! hours.weekdays[0].push("09:00-17:00".parse()?);
//! let scheduler = Scheduler { zone: "America/New_York".to_owned(), hours };
//! let mut settings = Settings::default();
//! settings.scheduler = Some(Arc::new(scheduler));
//!
//! let mut builder = WorldBuilder::new(Timing::default());
//! let acme = builder.add_property();
//! let widget = builder.add_widget(acme, settings);
//! let ann = builder.add_agent();
//! builder.add_member(ann, acme, Membership::Active);
//! let mut world = builder.build("2026-03-09T12:55:00Z".parse()?, Arc::new(Zones::bundled()))?;
//!
//! // Ann is there, and it is five to nine: the scheduler is closed (rule W1).
//! let laptop = world.add_device(ann);
//! world.apply(&Event::Login(laptop), &mut |_| {})?;
//! assert_eq!(world.answer(widget).reason, Reason::SchedulerClosed);
//!
//! // What the clock does next, and what it changes.
//! let nine = world.next_change(widget).expect("it opens").at;
//! assert_eq!(nine.to_string(), "2026-03-09T13:00:00Z");
//! let mut changes = Vec::new();
//! world.advance(nine, &mut |change| changes.push(change));
//! assert_eq!(changes.len(), 1);
//! assert_eq!(world.answer(widget).reason, Reason::AgentOnline);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A longer one, with devices, visitors and explanations, is `examples/embed.rs`.
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
