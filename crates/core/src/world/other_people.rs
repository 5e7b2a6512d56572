//! What events and the clock do to devices where a product's rules for people are not the rule
//! book's (rules P1 to P3, P7, P8 and the knobs that change them). An agent is changed as a whole:
//! what is said on one device can reach the others.

use super::apply::report;
use super::device::Device;
use super::people::DeviceEffect;
use super::touched::Touch;
use super::{Change, Membership, World};
use crate::model::knobs::{Devices, IdleMeans, LogoutEnds};
use crate::model::{AgentId, Chosen, DeviceId, DeviceStatus, Event, Impossible, Millis, WidgetId};
use crate::mutations::{Mutation, is_on};

impl World {
    /// What an event does by other rules than the rule book's.
    ///
    /// # Errors
    /// When the event cannot happen; then nothing has changed.
    #[inline(never)]
    pub(super) fn apply_by_other_rules(
        &mut self,
        event: &Event,
        changes: &mut dyn FnMut(Change),
    ) -> Result<(), Impossible> {
        let at = self.now;
        let notes = &mut |note| match note {
            Touch::Agent(agent, _, now) => changes(Change::Agent { at, agent, now }),
            Touch::Widget(step) => report(step, at, changes),
        };
        match event {
            Event::Login(device) => self.log_in_by_rules(*device, notes),
            Event::SetStatus(device, chosen) => {
                self.logged_in_device(*device)?;
                self.put_status(device.agent(), *chosen, Some(*device), None, notes);
            }
            Event::SetStatusEverywhere(agent, chosen) => {
                self.logged_in_somewhere(*agent)?;
                self.put_status(*agent, *chosen, None, None, notes);
            }
            Event::SetStatusFor(device, chosen, length) => {
                self.logged_in_device(*device)?;
                self.put_status(device.agent(), *chosen, Some(*device), Some(*length), notes);
            }
            Event::SetStatusEverywhereFor(agent, chosen, length) => {
                self.logged_in_somewhere(*agent)?;
                self.put_status(*agent, *chosen, None, Some(*length), notes);
            }
            Event::Logout(device) => {
                self.logged_in_device(*device)?;
                self.log_out_by_rules(device.agent(), Some(*device), notes);
            }
            Event::LogoutEverywhere(agent) => {
                self.logged_in_somewhere(*agent)?;
                self.log_out_by_rules(*agent, None, notes);
            }
            Event::Disconnect(device) => {
                if self.logged_in_device(*device)?.is_lost() {
                    return Err(Impossible::AlreadyLost);
                }
                self.lose(*device, notes);
            }
            Event::Reconnect(id) => {
                let device = self.people.device(*id);
                match (device.is_lost(), device.has_run_out()) {
                    (true, _) => self.put_device(*id, device.with_connection(false), notes),
                    (false, true) => {}
                    (false, false) => return Err(Impossible::NotLost),
                }
            }
            Event::Activity(device) => {
                self.logged_in_device(*device)?;
                self.be_active_by_rules(*device, notes);
            }
            Event::Suspend(agent, property) => {
                return self.put_membership(*agent, *property, Membership::Suspended, changes);
            }
            Event::Reinstate(agent, property) => {
                return self.put_membership(*agent, *property, Membership::Active, changes);
            }
            Event::Configure(widget, setting) => return self.configure(*widget, setting, changes),
        }
        Ok(())
    }

    fn logged_in_device(&self, id: DeviceId) -> Result<Device, Impossible> {
        let device = self.people.device(id);
        if device.is_logged_in() { Ok(device) } else { Err(Impossible::NotLoggedIn) }
    }

    fn logged_in_somewhere(&self, agent: AgentId) -> Result<(), Impossible> {
        let mut devices = self.devices_of(agent);
        let any = devices.any(|id| self.people.device(id).is_logged_in());
        if any { Ok(()) } else { Err(Impossible::NowhereLoggedIn) }
    }

    /// Whether what is said of one device is said of the other: it is that one, or the agent has one
    /// status for all of them.
    fn reaches(&self, said: Option<DeviceId>, id: DeviceId) -> bool {
        self.is_said_of_all() || said.is_none_or(|said| said == id)
    }

    /// Whether what is said of one device is said of all: the agent has one status for them.
    fn is_said_of_all(&self) -> bool {
        self.rules.devices == Devices::OneStatus && !is_on(Mutation::OneStatusNotShared)
    }

    /// Changes all devices of an agent at once, with everything that goes with it.
    fn change_agent(
        &mut self,
        agent: AgentId,
        mut to: impl FnMut(DeviceId, Device) -> Device,
        notes: &mut dyn FnMut(Touch),
    ) {
        let (planes, lists, graces) = (&mut self.planes, &self.lists, &mut self.graces);
        let to = |slot, from: Device| {
            let id = DeviceId::new(agent, slot);
            let to = to(id, from);
            if from.is_lost() && !to.is_lost() {
                graces.remove(&id);
            }
            to
        };
        self.people.change_all(agent, self.now, to, &mut |effect| match effect {
            DeviceEffect::Agent(before, now) => notes(Touch::Agent(agent, before, now)),
            DeviceEffect::Presence(widgets, now) => {
                for &widget in widgets.ids(lists) {
                    notes(Touch::Widget(planes.put_presence(WidgetId::from(widget), now)));
                }
            }
        });
        if !self.timed.is_empty() {
            self.end_times_of(agent);
        }
    }

    /// Gives one device another state, whatever the others are.
    pub(super) fn put_device(
        &mut self,
        id: DeviceId,
        device: Device,
        notes: &mut dyn FnMut(Touch),
    ) {
        let put = |other, now| if other == id { device } else { now };
        self.change_agent(id.agent(), put, notes);
    }

