//! What can be set on a widget: one table. Everything that reads, writes, draws or makes plainer what is
//! set goes by it, so that a setting is declared here and nowhere else.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};
use std::str::FromStr;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::hours::WeekHours;
use super::status::{WidgetStatus, Word, words};
use super::text::{Country, PagePattern, TextError};

/// The table of settings: hands its lines on to a macro, which makes of them what it needs. A line has
/// the name of the setting; its field, which is its key in JSON documents; its keyword in the scenario
/// language; the rule that it is for; what names a part of it that can be set by itself, if it has
/// parts; and the kind of its values, whose default takes it back.
///
/// Who takes the table treats values by their kind, and has to say how: a setting of a kind that there
/// is needs nothing but its line here, and one of a new kind does not compile until everybody knows
/// the kind.
#[macro_export]
macro_rules! for_each_setting {
    ($take:ident) => {
        $take! {
            /// The scheduler with its hours; off where there is none (rule S1).
            Scheduler, scheduler, "scheduler", "S1",
                [] Option<std::sync::Arc<$crate::model::Scheduler>>;
            /// Whether the widget is offline within its hours while nobody is there (rules W5, W6).
            OfflineWhenAllAgentsOffline, offline_when_all_agents_offline,
                "offline-when-all-agents-offline", "W5", [] bool;
            /// Whether the widget is hidden while it is offline (rule V4).
            HideWhenOffline, hide_when_offline, "hide-when-offline", "V4", [] bool;
            /// Kinds of device that do not see the widget: `desktop`, `mobile` (rule V3).
            HideOn, hide_on, "hide-on", "V3", [kind: $crate::model::DeviceKind] bool;
            /// Which pages show the widget (rule V1).
            Pages, pages, "pages", "V1",
                [list: $crate::model::PageList] Vec<$crate::model::PagePattern>;
            /// Which countries see the widget (rule V2).
            Countries, countries, "countries", "V2", [] Option<$crate::model::Countries>;
            /// What the widget says first (rule C1).
            Greeting, greetings, "greeting", "C1",
                [status: $crate::model::WidgetStatus] Option<String>;
            /// Whether a form comes before the chat (rule C3).
            PreChatForm, pre_chat_form, "pre-chat-form", "C3", [] bool;
        }
    };
}

/// The type of a setting's field: its value, or one for each part.
macro_rules! field {
    ([] $value:ty) => { $value };
    ([$part:ty] $value:ty) => { Each<$part, $value, { <$part>::WORDS.len() }> };
}

/// The names of a setting: one, or one for each part.
macro_rules! names {
    ($name:ident) => {
        [SettingName::$name]
    };
    ($name:ident $part:ty) => {
        <$part>::WORDS.iter().map(|(_, part)| SettingName::$name(*part))
    };
}

/// Makes of the table the settings of a widget, one setting with its value, and what names one.
macro_rules! declare {
    ($(
        $(#[$doc:meta])*
        $name:ident, $field:ident, $keyword:literal, $rule:literal,
            [$($key:ident: $part:ty)?] $value:ty;
    )*) => {
        /// Everything that is set on one widget. The default is how a widget begins: no scheduler,
        /// always visible, no greetings, no form.
        #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
        pub struct Settings {
            $($(#[$doc])* pub $field: field!([$($part)?] $value),)*
        }

        /// One setting, or one part of it, with its new value; the default takes it back.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum Setting {
            $($(#[$doc])* $name($($part,)? $value),)*
        }

        /// What names a setting, or a part of it, where it is taken back.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum SettingName {
            $($(#[$doc])* $name $(($part))?,)*
        }

        impl Settings {
            /// Sets or takes back one setting; what is replaced is gone.
            pub fn set(&mut self, setting: Setting) {
                match setting {
                    $(Setting::$name($($key,)? value) => self.$field $([$key])? = value,)*
                }
            }

            /// A setting as it is.
            pub fn get(&self, name: SettingName) -> Setting {
                match name {
                    $(SettingName::$name $(($key))? => {
                        Setting::$name($($key,)? self.$field $([$key])?.clone())
                    })*
                }
            }

            /// Whether a setting is as where it was never set.
            pub fn is_taken_back(&self, name: SettingName) -> bool {
                match name {
                    $(SettingName::$name $(($key))? => {
                        self.$field $([$key])? == <$value>::default()
                    })*
                }
            }
        }

        impl Setting {
            /// The name of the setting, by which it is said, sent and stored.
            pub fn name(&self) -> SettingName {
                match self {
                    $(Self::$name($($key,)? _) => SettingName::$name $((*$key))?,)*
                }
            }

            /// Whether it is as where it was never set.
            pub fn is_taken_back(&self) -> bool {
                *self == self.name().taken_back()
            }
        }

        impl SettingName {
            /// The first words of all settings, in the order of the table.
            pub const KEYWORDS: &[&str] = &[$($keyword),*];

            /// All of them, part by part, in the order of the table.
            pub fn all() -> impl Iterator<Item = Self> {
                let mut all = Vec::new();
                $(all.extend(names!($name $($part)?));)*
                all.into_iter()
            }

            /// The first word of the setting in the scenario language.
            pub fn keyword(self) -> &'static str {
                match self { $(Self::$name { .. } => $keyword,)* }
            }

            /// The key of the setting in JSON documents, whichever part it is.
            pub fn key(self) -> &'static str {
                match self { $(Self::$name { .. } => stringify!($field),)* }
            }

            /// The rule that the setting is for.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$name { .. } => $rule,)* }
            }

            /// The word behind the keyword that names the part.
            pub fn part(self) -> Option<&'static str> {
                match self { $(Self::$name $(($key))? => None $(.or(Some($key.word())))?,)* }
            }

            /// The setting as it is where it was never set.
            pub fn taken_back(self) -> Setting {
                match self {
                    $(Self::$name $(($key))? => Setting::$name($($key,)? Default::default()),)*
                }
            }
        }
    };
}

for_each_setting! { declare }

impl SettingName {
    /// Whether it hides the widget from some visitors, or at some times: its rule is one of visibility
    /// (rules V1 to V4).
    pub fn is_of_visibility(self) -> bool {
        self.rule().starts_with('V')
    }
}

/// As the scenario language names it: `hide-on mobile`.
impl fmt::Display for SettingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())?;
        self.part().map_or(Ok(()), |part| write!(f, " {part}"))
    }
}

