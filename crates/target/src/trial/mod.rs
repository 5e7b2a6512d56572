//! One agent's life through a target file (`lamplighter target try`): what whoever writes one does first.
//!
//! | file | what it does |
//! | --- | --- |
//! | `audience` | who is told, and what of it is counted |
//! | `people` | who is in by now, and what must show by the rules |
//! | `walker` | who walks: what is looked at and told after each stage |
//! | `walk` | the life, stage by stage |
//! | `untold` | what the file cannot tell, and what that takes away |

mod audience;
mod people;
mod untold;
mod walk;
mod walker;

pub use audience::TrialListener;
pub use walk::{TrialOptions, TrialResult, try_out};
