//! Rows of a log into entries: who, when, on which device and what, or why a row cannot be taken.
//!
//! | file | what it does |
//! | --- | --- |
//! | `columns` | the columns that a mapping names, each once |
//! | `devices` | the devices that rows name, each with a number |
//! | `step` | what a log's words mean, each looked up once |
//! | `only` | which rows are of the properties that are asked for |
//! | `length` | how long an interval lasts |
//! | `what` | what an entry is, in a byte |
//! | `told` | what is wrong with a row, in words |
//! | `fault` | what could not be taken, by kind, with the first of each |
//! | `error` | why no more rows can be taken |
//! | `portion` | what was taken from some rows |
//! | `taker` | takes them |
//! | `gather` | puts portions together, in the order of the log |
//! | `crew` | several takers at once |

mod columns;
mod crew;
mod devices;
mod error;
mod fault;
mod gather;
mod length;
mod only;
mod portion;
mod step;
mod taker;
mod told;
mod what;

pub use columns::roles;
pub use crew::take_all;
pub use devices::Device;
pub use error::TakeError;
pub use fault::{Fault, FaultKind, Faults, Told};
pub use gather::{Gatherer, Taken};
pub use only::MetProperties;
pub use portion::Portion;
pub use taker::Taker;
pub use told::open_quote;
pub use what::What;
