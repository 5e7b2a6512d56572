//! What is set on properties, widgets and the whole service, as JSON documents: the settings of the
//! scenario language under the same names, with `_` for `-`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::problem::InvalidField;
use super::text::{Date, Day, Name, PagePattern};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::text::{Country, WEEKDAYS, write_date};
use lamplighter_core::model::{
    Countries, DeviceKind, Interval, Millis, Scheduler, Setting, Settings, WeekHours, WidgetStatus,
};
use lamplighter_core::world::Timing;

/// A scheduler that is on (rules S1 to S6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SchedulerDocument {
    /// An IANA zone.
    pub timezone: String,
    /// For each weekday the intervals that start on it; a day that is left out is closed.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, Vec<String>>))]
    pub hours: BTreeMap<Day, Vec<Interval>>,
    /// Dates whose own hours replace the weekday's; none means closed (rule S5).
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, Vec<String>>))]
    pub dates: BTreeMap<Date, Vec<Interval>>,
}

/// Which pages show a widget (rule V1).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PagesDocument {
    /// Patterns that alone show it; none means every page.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub show: Vec<PagePattern>,
    /// Patterns that hide it.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub hide: Vec<PagePattern>,
}

/// Which countries see a widget (rule V2); an empty list restricts nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum CountriesDocument {
    /// These alone.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    Only(Vec<Country>),
    /// All but these.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    Except(Vec<Country>),
}

/// The greeting for each status (rule C1).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
        #[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(default, deny_unknown_fields)]
        pub struct PropertyDocument {
            /// The agents who are members.
            #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
            pub members: Vec<Name>,
            /// Those of the members who do not count (rule P6).
            #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
            pub suspended: Vec<Name>,
            $($(#[$attribute])* pub $field: $type,)*
        }

        /// Everything that is set on a further widget of a property.
        #[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
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
    pub fn settings(&self, zones: &Zones) -> Result<Settings, InvalidField> {
        let mut settings = Settings::default();
        if let Some(scheduler) = &self.scheduler {
            zones.get(&scheduler.timezone).map_err(|error| {
                let near = match &error.nearest[..] {
                    [] => String::new(),
                    near => format!("; did you mean {}?", near.join(" or ")),
                };
                let zone = &scheduler.timezone;
                let detail = format!("there is no time zone `{zone}` ({}){near}", error.release);
                InvalidField { field: "scheduler.timezone".to_owned(), detail }
            })?;
            settings.scheduler = Some(Arc::new(scheduler.read()));
        }
        let patterns = |list: &[PagePattern]| list.iter().map(|text| text.0.clone()).collect();
        let countries = |list: &[Country]| list.iter().map(Country::to_string).collect();
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
        let mut hours = WeekHours::default();
        for (day, list) in &self.hours {
            hours.weekdays[day.0] = list.clone();
        }
        hours.dates = self.dates.iter().map(|(date, list)| (date.0, list.clone())).collect();
        Scheduler { zone: self.timezone.clone(), hours }
    }
}

/// Rules P7 and P8 for the whole service.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TimingDocument {
    /// How long a lost connection keeps its status, as in `2m`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub grace: Millis,
    /// After how long without activity an online device goes away; null is off.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub auto_away: Option<Millis>,
}

impl TimingDocument {
    /// As the engine takes it.
    pub fn read(&self) -> Timing {
        Timing { grace: self.grace, auto_away: self.auto_away }
    }
}

impl Default for TimingDocument {
    fn default() -> Self {
        Self { grace: Millis::DEFAULT_GRACE, auto_away: None }
    }
}

/// What is set on a widget; of a property's own one the members come on top.
pub fn of_settings(settings: &Settings) -> Map<String, Value> {
    let greeting = |status| match settings.greeting(status) {
        "" => Value::Null,
        text => json!(text),
    };
    let document = json!({
        "scheduler": settings.scheduler.as_deref().map(of_scheduler),
        "offline_when_all_agents_offline": settings.offline_when_all_agents_offline,
        "hide_when_offline": settings.hide_when_offline,
        "hide_on": settings.hide_on,
        "pages": { "show": settings.pages_show, "hide": settings.pages_hide },
        "countries": settings.countries.as_ref().map(|countries| match countries {
            Countries::Only(list) => json!({ "only": list }),
            Countries::Except(list) => json!({ "except": list }),
        }),
        "greetings": {
            "online": greeting(WidgetStatus::Online),
            "away": greeting(WidgetStatus::Away),
            "offline": greeting(WidgetStatus::Offline),
        },
        "pre_chat_form": settings.pre_chat_form,
    });
    match document {
        Value::Object(document) => document,
        _ => Map::new(),
    }
}

fn of_scheduler(scheduler: &Scheduler) -> Value {
    let intervals =
        |list: &[Interval]| -> Vec<String> { list.iter().map(Interval::to_string).collect() };
    let days = WEEKDAYS.iter().zip(&scheduler.hours.weekdays);
    let hours: Map<String, Value> =
        days.map(|((day, _), list)| ((*day).to_owned(), json!(intervals(list)))).collect();
    let dates = scheduler.hours.dates.iter();
    let dates: Map<String, Value> =
        dates.map(|(date, list)| (write_date(*date), json!(intervals(list)))).collect();
    json!({ "timezone": scheduler.zone, "hours": hours, "dates": dates })
}

/// Grace and auto-away.
pub fn of_timing(timing: Timing) -> Value {
    let auto_away = timing.auto_away.as_ref().map(Millis::to_string);
    json!({ "grace": timing.grace.to_string(), "auto_away": auto_away })
}
