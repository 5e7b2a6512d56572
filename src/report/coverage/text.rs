//! Coverage in a terminal: the whole, the ranking, then a screen a widget, with its week drawn in blocks.

use std::io::{self, Write};

use super::chats;
use super::words::{
    capital, length, length_of, percent, percent_or_dash, until, visitors_outside, weekday, when,
};
use crate::report::format::{counted, thousands};
use crate::report::style::Paint;
use lamplighter_core::model::WidgetId;
use lamplighter_coverage::calendar::DAY_MS;
use lamplighter_coverage::class::{Class, ClassTimes};
use lamplighter_coverage::figures::{
    Coverage, HourFigures, Longest, Span, TOLD, Totals, WidgetFigures, share,
};
use lamplighter_coverage::words::cause;
use lamplighter_scenario::language::Roster;

/// So many of the longest stretches of a kind are told.
const TOLD_MAX: usize = 3;
/// So many widgets stand in the ranking.
const RANKED_MAX: usize = 15;

/// Writes the report: the whole, and these widgets in full.
///
/// # Errors
/// When `out` does not take it.
pub fn report(
    out: &mut dyn Write,
    title: &str,
    coverage: &Coverage,
    shown: &[WidgetId],
) -> io::Result<()> {
    head(out, title, coverage)?;
    if coverage.widgets.len() > 1 {
        ranking(out, coverage)?;
    }
    alternatives(out, coverage)?;
    for widget in &coverage.widgets {
        if shown.contains(&widget.widget) {
            screen(out, coverage, widget)?;
        }
    }
    chats::write(out, coverage)?;
    let left = coverage.widgets.len() - shown.len();
    if left > 0 {
        let more = counted(left as u64, "more widget");
        let ways =
            "`--widget NAME` shows one, `--html FILE` those that cost the most, `--json FILE` all";
        writeln!(out, "{}", Paint::Faint.on(format!("{more}: {ways}")))?;
    }
    Ok(())
}

fn head(out: &mut dyn Write, title: &str, coverage: &Coverage) -> io::Result<()> {
    let Coverage { zone, from, to, .. } = coverage;
    let totals = coverage.totals();
    writeln!(out, "{}", Paint::Strong.on(format!("Coverage of {title}")))?;
    let days = coverage.length_ms() as f64 / DAY_MS as f64;
    let widgets = counted(coverage.widgets.len() as u64, "widget");
    writeln!(
        out,
        "{} to {} {} ({days:.1} days), {widgets}, {}",
        when(*from, zone),
        when(*to, zone),
        zone.name(),
        counted(coverage.events, "event"),
    )?;
    if coverage.anomalies > 0 {
        let rows = counted(coverage.anomalies, "row");
        let note = format!(
            "{rows} could not happen and changed nothing: `lamplighter scenario` tells which"
        );
        writeln!(out, "{}", Paint::Warn.on(note))?;
    }
    if let Some(outside) = visitors_outside(coverage.visitors_outside) {
        let note = format!("{outside}; `--from` and `--to` say from when to when it is");
        writeln!(out, "{}", Paint::Warn.on(note))?;
    }
    writeln!(out)?;
    if coverage.widgets.len() > 1 {
        class_table(out, &totals)?;
    }
    Ok(())
}

/// How a class looks.
fn paint(class: Class) -> Paint {
    match class {
        Class::Staffed => Paint::Good,
        Class::AwayOnly => Paint::Warn,
        Class::Empty => Paint::Bad,
        Class::AfterHours => Paint::Frame,
        Class::Closed => Paint::Faint,
    }
}

fn class_table(out: &mut dyn Write, totals: &Totals) -> io::Result<()> {
    let times = &totals.times;
    let open_ms = times.open_ms();
    for class in Class::ALL {
        let ms = times.of(class);
        let of = match class.is_open() {
            true => share(ms, open_ms)
                .map_or_else(String::new, |s| format!("{} of open time", percent(s))),
            false => String::new(),
        };
        let word = format!("{:<12}", class.word());
        let meaning = class.meaning();
        writeln!(out, "  {}{:>14}  {of:<20}  {meaning}", paint(class).on(word), length(ms))?;
    }
    for (word, ms, meaning) in [
        ("false light", totals.false_light_ms, "shown online, and no chat can start (rule W6)"),
        ("dark", totals.dark_while_staffed_ms, "shown offline while somebody is online"),
    ] {
        writeln!(out, "  {word:<12}{:>14}  {:<20}  {meaning}", length(ms), "")?;
    }
    writeln!(out)
}

