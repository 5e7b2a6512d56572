//! Mapping files: how a foreign log is read. Which columns say when, who, on which device and what, and
//! what the log's words mean. TOML, checked whole, every mistake with its place.
//!
//! ```toml
//! format = 1
//! name   = "Our phone system"
//!
//! [time]
//! at     = ["Date", "Time"]
//! format = "%d/%m/%Y %H:%M:%S"
//! zone   = "Europe/London"
//!
//! [agent]
//! column = "User"
//!
//! [[action]]
//! column = "State"
//! online = ["Ready", "On call"]
//! away   = ["Break"]
//! logout = ["Signed out"]
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `model` | what a mapping says, as plain data |
//! | `words` | what a log's words can mean |
//! | `table` | a TOML table, key by key, and what is wrong with it |
//! | `read` | a mapping file into a [`Mapping`] |
//! | `check` | whether its parts make a whole |
//! | `builtin` | those that are built in |

mod builtin;
mod check;
mod model;
mod read;
mod table;
mod words;

pub use builtin::{BUILT_IN, BuiltIn, built_in};
pub use check::check;
pub use model::{Called, Columns, Devices, Gap, Kind, Mapping, Properties, Shape, Step, Time};
pub use read::read;
pub use words::Word;
