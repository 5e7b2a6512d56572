//! What can stand at a place: the words of the language by where they stand, and what the file has names for.

//!
//! | file | what it does |
//! | --- | --- |
//! | `before` | what stands before the place, and what is being written there |
//! | `rest` | what goes on with a line that has begun |

mod before;
mod rest;

use std::ops::Range;

use self::before::{Before, Within};
use self::rest::days;
use super::cursor::CursorRequest;
use super::look::Kind;
use lamplighter_core::model::SettingName;
use lamplighter_core::model::products::PRODUCTS;
use lamplighter_core::model::text::write_date;
use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::language::{
    StatementContext, begins_hours, begins_statement, keywords as all_keywords, statements,
    words_of_line, write_name,
};
use lamplighter_scenario::play::Prepared;

/// A word that can stand at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The word as it is to be written.
    pub word: String,
    /// What it is of.
    pub of: Of,
    /// What it stands for, in a few words; empty where the word says it.
    pub detail: String,
}

/// What a word is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// A word of the language.
    Keyword,
    /// A name of the file.
    Name,
    /// A value: a zone, a reason, a country, a date.
    Value,
}

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

fn keywords<'w>(words: impl IntoIterator<Item = &'w str>) -> Vec<Candidate> {
    of(Of::Keyword, words.into_iter().map(|word| (word, "")))
}

fn values<W: AsRef<str>, D: AsRef<str>>(words: impl IntoIterator<Item = (W, D)>) -> Vec<Candidate> {
    of(Of::Value, words)
}

fn of<W: AsRef<str>, D: AsRef<str>>(
    of: Of,
    words: impl IntoIterator<Item = (W, D)>,
) -> Vec<Candidate> {
    let candidate = |(word, detail): (W, D)| Candidate {
        word: word.as_ref().to_owned(),
        of,
        detail: detail.as_ref().to_owned(),
    };
    words.into_iter().map(candidate).collect()
}

struct Context<'a> {
    asked: &'a CursorRequest<'a>,
    prepared: &'a Prepared,
}

/// Where a line stands, by what is above it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Section {
    Header,
    Included,
    Property,
    Widget,
    At,
    /// Behind a `replay` or an `observed`.
    Part,
    End,
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

    /// The lines above, the nearest first, without those that say nothing.
    fn above(&self) -> impl Iterator<Item = &str> {
        let (start, _) = self.asked.line();
        let above = self.asked.in_text(Span::new(start, start)).start;
        let lines = self.asked.text.as_str()[..above].lines().rev();
        let lines = lines.map(|line| line.trim_start_matches(['\u{feff}', ' ', '\t']));
        lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
    }

    fn section(&self) -> Section {
        let section = |line: &str| match first_word(line) {
            "scenario" => Some(Section::Header),
            "include" => Some(Section::Included),
            "property" => Some(Section::Property),
            "widget" => Some(Section::Widget),
            "at" => Some(Section::At),
            "replay" | "observed" => Some(Section::Part),
            "until" => Some(Section::End),
            _ => None,
        };
        self.above().find_map(section).unwrap_or(Section::Header)
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

    /// Whether the hours of a `set … scheduler` can stand there.
    fn are_hours_next(&self) -> bool {
        let line = self.above().find(|line| !begins_hours(first_word(line)));
        let words = line.map_or(Vec::new(), |line| words_of_line(line, 0));
        let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        matches!(&words[..], ["set", _, "scheduler", zone, ..] if *zone != "as")
    }

    fn zones(&self) -> Vec<Candidate> {
        values(self.asked.zones.names().into_iter().map(|name| (name, "")))
    }

    fn agents(&self) -> Vec<Candidate> {
        let names = self.prepared.plan.roster.agents.iter();
        of(Of::Name, names.map(|name| (write_name(name), "agent")))
    }

    fn widgets(&self) -> Vec<Candidate> {
        of(Of::Name, self.prepared.plan.roster.widgets.iter().map(|name| (name, "widget")))
    }

    fn properties(&self, behind: &str) -> Vec<Candidate> {
        let names = self.prepared.plan.roster.properties.iter();
        of(Of::Name, names.map(|name| (format!("{name}{behind}"), "property")))
    }

    /// Times that can follow the `at` above.
    fn times(&self) -> Vec<Candidate> {
        let steps = &self.prepared.plan.steps;
        let before = steps.iter().rfind(|step| step.span.end <= self.asked.byte);
        let before = before.or(steps.first());
        let Some(before) = before else {
            let today = self.prepared.plan.zone.local(self.asked.today);
            return values([(
                format!("{} 09:00", write_date(today.date())),
                "a first time has a date",
            )]);
        };
        let local = self.prepared.plan.zone.local(before.at);
        let date = write_date(local.date());
        let next = local.date().succ_opt().map(write_date).unwrap_or_default();
        values([
            ("+1m".to_owned(), "so long after the `at` before"),
            ("+10m".to_owned(), "so long after the `at` before"),
            ("+1h".to_owned(), "so long after the `at` before"),
            ("17:00".to_owned(), "on the date of the `at` before"),
            ("+1d 09:00".to_owned(), "on the next day"),
            (format!("{date} 17:00"), "on the date of the `at` before"),
            (format!("{next} 09:00"), "on the next day"),
        ])
    }
}

fn first_word(line: &str) -> &str {
    line.split([' ', '\t', '#']).next().unwrap_or_default()
}
