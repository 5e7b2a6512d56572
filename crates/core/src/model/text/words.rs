//! Names, countries and page patterns: words that stand for themselves.

use std::fmt;
use std::str::FromStr;

use super::super::ids::is_name;
use super::countries::{CountryMeant, country_meant};
use super::error::TextError;

/// What names are made of, in a sentence for whoever wrote one that is none.
pub const NAMES: &str = "names are 1 to 64 letters, marks and digits, `.`, `_`, `-`";

/// A text as the name of a property, widget, agent or device; see [`is_name`].
///
/// # Errors
/// When it cannot be one.
pub fn name(text: &str) -> Result<&str, TextError> {
    match is_name(text) {
        true => Ok(text),
        false => Err(TextError::new(format!("`{text}` cannot be a name"), NAMES)),
    }
}

/// A country, ISO 3166-1 alpha-2: two capital letters, which are not looked up (rule V2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Country([u8; 2]);

impl Country {
    /// The country of two letters; `None` where they are not capital ones.
    pub const fn from_letters(letters: [u8; 2]) -> Option<Self> {
        match letters {
            [b'A'..=b'Z', b'A'..=b'Z'] => Some(Self(letters)),
            _ => None,
        }
    }

    /// The two capital letters of the country's code.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("two letters of ASCII")
    }
}

impl FromStr for Country {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let of = |text: &str| text.as_bytes().try_into().ok().and_then(Self::from_letters);
        if let Some(country) = of(text) {
            return Ok(country);
        }
        let error = TextError::new(
            format!("`{text}` is not a country"),
            "expected two capital letters (ISO 3166-1 alpha-2)",
        );
        Err(match country_meant(text) {
            Some(CountryMeant { help, code: Some(code) }) => error.help(help).meant(code),
            Some(CountryMeant { help, code: None }) => error.help(help),
            None if text.contains(',') => {
                error.help("separate countries by blanks, without commas")
            }
            None => error,
        })
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text of a page pattern (rule V1), as [`pages::Pattern`](crate::pages::Pattern) takes it apart.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PagePattern(pub(crate) String);

impl PagePattern {
    /// The text of the pattern, as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PagePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::ids::NAME_CODE_POINTS_MAX;
    use super::*;

    #[test]
    fn the_sentence_about_names_has_their_length() {
        assert!(NAMES.contains(&format!("1 to {NAME_CODE_POINTS_MAX} letters")));
        let error = name("a b").expect_err("a blank").to_string();
        assert_eq!(error, format!("`a b` cannot be a name: {NAMES}"));
    }

    #[test]
    fn a_country_is_two_capital_letters() {
        for text in ["DE", "US", "XX"] {
            assert_eq!(text.parse::<Country>().map(|country| country.to_string()), Ok(text.into()));
        }
        for (text, help) in [
            ("de", "; did you mean `DE`?"),
            ("ß", "; did you mean `SS`?"),
            ("DE,FR", "; separate countries by blanks, without commas"),
            ("DEU", "; did you mean `DE` (Germany)?"),
            ("uk", "; did you mean `GB` (Britain (UK))?"),
            ("D1", ""),
            ("", ""),
        ] {
            let error = text.parse::<Country>().expect_err(text).to_string();
            let expected = "expected two capital letters (ISO 3166-1 alpha-2)";
            assert_eq!(error, format!("`{text}` is not a country: {expected}{help}"));
        }
    }
}
