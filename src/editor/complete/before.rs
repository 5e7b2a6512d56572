//! What stands before a place in its line, and what is being written there.

use std::ops::Range;

use lamplighter_scenario::language::{Word, words_of_line};

/// What a place is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Within {
    /// Words of the language.
    Words,
    /// A list such as `mon,wed`, behind a comma of it.
    List,
    /// A word in quotes.
    Quotes,
    /// A comment, from its `#` to the end of the line.
    Comment,
    /// A row of a table.
    Row,
}

/// What stands before a place in its line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Before {
    /// What the place is in.
    pub within: Within,
    /// The words in front of the one that is being written.
    pub words: Vec<Word>,
    /// The bytes of the line that are being written: a part of a word, none at all, or a word with what stands
    /// behind the place.
    pub bytes: Range<usize>,
    /// The same between braces, and whether they are closed; `None` where the place is in none.
    pub braces: Option<(Range<usize>, bool)>,
}

impl Before {
    /// What stands before a byte of a line.
    pub fn new(line: &str, at: usize) -> Self {
        let head = &line[..at];
        let seen = Seen::of(head);
        let mut words = words_of_line(head, 0);
        let is_comma = |word: &Word| word.text == "," && !word.quoted;
        let last = words.pop_if(|word| word.span.end == at && !is_comma(word));
        let mut start = last.as_ref().map_or(at, |word| word.span.start);
        let mut within = match seen.within {
            Within::Words if line.trim_start_matches(BLANKS).starts_with('|') => Within::Row,
            within => within,
        };
        if let Some(comma) = last.filter(|word| !word.quoted).and_then(|word| word.text.rfind(','))
        {
            start += comma + 1;
            within = if within == Within::Words { Within::List } else { within };
        }
        let rest = &line[at..];
        let behind = rest.find([' ', '\t', '#', ',', '"']).unwrap_or(rest.len());
        // Where nothing is written yet, the next word is one of its own.
        let end = if start == at { at } else { at + behind };
        let braces = seen.brace.map(|start| {
            let behind = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
            (start..at + behind, rest[behind..].starts_with('}'))
        });
        Self { within, words, bytes: start..end, braces }
    }
}

const BLANKS: [char; 3] = ['\u{feff}', ' ', '\t'];

/// What is open at the end of a text.
struct Seen {
    within: Within,
    /// Where what stands between braces begins.
    brace: Option<usize>,
}

impl Seen {
    fn of(head: &str) -> Self {
        let (mut is_quoted, mut is_escaped, mut brace) = (false, false, None);
        for (at, c) in head.char_indices() {
            match c {
                '"' if !is_escaped => is_quoted = !is_quoted,
                '#' if !is_quoted => return Self { within: Within::Comment, brace: None },
                _ => {}
            }
            is_escaped = is_quoted && c == '\\' && !is_escaped;
            brace = match c {
                // Two of them are a brace that stands for itself.
                '{' if brace == Some(at) => None,
                '{' => Some(at + 1),
                c => brace.filter(|_| is_of_name(c)),
            };
        }
        Self { within: if is_quoted { Within::Quotes } else { Within::Words }, brace }
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words before `^`, what is being written, and what that is in.
    fn before(marked: &str) -> (Vec<String>, String, Within) {
        let at = marked.find('^').expect("a mark");
        let line = marked.replacen('^', "", 1);
        let Before { within, words, bytes, braces } = Before::new(&line, at);
        let bytes = braces.map_or(bytes, |(bytes, _)| bytes);
        (words.into_iter().map(|word| word.text).collect(), line[bytes].to_owned(), within)
    }

    #[test]
    fn a_line_is_parted_as_the_language_parts_it() {
        for (marked, words, written, within) in [
            ("^", &[][..], "", Within::Words),
            ("  exp^", &[], "exp", Within::Words),
            (
                "  expect acme online because agent-o^nline # x",
                &["expect", "acme", "online", "because"],
                "agent-online",
                Within::Words,
            ),
            ("expect ^online", &["expect"], "", Within::Words),
            (
                "expect \"Zo\u{eb} \u{1f600}\" ^",
                &["expect", "Zo\u{eb} \u{1f600}"],
                "",
                Within::Words,
            ),
            ("\"Zo\u{eb}\" lo^gs", &["Zo\u{eb}"], "logs", Within::Words),
            ("expect acme online,^", &["expect", "acme", "online", ","], "", Within::Words),
            ("  mon,we^", &[], "we", Within::List),
            ("greeting online \"a # ^b\"", &["greeting", "online"], "b", Within::Quotes),
            ("expect acme # \"on^", &["expect", "acme"], "", Within::Comment),
            ("  | a | b^ |", &["|", "a", "|"], "b", Within::Row),
            ("at 2026-03-^09 10:00", &["at"], "2026-03-09", Within::Words),
            ("{w^ho} logs", &[], "who", Within::Words),
            ("greeting \"Hi {^\"", &["greeting"], "", Within::Quotes),
        ] {
            let found = before(marked);
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            match within {
                // What is open has no words.
                Within::Quotes => assert_eq!(
                    (found.1.as_str(), found.2),
                    (written.trim_start_matches('b'), within),
                    "{marked}"
                ),
                _ => assert_eq!(found, (words, written.to_owned(), within), "{marked}"),
            }
        }
        let braces = |line: &str| Before::new(line, line.len()).braces;
        assert_eq!(braces("a {who"), Some((3..6, false)));
        for line in ["a {{who", "a {who}", "a {who x", "# {who"] {
            assert_eq!(braces(line), None, "{line}");
        }
    }
}
