//! One scenario's part of a target: its accounts, properties and widgets there, its devices, and its
//! steps as calls.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lamplighter_core::model::{
    AgentId, Chosen, DeviceId, DeviceStatus, Event, Millis, PropertyId, WidgetId,
};
use lamplighter_core::world::{Membership, World};
use lamplighter_scenario::language::Roster;
use lamplighter_scenario::play::{Disagreement, Discrepancy, Facts, MadeName};

use super::scheduler_shift::SchedulerShift;
use super::skip::SkipReason;
use super::testable::Testable;
use super::unknown_writes::{DeviceWrite, UnknownWrites};
use crate::driver::{
    Agent, CreatedObjects, Device, Driver, Leftovers, Member, Property, RunError, SessionEnd,
    StepsResult, Timestamp, Widget, WriteOutcome,
};
use crate::file::outcome::StepOutcome;
use crate::file::section::Section;

/// A scenario's part of a target.
pub struct ScenarioOnTarget {
    pub(super) driver: Arc<Driver>,
    made: CreatedObjects,
    agents: Vec<Agent>,
    properties: Vec<Property>,
    members: BTreeMap<(PropertyId, AgentId), Member>,
    pub(super) widgets: BTreeMap<WidgetId, Widget>,
    devices: BTreeMap<DeviceId, Arc<Device>>,
    /// Devices in the order of their logins (T31).
    logins: Vec<DeviceId>,
    /// When each connection was lost.
    lost: BTreeMap<DeviceId, Timestamp>,
    /// Where schedulers are moved to on a real clock, and into which zone.
    pub(super) shift: Option<SchedulerShift>,
    /// Widgets whose scheduler could not be put as it is, and why.
    pub(super) unmoved: BTreeMap<WidgetId, String>,
    /// Writes of which nobody knows whether they have happened.
    pub(super) unknown_writes: UnknownWrites,
    /// From when on a read is conclusive.
    settled: Timestamp,
    untold: Vec<Disagreement>,
}

impl ScenarioOnTarget {
    /// Nothing is there yet.
    pub fn new(driver: &Arc<Driver>) -> Self {
        Self {
            driver: Arc::clone(driver),
            made: CreatedObjects::default(),
            agents: Vec::new(),
            properties: Vec::new(),
            members: BTreeMap::new(),
            widgets: BTreeMap::new(),
            devices: BTreeMap::new(),
            logins: Vec::new(),
            lost: BTreeMap::new(),
            shift: None,
            unmoved: BTreeMap::new(),
            unknown_writes: UnknownWrites::default(),
            settled: Timestamp::now(),
            untold: Vec::new(),
        }
    }

    /// What calls for it.
    pub fn driver(&self) -> &Arc<Driver> {
        &self.driver
    }

    /// From when on a read is conclusive.
    pub fn settled(&self) -> Timestamp {
        self.settled
    }

    /// Nothing that is read is conclusive for so long.
    pub fn settles_in(&mut self, within: Duration) {
        self.settled = self.settled.max(Timestamp::now().after(within));
    }

    /// From now on schedulers are moved to where the real-time schedule lays them.
    pub fn moves(&mut self, shift: SchedulerShift) {
        self.shift = Some(shift);
    }

    /// Why the scheduler of a widget is not the scenario's, where it is not.
    pub fn unmoved(&self, widget: WidgetId) -> Option<&str> {
        self.unmoved.get(&widget).map(String::as_str)
    }

    /// When a connection was lost, of devices whose grace still runs.
    pub fn lost(&self, device: DeviceId) -> Option<Timestamp> {
        self.lost.get(&device).copied()
    }

