//! What of a scenario a target can be asked: what it cannot takes expectations away, clause by clause
//! (rules T24, T35, T39, T41, T52, T55 of target files).

use std::collections::{BTreeMap, BTreeSet};

use lamplighter_core::model::{
    AgentId, Chosen, DeviceId, DeviceStatus, Event, PropertyId, Scheduler, Setting, Settings,
    Visitor, WidgetId, WidgetStatus,
};
use lamplighter_core::world::{Membership, World};
use lamplighter_scenario::play::{Capability, Facts, ObservedPart, SeenWidget, Untested};

use crate::file::TargetFile;
use crate::file::ability::Abilities;
use crate::file::can::{AUTO_AWAY, FOR, GRACE, ZoneCan};
use crate::file::clock::Clock;
use crate::file::hours::UnsupportedHours;
use crate::file::section::Section;
use crate::file::widget::{WidgetColumn, WidgetSection as Table};

/// What a target can be asked about one scenario, as far as it has come.
#[derive(Clone, Debug)]
pub struct Testable {
    can: Abilities,
    is_folded: bool,
    tells: [bool; 5],
    has_team: bool,
    /// Whether a property can have further widgets.
    makes_widgets: bool,
    holds: bool,
    grace_is_never: bool,
    /// Whether its clock is the machine's: schedulers are moved to the present.
    is_real: bool,
    /// Devices of which something was not done.
    devices: BTreeMap<DeviceId, Untested>,
    members: BTreeMap<(AgentId, PropertyId), Untested>,
    crowded: BTreeSet<AgentId>,
    /// Widgets whose scheduler could not be taken away.
    stuck: BTreeSet<WidgetId>,
}

const COLUMNS: [WidgetColumn; 5] = [
    WidgetColumn::Status,
    WidgetColumn::Chat,
    WidgetColumn::Form,
    WidgetColumn::Greeting,
    WidgetColumn::Visibility,
];

fn untested(why: impl Into<String>) -> Untested {
    Untested(why.into())
}

impl Testable {
    /// What a target can be asked before anything happens, by its target file.
    pub fn new(file: &TargetFile) -> Self {
        // An adapter tells with each answer what it can tell.
        let is_adapter = file.about.adapter.is_some();
        let tells =
            |column| is_adapter || file.widget.as_ref().is_some_and(|widget| widget.tells(column));
        Self {
            can: file.abilities(),
            is_folded: matches!(file.widget, Some(Table::Folded)),
            tells: COLUMNS.map(tells),
            has_team: file.has_team(),
            makes_widgets: file.does(Section::WidgetMake),
            holds: file.holds_devices(),
            grace_is_never: file.rules.grace().is_none(),
            is_real: file.clock == Clock::Real,
            devices: BTreeMap::new(),
            members: BTreeMap::new(),
            crowded: BTreeSet::new(),
            stuck: BTreeSet::new(),
        }
    }

    /// At the first instant: members who are suspended from the beginning.
    pub fn begin(&mut self, facts: Facts<'_>) {
        for property in (0..facts.roster.properties.len()).map(PropertyId::new) {
            for agent in facts.world.members(property) {
                if facts.world.membership(*agent, property) == Some(Membership::Suspended) {
                    self.suspended(*agent, property);
                }
            }
        }
    }

    /// Something is about to happen; whether it is done on the target.
    pub fn note(&mut self, event: &Event, facts: Facts<'_>) -> bool {
        let world = facts.world;
        match event {
            Event::Login(device) => self.login(*device, world),
            Event::SetStatus(device, chosen) => self.chosen(*device, *chosen),
            Event::SetStatusFor(device, chosen, _) => self.chosen_for_a_time(*device, *chosen),
            Event::SetStatusEverywhere(agent, chosen)
            | Event::SetStatusEverywhereFor(agent, chosen, _) => {
                let devices: Vec<DeviceId> = world.devices_of(*agent).collect();
                let is_in = |d: &DeviceId| world.device_status(*d) != DeviceStatus::LoggedOut;
                let for_a_time = event.length().is_some();
                devices.into_iter().filter(is_in).all(|device| match for_a_time {
                    true => self.chosen_for_a_time(device, *chosen),
                    false => self.chosen(device, *chosen),
                })
            }
            Event::Logout(device) => self.logout(*device),
            Event::LogoutEverywhere(agent) => {
                let devices: Vec<DeviceId> = world.devices_of(*agent).collect();
                let is_in = |d: &DeviceId| world.device_status(*d) != DeviceStatus::LoggedOut;
                devices.into_iter().filter(is_in).all(|device| self.logout(device))
            }
            Event::Disconnect(device) => self.disconnect(*device),
            Event::Reconnect(device) => {
                if !self.can.reconnect {
                    let why = untested("reconnecting: `can.reconnect` is false");
                    self.devices.insert(*device, why);
                }
                self.can.reconnect && !self.devices.contains_key(device)
            }
            Event::Activity(device) => {
                if !self.can.activity && world.timing().auto_away.is_some() {
                    let why = untested("activity: there is no `device.activity`");
                    self.devices.insert(*device, why);
                }
                self.can.activity
            }
            Event::Suspend(agent, property) => self.suspended(*agent, *property),
            Event::Reinstate(agent, property) => {
                self.members.remove(&(*agent, *property));
                self.can.suspend
            }
            Event::Configure(widget, setting) => self.configured(*widget, setting, world),
        }
    }

