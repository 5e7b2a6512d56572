//! Handling times as a file recorded them.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::text_file::{self, NoText};
use lamplighter_core::model::Millis;

/// Why a file holds no handling times.
#[derive(Debug, Error)]
pub enum TimesError {
    /// The file of handling times cannot be read.
    #[error("cannot read {}", .0.display())]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// It is not there, or no text.
    #[error(transparent)]
    NoText(#[from] NoText),
    /// A line is no time.
    #[error("{}:{line}: `{word}` is no time; expected seconds such as 340, or a duration such as 5m40s", path.display())]
    NoTime {
        /// The file of handling times, as it was named.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The text that stands in place of a time.
        word: String,
    },
    /// There is none in it, or all of them are nothing.
    #[error("{} has no handling times: one a line, in seconds or as a duration such as 5m40s", .0.display())]
    None(PathBuf),
}

/// Reads handling times, one a line, in seconds or as durations; a first line of words is a header, and
/// lines that begin with `#` don't count. In milliseconds.
///
/// # Errors
/// When the file cannot be read, or holds something else.
pub fn read(path: &Path) -> Result<Vec<u64>, TimesError> {
    let text = text_file::read(path, TimesError::Unreadable)?;
    parse(&text, path)
}

fn parse(text: &str, path: &Path) -> Result<Vec<u64>, TimesError> {
    let mut times = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let word = line.trim();
        if word.is_empty() || word.starts_with('#') {
            continue;
        }
        let seconds = word.parse::<f64>().ok().filter(|s| s.is_finite() && (0.0..1e9).contains(s));
        let time = match seconds {
            Some(seconds) => Some((seconds * 1_000.0).round() as u64),
            None => word.parse::<Millis>().ok().map(|length| length.0),
        };
        match time {
            Some(time) => times.push(time),
            None if times.is_empty() && word.chars().all(|c| !c.is_ascii_digit()) => {}
            None => {
                return Err(TimesError::NoTime {
                    path: path.to_owned(),
                    line: index + 1,
                    word: word.to_owned(),
                });
            }
        }
    }
    match times.iter().any(|time| *time > 0) {
        true => Ok(times),
        false => Err(TimesError::None(path.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_durations() {
        let path = Path::new("times.csv");
        let found = parse("seconds\n340\n\n# a comment\n5m40s\n12.5\n", path).expect("times");
        assert_eq!(found, [340_000, 340_000, 12_500]);
        let said = |text| parse(text, path).expect_err("no times").to_string();
        assert!(said("1\nlong").starts_with("times.csv:2: `long` is no time;"));
        assert!(said("seconds\n").starts_with("times.csv has no handling times"));
    }
}
