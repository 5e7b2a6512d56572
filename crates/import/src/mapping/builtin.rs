//! Mappings that are built in: one for each format, written from what its maker documents.

use super::{Mapping, read};
use lamplighter_scenario::language::span::Source;

/// A mapping that is built in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BuiltIn {
    /// The name by which it is asked for.
    pub key: &'static str,
    /// The text of its mapping file, TOML, which `--show` prints as a start for one's own.
    pub text: &'static str,
}

macro_rules! built_in {
    ($($key:literal),*) => {
        [$(BuiltIn { key: $key, text: include_str!(concat!("builtin/", $key, ".toml")) }),*]
    };
}

/// All of them, by name.
pub const BUILT_IN: [BuiltIn; 9] = built_in![
    "amazon-connect",
    "asterisk",
    "bright-pattern",
    "five9",
    "genesys-cloud",
    "intercom",
    "nice-cxone",
    "zendesk",
    "zoom"
];

/// The one of a name.
pub fn built_in(key: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|built_in| built_in.key == key)
}

impl BuiltIn {
    /// The mapping that its text says.
    pub fn mapping(&self) -> Mapping {
        read(&Source::new(self.text.to_owned())).expect("a test reads each of them")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_faultless_and_says_where_it_is_from() {
        for built_in in &BUILT_IN {
            let read = read(&Source::new(built_in.text.to_owned()));
            let mapping = read.unwrap_or_else(|found| panic!("{}: {found:?}", built_in.key));
            assert!(mapping.source.is_some_and(|source| source.starts_with("https://")));
            assert!(!mapping.name.is_empty() && built_in.text.starts_with('#'));
        }
        assert!(BUILT_IN.is_sorted_by_key(|built_in| built_in.key));
    }
}
