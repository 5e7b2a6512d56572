//! What went wrong with a call, in the few words by which it is counted.

use std::collections::BTreeMap;

use lamplighter_target::driver::{Driver, ReadError, RunError, WriteOutcome};
use lamplighter_target::file::outcome::{IndeterminateCause, StepOutcome};
use lamplighter_target::file::response_error::ResponseError;

/// An answer that says nothing which can be judged; behind it may stand why.
const UNREADABLE: &str = "unreadable answer";
/// The longest word; what an answer says may stand in it, and has any length.
const WORD_BYTES_MAX: usize = 120;

/// Why a write is not done: the HTTP status of its answer, or what kept that away; `None` where it is
/// done.
pub fn of_write(write: &WriteOutcome) -> Option<String> {
    let status = || write.status.map(|status| status.to_string());
    match &write.outcome {
        StepOutcome::Done(_) => None,
        StepOutcome::Refused | StepOutcome::Gone => {
            Some(status().unwrap_or_else(|| "refused".to_owned()))
        }
        StepOutcome::Unknown(IndeterminateCause::Response(broken)) => Some(of_broken(broken)),
        StepOutcome::Unknown(IndeterminateCause::Unmatched { status }) => Some(status.to_string()),
        StepOutcome::Unknown(IndeterminateCause::NotFound { name, .. }) => {
            Some(short(format!("{UNREADABLE}: no `{name}` to keep")))
        }
        StepOutcome::Unknown(
            doubt @ (IndeterminateCause::HalfDone | IndeterminateCause::Adapter { .. }),
        ) => Some(status().unwrap_or_else(|| short(doubt.to_string()))),
    }
}

/// Why an answer says nothing.
pub fn of_fault(fault: &ReadError) -> String {
    match fault {
        ReadError::Response(broken) => of_broken(broken),
        ReadError::NotDone { status: Some(status), .. } if !(200..300).contains(status) => {
            status.to_string()
        }
        ReadError::NotDone { what, .. } => short(what.clone()),
        ReadError::Indeterminate(why) | ReadError::Table(why) => {
            short(format!("{UNREADABLE}: {why}"))
        }
    }
}

/// Why there is no answer, or none that can be read.
pub fn of_broken(broken: &ResponseError) -> String {
    match broken {
        ResponseError::TooLong { .. } => "answer too large".to_owned(),
        ResponseError::Truncated | ResponseError::Socket => "closed before the answer".to_owned(),
        ResponseError::TimedOut { .. } => "timed out".to_owned(),
        ResponseError::NotHttp { .. } => "unreadable HTTP".to_owned(),
        ResponseError::BadEncoding { .. } => short(format!("{UNREADABLE}: {broken}")),
        ResponseError::Unreachable { why } => unreachable(why),
        ResponseError::Unsendable { .. } => short(broken.to_string()),
    }
}

/// Why a call could not be made at all.
pub fn of_error(driver: &Driver, error: &RunError) -> String {
    if let RunError::Unreachable { why, .. } = error {
        return unreachable(why);
    }
    let mut all = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        all += &format!(": {inner}");
        source = inner.source();
    }
    short(driver.masked(&all))
}

/// Why nobody took a connection, by what the machine says.
pub fn unreachable(why: &str) -> String {
    let why = why.split(" (os error").next().unwrap_or(why);
    match why {
        "Connection refused" => "connection refused".to_owned(),
        "Connection reset by peer" | "Broken pipe" => "connection reset".to_owned(),
        "Software caused connection abort" => "connection aborted".to_owned(),
        "nobody takes a connection" | "Connection timed out" => "timed out".to_owned(),
        "Cannot assign requested address" => "no local address left".to_owned(),
        other => short(other.to_owned()),
    }
}

fn short(mut word: String) -> String {
    if word.len() > WORD_BYTES_MAX {
        let end = (0..=WORD_BYTES_MAX).rev().find(|&end| word.is_char_boundary(end));
        word.truncate(end.unwrap_or(0));
        word.push('…');
    }
    word
}

/// So many reasons why answers are unreadable are told apart.
const REASONS_MAX: usize = 20;

/// The word under which an error is counted beside others: what a target makes up does not make ever
/// more of them.
pub fn counted<'w>(errors: &BTreeMap<String, u64>, word: &'w str) -> &'w str {
    let is_reason = |word: &str| word.starts_with(UNREADABLE);
    let is_too_many = || errors.keys().filter(|word| is_reason(word)).count() >= REASONS_MAX;
    match is_reason(word) && !errors.contains_key(word) && is_too_many() {
        true => UNREADABLE,
        false => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_an_answer_makes_up_are_short_and_few() {
        let mut errors = BTreeMap::new();
        for n in 0..100 {
            let fault = ReadError::Table(format!("`{n}{}` is no `status`", "é".repeat(10_000)));
            let word = of_fault(&fault);
            *errors.entry(counted(&errors, &word).to_owned()).or_default() += 1;
        }
        assert_eq!(errors.len(), REASONS_MAX + 1);
        assert_eq!(errors[UNREADABLE], 100 - REASONS_MAX as u64);
        assert!(errors.keys().all(|word| word.len() < 130));
        assert_eq!(counted(&errors, "503"), "503");
    }

    #[test]
    fn what_is_not_done_is_counted_by_its_status() {
        let refused = |status| ReadError::NotDone { what: "refused".to_owned(), status };
        assert_eq!(of_fault(&refused(Some(503))), "503");
        assert_eq!(of_fault(&refused(Some(200))), "refused");
        assert_eq!(of_fault(&refused(None)), "refused");
        let reset =
            ResponseError::Unreachable { why: "Connection refused (os error 111)".to_owned() };
        assert_eq!(of_fault(&ReadError::Response(reset)), "connection refused");
    }
}
