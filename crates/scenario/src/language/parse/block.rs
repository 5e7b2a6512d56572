//! `property` and `widget` blocks, and the settings that `set` shares with them.

use super::super::ast::{Block, BlockLine, Declares, Name, SettingLine};
use super::super::code::Code;
use super::super::diagnostic::Diagnostic;
use super::super::lex::{Word, quote_word};
use super::super::span::Spanned;
use super::first_words::{SETTINGS, begins_statement};
use super::meant::{hyphenated, joined};
use super::parser::{Parser, Section, Statement};
use super::settings::{help_of_members, is_as, without_hours};
use super::words::Cursor;
use lamplighter_core::model::{Setting, SettingName, is_name, is_name_in_quotes};

impl Parser<'_, '_> {
    /// Reports a statement that belongs in front of the steps.
    pub(super) fn comes_too_late(&mut self, statement: &Statement<'_>) {
        self.report(
            statement.span,
            format!("`{}` comes too late", statement.keyword().text),
            "out of place: blocks come before the first `at` and `replay`",
        )
        .code = Code::OutOfPlace;
    }

    /// `property NAME` or `widget PROPERTY/NAME`.
    pub(super) fn begin_block(&mut self, statement: Statement<'_>) {
        let keyword = statement.keyword();
        self.expect_title_before(keyword.span);
        let is_property = keyword.text == "property";
        if self.section >= Section::At {
            self.comes_too_late(&statement);
            // It is read all the same, so that what it declares is known.
        }
        self.section = if is_property { Section::Property } else { Section::Widget };
        let mut cursor = Cursor::new(statement);
        let declares = match cursor.next() {
            None => {
                self.diagnostics.push(cursor.incomplete("a name"));
                return;
            }
            Some(word) if is_property => Declares::Property(self.name(word, "a property")),
            Some(word) => Declares::Widget(self.widget_name(word)),
        };
        if let Err(diagnostic) = cursor.end() {
            let words = &statement.words[1..];
            let name = hyphenated(words).filter(|_| words.iter().all(|word| !word.quoted));
            self.diagnostics.push(match name {
                Some(name) => diagnostic.help(format!("a name has no blanks: write `{name}`")),
                None => diagnostic,
            });
        }
        self.document.blocks.push(Block { declares, lines: Vec::new() });
    }

    /// Takes the name of a widget, `PROPERTY/NAME`.
    fn widget_name(&mut self, word: &Word) -> Name {
        let well_formed = word
            .text
            .split_once('/')
            .is_some_and(|(property, widget)| is_name(property) && is_name(widget));
        if !well_formed {
            self.diagnostics.push(
                Diagnostic::new(
                    word.span,
                    "this cannot be the name of a widget",
                    "expected `PROPERTY/NAME`",
                )
                .code(Code::MalformedName)
                .help("a property's own widget is declared with the property"),
            );
        }
        Name::new(word.text.clone(), word.span)
    }

    /// A line that stands in a block.
    pub(super) fn block_line(&mut self, statement: Statement<'_>) {
        let keyword = statement.keyword();
        let word = keyword.text.as_str();
        self.expect_title_before(keyword.span);
        let in_block = matches!(self.section, Section::Property | Section::Widget);
        if !in_block {
            let mut diagnostic = Diagnostic::new(
                statement.span,
                format!("`{word}` belongs in a block"),
                "out of place: expected in a `property` or `widget` block",
            )
            .code(Code::OutOfPlace);
            if self.section >= Section::At {
                let help = help_of_members(word);
                diagnostic = diagnostic
                    .help(help.unwrap_or("to change a setting here write `set WIDGET …`"));
            }
            self.diagnostics.push(diagnostic);
            return;
        }
        if matches!(word, "members" | "suspended") && self.section == Section::Widget {
            self.diagnostics.push(
                Diagnostic::new(
                    statement.span,
                    format!("a widget has no `{word}` of its own"),
                    "out of place: members belong to the property (rule P5)",
                )
                .code(Code::OutOfPlace)
                .help("write the line in the property's block"),
            );
            return;
        }
        let mut cursor = Cursor::new(statement);
        let line = match word {
            "members" => self.names_of(&mut cursor).map(BlockLine::Members),
            "suspended" => self.names_of(&mut cursor).map(BlockLine::Suspended),
            "scheduler" if is_as(&cursor) => {
                self.scheduler_as(&mut cursor).map(BlockLine::SchedulerAs)
            }
            _ if SETTINGS.contains(&word) => {
                self.setting(word, &mut cursor).map(BlockLine::Setting)
            }
            _ => self.hours_line(statement).map(BlockLine::Hours),
        };
        let line = match line {
            Ok(line) => Spanned::new(line, statement.span),
            Err(diagnostic) => {
                self.diagnostics.push(diagnostic);
                // A scheduler with a fault is a scheduler: its hours are not out of place.
                if word != "scheduler" {
                    return;
                }
                let setting = SettingLine::new(Setting::Scheduler(Some(without_hours(""))));
                Spanned::new(BlockLine::Setting(setting), statement.span)
            }
        };
        let Some(block) = self.block() else { return };
        let taken = block.lines.iter().rfind(|other| match other.node {
            BlockLine::SchedulerAs(_) => true,
            // Such as stands behind another `scheduler` is that one's.
            BlockLine::Setting(ref other) => other.setting.name() == SettingName::Scheduler,
            _ => false,
        });
        match (&line.node, taken) {
            (BlockLine::Hours(_), Some(Spanned { node: BlockLine::SchedulerAs(_), span })) => {
                let span = *span;
                self.hours_of_another(span, statement);
            }
            _ => block.lines.push(line),
        }
    }

