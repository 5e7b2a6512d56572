//! Which failures are the target's doing, by the words in which they are counted.

/// Calls that were still on their way when a run gave up waiting for them.
pub const UNANSWERED_AT_END: &str = "unanswered at the end";
/// A turn within the target's limits that would come too late, or had not come at the end (rule T43 of
/// target files).
pub const NO_TURN: &str = "no turn within the target's limits";
/// Visitors for whom no connection was free in time.
pub const NO_CONNECTION_FREE: &str = "no connection was free";

/// Who failed where a call did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailureSide {
    /// The target: it refused, did not answer, let go, or answered 5xx.
    Target,
    /// The generator: it has no port or no file left.
    Generator,
    /// Nobody: Lamplighter keeps within the target's limits.
    Limits,
    /// Neither is known to be gone: the target answered, but not as it should.
    Answer,
}

/// How the machine begins to say that there is no way to the target,
const OF_NETWORK: [&str; 4] =
    ["No route to host", "Network is unreachable", "Host is down", "failed to lookup address"];
/// and that it has no files left.
const OF_FILES: [&str; 2] = ["Too many open files", "No file descriptors available"];

fn is_of(word: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|begin| word.starts_with(begin))
}

/// Who failed, by the word that stands for it among [errors](crate::result::OperationStats::errors).
pub fn failure_side(word: &str) -> FailureSide {
    match word {
        "connection refused"
        | "connection reset"
        | "connection aborted"
        | "connection closed"
        | "closed before the answer"
        | "broken off"
        | "reset"
        | "cut off"
        | "no connection"
        | "no handshake"
        | "not sent"
        | "timed out"
        | NO_CONNECTION_FREE
        | UNANSWERED_AT_END => FailureSide::Target,
        NO_TURN => FailureSide::Limits,
        "no local address left" | "no port left" => FailureSide::Generator,
        _ if word.len() == 3 && word.starts_with('5') => FailureSide::Target,
        _ if is_of(word, &OF_NETWORK) => FailureSide::Target,
        _ if is_of(word, &OF_FILES) => FailureSide::Generator,
        _ => FailureSide::Answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_failed_is_told_by_the_word() {
        for word in ["503", "500", "timed out", "connection refused", UNANSWERED_AT_END] {
            assert_eq!(failure_side(word), FailureSide::Target, "{word}");
        }
        for word in ["401", "404", "unreadable answer", "5", "5xxx"] {
            assert_eq!(failure_side(word), FailureSide::Answer, "{word}");
        }
        assert_eq!(failure_side(NO_TURN), FailureSide::Limits);
        assert_eq!(failure_side("no local address left"), FailureSide::Generator);
    }
}
