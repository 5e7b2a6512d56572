//! Features that this build was made without.

use anyhow::anyhow;

use super::exit::Stop;

/// That a feature is missing, and the command that has it.
pub fn built_without(feature: &str) -> Stop {
    let words: Vec<String> = std::env::args().skip(1).map(|word| shell_word(&word)).collect();
    let with = format!("cargo run --release --features {feature} -- {}", words.join(" "));
    Stop::invalid(anyhow!("built without {feature}: {with}"))
}

/// A word as a shell takes it.
fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_them_otherwise() {
        assert_eq!(shell_word("--host"), "--host");
        assert_eq!(shell_word("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(shell_word("p99(widget) > 50ms"), "'p99(widget) > 50ms'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
