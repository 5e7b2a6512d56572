//! A scheduler as a JSON document: the lines of hours of the scenario language under the same words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::once::read_once;
use super::problem::InvalidField;
use super::text::{Date, Day};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::text::every_weeks_expected;
use lamplighter_core::model::{
    Calendar, Cut, DatedEntry, Dates, EVERY_WEEKS, EveryWeeks, Interval, Scheduler, WeekHours,
    Weekdays,
};
use lamplighter_scenario::language::calendar;

/// A scheduler that is on (rules S1 to S10).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SchedulerDocument {
    /// The IANA zone whose wall clock the hours are read by (rule S2), or a fixed offset such as
    /// `+05:30` (rule S10).
    pub timezone: String,
    /// The intervals that start on each weekday; a day that is left out is closed (rule S3).
    #[serde(default, deserialize_with = "read_once")]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, Vec<String>>))]
    pub hours: BTreeMap<Day, Vec<Interval>>,
    /// Hours of weekdays in every n-th week (rule S9).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub every: Vec<EveryDocument>,
    /// Dates whose own hours replace the weekday's; none means closed (rules S5, S7). An object, or an
    /// array of `{"dates": …, "hours": […]}` in which a calendar can stand as `{"ics": …}`; of several
    /// that name a date the last one counts.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, Vec<String>>))]
    pub dates: DatesDocument,
    /// What is closed on some dates whatever else is said of them (rule S8).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<CutDocument>,
}

/// Hours of weekdays in every n-th week (rule S9).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EveryDocument {
    /// The weekdays: `sat`, `mon-fri`, `mon,wed-fri` or `daily`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub days: Weekdays,
    /// The intervals that start on those days; none means closed.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub hours: Vec<Interval>,
    /// After how many weeks they come again: 2 to 53.
    pub weeks: u8,
    /// A date in one of those weeks, which begin on Monday.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub from: Date,
}

/// What is cut out of some dates (rule S8).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CutDocument {
    /// The dates on which it is closed, such as `2026-12-24` or `*-12-24`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub dates: Dates,
    /// From when to when it is closed on each of them.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub hours: Vec<Interval>,
}

/// The dated entries in their order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DatesDocument(pub Vec<DateDocument>);

/// A dated entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged, try_from = "EntryForms")]
pub enum DateDocument {
    /// Dates with hours of their own.
    Hours(DatedDocument),
    /// The closed dates and the cuts of a calendar.
    Calendar(CalendarDocument),
}

/// Both forms as they are read, so that what is wrong is told of its own member.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryForms {
    dates: Option<Dates>,
    hours: Option<Vec<Interval>>,
    ics: Option<String>,
}

impl TryFrom<EntryForms> for DateDocument {
    type Error = &'static str;

    fn try_from(forms: EntryForms) -> Result<Self, Self::Error> {
        match forms {
            EntryForms { dates: Some(dates), hours: Some(hours), ics: None } => {
                Ok(Self::Hours(DatedDocument { dates, hours }))
            }
            EntryForms { dates: None, hours: None, ics: Some(ics) } => {
                Ok(Self::Calendar(CalendarDocument { ics }))
            }
            EntryForms { ics: Some(_), .. } => Err("say `dates` and `hours`, or `ics`, not both"),
            EntryForms { dates: Some(_), .. } => {
                Err("`hours` is missing: `[]` for dates that are closed")
            }
            EntryForms { hours: Some(_), .. } => Err("`dates` is missing"),
            _ => Err("say `dates` and `hours`, or `ics`"),
        }
    }
}

/// Dates with hours of their own (rules S5, S7).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DatedDocument {
    /// The dates, such as `2026-12-25`, `*-12-24..*-01-01`, `4th-thu-nov` or `easter-2d`.
    pub dates: Dates,
    /// The intervals that start on each of them; none means closed.
    pub hours: Vec<Interval>,
}

/// A calendar (RFC 5545).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CalendarDocument {
    /// The text of the calendar: events of whole days are closed dates, those with times are cuts.
    pub ics: String,
}

