//! What is set on properties, widgets and the whole service, as JSON documents: the settings of the
//! scenario language under the same names, with `_` for `-`, by the table of the model.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::problem::InvalidField;
use super::scheduler::{self, SchedulerDocument};
use super::text::Name;
use lamplighter_core::for_each_setting;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::text::Country;
use lamplighter_core::model::{
    Countries, DeviceKind, Listed, Millis, PageList, PagePattern, Scheduler, Setting, Settings,
    WidgetStatus,
};
use lamplighter_core::world::Timing;

/// Which pages show a widget (rule V1).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PagesDocument {
    /// The patterns of pages that alone show it; none means every page.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub show: Vec<PagePattern>,
    /// The patterns of pages that hide it, whatever `show` says.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub hide: Vec<PagePattern>,
}

/// Which countries see a widget (rule V2); an empty list restricts nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase", try_from = "CountriesForms")]
pub enum CountriesDocument {
    /// The countries whose visitors alone see it, each in two capital letters.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    Only(Vec<Country>),
    /// The countries whose visitors do not see it, each in two capital letters.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    Except(Vec<Country>),
}

/// Both forms as they are read: a document with both is JSON all the same, and is told what is wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CountriesForms {
    only: Option<Vec<Country>>,
    except: Option<Vec<Country>>,
}

impl TryFrom<CountriesForms> for CountriesDocument {
    type Error = &'static str;

    fn try_from(CountriesForms { only, except }: CountriesForms) -> Result<Self, Self::Error> {
        match (only, except) {
            (Some(only), None) => Ok(Self::Only(only)),
            (None, Some(except)) => Ok(Self::Except(except)),
            (Some(_), Some(_)) => Err("say `only` or `except`, not both"),
            (None, None) => Err("say `only` or `except`, or null for every country"),
        }
    }
}

/// The greeting for each status (rule C1).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct GreetingsDocument {
    /// The text while the widget is online; null for none.
    pub online: Option<String>,
    /// The text while the widget is away; null for none.
    pub away: Option<String>,
    /// The text while the widget is offline; null for none.
    pub offline: Option<String>,
}

/// A kind of value, with what names the parts that it is for, as a member of a document.
pub trait SettingsMember {
    /// What names a part, if there are parts.
    type Part;
    /// The value of a part.
    type Value;
    /// The member, all parts together.
    type Document;

    /// The member, given the value of each part.
    fn document(value: impl Fn(Self::Part) -> Self::Value) -> Self::Document;

    /// The parts that the member speaks of, with their values.
    fn read(document: &Self::Document) -> Vec<(Self::Part, Self::Value)>;

    /// The member's schema without its description, and what it refers to by name.
    #[cfg(feature = "openapi")]
    fn schema() -> (serde_json::Value, Option<super::parts::Component>);
}

/// A switch.
impl SettingsMember for ((), bool) {
    type Part = ();
    type Value = bool;
    type Document = bool;

    fn document(value: impl Fn(()) -> bool) -> bool {
        value(())
    }

    fn read(document: &bool) -> Vec<((), bool)> {
        vec![((), *document)]
    }

    #[cfg(feature = "openapi")]
    fn schema() -> (serde_json::Value, Option<super::parts::Component>) {
        (serde_json::json!({ "type": "boolean" }), None)
    }
}

/// The kinds of device for which it is on.
impl SettingsMember for ((DeviceKind,), bool) {
    type Part = (DeviceKind,);
    type Value = bool;
    type Document = Vec<DeviceKind>;

    fn document(value: impl Fn((DeviceKind,)) -> bool) -> Vec<DeviceKind> {
        DeviceKind::WORDS.iter().map(|(_, kind)| *kind).filter(|kind| value((*kind,))).collect()
    }

    fn read(document: &Vec<DeviceKind>) -> Vec<((DeviceKind,), bool)> {
        document.iter().map(|kind| ((*kind,), true)).collect()
    }

    #[cfg(feature = "openapi")]
    fn schema() -> (serde_json::Value, Option<super::parts::Component>) {
        (super::parts::texts(), None)
    }
}

