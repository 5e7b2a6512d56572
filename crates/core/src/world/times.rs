//! What becomes of statuses for a time (rule P9): when one begins, what ends it, and what the device goes
//! back to once it is over.

use super::timed::GoesBack;
use super::touched::Touch;
use super::{Change, World};
use crate::model::knobs::Devices;
use crate::model::{AgentId, Chosen, DeviceId, DeviceStatus, Event, Impossible, Instant, Millis};
use crate::mutations::{Mutation, is_on};

impl World {
    /// What a device goes back to, and when, where it has a status for a time (rule P9).
    pub fn goes_back(&self, device: DeviceId) -> Option<GoesBack> {
        let is_in = !self.timed.is_empty() && self.people.device(device).is_logged_in();
        self.timed.get(self.timed_holder(device)).filter(|_| is_in)
    }

    /// Where what a device goes back to is kept: with one status for all devices (the knob
    /// `devices`) there is one time for the agent.
    pub(super) fn timed_holder(&self, device: DeviceId) -> DeviceId {
        match self.rules.devices {
            Devices::Each => device,
            Devices::OneStatus => DeviceId::new(device.agent(), 0),
        }
    }

    /// Devices of an agent were logged out by other rules than the rule book's: what nobody has any
    /// more is over.
    pub(super) fn end_times_of(&mut self, agent: AgentId) {
        let is_in = |world: &Self, id: DeviceId| world.people.device(id).is_logged_in();
        let any = self.devices_of(agent).any(|id| is_in(self, id));
        for id in self.devices_of(agent) {
            let stays = match self.rules.devices {
                Devices::Each => is_in(self, id),
                Devices::OneStatus => any,
            };
            if !stays {
                self.timed.end(self.timed_holder(id));
            }
        }
    }

    /// Rule P9 by other rules: notes what a device goes back to, the last status that it was given
    /// without a time.
    pub(super) fn note_timed_by_rules(&mut self, id: DeviceId, length: Millis) {
        let to = self.given(id).unwrap_or(Chosen::Online);
        let at = self.now.checked_add(length);
        self.put_time(self.timed_holder(id), GoesBack { to, at });
    }

    /// Rule P9: notes what a device that is given a status for a time will go back to. To be called
    /// before it has it.
    pub(super) fn note_timed(&mut self, id: DeviceId, length: Millis) {
        let device = self.people.device(id);
        let given = match (self.timed.get(id), device.status()) {
            (Some(GoesBack { to, .. }), _) if !is_on(Mutation::TimeWithinATimeIsGoneBackTo) => to,
            // An away by rule P8 was not given: it is online that was (rule P9).
            (_, DeviceStatus::Away) if device.is_away_by_rule() => {
                match is_on(Mutation::GoesBackToAutoAway) {
                    true => Chosen::Away,
                    false => Chosen::Online,
                }
            }
            (_, DeviceStatus::Away) => Chosen::Away,
            (_, DeviceStatus::Invisible) => Chosen::Invisible,
            (_, DeviceStatus::Online | DeviceStatus::LoggedOut) => Chosen::Online,
        };
        let to = if is_on(Mutation::GoesBackToOnline) { Chosen::Online } else { given };
        let late = u64::from(is_on(Mutation::TimeEndsLate));
        let at = self.now.checked_add(Millis(length.0.saturating_add(late)));
        self.put_time(id, GoesBack { to, at });
    }

    /// Puts what a device goes back to, for the clock to see to.
    fn put_time(&mut self, holder: DeviceId, back: GoesBack) {
        self.is_due(back.at.unwrap_or(Instant::MAX));
        self.timed.put(holder, back);
    }

    /// Rule P9: an event of the rule book has happened, beside devices with a status for a time.
    #[inline(never)]
    pub(super) fn end_times(&mut self, event: &Event) {
        match event {
            Event::SetStatus(device, _) if !is_on(Mutation::TimeSurvivesStatus) => {
                self.timed.end(*device);
            }
            Event::Login(device) if !is_on(Mutation::TimeSurvivesLogin) => {
                self.timed.end(*device);
            }
            Event::SetStatusEverywhere(agent, _) => {
                for id in self.devices_of(*agent) {
                    self.timed.end(id);
                }
            }
            _ => {}
        }
        if let Some(agent) = event.agent() {
            for id in self.devices_of(agent) {
                if !self.people.device(id).is_logged_in() {
                    self.timed.end(id);
                }
            }
        }
    }

    /// Rule P9: whatever is over at this instant.
    #[inline(never)]
    pub(super) fn times_are_over(&mut self, notes: &mut dyn FnMut(Touch)) {
        while let Some((id, back)) = self.timed.pop(self.now) {
            let to = DeviceStatus::from(back.to);
            match self.people.go_by_other_rules() {
                true => self.put_status(id.agent(), back.to, Some(id), None, notes),
                false => {
                    let now = self.people.device(id).with_status(to);
                    self.change_device(id, now, notes);
                    if !is_on(Mutation::GoingBackIsNoActivity) {
                        self.be_active(id, now);
                    }
                }
            }
        }
    }

    /// Rule P9, on one device: to be called before it is given the status that is for a time.
    #[inline(never)]
    pub(super) fn begin_time(&mut self, id: DeviceId, length: Millis) -> Result<(), Impossible> {
        if !self.people.device(id).is_logged_in() {
            return Err(Impossible::NotLoggedIn);
        }
        self.note_timed(id, length);
        Ok(())
    }

    /// Rule P9, on every device on which an agent is logged in.
    pub(super) fn set_status_everywhere_for(
        &mut self,
        agent: AgentId,
        chosen: Chosen,
        length: Millis,
        changes: &mut dyn FnMut(Change),
    ) -> Result<(), Impossible> {
        for id in self.devices_of(agent) {
            if self.people.device(id).is_logged_in() {
                self.note_timed(id, length);
            }
        }
        self.give_status_everywhere(DeviceId::new(agent, 0), chosen, changes)
    }
}