/// The object of today where texts and hours are all there is, else the array.
impl Serialize for DatesDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let plain: Option<Vec<&DatedDocument>> = self
            .0
            .iter()
            .map(|entry| match entry {
                DateDocument::Hours(dated) => Some(dated),
                DateDocument::Calendar(_) => None,
            })
            .collect();
        match plain {
            Some(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for DatedDocument { dates, hours } in entries {
                    map.serialize_entry(dates, hours)?;
                }
                map.end()
            }
            None => {
                let mut list = serializer.serialize_seq(Some(self.0.len()))?;
                for entry in &self.0 {
                    list.serialize_element(entry)?;
                }
                list.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for DatesDocument {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct DatesVisitor;

        impl<'de> Visitor<'de> for DatesVisitor {
            type Value = DatesDocument;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of dates with their hours, or an array of them")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DatesDocument, A::Error> {
                let mut entries = Entries::default();
                while let Some(dates) = map.next_key()? {
                    let hours = map.next_value()?;
                    let entry = DateDocument::Hours(DatedDocument { dates, hours });
                    entries.add(entry).map_err(A::Error::custom)?;
                }
                Ok(DatesDocument(entries.all))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<DatesDocument, A::Error> {
                let mut entries = Entries::default();
                while let Some(entry) = list.next_element()? {
                    entries.add(entry).map_err(A::Error::custom)?;
                }
                Ok(DatesDocument(entries.all))
            }
        }

        from.deserialize_any(DatesVisitor)
    }
}

/// Entries as they are read: the same words twice are a fault.
#[derive(Default)]
struct Entries {
    all: Vec<DateDocument>,
    known: BTreeSet<Dates>,
}

impl Entries {
    fn add(&mut self, entry: DateDocument) -> Result<(), String> {
        if let DateDocument::Hours(DatedDocument { dates, .. }) = &entry
            && !self.known.insert(*dates)
        {
            return Err(format!("{dates} is set twice: write all its hours in one entry"));
        }
        self.all.push(entry);
        Ok(())
    }
}

impl SchedulerDocument {
    /// What a scheduler is, as a document.
    pub fn of(scheduler: &Scheduler) -> Self {
        let Scheduler { zone, hours: WeekHours { weekdays, every, dates, cuts } } = scheduler;
        let days = weekdays.iter().enumerate();
        let every = every.iter().map(|EveryWeeks { days, hours, weeks, from }| EveryDocument {
            days: *days,
            hours: hours.clone(),
            weeks: *weeks,
            from: Date(*from),
        });
        let entries = dates.entries().iter().map(|entry| match entry {
            DatedEntry::Hours(dates, hours) => {
                DateDocument::Hours(DatedDocument { dates: *dates, hours: hours.clone() })
            }
            DatedEntry::Calendar(calendar) => {
                DateDocument::Calendar(CalendarDocument { ics: calendar.text.clone() })
            }
        });
        let cuts = cuts.iter().map(|Cut { dates, intervals }| CutDocument {
            dates: *dates,
            hours: intervals.clone(),
        });
        Self {
            timezone: zone.clone(),
            hours: days.map(|(day, list)| (Day(day), list.clone())).collect(),
            every: every.collect(),
            dates: DatesDocument(entries.collect()),
            cuts: cuts.collect(),
        }
    }

    /// The scheduler, its calendars as texts alone.
    pub fn read(&self) -> Scheduler {
        let mut hours = WeekHours::default();
        for (day, list) in &self.hours {
            hours.weekdays[day.0] = list.clone();
        }
        hours.every.extend(self.every.iter().map(|line| EveryWeeks {
            days: line.days,
            hours: line.hours.clone(),
            weeks: line.weeks,
            from: line.from.0,
        }));
        for entry in &self.dates.0 {
            match entry {
                DateDocument::Hours(dated) => {
                    hours.dates.insert(dated.dates, dated.hours.clone());
                }
                DateDocument::Calendar(CalendarDocument { ics }) => {
                    let calendar = Calendar { text: ics.clone(), ..Calendar::default() };
                    hours.dates.insert_calendar(Arc::new(calendar));
                }
            }
        }
        let cuts = self.cuts.iter();
        hours.cuts.extend(cuts.map(|cut| Cut { dates: cut.dates, intervals: cut.hours.clone() }));
        Scheduler { zone: self.timezone.clone(), hours }
    }
}

/// What a scheduler cannot say, though each of its parts can be said.
///
/// # Errors
/// The first thing that is wrong: weeks that are no turn, lines that name the same week, a cut of
/// nothing.
pub fn check(scheduler: &Scheduler) -> Result<(), InvalidField> {
    let wrong = |field: String, detail: String| Err(InvalidField { field, detail });
    let every = &scheduler.hours.every;
    for (place, line) in every.iter().enumerate() {
        let field = |member: &str| format!("scheduler.every[{place}].{member}");
        if !EVERY_WEEKS.contains(&line.weeks) {
            return wrong(field("weeks"), every_weeks_expected());
        }
        let meets = |other: &&EveryWeeks| {
            line.days.iter().any(|day| other.days.contains(day)) && line.meets(other)
        };
        if let Some(other) = every[..place].iter().find(meets) {
            let detail = format!(
                "rule S9: it names the same week as the line from {}; begin one of them in another \
                 week, or write all hours in one",
                other.from
            );
            return wrong(field("from"), detail);
        }
    }
    match scheduler.hours.cuts.iter().position(|cut| cut.intervals.is_empty()) {
        Some(place) => wrong(
            format!("scheduler.cuts[{place}].hours"),
            "rule S8: a cut has hours; dates that are closed stand in `dates`".to_owned(),
        ),
        None => Ok(()),
    }
}

/// Works out the calendars of a scheduler, which has their texts alone.
///
/// # Errors
/// When one is no calendar that can be taken.
pub fn read_calendars(scheduler: &mut Scheduler, zones: &Zones) -> Result<(), InvalidField> {
    let invalid = |detail: String| InvalidField { field: "scheduler.dates".to_owned(), detail };
    for calendar in scheduler.hours.dates.calendars_mut() {
        let zone = zones.get(&scheduler.zone).map_err(|error| invalid(error.to_string()))?;
        let read = calendar::read(&calendar.text, &zone, zones);
        *calendar = Arc::new(read.map_err(|error| invalid(format!("the calendar's {error}")))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{from_str, to_string};

    use super::*;

    fn scheduler(members: &str) -> Result<SchedulerDocument, String> {
        let text = format!(r#"{{"timezone":"Europe/Berlin"{members}}}"#);
        from_str(&text).map_err(|error| error.to_string())
    }

    #[test]
    fn dates_keep_their_order_in_the_form_that_they_came_in() {
        for (said, given) in [
            (
                r#","dates":{"*-12-25":[],"2026-12-24":["09:00-12:00"]}"#,
                r#""dates":{"*-12-25":[],"2026-12-24":["09:00-12:00"]}"#,
            ),
            // An array says the same, and is told as the object that it can be.
            (
                r#","dates":[{"dates":"last-mon-may","hours":[]},{"dates":"easter-2d","hours":[]}]"#,
                r#""dates":{"last-mon-may":[],"easter-2d":[]}"#,
            ),
            (
                r#","cuts":[{"dates":"2026-06-19","hours":["13:00-16:00"]}],
                   "every":[{"days":"sat","hours":["09:00-12:00"],"weeks":2,"from":"2026-01-03"}]"#,
                r#""every":[{"days":"sat","hours":["09:00-12:00"],"weeks":2,"from":"2026-01-03"}],"dates":{},"cuts":[{"dates":"2026-06-19","hours":["13:00-16:00"]}]"#,
            ),
        ] {
            let document = scheduler(said).expect(said);
            let again = SchedulerDocument::of(&document.read());
            let text = to_string(&again).expect("a document");
            assert!(text.contains(given), "{said}: {text}");
        }
    }

    #[test]
    fn a_calendar_stands_among_the_dates_and_is_given_back_as_it_came() {
        let said = r#","dates":[{"ics":"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261225\nEND:VEVENT\nEND:VCALENDAR"},{"dates":"2026-12-25","hours":["10:00-12:00"]}]"#;
        let document = scheduler(said).expect(said);
        let mut read = document.read();
        read_calendars(&mut read, &Zones::bundled()).expect("a calendar");
        let DatedEntry::Calendar(calendar) = &read.hours.dates.entries()[0] else {
            panic!("the calendar comes first")
        };
        assert_eq!(calendar.closed.len(), 1);
        assert_eq!(SchedulerDocument::of(&read).dates, document.dates);
        let mut broken = scheduler(r#","dates":[{"ics":"hello"}]"#).expect("a text").read();
        let error = read_calendars(&mut broken, &Zones::bundled()).expect_err("no calendar");
        assert_eq!(error.field, "scheduler.dates");
    }

    #[test]
    fn what_cannot_be_is_named() {
        let twice = r#","dates":[{"dates":"*-12-25","hours":[]},{"dates":"*-12-25","hours":[]}]"#;
        assert!(scheduler(twice).is_err_and(|error| error.contains("*-12-25 is set twice")));
        for (said, field) in [
            (r#","cuts":[{"dates":"2026-12-24","hours":[]}]"#, "scheduler.cuts[0].hours"),
            (
                r#","every":[{"days":"sat","hours":[],"weeks":54,"from":"2026-01-03"}]"#,
                "scheduler.every[0].weeks",
            ),
            (
                r#","every":[{"days":"sat","hours":[],"weeks":2,"from":"2026-01-03"},
                             {"days":"fri-sun","hours":[],"weeks":4,"from":"2026-01-17"}]"#,
                "scheduler.every[1].from",
            ),
        ] {
            let error = check(&scheduler(said).expect(said).read()).expect_err(said);
            assert_eq!(error.field, field, "{said}");
        }
    }
}
