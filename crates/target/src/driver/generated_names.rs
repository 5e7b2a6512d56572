//! Names and passwords of a run (rule T23 of target files).

use std::sync::atomic::{AtomicU64, Ordering};

use super::error::RunError;

/// Makes names that nobody else has: `prefix`, six characters of the run, a number.
#[derive(Debug)]
pub struct NameGenerator {
    front: String,
    next: AtomicU64,
}

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";
const ALPHANUMERIC: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const PASSWORD_CHARS: usize = 16;
const RUN_CHARS: usize = 6;
/// A made name has no more characters.
const NAME_CHARS_MAX: usize = 20;

impl NameGenerator {
    /// The names of a new run.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn new(prefix: &str) -> Result<Self, RunError> {
        let run = drawn(RUN_CHARS, |_| ALPHANUMERIC)?;
        Ok(Self { front: format!("{prefix}{run}"), next: AtomicU64::new(1) })
    }

    /// The next name, of 20 characters of `a-z0-9` at most.
    pub fn next(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut name = format!("{}{number}", self.front);
        name.truncate(NAME_CHARS_MAX);
        name
    }
}

/// A password: 16 of small and capital letters, digits and `-`, each kind present.
///
/// # Errors
/// When the machine gives no randomness.
pub fn password() -> Result<String, RunError> {
    const CAPITALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    // The first and the last are letters: `-` in front is taken for an option here and there.
    drawn(PASSWORD_CHARS, |place| match place {
        0 | 15 => LETTERS,
        5 => CAPITALS,
        7 => b"-",
        11 => DIGITS,
        _ => ALPHANUMERIC,
    })
}

fn drawn(chars: usize, of: impl Fn(usize) -> &'static [u8]) -> Result<String, RunError> {
    let mut bytes = vec![0_u8; chars * 2];
    getrandom::fill(&mut bytes).map_err(|error| RunError::Machine { why: error.to_string() })?;
    let two = |place: usize| u16::from_le_bytes([bytes[2 * place], bytes[2 * place + 1]]);
    let letter = |place: usize| {
        let letters = of(place);
        char::from(letters[usize::from(two(place)) % letters.len()])
    };
    Ok((0..chars).map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t23_made_names_are_short_and_differ_between_runs_and_within_one() {
        let (one, other) = (
            NameGenerator::new("longest8").expect("one"),
            NameGenerator::new("ll").expect("other"),
        );
        let names = [one.next(), one.next(), other.next(), other.next()];
        for name in &names {
            assert!(name.len() <= 20, "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{name}");
        }
        assert!(names[0].starts_with("longest8") && names[2].starts_with("ll"));
        assert_eq!(std::collections::BTreeSet::from(names).len(), 4);
    }

    #[test]
    fn t23_a_password_has_letters_digits_and_a_dash_and_differs_each_time() {
        let (one, other) = (password().expect("one"), password().expect("other"));
        assert_ne!(one, other);
        for password in [one, other] {
            assert_eq!(password.len(), 16);
            assert!(password.contains('-') && password.bytes().any(|b| b.is_ascii_digit()));
            assert!(password.bytes().any(|b| b.is_ascii_uppercase()));
            assert!(password.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        }
    }
}
