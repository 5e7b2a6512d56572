//! `--tag`, `--not-tag` and `--filter`: which of the scenarios that were named are run.

use std::fmt::{self, Display};

use super::arguments::ScenarioArguments;
use lamplighter_scenario::play::{Prepared, ScenarioFile};

/// Which scenarios are run; all, if nothing was said.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    tags: Vec<String>,
    not_tags: Vec<String>,
    /// As typed, and in small letters.
    texts: Vec<(String, String)>,
}

impl Choice {
    /// The choice that was typed.
    pub fn new(arguments: &ScenarioArguments) -> Self {
        let texts = arguments.filter.iter().map(|text| (text.clone(), text.to_lowercase()));
        Self {
            tags: arguments.tag.clone(),
            not_tags: arguments.not_tag.clone(),
            texts: texts.collect(),
        }
    }

    /// Whether tags were asked for, and not texts alone.
    pub fn goes_by_tags(&self) -> bool {
        !self.tags.is_empty() || !self.not_tags.is_empty()
    }

    /// Whether a scenario is run. A path that names none is told of, whatever was chosen.
    pub fn takes(&self, scenario: &Prepared) -> bool {
        scenario.is_misnamed() || self.is_of(&scenario.file)
    }

    fn is_of(&self, file: &ScenarioFile) -> bool {
        let has = |tag: &String| file.tags.contains(tag);
        let (title, name) = (file.title.to_lowercase(), file.name().to_lowercase());
        (self.tags.is_empty() || self.tags.iter().any(has))
            && !self.not_tags.iter().any(has)
            && (self.texts.is_empty()
                || self.texts.iter().any(|(_, text)| title.contains(text) || name.contains(text)))
    }
}

/// The options, as they would be typed again.
impl Display for Choice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tags = self.tags.iter().map(|tag| ("--tag", tag));
        let not_tags = self.not_tags.iter().map(|tag| ("--not-tag", tag));
        let texts = self.texts.iter().map(|(text, _)| ("--filter", text));
        for (index, (option, value)) in tags.chain(not_tags).chain(texts).enumerate() {
            let blank = if index > 0 { " " } else { "" };
            match value.is_empty() || value.contains(char::is_whitespace) {
                true => write!(out, "{blank}{option} '{value}'")?,
                false => write!(out, "{blank}{option} {value}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, title: &str, tags: &[&str]) -> ScenarioFile {
        ScenarioFile {
            path: path.into(),
            title: title.to_owned(),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            ..ScenarioFile::default()
        }
    }

    #[test]
    fn one_tag_of_several_is_enough_and_none_that_is_not_wanted_may_be_there() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        for (tags, not_tags, has, taken) in [
            (&[][..], &[][..], &[][..], true),
            (&["dst"], &[], &[], false),
            (&["dst"], &[], &["dst", "slow"], true),
            (&["dst", "leap"], &[], &["leap"], true),
            (&["dst"], &["slow"], &["dst", "slow"], false),
            (&[], &["slow"], &["dst"], true),
            // They are compared as written.
            (&["DST"], &[], &["dst"], false),
        ] {
            let choice = Choice { tags: words(tags), not_tags: words(not_tags), texts: Vec::new() };
            assert_eq!(choice.is_of(&file("a.scenario", "A", has)), taken, "{choice}: {has:?}");
        }
    }

    #[test]
    fn a_text_is_looked_for_in_the_title_and_in_the_path_in_capitals_or_not() {
        for (text, taken) in [("CLOCK", true), ("time/spring", true), ("autumn", false)] {
            let texts = vec![(text.to_owned(), text.to_lowercase())];
            let choice = Choice { texts, ..Choice::default() };
            let file = file("time/spring.scenario", "The clock jumps", &[]);
            assert_eq!(choice.is_of(&file), taken, "{choice}");
        }
    }
}
