//! What a word means, there where it stands: as a little page in Markdown.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::AtomicBool;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::cursor::CursorRequest;
use super::finding::RULES;
use super::names::{Named, at, occurrences};
use crate::report::code_book;
use lamplighter_core::hours::{Zone, names, wall};
use lamplighter_core::model::text::{country_name, write_date, write_local};
use lamplighter_core::model::{
    Dates, EventKind, HiddenBecause, Instant, Interval, Reason, SettingName, WeekHours,
};
use lamplighter_scenario::language::ast::{BlockLine, Declares, HoursOn};
use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::language::plan::StepKind;
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::play::{Options, Prepared, play};

/// What is to be known of a word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hover {
    /// The word, in the bytes of the text that is open.
    pub bytes: Range<usize>,
    /// The page to show, as Markdown.
    pub markdown: String,
}

/// What is to be known of the word at a place, if anything is.
pub fn hover(asked: &CursorRequest<'_>) -> Option<Hover> {
    let word = asked.word();
    let text = word.as_ref().map_or("", |word| word.text.as_str());
    let span = word.as_ref().map(|word| word.span);
    let prepared = asked.first();
    let found = of_time(prepared, asked.byte)
        .or_else(|| of_hours(asked, prepared))
        .or_else(|| Some((span?, of_zone(text, prepared, asked)?)))
        .or_else(|| Some((span?, of_rule(text)?)))
        .or_else(|| Some((span?, of_reason(text, asked)?)))
        .or_else(|| Some((span?, of_code(text, asked)?)))
        .or_else(|| of_name(asked, prepared))
        .or_else(|| Some((span?, of_keyword(text, asked)?)))
        .or_else(|| Some((span?, of_country(text, asked)?)));
    let (span, markdown) = found?;
    Some(Hover { bytes: asked.in_text(span), markdown })
}

/// A rule of the book, with its sources.
fn of_rule(word: &str) -> Option<String> {
    let name = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let rule = RULES.iter().find(|rule| rule.name == name)?;
    let sources = rule.sources.join("; ");
    Some(format!("**Rule {}** ({})\n\n{}\n\nFrom {sources}.", rule.name, rule.part, rule.text))
}

/// A reason of an answer: the rules that give it.
fn of_reason(word: &str, asked: &CursorRequest<'_>) -> Option<String> {
    if asked.word_before().as_deref() != Some("because") {
        return None;
    }
    if let Some(because) = HiddenBecause::from_word(word) {
        return of_rule(because.rule());
    }
    Reason::from_word(word)?;
    let quoted = format!("`{word}`");
    let rules = RULES.iter().filter(|rule| rule.name.starts_with('W'));
    let rules = rules.filter(|rule| rule.text.contains(&quoted));
    let pages: Vec<String> = rules.filter_map(|rule| of_rule(rule.name)).collect();
    (!pages.is_empty()).then(|| pages.join("\n\n---\n\n"))
}

/// A code that a comment allows.
fn of_code(word: &str, asked: &CursorRequest<'_>) -> Option<String> {
    let (_, line) = asked.line();
    let comment = line.trim_start().strip_prefix('#')?;
    let code = Code::named(word).filter(|_| comment.trim_start().starts_with("allow"))?;
    let explained = code_book::explained().into_iter().find(|one| one.code == code)?;
    let (meaning, remedy, example) = (explained.meaning, explained.remedy, explained.example.text);
    Some(format!("**{code}**\n\n{meaning}\n\n{remedy}\n\n```lamplighter\n{example}```"))
}

/// A setting or what an agent does: the rule that it is for.
fn of_keyword(word: &str, asked: &CursorRequest<'_>) -> Option<String> {
    let setting = SettingName::all().find(|setting| setting.keyword() == word);
    if let Some(setting) = setting {
        return of_rule(setting.rule());
    }
    let (_, line) = asked.line();
    let kinds = EventKind::ALL.iter().filter(|kind| {
        kind.words().split(' ').any(|one| one == word) && line.contains(kind.words())
    });
    let mut rules: Vec<&str> = kinds.map(|kind| kind.rule()).collect();
    rules.dedup();
    rules.first().and_then(|rule| of_rule(rule))
}

fn of_country(word: &str, asked: &CursorRequest<'_>) -> Option<String> {
    let (_, line) = asked.line();
    let is_of_countries = ["countries", " in "].iter().any(|words| line.contains(words));
    country_name(word).filter(|_| is_of_countries).map(|name| format!("`{word}`: {name}"))
}

