//! One agent's life through a target file (`lamplighter target try`): what whoever writes one does first.
//!
//! | file | what it does |
//! | --- | --- |
//! | `listener` | who is told, and what of it is counted |
//! | `agent_model` | who is in by now, and what must show by the rules |
//! | `run` | who walks: what is looked at and told after each stage |
//! | `stages` | the life, stage by stage |
//! | `gaps` | what the file cannot tell, and what that takes away |

mod agent_model;
mod gaps;
mod listener;
mod run;
mod stages;

pub use listener::TrialListener;
pub use stages::{TrialOptions, TrialResult, try_out};
