//! What of a plan a target can play: a product that cannot log out, has one status or no hours is given
//! no such thing, and the report says what was not tested (rules T24, T35, T41, T52, T55 of target
//! files).

#[cfg(test)]
mod tests;

use lamplighter_core::model::{
    AgentStatus, Chosen, Millis, Presence, RuleSet, SettingName, Settings,
};
use lamplighter_target::file::TargetFile;
use lamplighter_target::file::can::{self, HoursCan, ZoneCan};
use lamplighter_target::file::section::Section;
use lamplighter_target::file::widget::{WidgetColumn, WidgetSection as Table};

use super::{PlannedAgent, PlannedProperty, PlannedWidget, WidgetIndex};
use crate::clock::{Micros, micros};
use lamplighter_scenario::synth;

/// What a target can play. The default is everything, as the rule book has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TargetLimits {
    /// Statuses that agents choose.
    pub statuses: Vec<Chosen>,
    /// Whether devices log out (rule P3); else they leave by losing their connections.
    pub logs_out: bool,
    /// Whether devices lose their connections (rule P7).
    pub loses: bool,
    /// Whether a lost connection ends a device after its grace.
    pub ends_graces: bool,
    /// Whether a lost connection is taken up again; else the device logs in anew.
    pub reconnects: bool,
    /// Whether agents look at their teams.
    pub teams: bool,
    /// How long after a read of a team it may be read again, in microseconds (`poll_every_min`).
    pub team_read_every: Micros,
    /// How long after its answer a write may not show yet.
    pub shows_within: ShowsWithin,
    suspends: bool,
    further_widgets: bool,
    /// Whether visitors hold event streams.
    pub pushes: bool,
    /// Whether visitors leave messages (rule C2).
    pub messages: bool,
    /// The grace of the target, where a run cannot set it.
    pub grace: Option<Millis>,
    devices_max: Option<u64>,
    memberships_max: Option<u64>,
    accounts_max: Option<u64>,
    /// Whether an account of each generator is its observer's.
    has_observer: bool,
    properties_max: Option<u64>,
    hours: HoursLimit,
    /// The rules that the target follows: what of the plan shows goes by them.
    pub rules: RuleSet,
    /// The settings that the target takes by their names; `None` for all.
    settings: Option<Vec<String>>,
    /// What is not tested, and why, in half a sentence each.
    pub not_tested: Vec<String>,
}

/// How long after their answers writes may not show yet, in microseconds (`[timing]` of target files).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ShowsWithin {
    /// A login (`login_shows_within`).
    pub login: Micros,
    /// A status (`shows_within`).
    pub status: Micros,
    /// A logout (`logout_shows_within`).
    pub logout: Micros,
}

/// Which schedulers there are.
#[derive(Clone, PartialEq, Eq, Debug)]
enum HoursLimit {
    Any,
    Sayable(HoursCan),
    None,
}

impl Default for TargetLimits {
    fn default() -> Self {
        Self {
            statuses: Chosen::WORDS.iter().map(|(_, chosen)| *chosen).collect(),
            logs_out: true,
            loses: true,
            ends_graces: true,
            reconnects: true,
            teams: true,
            team_read_every: 0,
            shows_within: ShowsWithin::default(),
            suspends: true,
            further_widgets: true,
            pushes: true,
            messages: true,
            grace: None,
            devices_max: None,
            memberships_max: None,
            accounts_max: None,
            has_observer: false,
            properties_max: None,
            hours: HoursLimit::Any,
            rules: RuleSet::BOOK,
            settings: None,
            not_tested: Vec::new(),
        }
    }
}

/// The grace that a run is planned with where the target never notices a lost connection.
const NEVER_ENDS: Millis = Millis(60_000);

