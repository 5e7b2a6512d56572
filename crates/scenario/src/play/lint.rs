//! What is allowed and probably not meant.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chrono::{Datelike, Days, NaiveDate, Timelike};

use super::outputs::Options;
use super::picture::DrawnWidget;
use super::run::run;
use super::verdict::Verdict;
use crate::language::ast::{
    BlockLine, Declares, Document, Every, HoursLine, HoursOn, Line, Part, SetChange, SettingLine,
};
use crate::language::diagnostic::Diagnostic;
use crate::language::parse;
use crate::language::span::{Span, Spanned};
use lamplighter_core::hours::{Zone, Zones, names};
use lamplighter_core::model::text::{write_date, write_local};
use lamplighter_core::model::{
    Chat, DAY_MINUTES, Dates, INTERVAL_DAYS_MAX, Instant, Interval, Millis, SchedulerState,
    Setting, SettingName, week_of,
};

/// How far ahead clock changes are looked for: from one to the same of the next year it can be a
/// year and a week.
const HORIZON: Millis = Millis(373 * 86_400_000);

/// Reads a scenario, plays it without judging it, and gives its verdict (whose failures mean
/// nothing) with the warnings. `today` is for scenarios that do not say when they play.
pub fn lint(
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
    today: Instant,
) -> (Verdict, Vec<Diagnostic>) {
    let options = Options { picture: true, ..Options::default() };
    let verdict = run(path, bytes, zones, options, &AtomicBool::new(false));
    let document = parse(bytes).document;
    let mut warnings = Vec::new();
    without_members(&document, &mut warnings);
    stars(&document, &mut warnings);
    let start = verdict.run.map_or(today, |run| run.first);
    let year = start.checked_add(HORIZON).unwrap_or(Instant::MAX);
    let end = verdict.run.map_or(year, |run| run.last.max(year));
    for scheduler in schedulers(&document) {
        let Ok(zone) = zones.get(scheduler.zone) else { continue };
        minute_gaps(&scheduler, &mut warnings);
        clock_changes(&scheduler, &zone, (start, end), &mut warnings);
        past_dates(&scheduler, zone.local(start).date(), &mut warnings);
        if let Some(widget) = &scheduler.widget {
            nobody_present(&scheduler, widget, &zone, &verdict, &mut warnings);
        }
    }
    warnings.sort_by_key(|warning| warning.span);
    (verdict, warnings)
}

/// A scheduler as written: in a block, or by `set`.
struct Written<'a> {
    zone: &'a str,
    lines: Vec<&'a HoursLine>,
    /// The widget that has these hours all along; `None` where they change during the run.
    widget: Option<String>,
}

impl Written<'_> {
    /// The intervals that start on a date (rule S5), as written.
    fn starting_on(&self, date: NaiveDate) -> Vec<Spanned<Interval>> {
        let mut dated =
            self.lines.iter().rev().filter(
                |line| matches!(&line.on.node, HoursOn::Dates(dates) if names(dates, date)),
            );
        let weekday = |every: bool| {
            let mut lines = self.lines.iter();
            lines.find(|line| {
                is_for_weekday(line, date)
                    && line.every.is_some() == every
                    && line.every.is_none_or(|line| is_turn(line.node, date))
            })
        };
        let line = dated.next().or_else(|| weekday(true)).or_else(|| weekday(false));
        line.map(|line| line.intervals.clone()).unwrap_or_default()
    }
}

/// Whether the week of a date is one of those that take this turn (rule S9).
fn is_turn(Every { weeks, from }: Every, date: NaiveDate) -> bool {
    (week_of(date) - week_of(from)) % i64::from(weeks) == 0
}

fn is_for_weekday(line: &HoursLine, date: NaiveDate) -> bool {
    let day = date.weekday().num_days_from_monday();
    match &line.on.node {
        HoursOn::Daily => true,
        HoursOn::Dates(_) | HoursOn::Cut(_) => false,
        HoursOn::Days(ranges) => ranges.iter().any(|range| {
            let (first, last) = range.node;
            let (first, last) = (first.num_days_from_monday(), last.num_days_from_monday());
            (day + 7 - first) % 7 <= (last + 7 - first) % 7
        }),
    }
}

