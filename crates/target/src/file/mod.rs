//! Target files: how to speak to a service that nobody here knows, as data. All of it
//! is pure: text and answers go in, requests and outcomes come out; whoever calls is elsewhere.
//!
//! ```text
//! bytes ─ check ─▶ TargetFile ─ steps ─┬─ request + names ─▶ Request ─▶ (whoever calls)
//!            │                         │                                      │
//!            └─▶ findings              └─ outcome ◀── answer ◀── decode ◀─────┘
//!                                           │
//!                                           └─▶ kept names ─▶ team, widget ─▶ what was seen
//! ```
//!
//! | file | what it does |
//! | --- | --- |
//! | `finding`, `node` | what is wrong, and values of TOML with their places |
//! | `value`, `pointer`, `template` | values that were kept, JSON pointers, texts with names in them |
//! | `section`, `step` | lists of steps and who sees what; one call |
//! | `header`, `request` | what goes out |
//! | `response_error`, `decode`, `answer`, `cookie_jar` | what comes back |
//! | `condition`, `keep`, `outcome` | what it means for a step |
//! | `possible`, `says`, `team`, `widget` | what it says of agents and widgets |
//! | `hours`, `zone` | a week as calls and as JSON; time zones by their names |
//! | `target_section`, `address`, `http`, `device`, `hold`, `can`, `rules`, `timing`, `clock` | the other sections |
//! | `target`, `ability`, `check`, `builtin` | the whole file, what it can, what is wrong with it |
//! | `mask` | secrets, out of everything that is printed |

pub mod ability;
pub mod address;
pub mod answer;
pub mod builtin;
pub mod can;
pub mod check;
pub mod clock;
pub mod condition;
pub mod cookie_jar;
pub mod decode;
pub mod device;
pub mod finding;
pub mod header;
pub mod hold;
pub mod hours;
pub mod http;
pub mod keep;
pub mod mask;
pub mod node;
pub mod outcome;
pub mod pointer;
pub mod possible;
pub mod request;
pub mod response_error;
pub mod rules;
pub mod says;
pub mod section;
pub mod step;
pub mod target;
pub mod target_section;
pub mod team;
pub mod template;
pub mod timing;
pub mod value;
pub mod widget;
mod zone;

pub use check::{Checked, check};
pub use finding::{Finding, Severity};
pub use target::TargetFile;

#[cfg(test)]
mod tests;
