//! What a document is read into, line by line, and what is known of the lines before.

use super::super::ast::{Block, Document, Part};
use super::super::diagnostic::Diagnostic;
use super::super::examples::Cells;
use super::super::lex::Word;
use super::super::span::{Source, Span};

/// What a text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A scenario.
    Scenario,
    /// A file with blocks alone, which scenarios include.
    World,
}

/// What was read of a text, and what the next line is read by.
pub struct Parser<'a, 'c> {
    pub(super) source: &'a Source,
    /// How many bytes of other files stand before the text.
    pub(super) base: usize,
    pub(super) kind: Kind,
    /// Puts in the cells of a row, where there is a table.
    pub(super) cells: Option<&'a mut Cells<'c>>,
    pub(super) document: Document,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) section: Section,
    /// Whether the line before was `set … scheduler` or hours behind one.
    pub(super) hours_follow: bool,
    /// Whether the file has begun with something else than its title.
    pub(super) title_is_late: bool,
    /// Whether something happened before the first `at`.
    pub(super) at_is_missing: bool,
    /// Lines of the header that can stand once, as far as they came by.
    pub(super) said: Vec<String>,
}

/// The section of the file that the reader is in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Section {
    Header,
    /// Behind a table of examples.
    Examples,
    /// Behind an `include`.
    Included,
    Property,
    Widget,
    /// In an `at` block.
    At,
    /// Behind a `replay`.
    Replay,
    /// Behind an `observed`.
    Observed,
    /// Behind `until`.
    End,
    /// Behind what does not stand in an included file.
    Over,
}

/// One statement: its words, the first of which is quoted only where it names an agent.
#[derive(Clone, Copy)]
pub struct Statement<'a> {
    pub(super) words: &'a [Word],
    /// From its first word to its last.
    pub(super) span: Span,
}

impl Statement<'_> {
    /// Its first word.
    pub(super) fn keyword(&self) -> &Word {
        &self.words[0]
    }
}

impl<'a, 'c> Parser<'a, 'c> {
    /// Before the first line.
    pub(super) fn new(
        source: &'a Source,
        base: usize,
        kind: Kind,
        cells: Option<&'a mut Cells<'c>>,
    ) -> Self {
        Self {
            source,
            base,
            kind,
            cells,
            document: Document::default(),
            diagnostics: Vec::new(),
            section: Section::Header,
            hours_follow: false,
            title_is_late: false,
            at_is_missing: false,
            said: Vec::new(),
        }
    }

    /// Notes a fault, of which more may be said.
    pub(super) fn report(
        &mut self,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> &mut Diagnostic {
        let place = self.diagnostics.len();
        self.diagnostics.push(Diagnostic::new(span, message, label));
        &mut self.diagnostics[place]
    }

    /// The block that was begun last.
    pub(super) fn block(&mut self) -> Option<&mut Block> {
        self.document.blocks.last_mut()
    }

    /// The part that was begun last.
    pub(super) fn part(&mut self) -> Option<&mut Part> {
        self.document.parts.last_mut()
    }
}
