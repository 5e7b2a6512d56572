//! Scenarios played by two sets of rules: where what widgets show first differs, and the knob by which
//! it does.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::given::given_rules;
use crate::cli::exit::{Exit, Stop};
use crate::cli::files::{self, Files, scenario_files};
use crate::cli::terminal::printed;
use crate::report::Paint;
use crate::report::format::counted;
use crate::report::text;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::text::write_local;
use lamplighter_core::model::{Answer, Instant, Knob, RuleSet, WidgetId};
use lamplighter_core::world::TimelineRow;
use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::play::{Options, Outcome, Prepared, Verdict, play};

/// Two sets of rules, as they were named.
struct Sides<'a> {
    names: [&'a str; 2],
    rules: [RuleSet; 2],
}

/// A scenario by both of them.
struct Compared {
    path: PathBuf,
    verdict: Verdict,
    /// How many of its lines are passed over, because they cannot happen by the one or the other.
    passed_over: [u64; 2],
    /// What every widget shows after each instant at which one of them changed by either rules.
    instants: BTreeMap<Instant, BTreeMap<WidgetId, [Option<Answer>; 2]>>,
    first: Option<FirstDifference>,
}

/// Where a widget first shows something else.
struct FirstDifference {
    at: Instant,
    widget: WidgetId,
    answers: [Option<Answer>; 2],
    /// The knobs each of which alone makes the difference; none where only several together do.
    knobs: Vec<Knob>,
}

/// Compares what two rules say of all scenarios, and prints where they differ.
pub fn run(before: &str, after: &str, paths: &[PathBuf], zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let sides =
        Sides { names: [before, after], rules: [given_rules(before)?, given_rules(after)?] };
    let Files { found, refused } = scenario_files(paths);
    refused.iter().for_each(Stop::print);
    let mut worst = refused.iter().map(Stop::exit).max().unwrap_or(Exit::AllWell);
    let mut out = anstream::stdout().lock();
    let mut all = Vec::with_capacity(found.len());
    for path in &found {
        all.extend(Prepared::rows(path, &files::read(path)?, zones));
    }
    let (alone, count) = (all.len() == 1, all.len() as u64);
    let mut same = 0;
    for prepared in all {
        let compared = match compare(prepared, &sides, zones) {
            Ok(compared) => compared,
            Err(faulty) => {
                printed(text::diagnostics(&mut anstream::stderr().lock(), &faulty))?;
                worst = worst.max(Exit::Invalid);
                continue;
            }
        };
        same += u64::from(compared.first.is_none());
        printed(match alone {
            true => side_by_side(&mut out, &compared, &sides),
            false => line(&mut out, &compared, &sides),
        })?;
    }
    if !alone {
        let last = format!("{}, {same} the same by both", counted(count, "scenario"));
        printed(writeln!(out, "{}", Paint::Strong.on(last)))?;
    }
    Ok(worst)
}

/// Plays a scenario by both rules, each of which passes over what cannot happen by it.
///
/// # Errors
/// When the scenario is faulty in itself.
fn compare(
    prepared: Prepared,
    sides: &Sides<'_>,
    zones: &Arc<Zones>,
) -> Result<Compared, Box<Verdict>> {
    let [(verdict, before), (other, after)] =
        sides.rules.each_ref().map(|rules| timeline(&prepared, rules, zones));
    let lines = [&verdict, &other].map(impossible_lines);
    let [Some(ours), Some(theirs)] = &lines else { return Err(Box::new(verdict)) };
    // What cannot happen by either may happen by the rules that the scenario names.
    if !ours.is_disjoint(theirs) {
        let own = play(prepared.clone(), zones, Options::default(), &AtomicBool::new(false));
        if own.outcome() == Outcome::Invalid {
            return Err(Box::new(own));
        }
    }
    let passed_over = [ours.len() as u64, theirs.len() as u64];
    let instants = together(&before, &after);
    let first = instants.iter().find_map(|(at, widgets)| {
        let differs = |(_, answers): &(&WidgetId, &[Option<Answer>; 2])| differ(answers);
        let (widget, answers) = widgets.iter().find(differs)?;
        Some((*at, *widget, *answers))
    });
    let first = first.map(|(at, widget, answers)| {
        let shows_at = |rules: &RuleSet| {
            let (_, rows) = timeline(&prepared, rules, zones);
            shown(&rows, at, widget)
        };
        let knobs = knobs(sides, &answers, &shows_at);
        FirstDifference { at, widget, answers, knobs }
    });
    let path = prepared.file.name().into();
    Ok(Compared { path, verdict, passed_over, instants, first })
}

/// The lines that cannot happen by the rules of a run; `None` where something else is wrong, too.
fn impossible_lines(verdict: &Verdict) -> Option<BTreeSet<Span>> {
    let lines = verdict.diagnostics.iter().map(|fault| match fault.code {
        Code::NotLoggedIn | Code::ConnectionLost | Code::ConnectionNotLost => Some(fault.span),
        _ => None,
    });
    lines.collect::<Option<_>>().filter(|_| verdict.trace_diagnostics.is_empty())
}