impl Settings {
    /// The greeting for a status; empty where none is set (rule C1).
    pub fn greeting(&self, status: WidgetStatus) -> &str {
        self.greetings[status].as_deref().unwrap_or_default()
    }
}

/// A value for each of a few things that have words, shared by its copies: a fleet has many settings that differ
/// in a part alone.
#[derive(Clone)]
pub struct Each<K, V, const COUNT: usize> {
    /// Nothing where every value is its default.
    values: Option<Arc<[V; COUNT]>>,
    keys: PhantomData<K>,
}

/// What a part of a setting is where it was never set.
pub trait NeverSet: Clone + Default + 'static {
    /// The default, to be lent out.
    const NEVER_SET: &'static Self;
}

impl NeverSet for bool {
    const NEVER_SET: &'static Self = &false;
}

impl<T: Clone + 'static> NeverSet for Option<T> {
    const NEVER_SET: &'static Self = &None;
}

impl<T: Clone + 'static> NeverSet for Vec<T> {
    const NEVER_SET: &'static Self = &Vec::new();
}

impl<K: Word, V: NeverSet, const COUNT: usize> Each<K, V, COUNT> {
    /// Each with its value, in the order of their words.
    pub fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        K::ALL.iter().map(|(_, key)| (*key, &self[*key]))
    }

    fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K, V, const COUNT: usize> Default for Each<K, V, COUNT> {
    fn default() -> Self {
        Self { values: None, keys: PhantomData }
    }
}

impl<K: Word, V: NeverSet, const COUNT: usize> Index<K> for Each<K, V, COUNT> {
    type Output = V;

    #[inline]
    fn index(&self, key: K) -> &V {
        self.values.as_ref().map_or(V::NEVER_SET, |values| &values[key.place()])
    }
}

impl<K: Word, V: NeverSet, const COUNT: usize> IndexMut<K> for Each<K, V, COUNT> {
    fn index_mut(&mut self, key: K) -> &mut V {
        let all = || Arc::new(std::array::from_fn(|_| V::default()));
        &mut Arc::make_mut(self.values.get_or_insert_with(all))[key.place()]
    }
}

// What was set and taken back is as what was never set.
impl<K: Word, V: NeverSet + PartialEq, const COUNT: usize> PartialEq for Each<K, V, COUNT> {
    fn eq(&self, other: &Self) -> bool {
        let are_shared = match (&self.values, &other.values) {
            (None, None) => true,
            (Some(values), Some(others)) => Arc::ptr_eq(values, others),
            _ => false,
        };
        are_shared || self.values().eq(other.values())
    }
}

impl<K: Word, V: NeverSet + Eq, const COUNT: usize> Eq for Each<K, V, COUNT> {}

impl<K: Word, V: NeverSet + Hash, const COUNT: usize> Hash for Each<K, V, COUNT> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.values().for_each(|value| value.hash(state));
    }
}

