//! What events and the clock do to devices where a product's rules for people are not the rule
//! book's (rules P1 to P3, P7, P8 and the knobs that change them). An agent is changed as a whole:
//! what is said on one device can reach the others.

use super::action::Action;
use super::apply::report;
use super::device::Device;
use super::device_event::{DeviceEvent, Reach};
use super::people::{DeviceEffect, Pair, SeatActed};
use super::touched::Touch;
use super::{Change, Membership, World};
use crate::model::knobs::{Devices, IdleMeans, LoginGives, LogoutEnds};
use crate::model::{
    AgentId, Chosen, DeviceId, DeviceStatus, Event, Impossible, Instant, Millis, WidgetId,
};
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
        match (event, Action::of(event)) {
            (Event::SetStatusFor(..), _) | (_, None) => self.apply_seldom_by_rules(event, changes),
            (_, Some((device, action))) => {
                self.act_by_rules(device, action, None, &mut |note| tell(note, at, changes))
            }
        }
    }

    /// The same for an event that is about no device alone, or for a time.
    #[inline(never)]
    fn apply_seldom_by_rules(
        &mut self,
        event: &Event,
        changes: &mut dyn FnMut(Change),
    ) -> Result<(), Impossible> {
        let at = self.now;
        let notes = &mut |note| tell(note, at, changes);
        match event {
            Event::SetStatusEverywhere(agent, chosen) => {
                self.logged_in_somewhere(*agent)?;
                self.put_status(*agent, *chosen, None, None, notes);
            }
            Event::SetStatusFor(device, chosen, length) => {
                let action = Action::of_status(*chosen);
                return self.act_by_rules(*device, action, Some(*length), notes);
            }
            Event::SetStatusEverywhereFor(agent, chosen, length) => {
                self.logged_in_somewhere(*agent)?;
                self.put_status(*agent, *chosen, None, Some(*length), notes);
            }
            Event::LogoutEverywhere(agent) => {
                self.logged_in_somewhere(*agent)?;
                self.log_out_everywhere(*agent, notes);
            }
            Event::Suspend(agent, property) => {
                return self.put_membership(*agent, *property, Membership::Suspended, changes);
            }
            Event::Reinstate(agent, property) => {
                return self.put_membership(*agent, *property, Membership::Active, changes);
            }
            Event::Configure(widget, setting) => return self.configure(*widget, setting, changes),
            Event::Login(_)
            | Event::SetStatus(..)
            | Event::Logout(_)
            | Event::Disconnect(_)
            | Event::Reconnect(_)
            | Event::Activity(_) => unreachable!("it is about one device"),
        }
        Ok(())
    }

    /// What an event about one device does, with everything that goes with it; for a time where a `length` is
    /// given (rule P9).
    #[inline(always)]
    fn act_by_rules(
        &mut self,
        id: DeviceId,
        action: Action,
        length: Option<Millis>,
        notes: &mut (impl FnMut(Touch) + ?Sized),
    ) -> Result<(), Impossible> {
        let loses = action == Action::LogOut && self.is_kept_by_logout();
        let action = if loses || action == Action::Lose { self.loss() } else { action };
        if matches!(action, Action::LogOut | Action::LoseForGood) {
            self.keep_given(id.agent());
        }
        let said = self.said(id, action);
        let at = self.now;
        let seated = match length {
            None => self.people.act_seated(id, said.row(), at),
            // What it goes back to is noted before.
            Some(_) => None,
        };
        let happened = match seated {
            Some(SeatActed { from, to, step }) => {
                if !self.timed.is_empty() && said.gives_status() {
                    self.timed.end(self.timed_holder(id));
                }
                self.pass_on(id.agent(), step, notes);
                if from.may_be_lost() {
                    self.end_graces(id.agent(), from, to);
                }
                Ok(())
            }
            None => self.act_one_by_one(id, said, length, &mut |note| notes(note)),
        };
        match happened {
            // Nothing more can be lost.
            Err(Impossible::AlreadyLost) if loses => return Ok(()),
            happened => happened?,
        }
        if !self.timed.is_empty() {
            self.end_times_of(id.agent());
        }
        if self.timing.auto_away.is_some() && action.is_a_sign_of_life() {
            self.note_activity(id.agent(), Some(id));
        }
        if action == Action::Lose {
            self.begin_grace(id);
        }
        Ok(())
    }

    /// The same, as far as it goes, where the agent stands, and so the newest device may decide; and where it
    /// cannot happen.
    #[inline(never)]
    fn act_one_by_one(
        &mut self,
        id: DeviceId,
        said: DeviceEvent,
        length: Option<Millis>,
        notes: &mut dyn FnMut(Touch),
    ) -> Result<(), Impossible> {
        let from = self.people.device(id);
        let now = said.on(from)?;
        if said.gives_status() {
            self.note_time(id, length);
        }
        let newest = match said.action {
            Action::LogIn => true,
            Action::GoInvisible | Action::GoAway | Action::GoOnline => {
                !is_on(Mutation::StatusNotNewest)
            }
            Action::BeActive => from != now,
            Action::LogOut | Action::Lose | Action::LoseForGood | Action::Reconnect => false,
        };
        if newest {
            self.people.note_given(id);
        }
        let reach = self.reach();
        let to = |other, device| if other == id { now } else { said.on_other(device, reach) };
        self.change_agent(id.agent(), to, notes);
        Ok(())
    }

    /// What an action on a device is by these rules.
    #[inline]
    fn said(&self, id: DeviceId, action: Action) -> DeviceEvent {
        let kept = match action {
            Action::LogIn if !is_on(Mutation::LoginForgets) => self.kept(id),
            _ => None,
        };
        DeviceEvent { action, gives: self.rules.login_gives(kept) }
    }

    /// The status that a device had at its last logout, or has if it is logged in (rule P1, `login = "keeps"`);
    /// where they have one status, any of its agent's.
    fn kept(&self, id: DeviceId) -> Option<Chosen> {
        let given = match self.rules.devices {
            Devices::Each => self.given(id),
            Devices::OneStatus => self.devices_of(id.agent()).find_map(|id| self.given(id)),
        };
        given.or_else(|| self.people.kept(id))
    }

    /// The status that a device had at its last logout, where the next login gives it again (rule P1,
    /// `login = "keeps"`); where an agent has one status, that of the agent.
    pub fn kept_at_logout(&self, id: DeviceId) -> Option<Chosen> {
        self.people.kept(id)
    }

    /// The status that a device was given last without a time (rule P9), as long as it is logged in.
    pub(super) fn given(&self, id: DeviceId) -> Option<Chosen> {
        let device = self.people.device(id);
        let by_hand = match device.status() {
            DeviceStatus::LoggedOut => return None,
            // Only who is online goes away by itself.
            DeviceStatus::Away if device.is_away_by_rule() && !is_on(Mutation::KeptByTheClock) => {
                Chosen::Online
            }
            DeviceStatus::Away => Chosen::Away,
            DeviceStatus::Invisible => Chosen::Invisible,
            DeviceStatus::Online => Chosen::Online,
        };
        Some(self.timed.get(self.timed_holder(id)).map_or(by_hand, |back| back.to))
    }

    /// Keeps what the devices of an agent were given, of which some are about to be logged out.
    #[inline(never)]
    pub(super) fn keep_given(&mut self, agent: AgentId) {
        if self.rules.login != LoginGives::Keeps {
            return;
        }
        for id in self.devices_of(agent) {
            if let Some(given) = self.given(id) {
                self.people.keep(id, given);
            }
        }
    }

    fn reach(&self) -> Reach {
        Reach::of(&self.rules)
    }

    /// Whether a logout does nothing but lose the connection (rule P3, the knob `logout`).
    fn is_kept_by_logout(&self) -> bool {
        self.rules.logout == LogoutEnds::Never && !is_on(Mutation::LogoutEndsAtOnce)
    }

    /// A status is given to a device: notes what one for a time goes back to, and ends the time of the one before
    /// (rule P9). To be called before the device has it.
    #[inline]
    fn note_time(&mut self, id: DeviceId, length: Option<Millis>) {
        match length {
            Some(length) => self.note_timed_by_rules(id, length),
            None if self.timed.is_empty() => {}
            None => {
                self.timed.end(self.timed_holder(id));
            }
        }
    }

    /// Ends the graces of a seated agent's devices that are not lost any more (rule P7).
    #[cold]
    pub(super) fn end_graces(&mut self, agent: AgentId, from: Pair, to: Pair) {
        for slot in [0, 1] {
            if from.device(slot).is_lost() && !to.device(slot).is_lost() {
                self.graces.remove(&DeviceId::new(agent, slot));
            }
        }
    }

    fn logged_in_somewhere(&self, agent: AgentId) -> Result<(), Impossible> {
        let mut devices = self.devices_of(agent);
        let any = devices.any(|id| self.people.device(id).is_logged_in());
        if any { Ok(()) } else { Err(Impossible::NowhereLoggedIn) }
    }

    /// Whether what is said of one device is said of the other: it is that one, or the agent has one
    /// status for all of them.
    fn reaches(&self, said: Option<DeviceId>, id: DeviceId) -> bool {
        self.reach().of_status() || said.is_none_or(|said| said == id)
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
                self.note_time(id, length);
                if !is_on(Mutation::StatusNotNewest) {
                    self.people.note_given(id);
                }
            }
        }
        let said_of_all = self.reach().of_status();
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

    /// Rule P3 on every device on which an agent is logged in.
    fn log_out_everywhere(&mut self, agent: AgentId, notes: &mut dyn FnMut(Touch)) {
        if !self.is_kept_by_logout() {
            self.keep_given(agent);
            let out = |_, device| Action::LogOut.on(device).unwrap_or(device);
            return self.change_agent(agent, out, notes);
        }
        for id in self.devices_of(agent) {
            if self.people.device(id).is_logged_in() {
                let lost = self.act_by_rules(id, Action::LogOut, None, notes);
                lost.expect("it is logged in");
            }
        }
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

    /// A device is logged out by the clock (rules P7, P8).
    pub(super) fn run_out(&mut self, id: DeviceId, notes: &mut dyn FnMut(Touch)) {
        self.keep_given(id.agent());
        self.put_device(id, Device::RAN_OUT, notes);
    }

    /// Rule P8 by the knob `idle`: an online device was idle for long enough.
    #[cold]
    pub(super) fn go_idle_by_other_rules(&mut self, id: DeviceId, notes: &mut dyn FnMut(Touch)) {
        match self.rules.idle {
            IdleMeans::LoggedOut if !is_on(Mutation::IdleGoesAway) => {
                self.run_out(id, notes);
            }
            IdleMeans::LoggedOut | IdleMeans::Away => {
                if !is_on(Mutation::ClockNotNewest) {
                    self.people.note_given(id);
                }
                let away = self.people.device(id).away_by_rule();
                self.put_device(id, away, notes);
            }
        }
    }
}

/// Tells what a note says, where it says that something has changed.
fn tell(note: Touch, at: Instant, changes: &mut dyn FnMut(Change)) {
    match note {
        Touch::Agent(agent, _, now) => changes(Change::Agent { at, agent, now }),
        Touch::Widget(step) => report(step, at, changes),
    }
}
