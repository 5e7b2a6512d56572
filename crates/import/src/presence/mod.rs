//! When people were there, and the hours that one would guess from it.
//!
//! | file | what it does |
//! | --- | --- |
//! | `week` | when somebody of a property was there, by quarters of an hour of the week |
//! | `guess` | hours out of that |

mod guess;
mod week;

pub use guess::{GuessedHours, guess};
pub use week::Presence;
