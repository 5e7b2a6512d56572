//! Hours by asking the wall clock: through chrono-tz by hand, and by the `opening-hours` crate.

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Tz;
use opening_hours::localization::TzLocation;
use opening_hours::{Context, OpeningHours};

use crate::fleet::{self, Schedules};

/// An instant as chrono has it.
pub fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).expect("in range")
}

/// Hours by the wall clock of a zone.
pub struct Hours {
    pub zone: Tz,
    /// For each weekday from Monday, `[start, end)` in minutes.
    pub weekdays: [Vec<(u16, u16)>; 7],
}

impl Hours {
    pub fn of(index: usize, schedules: Schedules) -> Self {
        let zone = fleet::zone(index).parse().expect("a zone");
        Self { zone, weekdays: fleet::weekdays(index, schedules) }
    }

    /// Asks the wall clock.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        let local = at.with_timezone(&self.zone);
        let minute = (local.hour() * 60 + local.minute()) as u16;
        let today = &self.weekdays[local.weekday().num_days_from_monday() as usize];
        today.iter().any(|&(start, end)| start <= minute && minute < end)
    }
}

/// Hours of the crate `opening-hours`, with a zone.
pub type Peer = OpeningHours<TzLocation<Tz>>;

/// The hours of a property, each of which has its own, as an expression of OpenStreetMap.
pub fn peer(index: usize) -> Peer {
    let days = fleet::weekdays(index, Schedules::Different);
    let span = |day: usize| {
        let (start, end) = days[day][0];
        let time = |minute| format!("{:02}:{:02}", minute / 60, minute % 60);
        format!("{}-{}", time(start), time(end))
    };
    let hours: OpeningHours = format!("Mo-Fr {}; Sa {}", span(0), span(5)).parse().expect("hours");
    let zone = fleet::zone(index).parse().expect("a zone");
    hours.with_context(Context::default().with_locale(TzLocation::new(zone)))
}
