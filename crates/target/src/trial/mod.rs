//! A trial of a target file with one agent (`lamplighter target try`): what whoever writes one does first.
//!
//! | file | what it does |
//! | --- | --- |
//! | `listener` | who is told, and what of it is counted |
//! | `agent_model` | who is in by now, and what must show by the rules |
//! | `device` | one of its devices, and what came last of holding it |
//! | `run` | what is checked and told after each stage |
//! | `holds` | devices logged in, held, lost and taken up again |
//! | `stages` | the trial, stage by stage |
//! | `gaps` | what the file cannot tell, and what that takes away |

mod agent_model;
mod device;
mod gaps;
mod holds;
mod listener;
mod run;
mod stages;

pub use listener::TrialListener;
pub use stages::{TrialOptions, TrialResult, try_out};
