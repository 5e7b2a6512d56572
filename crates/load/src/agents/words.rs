//! What went wrong with a call, in the word or two by which it is counted.

use lamplighter_target::driver::{RunError, Write};
use lamplighter_target::file::broken::Broken;
use lamplighter_target::file::outcome::{Doubt, Outcome};

/// An answer that is none of the product's.
pub const UNREADABLE: &str = "unreadable answer";
/// Nobody took a connection: nothing was sent on it.
const CONNECTION_REFUSED: &str = "connection refused";

/// Why a write is not done: the HTTP status of its answer, or what kept that away; `None` where it is
/// done.
pub fn of_write(write: &Write) -> Option<String> {
    let status = write.status.map(|status| status.to_string());
    match &write.outcome {
        Outcome::Done(_) => None,
        Outcome::Refused | Outcome::Gone => Some(status.unwrap_or_else(|| "refused".to_owned())),
        Outcome::Unknown(doubt) => Some(of_doubt(doubt, write.status)),
    }
}

fn of_doubt(doubt: &Doubt, status: Option<u16>) -> String {
    match doubt {
        Doubt::Broken(broken) => of_broken(broken),
        Doubt::Unmatched { status } => status.to_string(),
        Doubt::HalfDone => {
            status.map_or_else(|| UNREADABLE.to_owned(), |status| status.to_string())
        }
        Doubt::NotFound { .. } => UNREADABLE.to_owned(),
        Doubt::Adapter { .. } => doubt.to_string(),
    }
}

/// Why there is no answer.
pub fn of_broken(broken: &Broken) -> String {
    match broken {
        Broken::Unreachable { why } => unreachable(why),
        Broken::Late { .. } => "timed out".to_owned(),
        Broken::CutOff => "cut off".to_owned(),
        Broken::TooLong { .. }
        | Broken::Garbled { .. }
        | Broken::NotHttp { .. }
        | Broken::Unsendable { .. }
        | Broken::Socket => UNREADABLE.to_owned(),
    }
}

/// Why nobody took a connection, by what the machine says.
pub fn unreachable(why: &str) -> String {
    let lower = why.to_lowercase();
    if lower.contains("connection refused") {
        return CONNECTION_REFUSED.to_owned();
    }
    if lower.contains("nobody takes a connection") {
        return "timed out".to_owned();
    }
    if lower.contains("reset") {
        return "reset".to_owned();
    }
    if lower.contains("cannot assign requested address") {
        return "no port left".to_owned();
    }
    // What the machine says without its number: `No route to host (os error 113)`.
    let said = why.split(" (os error").next().unwrap_or(why).trim();
    match said.is_empty() {
        true => "no connection".to_owned(),
        false => said.to_owned(),
    }
}

/// Why a call could not be made at all.
pub fn of_error(error: &RunError) -> String {
    match error {
        RunError::Unreachable { why, .. } => unreachable(why),
        RunError::NotDone { section, what, .. } => format!("{section}: {what}"),
        other => other.to_string(),
    }
}