impl TargetLimits {
    /// What a target file says.
    pub fn of(file: &TargetFile) -> Self {
        let can = file.abilities();
        let is_folded = matches!(file.widget, Some(Table::Folded));
        let own_grace = file.timing.grace_max.map(|grace| Millis(grace.as_millis() as u64));
        let mut limits = Self {
            logs_out: can.logout,
            loses: file.holds_devices(),
            ends_graces: own_grace.is_some(),
            reconnects: can.reconnect,
            teams: file.has_team(),
            team_read_every: micros(file.timing.poll_every_min),
            shows_within: ShowsWithin {
                login: micros(file.timing.login_shows_within),
                status: micros(file.timing.shows_within),
                logout: micros(file.timing.logout_shows_within),
            },
            suspends: can.suspend,
            further_widgets: !is_folded && file.does(Section::WidgetMake),
            pushes: can.push,
            messages: can.messages,
            grace: match can.settings.iter().any(|name| name == can::GRACE) {
                true => None,
                false => Some(own_grace.unwrap_or(NEVER_ENDS)),
            },
            devices_max: can.devices_max,
            memberships_max: can.memberships_max,
            has_observer: file.asks_for_observer(),
            accounts_max: count_of(file.about.accounts.len(), file.does(Section::AgentMake)),
            properties_max: count_of(file.about.properties.len(), file.does(Section::PropertyMake)),
            hours: match can.hours {
                Some(hours) if !is_folded && hours.zone != ZoneCan::Visitor => {
                    HoursLimit::Sayable(hours)
                }
                _ => HoursLimit::None,
            },
            rules: file.rules.set,
            settings: Some(match is_folded {
                true => Vec::new(),
                false => can.settings,
            }),
            statuses: can.statuses,
            not_tested: Vec::new(),
        };
        limits.name_what_is_missing();
        let tells_visibility =
            file.widget.as_ref().is_some_and(|widget| widget.tells(WidgetColumn::Visibility));
        if !(can.visibility && tells_visibility) {
            limits.drop_visibility();
            limits.leave_out("visibility: the target does not tell what hides a widget");
        }
        limits.name_what_cannot_show(is_folded);
        limits
    }

    /// Whether there are schedulers.
    pub(super) fn has_hours(&self) -> bool {
        self.hours != HoursLimit::None
    }

    fn leave_out(&mut self, what: impl Into<String>) {
        self.not_tested.push(what.into());
    }

    fn name_what_is_missing(&mut self) {
        for (_, chosen) in Chosen::WORDS {
            if !self.statuses.contains(chosen) {
                self.leave_out(format!("status {}: not in `can.statuses`", chosen.word()));
            }
        }
        let missing = [
            (self.logs_out, "logouts: `can.logout` is false"),
            (self.loses, "lost connections: nothing holds a device"),
            (self.ends_graces, "ends of graces: `grace` is \"never\""),
            (self.reconnects, "reconnecting: `can.reconnect` is false"),
            (self.teams, "teams: there is no section `team`"),
            (self.suspends, "suspended members: there are no steps for them"),
            (self.pushes, "event streams: there is no `widget.push`"),
            (self.messages, "messages: there are no steps for them"),
            (self.hours != HoursLimit::None, "schedulers: hours cannot be set"),
        ];
        for (is_there, what) in missing {
            if !is_there {
                self.leave_out(what);
            }
        }
    }

    /// What of the target's rules nobody can tell by what is seen.
    fn name_what_cannot_show(&mut self, is_folded: bool) {
        if self.rules.idle != RuleSet::BOOK.idle {
            let idle = self.rules.idle.word();
            self.leave_out(format!(
                "idleness: idle = {idle}, and a load test keeps every device active"
            ));
        }
        // A widget that is folded is what the team is seen to be.
        let hides = self.rules.seen_as(AgentStatus::Invisible) == AgentStatus::Offline;
        let counts = self.rules.counts_as(AgentStatus::Invisible) != Presence::Nobody;
        if is_folded && hides && counts {
            self.statuses.retain(|status| *status != Chosen::Invisible);
            let (seen, is) = (self.rules.team_sees_invisible, self.rules.invisible_is);
            self.leave_out(format!(
                "status invisible: team_sees_invisible = {}, invisible_is = {}: what it counts for is \
                 folded from what the team sees",
                seen.word(),
                is.word()
            ));
        }
    }

