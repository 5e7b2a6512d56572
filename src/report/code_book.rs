//! What the codes of messages mean: the one text is `docs/diagnostics.md`, and this reads it.

use lamplighter_scenario::language::code::Code;

/// The page, which a person reads as well.
const PAGE: &str = include_str!("../../docs/diagnostics.md");

/// A code of a message with the page's explanation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explained {
    /// The code that is explained.
    pub code: Code,
    /// What a message with it means, in a sentence.
    pub meaning: &'static str,
    /// What the author of the scenario can do.
    pub remedy: &'static str,
    /// The smallest scenario that has it.
    pub example: CodeExample,
}

/// The smallest scenario that has a code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeExample {
    /// The text of the scenario.
    pub text: &'static str,
    /// How the file is written, where that is the slip that it shows.
    pub form: Form,
    /// The name and the text of the file that stands beside it, if it names one.
    pub beside: Option<(&'static str, &'static str)>,
}

/// How the text of an example stands in its file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// As it is shown.
    Shown,
    /// Encoded in ISO 8859-1.
    Latin1,
    /// With carriage returns alone at the ends of lines.
    CarriageReturns,
}

impl Form {
    /// That of the words behind the language of an example.
    fn of(mark: &str) -> Self {
        match mark.split_once(' ') {
            Some((_, "latin-1")) => Self::Latin1,
            Some((_, "carriage-returns")) => Self::CarriageReturns,
            _ => Self::Shown,
        }
    }
}

/// Every code that the page explains, in its order.
pub fn explained() -> Vec<Explained> {
    PAGE.split("\n### `").skip(1).filter_map(section).collect()
}

fn section(text: &'static str) -> Option<Explained> {
    let (name, text) = text.split_once("`\n")?;
    let mut paragraphs = text.splitn(3, "\n\n");
    let (meaning, remedy) = (paragraphs.next()?, paragraphs.next()?);
    let mut fences = paragraphs.next()?.split("```").skip(1).step_by(2);
    let (mark, text) = fences.next()?.split_once('\n')?;
    let beside = fences.next().and_then(|file| file.strip_prefix("file ")?.split_once('\n'));
    let example = CodeExample { text, form: Form::of(mark), beside };
    Some(Explained { code: Code::named(name)?, meaning, remedy, example })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_section_in_the_order_of_the_table() {
        let codes: Vec<Code> = explained().iter().map(|explained| explained.code).collect();
        assert_eq!(codes, Code::ALL);
        assert_eq!(PAGE.matches("\n### ").count(), Code::ALL.len());
    }

    #[test]
    fn every_section_says_in_sentences_what_it_means_and_what_to_do() {
        for Explained { code, meaning, remedy, example } in explained() {
            for text in [meaning, remedy] {
                assert!(text.ends_with('.') && !text.contains('\n'), "{code}: {text}");
            }
            assert!(example.text.lines().count() < 12, "{code}");
        }
    }
}