/// A list of texts.
impl<T: Listed> SettingsMember for ((), Vec<T>) {
    type Part = ();
    type Value = Vec<T>;
    type Document = Vec<T>;

    fn document(value: impl Fn(()) -> Vec<T>) -> Vec<T> {
        value(())
    }

    fn read(document: &Vec<T>) -> Vec<((), Vec<T>)> {
        vec![((), document.clone())]
    }

    #[cfg(feature = "openapi")]
    fn schema() -> (serde_json::Value, Option<super::parts::Component>) {
        (super::parts::texts(), None)
    }
}

impl SettingsMember for ((PageList,), Vec<PagePattern>) {
    type Part = (PageList,);
    type Value = Vec<PagePattern>;
    type Document = PagesDocument;

    fn document(value: impl Fn((PageList,)) -> Vec<PagePattern>) -> PagesDocument {
        PagesDocument { show: value((PageList::Show,)), hide: value((PageList::Hide,)) }
    }

    fn read(document: &PagesDocument) -> Vec<((PageList,), Vec<PagePattern>)> {
        let PagesDocument { show, hide } = document.clone();
        vec![((PageList::Show,), show), ((PageList::Hide,), hide)]
    }

    #[cfg(feature = "openapi")]
    fn schema() -> (serde_json::Value, Option<super::parts::Component>) {
        super::parts::named::<PagesDocument>()
    }
}

impl SettingsMember for ((), Option<Countries>) {
    type Part = ();
    type Value = Option<Countries>;
    type Document = Option<CountriesDocument>;

    fn document(value: impl Fn(()) -> Option<Countries>) -> Option<CountriesDocument> {
        value(()).map(|countries| match countries {
            Countries::Only(list) => CountriesDocument::Only(list),
            Countries::Except(list) => CountriesDocument::Except(list),
        })
    }

    fn read(document: &Option<CountriesDocument>) -> Vec<((), Option<Countries>)> {
        let countries = document.clone().and_then(|countries| match countries {
            CountriesDocument::Only(list) | CountriesDocument::Except(list) if list.is_empty() => {
                None
            }
            CountriesDocument::Only(list) => Some(Countries::Only(list)),
            CountriesDocument::Except(list) => Some(Countries::Except(list)),
        });
        vec![((), countries)]
    }

    #[cfg(feature = "openapi")]
    fn schema() -> (serde_json::Value, Option<super::parts::Component>) {
        super::parts::nullable(super::parts::named::<CountriesDocument>())
    }
}

impl SettingsMember for ((WidgetStatus,), Option<String>) {
    type Part = (WidgetStatus,);
    type Value = Option<String>;
    type Document = GreetingsDocument;

    fn document(value: impl Fn((WidgetStatus,)) -> Option<String>) -> GreetingsDocument {
        GreetingsDocument {
            online: value((WidgetStatus::Online,)),
            away: value((WidgetStatus::Away,)),
            offline: value((WidgetStatus::Offline,)),
        }
    }

    fn read(document: &GreetingsDocument) -> Vec<((WidgetStatus,), Option<String>)> {
        let GreetingsDocument { online, away, offline } = document.clone();
        vec![
            ((WidgetStatus::Online,), online),
            ((WidgetStatus::Away,), away),
            ((WidgetStatus::Offline,), offline),
        ]
    }

    #[cfg(feature = "openapi")]
    fn schema() -> (serde_json::Value, Option<super::parts::Component>) {
        super::parts::named::<GreetingsDocument>()
    }
}

impl SettingsMember for ((), Option<Arc<Scheduler>>) {
    type Part = ();
    type Value = Option<Arc<Scheduler>>;
    type Document = Option<SchedulerDocument>;

    fn document(value: impl Fn(()) -> Option<Arc<Scheduler>>) -> Option<SchedulerDocument> {
        value(()).map(|scheduler| SchedulerDocument::of(&scheduler))
    }

    fn read(document: &Option<SchedulerDocument>) -> Vec<((), Option<Arc<Scheduler>>)> {
        vec![((), document.as_ref().map(|scheduler| Arc::new(scheduler.read())))]
    }

