//! Text into a document: line by line, every fault noted, nothing given up.
//!
//! A faulty line leaves a trace in the document only where later lines would otherwise look wrong:
//! names stay declared, agents stay known.
//!
//! | file | what it reads |
//! | --- | --- |
//! | `parser` | what is known of the lines before, and the document that they are read into |
//! | `first_words`, `keywords` | what statements begin with; every word that means something |
//! | `header` | the lines of the header |
//! | `includes` | `examples` and `include` lines, and what does not stand in an included file |
//! | `block` | `property` and `widget` blocks |
//! | `hours` | lines of hours |
//! | `weeks` | weeks that take turns, behind hours |
//! | `settings` | the value of a setting, by its kind in the table of the model |
//! | `parts` | `at`, `replay`, `observed` and `until` |
//! | `steps` | the lines of `at` blocks |
//! | `expect` | `expect` lines |
//! | `words` | what single words stand for |
//! | `meant` | what was meant by words that begin nothing |
//! | `otherwise` | files that are something else, and bytes that are no text |

mod block;
mod expect;
mod first_words;
mod header;
mod hours;
mod includes;
mod keywords;
mod meant;
mod otherwise;
mod parser;
mod parts;
mod settings;
mod steps;
mod weeks;
mod words;

use std::ops::Range;

use super::ast::{Block, Document, Name};
use super::code::Code;
use super::diagnostic::{Diagnostic, nearest};
use super::examples::{Cells, ExampleRow};
use super::lex::{self, Commas};
use super::span::{Source, Span, lines_of};
use first_words::{BLOCK_LINES, SETTINGS};
use keywords::is_of_scenarios;
use parser::{Parser, Section, Statement};

pub(super) use first_words::{BLOCKS, HEADER, SHARED};
pub use first_words::{begins_hours, begins_statement};
pub use keywords::{StatementContext, clauses, keywords, statements};
pub(super) use otherwise::{carriage_return, not_utf8, utf_16};
pub(super) use parser::Kind;
pub(super) use settings::{go_on, set_twice};
pub(super) use steps::KEYWORDS as STEP_KEYWORDS;
pub use steps::verbs;
pub use words::{NameOf, parse_name_alone, parse_time_alone};

/// What reading a file gave, by one row of its table if it has one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parsed {
    /// The text, with what is not UTF-8 replaced, and those of included files.
    pub source: Source,
    /// The row of the table by which it was read; `None` without a table.
    pub row: Option<ExampleRow>,
    /// What could be read of the file; whole only where there are no diagnostics.
    pub document: Document,
    /// What is wrong with it, in the order of the lines.
    pub diagnostics: Vec<Diagnostic>,
}

/// A text read into a document: that of a scenario, or of a file that one includes, which stands behind
/// `base` bytes of other files. What cells are put in for is noted in `cells`.
pub(super) fn read(
    source: &Source,
    base: usize,
    kind: Kind,
    cells: Option<&mut Cells<'_>>,
) -> (Document, Vec<Diagnostic>) {
    let whole = carriage_return(source.text(), base);
    if let Some(diagnostic) = whole.or_else(|| otherwise::no_scenario(source.text(), base, kind)) {
        return (Document::default(), vec![diagnostic]);
    }
    let table = cells.as_ref().map_or(0..0, |cells| cells.lines());
    let mut parser = Parser::new(source, base, kind, cells);
    for (index, (start, line)) in lines_of(source.text()).enumerate() {
        // The rows of the table are read by who reads the file.
        if !table.contains(&(index + 1)) {
            parser.line(start, line);
        }
    }
    parser.finish()
}

/// A scenario without a table read into a document in which some of its lines are missing: blocks, which
/// somebody else reads, or the whole rest. With faults, or lines in front that make blocks something else
/// than they say, it is `None`.
pub(super) fn read_around(source: &Source, blocks: Range<usize>) -> Option<Document> {
    let text = source.text();
    let mut parser = Parser::new(source, 0, Kind::Scenario, None);
    lines_of(&text[..blocks.start]).for_each(|(start, line)| parser.line(start, line));
    if parser.section != Section::Header {
        return None;
    }
    parser.section = Section::Property;
    let behind = lines_of(&text[blocks.end..]);
    behind.for_each(|(start, line)| parser.line(blocks.end + start, line));
    let (document, diagnostics) = parser.finish();
    diagnostics.is_empty().then_some(document)
}