fn ranking(out: &mut dyn Write, coverage: &Coverage) -> io::Result<()> {
    let ranked = coverage.ranking();
    let names =
        coverage.widgets.iter().map(|w| coverage.roster.widgets.name(w.widget).chars().count());
    let width = names.max().unwrap_or(0).max(6);
    let lost = if coverage.has_visitors { "  lost visitors" } else { "" };
    writeln!(out, "  {:<width$}  staffed  away-only    empty    empty time{lost}", "widget")?;
    for widget in ranked.iter().take(RANKED_MAX) {
        let times = &widget.totals.times;
        let of = |class| percent_or_dash(share(times.of(class), times.open_ms()));
        let lost = match coverage.has_visitors {
            true => {
                let visitors = &widget.totals.visitors;
                format!("  {} of {}", thousands(visitors.empty), thousands(visitors.came))
            }
            false => String::new(),
        };
        writeln!(
            out,
            "  {:<width$}  {:>7}  {:>9}  {:>7}  {:>12}{lost}",
            coverage.roster.widgets.name(widget.widget),
            of(Class::Staffed),
            of(Class::AwayOnly),
            of(Class::Empty),
            length(times.of(Class::Empty)),
        )?;
    }
    if let Some(more @ 1..) = ranked.len().checked_sub(RANKED_MAX) {
        writeln!(out, "  and {more} more, none of which costs more")?;
    }
    writeln!(out)
}

/// A difference with its sign, written in a way of one's own.
pub fn signed(now: u64, before: u64, write: impl Fn(u64) -> String) -> String {
    match now.cmp(&before) {
        std::cmp::Ordering::Equal => "=".to_owned(),
        std::cmp::Ordering::Greater => format!("+{}", write(now - before)),
        std::cmp::Ordering::Less => format!("-{}", write(before - now)),
    }
}

