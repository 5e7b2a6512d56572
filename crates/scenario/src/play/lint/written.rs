//! Schedulers and settings as written, in blocks and behind `set`.

use chrono::{Datelike, NaiveDate};

use crate::language::ast::{
    Block, BlockLine, Declares, Document, Every, HoursLine, HoursOn, Line, Part, SetChange,
    SettingLine,
};
use crate::language::span::{Span, Spanned};
use lamplighter_core::hours::names;
use lamplighter_core::model::knobs::{EndMinute, Overnight};
use lamplighter_core::model::{DAY_MINUTES, Interval, RuleSet, Setting, SettingName, week_of};

/// A scheduler as written: in a block, or by `set`.
pub struct Written<'a> {
    /// The name of its zone.
    pub zone: &'a str,
    /// Where that name stands.
    pub zone_span: Span,
    /// Its lines of hours, in their order.
    pub lines: Vec<&'a HoursLine>,
    /// The widget that has these hours all along; `None` where they change during the run.
    pub widget: Option<String>,
    /// Whether the lines are the widget's own, and not taken from another by `scheduler as`.
    pub is_own: bool,
    /// The rules by which it is read.
    pub rules: &'a RuleSet,
}

impl Written<'_> {
    /// Whether an interval ever opens (rule S4 and the knob `overnight`).
    pub fn opens(&self, interval: Interval) -> bool {
        let wraps = interval.runs_past_midnight() && interval.days() == 0;
        !wraps || self.rules.overnight == Overnight::Wraps
    }

    /// The minute at which an interval opens and the first one that is closed again (rule S3 and the knob
    /// `end_minute`), both counted from the midnight with which its day begins.
    pub fn span(&self, interval: Interval) -> (u16, u16) {
        let (start, end) = interval.span();
        // No clock reads 24:00, and so its minute is never open.
        let is_longer =
            self.rules.end_minute == EndMinute::Open && interval.end_minute() != DAY_MINUTES;
        (start, end + u16::from(is_longer))
    }

    /// The intervals that start on a date (rule S5) and open, as written.
    pub fn starting_on(&self, date: NaiveDate) -> Vec<Spanned<Interval>> {
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
        let intervals = line.into_iter().flat_map(|line| &line.intervals);
        intervals.filter(|interval| self.opens(interval.node)).copied().collect()
    }

    /// The lines of hours that it can be open in: all but cuts.
    pub fn open_lines(&self) -> impl Iterator<Item = &&HoursLine> {
        self.lines.iter().filter(|line| !matches!(line.on.node, HoursOn::Cut(_)))
    }

    /// Whether a cut (rule S8) closes the first minutes of a date, up to one.
    pub fn cuts(&self, date: NaiveDate, until_minute: u16) -> bool {
        self.lines.iter().any(|line| match &line.on.node {
            HoursOn::Cut(dates) if names(dates, date) => line.intervals.iter().any(|interval| {
                let (start, end) = interval.node.span();
                start == 0 && end >= until_minute
            }),
            _ => false,
        })
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
        HoursOn::Dates(_) | HoursOn::Cut(_) | HoursOn::Calendar(_) => false,
        HoursOn::Days(ranges) => ranges.iter().any(|range| {
            let (first, last) = range.node;
            let (first, last) = (first.num_days_from_monday(), last.num_days_from_monday());
            (day + 7 - first) % 7 <= (last + 7 - first) % 7
        }),
    }
}

/// Every scheduler of a file: those of `set` lines first, then those of blocks.
pub fn schedulers<'a>(document: &'a Document, rules: &'a RuleSet) -> Vec<Written<'a>> {
    let mut found = Vec::new();
    let mut changed: Vec<&str> = Vec::new();
    for set in sets(document) {
        match &set.change {
            SetChange::To(line, lines) => {
                if let Some(zone) = zone_of(line) {
                    let lines = lines.iter().map(|line| &line.node).collect();
                    let zone_span = line.whole();
                    found.push(Written {
                        zone,
                        zone_span,
                        lines,
                        widget: None,
                        is_own: true,
                        rules,
                    });
                    changed.push(&set.widget.node);
                }
            }
            // What is taken over is looked at where it is declared.
            SetChange::SchedulerAs(_) => changed.push(&set.widget.node),
            SetChange::Off(SettingName::Scheduler) => changed.push(&set.widget.node),
            SetChange::Off(_) => {}
        }
    }
    for (place, block) in document.blocks.iter().enumerate() {
        let (from, is_own) = declared_at(document, place);
        let zone = document.blocks[from].lines.iter().find_map(|line| match &line.node {
            BlockLine::Setting(line) => Some((zone_of(line)?, line.whole())),
            _ => None,
        });
        let Some((zone, zone_span)) = zone else { continue };
        let lines = document.blocks[from].lines.iter().filter_map(|line| match &line.node {
            BlockLine::Hours(hours) => Some(hours),
            _ => None,
        });
        let name = name_of(block);
        let widget = (!changed.contains(&name)).then(|| name.to_owned());
        found.push(Written { zone, zone_span, lines: lines.collect(), widget, is_own, rules });
    }
    found
}

fn name_of(block: &Block) -> &str {
    let (Declares::Property(name) | Declares::Widget(name)) = &block.declares;
    &name.node
}

/// The block in which the scheduler of a block is written, and whether it is that one itself.
fn declared_at(document: &Document, place: usize) -> (usize, bool) {
    let mut at = place;
    // Each step goes up: a scheduler is taken from a widget declared above.
    while let Some(name) = document.blocks[at].lines.iter().find_map(|line| match &line.node {
        BlockLine::SchedulerAs(name) => Some(&name.node),
        _ => None,
    }) && let Some(above) = document.blocks[..at].iter().position(|b| name_of(b) == name)
    {
        at = above;
    }
    (at, at == place)
}

/// Every setting that a file gives, in blocks and behind `set`.
pub fn settings(document: &Document) -> impl Iterator<Item = &SettingLine> {
    let in_blocks =
        document.blocks.iter().flat_map(|block| &block.lines).filter_map(|line| match &line.node {
            BlockLine::Setting(line) => Some(line),
            _ => None,
        });
    let set = sets(document).filter_map(|set| match &set.change {
        SetChange::To(line, _) => Some(line),
        SetChange::SchedulerAs(_) | SetChange::Off(_) => None,
    });
    in_blocks.chain(set)
}

/// The lines of all `at` blocks, with where they stand.
pub fn lines(document: &Document) -> impl Iterator<Item = &Spanned<Line>> {
    document.parts.iter().flat_map(|part| match part {
        Part::At(block) => block.lines.as_slice(),
        Part::Replay(_) | Part::Observed(_) => &[],
    })
}

fn sets(document: &Document) -> impl Iterator<Item = &crate::language::ast::Set> {
    lines(document).filter_map(|line| match &line.node {
        Line::Set(set) => Some(set),
        _ => None,
    })
}

/// The zone of a scheduler that is set.
fn zone_of(line: &SettingLine) -> Option<&str> {
    match &line.setting {
        Setting::Scheduler(scheduler) => scheduler.as_ref().map(|scheduler| &*scheduler.zone),
        _ => None,
    }
}
