//! The token that guards a gatherer.

use std::path::Path;

use anyhow::{Context, anyhow};
use subtle::ConstantTimeEq;

use crate::cli::exit::Stop;

/// The environment variable that the token may stand in.
pub const TOKEN: &str = "LAMPLIGHTER_GATHER_TOKEN";
/// A shorter one could be guessed.
const CHARACTERS_MIN: usize = 16;

/// The token from the file or the environment; `None` where neither has one.
pub fn token(file: Option<&Path>) -> Result<Option<String>, Stop> {
    let token = match file {
        Some(path) => {
            let read = std::fs::read_to_string(path);
            let read = read.with_context(|| format!("cannot read {}", path.display()));
            Some(read.map_err(Stop::invalid)?)
        }
        None => std::env::var(TOKEN).ok(),
    };
    let Some(token) = token else { return Ok(None) };
    let token = token.trim();
    let can_be_sent = token.bytes().all(|byte| byte.is_ascii_graphic());
    if token.len() < CHARACTERS_MIN || !can_be_sent {
        let hint =
            "it needs 16 characters or more, without spaces: `openssl rand -hex 16` makes one";
        return Err(Stop::invalid(anyhow!("the gatherer's token cannot be used")).hint(hint));
    }
    Ok(Some(token.to_owned()))
}

/// Whether what somebody shows is the token. How long it takes says nothing of how much of it is right.
pub fn is_shown(token: Option<&str>, shown: Option<&str>) -> bool {
    match (token, shown) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(token), Some(shown)) => token.as_bytes().ct_eq(shown.as_bytes()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_right_as_a_whole_or_not_at_all() {
        let is = |shown| is_shown(Some("0123456789abcdef"), shown);
        assert!(is(Some("0123456789abcdef")));
        for wrong in ["", "0123456789abcde", "0123456789abcdeF", "0123456789abcdef0"] {
            assert!(!is(Some(wrong)), "{wrong}");
        }
        assert!(!is(None) && is_shown(None, None) && is_shown(None, Some("any")));
    }

    #[test]
    fn a_token_that_can_be_guessed_or_not_be_sent_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("token");
        let read = |text: &str| {
            std::fs::write(&file, text).expect("is written");
            token(Some(&file))
        };
        assert_eq!(
            read("0123456789abcdef\n").expect("a token").as_deref(),
            Some("0123456789abcdef")
        );
        assert!(read("short").is_err() && read("0123456789 abcdef").is_err());
    }
}
