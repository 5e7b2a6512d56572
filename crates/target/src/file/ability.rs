//! What a target can do, once what it says is laid over what it has steps for (rule T41 of target
//! files).

use lamplighter_core::model::{Chosen, SettingName, Settings};

use super::can::{CanSection, Declared, HoursCan, is_named};
use super::section::Section;
use super::target::TargetFile;

/// What a target can do. What it cannot takes expectations away.
#[derive(Clone, PartialEq, Debug)]
pub struct Abilities {
    /// Statuses that agents can choose, in the order of the rule book.
    pub statuses: Vec<Chosen>,
    /// Whether a device can log out (rule P3).
    pub logout: bool,
    /// Whether members can be suspended and reinstated (rule P6).
    pub suspend: bool,
    /// Whether a device can be active (rule P8).
    pub activity: bool,
    /// Settings that its steps are given.
    pub settings: Vec<String>,
    /// Hours that can be set and in which form; `None` where schedulers are not tested.
    pub hours: Option<HoursCan>,
    /// Whether a scheduler can be taken away.
    pub hours_off: bool,
    /// Whether it can be told what visitors are not shown (rules V1 to V4).
    pub visibility: bool,
    /// Whether visitors can leave messages, and these be listed (rule C2).
    pub messages: bool,
    /// Whether widgets tell of changes by themselves.
    pub push: bool,
    /// The kept name in which answers have their version.
    pub versions: Option<String>,
    /// Whether a lost connection can be taken up again without a login.
    pub reconnect: bool,
    /// How many properties an agent can be a member of; `None` for any number (rule T52).
    pub memberships_max: Option<u64>,
    /// How many devices an agent can be on at once; `None` for any number (rule T55).
    pub devices_max: Option<u64>,
}

impl Abilities {
    /// A setting that hides a widget from some visitors, and that the target cannot be told; nothing
    /// where it can be told all of them.
    pub fn unset_visibility(&self, settings: &Settings) -> Option<&'static str> {
        let is_unset = |name: &SettingName| {
            let setting = settings.get(*name);
            !setting.is_taken_back() && !is_named(&setting, &self.settings)
        };
        let mut of_visibility = SettingName::all().filter(|name| name.is_of_visibility());
        of_visibility.find(is_unset).map(SettingName::key)
    }
}

impl TargetFile {
    /// What the target can do.
    pub fn abilities(&self) -> Abilities {
        let can = &self.can;
        let has = |section| self.steps(section).is_some();
        let both = |one, other| has(one) && has(other);
        // An adapter shows no steps: it can what it says.
        let is_adapter = self.about.adapter.is_some();
        let said =
            |said: &Option<Declared<bool>>, otherwise| said.as_ref().map_or(otherwise, |s| s.what);
        Abilities {
            statuses: self.statuses(can, is_adapter),
            logout: said(&can.logout, is_adapter || has(Section::DeviceLogout)),
            suspend: said(&can.suspend, both(Section::MemberSuspend, Section::MemberReinstate)),
            activity: is_adapter || has(Section::DeviceActivity),
            settings: can.settings.iter().map(|said| said.what.clone()).collect(),
            hours: can.hours.as_ref().and_then(|said| said.what.clone()),
            hours_off: is_adapter || has(Section::HoursOff),
            visibility: said(&can.visibility, false),
            messages: said(&can.messages, both(Section::MessageLeave, Section::MessageList)),
            push: said(&can.push, has(Section::WidgetPush)),
            versions: can.versions.as_ref().and_then(|said| said.what.clone()),
            reconnect: said(&can.reconnect, true),
            memberships_max: can.memberships,
            devices_max: can.devices,
        }
    }

    /// As said; else those of `values`, or those that have steps.
    fn statuses(&self, can: &CanSection, is_adapter: bool) -> Vec<Chosen> {
        let can_be = |chosen: &Chosen| match &can.statuses {
            Some(statuses) => statuses.contains(chosen),
            None if is_adapter => true,
            None if self.steps(Section::DeviceStatusOf(*chosen)).is_some() => true,
            None if self.device.values.is_empty() => self.steps(Section::DeviceStatus).is_some(),
            None => self.device.values.contains_key(chosen),
        };
        Chosen::WORDS.iter().map(|(_, chosen)| *chosen).filter(can_be).collect()
    }
}
