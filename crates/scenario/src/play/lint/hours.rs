//! Hours that are probably not meant as they are written.

use chrono::{Days, NaiveDate};

use super::warnings::Warnings;
use super::written::Written;
use crate::language::ast::HoursOn;
use crate::language::code::Code;
use crate::language::diagnostic::Diagnostic;
use crate::language::span::Spanned;
use lamplighter_core::hours::names;
use lamplighter_core::model::knobs::EndMinute;
use lamplighter_core::model::text::write_date;
use lamplighter_core::model::{DAY_MINUTES, Dates, INTERVAL_DAYS_MAX, Interval};

/// A scheduler that is on and has no hours at all.
pub fn never_open(scheduler: &Written<'_>, warnings: &mut Warnings) {
    if scheduler.open_lines().all(|line| line.intervals.is_empty()) {
        warnings.push(
            Diagnostic::new(
                scheduler.zone_span,
                "this scheduler is never open",
                "rule S6: on, with no hours at all",
            )
            .code(Code::NeverOpen)
            .help("give it hours, such as `mon-fri 09:00-17:00`, or leave the scheduler out"),
        );
    }
}

/// Ends that leave out one minute, because they are taken for the last minute that is open.
pub fn minute_gaps(scheduler: &Written<'_>, warnings: &mut Warnings) {
    if scheduler.rules.end_minute == EndMinute::Open {
        return;
    }
    // A cut may leave a minute as it likes.
    for line in scheduler.open_lines() {
        for interval in line.intervals.iter().filter(|interval| scheduler.opens(interval.node)) {
            let end = interval.node.end_minute();
            // Past midnight another day's hours follow, not those of the same line.
            let is_dated = matches!(line.on.node, HoursOn::Dates(_));
            if interval.node.runs_past_midnight() && is_dated {
                continue;
            }
            let before_midnight = end == DAY_MINUTES - 1;
            let before_another =
                line.intervals.iter().any(|other| other.node.start_minute() == end + 1);
            if before_midnight || before_another {
                // An end at the start is that of another day.
                let whole_days = u8::from(end + 1 == interval.node.start_minute());
                let days = match interval.node.days().max(whole_days) {
                    0 => String::new(),
                    days => format!("+{days}d"),
                };
                let then = clock(end + 1);
                warnings.push(
                    Diagnostic::new(
                        interval.span,
                        format!("the minute {} is left out", clock(end)),
                        "rule S3: at the end minute it is not open any more",
                    )
                    .code(Code::GapOfAMinute)
                    .help(format!("to be open through that minute, end at `{then}{days}`")),
                );
            }
        }
    }
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// A scheduler of a product that looks at none.
pub fn not_looked_at(scheduler: &Written<'_>, warnings: &mut Warnings) {
    let message = "this scheduler means nothing by the rules of the scenario";
    let warning =
        Diagnostic::new(scheduler.zone_span, message, "hours = none").code(Code::MeaninglessHours);
    warnings.push(warning.help("by these rules no hours are looked at"));
}

/// Hours past midnight of a product that never opens at them.
pub fn never_opening(scheduler: &Written<'_>, warnings: &mut Warnings) {
    for interval in scheduler.open_lines().flat_map(|line| &line.intervals) {
        if scheduler.opens(interval.node) {
            continue;
        }
        let (start, end) = (interval.node.start_minute(), interval.node.end_minute());
        let message = format!("`{}` never opens by the rules of the scenario", interval.node);
        let warning = Diagnostic::new(interval.span, message, "overnight = never-opens")
            .code(Code::MeaninglessHours);
        let evening = format!("{}-24:00", clock(start));
        warnings.push(warning.help(match end {
            0 => format!("by these rules a day ends at 24:00: `{evening}`"),
            _ => {
                let split = format!("`{evening}` and `00:00-{}`", clock(end));
                format!("by these rules a night is two intervals: {split} of the next day")
            }
        }));
    }
}

/// More than this is no night's shift.
const NIGHT_MINUTES_MAX: u16 = 14 * 60;
const NOON_MINUTE: u16 = 12 * 60;

/// Hours past midnight of nearly a day: a start and an end that were confused.
pub fn long_nights(scheduler: &Written<'_>, warnings: &mut Warnings) {
    for interval in scheduler.open_lines().flat_map(|line| &line.intervals) {
        let (start, end) = (interval.node.start_minute(), interval.node.end_minute());
        let (from, to) = scheduler.span(interval.node);
        let minutes = to - from;
        // Where days are written behind the end it is meant to be long.
        if !scheduler.opens(interval.node)
            || !interval.node.runs_past_midnight()
            || interval.node.days() > 0
            || minutes <= NIGHT_MINUTES_MAX
        {
            continue;
        }
        let length = match minutes % 60 {
            0 => format!("{} hours", minutes / 60),
            rest => format!("{} hours and {rest} minutes", minutes / 60),
        };
        // `09:00-05:00` is of somebody who counts to twelve; `17:00-09:00` is the wrong way round.
        let meant = match start < NOON_MINUTE {
            true => format!("{}-{}", clock(start), clock(end + NOON_MINUTE)),
            false => format!("{}-{}", clock(end), clock(start)),
        };
        warnings.push(
            Diagnostic::new(
                interval.span,
                format!("these hours last {length}, through the night"),
                "rule S4: an end before the start is on the next day",
            )
            .code(Code::LongNight)
            .meant(interval.span, &meant),
        );
    }
}

/// Intervals of one line that overlap, which are their union.
pub fn overlaps(scheduler: &Written<'_>, warnings: &mut Warnings) {
    for line in scheduler.open_lines() {
        let opens = |interval: &&Spanned<Interval>| scheduler.opens(interval.node);
        let intervals: Vec<_> = line.intervals.iter().filter(opens).collect();
        for (place, second) in intervals.iter().enumerate() {
            let overlap = |first: &&&Spanned<Interval>| {
                let (a, b) = (first.node.span(), second.node.span());
                a.0 < b.1 && b.0 < a.1
            };
            let Some(first) = intervals[..place].iter().find(overlap) else { continue };
            let (a, b) = (first.node.span(), second.node.span());
            let (start, end) = (a.0.min(b.0), a.1.max(b.1));
            let day = end.saturating_sub(1) / DAY_MINUTES;
            // An end past midnight is before the start, unless days are written behind it.
            let is_long = day > 0 && end >= start + DAY_MINUTES;
            let days = if is_long { format!("+{day}d") } else { String::new() };
            let both = format!("{}-{}{days}", clock(start), clock(end - day * DAY_MINUTES));
            warnings.push(
                Diagnostic::new(
                    second.span,
                    format!("`{}` and `{}` overlap", first.node, second.node),
                    format!("rule S3: together they are `{both}`"),
                )
                .code(Code::OverlappingHours)
                .help("is one of the times wrong?"),
            );
        }
    }
}

/// Hours of evenings before that run into dates that are closed (rule S5). `first` is the first date of
/// the run: dates of every year are looked for within a year from it.
pub fn evenings_into_closed_dates(
    scheduler: &Written<'_>,
    first: NaiveDate,
    warnings: &mut Warnings,
) {
    for line in scheduler.lines.iter().filter(|line| line.intervals.is_empty()) {
        let HoursOn::Dates(dates) = &line.on.node else { continue };
        let Some(closed) = first_of(dates, first) else { continue };
        let runs_on = |days_ago: u8| {
            let before = closed.checked_sub_days(Days::new(days_ago.into()))?;
            let of_before = scheduler.starting_on(before).into_iter();
            let beyond = of_before.map(|interval| {
                let until = scheduler.span(interval.node).1;
                (until.saturating_sub(u16::from(days_ago) * DAY_MINUTES), interval.node, before)
            });
            beyond.filter(|(until, ..)| *until > 0).max_by_key(|(until, ..)| *until)
        };
        let evening = (1..=INTERVAL_DAYS_MAX).filter_map(runs_on).max_by_key(|(until, ..)| *until);
        let Some((until, interval, before)) = evening else { continue };
        if scheduler.cuts(closed, until) {
            continue;
        }
        let closed = write_date(closed);
        let end = clock(until.min(DAY_MINUTES));
        warnings.push(
            Diagnostic::new(
                line.on.span,
                format!("on {closed} it is open until {end} all the same"),
                format!(
                    "rule S5: `{interval}` of {} {} runs to its end",
                    before.format("%a"),
                    write_date(before)
                ),
            )
            .code(Code::EveningIntoClosedDate)
            .help(format!("a cut closes that, too (rule S8): `date {dates} closed 00:00-{end}`")),
        );
    }
}

/// The first of the dates that an entry names; of those of every year the first one in a year.
fn first_of(dates: &Dates, from: NaiveDate) -> Option<NaiveDate> {
    const YEAR_DAYS: usize = 366;
    match dates {
        Dates::On(date) | Dates::Range(date, _) => Some(*date),
        _ => from.iter_days().take(YEAR_DAYS).find(|date| {
            names(dates, *date) && date.pred_opt().is_none_or(|before| !names(dates, before))
        }),
    }
}

/// Dates before the run.
pub fn past_dates(scheduler: &Written<'_>, first: NaiveDate, warnings: &mut Warnings) {
    for line in &scheduler.lines {
        let (HoursOn::Dates(dates) | HoursOn::Cut(dates)) = line.on.node else { continue };
        let (Dates::On(last) | Dates::Range(_, last)) = dates else { continue };
        // An interval past midnight may still run on the days after.
        let days = line.intervals.iter().map(|interval| interval.node.end_day()).max();
        let runs_on = Days::new(days.unwrap_or(0).max(1).into());
        if last.checked_add_days(runs_on).is_some_and(|after| after < first) {
            warnings.push(
                Diagnostic::new(
                    line.on.span,
                    format!("{dates} is past"),
                    format!("the run begins on {}", write_date(first)),
                )
                .code(Code::PastDate),
            );
        }
    }
}