    fn login(&mut self, device: DeviceId, world: &World) -> bool {
        let agent = device.agent();
        let is_in = |d: &DeviceId| world.device_status(*d) != DeviceStatus::LoggedOut;
        let others = world.devices_of(agent).filter(|other| *other != device).filter(is_in);
        let count = others.count() as u64 + 1;
        if count == 1 {
            self.crowded.remove(&agent);
        }
        if self.can.devices_max.is_some_and(|max| count > max) {
            self.crowded.insert(agent);
            return false;
        }
        self.devices.remove(&device);
        true
    }

    fn chosen(&mut self, device: DeviceId, chosen: Chosen) -> bool {
        if self.can.statuses.contains(&chosen) {
            self.devices.remove(&device);
            return true;
        }
        let why = untested(format!("status {}: not in `can.statuses`", chosen.word()));
        self.devices.insert(device, why);
        false
    }

    /// Rule P9: only a product that is told for how long goes back by itself.
    fn chosen_for_a_time(&mut self, device: DeviceId, chosen: Chosen) -> bool {
        if self.sets(FOR) {
            return self.chosen(device, chosen);
        }
        let why = untested("a status for a time: `for` is not in `can.settings`");
        self.devices.insert(device, why);
        false
    }

    fn logout(&mut self, device: DeviceId) -> bool {
        match self.can.logout {
            true => drop(self.devices.remove(&device)),
            false => {
                let why = untested("logging out: `can.logout` is false");
                self.devices.insert(device, why);
            }
        }
        self.can.logout
    }

    fn disconnect(&mut self, device: DeviceId) -> bool {
        if !self.holds && !self.grace_is_never {
            let why = untested("losing the connection: nothing holds a device");
            self.devices.insert(device, why);
        }
        self.holds
    }

    fn suspended(&mut self, agent: AgentId, property: PropertyId) -> bool {
        if !self.can.suspend {
            let why = untested("suspending: there is no `member.suspend`");
            self.members.insert((agent, property), why);
        }
        self.can.suspend
    }

    fn configured(&mut self, widget: WidgetId, setting: &Setting, world: &World) -> bool {
        match setting {
            Setting::Scheduler(None) => {
                let had_one = world.settings(widget).scheduler.is_some();
                if had_one && !self.can.hours_off && self.can.hours.is_some() {
                    self.stuck.insert(widget);
                }
                self.can.hours_off
            }
            Setting::Scheduler(Some(scheduler)) => {
                self.stuck.remove(&widget);
                self.says_hours(scheduler).is_ok()
            }
            _ => !self.can.settings.is_empty(),
        }
    }

    /// Whether the target can be told these hours.
    ///
    /// # Errors
    /// Why it cannot, for a report.
    pub fn says_hours(&self, scheduler: &Scheduler) -> Result<(), Untested> {
        let Some(can) = &self.can.hours else {
            return Err(untested(format!("hours: {}", UnsupportedHours::NoHours)));
        };
        let said = match (&can.zone, self.is_real) {
            // On a real clock it is moved, into a zone that the target has.
            (ZoneCan::Server(zone), true) => {
                can.say(&Scheduler { zone: zone.clone(), hours: scheduler.hours.clone() })
            }
            _ => can.say(scheduler),
        };
        said.map_err(|why| untested(format!("hours: {why}")))
    }

    /// Why nothing is said of an agent, if nothing is.
    fn of_agent(&self, agent: AgentId, world: &World) -> Option<Untested> {
        if let Some((_, why)) = self.devices.iter().find(|(device, _)| device.agent() == agent) {
            return Some(why.clone());
        }
        if self.crowded.contains(&agent) {
            return Some(untested("devices: an agent can be on fewer at once (`can.devices`)"));
        }
        let count = world.properties_of(agent).len() as u64;
        let is_in_too_many = self.can.memberships_max.is_some_and(|max| count > max);
        is_in_too_many.then(|| untested("memberships: an agent can be in fewer properties"))
    }

    /// Why what team-mates see of an agent is not tested, if it is not.
    pub fn agent(&self, agent: AgentId, facts: Facts<'_>) -> Option<Untested> {
        if !self.has_team {
            return Some(untested("the team: there is no `[team]`"));
        }
        if facts.world.properties_of(agent).is_empty() {
            return Some(untested("the team: the agent is a member of nothing"));
        }
        self.of_agent(agent, facts.world)
    }