    #[cfg(feature = "openapi")]
    fn schema() -> (serde_json::Value, Option<super::parts::Component>) {
        super::parts::nullable(super::parts::named::<SchedulerDocument>())
    }
}

/// Declares the document of a property and that of a widget, which are the same but for the members.
macro_rules! documents {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident, $field:ident, $keyword:literal, $rule:literal,
            [$($key:ident: $part:ty)?] $value:ty;
    )*) => {
        /// Everything that is set on a property and its widget of the same name; what is left out
        /// is as it begins.
        #[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct PropertyDocument {
            /// The names of the agents who are members, suspended ones included.
            pub members: Vec<Name>,
            /// The members who count nowhere in this property (rule P6).
            pub suspended: Vec<Name>,
            $($(#[doc = $doc])* pub $field: <(($($part,)?), $value) as SettingsMember>::Document,)*
        }

        /// Everything that is set on a further widget of a property.
        #[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct WidgetDocument {
            $($(#[doc = $doc])* pub $field: <(($($part,)?), $value) as SettingsMember>::Document,)*
        }

        impl PropertyDocument {
            /// A property with these members, of whom some do not count, and what is set on its own
            /// widget.
            pub fn of(members: Vec<Name>, suspended: Vec<Name>, settings: &Settings) -> Self {
                let WidgetDocument { $($field),* } = WidgetDocument::of(settings);
                Self { members, suspended, $($field),* }
            }

            /// What is set on the property's own widget.
            pub fn widget(&self) -> WidgetDocument {
                WidgetDocument { $($field: self.$field.clone(),)* }
            }
        }

        impl WidgetDocument {
            /// What is set on a widget.
            pub fn of(settings: &Settings) -> Self {
                Self {
                    $($field: <(($($part,)?), $value) as SettingsMember>::document(|($($key,)?)| {
                        settings.$field $([$key])?.clone()
                    }),)*
                }
            }

            /// As the engine takes it.
            ///
            /// # Errors
            /// A time zone that nobody knows.
            pub fn settings(&self, zones: &Zones) -> Result<Settings, InvalidField> {
                let mut settings = Settings::default();
                $(for (($($key,)?), value) in <(($($part,)?), $value) as SettingsMember>::read(&self.$field) {
                    settings.set(Setting::$name($($key,)? value));
                })*
                if let Some(scheduler) = &mut settings.scheduler {
                    knows_zone(zones, &scheduler.zone)?;
                    scheduler::check(scheduler)?;
                    scheduler::read_calendars(Arc::make_mut(scheduler), zones)?;
                }
                Ok(settings)
            }
        }

        /// The members of a document that are settings, with what they are about.
        #[cfg(feature = "openapi")]
        pub(super) fn members() -> Vec<super::parts::DocumentMember> {
            vec![$(super::parts::DocumentMember {
                name: stringify!($field),
                description: concat!($($doc, "\n"),*),
                schema: <(($($part,)?), $value) as SettingsMember>::schema(),
            }),*]
        }
    };
}

for_each_setting! { documents }

fn knows_zone(zones: &Zones, zone: &str) -> Result<(), InvalidField> {
    zones.get(zone).map(drop).map_err(|error| {
        let help = error.help().map(|help| format!("; {help}")).unwrap_or_default();
        let detail = format!("there is no time zone `{zone}` ({}){help}", error.release);
        InvalidField { field: "scheduler.timezone".to_owned(), detail }
    })
}

/// Rules P7 and P8 for the whole service.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TimingDocument {
    /// How long a lost connection keeps its status, as in `2m`; a number is seconds.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    #[serde(deserialize_with = "super::length::read")]
    pub grace: Millis,
    /// The time without activity after which an online device goes away (rule P8), as in `10m`; a
    /// number is seconds, null is off.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(deserialize_with = "super::length::read_optional")]
    pub auto_away: Option<Millis>,
}

impl TimingDocument {
    /// What holds for all devices.
    pub fn of(timing: Timing) -> Self {
        let Timing { grace, auto_away } = timing;
        Self { grace, auto_away }
    }

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
