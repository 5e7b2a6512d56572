//! What is set on properties and widgets, as JSON documents: the settings of the scenario language
//! under the same names, with `_` for `-`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::Problem;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{
    Countries, DeviceKind, Instant, Interval, Millis, NAME_CODE_POINTS_MAX, Scheduler, Setting,
    Settings, WeekHours, WidgetStatus, is_name,
};
use lamplighter_core::pages::Pattern;
use lamplighter_scenario::language as scenario;

/// A text of the scenario language inside a JSON document: read by the language's own rules, and
/// written as the language writes it.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident($inner:ty) read $read:expr, write $write:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub $inner);

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let write: fn(&$inner) -> String = $write;
                serializer.serialize_str(&write(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                let read: fn(&str) -> Result<$inner, String> = $read;
                read(&text).map(Self).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

texts! {
    /// The name of a property, widget, agent or device.
    Name(String) read read_name, write String::clone;
    /// `09:00-17:00` (rules S3, S4).
    Hours(Interval) read scenario::parse_interval_alone, write Interval::to_string;
    /// `2026-12-25` (rule S5).
    Date(NaiveDate)
        read scenario::parse_date_alone, write |date| Instant::write_date(*date);
    /// `mon` to `sun`, as a number from zero.
    Day(usize) read read_day, write |day| day_word(*day).to_owned();
    /// A length of time: `90s`, `1h30m`.
    Length(Millis) read scenario::parse_duration_alone, write Millis::to_string;
    /// ISO 3166-1 alpha-2: two capital letters, not looked up (rule V2).
    Country(String) read read_country, write String::clone;
    /// A page pattern (rule V1).
    PagePattern(String) read read_pattern, write String::clone;
    /// An instant, RFC 3339 with its seconds.
    When(Instant) read scenario::parse_instant_alone, write Instant::to_string;
}

fn read_name(text: &str) -> Result<String, String> {
    match is_name(text) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "`{text}` cannot be a name: names are 1 to {NAME_CODE_POINTS_MAX} letters, marks and \
             digits, `.`, `_`, `-`"
        )),
    }
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn day_word(day: usize) -> &'static str {
    DAYS[day % DAYS.len()]
}

fn read_day(text: &str) -> Result<usize, String> {
    let day = DAYS.iter().position(|day| *day == text);
    day.ok_or_else(|| format!("`{text}` is no weekday: expected `mon` to `sun`"))
}

fn read_country(text: &str) -> Result<String, String> {
    match text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is no country: expected two capital letters, as in `DE`")),
    }
}

fn read_pattern(text: &str) -> Result<String, String> {
    match text.parse::<Pattern>() {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A scheduler that is on (rules S1 to S6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchedulerDocument {
    /// An IANA zone.
    pub timezone: String,
    /// For each weekday the intervals that start on it; a day that is left out is closed.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    pub hours: BTreeMap<Day, Vec<Hours>>,
    /// Dates whose own hours replace the weekday's; none means closed (rule S5).
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    pub dates: BTreeMap<Date, Vec<Hours>>,
}

/// Which pages show a widget (rule V1).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PagesDocument {
    /// Patterns that alone show it; none means every page.
    #[schema(value_type = Vec<String>)]
    pub show: Vec<PagePattern>,
    /// Patterns that hide it.
    #[schema(value_type = Vec<String>)]
    pub hide: Vec<PagePattern>,
}

/// Which countries see a widget (rule V2); an empty list restricts nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CountriesDocument {
    /// These alone.
    #[schema(value_type = Vec<String>)]
    Only(Vec<Country>),
    /// All but these.
    #[schema(value_type = Vec<String>)]
    Except(Vec<Country>),
}

/// The greeting for each status (rule C1).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GreetingsDocument {
    /// While the widget is online.
    pub online: Option<String>,
    /// While it is away.
    pub away: Option<String>,
    /// While it is offline.
    pub offline: Option<String>,
}

