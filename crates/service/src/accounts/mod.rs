//! Passwords, tokens and keys: how they are made, kept and compared; and who has to wait after too
//! many failures. Nothing in here is ever logged.
//!
//! | file | what it does |
//! | --- | --- |
//! | `password`, `memory` | passwords, hashed and checked by a few workers; in which memory |
//! | `secret`, `keys` | tokens and keys; the admin keys by name |
//! | `guesses`, `throttle` | who has failed how often, and has to wait |
//! | `turns` | whose password is looked at next |

mod guesses;
mod keys;
mod memory;
mod password;
mod secret;
mod throttle;
mod turns;

pub use keys::{AdminKey, AdminKeys};
pub use password::{PasswordCost, PasswordError, PasswordHashes, Passwords};
pub use secret::{Secret, digest, hex, unhex};
pub use throttle::{FailuresMax, KeyThrottle, LoginThrottle, MessageThrottle, Throttled, network};