fn schedulers(document: &Document) -> Vec<Written<'_>> {
    let mut found = Vec::new();
    let mut changed: Vec<&str> = Vec::new();
    for part in &document.parts {
        let Part::At(block) = part else { continue };
        for line in &block.lines {
            let Line::Set(set) = &line.node else { continue };
            match &set.change {
                SetChange::To(line, lines) => {
                    if let Some(zone) = zone_of(line) {
                        let lines = lines.iter().map(|line| &line.node).collect();
                        found.push(Written { zone, lines, widget: None });
                        changed.push(&set.widget.node);
                    }
                }
                SetChange::Off(SettingName::Scheduler) => changed.push(&set.widget.node),
                SetChange::Off(_) => {}
            }
        }
    }
    for block in &document.blocks {
        let (Declares::Property(name) | Declares::Widget(name)) = &block.declares;
        let zone = block.lines.iter().find_map(|line| match &line.node {
            BlockLine::Setting(line) => zone_of(line),
            _ => None,
        });
        let Some(zone) = zone else { continue };
        let lines = block.lines.iter().filter_map(|line| match &line.node {
            BlockLine::Hours(hours) => Some(hours),
            _ => None,
        });
        let widget = (!changed.contains(&name.node.as_str())).then(|| name.node.clone());
        found.push(Written { zone, lines: lines.collect(), widget });
    }
    found
}

/// The zone of a scheduler that is set.
fn zone_of(line: &SettingLine) -> Option<&str> {
    match &line.setting {
        Setting::Scheduler(scheduler) => scheduler.as_ref().map(|scheduler| &*scheduler.zone),
        _ => None,
    }
}

fn without_members(document: &Document, warnings: &mut Vec<Diagnostic>) {
    for block in &document.blocks {
        let Declares::Property(name) = &block.declares else { continue };
        if !block.lines.iter().any(|line| matches!(line.node, BlockLine::Members(_))) {
            warnings.push(
                Diagnostic::new(
                    name.span,
                    format!("property `{}` has no members", name.node),
                    "nobody can ever be present (rule P5)",
                )
                .help("name them in a `members` line"),
            );
        }
    }
}

/// A star within a segment looks like a wildcard and is none.
fn stars(document: &Document, warnings: &mut Vec<Diagnostic>) {
    for line in document.blocks.iter().flat_map(|block| &block.lines) {
        let BlockLine::Setting(SettingLine { setting: Setting::Pages(_, patterns), value }) =
            &line.node
        else {
            continue;
        };
        // Where one is at fault, nothing tells which of the words are the others.
        let sound = patterns.len() == value.len();
        for (pattern, span) in patterns.iter().zip(value).filter(|_| sound) {
            let path = pattern.as_str().split(['?', '#']).next().unwrap_or_default();
            if path.split('/').any(|segment| segment.len() > 1 && segment.contains('*')) {
                warnings.push(
                    Diagnostic::new(
                        *span,
                        "a star within a segment is no wildcard",
                        "rule V1: `*` stands for a whole segment, or for itself",
                    )
                    .help("write the star as a segment of its own, as in `/shop/*`"),
                );
            }
        }
    }
}

/// Ends that leave out one minute, because they are taken for the last minute that is open.
fn minute_gaps(scheduler: &Written<'_>, warnings: &mut Vec<Diagnostic>) {
    for line in &scheduler.lines {
        for interval in &line.intervals {
            let end = interval.node.end_minute();
            let is_dated = matches!(line.on.node, HoursOn::Dates(_));
            // Past midnight another day's hours follow, not those of the same line; and a cut may
            // leave a minute as it likes.
            if interval.node.runs_past_midnight() && is_dated
                || matches!(line.on.node, HoursOn::Cut(_))
            {
                continue;
            }
            let before_midnight = end == DAY_MINUTES - 1;
            let before_another =
                line.intervals.iter().any(|other| other.node.start_minute() == end + 1);
            if before_midnight || before_another {
                let then = if before_midnight { "24:00" } else { &clock(end + 1) };
                warnings.push(
                    Diagnostic::new(
                        interval.span,
                        format!("the minute {} is left out", clock(end)),
                        "rule S3: at the end minute it is not open any more",
                    )
                    .help(format!("to be open through that minute, end at `{then}`")),
                );
            }
        }
    }
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Hours that begin or end where a clock change skips or doubles the wall clock's readings.
fn clock_changes(
    scheduler: &Written<'_>,
    zone: &Zone,
    (from, to): (Instant, Instant),
    warnings: &mut Vec<Diagnostic>,
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
        let mut date = first.date();
        while date <= last.date() {
            for interval in scheduler.starting_on(date) {
                let (start, end) = interval.node.span();
                let (start, end) = (reading(date, start), reading(date, end));
                let begins_in = start >= first && start < last;
                let ends_in = end > first && end <= last;
                if (begins_in || ends_in) && !warned.contains(&interval.span) {
                    warned.push(interval.span);
                    warnings.push(clock_change_warning(&interval, skips, zone, date, first, last));
                }
            }
            match date.checked_add_days(Days::new(1)) {
                Some(next) => date = next,
                None => return,
            }
        }
    }
}