/// Declares the document of a property and that of a widget, which are the same but for the members.
macro_rules! documents {
    ($($(#[$attribute:meta])* $field:ident: $type:ty,)*) => {
        /// Everything that is set on a property and its widget of the same name; what is left out
        /// is as it begins.
        #[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct PropertyDocument {
            /// The agents who are members.
            #[schema(value_type = Vec<String>)]
            pub members: Vec<Name>,
            /// Those of the members who do not count (rule P6).
            #[schema(value_type = Vec<String>)]
            pub suspended: Vec<Name>,
            $($(#[$attribute])* pub $field: $type,)*
        }

        /// Everything that is set on a further widget of a property.
        #[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct WidgetDocument {
            $($(#[$attribute])* pub $field: $type,)*
        }

        impl PropertyDocument {
            /// What is set on the property's own widget.
            pub fn widget(&self) -> WidgetDocument {
                WidgetDocument { $($field: self.$field.clone(),)* }
            }
        }
    };
}

documents! {
    /// The scheduler; null is off (rule S1).
    scheduler: Option<SchedulerDocument>,
    /// Whether the widget is offline within its hours while nobody is there (rules W5, W6).
    offline_when_all_agents_offline: bool,
    /// Whether the widget is hidden while it is offline (rule V4).
    hide_when_offline: bool,
    /// Kinds of device that do not see the widget: `desktop`, `mobile` (rule V3).
    #[schema(value_type = Vec<String>)]
    hide_on: Vec<DeviceKind>,
    /// Which pages show the widget (rule V1).
    pages: PagesDocument,
    /// Which countries see the widget (rule V2).
    countries: Option<CountriesDocument>,
    /// What the widget says first (rule C1).
    greetings: GreetingsDocument,
    /// Whether a form comes before the chat (rule C3).
    pre_chat_form: bool,
}

impl WidgetDocument {
    /// As the engine takes it.
    ///
    /// # Errors
    /// A time zone that nobody knows.
    pub fn settings(&self, zones: &Zones) -> Result<Settings, Problem> {
        let mut settings = Settings::default();
        if let Some(scheduler) = &self.scheduler {
            zones.get(&scheduler.timezone).map_err(|error| {
                let near = match &error.nearest[..] {
                    [] => String::new(),
                    near => format!("; did you mean {}?", near.join(" or ")),
                };
                let zone = &scheduler.timezone;
                let detail = format!("there is no time zone `{zone}` ({}){near}", error.release);
                Problem::field("scheduler.timezone", detail)
            })?;
            settings.scheduler = Some(Arc::new(scheduler.read()));
        }
        let patterns = |list: &[PagePattern]| list.iter().map(|text| text.0.clone()).collect();
        let countries = |list: &[Country]| list.iter().map(|text| text.0.clone()).collect();
        settings.offline_when_all_agents_offline = self.offline_when_all_agents_offline;
        settings.hide_when_offline = self.hide_when_offline;
        settings.pages_show = patterns(&self.pages.show);
        settings.pages_hide = patterns(&self.pages.hide);
        settings.countries = match &self.countries {
            Some(CountriesDocument::Only(list)) if !list.is_empty() => {
                Some(Countries::Only(countries(list)))
            }
            Some(CountriesDocument::Except(list)) if !list.is_empty() => {
                Some(Countries::Except(countries(list)))
            }
            _ => None,
        };
        for kind in &self.hide_on {
            settings.set(Setting::HideOn(*kind, true));
        }
        for (status, greeting) in [
            (WidgetStatus::Online, &self.greetings.online),
            (WidgetStatus::Away, &self.greetings.away),
            (WidgetStatus::Offline, &self.greetings.offline),
        ] {
            settings.set(Setting::Greeting(status, greeting.clone()));
        }
        settings.pre_chat_form = self.pre_chat_form;
        Ok(settings)
    }
}

impl SchedulerDocument {
    fn read(&self) -> Scheduler {
        let intervals = |list: &[Hours]| list.iter().map(|hours| hours.0).collect::<Vec<_>>();
        let mut hours = WeekHours::default();
        for (day, list) in &self.hours {
            hours.weekdays[day.0] = intervals(list);
        }
        hours.dates = self.dates.iter().map(|(date, list)| (date.0, intervals(list))).collect();
        Scheduler { zone: self.timezone.clone(), hours }
    }
}

/// Rules P7 and P8 for the whole service.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TimingDocument {
    /// How long a lost connection keeps its status, as in `2m`.
    #[schema(value_type = String)]
    pub grace: Length,
    /// After how long without activity an online device goes away; null is off.
    #[schema(value_type = Option<String>)]
    pub auto_away: Option<Length>,
}

impl Default for TimingDocument {
    fn default() -> Self {
        Self { grace: Length(Millis::DEFAULT_GRACE), auto_away: None }
    }
}