    /// What of a widget is tested: each part that is not, with why.
    pub fn widget(&self, widget: WidgetId, visitor: &Visitor, facts: Facts<'_>) -> SeenWidgetReach {
        let settings = facts.world.settings(widget);
        let status = self.status(widget, settings, facts);
        let [tells_status, tells_chat, tells_form, tells_greeting, tells_shown] = self.tells;
        let told = |tells: bool, what: &str| match tells {
            true => Ok(()),
            false => Err(untested(format!("{what}: no row of `says` tells it"))),
        };
        let first = |one: Result<(), Untested>, other: Result<(), Untested>| one.and(other);
        SeenWidgetReach {
            status: first(told(tells_status, "widget status"), status.clone()),
            chat: first(told(tells_chat, "chat"), status.clone()),
            form: first(told(tells_form, "form"), status.clone())
                .and(self.form(settings, facts.world.answer(widget).status)),
            greeting: first(told(tells_greeting, "greeting"), status.clone())
                .and(self.greeting(facts.world.answer(widget).status)),
            shown: told(tells_shown, "visibility").and(self.shown(settings, visitor, status)),
        }
    }

    fn status(
        &self,
        widget: WidgetId,
        settings: &Settings,
        facts: Facts<'_>,
    ) -> Result<(), Untested> {
        let world = facts.world;
        let property = world.property_of(widget);
        if !self.makes_widgets && world.widgets_of(property).next() != Some(widget) {
            return Err(untested("further widgets: there is no `widget.make`"));
        }
        if self.stuck.contains(&widget) {
            return Err(untested("hours: there is no `hours.off`"));
        }
        if let Some(scheduler) = &settings.scheduler {
            if self.is_folded {
                return Err(untested("hours: the widget is folded from the team"));
            }
            self.says_hours(scheduler)?;
            let sets = self.sets("offline_when_all_agents_offline");
            if settings.offline_when_all_agents_offline && !sets {
                return Err(self.unset("offline_when_all_agents_offline"));
            }
        }
        for agent in world.members(property) {
            if let Some(why) = self.members.get(&(*agent, property)) {
                return Err(why.clone());
            }
            if world.membership(*agent, property) == Some(Membership::Active)
                && let Some(why) = self.of_agent(*agent, world)
            {
                return Err(why);
            }
        }
        Ok(())
    }

    fn form(&self, settings: &Settings, status: WidgetStatus) -> Result<(), Untested> {
        let hangs_on_setting = status != WidgetStatus::Offline;
        match hangs_on_setting && !self.sets("pre_chat_form") {
            true if settings.pre_chat_form => Err(self.unset("pre_chat_form")),
            true => Err(untested("form: what it is by itself is the target's own")),
            false => Ok(()),
        }
    }

    fn greeting(&self, status: WidgetStatus) -> Result<(), Untested> {
        let part = format!("greeting_{}", status.word());
        match self.sets("greetings") || self.sets(&part) {
            true => Ok(()),
            false => Err(self.unset("greetings")),
        }
    }

    fn shown(
        &self,
        settings: &Settings,
        _: &Visitor,
        status: Result<(), Untested>,
    ) -> Result<(), Untested> {
        if !self.can.visibility {
            return Err(untested("visibility: `can.visibility` is false"));
        }
        if let Some(name) = self.can.unset_visibility(settings) {
            return Err(self.unset(name));
        }
        if settings.hide_when_offline { status } else { Ok(()) }
    }

    fn sets(&self, name: &str) -> bool {
        self.can.settings.iter().any(|setting| setting == name)
    }

    fn unset(&self, name: &str) -> Untested {
        untested(format!("setting {name}: not in `can.settings`"))
    }

    /// Whether the target is given a scenario's own grace, and auto-away.
    pub fn is_given_timing(&self) -> (bool, bool) {
        (self.sets(GRACE), self.sets(AUTO_AWAY))
    }
}

/// What of a widget is tested.
#[derive(Clone, Debug)]
pub struct SeenWidgetReach {
    status: ObservedPart<()>,
    chat: ObservedPart<()>,
    form: ObservedPart<()>,
    greeting: ObservedPart<()>,
    shown: ObservedPart<()>,
}

impl SeenWidgetReach {
    /// Whether anything that is asked for is tested, so that it is worth a read.
    pub fn is_any(&self, capabilities: &BTreeSet<Capability>) -> bool {
        capabilities.iter().any(|capability| match capability {
            Capability::Status => self.status.is_ok(),
            Capability::Chat => self.chat.is_ok(),
            Capability::Form => self.form.is_ok(),
            Capability::Greeting => self.greeting.is_ok(),
            Capability::Visibility => self.shown.is_ok(),
            Capability::Team
            | Capability::Reason
            | Capability::Next
            | Capability::Changes
            | Capability::Recording
            | Capability::Anomalies => false,
        })
    }

    /// Whether anything of it is tested at all.
    pub fn tells_anything(&self) -> bool {
        let Self { status, chat, form, greeting, shown } = self;
        [status, chat, form, greeting, shown].into_iter().any(Result::is_ok)
    }

    /// What was seen, but for what is not tested.
    pub fn over(self, seen: SeenWidget) -> SeenWidget {
        SeenWidget {
            statuses: self.status.and(seen.statuses),
            chat: self.chat.and(seen.chat),
            form: self.form.and(seen.form),
            greeting: self.greeting.and(seen.greeting),
            shown: self.shown.clone().and(seen.shown),
            hidden_because: self.shown.and(seen.hidden_because),
        }
    }
}
