//! What can stand at a place: the words of the language by where they stand, and what the file has names for.
//!
//! | file | what it does |
//! | --- | --- |
//! | `before` | what stands before the place, and what is being written there |
//! | `candidate` | words that can stand there, and what they are of |
//! | `context` | the lines above the place, and the names and times of the file |
//! | `rest` | what goes on with a line that has begun |

mod before;
mod candidate;
mod context;
mod rest;

use std::ops::Range;

use self::before::{Before, Within};
use self::candidate::{days, keywords, of, values};
use self::context::{Context, Section};
use super::cursor::CursorRequest;
use super::look::Kind;
use lamplighter_core::model::SettingName;
use lamplighter_core::model::products::PRODUCTS;
use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::language::{
    StatementContext, begins_hours, begins_statement, keywords as all_keywords, statements,
};

pub use candidate::{Candidate, Of};

/// The words that can stand at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    /// The likeliest first. Which of them goes on with the letters that are there already is for the editor
    /// to see.
    pub candidates: Vec<Candidate>,
    /// What they replace, in the bytes of the text that is open.
    pub bytes: Range<usize>,
    /// What is to be written behind each of them.
    pub behind: &'static str,
}

/// The words that can stand at a place.
pub fn completion(asked: &CursorRequest<'_>) -> Completion {
    let (start, line) = asked.line();
    let line_start = asked.in_text(Span::new(start, start)).start;
    let before = Before::new(line, asked.byte.saturating_sub(start).min(line.len()));
    let prepared = asked.first();
    let done = |candidates, bytes: Range<usize>, behind| {
        let bytes = line_start + bytes.start..line_start + bytes.end;
        Completion { candidates, bytes, behind }
    };
    if let (Some((bytes, is_closed)), Some(row)) = (&before.braces, &prepared.file.row)
        && before.within != Within::Row
    {
        let columns = row.values.iter().map(|(name, _)| (name, "column of the table"));
        let behind = if *is_closed { "" } else { "}" };
        return done(of(Of::Name, columns), bytes.clone(), behind);
    }
    let candidates = match before.within {
        Within::Comment => allowed(line, &before),
        // A cell can be anything, and in quotes nothing of the language stands.
        Within::Quotes | Within::Row => Vec::new(),
        within => {
            let context = Context { asked, prepared };
            let words: Vec<&str> = before.words.iter().map(|word| word.text.as_str()).collect();
            let is_quoted = before.words.first().is_some_and(|word| word.quoted);
            match within {
                Within::List if words.is_empty() => days(),
                _ => context.behind(&words, is_quoted),
            }
        }
    };
    done(candidates, before.bytes, "")
}

/// What stands in a comment.
fn allowed(line: &str, before: &Before) -> Vec<Candidate> {
    let comment = line.split_once('#').map_or("", |(_, comment)| comment.trim_start());
    match before.words.is_empty() && comment.starts_with("allow ") {
        true => values(Code::lints().map(|code| (code.name(), ""))),
        false => Vec::new(),
    }
}

impl Context<'_> {
    /// What can follow words of a line, the first of which may be in quotes.
    fn behind(&self, words: &[&str], is_quoted: bool) -> Vec<Candidate> {
        let section = self.section();
        let [first, rest @ ..] = words else { return self.first_words(section) };
        let is_agent = self.prepared.plan.roster.agents.get(first).is_some();
        let is_known = all_keywords().any(|keyword| keyword == *first);
        if section == Section::At && !begins_statement(first) && (is_agent || !is_known)
            || is_quoted
        {
            return match section {
                Section::At => self.event(first, rest),
                _ => Vec::new(),
            };
        }
        match words {
            ["timezone"] => self.zones(),
            ["rules"] => values(PRODUCTS.iter().map(|one| (one.name, one.known.words()))),
            ["auto-away"] => keywords(["off"]),
            ["widget"] => self.properties("/"),
            ["members" | "suspended", ..] => self.agents(),
            ["at" | "until"] => self.times(),
            ["observed", _] => keywords(["within"]),
            ["set", rest @ ..] => self.set(rest),
            ["expect", rest @ ..] => self.expectation(rest),
            [first, ..] if begins_hours(first.trim_end_matches(',')) => self.hours(words),
            [first, ..] if SettingName::KEYWORDS.contains(first) => self.setting(words),
            _ => Vec::new(),
        }
    }

    /// What a line can begin with.
    fn first_words(&self, section: Section) -> Vec<Candidate> {
        let is_world = self.asked.read.kind == Kind::World;
        let in_block = || [keywords(statements(StatementContext::Block)), days()].concat();
        match section {
            Section::At => {
                let hours = match self.are_hours_next() {
                    true => [days(), keywords(["date", "dates"])].concat(),
                    false => Vec::new(),
                };
                [hours, self.agents(), keywords(statements(StatementContext::Step))].concat()
            }
            Section::Part => keywords(["at", "replay", "observed", "until"]),
            Section::End => Vec::new(),
            Section::Property | Section::Widget => {
                let mut words = in_block();
                words.retain(|one| {
                    section == Section::Property || !["members", "suspended"].contains(&&*one.word)
                });
                let next: &[&str] = match is_world {
                    true => &["property", "widget", "include"],
                    false => &["property", "widget", "at", "replay", "until"],
                };
                [words, keywords(next.iter().copied())].concat()
            }
            _ if is_world => keywords(["include", "property", "widget"]),
            Section::Included => keywords(["include", "property", "widget", "at"]),
            Section::Header => keywords(statements(StatementContext::Header)),
        }
    }
}
