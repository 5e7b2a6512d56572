//! Causes and dates as every report writes them.

use chrono::NaiveDate;

use crate::figures::{Cause, Doing};
use lamplighter_scenario::language::{Roster, phrase};

/// A date from days since 1970-01-01.
pub fn date(day: i64) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(i32::try_from(day).ok()?)
}

/// What began a stretch: `ann logs out on laptop`.
pub fn cause(cause: Cause, roster: &Roster) -> String {
    let Cause::Member { agent, device, doing } = cause else {
        return match cause {
            Cause::Beginning => "the report begins",
            Cause::Opened => "the scheduler opens",
            Cause::Closed => "the scheduler closes",
            Cause::Setting | Cause::Member { .. } => "a setting changes",
        }
        .to_owned();
    };
    let name = roster.agents.name(agent);
    let device = device.map(|device| roster.device_name(device));
    let on = device.map_or_else(String::new, |device| format!(" on {device}"));
    match doing {
        Doing::Event(kind, chosen) => phrase(name, kind, chosen.map(|c| (c, None)), device, None),
        Doing::GraceRanOut => format!("the lost connection of {name}{on} runs out"),
        Doing::TimeOver => format!("the time of the status of {name}{on} is over"),
        Doing::Idle => format!("{name} goes away by being idle{on}"),
    }
}
