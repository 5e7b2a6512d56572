//! Setting lines into settings.

use std::sync::Arc;

use super::super::ast::{HoursLine, HoursOn, SettingLine};
use super::super::diagnostic::{Diagnostic, any_of};
use super::super::span::{Span, Spanned};
use lamplighter_core::hours::{UnknownZone, Zones};
use lamplighter_core::model::text::{weekday_word, write_date};
use lamplighter_core::model::{Interval, Scheduler, Setting, WeekHours};

/// A zone that the release does not know.
pub fn unknown_zone(span: Span, error: &UnknownZone) -> Diagnostic {
    if error.nearest.contains(&error.name) {
        let message = format!("the zone file of `{}` is damaged", error.name);
        return Diagnostic::new(span, message, "it cannot be read as a compiled zone file (TZif)");
    }
    let nearest = any_of(error.nearest.iter().map(String::as_str));
    Diagnostic::new(
        span,
        format!("there is no time zone `{}`", error.name),
        format!("not a zone or link of the IANA database ({})", error.release),
    )
    .help(format!("did you mean {nearest}?"))
}

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
            diagnostics.push(unknown_zone(line.last(), &error));
            return None;
        }
    }
    Some(line.setting.clone())
}

/// Lines of hours put together; a weekday or a date set twice is a fault.
#[derive(Default)]
pub struct HoursBuilder {
    hours: WeekHours,
    weekdays_set: [bool; 7],
}

impl HoursBuilder {
    /// Adds a line.
    pub fn add(&mut self, line: &HoursLine, diagnostics: &mut Vec<Diagnostic>) {
        let intervals: Vec<Interval> = line.intervals.iter().map(|i| i.node).collect();
        match &line.on.node {
            HoursOn::Daily => {
                (0..7).for_each(|day| self.set(day, &intervals, line.on.span, diagnostics))
            }
            HoursOn::Days(ranges) => {
                for Spanned { node: (first, last), span } in ranges {
                    let first = first.num_days_from_monday() as usize;
                    let count = (last.num_days_from_monday() as usize + 7 - first) % 7 + 1;
                    for day in first..first + count {
                        self.set(day % 7, &intervals, *span, diagnostics);
                    }
                }
            }
            HoursOn::Date(date) => {
                if self.hours.dates.insert(*date, intervals).is_some() {
                    let date = write_date(*date);
                    diagnostics.push(
                        Diagnostic::new(
                            line.on.span,
                            format!("{date} is set twice"),
                            "a date can be set once",
                        )
                        .help("write all its hours in one line"),
                    );
                }
            }
        }
    }

    fn set(
        &mut self,
        day: usize,
        hours: &[Interval],
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if std::mem::replace(&mut self.weekdays_set[day], true) {
            let weekday = chrono::Weekday::try_from(day as u8).map_or("", weekday_word);
            let message = format!("{weekday} is set twice");
            // A range that repeats several days is one fault.
            if diagnostics.last().is_none_or(|last| last.span != span) {
                diagnostics.push(
                    Diagnostic::new(span, message, "a weekday can be set once")
                        .help("write all its hours in one line"),
                );
            }
            return;
        }
        self.hours.weekdays[day] = hours.to_vec();
    }

    /// A scheduler with these hours.
    pub fn finish(self, scheduler: &Scheduler) -> Setting {
        let scheduler = Scheduler { zone: scheduler.zone.clone(), hours: self.hours };
        Setting::Scheduler(Some(Arc::new(scheduler)))
    }
}
