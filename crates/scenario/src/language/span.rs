//! Where something stands in a file, or in one that it includes.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

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

#[derive(Debug, Default)]
struct Texts {
    /// The text of the file itself, and then those of included files, a line end in front of each.
    all: String,
    /// Where lines begin in it, once somebody has asked.
    line_starts: OnceLock<Vec<usize>>,
    /// Where the text of the file itself ends.
    own_end: usize,
    included: Vec<Included>,
    /// Lines of the file itself that are not kept.
    left_out: LeftOut,
}

/// Whether somebody has asked for the lines of one makes no difference.
impl PartialEq for Texts {
    fn eq(&self, other: &Self) -> bool {
        (self.own_end, &self.all, &self.included, &self.left_out)
            == (other.own_end, &other.all, &other.included, &other.left_out)
    }
}

impl Eq for Texts {}

/// Whole lines of a file that are not kept.
#[derive(PartialEq, Eq, Debug, Default)]
struct LeftOut {
    /// Where they were.
    bytes: Range<usize>,
    /// How many they were, and how many lines there are before them.
    lines: usize,
    lines_before: usize,
}

impl LeftOut {
    /// The place of a byte in what is kept.
    fn place(&self, byte: usize) -> usize {
        byte - byte.saturating_sub(self.bytes.start).min(self.bytes.len())
    }

    /// Where a line was that begins at a place of what is kept.
    fn start(&self, place: usize) -> usize {
        if place < self.bytes.start { place } else { place + self.bytes.len() }
    }
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
        let mut files = files.into_iter().peekable();
        let has_files = files.peek().is_some();
        let mut lines_before = if has_files { line_count(&text) } else { 0 };
        let mut all = text;
        let mut included = Vec::new();
        for (path, text) in files {
            all.push('\n');
            included.push(Included { path: path.to_owned(), start: all.len(), lines_before });
            all.push_str(text);
            lines_before += line_count(text);
        }
        Self { texts: Arc::new(Texts { all, own_end, included, ..Texts::default() }) }
    }

    /// The same without whole lines of a text that includes no others, of which nobody will tell: everything
    /// else stays where it is.
    #[must_use]
    pub fn leaving_out(&self, bytes: Range<usize>) -> Self {
        let text = self.text();
        let count = |text: &str| memchr::memchr_iter(b'\n', text.as_bytes()).count();
        let (before, left_out) = (&text[..bytes.start], &text[bytes.clone()]);
        let all = format!("{before}{}", &text[bytes.end..]);
        let own_end = all.len();
        let left_out = LeftOut { lines: count(left_out), lines_before: count(before), bytes };
        Self { texts: Arc::new(Texts { all, own_end, left_out, ..Texts::default() }) }
    }

    /// The whole text of the file itself, but for what was [left out](Self::leaving_out).
    pub fn text(&self) -> &str {
        &self.texts.all[..self.texts.own_end]
    }

    /// The same for whoever has more use for its room.
    pub fn into_text(self) -> String {
        let own_end = self.texts.own_end;
        let mut all = Arc::try_unwrap(self.texts).map_or_else(|it| it.all.clone(), |it| it.all);
        all.truncate(own_end);
        all
    }

    /// The words that a span covers.
    pub fn slice(&self, span: Span) -> &str {
        let left_out = &self.texts.left_out;
        &self.texts.all[left_out.place(span.start)..left_out.place(span.end)]
    }

    /// How many lines the file itself has; an empty text has one.
    pub fn line_count(&self) -> usize {
        let texts = &*self.texts;
        let all = texts.line_starts().len() + texts.left_out.lines;
        texts.included.first().map_or(all, |file| file.lines_before)
    }

    /// A line of the file itself by its number from 1, without its end, and where it begins.
    pub fn line(&self, number: usize) -> (usize, &str) {
        let LeftOut { lines, lines_before, .. } = self.texts.left_out;
        match number <= lines_before {
            true => self.kept_line(number),
            false => self.kept_line(number.saturating_sub(lines).max(lines_before + 1)),
        }
    }

    /// A line by its number among those that are kept, and where it begins.
    fn kept_line(&self, number: usize) -> (usize, &str) {
        let texts = &*self.texts;
        let (all, line_starts) = (&texts.all, texts.line_starts());
        let start = line_starts.get(number - 1).copied().unwrap_or_default();
        let end = line_starts.get(number).copied().unwrap_or(all.len());
        (texts.left_out.start(start), without_end(&all[start..end]))
    }

    /// Every line of the file itself and then of those that it includes: where it begins, and its text.
    pub fn all_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..=self.texts.line_starts().len()).map(|number| self.kept_line(number))
    }

    /// The line in which a byte stands, whichever file it is of: where it begins, and its text.
    pub fn line_of(&self, byte: usize) -> (usize, &str) {
        self.line(self.line_among_all(byte))
    }

    /// The place of a byte in its file.
    pub fn position(&self, byte: usize) -> Position {
        let line = self.line_among_all(byte);
        let before = self.included(byte).map_or(0, |file| file.lines_before);
        let (start, _) = self.line(line);
        let column = self.slice(Span::new(start, byte)).chars().count() + 1;
        Position { line: line - before, column }
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
        let LeftOut { bytes, lines, .. } = &self.texts.left_out;
        let place = self.texts.left_out.place(byte);
        let line = self.texts.line_starts().partition_point(|&start| start <= place).max(1);
        if byte < bytes.end { line } else { line + lines }
    }
}

impl Texts {
    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let starts = memchr::memchr_iter(b'\n', self.all.as_bytes()).map(|newline| newline + 1);
            std::iter::once(0).chain(starts).collect()
        })
    }
}

fn line_count(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1
}

/// The lines of a text, each with where it begins, as a [`Source`] tells them.
pub(super) fn lines_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split('\n').map(move |line| {
        let at = start;
        start += line.len() + 1;
        (at, line.strip_suffix('\r').unwrap_or(line))
    })
}

fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
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

    #[test]
    fn what_is_kept_stays_where_it_is_when_lines_between_are_left_out() {
        let text = "one\ntwö\r\n\nfour\nfive\n\nseven";
        let whole = Source::new(text.to_owned());
        let starts: Vec<usize> = (1..=7).map(|line| whole.line(line).0).collect();
        for (first, last) in [(1, 1), (2, 5), (3, 3), (4, 7), (2, 2)] {
            let kept = whole.leaving_out(starts[first - 1]..starts[last - 1]);
            assert_eq!(kept.line_count(), 7);
            for number in (1..first).chain(last..=7) {
                let (start, line) = whole.line(number);
                assert_eq!(kept.line(number), (start, line), "{first} {last} {number}");
                for byte in line.char_indices().map(|(at, _)| start + at).chain([start]) {
                    assert_eq!(kept.position(byte), whole.position(byte), "{first} {last} {byte}");
                    assert_eq!(kept.line_of(byte), (start, line));
                    let rest = Span::new(byte, start + line.len());
                    assert_eq!(kept.slice(rest), whole.slice(rest));
                }
            }
        }
        let lines: Vec<_> = lines_of(text).collect();
        assert_eq!(lines, (1..=7).map(|line| whole.line(line)).collect::<Vec<_>>());
    }
}
