//! The rule book as data: its one text is `docs/rules.md`, and this reads it.

/// The page, which a person reads as well.
const PAGE: &str = include_str!("../../docs/rules.md");
/// The tables of rules begin with it.
const HEAD: &str = "| rule | text | source |";
/// The paragraph that says what the sources' letters stand for begins with it.
const SOURCES: &str = "**Sources.** ";

/// A rule of the book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// What messages cite it by, such as `W6`.
    pub name: &'static str,
    /// The part of the book that it stands in, such as `Status of a widget`.
    pub part: &'static str,
    /// What it says, without marks of strong emphasis.
    pub text: String,
    /// The documents that it comes from, each in words.
    pub sources: Vec<String>,
}

/// Every rule, in the order of the book.
pub fn rules() -> Vec<Rule> {
    let sources = sources();
    let mut rules = Vec::new();
    let (mut part, mut is_inside) = ("", false);
    for line in PAGE.lines() {
        part = line.strip_prefix("## ").unwrap_or(part);
        is_inside = line == HEAD || (is_inside && line.starts_with('|'));
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        if let ([name, text, letters], true) = (&cells[..], is_inside && line != HEAD)
            && let Some((_, name)) = name.split_once("</a>")
        {
            let in_words = |letter| sources.iter().find(|(known, _)| *known == letter);
            let sources = letters.split(", ").filter_map(in_words).map(|(_, words)| words.clone());
            let text = text.replace("**", "").replace("\\|", "|");
            rules.push(Rule { name, part, text, sources: sources.collect() });
        }
    }
    rules
}

/// What each letter of a source stands for.
fn sources() -> Vec<(&'static str, String)> {
    let paragraph = PAGE.split("\n\n").find_map(|text| text.strip_prefix(SOURCES));
    let sources = paragraph.unwrap_or_default().split(" · ");
    let pair = |source: &'static str| {
        let (letter, words) = source.strip_prefix("**")?.split_once("** ")?;
        // The page breaks lines where it likes.
        let words: Vec<&str> = words.trim_end_matches('.').split_whitespace().collect();
        Some((letter, words.join(" ")))
    };
    sources.filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_page_is_a_rule_with_its_sources() {
        let rules = rules();
        assert_eq!(rules.len(), PAGE.matches("</a>").count());
        assert!(rules.len() > 30);
        for rule in &rules {
            let row = PAGE.lines().find(|line| line.contains(&format!("</a>{} ", rule.name)));
            let letters = row.and_then(|row| row.trim_end_matches(" |").rsplit(" | ").next());
            let count = letters.expect("a row").split(", ").count();
            assert_eq!(rule.sources.len(), count, "{}", rule.name);
            assert!(!rule.text.is_empty() && !rule.text.contains("**"), "{}", rule.text);
        }
    }

    #[test]
    fn a_rule_knows_its_part_and_its_source_in_words() {
        let rules = rules();
        let rule = rules.iter().find(|rule| rule.name == "W6").expect("W6");
        assert_eq!(rule.part, "Status of a widget");
        assert_eq!(rule.sources, ["the help article \"Using the Widget Scheduler\""]);
        assert!(rule.text.contains("`online`, but no chat can start"), "{}", rule.text);
    }
}