/// `UTC-04:00`
fn offset(offset_s: i32) -> String {
    let (sign, length) = if offset_s < 0 { ('-', -offset_s) } else { ('+', offset_s) };
    format!("UTC{sign}{:02}:{:02}", length / 3600, length / 60 % 60)
}

/// `Mon 2026-03-09 08:55`
fn local(at: Instant, zone: &Zone) -> String {
    let local = zone.local(at);
    format!("{} {}", local.format("%a"), write_local(local))
}

/// A time zone, with what its clock does next as seen from the beginning of the run.
fn of_zone(word: &str, prepared: &Prepared, asked: &CursorRequest<'_>) -> Option<String> {
    if !["timezone", "scheduler"].contains(&asked.word_before()?.as_str()) {
        return None;
    }
    let zone = asked.zones.get(word).ok()?;
    let at = first_instant(prepared).unwrap_or(asked.today);
    let span = zone.span(at);
    let mut page =
        format!("**{}**: {} at {}\n\n", zone.name(), offset(span.offset_s), local(at, &zone));
    page.push_str(&match span.end {
        None => "Its clock is never changed again.".to_owned(),
        Some(change) => format!(
            "Next clock change: {change}, from {} to {}: the clock goes from {} to {}.",
            offset(span.offset_s),
            offset(zone.offset_s(change)),
            write_local(change.to_local(span.offset_s)),
            local(change, &zone),
        ),
    });
    Some(page)
}

/// The instant at which a scenario begins; `None` where nothing happens.
fn first_instant(prepared: &Prepared) -> Option<Instant> {
    prepared.plan.steps.first().map(|step| step.at).filter(|at| *at > Instant::MIN)
}

/// A time: what it is by the file's zone and in UTC.
fn of_time(prepared: &Prepared, byte: usize) -> Option<(Span, String)> {
    let is_there = |span: &Span| span.start <= byte && byte <= span.end;
    let steps = prepared.plan.steps.iter().flat_map(|step| match &step.kind {
        StepKind::At => vec![(step.span, step.at)],
        StepKind::Expect(expectation) => {
            let until = expectation.until.iter().map(|until| (until.span, until.node));
            let next = expectation.next.iter().filter_map(|next| Some((next.span, next.node?)));
            until.chain(next).collect()
        }
        _ => Vec::new(),
    });
    let until = prepared.plan.until.iter().map(|until| (until.span, until.node));
    let (span, at) = steps.chain(until).find(|(span, _)| is_there(span))?;
    let zone = &prepared.plan.zone;
    let shown = format!("{} {} ({})", local(at, zone), zone.name(), offset(zone.offset_s(at)));
    Some((span, format!("{shown}\n\n{at}")))
}

/// A line of hours: the hours of the days that it names, as all lines together have them.
fn of_hours(asked: &CursorRequest<'_>, prepared: &Prepared) -> Option<(Span, String)> {
    let byte = asked.byte;
    for block in &prepared.document.blocks {
        for line in &block.lines {
            let BlockLine::Hours(hours) = &line.node else { continue };
            if byte < line.span.start || line.span.end < byte {
                continue;
            }
            let (Declares::Property(name) | Declares::Widget(name)) = &block.declares;
            let widget = prepared.plan.roster.widgets.get(&name.node)?;
            let settings = prepared.plan.world.settings_of(widget);
            let scheduler = settings.scheduler.as_ref()?;
            let zone = asked.zones.get(&scheduler.zone).ok()?;
            let at = first_instant(prepared).unwrap_or(asked.today);
            let first = zone.local(at).date();
            let dates = named_dates(&hours.on.node, first);
            let days = dates.into_iter().map(|date| of_day(&scheduler.hours, date));
            let days: Vec<String> = days.collect();
            if days.is_empty() {
                return None;
            }
            let page =
                format!("Hours of `{}` in {}:\n\n{}", name.node, zone.name(), days.join("\n"));
            return Some((line.span, page));
        }
    }
    None
}

/// More dates of an entry than these are not shown.
const DATES_SHOWN_MAX: usize = 7;
/// Dates of an entry are looked for so far ahead: over a leap year.
const DAYS_AHEAD: u64 = 5 * 366;

