//! What can be set on a widget, one setting at a time, and what a visitor brings along.

use std::sync::Arc;

use super::status::words;
use super::{WeekHours, WidgetStatus};

/// A scheduler that is on: hours in a time zone (rule S2).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Scheduler {
    /// The IANA name of the zone.
    pub zone: String,
    /// The hours, by the wall clock of that zone.
    pub hours: WeekHours,
}

/// The kind of device that a visitor uses (rule V3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DeviceKind {
    /// A desktop or laptop computer.
    Desktop,
    /// A phone or tablet.
    Mobile,
}

words! {
    DeviceKind { Desktop = "desktop", Mobile = "mobile" }
}

/// A restriction by country, ISO 3166-1 alpha-2 (rule V2).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Countries {
    /// Shown in these alone.
    Only(Vec<String>),
    /// Shown everywhere but in these.
    Except(Vec<String>),
}

/// Everything that is set on one widget. The default is how a widget begins: no scheduler, always
/// visible, no greetings, no form.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Settings {
    /// The scheduler; off by default (rule S1).
    pub scheduler: Option<Arc<Scheduler>>,
    /// Whether the widget is offline within its hours while nobody is there (rules W5, W6).
    pub offline_when_all_agents_offline: bool,
    /// Whether the widget is hidden while it is offline (rule V4).
    pub hide_when_offline: bool,
    /// Kinds of device from which the widget is hidden (rule V3).
    pub hide_on: Vec<DeviceKind>,
    /// Patterns of pages that alone show the widget; empty means every page (rule V1).
    pub pages_show: Vec<String>,
    /// Patterns of pages that hide the widget (rule V1).
    pub pages_hide: Vec<String>,
    /// Countries that see the widget (rule V2).
    pub countries: Option<Countries>,
    greetings: [Option<String>; 3],
    /// Whether a form comes before the chat (rule C3).
    pub pre_chat_form: bool,
}

impl Settings {
    /// The greeting for a status; empty where none is set (rule C1).
    pub fn greeting(&self, status: WidgetStatus) -> &str {
        self.greetings[status as usize].as_deref().unwrap_or_default()
    }

    /// Sets or takes back one setting; what is replaced is gone.
    pub fn set(&mut self, setting: Setting) {
        match setting {
            Setting::Scheduler(scheduler) => self.scheduler = scheduler.map(Arc::new),
            Setting::OfflineWhenAllAgentsOffline(on) => self.offline_when_all_agents_offline = on,
            Setting::HideWhenOffline(on) => self.hide_when_offline = on,
            Setting::HideOn(kind, on) => {
                self.hide_on.retain(|other| *other != kind);
                if on {
                    self.hide_on.push(kind);
                }
            }
            Setting::PagesShow(patterns) => self.pages_show = patterns,
            Setting::PagesHide(patterns) => self.pages_hide = patterns,
            Setting::Countries(countries) => self.countries = countries,
            Setting::Greeting(status, text) => self.greetings[status as usize] = text,
            Setting::PreChatForm(on) => self.pre_chat_form = on,
        }
    }
}

/// One setting with its new value; `None`, `false` and an empty list take it back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Setting {
    /// `scheduler` with its hours.
    Scheduler(Option<Scheduler>),
    /// `offline-when-all-agents-offline`.
    OfflineWhenAllAgentsOffline(bool),
    /// `hide-when-offline`.
    HideWhenOffline(bool),
    /// `hide-on desktop` or `hide-on mobile`; the other kind stays as it is.
    HideOn(DeviceKind, bool),
    /// `pages show`, the whole list.
    PagesShow(Vec<String>),
    /// `pages hide`, the whole list.
    PagesHide(Vec<String>),
    /// `countries only` or `countries except`.
    Countries(Option<Countries>),
    /// `greeting` of one status.
    Greeting(WidgetStatus, Option<String>),
    /// `pre-chat-form`.
    PreChatForm(bool),
}

/// What names a setting where it is taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SettingName {
    /// `scheduler`.
    Scheduler,
    /// `offline-when-all-agents-offline`.
    OfflineWhenAllAgentsOffline,
    /// `hide-when-offline`.
    HideWhenOffline,
    /// `hide-on` of one kind.
    HideOn(DeviceKind),
    /// `pages show`.
    PagesShow,
    /// `pages hide`.
    PagesHide,
    /// `countries`.
    Countries,
    /// `greeting` of one status.
    Greeting(WidgetStatus),
    /// `pre-chat-form`.
    PreChatForm,
}

impl SettingName {
    /// The setting as it is where it was never set.
    pub fn taken_back(self) -> Setting {
        match self {
            Self::Scheduler => Setting::Scheduler(None),
            Self::OfflineWhenAllAgentsOffline => Setting::OfflineWhenAllAgentsOffline(false),
            Self::HideWhenOffline => Setting::HideWhenOffline(false),
            Self::HideOn(kind) => Setting::HideOn(kind, false),
            Self::PagesShow => Setting::PagesShow(Vec::new()),
            Self::PagesHide => Setting::PagesHide(Vec::new()),
            Self::Countries => Setting::Countries(None),
            Self::Greeting(status) => Setting::Greeting(status, None),
            Self::PreChatForm => Setting::PreChatForm(false),
        }
    }
}

/// Who looks at the widget: each part may be unknown, and what is unknown satisfies no list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Visitor {
    /// The page's URL.
    pub page: Option<String>,
    /// The country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The kind of device.
    pub device: Option<DeviceKind>,
}