/// Plays a scenario by such rules.
fn timeline(
    prepared: &Prepared,
    rules: &RuleSet,
    zones: &Arc<Zones>,
) -> (Verdict, Vec<TimelineRow>) {
    let mut prepared = prepared.clone();
    prepared.plan.put_rules(*rules);
    let mut rows = Vec::new();
    let mut take = |row: TimelineRow, _: &_| rows.push(row);
    let options = Options { timeline: Some(&mut take), ..Options::default() };
    let verdict = play(prepared, zones, options, &AtomicBool::new(false));
    (verdict, rows)
}

/// The knobs that make the difference alone: with the position of the one side in the other side's
/// rules, the widget shows what it shows by the one.
fn knobs(
    sides: &Sides<'_>,
    answers: &[Option<Answer>; 2],
    shows_at: &dyn Fn(&RuleSet) -> Option<Answer>,
) -> Vec<Knob> {
    let [before, after] = &sides.rules;
    let alone = |from: &RuleSet, into: &RuleSet, expected: Option<Answer>| -> Vec<Knob> {
        let decides = |knob: &Knob| {
            let mut mixed = *into;
            mixed.copy_from(*knob, from);
            mixed.check().is_ok() && !differ(&[shows_at(&mixed), expected])
        };
        before.unlike(after).filter(decides).collect()
    };
    match alone(before, after, answers[0]) {
        none if none.is_empty() => alone(after, before, answers[1]),
        some => some,
    }
}

/// Whether a visitor sees a difference.
fn differ([before, after]: &[Option<Answer>; 2]) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => !before.shows_as(*after),
        (before, after) => before.is_some() != after.is_some(),
    }
}

fn shown(rows: &[TimelineRow], at: Instant, widget: WidgetId) -> Option<Answer> {
    let until = rows.iter().take_while(|row| row.at <= at);
    until.filter(|row| row.widget == widget).last().map(|row| row.answer)
}

/// Both timelines, an instant at a time.
fn together(
    before: &[TimelineRow],
    after: &[TimelineRow],
) -> BTreeMap<Instant, BTreeMap<WidgetId, [Option<Answer>; 2]>> {
    let all: BTreeSet<(Instant, WidgetId)> =
        before.iter().chain(after).map(|row| (row.at, row.widget)).collect();
    let mut instants: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for (at, widget) in all {
        let answers = [shown(before, at, widget), shown(after, at, widget)];
        instants.entry(at).or_default().insert(widget, answers);
    }
    instants
}

fn words(answer: Option<Answer>) -> String {
    answer.map_or_else(
        || "-".to_owned(),
        |answer| {
            format!("{}, {} ({}, W{})", answer.status, answer.chat, answer.reason, answer.rule)
        },
    )
}

/// The knobs with their positions on both sides.
fn because(first: &FirstDifference, sides: &Sides<'_>) -> String {
    if first.knobs.is_empty() {
        return "several knobs together".to_owned();
    }
    let [before, after] = &sides.rules;
    let words = first.knobs.iter().map(|knob| {
        format!("{}: {} / {}", knob.word(), before.position(*knob), after.position(*knob))
    });
    words.collect::<Vec<_>>().join("; ")
}

fn side_by_side(out: &mut dyn Write, compared: &Compared, sides: &Sides<'_>) -> io::Result<()> {
    let Verdict { roster, zone, .. } = &compared.verdict;
    let mut rows = vec![[
        "at".to_owned(),
        "widget".to_owned(),
        sides.names[0].to_owned(),
        sides.names[1].to_owned(),
    ]];
    let mut marks = vec![""];
    for (at, widgets) in &compared.instants {
        for (widget, answers) in widgets {
            let at = write_local(zone.local(*at));
            let name = roster.widgets.name(*widget).to_owned();
            rows.push([at, name, words(answers[0]), words(answers[1])]);
            marks.push(if differ(answers) { "differs" } else { "" });
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..4).map(|column| width(column).unwrap_or(0)).collect();
    for (row, mark) in rows.iter().zip(marks) {
        let mut text = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let padding = " ".repeat(width - cell.chars().count());
            text.push_str(&format!("{cell}{padding}  "));
        }
        writeln!(out, "{}", format!("{text}{mark}").trim_end())?;
    }
    writeln!(out)?;
    match &compared.first {
        None => writeln!(out, "the same by both")?,
        Some(first) => {
            let at = write_local(zone.local(first.at));
            writeln!(out, "first at {at} {}: {}", zone.name(), because(first, sides))?;
        }
    }
    passed_over(compared, sides).try_for_each(|told| writeln!(out, "{told}"))
}

/// What is told of lines that were passed over, of each side that did.
fn passed_over(compared: &Compared, sides: &Sides<'_>) -> impl Iterator<Item = String> {
    let all = compared.passed_over.into_iter().zip(sides.names);
    all.filter(|(lines, _)| *lines > 0)
        .map(|(lines, name)| format!("{} cannot happen by {name}", counted(lines, "line")))
}

fn line(out: &mut dyn Write, compared: &Compared, sides: &Sides<'_>) -> io::Result<()> {
    let path = compared.path.display();
    let Verdict { roster, zone, .. } = &compared.verdict;
    match &compared.first {
        None => write!(out, "{path}: the same")?,
        Some(first) => write!(
            out,
            "{path}: {} {}: {} / {}; {}",
            write_local(zone.local(first.at)),
            roster.widgets.name(first.widget),
            words(first.answers[0]),
            words(first.answers[1]),
            because(first, sides)
        )?,
    }
    passed_over(compared, sides).try_for_each(|told| write!(out, "; {told}"))?;
    writeln!(out)
}