/// The first dates from one on that a line of hours is for.
fn named_dates(on: &HoursOn, first: NaiveDate) -> Vec<NaiveDate> {
    let is_named = |date: &NaiveDate| match on {
        HoursOn::Daily => true,
        HoursOn::Days(days) => {
            let day = |day: Weekday| day.num_days_from_monday();
            days.iter().any(|days| {
                let (from, to) = (day(days.node.0), day(days.node.1));
                let at = day(date.weekday());
                if from <= to { from <= at && at <= to } else { at >= from || at <= to }
            })
        }
        HoursOn::Dates(dates) | HoursOn::Cut(dates) => names(dates, *date),
        HoursOn::Calendar(_) => false,
    };
    let first = match on {
        HoursOn::Dates(Dates::On(date)) | HoursOn::Cut(Dates::On(date)) => *date,
        HoursOn::Dates(Dates::Range(date, _)) | HoursOn::Cut(Dates::Range(date, _)) => *date,
        _ => first,
    };
    let ahead = match on {
        HoursOn::Daily | HoursOn::Days(_) => DATES_SHOWN_MAX as u64,
        _ => DAYS_AHEAD,
    };
    let days = (0..ahead).filter_map(|days| first.checked_add_days(Days::new(days)));
    days.filter(is_named).take(DATES_SHOWN_MAX).collect()
}

/// `- Mon 2026-03-09: 09:00-17:00, without 12:00-13:00`
fn of_day(hours: &WeekHours, date: NaiveDate) -> String {
    let list = |all: &[Interval]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let open = match wall::starting_on(hours, date) {
        [] => "closed".to_owned(),
        intervals => list(intervals),
    };
    let cuts: Vec<Interval> = wall::cut_on(hours, date).collect();
    let without =
        if cuts.is_empty() { String::new() } else { format!(", without {}", list(&cuts)) };
    format!("- {} {}: {open}{without}", date.format("%a"), write_date(date))
}

/// An agent, a property, a widget or a device: where it belongs.
fn of_name(asked: &CursorRequest<'_>, prepared: &Prepared) -> Option<(Span, String)> {
    let all = occurrences(prepared);
    let here = at(&all, asked.byte)?;
    let page = match &here.named {
        Named::Agent(name) => {
            let lists = prepared.document.blocks.iter().filter(|block| {
                block.lines.iter().any(|line| match &line.node {
                    BlockLine::Members(names) => names.iter().any(|one| one.node == *name),
                    _ => false,
                })
            });
            let properties: Vec<String> = lists.map(|block| declared(&block.declares)).collect();
            format!("Agent **{name}**, member of {}", properties.join(", "))
        }
        Named::Device(agent, device) => format!("Device **{device}** of {agent}"),
        Named::Property(name) | Named::Widget(name) => {
            let block = prepared.document.blocks.iter().find(|block| {
                let (Declares::Property(of) | Declares::Widget(of)) = &block.declares;
                of.node == *name
            })?;
            let what = match block.declares {
                Declares::Property(_) => "Property and widget",
                Declares::Widget(_) => "Widget",
            };
            let lines = block.lines.iter().map(|line| prepared.file.source.slice(line.span));
            let lines: Vec<String> = lines.map(|line| format!("  {line}")).collect();
            format!("{what} **{name}**\n\n```lamplighter\n{}\n```", lines.join("\n"))
        }
    };
    let is_subject = !matches!(here.named, Named::Device(..));
    let told = is_subject.then(|| answer_here(asked)).flatten();
    let told = told.map(|told| format!("\n\nBy the rules here: {told}")).unwrap_or_default();
    Some((here.span, page + &told))
}

/// What is so where an expectation stands that the place is in, by each row of the table; `None` elsewhere,
/// and where traces would have to be played for it.
fn answer_here(asked: &CursorRequest<'_>) -> Option<String> {
    let (_, line) = asked.line();
    let is_here = |statement: Span| statement.start <= asked.byte && asked.byte <= statement.end;
    let rows = &asked.read.rows;
    if !line.trim_start().starts_with("expect")
        || rows.iter().any(|row| !row.plan.traces.is_empty())
    {
        return None;
    }
    let options = || Options { answers: true, ..Options::default() };
    let played = rows
        .iter()
        .map(|row| play(row.clone(), asked.zones, options(), &AtomicBool::new(false)).answers);
    let told: BTreeSet<String> =
        played.flatten().filter(|said| is_here(said.statement)).map(|said| said.told).collect();
    (!told.is_empty()).then(|| told.into_iter().collect::<Vec<_>>().join(" | "))
}

fn declared(declares: &Declares) -> String {
    let (Declares::Property(name) | Declares::Widget(name)) = declares;
    name.node.clone()
}
