//! Zones that are not what they look like, and hours that a clock change meets.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::warnings::Warnings;
use super::written::{Written, schedulers};
use crate::language::ast::Document;
use crate::language::code::Code;
use crate::language::diagnostic::Diagnostic;
use crate::language::span::{Span, Spanned};
use crate::language::zones::misleading_zone;
use lamplighter_core::hours::Zone;
use lamplighter_core::model::text::{write_date, write_local};
use lamplighter_core::model::{INTERVAL_DAYS_MAX, Instant, Interval, RuleSet};

/// Zones of the database whose names say something else than they mean.
pub fn zone_names(document: &Document, rules: &RuleSet, warnings: &mut Warnings) {
    let header = document.header.timezone.iter().map(|name| (name.node.as_str(), name.span));
    let all = schedulers(document, rules);
    let all = all.iter().filter(|scheduler| scheduler.is_own);
    let all = all.map(|scheduler| (scheduler.zone, scheduler.zone_span));
    for (zone, span) in header.chain(all) {
        if let Some(warning) = misleading_zone(zone, span) {
            warnings.push(warning);
        }
    }
}

/// Hours that begin or end where a clock change skips or doubles the wall clock's readings.
pub fn clock_changes(
    scheduler: &Written<'_>,
    zone: &Zone,
    (from, to): (Instant, Instant),
    warnings: &mut Warnings,
) {
    let mut warned: Vec<Span> = Vec::new();
    let mut at = from;
    while let Some(change) = zone.next_change(at).filter(|&change| change <= to) {
        at = change;
        let before = Instant::from_millis(change.as_millis() - 1).unwrap_or(change);
        let (old_s, new_s) = (zone.offset_s(before), zone.offset_s(change));
        let skips = new_s > old_s;
        // The readings in between: skipped, or read twice.
        let (first, last) = match skips {
            true => (change.to_local(old_s), change.to_local(new_s)),
            false => (change.to_local(new_s), change.to_local(old_s)),
        };
        // Hours that began on evenings before may end in between (rule S4).
        let evenings = Days::new(INTERVAL_DAYS_MAX.into());
        let mut date = first.date().checked_sub_days(evenings).unwrap_or(first.date());
        while date <= last.date() {
            for interval in scheduler.starting_on(date) {
                let (start, end) = scheduler.span(interval.node);
                let (start, end) = (reading(date, start), reading(date, end));
                let begins_in = start >= first && start < last;
                let ends_in = end > first && end <= last;
                if (begins_in || ends_in) && !warned.contains(&interval.span) {
                    warned.push(interval.span);
                    let warning = clock_change_warning(&interval, skips, zone, first, last);
                    warnings.push(warning);
                }
            }
            match date.checked_add_days(Days::new(1)) {
                Some(next) => date = next,
                None => return,
            }
        }
    }
}

fn reading(date: NaiveDate, minute: u16) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minute.into())
}

fn clock_change_warning(
    interval: &Spanned<Interval>,
    skips: bool,
    zone: &Zone,
    first: NaiveDateTime,
    last: NaiveDateTime,
) -> Diagnostic {
    let what = if skips { "skips" } else { "doubles" };
    Diagnostic::new(
        interval.span,
        format!("a clock change {what} part of these hours on {}", write_date(first.date())),
        format!(
            "in {} the clock {} {} to {}",
            zone.name(),
            if skips { "jumps over" } else { "reads twice" },
            write_local(first),
            write_local(last)
        ),
    )
    .code(Code::ClockChange)
    .help("rule S2: hours in a skipped hour do not happen, in a repeated hour they happen twice")
}
