//! What went wrong with a visitor's call, in few enough words that errors can be counted by them.

use lamplighter_target::driver::{Driver, Fault, RunError};
use lamplighter_target::file::broken::Broken;

/// An answer that says nothing which can be judged; behind it stands why.
const UNREADABLE: &str = "unreadable answer";
/// A turn within the target's limits that would come too late (rule T43 of target files).
pub const NO_TURN: &str = "no turn within the target's limits";
/// The longest word; what an answer says may stand in it, and has any length.
const WORD_BYTES_MAX: usize = 120;

/// Why an answer says nothing.
pub fn of_fault(fault: &Fault) -> String {
    match fault {
        Fault::Broken(broken) => of_broken(broken),
        Fault::NotDone { status: Some(status), .. } if !(200..300).contains(status) => {
            status.to_string()
        }
        Fault::NotDone { what, .. } => short(what.clone()),
        Fault::Doubt(why) | Fault::Table(why) => short(format!("{UNREADABLE}: {why}")),
    }
}

/// Why there is no answer, or none that can be read.
pub fn of_broken(broken: &Broken) -> String {
    match broken {
        Broken::TooLong { .. } => "answer too large".to_owned(),
        Broken::CutOff | Broken::Socket => "closed before the answer".to_owned(),
        Broken::Late { .. } => "timed out".to_owned(),
        Broken::NotHttp { .. } => "unreadable HTTP".to_owned(),
        Broken::Garbled { .. } => short(format!("{UNREADABLE}: {broken}")),
        Broken::Unreachable { why } => of_machine(why),
        Broken::Unsendable { .. } => short(broken.to_string()),
    }
}

/// Why a call could not be made at all.
pub fn of_run_error(driver: &Driver, error: &RunError) -> String {
    if let RunError::Unreachable { why, .. } = error {
        return of_machine(why);
    }
    let mut all = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        all += &format!(": {inner}");
        source = inner.source();
    }
    short(driver.masked(&all))
}

/// What the machine says of a connection, as light connections count it.
fn of_machine(why: &str) -> String {
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

/// Words by which errors were counted, so that what a target makes up does not make ever more of them.
#[derive(Debug, Default)]
pub struct Counted(std::collections::BTreeSet<String>);

/// So many reasons why answers are unreadable are told apart.
const REASONS_MAX: usize = 20;

impl Counted {
    /// The word under which an error is counted.
    pub fn word(&mut self, word: String) -> String {
        if !word.starts_with(UNREADABLE) || self.0.contains(&word) {
            return word;
        }
        if self.0.len() >= REASONS_MAX {
            return UNREADABLE.to_owned();
        }
        self.0.insert(word.clone());
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_an_answer_makes_up_are_short_and_few() {
        let mut counted = Counted::default();
        let mut words = std::collections::BTreeSet::new();
        for n in 0..100 {
            let fault = Fault::Table(format!("`{n}{}` is no `status`", "é".repeat(10_000)));
            words.insert(counted.word(of_fault(&fault)));
        }
        assert_eq!(words.len(), REASONS_MAX + 1);
        assert!(words.contains(UNREADABLE) && words.iter().all(|word| word.len() < 130));
        assert_eq!(counted.word("503".to_owned()), "503");
    }

    #[test]
    fn what_is_not_done_is_counted_by_its_status() {
        let refused = |status| Fault::NotDone { what: "refused".to_owned(), status };
        assert_eq!(of_fault(&refused(Some(503))), "503");
        assert_eq!(of_fault(&refused(Some(200))), "refused");
        assert_eq!(of_fault(&refused(None)), "refused");
        let reset = Broken::Unreachable { why: "Connection refused (os error 111)".to_owned() };
        assert_eq!(of_fault(&Fault::Broken(reset)), "connection refused");
    }
}
