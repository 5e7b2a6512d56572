//! The lines of the header.

use super::super::ast::Name;
use super::super::code::Code;
use super::super::diagnostic::Diagnostic;
use super::super::lex;
use super::super::rules::is_file;
use super::super::span::{Span, Spanned};
use super::parser::{Kind, Parser, Section, Statement};
use super::words::{Cursor, scalar, zone};
use lamplighter_core::model::Millis;

/// The fault of a file without a title.
pub(super) fn no_title(span: Span) -> Diagnostic {
    Diagnostic::new(
        span,
        "a scenario begins with its title",
        "expected `scenario TITLE` as the first statement",
    )
    .code(Code::MissingTitle)
}

impl Parser<'_, '_> {
    /// `scenario` or `source` and a text.
    pub(super) fn free_text(&mut self, keyword: Span, rest: &str) {
        if self.kind == Kind::World {
            return self.not_included(keyword);
        }
        let is_title = self.slice(keyword) == "scenario";
        if is_title {
            self.expect_header(keyword);
        } else {
            self.expect_title_before(keyword);
            self.expect_header(keyword);
        }
        let text = lex::text(rest, keyword.end, &mut self.diagnostics);
        let Some(mut text) = text else { return };
        self.put_in(&mut text);
        if text.text.is_empty() {
            self.report(
                keyword,
                "the line is not complete",
                if is_title { "expected the title" } else { "expected where it comes from" },
            )
            .code = Code::IncompleteLine;
        }
        let name = Name::new(text.text, text.span);
        if !is_title {
            self.document.header.sources.push(name);
        } else if self.document.header.title.is_some() && !self.title_is_late {
            self.declared_twice(keyword, "scenario");
        } else {
            self.document.header.title = Some(name);
            self.title_is_late = false;
        }
    }

    pub(super) fn header_line(&mut self, statement: Statement<'_>) {
        let keyword = statement.keyword();
        self.expect_title_before(keyword.span);
        self.expect_header(keyword.span);
        if self.said.contains(&keyword.text) && keyword.text != "tags" {
            self.declared_twice(statement.span, &keyword.text);
        }
        self.said.push(keyword.text.clone());
        let mut cursor = Cursor::new(statement);
        let read = match keyword.text.as_str() {
            "tags" => self.tags(&mut cursor),
            "timezone" => self.timezone(&mut cursor),
            "rules" => self.rules(&mut cursor),
            "grace" => self.grace(&mut cursor),
            _ => self.auto_away(&mut cursor),
        };
        if let Err(diagnostic) = read.and_then(|()| cursor.end()) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// `tags WORD…`: any words, each once in a file.
    fn tags(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Diagnostic> {
        if cursor.peek().is_none() {
            return Err(cursor.incomplete("one word or more"));
        }
        for word in cursor.rest() {
            let tag = self.plain(word);
            if self.document.header.tags.contains(&tag) {
                self.declared_twice(tag.span, &tag.node);
            } else {
                self.document.header.tags.push(tag);
            }
        }
        Ok(())
    }

    fn timezone(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Diagnostic> {
        self.document.header.timezone.get_or_insert(zone(cursor)?);
        Ok(())
    }

    fn rules(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Diagnostic> {
        let expected = "the name of a product, or a file in quotes";
        let word = cursor.next().ok_or_else(|| cursor.incomplete(expected))?;
        if !is_file(&word.text) && word.quoted && !word.is_put_in {
            let message = format!("`{}` is no file of rules", word.text);
            let label = "a file ends in `.toml`; the name of a product stands without quotes";
            return Err(Diagnostic::new(word.span, message, label).code(Code::FaultyRules));
        }
        self.document.header.rules.get_or_insert(Name::new(word.text.clone(), word.span));
        Ok(())
    }

    fn grace(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Diagnostic> {
        let word = cursor.next().ok_or_else(|| cursor.incomplete("a duration"))?;
        self.document.header.grace.get_or_insert(scalar(word)?);
        Ok(())
    }

    fn auto_away(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Diagnostic> {
        let word = cursor.next().ok_or_else(|| cursor.incomplete("a duration or `off`"))?;
        let auto_away = if word.text == "off" {
            Spanned::new(None, word.span)
        } else {
            let length: Spanned<Millis> = scalar(word)?;
            if length.node == Millis::ZERO {
                return Err(Diagnostic::new(
                    word.span,
                    "auto-away needs a time to wait",
                    "rule P8: the duration is longer than zero",
                )
                .code(Code::ZeroDuration)
                .help("write `auto-away off` to switch it off"));
            }
            length.map(Some)
        };
        self.document.header.auto_away.get_or_insert(auto_away);
        Ok(())
    }

    fn expect_header(&mut self, span: Span) {
        if self.section != Section::Header {
            let word = self.slice(span).to_owned();
            self.report(
                span,
                format!("`{word}` comes too late"),
                match self.section {
                    Section::Examples => "out of place: the header comes before the table",
                    _ => "out of place: the header comes before the first block",
                },
            )
            .code = Code::OutOfPlace;
        }
    }

    /// Says once that the title is missing, at the first statement.
    pub(super) fn expect_title_before(&mut self, span: Span) {
        if self.document.header.title.is_none() && self.kind == Kind::Scenario {
            self.diagnostics.push(no_title(span));
            // So that it is said once, and not again at a title further down.
            self.title_is_late = true;
            self.document.header.title = Some(Name::new(String::new(), span));
        }
    }

    /// Reports a line of the header that stands there already.
    pub(super) fn declared_twice(&mut self, span: Span, what: &str) {
        self.report(span, format!("`{what}` is said twice"), "it can stand once").code =
            Code::SaidTwice;
    }
}