    /// What was found since this was last asked.
    pub fn tell(&mut self) -> Vec<Disagreement> {
        for there in self.devices.values() {
            let Some(ended) = there.take_ended() else { continue };
            let seen = match ended {
                SessionEnd::Gone => "session lost: it is gone".to_owned(),
                SessionEnd::HoldFailed(why) => format!("session lost: {why}"),
            };
            let rules = format!("{} of {} is logged in", there.name, there.agent.name);
            let discrepancy = Discrepancy { seen, rules };
            self.untold.push(Disagreement { discrepancy, facts: Vec::new() });
        }
        std::mem::take(&mut self.untold)
    }

    /// Makes its accounts, properties and widgets.
    ///
    /// # Errors
    /// When one is not made, or there are too few.
    pub async fn build(&mut self, facts: Facts<'_>, testable: &Testable) -> Result<(), SkipReason> {
        let (driver, world) = (Arc::clone(&self.driver), facts.world);
        let count = facts.roster.agents.len();
        let agents = driver.make_agents(count, &mut self.made).await?;
        self.agents = agents.ok_or_else(|| SkipReason::TooFew {
            what: "accounts",
            needs: count,
            has: driver.file().about.accounts.len(),
        })?;
        let count = facts.roster.properties.len();
        for property in (0..count).map(PropertyId::new) {
            let widgets: Vec<WidgetId> = world.widgets_of(property).collect();
            let own = widgets.first().map(|own| world.settings(*own).clone()).unwrap_or_default();
            let made = driver.make_property(&own, world.timing(), &mut self.made).await?;
            let there = made.ok_or_else(|| SkipReason::TooFew {
                what: "properties",
                needs: count,
                has: driver.file().about.properties.len(),
            })?;
            self.properties.push(there.clone());
            for (place, widget) in widgets.into_iter().enumerate() {
                let settings = world.settings(widget).clone();
                let there = match place {
                    0 => there.own_widget(),
                    _ if !driver.file().does(Section::WidgetMake) => continue,
                    _ => driver.name_widget(&there),
                };
                self.widgets.insert(widget, there);
                self.set_up(widget, &settings, place == 0, world, testable).await?;
            }
            for agent in world.members(property).to_vec() {
                let member = &self.agents[agent.index()];
                let member = driver.add_member(member, &there, &mut self.made).await?;
                let is_suspended = world.membership(agent, property) == Some(Membership::Suspended);
                if is_suspended && driver.abilities().suspend {
                    let done = driver.suspend(&member, true).await?;
                    let why_not = self.performed(
                        &done,
                        Duration::ZERO,
                        "a member can be suspended (rule P6)",
                    );
                    self.unknown_writes.member((agent, property), &done.outcome, &why_not);
                }
                self.members.insert((property, agent), member);
            }
        }
        self.settles_in(driver.file().timing.shows_within);
        Ok(())
    }

