//! A question about a place in a file that was read.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::look::Read;
use super::text::Text;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::language::{Word, words_of_line};
use lamplighter_scenario::play::Prepared;

/// A place in a file, and what is known of the file.
#[derive(Clone, Copy)]
pub struct CursorRequest<'a> {
    /// The file that is asked about.
    pub path: &'a Path,
    /// Its text as it is open.
    pub text: &'a Text,
    /// The file as it was read.
    pub read: &'a Arc<Read>,
    /// The place, as spans have it: in the bytes of the scenario's source, which for a world stand behind
    /// those of the scenario that includes it.
    pub byte: usize,
    /// How far spans of the file are ahead of the bytes of its text; behind them for a text with a byte order
    /// mark.
    shift: isize,
    /// The zones that there are.
    pub zones: &'a Arc<Zones>,
    /// For scenarios that do not say when they play.
    pub today: Instant,
}

impl<'a> CursorRequest<'a> {
    /// A question about a byte of a text.
    pub fn new(
        path: &'a Path,
        text: &'a Text,
        read: &'a Arc<Read>,
        byte: usize,
        zones: &'a Arc<Zones>,
        today: Instant,
    ) -> Self {
        let shift = read.shift(text);
        let byte = byte.saturating_add_signed(shift);
        Self { path, text, read, byte, shift, zones, today }
    }

    /// The scenario by the first row of its table.
    pub fn first(&self) -> &'a Prepared {
        &self.read.rows[0]
    }

    /// The bytes of the open text that a span of the file covers.
    pub fn in_text(&self, span: Span) -> Range<usize> {
        let back =
            |byte: usize| byte.saturating_add_signed(-self.shift).min(self.text.as_str().len());
        back(span.start)..back(span.end)
    }

    /// The line of the place: where it begins as spans have it, and its text.
    pub fn line(&self) -> (usize, &'a str) {
        let byte = self.byte.saturating_add_signed(-self.shift);
        let line = self.text.line(self.text.line_of(byte.min(self.text.as_str().len())));
        (line.start.saturating_add_signed(self.shift), &self.text.as_str()[line])
    }

    /// The words of its line, those of a comment among them.
    pub fn words(&self) -> Vec<Word> {
        let (start, line) = self.line();
        let mut words = words_of_line(line, start);
        let end = words.last().map_or(start, |word| word.span.end);
        // What is no word of the language is parted by blanks.
        let mut at = end;
        for word in line[end - start..].split([' ', '\t', '#']) {
            if !word.is_empty() {
                let span = Span::new(at, at + word.len());
                words.push(Word { text: word.to_owned(), span, quoted: false, is_put_in: false });
            }
            at += word.len() + 1;
        }
        words
    }

    /// The word at the place.
    pub fn word(&self) -> Option<Word> {
        let is_there = |word: &Word| word.span.start <= self.byte && self.byte <= word.span.end;
        self.words().into_iter().rev().find(is_there)
    }

    /// The word before the one at the place.
    pub fn word_before(&self) -> Option<String> {
        let word = self.word()?;
        let words = self.words();
        let place = words.iter().position(|one| one.span == word.span)?;
        Some(words.get(place.checked_sub(1)?)?.text.clone())
    }
}

/// The statements whose words name files.
const NAMING_FILES: [&str; 5] = ["include", "replay", "observed", "dates", "rules"];

impl CursorRequest<'_> {
    /// The file that the word at the place names, in a statement that names one.
    pub fn file_named(&self) -> Option<PathBuf> {
        let words = self.words();
        let first = words.first().filter(|word| NAMING_FILES.contains(&word.text.as_str()))?;
        let word = self.word().filter(|word| word.quoted && word.span != first.span)?;
        Some(self.path.parent()?.join(&word.text))
    }
}
