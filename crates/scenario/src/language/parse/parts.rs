//! What stands behind the blocks: `at`, `replay`, `observed` and `until`.

use super::super::ast::{AtBlock, Observed, Part};
use super::super::code::Code;
use super::super::diagnostic::Diagnostic;
use super::super::span::{Span, Spanned};
use super::parser::{Parser, Section, Statement};
use super::words::{Cursor, one_of, scalar, time};
use lamplighter_core::model::Millis;

impl Parser<'_, '_> {
    /// `at`, `replay`, `observed` or `until`.
    pub(super) fn begin_part(&mut self, statement: Statement<'_>) {
        let keyword = statement.keyword();
        self.expect_title_before(keyword.span);
        if self.section == Section::End {
            self.report(
                statement.span,
                format!("`{}` comes too late", keyword.text),
                "out of place: nothing comes after `until`",
            )
            .code = Code::OutOfPlace;
            return;
        }
        let mut cursor = Cursor::new(statement);
        match keyword.text.as_str() {
            "at" => {
                let read = time(&mut cursor).and_then(|time| cursor.end().map(|()| time));
                let time = read.map_err(|diagnostic| self.diagnostics.push(diagnostic)).ok();
                self.section = Section::At;
                let block =
                    AtBlock { time, place: Spanned::new((), statement.span), lines: Vec::new() };
                self.document.parts.push(Part::At(block));
            }
            "replay" | "observed" => {
                let read = match keyword.text.as_str() {
                    "replay" => self.replay(&mut cursor),
                    _ => self.observed(&mut cursor, statement.span),
                };
                self.section = match &read {
                    Ok(Part::Observed(_)) => Section::Observed,
                    Err(_) if keyword.text == "observed" => Section::Observed,
                    _ => Section::Replay,
                };
                match read {
                    Ok(part) => self.document.parts.push(part),
                    Err(diagnostic) => self.diagnostics.push(diagnostic),
                }
            }
            _ => {
                self.section = Section::End;
                match time(&mut cursor).and_then(|time| cursor.end().map(|()| time)) {
                    Ok(time) => self.document.until = Some(time),
                    Err(diagnostic) => self.diagnostics.push(diagnostic),
                }
            }
        }
    }

    /// `replay "trace.csv"`.
    fn replay(&mut self, cursor: &mut Cursor<'_>) -> Result<Part, Diagnostic> {
        let wanted = "the path of a CSV trace, in quotes";
        let word = cursor.next().ok_or_else(|| cursor.incomplete(wanted))?;
        let path = self.plain(word);
        cursor.end()?;
        Ok(Part::Replay(path))
    }

    /// `observed "seen.csv"`, with `within DURATION` behind it or without.
    fn observed(&mut self, cursor: &mut Cursor<'_>, span: Span) -> Result<Part, Diagnostic> {
        let wanted = "the path of a CSV file of what was seen, in quotes";
        let word = cursor.next().ok_or_else(|| cursor.incomplete(wanted))?;
        let path = self.plain(word);
        let within = match cursor.peek() {
            None => None,
            Some(word) if word.text.parse::<Millis>().is_ok() => {
                let help = format!("write `within {}`", word.text);
                let message = "a length of time alone says nothing here";
                return Err(Diagnostic::new(word.span, message, "expected `within`").help(help));
            }
            Some(_) => {
                one_of(cursor, &[("within", ())])?;
                let wanted = "a duration, e.g. `within 2s`";
                let word = cursor.next().ok_or_else(|| cursor.incomplete(wanted))?;
                Some(scalar(word)?)
            }
        };
        cursor.end()?;
        Ok(Part::Observed(Observed { path, within, place: Spanned::new((), span) }))
    }

    /// An `at` line whose words are faulty: the block is there all the same.
    pub(super) fn recover_at(&mut self, statement: Statement<'_>) {
        if self.section < Section::End {
            self.section = Section::At;
            let block =
                AtBlock { time: None, place: Spanned::new((), statement.span), lines: Vec::new() };
            self.document.parts.push(Part::At(block));
        }
    }
}