    fn names_of(&mut self, cursor: &mut Cursor<'_>) -> Result<Vec<Name>, Diagnostic> {
        if cursor.peek().is_none() {
            return Err(cursor.incomplete("one name or more"));
        }
        let words = cursor.rest();
        if let Some(word) = words.iter().find(|word| word.text.contains(',') && !word.quoted) {
            self.diagnostics.push(
                Diagnostic::new(
                    word.span,
                    "names are written without commas",
                    "separate them by blanks",
                )
                .code(Code::MisplacedComma)
                .help("a comma separates only in `expect` lines and in lists of days"),
            );
            return Ok(names_without_commas(words));
        }
        let mut names = Vec::with_capacity(words.len());
        for (place, word) in words.iter().enumerate() {
            let diagnostics_before = self.diagnostics.len();
            names.push(self.agent_name(word));
            // `Ann O'Neil`: what cannot be a name alone is likely the rest of the one before.
            if let [found] = &mut self.diagnostics[diagnostics_before..]
                && let Some(before) = place.checked_sub(1).map(|before| &words[before])
                && !before.quoted
                && !word.quoted
                && !begins_statement(&word.text)
                && let Some(both) = joined(&words[place - 1..=place])
            {
                let (alone, both) = (quote_word(&word.text), quote_word(&both));
                let help = format!("write it in quotes: {both} for one person, {alone} for two");
                found.help = Some(help);
            }
        }
        Ok(names)
    }

    pub(super) fn agent_name(&mut self, word: &Word) -> Name {
        if begins_statement(&word.text) {
            self.diagnostics.push(
                Diagnostic::new(
                    word.span,
                    format!("an agent cannot be called `{}`", word.text),
                    "a statement begins with this word",
                )
                .code(Code::ReservedName)
                .help("choose another name"),
            );
        }
        self.person_or_device(word, "an agent")
    }

    /// The names of a faulty `members` line, so that they are known below.
    pub(super) fn recover_members(&mut self, statement: Statement<'_>) {
        let names = names_without_commas(&statement.words[1..]);
        if self.section == Section::Property
            && let Some(block) = self.block()
        {
            block.lines.push(Spanned::new(BlockLine::Members(names), statement.span));
        }
    }

    /// The name of a faulty `property` line, so that it is known below.
    pub(super) fn recover_property(&mut self, statement: Statement<'_>) {
        if let Some(word) = statement.words.get(1)
            && self.section < Section::At
        {
            self.section = Section::Property;
            let declares = Declares::Property(Name::new(word.text.clone(), word.span));
            self.document.blocks.push(Block { declares, lines: Vec::new() });
        }
    }
}

/// The names that a faulty list means.
fn names_without_commas(words: &[Word]) -> Vec<Name> {
    let names = words.iter().flat_map(|word| {
        let texts: Vec<&str> = match word.quoted && is_name_in_quotes(&word.text) {
            true => vec![&word.text],
            false => word.text.split(',').filter(|part| is_name(part)).collect(),
        };
        texts.into_iter().map(|text| Name::new(text.to_owned(), word.span))
    });
    names.collect()
}
