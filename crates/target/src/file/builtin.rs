//! Target files that are built in (rule T54 of target files).

/// Every one by its name, with its text.
pub const BUILT_IN: [(&str, &str); 7] = [
    ("reference", include_str!("../../../../targets/reference.toml")),
    ("synapse", include_str!("../../../../targets/synapse.toml")),
    ("ejabberd", include_str!("../../../../targets/ejabberd.toml")),
    ("prosody", include_str!("../../../../targets/prosody.toml")),
    ("chatwoot", include_str!("../../../../targets/chatwoot.toml")),
    ("rocketchat", include_str!("../../../../targets/rocketchat.toml")),
    ("zendesk", include_str!("../../../../targets/zendesk.toml")),
];

/// The text of a built-in file.
pub fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Whether what was given for a target is a file, rather than the name of a built-in one.
pub fn is_file(given: &str) -> bool {
    given.contains('/') || given.ends_with(".toml")
}

#[cfg(test)]
mod tests {
    use lamplighter_scenario::language::span::Source;

    use super::*;
    use crate::file::check::check;

    #[test]
    fn t54_what_has_a_slash_or_ends_in_toml_is_a_file() {
        for (given, is) in [("synapse", false), ("synapse.toml", true), ("./synapse", true)] {
            assert_eq!(is_file(given), is, "{given}");
        }
        assert!(built_in("synapse").is_some() && built_in("none").is_none());
    }

    #[test]
    fn what_was_written_from_documents_alone_says_so() {
        let is_tried = |text: &str| {
            let checked = check(text.as_bytes(), &|path| Err(format!("no file {path}")));
            checked.file.expect("no errors").about.tried
        };
        let tried: Vec<_> =
            BUILT_IN.iter().filter(|(_, text)| is_tried(text)).map(|(name, _)| *name).collect();
        assert_eq!(tried, ["reference", "synapse", "ejabberd", "prosody"]);
    }

    #[test]
    fn what_is_built_in_has_no_findings_and_at_most_a_hundred_lines() {
        for (name, text) in BUILT_IN {
            let checked = check(text.as_bytes(), &|path| Err(format!("no file {path}")));
            let source = Source::new(text.to_owned());
            let shown: Vec<String> = checked
                .findings
                .iter()
                .map(|found| {
                    let line = source.position(found.diagnostic.span.start).line;
                    format!(
                        "{name}:{line}: {} ({})",
                        found.diagnostic.message, found.diagnostic.label
                    )
                })
                .collect();
            assert_eq!(shown, Vec::<String>::new());
            assert_eq!(checked.file.expect("no errors").about.name, name);
            assert!(text.lines().count() <= 100, "{name}");
        }
    }
}