    /// Does on the target what is about to happen by the rules.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn play(&mut self, event: &Event, facts: Facts<'_>) -> Result<(), RunError> {
        let world = facts.world;
        let timing = self.driver.file().timing.clone();
        match event {
            Event::Login(device) => self.log_in(*device, facts).await?,
            Event::SetStatus(device, chosen) | Event::SetStatusFor(device, chosen, _) => {
                self.set_status(*device, *chosen, event.length()).await?;
            }
            Event::SetStatusEverywhere(agent, chosen)
            | Event::SetStatusEverywhereFor(agent, chosen, _) => {
                for device in self.devices_in(*agent, world) {
                    self.set_status(device, *chosen, event.length()).await?;
                }
            }
            Event::Logout(device) => self.log_out(*device, world).await?,
            Event::LogoutEverywhere(agent) => {
                for device in self.devices_in(*agent, world) {
                    self.log_out(device, world).await?;
                }
            }
            Event::Disconnect(device) => {
                if let Some(there) = self.devices.get(device) {
                    let at = self.driver.lose(there).await;
                    self.lost.insert(*device, at);
                    self.settles_in(timing.hold_settles);
                }
            }
            Event::Reconnect(device) => {
                let was_in = world.device_status(*device) != DeviceStatus::LoggedOut;
                if let Some(there) = self.devices.get(device).filter(|_| was_in) {
                    let settled = self.driver.reconnect(there).await;
                    self.lost.remove(device);
                    self.settled = self.settled.max(settled);
                }
            }
            Event::Activity(device) => {
                if let Some(there) = self.there(*device) {
                    let write = self.driver.be_active(&there).await?;
                    let rules = "a device that is logged in can be active (rule P8)";
                    self.wrote(&write, timing.shows_within, rules);
                    // Nothing else hangs on it.
                    if world.timing().auto_away.is_some() {
                        self.note(*device, DeviceWrite::Activity, &write);
                    }
                }
            }
            Event::Suspend(agent, property) => self.suspend(*agent, *property, true).await?,
            Event::Reinstate(agent, property) => self.suspend(*agent, *property, false).await?,
            Event::Configure(widget, setting) => self.configure(*widget, setting, world).await?,
        }
        Ok(())
    }

    async fn log_in(&mut self, device: DeviceId, facts: Facts<'_>) -> Result<(), RunError> {
        let agent = device.agent();
        let number = facts.world.devices_of(agent).position(|other| other == device);
        let there = &self.agents[agent.index()];
        let there = self
            .devices
            .entry(device)
            .or_insert_with(|| Device::new(there, number.unwrap_or_default() + 1));
        let there = Arc::clone(there);
        let is_active = |(property, _): &(&(PropertyId, AgentId), &Member)| {
            facts.world.membership(agent, property.0) == Some(Membership::Active)
        };
        let of_agent = self.members.iter().filter(|((_, other), _)| *other == agent);
        let members: Vec<Member> =
            of_agent.filter(is_active).map(|(_, member)| member.clone()).collect();
        there.is_member_of(&members);
        self.logins.retain(|other| *other != device);
        self.logins.push(device);
        self.lost.remove(&device);
        let write = self.driver.log_in(&there).await?;
        let within = self.driver.file().timing.login_shows_within;
        self.wrote(&write, within, "anyone can log in (rule P1)");
        self.note(device, DeviceWrite::Login, &write);
        Ok(())
    }

    async fn set_status(
        &mut self,
        device: DeviceId,
        chosen: Chosen,
        length: Option<Millis>,
    ) -> Result<(), RunError> {
        let Some(there) = self.there(device) else { return Ok(()) };
        let write = self.driver.set_status(&there, chosen, length).await?;
        let within = self.driver.file().timing.shows_within;
        self.wrote(&write, within, "a device that is logged in can be given a status (rule P2)");
        self.note(device, DeviceWrite::Status, &write);
        Ok(())
    }

    async fn log_out(&mut self, device: DeviceId, world: &World) -> Result<(), RunError> {
        let Some(there) = self.there(device) else { return Ok(()) };
        let write = self.driver.log_out(&there).await?;
        let timing = &self.driver.file().timing;
        let is_in = |other: &DeviceId| {
            *other != device && world.device_status(*other) != DeviceStatus::LoggedOut
        };
        let within = match world.devices_of(device.agent()).any(|other| is_in(&other)) {
            true => timing.logout_shows_within.max(timing.logout_unsettles),
            false => timing.logout_shows_within,
        };
        self.lost.remove(&device);
        self.wrote(&write, within, "a device that is logged in can log out (rule P3)");
        self.note(device, DeviceWrite::Logout, &write);
        Ok(())
    }

    async fn suspend(
        &mut self,
        agent: AgentId,
        property: PropertyId,
        is_suspended: bool,
    ) -> Result<(), RunError> {
        let Some(member) = self.members.get(&(property, agent)).cloned() else { return Ok(()) };
        let done = self.driver.suspend(&member, is_suspended).await?;
        let within = self.driver.file().timing.shows_within;
        let rules = "a member can be suspended and reinstated (rule P6)";
        let why_not = self.performed(&done, within, rules);
        self.unknown_writes.member((agent, property), &done.outcome, &why_not);
        Ok(())
    }

    /// A device that is logged in there.
    fn there(&self, device: DeviceId) -> Option<Arc<Device>> {
        self.devices.get(&device).filter(|there| there.is_logged_in()).cloned()
    }

    /// The devices of an agent that are logged in by the rules, in the order of their logins.
    fn devices_in(&self, agent: AgentId, world: &World) -> Vec<DeviceId> {
        let is_in = |device: &&DeviceId| {
            device.agent() == agent && world.device_status(**device) != DeviceStatus::LoggedOut
        };
        self.logins.iter().filter(is_in).copied().collect()
    }

    fn wrote(&mut self, write: &WriteOutcome, within: Duration, rules: &str) {
        self.settled = self.settled.max(write.answered.after(within));
        let Some(why) = &write.why_not else { return };
        // What is gone is told as a lost session.
        if write.outcome != StepOutcome::Gone {
            self.refused(rules, why.clone());
        }
    }

    /// Takes down what a device has done, where nobody knows whether it has happened or that is settled.
    fn note(&mut self, device: DeviceId, what: DeviceWrite, write: &WriteOutcome) {
        let why_not = write.why_not.as_deref().unwrap_or_default();
        self.unknown_writes.device(device, what, &write.outcome, why_not);
    }

    /// Tells of what is not done, and gives why it is not.
    pub(super) fn performed(
        &mut self,
        done: &StepsResult,
        within: Duration,
        rules: &str,
    ) -> String {
        self.settled = self.settled.max(done.answered.after(within));
        let why_not = self.driver.masked(&done.why_not());
        if !done.is_done() {
            self.refused(rules, why_not.clone());
        }
        why_not
    }

    fn refused(&mut self, rules: &str, seen: String) {
        let discrepancy = Discrepancy { seen, rules: rules.to_owned() };
        self.untold.push(Disagreement { discrepancy, facts: Vec::new() });
    }

    /// What it calls the agents, properties and widgets of the scenario there (T23).
    pub fn made(&self, roster: &Roster) -> Vec<MadeName> {
        let agents = self.agents.iter().enumerate().map(|(place, there)| MadeName {
            kind: "agent",
            name: roster.agents.name(AgentId::new(place)).to_owned(),
            made: there.name.clone(),
        });
        let widgets = self.widgets.iter().map(|(widget, there)| MadeName {
            kind: if there.is_further() { "widget" } else { "property" },
            name: roster.widgets.name(*widget).to_owned(),
            made: there.name.clone(),
        });
        agents.chain(widgets).collect()
    }

    /// A member of a property there.
    pub fn member(&self, property: PropertyId, agent: AgentId) -> Option<&Member> {
        self.members.get(&(property, agent))
    }

    /// A widget there, with the active members of its property.
    pub fn widget(&self, widget: WidgetId, world: &World) -> Option<(Widget, Vec<Member>)> {
        let property = world.property_of(widget);
        let is_active =
            |agent: &&AgentId| world.membership(**agent, property) == Some(Membership::Active);
        let members = world.members(property).iter().filter(is_active);
        let members = members.filter_map(|agent| self.member(property, *agent).cloned()).collect();
        Some((self.widgets.get(&widget)?.clone(), members))
    }

    /// Leaves nothing behind but what cannot be deleted.
    pub async fn clear(&mut self, keeps: bool) -> Leftovers {
        for device in std::mem::take(&mut self.devices).into_values() {
            if device.is_logged_in() && self.driver.abilities().logout && !keeps {
                // Whatever it is answered: it is over.
                drop(self.driver.log_out(&device).await);
            }
            self.driver.lose(&device).await;
        }
        match keeps {
            true => Leftovers::default(),
            false => self.driver.clear(&mut self.made).await,
        }
    }
}
