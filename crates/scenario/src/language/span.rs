//! Where something stands in a file, or in one that it includes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A range of bytes in a scenario's text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Span {
    /// The offset of the first byte, from 0.
    pub start: usize,
    /// The offset of the byte behind the last one: the range excludes it.
    pub end: usize,
}

impl Span {
    /// A span of bytes.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// From the beginning of this span to the end of another.
    pub fn to(self, last: Self) -> Self {
        Self { start: self.start, end: last.end.max(self.end) }
    }
}

/// A node of the language and where the author wrote it. Two nodes are equal when what they say is,
/// wherever it stands.
#[derive(Clone, Copy, Debug)]
pub struct Spanned<T> {
    /// What the author says there, as a type of the language.
    pub node: T,
    /// The words that say it, for messages about them.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A node at a place.
    pub fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }

    /// What is made of the node, at the same place.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { node: make(self.node), span: self.span }
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl<T: Eq> Eq for Spanned<T> {}

/// A scenario's text with its lines, for messages; behind it those of the files that it includes, so that
/// a span says where it stands, whichever file it is of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Source {
    texts: Arc<Texts>,
}

#[derive(PartialEq, Eq, Debug, Default)]
struct Texts {
    /// The text of the file itself, and then those of included files, a line end in front of each.
    all: String,
    line_starts: Vec<usize>,
    /// Where the text of the file itself ends, and how many lines it has.
    own_end: usize,
    own_lines: usize,
    included: Vec<Included>,
}

/// An included file in the text of a source.
#[derive(PartialEq, Eq, Debug)]
struct Included {
    path: PathBuf,
    /// Where its text begins, and how many lines there are before it.
    start: usize,
    lines_before: usize,
}

/// A place for people: both count from 1, columns in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// The number of the line, from 1.
    pub line: usize,
    /// The column within the line, in characters from 1.
    pub column: usize,
}

impl Source {
    /// Takes a text.
    pub fn new(text: String) -> Self {
        Self::with_included(text, [])
    }

    /// Takes the text of a file and those that it includes, each with its path. The first of them begins
    /// one byte behind the text, and so each behind the one before.
    pub fn with_included<'a>(
        text: String,
        files: impl IntoIterator<Item = (&'a Path, &'a str)>,
    ) -> Self {
        let own_end = text.len();
        let own_lines = text.matches('\n').count() + 1;
        let (mut all, mut lines_before) = (text, own_lines);
        let mut included = Vec::new();
        for (path, text) in files {
            all.push('\n');
            included.push(Included { path: path.to_owned(), start: all.len(), lines_before });
            all.push_str(text);
            lines_before += text.matches('\n').count() + 1;
        }
        let starts = all.match_indices('\n').map(|(newline, _)| newline + 1);
        let line_starts = std::iter::once(0).chain(starts).collect();
        Self { texts: Arc::new(Texts { all, line_starts, own_end, own_lines, included }) }
    }

    /// The whole text of the file itself.
    pub fn text(&self) -> &str {
        &self.texts.all[..self.texts.own_end]
    }

    /// The words that a span covers.
    pub fn slice(&self, span: Span) -> &str {
        &self.texts.all[span.start..span.end]
    }

    /// How many lines the file itself has; an empty text has one.
    pub fn line_count(&self) -> usize {
        // What is made by default has no text, and that has one line.
        self.texts.own_lines.max(1)
    }

    /// A line of the file itself by its number from 1, without its end, and where it begins.
    pub fn line(&self, number: usize) -> (usize, &str) {
        let Texts { all, line_starts, .. } = &*self.texts;
        let start = line_starts.get(number - 1).copied().unwrap_or_default();
        let end = line_starts.get(number).copied().unwrap_or(all.len());
        let line = &all[start..end];
        let line = line.strip_suffix('\n').unwrap_or(line);
        (start, line.strip_suffix('\r').unwrap_or(line))
    }

    /// Every line of the file itself and then of those that it includes: where it begins, and its text.
    pub fn all_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..=self.texts.line_starts.len().max(1)).map(|number| self.line(number))
    }

    /// The line in which a byte stands, whichever file it is of: where it begins, and its text.
    pub fn line_of(&self, byte: usize) -> (usize, &str) {
        self.line(self.line_among_all(byte))
    }

    /// The place of a byte in its file.
    pub fn position(&self, byte: usize) -> Position {
        let line = self.line_among_all(byte);
        let start = self.texts.line_starts.get(line - 1).copied().unwrap_or_default();
        let before = self.included(byte).map_or(0, |file| file.lines_before);
        Position { line: line - before, column: self.texts.all[start..byte].chars().count() + 1 }
    }

    /// The file in which a byte stands: its path (`None` for the file itself), where its text begins, and
    /// its text.
    pub fn file_of(&self, byte: usize) -> (Option<&Path>, usize, &str) {
        let Texts { all, included, .. } = &*self.texts;
        match included.partition_point(|file| file.start <= byte).checked_sub(1) {
            None => (None, 0, self.text()),
            Some(at) => {
                let start = included[at].start;
                let end = included.get(at + 1).map_or(all.len(), |next| next.start - 1);
                (Some(&included[at].path), start, &all[start..end])
            }
        }
    }

    /// The path of the included file in which a byte stands; `None` for the file itself.
    pub fn included_path(&self, byte: usize) -> Option<&Path> {
        self.included(byte).map(|file| file.path.as_path())
    }

    fn included(&self, byte: usize) -> Option<&Included> {
        let files = &self.texts.included;
        files.partition_point(|file| file.start <= byte).checked_sub(1).map(|index| &files[index])
    }

    fn line_among_all(&self, byte: usize) -> usize {
        self.texts.line_starts.partition_point(|&start| start <= byte).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_included_files_are_counted_from_the_beginning_of_each() {
        let files = [(Path::new("a.world"), "x\ny\n"), (Path::new("b.world"), "z")];
        let source = Source::with_included("one\ntwö".to_owned(), files);
        assert_eq!((source.text(), source.line_count()), ("one\ntwö", 2));
        for (byte, path, line, column, text) in [
            (0, None, 1, 1, "one"),
            (8, None, 2, 4, "twö"),
            (9, Some("a.world"), 1, 1, "x"),
            (12, Some("a.world"), 2, 2, "y"),
            (13, Some("a.world"), 3, 1, ""),
            (14, Some("b.world"), 1, 1, "z"),
            (15, Some("b.world"), 1, 2, "z"),
        ] {
            assert_eq!(source.included_path(byte), path.map(Path::new), "{byte}");
            let whole = match path {
                None => "one\ntwö",
                Some("a.world") => "x\ny\n",
                Some(_) => "z",
            };
            let (file, start, found) = source.file_of(byte);
            assert_eq!((file, found), (path.map(Path::new), whole), "{byte}");
            assert!(start <= byte && byte <= start + whole.len(), "{byte}");
            assert_eq!(source.position(byte), Position { line, column }, "{byte}");
            assert_eq!(source.line_of(byte).1, text, "{byte}");
        }
    }
}
