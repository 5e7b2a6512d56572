//! `examples` and `include` lines; words with cells of the table in them.

use super::super::ast::{Include, Name};
use super::super::code::Code;
use super::super::diagnostic::Diagnostic;
use super::super::lex::Word;
use super::super::span::Span;
use super::parser::{Parser, Section, Statement};
use super::words::Cursor;

impl Parser<'_, '_> {
    /// `examples`, whose table is read already.
    pub(super) fn examples(&mut self, statement: Statement<'_>) {
        self.expect_title_before(statement.keyword().span);
        if self.said.iter().any(|said| said == "examples") {
            self.declared_twice(statement.span, "examples");
        } else if self.section != Section::Header {
            self.report(
                statement.span,
                "`examples` comes too late",
                "out of place: the table stands behind the header, before all blocks",
            )
            .code = Code::OutOfPlace;
        }
        self.said.push("examples".to_owned());
        self.section = self.section.max(Section::Examples);
        if let Err(diagnostic) = Cursor::new(statement).end() {
            self.diagnostics.push(diagnostic.help("the table stands below: a row of names first"));
        }
    }

    /// `include "FILE.world"`.
    pub(super) fn include(&mut self, statement: Statement<'_>) {
        self.expect_title_before(statement.keyword().span);
        if self.section >= Section::At {
            self.comes_too_late(&statement);
            return;
        }
        self.section = Section::Included;
        let mut cursor = Cursor::new(statement);
        let read = match cursor.next() {
            None => Err(cursor.incomplete("the path of a file, in quotes")),
            Some(word) if !word.quoted => Err(Diagnostic::new(
                word.span,
                "the path of an included file stands in quotes",
                "expected `include \"FILE.world\"`",
            )
            .code(Code::UnquotedText)),
            Some(word) => cursor.end().map(|()| Name::new(word.text.clone(), word.span)),
        };
        match read {
            Ok(path) => {
                let blocks_before = self.document.blocks.len();
                self.document.includes.push(Include { path, blocks_before });
            }
            Err(diagnostic) => self.diagnostics.push(diagnostic),
        }
    }

    /// What stands in scenarios alone, in a file that is included. It is told once: what follows is of the
    /// same kind.
    pub(super) fn not_included(&mut self, keyword: Span) {
        let word = self.slice(keyword).to_owned();
        self.diagnostics.push(
            Diagnostic::new(
                keyword,
                format!("`{word}` does not stand in an included file"),
                "it has `property` and `widget` blocks and `include` lines, and nothing else",
            )
            .code(Code::OutOfPlace)
            .help("what happens and what must be true stands in the scenario"),
        );
        self.section = Section::Over;
    }

    /// A line that begins with a cell which is neither a name nor days.
    pub(super) fn begins_with_a_cell(&mut self, statement: Statement<'_>) {
        let word = statement.keyword();
        let message = format!("`{}` cannot begin a line here", word.text);
        let label = "as the first word, a cell is the name of an agent who does something, or days";
        self.report(word.span, message, label).code = Code::UnknownStatement;
    }

    /// Puts the cells of the row into a word that asks for them.
    pub(super) fn put_in(&mut self, word: &mut Word) {
        if self.cells.is_none() || !word.text.contains('{') {
            return;
        }
        let written = self.slice(word.span).to_owned();
        if let Some(cells) = &mut self.cells {
            cells.put_in(word, &written, &mut self.diagnostics);
        }
        if word.is_put_in {
            self.document.put_in.0.push(word.span);
        }
    }

    /// The text of the file at a span.
    pub(super) fn slice(&self, span: Span) -> &str {
        self.source.slice(Span::new(span.start - self.base, span.end - self.base))
    }
}
