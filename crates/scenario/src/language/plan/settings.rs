//! Setting lines into settings.

use std::iter::repeat;
use std::sync::Arc;

use super::super::ast::{Every, HoursLine, HoursOn, Name, SettingLine};
use super::super::calendar;
use super::super::code::Code;
use super::super::diagnostic::Diagnostic;
use super::super::rules::ReadFile;
use super::super::span::{Span, Spanned};
use super::super::zones::unknown_zone;
use super::set_again::WeekdayLines;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::text::{WEEKDAYS, write_date};
use lamplighter_core::model::{
    Calendar, Cut, EveryWeeks, Interval, Scheduler, Setting, WeekHours, Weekdays,
};

/// A setting as a line says it; a scheduler needs a zone that is known.
pub fn setting(
    line: &SettingLine,
    zones: &Arc<Zones>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Setting> {
    if let Setting::Scheduler(Some(scheduler)) = &line.setting {
        // An empty name is what is left of a line whose fault is known.
        if scheduler.zone.is_empty() && !diagnostics.is_empty() {
            return None;
        }
        if let Err(error) = zones.get(&scheduler.zone) {
            diagnostics.push(unknown_zone(line.whole(), &error));
            return None;
        }
    }
    Some(line.setting.clone())
}

/// What calendar files are read by.
pub struct Files<'a> {
    /// The zones that they can name.
    pub zones: &'a Zones,
    /// What gives their text.
    pub beside: ReadFile<'a>,
}

/// Lines of hours put together; a weekday or a date set twice is a fault.
#[derive(Default)]
pub struct HoursBuilder {
    hours: WeekHours,
    weekdays_set: [bool; 7],
    weekday_lines: WeekdayLines,
    /// The paths of calendar files, each of which has its place among the entries.
    calendars: Vec<Name>,
}

impl HoursBuilder {
    /// Adds a line.
    pub fn add(&mut self, line: &HoursLine, diagnostics: &mut Vec<Diagnostic>) {
        let intervals: Vec<Interval> = line.intervals.iter().map(|i| i.node).collect();
        match &line.on.node {
            _ if line.every.is_some() => self.every(line, intervals, diagnostics),
            HoursOn::Daily => self.set((0..7).zip(repeat(line.on.span)), line, diagnostics),
            HoursOn::Days(ranges) => {
                let days = ranges.iter().flat_map(|Spanned { node: (first, last), span }| {
                    let first = first.num_days_from_monday() as usize;
                    let count = (last.num_days_from_monday() as usize + 7 - first) % 7 + 1;
                    (first..first + count).map(|day| (day % 7, *span))
                });
                self.set(days, line, diagnostics);
            }
            HoursOn::Dates(dates) => {
                if self.hours.dates.insert(*dates, intervals).is_some() {
                    diagnostics.push(
                        Diagnostic::new(
                            line.on.span,
                            format!("{dates} is set twice"),
                            "a date can be set once",
                        )
                        .code(Code::SetTwice)
                        .help("write all its hours in one line"),
                    );
                }
            }
            HoursOn::Cut(dates) => self.hours.cuts.push(Cut { dates: *dates, intervals }),
            HoursOn::Calendar(path) => {
                self.hours.dates.insert_calendar(Arc::default());
                self.calendars.push(path.clone());
            }
        }
    }

    /// Rule S9: a weekday has one line for each week at most.
    fn every(&mut self, line: &HoursLine, hours: Vec<Interval>, diagnostics: &mut Vec<Diagnostic>) {
        let Some(Spanned { node: Every { weeks, from }, .. }) = line.every else { return };
        let days = weekdays(&line.on.node);
        let new = EveryWeeks { days, hours, weeks, from };
        let meeting = self.hours.every.iter().find_map(|other| {
            let day = days.iter().find(|day| other.days.contains(*day))?;
            new.meets(other).then_some((day, other))
        });
        if let Some((day, other)) = meeting {
            let weekday = WEEKDAYS[day].0;
            diagnostics.push(
                Diagnostic::new(
                    line.on.span,
                    format!("{weekday} has two lines that name the same week"),
                    format!(
                        "rule S9: every {weeks} weeks from {} and every {} weeks from {} meet",
                        write_date(from),
                        other.weeks,
                        write_date(other.from)
                    ),
                )
                .code(Code::SetTwice)
                .help("begin one of them in another week, or write all hours in one line"),
            );
        } else {
            self.hours.every.push(new);
        }
    }

    /// Gives weekdays the hours of a line; those that have some already are one fault together.
    fn set(
        &mut self,
        days: impl Iterator<Item = (usize, Span)>,
        line: &HoursLine,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut again: Vec<(usize, Span)> = Vec::new();
        let days: Vec<(usize, Span)> = days.collect();
        let named: Vec<usize> = days.iter().map(|(day, _)| *day).collect();
        self.weekday_lines.add(named, line);
        for (day, span) in days {
            if std::mem::replace(&mut self.weekdays_set[day], true) {
                again.push((day, span));
            } else {
                self.hours.weekdays[day] = line.intervals.iter().map(|i| i.node).collect();
            }
        }
        if let (Some((_, first)), Some((_, last))) = (again.first(), again.last()) {
            let span = first.to(*last);
            let days: Vec<usize> = again.into_iter().map(|(day, _)| day).collect();
            diagnostics.push(self.weekday_lines.set_again(&days, line, span));
        }
    }

    /// A scheduler with these hours, whose calendar files are read.
    pub fn finish(
        mut self,
        scheduler: &Scheduler,
        files: &Files<'_>,
        diagnostics: &mut Vec<Diagnostic>,
        calendars: &mut Vec<(Name, Arc<Calendar>)>,
    ) -> Setting {
        let Files { zones, beside } = *files;
        for (place, path) in self.hours.dates.calendars_mut().zip(&self.calendars) {
            let read = beside(&path.node).and_then(|text| {
                let zone = zones.get(&scheduler.zone).map_err(|error| error.to_string())?;
                calendar::read(&text, &zone, zones).map_err(|error| error.to_string())
            });
            match read {
                Ok(calendar) => {
                    *place = Arc::new(calendar);
                    calendars.push((path.clone(), Arc::clone(place)));
                }
                Err(why) => diagnostics.push(
                    Diagnostic::new(
                        path.span,
                        format!("the calendar `{}` cannot be read", path.node),
                        why,
                    )
                    .code(Code::UnreadableFile),
                ),
            }
        }
        let scheduler = Scheduler { zone: scheduler.zone.clone(), hours: self.hours };
        Setting::Scheduler(Some(Arc::new(scheduler)))
    }
}

/// The weekdays of a line; none for dates.
fn weekdays(on: &HoursOn) -> Weekdays {
    match on {
        HoursOn::Daily => Weekdays::DAILY,
        HoursOn::Days(ranges) => ranges.iter().fold(Weekdays::default(), |days, range| {
            let (first, last) = range.node;
            days.and(Weekdays::between(first, last))
        }),
        HoursOn::Dates(_) | HoursOn::Cut(_) | HoursOn::Calendar(_) => Weekdays::default(),
    }
}
