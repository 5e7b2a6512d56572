//! A text by its lines, and places in it as editors count them.

use std::ops::Range;

/// What a column counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Units {
    /// Bytes of UTF-8, for editors that can count them.
    Utf8,
    /// Units of UTF-16: most editors count them.
    Utf16,
}

impl Units {
    /// How long a text is.
    pub fn count(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            // Nearly all text is ASCII, whose letters are a unit each.
            Self::Utf16 if text.is_ascii() => text.len(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
        }
    }

    /// The byte behind so many units; within a letter its beginning, behind the end the end.
    fn byte(self, text: &str, unit: usize) -> usize {
        if self == Self::Utf8 || text.is_ascii() {
            return boundary(text, unit);
        }
        let mut left = unit;
        for (at, c) in text.char_indices() {
            if left < c.len_utf16() {
                return at;
            }
            left -= c.len_utf16();
        }
        text.len()
    }
}

/// The beginning of the letter in which a byte stands; behind the end the end.
fn boundary(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

/// A place in a text: both count from 0, columns in [`Units`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct TextPosition {
    /// The line, from 0.
    pub line: usize,
    /// How many units stand before it in its line.
    pub column: usize,
}

/// From a place in a text up to another, which is excluded.
pub type TextRange = Range<TextPosition>;

/// A text that can be edited, with where its lines begin. A line ends with LF, CR LF or CR, as it does for
/// editors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    all: String,
    line_starts: Vec<usize>,
}

impl Text {
    /// The text, with its lines found.
    pub fn new(all: String) -> Self {
        let bytes = all.as_bytes();
        let is_end = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts = (0..bytes.len()).filter(|&at| is_end(at)).map(|end| end + 1);
        let line_starts = std::iter::once(0).chain(starts).collect();
        Self { all, line_starts }
    }

    /// The text as one string, its line ends as they are.
    pub fn as_str(&self) -> &str {
        &self.all
    }

    /// How many lines it has; an empty text has one.
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// Where a line begins and ends, without its line end; behind the last line the end of the text.
    pub fn line(&self, number: usize) -> Range<usize> {
        let Some(&start) = self.line_starts.get(number) else {
            return self.all.len()..self.all.len();
        };
        let end = self.line_starts.get(number + 1).copied().unwrap_or(self.all.len());
        start..start + self.all[start..end].trim_end_matches(['\n', '\r']).len()
    }

    /// The line in which a byte stands.
    pub fn line_of(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= byte) - 1
    }

    /// The place of a byte; behind the end that of the end.
    pub fn place(&self, byte: usize, units: Units) -> TextPosition {
        let byte = boundary(&self.all, byte);
        let line = self.line_of(byte);
        TextPosition { line, column: units.count(&self.all[self.line_starts[line]..byte]) }
    }

    /// From the place of a byte to that of another.
    pub fn range(&self, bytes: Range<usize>, units: Units) -> TextRange {
        self.place(bytes.start, units)..self.place(bytes.end, units)
    }

    /// The byte at a place; behind the end of a line, or of the text, that end.
    pub fn byte(&self, place: TextPosition, units: Units) -> usize {
        let line = self.line(place.line);
        line.start + units.byte(&self.all[line], place.column)
    }

    /// What stands in a range.
    pub fn within(&self, range: &TextRange, units: Units) -> &str {
        let start = self.byte(range.start, units);
        &self.all[start..self.byte(range.end, units).max(start)]
    }

    /// Puts a text in the place of another. Places that are the wrong way round are taken the right way.
    pub fn replace(&mut self, range: TextRange, units: Units, new: &str) {
        let start = self.byte(range.start, units);
        let end = self.byte(range.end, units).max(start);
        let mut all = std::mem::take(&mut self.all);
        all.replace_range(start..end, new);
        *self = Self::new(all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: usize, column: usize) -> TextPosition {
        TextPosition { line, column }
    }

    #[test]
    fn places_count_units_from_the_beginning_of_their_line() {
        let text = Text::new("a\u{e9}\u{1f600}b\r\nc\rd\n".to_owned());
        assert_eq!(text.line_count(), 4);
        for (byte, utf_16, utf_8) in [
            (0, at(0, 0), at(0, 0)),
            (1, at(0, 1), at(0, 1)),
            (3, at(0, 2), at(0, 3)),
            (7, at(0, 4), at(0, 7)),
            (8, at(0, 5), at(0, 8)),
            (10, at(1, 0), at(1, 0)),
            (12, at(2, 0), at(2, 0)),
            (14, at(3, 0), at(3, 0)),
        ] {
            for (units, place) in [(Units::Utf16, utf_16), (Units::Utf8, utf_8)] {
                assert_eq!(text.place(byte, units), place, "{byte}");
                assert_eq!(text.byte(place, units), byte, "{place:?}");
            }
        }
    }

    #[test]
    fn what_is_no_place_is_the_nearest_before_it() {
        let text = Text::new("\u{1f600}b\nc".to_owned());
        assert_eq!(text.byte(at(0, 1), Units::Utf16), 0, "within a pair");
        assert_eq!(text.byte(at(0, 3), Units::Utf8), 0, "within a letter");
        assert_eq!(text.byte(at(0, 99), Units::Utf16), 5, "behind the line");
        assert_eq!(text.byte(at(9, 9), Units::Utf16), 7, "behind the text");
        assert_eq!(text.place(99, Units::Utf16), at(1, 1));
        let whole = at(0, 0)..at(usize::MAX, usize::MAX);
        assert_eq!(text.byte(whole.end, Units::Utf8), 7);
    }

    #[test]
    fn an_edit_puts_a_text_in_the_place_of_another() {
        let mut text = Text::new("one\ntwo\n".to_owned());
        text.replace(at(0, 1)..at(1, 1), Units::Utf16, "\u{1f600}\n\nx");
        assert_eq!((text.as_str(), text.line_count()), ("o\u{1f600}\n\nxwo\n", 4));
        text.replace(at(2, 1)..at(0, 0), Units::Utf16, "-");
        assert_eq!(text.as_str(), "o\u{1f600}\n\nx-wo\n", "the wrong way round");
    }
}