    /// Rule P1 by the knob `login`; the status that a login gives is given to all devices where they
    /// have one (`devices`).
    fn log_in_by_rules(&mut self, id: DeviceId, notes: &mut dyn FnMut(Touch)) {
        let kept = self.people.kept(id).filter(|_| !is_on(Mutation::LoginForgets));
        let gives = self.rules.login_gives(kept);
        self.people.keep(id, gives);
        self.people.note_given(id);
        if !self.timed.is_empty() {
            self.timed.end(self.timed_holder(id));
        }
        let others = self.rules.devices == Devices::OneStatus;
        let put = |other, device: Device| match (other == id, device.is_logged_in()) {
            (true, _) => Device::LOGGED_IN.with_status(gives.into()),
            (false, true) if others => device.with_status(gives.into()),
            (false, _) => device,
        };
        self.change_agent(id.agent(), put, notes);
        self.note_activity(id.agent(), Some(id));
    }

    /// Rule P2, said of one device, or of every one on which the agent is logged in; for a time or
    /// for good (rule P9).
    pub(super) fn put_status(
        &mut self,
        agent: AgentId,
        chosen: Chosen,
        said: Option<DeviceId>,
        length: Option<Millis>,
        notes: &mut dyn FnMut(Touch),
    ) {
        for id in self.devices_of(agent) {
            if self.reaches(said, id) && self.people.device(id).is_logged_in() {
                match length {
                    Some(length) => self.note_timed_by_rules(id, length),
                    None => {
                        if !self.timed.is_empty() {
                            self.timed.end(self.timed_holder(id));
                        }
                        self.people.keep(id, chosen);
                    }
                }
                if !is_on(Mutation::StatusNotNewest) {
                    self.people.note_given(id);
                }
            }
        }
        let said_of_all = self.is_said_of_all();
        let put = |id: DeviceId, device: Device| {
            let reached = said_of_all || said.is_none_or(|said| said == id);
            match reached && device.is_logged_in() {
                true => device.with_status(chosen.into()),
                false => device,
            }
        };
        self.change_agent(agent, put, notes);
        self.note_activity(agent, said);
    }

    /// Rule P3 by the knob `logout`, said of one device or of all.
    fn log_out_by_rules(
        &mut self,
        agent: AgentId,
        said: Option<DeviceId>,
        notes: &mut dyn FnMut(Touch),
    ) {
        let ends = self.rules.logout;
        if ends == LogoutEnds::Never && !is_on(Mutation::LogoutEndsAtOnce) {
            for id in self.devices_of(agent).filter(|id| said.is_none_or(|said| said == *id)) {
                let device = self.people.device(id);
                if device.is_logged_in() && !device.is_lost() {
                    self.lose(id, notes);
                }
            }
            return;
        }
        let all = ends == LogoutEnds::Account && !is_on(Mutation::AccountGoesOn);
        let put = |id: DeviceId, device: Device| {
            let ends = device.is_logged_in() && (all || said.is_none_or(|said| said == id));
            if ends { Device::LOGGED_OUT } else { device }
        };
        self.change_agent(agent, put, notes);
    }

    /// Rule P7: the connection of a logged-in device is lost.
    fn lose(&mut self, id: DeviceId, notes: &mut dyn FnMut(Touch)) {
        let until = self.now.checked_add(self.timing.grace);
        // No grace: losing the connection is logging out.
        if until == Some(self.now) {
            return self.put_device(id, Device::RAN_OUT, notes);
        }
        let lost = self.people.device(id).with_connection(true);
        self.put_device(id, lost, notes);
        self.graces.insert(id, until);
        if let Some(until) = until {
            self.grace_deadlines.push(until, id);
        }
    }

    /// Rule P8: what went away by it is online again.
    fn be_active_by_rules(&mut self, id: DeviceId, notes: &mut dyn FnMut(Touch)) {
        let back: Vec<bool> = self
            .devices_of(id.agent())
            .map(|other| {
                self.reaches(Some(id), other) && self.people.device(other).is_away_by_rule()
            })
            .collect();
        if back.contains(&true) {
            self.people.note_given(id);
            let put = |other: DeviceId, device: Device| match back[other.slot()] {
                true => device.with_status(DeviceStatus::Online),
                false => device,
            };
            self.change_agent(id.agent(), put, notes);
        }
        self.note_activity(id.agent(), Some(id));
    }

    /// Rule P8: a sign of life on one device, or on every one that is logged in.
    fn note_activity(&mut self, agent: AgentId, said: Option<DeviceId>) {
        if self.timing.auto_away.is_none() {
            return;
        }
        for id in self.devices_of(agent) {
            let device = self.people.device(id);
            let reaches = match is_on(Mutation::IdlenessOfEachDevice) {
                true => said.is_none_or(|said| said == id),
                false => self.reaches(said, id),
            };
            if reaches && device.is_logged_in() {
                self.be_active(id, device);
            }
        }
    }

    /// Rule P8 by the knob `idle`: an online device was idle for long enough.
    #[cold]
    pub(super) fn go_idle_by_other_rules(&mut self, id: DeviceId, notes: &mut dyn FnMut(Touch)) {
        match self.rules.idle {
            IdleMeans::LoggedOut if !is_on(Mutation::IdleGoesAway) => {
                self.put_device(id, Device::RAN_OUT, notes);
            }
            IdleMeans::LoggedOut | IdleMeans::Away => {
                if !is_on(Mutation::ClockNotNewest) {
                    self.people.note_given(id);
                }
                if is_on(Mutation::KeptByTheClock) {
                    self.people.keep(id, Chosen::Away);
                }
                let away = self.people.device(id).away_by_rule();
                self.put_device(id, away, notes);
            }
        }
    }
}
