//! Where something stands in a file.

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

/// A scenario's text with its lines, for messages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Source {
    text: String,
    line_starts: Vec<usize>,
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
        let starts = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let line_starts = std::iter::once(0).chain(starts).collect();
        Self { text, line_starts }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The words that a span covers.
    pub fn slice(&self, span: Span) -> &str {
        &self.text[span.start..span.end]
    }

    /// How many lines there are; an empty text has one.
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// A line by its number from 1, without its end, and where it begins.
    pub fn line(&self, number: usize) -> (usize, &str) {
        let start = self.line_starts[number - 1];
        let end = self.line_starts.get(number).copied().unwrap_or(self.text.len());
        let line = &self.text[start..end];
        let line = line.strip_suffix('\n').unwrap_or(line);
        (start, line.strip_suffix('\r').unwrap_or(line))
    }

    /// The place of a byte.
    pub fn position(&self, byte: usize) -> Position {
        let line = self.line_starts.partition_point(|&start| start <= byte);
        let start = self.line_starts[line - 1];
        Position { line, column: self.text[start..byte].chars().count() + 1 }
    }
}