fn reading(date: NaiveDate, minute: u16) -> chrono::NaiveDateTime {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    midnight + chrono::TimeDelta::minutes(minute.into())
}

fn clock_change_warning(
    interval: &Spanned<Interval>,
    skips: bool,
    zone: &Zone,
    date: NaiveDate,
    first: chrono::NaiveDateTime,
    last: chrono::NaiveDateTime,
) -> Diagnostic {
    let what = if skips { "skips" } else { "doubles" };
    Diagnostic::new(
        interval.span,
        format!("a clock change {what} part of these hours on {}", write_date(date)),
        format!(
            "in {} the clock {} {} to {}",
            zone.name(),
            if skips { "jumps over" } else { "reads twice" },
            write_local(first),
            write_local(last)
        ),
    )
    .help("rule S2: hours in a skipped hour do not happen, in a repeated hour they happen twice")
}

fn past_dates(scheduler: &Written<'_>, first: NaiveDate, warnings: &mut Vec<Diagnostic>) {
    for line in &scheduler.lines {
        let (HoursOn::Dates(dates) | HoursOn::Cut(dates)) = line.on.node else { continue };
        let (Dates::On(last) | Dates::Range(_, last)) = dates else { continue };
        // An interval past midnight may still run on the days after.
        let days = line.intervals.iter().map(|interval| interval.node.end_day()).max();
        let runs_on = Days::new(days.unwrap_or(0).max(1).into());
        if last.checked_add_days(runs_on).is_some_and(|after| after < first) {
            warnings.push(Diagnostic::new(
                line.on.span,
                format!("{dates} is past"),
                format!("the run begins on {}", write_date(first)),
            ));
        }
    }
}

/// Hours that came by during the run, once or more, always without anyone present.
fn nobody_present(
    scheduler: &Written<'_>,
    widget: &str,
    zone: &Zone,
    verdict: &Verdict,
    warnings: &mut Vec<Diagnostic>,
) {
    let rows = verdict.picture.iter().flat_map(|picture| &picture.widgets);
    let Some((_, shown)) =
        rows.into_iter().find(|(id, _)| verdict.roster.widgets.name(*id) == widget)
    else {
        return;
    };
    // By interval as written: how often it came by, and how often someone was there.
    let mut met: BTreeMap<Span, (u32, u32)> = BTreeMap::new();
    for Period { from, someone, whole } in open_periods(shown) {
        let local = zone.local(from);
        let minute = (local.hour() * 60 + local.minute()) as u16;
        let under_way = (0..=u16::from(INTERVAL_DAYS_MAX)).find_map(|days_ago| {
            let date = local.date().checked_sub_days(Days::new(days_ago.into()))?;
            let minute = days_ago * DAY_MINUTES + minute;
            scheduler.starting_on(date).into_iter().find(|interval| {
                let (start, end) = interval.node.span();
                start <= minute && minute < end
            })
        });
        if let Some(interval) = under_way {
            let (times, present) = met.entry(interval.span).or_default();
            *times += u32::from(whole);
            *present += u32::from(someone);
        }
    }
    for (span, (times, present)) in met {
        if present == 0 && times > 0 {
            let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
            warnings.push(
                Diagnostic::new(
                    span,
                    "nobody has ever been present in these hours",
                    format!("they came by {times} during the run"),
                )
                .help("a visitor waits for nobody: does someone work then?"),
            );
        }
    }
}

/// A time during which hours were open.
struct Period {
    from: Instant,
    /// Whether someone was present at any time of it.
    someone: bool,
    /// Whether the run saw it from its beginning to its end.
    whole: bool,
}

fn open_periods(shown: &[(Instant, DrawnWidget)]) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    let mut current: Option<Period> = None;
    for (index, (at, now)) in shown.iter().enumerate() {
        if now.scheduler != SchedulerState::Open {
            periods.extend(current.take());
            continue;
        }
        let someone = now.answer.chat == Chat::Possible;
        let period = current.get_or_insert(Period { from: *at, someone, whole: index > 0 });
        period.someone |= someone;
    }
    // The run ended within it.
    periods.extend(current.map(|period| Period { whole: false, ..period }));
    periods
}