    /// Leaves out the settings that hide a widget (rules V1 to V4), and their parts.
    fn drop_visibility(&mut self) {
        let settings = self.settings.get_or_insert_with(|| can::SETTINGS.clone());
        for hides in SettingName::all().filter(|name| name.is_of_visibility()) {
            settings.retain(|name| !name.starts_with(hides.key()));
        }
    }

    /// Keeps the size of a world to what the target can hold; gives what was lowered, a sentence each.
    pub(super) fn lower(&self, world: &mut synth::Knobs, generators: u32) -> Vec<String> {
        let mut lowered = Vec::new();
        let fits = |value: &mut u32, max: Option<u64>| {
            let max = max.map_or(u32::MAX, |max| u32::try_from(max).unwrap_or(u32::MAX));
            let is_more = *value > max;
            *value = (*value).min(max.max(1));
            is_more
        };
        fits(&mut world.devices, self.devices_max);
        if fits(&mut world.properties, self.properties_max) {
            let properties = world.properties;
            lowered
                .push(format!("the target file has {properties} properties: so many are played"));
        }
        let observers = if self.has_observer { u64::from(generators) } else { 0 };
        let accounts_max = self.accounts_max.map(|accounts| accounts.saturating_sub(observers));
        let each = accounts_max.map(|accounts| accounts / u64::from(world.properties.max(1)));
        if fits(&mut world.agents, each) {
            let agents = world.agents;
            lowered.push(format!(
                "the accounts of the target file are enough for {agents} agents a property: so many are \
                 played"
            ));
        }
        lowered
    }

    /// A world that the target can hold.
    pub(super) fn fit_world(
        &self,
        properties: &mut [PlannedProperty],
        widgets: &mut Vec<PlannedWidget>,
        agents: &mut [PlannedAgent],
    ) {
        let devices_max = self.devices_max.map_or(usize::MAX, |max| max as usize);
        let memberships_max = self.memberships_max.map_or(usize::MAX, |max| max as usize);
        for agent in agents.iter_mut() {
            agent.devices.truncate(devices_max.max(1));
            agent.properties.truncate(memberships_max);
        }
        for (index, property) in (0..).zip(properties.iter_mut()) {
            property.members.retain(|member| agents[*member as usize].properties.contains(&index));
            property.suspended.retain(|agent| self.suspends && property.members.contains(agent));
        }
        if !self.further_widgets {
            let mut kept: Vec<PlannedWidget> = Vec::new();
            for property in properties {
                let first = kept.len() as WidgetIndex;
                kept.extend(widgets.get(property.widgets.start as usize).cloned());
                property.widgets = first..kept.len() as WidgetIndex;
            }
            *widgets = kept;
        }
    }

    /// Settings that the target takes; those of which nothing can be told are as where they were never
    /// set.
    pub(super) fn fit_settings(&self, mut settings: Settings) -> Settings {
        match &self.hours {
            HoursLimit::Any => {}
            HoursLimit::None => settings.scheduler = None,
            HoursLimit::Sayable(HoursCan { zone: ZoneCan::Server(zone), .. }) => {
                if let Some(scheduler) = &mut settings.scheduler {
                    std::sync::Arc::make_mut(scheduler).zone.clone_from(zone);
                }
            }
            HoursLimit::Sayable(_) => {}
        }
        let Some(taken) = &self.settings else { return settings };
        // Hours have steps of their own.
        for name in SettingName::all().filter(|name| *name != SettingName::Scheduler) {
            if !can::is_named(&settings.get(name), taken) {
                settings.set(name.taken_back());
            }
        }
        settings
    }

    /// Takes away schedulers that the target cannot be told.
    pub(super) fn fit_hours(&self, widgets: &mut [PlannedWidget]) {
        let HoursLimit::Sayable(hours) = &self.hours else { return };
        for widget in widgets {
            let is_sayable = |scheduler: &_| hours.say(scheduler).is_ok();
            if widget.settings.scheduler.as_deref().is_some_and(|own| !is_sayable(own)) {
                std::sync::Arc::make_mut(&mut widget.settings).scheduler = None;
            }
        }
    }
}

/// How many there are at most, where they cannot be made.
fn count_of(rows: usize, can_be_made: bool) -> Option<u64> {
    (!can_be_made && rows > 0).then_some(rows as u64)
}
