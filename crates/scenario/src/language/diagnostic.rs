//! What is wrong in a scenario, for the person who wrote it.

use std::path::PathBuf;

use super::code::Code;
use super::quote::write_word;
use super::span::Span;
use lamplighter_core::model::text::TextError;

/// One thing that is wrong: where, what, why, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// The words at fault, to be underlined; diagnostics are sorted by it.
    pub span: Span,
    /// What kind of fault or slip it is of, by which `docs/diagnostics.md` explains it.
    pub code: Code,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What stands beside the underlined words: the rule, or what was expected there.
    pub label: String,
    /// What the author should write instead; `None` where there is no advice.
    pub help: Option<String>,
    /// What may have been meant, likeliest first: for those who change the text for its author.
    pub suggestions: Vec<Suggestion>,
}

/// Words that may have been meant in the place of others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    /// The file in which they stand, if it is one that the faulty words name.
    pub elsewhere: Option<Box<Elsewhere>>,
    /// The words to be replaced.
    pub span: Span,
    /// What to write there.
    pub text: String,
}

/// A file that another one names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    /// Where it is, relative to the one that was read first.
    pub path: PathBuf,
    /// Its text, as it was read; places are those in it.
    pub text: String,
}

impl Diagnostic {
    /// What is wrong at a place; a malformed statement, unless [`code`](Self::code) says of what kind it is.
    pub fn new(span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        let code = Code::MalformedStatement;
        let (message, label) = (readable(message.into()), label.into());
        Self { span, code, message, label, help: None, suggestions: Vec::new() }
    }

    /// The fault of a word that is not the scalar that is expected there.
    pub fn of_text(span: Span, error: TextError) -> Self {
        let TextError { message, expected, help, meant } = error;
        let diagnostic = Self { help, ..Self::new(span, message, expected) };
        match meant {
            Some(meant) => diagnostic.suggest(span, meant),
            None => diagnostic,
        }
    }

    /// Says what kind it is of.
    #[must_use]
    pub fn code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what may have been meant, of which the advice speaks in its own words.
    #[must_use]
    pub fn suggest(mut self, span: Span, text: impl Into<String>) -> Self {
        self.suggestions.push(Suggestion { elsewhere: None, span, text: text.into() });
        self
    }

    /// Adds "did you mean", of words that the diagnostic is about or that are among them.
    #[must_use]
    pub fn meant(self, span: Span, text: &str) -> Self {
        self.help(format!("did you mean `{text}`?")).suggest(span, text)
    }

    /// Adds "did you mean" where something near is known: in the place of the underlined word.
    #[must_use]
    pub fn did_you_mean<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let span = self.span;
        match nearest(word, known) {
            Some(near) => {
                self.help(format!("did you mean `{near}`?")).suggest(span, write_word(near))
            }
            None => self,
        }
    }
}

/// A message that quotes the author's words, without what nobody could read.
fn readable(message: String) -> String {
    const LONGEST_CHARS: usize = 240;
    let message = message.replace(|c: char| c.is_control(), "\u{fffd}");
    match message.char_indices().nth(LONGEST_CHARS) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message,
    }
}

/// The known word that is most like `word`, if any is like it at all.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Beyond this length no name or keyword is near.
    const LONGEST_BYTES: usize = 256;
    if word.len() > LONGEST_BYTES {
        return None;
    }
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(&lower, &known.to_lowercase()), known))
        .filter(|&(distance, known)| {
            let length = word.chars().count().max(known.chars().count());
            known != word && distance <= (length / 3).max(1) && distance < length
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, known)| known)
}

/// A list of words for a sentence: `a`, `b` or `c`.
pub fn any_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match &words[..] {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}