fn alternatives(out: &mut dyn Write, coverage: &Coverage) -> io::Result<()> {
    let before = coverage.totals();
    let days = coverage.length_ms() as f64 / DAY_MS as f64;
    for alternative in &coverage.alternatives {
        let now = alternative.totals();
        writeln!(out, "{}", Paint::Strong.on(format!("What if: {}", alternative.label)))?;
        for line in &alternative.lines {
            writeln!(out, "  {}", Paint::Faint.on(line))?;
        }
        if alternative.impossible != coverage.anomalies {
            let note = format!(
                "  {} could not happen by these settings, and {} as it was: what would have followed is \
                 not known",
                counted(alternative.impossible, "event"),
                thousands(coverage.anomalies)
            );
            writeln!(out, "{}", Paint::Warn.on(note))?;
        }
        for class in Class::ALL {
            let difference = signed(now.times.of(class), before.times.of(class), length);
            let word = format!("{:<12}", class.word());
            writeln!(
                out,
                "  {}{:>14}  {difference}",
                paint(class).on(word),
                length(now.times.of(class))
            )?;
        }
        let changes = |totals: &Totals| totals.changes as f64 / days;
        writeln!(
            out,
            "  changes a day {:>12.1}  {:+.1}",
            changes(&now),
            changes(&now) - changes(&before)
        )?;
        if coverage.has_visitors {
            for (word, now, before) in [
                ("saw online", now.visitors.online, before.visitors.online),
                ("saw away", now.visitors.away, before.visitors.away),
                ("saw offline", now.visitors.offline, before.visitors.offline),
                ("came to empty", now.visitors.empty, before.visitors.empty),
            ] {
                writeln!(
                    out,
                    "  {word:<13}{:>13}  {}",
                    thousands(now),
                    signed(now, before, thousands)
                )?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn screen(out: &mut dyn Write, coverage: &Coverage, widget: &WidgetFigures) -> io::Result<()> {
    let name = coverage.roster.widgets.name(widget.widget);
    let hours = if widget.has_scheduler { "" } else { ", no scheduler: always open" };
    let head = format!("{name} ({}{hours})", widget.zone.name());
    writeln!(out, "{}", Paint::Strong.on(head))?;
    class_table(out, &widget.totals)?;
    week(out, &widget.hours)?;
    stretches(out, coverage, widget)?;
    others(out, coverage, widget)?;
    writeln!(out)
}

/// What an hour of the week looks like: the share of its open time that was staffed.
fn block(hour: &HourFigures) -> (&'static str, Paint) {
    match hour.staffed_share() {
        None if hour.times.of(Class::AfterHours) > 0 => ("··", Paint::Frame),
        None => ("  ", Paint::Faint),
        Some(share) if share >= 0.95 => ("██", Paint::Good),
        Some(share) if share >= 0.75 => ("▓▓", Paint::Good),
        Some(share) if share >= 0.5 => ("▒▒", Paint::Warn),
        Some(share) if share > 0.0 => ("░░", Paint::Warn),
        Some(_) => ("!!", Paint::Bad),
    }
}

fn week(out: &mut dyn Write, hours: &[HourFigures]) -> io::Result<()> {
    writeln!(
        out,
        "  by hour of the week: how much of its open time was staffed, and members online on average"
    )?;
    let scale: String = (0..24).step_by(3).map(|hour| format!("{hour:02}    ")).collect();
    writeln!(out, "       {}", scale.trim_end())?;
    for (day, hours) in hours.chunks(24).enumerate() {
        write!(out, "  {}  ", weekday(day))?;
        for hour in hours {
            let (block, paint) = block(hour);
            write!(out, "{}", paint.on(block))?;
        }
        let mut times = ClassTimes::default();
        hours.iter().for_each(|hour| times.add_all(&hour.times));
        let online = share(hours.iter().map(|hour| hour.online_ms).sum(), times.whole_ms());
        let staffed = percent_or_dash(share(times.of(Class::Staffed), times.open_ms()));
        writeln!(out, "  {staffed:>7}  {:>5.2}", online.unwrap_or(0.0))?;
    }
    writeln!(
        out,
        "       {} ",
        Paint::Faint.on(
            "██ 95 % and more  ▓▓ 75 %  ▒▒ 50 %  ░░ less  !! never staffed  ·· closed, people there"
        )
    )?;
    writeln!(out)
}

fn span(span: Span, widget: &WidgetFigures) -> String {
    format!("{} to {}", when(span.from, &widget.zone), until(span, &widget.zone))
}

fn stretches(out: &mut dyn Write, coverage: &Coverage, widget: &WidgetFigures) -> io::Result<()> {
    for (class, longest) in TOLD.into_iter().zip(&widget.longest) {
        told(out, &format!("longest {}", class.word()), longest, |stretch| {
            let cause = cause(stretch.cause, &coverage.roster);
            (stretch.span.length_ms(), format!("{}: {cause}", span(stretch.span, widget)))
        })?;
    }
    Ok(())
}

fn others(out: &mut dyn Write, coverage: &Coverage, widget: &WidgetFigures) -> io::Result<()> {
    let Roster { agents, .. } = &coverage.roster;
    told(out, "handovers with a gap", &widget.handovers, |gap| {
        let (went, came) = (agents.name(gap.went), agents.name(gap.came));
        (gap.span.length_ms(), format!("{}: from {went} to {came}", span(gap.span, widget)))
    })?;
    told(out, "a single person kept the light on", &widget.single, |single| {
        (
            single.span.length_ms(),
            format!("{}: {}", span(single.span, widget), agents.name(single.agent)),
        )
    })?;
    told(out, "ghosts", &widget.ghosts, |ghost| {
        let agent = agents.name(ghost.device.agent());
        let device = coverage.roster.device_name(ghost.device);
        let span = span(ghost.span, widget);
        (ghost.lit_ms, format!("{span}: {agent} on {device}, alone and without a sign of life"))
    })?;
    let totals = &widget.totals;
    let days = coverage.length_ms() as f64 / DAY_MS as f64;
    writeln!(
        out,
        "  what visitors see changed {:.1} times a day; {} shorter than a minute",
        totals.changes as f64 / days,
        counted(totals.short_spells, "spell")
    )?;
    if coverage.has_visitors {
        let visitors = &totals.visitors;
        writeln!(
            out,
            "  {}: {} saw it online, {} away, {} offline, {} not at all; {} came to an empty one",
            counted(visitors.came, "visitor"),
            thousands(visitors.online),
            thousands(visitors.away),
            thousands(visitors.offline),
            thousands(visitors.hidden),
            thousands(visitors.empty),
        )?;
    }
    Ok(())
}

fn told<T>(
    out: &mut dyn Write,
    what: &str,
    longest: &Longest<T>,
    tell: impl Fn(&T) -> (u64, String),
) -> io::Result<()> {
    if longest.count == 0 {
        return Ok(());
    }
    let all = format!("{} times, {} in all", thousands(longest.count), length(longest.total_ms));
    writeln!(out, "  {} ({all})", capital(what))?;
    for one in longest.kept.iter().take(TOLD_MAX) {
        let (ms, text) = tell(one);
        writeln!(out, "  {:>12}  {text}", length(ms))?;
    }
    Ok(())
}

/// What a class was of the whole, for those who tell it elsewhere: `3 h 12 min, 7.1 %`.
pub fn of_open(totals: &Totals, class: Class) -> String {
    match class.is_open() {
        true => length_of(totals.times.of(class), totals.times.open_ms()),
        false => length(totals.times.of(class)),
    }
}