/// Blocks of a scenario read by themselves; with faults, or where there is something else among them,
/// `None`.
pub(super) fn read_blocks(source: &Source, blocks: Range<usize>) -> Option<Vec<Block>> {
    // Like a file of blocks, they have no title.
    let mut parser = Parser::new(source, 0, Kind::World, None);
    let lines = lines_of(&source.text()[blocks.clone()]);
    lines.for_each(|(start, line)| parser.line(blocks.start + start, line));
    let is_block = matches!(parser.section, Section::Property | Section::Widget);
    let (document, diagnostics) = parser.finish();
    let is_sound = diagnostics.is_empty() && document.includes.is_empty() && is_block;
    is_sound.then_some(document.blocks)
}

impl Parser<'_, '_> {
    /// What was read.
    fn finish(mut self) -> (Document, Vec<Diagnostic>) {
        let is_untitled = self.kind == Kind::Scenario && self.document.header.title.is_none();
        if is_untitled && self.diagnostics.is_empty() {
            self.diagnostics.push(header::no_title(Span::default()));
        }
        (self.document, self.diagnostics)
    }

    /// Reads a line that begins at a byte of its file.
    fn line(&mut self, start: usize, line: &str) {
        if self.section == Section::Over {
            return;
        }
        let start = start + self.base;
        let first = line.trim_start_matches([' ', '\t']);
        // The two lines of free text, where quotes and commas mean nothing.
        let begins =
            |word: &&str| first.strip_prefix(word).is_some_and(|rest| !rest.starts_with(word_char));
        let is_said_of_agent = |keyword: &str| {
            // `source logs in on laptop`: somebody can be called so.
            let verb = first[keyword.len()..].split([' ', '\t']).find(|word| !word.is_empty());
            self.section >= Section::At
                && verb.is_some_and(|verb| steps::verbs().any(|v| v == verb))
        };
        if let Some(keyword) = ["scenario", "source"].into_iter().find(begins)
            && !is_said_of_agent(keyword)
        {
            let at = start + line.len() - first.len();
            let keyword = Span::new(at, at + keyword.len());
            self.free_text(keyword, &line[keyword.end - start..]);
            return;
        }
        let commas = if begins(&"expect") { Commas::Part } else { Commas::Belong };
        let diagnostics_before = self.diagnostics.len();
        let mut words = lex::words(line, start, commas, &mut self.diagnostics);
        words.iter_mut().for_each(|word| self.put_in(word));
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            return;
        };
        let statement = Statement { words: &words, span: first.span.to(last.span) };
        if self.diagnostics.len() > diagnostics_before {
            // The words are not what their author meant; what they say is left aside.
            self.leave_aside(statement);
        } else if first.is_put_in && self.means_days(statement) {
            self.statement(statement);
        } else if first.quoted {
            self.begins_quoted(statement);
        } else {
            self.statement(statement);
        }
    }

    /// A line that begins with a quoted word: it can only say what an agent does.
    fn begins_quoted(&mut self, statement: Statement<'_>) {
        self.hours_follow = false;
        match (self.is_action(statement), self.section) {
            (true, section) if section >= Section::At => self.step(statement),
            (true, _) => self.unknown_keyword(statement),
            (false, _) if statement.keyword().is_put_in => {
                self.begins_with_a_cell(statement);
                self.leave_aside(statement);
            }
            // Somebody does what nobody can do.
            (false, Section::At)
                if statement.words.len() > 1 && !begins_statement(&statement.keyword().text) =>
            {
                self.step(statement);
            }
            (false, _) => {
                self.diagnostics.push(
                    Diagnostic::new(
                        statement.keyword().span,
                        "a quoted word cannot begin a statement",
                        "expected the first word of a statement",
                    )
                    .code(Code::MisplacedQuote)
                    .help("leave out the quotes"),
                );
                self.leave_aside(statement);
            }
        }
    }

    fn statement(&mut self, statement: Statement<'_>) {
        let keyword = statement.keyword().text.as_str();
        let hours_follow = std::mem::take(&mut self.hours_follow);
        let before_steps = [HEADER, SHARED, BLOCKS, BLOCK_LINES, SETTINGS];
        let is_of_blocks = || before_steps.iter().any(|words| words.contains(&keyword));
        if self.section >= Section::At
            && is_of_blocks()
            && !begins_statement(keyword)
            && self.is_action(statement)
        {
            // Whatever it means in the blocks, here it is the name of an agent.
            self.step(statement);
        } else if self.kind == Kind::World && is_of_scenarios(keyword) {
            self.not_included(statement.keyword().span);
        } else if HEADER.contains(&keyword) {
            self.header_line(statement);
        } else if keyword == "examples" {
            self.examples(statement);
        } else if keyword == "include" {
            self.include(statement);
        } else if BLOCKS.contains(&keyword) {
            self.begin_block(statement);
        } else if matches!(keyword, "at" | "replay" | "observed" | "until") {
            self.begin_part(statement);
        } else if matches!(keyword, "date" | "dates") || self.means_days(statement) {
            match self.section {
                Section::At => self.hours_of_set(statement, hours_follow),
                _ => self.block_line(statement),
            }
        } else if BLOCK_LINES.contains(&keyword) || SETTINGS.contains(&keyword) {
            self.block_line(statement);
        } else {
            match self.section >= Section::At {
                true => self.step(statement),
                false => self.unknown_keyword(statement),
            }
        }
    }

    /// Whether a line is one of hours: its first word names days, or begins as if it did. An agent
    /// can be called `sun-flower` all the same.
    fn means_days(&self, statement: Statement<'_>) -> bool {
        let word = statement.keyword().text.as_str();
        words::is_days(word) || words::looks_like_days(word) && !self.is_action(statement)
    }

    /// A first word that nothing begins with, before the first `at`.
    fn unknown_keyword(&mut self, statement: Statement<'_>) {
        let word = statement.keyword();
        let parts = &["at", "replay", "observed", "until"];
        let known = [HEADER, SHARED, BLOCKS, BLOCK_LINES, SETTINGS, parts].concat();
        if word.text == "set" || word.text == "expect" || self.is_action(statement) {
            // Said once: the lines behind it are in the same place.
            if std::mem::replace(&mut self.at_is_missing, true) {
                return;
            }
            self.diagnostics.push(
                Diagnostic::new(
                    statement.span,
                    "nothing can happen before the first `at`",
                    "out of place: it belongs in an `at` block",
                )
                .code(Code::OutOfPlace)
                .help("put a line such as `at 2026-03-09 09:00` before it"),
            );
            return;
        }
        let diagnostic = Diagnostic::new(
            word.span,
            format!("`{}` does not begin a statement", word.text),
            match self.section {
                Section::Header => "expected a line of the header, or a block",
                Section::Examples | Section::Included => "expected an `include` line, or a block",
                _ if self.kind == Kind::World => "expected a line of the block, or another block",
                _ => "expected a line of the block, or an `at`",
            },
        )
        .code(Code::UnknownStatement);
        if let Some(meant) = meant::block_line_meant(statement) {
            self.diagnostics.push(diagnostic.help(meant));
            return;
        }
        self.diagnostics.push(diagnostic.did_you_mean(&word.text, known.iter().copied()));
        // Names that a misspelt `members` declares are not to be unknown below.
        match nearest(&word.text, known.iter().copied()) {
            Some("members") => self.recover_members(statement),
            Some("property") => self.recover_property(statement),
            Some("scenario") if self.document.header.title.is_none() => {
                self.document.header.title = Some(Name::new(String::new(), word.span));
            }
            _ => {}
        }
    }

    /// What a line with faulty words leaves behind.
    fn leave_aside(&mut self, statement: Statement<'_>) {
        match statement.keyword().text.as_str() {
            "members" => self.recover_members(statement),
            "property" => self.recover_property(statement),
            "at" => self.recover_at(statement),
            word if self.section == Section::At => {
                self.recover_step(word.to_owned(), statement.span)
            }
            _ => {}
        }
    }
}

fn word_char(c: char) -> bool {
    !matches!(c, ' ' | '\t' | '#')
}