impl<K: Word, V: NeverSet + fmt::Debug, const COUNT: usize> fmt::Debug for Each<K, V, COUNT> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.values()).finish()
    }
}

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

/// What a list of pages does to the widget (rule V1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PageList {
    /// These pages alone show the widget; an empty list means every page.
    Show,
    /// These pages hide it.
    Hide,
}

words! {
    DeviceKind { Desktop = "desktop", Mobile = "mobile" }
    PageList { Show = "show", Hide = "hide" }
}

/// A restriction by country (rule V2).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Countries {
    /// Shown in these alone.
    Only(Vec<Country>),
    /// Shown everywhere but in these.
    Except(Vec<Country>),
}

/// What stands in a setting's list, one text behind the other.
pub trait Listed:
    Clone + Eq + fmt::Display + FromStr<Err = TextError> + Serialize + DeserializeOwned
{
    /// What a list of them is, for whoever left it empty.
    const LIST: &'static str;
}

impl Listed for PagePattern {
    const LIST: &'static str = "one page pattern or more";
}

impl Listed for Country {
    const LIST: &'static str = "one country or more, e.g. `US`";
}

/// Who looks at the widget: each part may be unknown, and what is unknown satisfies no list.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Visitor {
    /// The URL of the page that the visitor is on, for the lists of pages (rule V1).
    pub page: Option<String>,
    /// The country that the visitor is in, for the lists of countries (rule V2).
    pub country: Option<Country>,
    /// The kind of device that the visitor uses, for `hide-on` (rule V3).
    pub device: Option<DeviceKind>,
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use super::*;

    /// A value of each kind that is not the default.
    fn given(name: SettingName) -> Setting {
        let pages = vec!["/shop/*".parse().expect("a page pattern")];
        let countries = Countries::Only(vec!["DE".parse().expect("a country")]);
        let scheduler = Scheduler { zone: "UTC".to_owned(), hours: WeekHours::default() };
        match name.taken_back() {
            Setting::Scheduler(_) => Setting::Scheduler(Some(Arc::new(scheduler))),
            Setting::OfflineWhenAllAgentsOffline(_) => Setting::OfflineWhenAllAgentsOffline(true),
            Setting::HideWhenOffline(_) => Setting::HideWhenOffline(true),
            Setting::HideOn(kind, _) => Setting::HideOn(kind, true),
            Setting::Pages(list, _) => Setting::Pages(list, pages),
            Setting::Countries(_) => Setting::Countries(Some(countries)),
            Setting::Greeting(status, _) => Setting::Greeting(status, Some("Hi".to_owned())),
            Setting::PreChatForm(_) => Setting::PreChatForm(true),
        }
    }

    #[test]
    fn what_is_set_is_set_alone_until_it_is_taken_back() {
        let mut settings = Settings::default();
        let hasher = RandomState::new();
        for name in SettingName::all() {
            let setting = given(name);
            assert_eq!((setting.name(), setting.is_taken_back()), (name, false));
            settings.set(setting.clone());
            assert_eq!(settings.get(name), setting);
            let set = SettingName::all().filter(|name| !settings.is_taken_back(*name));
            assert!(set.eq([name]), "{name}");
            let set = SettingName::all().filter(|name| !settings.get(*name).is_taken_back());
            assert!(set.eq([name]), "{name}");
            let copy = settings.clone();
            settings.set(name.taken_back());
            assert_eq!(settings, Settings::default(), "{name}");
            assert_eq!(hasher.hash_one(&settings), hasher.hash_one(Settings::default()), "{name}");
            assert_eq!(copy.get(name), setting, "a copy keeps what it has");
        }
    }

    #[test]
    fn a_setting_has_one_name_and_a_part_has_its_word() {
        let names: Vec<String> = SettingName::all().map(|name| name.to_string()).collect();
        assert_eq!(
            names,
            [
                "scheduler",
                "offline-when-all-agents-offline",
                "hide-when-offline",
                "hide-on desktop",
                "hide-on mobile",
                "pages show",
                "pages hide",
                "countries",
                "greeting online",
                "greeting away",
                "greeting offline",
                "pre-chat-form",
            ]
        );
        assert_eq!(SettingName::KEYWORDS.len(), 8);
        let rules: Vec<&str> = SettingName::all().map(SettingName::rule).collect();
        assert!(rules.iter().all(|rule| rule.len() == 2), "{rules:?}");
    }

    #[test]
    fn the_settings_of_visibility_are_known_by_their_rules() {
        let mut keys: Vec<&str> = SettingName::all()
            .filter(|name| name.is_of_visibility())
            .map(SettingName::key)
            .collect();
        keys.dedup();
        assert_eq!(keys, ["hide_when_offline", "hide_on", "pages", "countries"]);
    }
}
