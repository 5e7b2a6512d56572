//! What an event does (rules P1 to P8). Nearly every event is about one device, one member or one
//! widget: then nothing is touched twice, and changes are reported as they come about.

use super::device::Device;
use super::people::Effect;
use super::planes::Step;
use super::touched::Note;
use super::{Change, Membership, Stamp, Widget, World};
use crate::model::{
    AgentId, AgentStatus, Chosen, DeviceId, DeviceStatus, Event, Impossible, Instant, PropertyId,
    Setting, WidgetId,
};

impl World {
    /// Applies an event at the instant that the world has reached, and reports what it changed: the
    /// agent's status first, then widgets, each at most once.
    ///
    /// # Errors
    /// When the event cannot happen; then nothing has changed.
    pub fn apply(
        &mut self,
        event: &Event,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        match event {
            Event::Login(device) => {
                self.log_in(*device, changes);
                Ok(())
            }
            Event::SetStatus(device, chosen) => self.set_status(*device, *chosen, changes),
            Event::SetStatusEverywhere(agent, chosen) => {
                self.everywhere(*agent, changes, |device| device.with_status((*chosen).into()))?;
                self.devices_of(*agent).for_each(|device| self.be_active(device));
                Ok(())
            }
            Event::Logout(device) => self.log_out(*device, changes),
            Event::LogoutEverywhere(agent) => {
                self.everywhere(*agent, changes, |_| Device::LOGGED_OUT)
            }
            Event::Disconnect(device) => self.disconnect(*device, changes),
            Event::Reconnect(device) => self.reconnect(*device, changes),
            Event::Activity(device) => self.activity(*device, changes),
            Event::Suspend(agent, property) => {
                self.put_membership(*agent, *property, Membership::Suspended, changes)
            }
            Event::Reinstate(agent, property) => {
                self.put_membership(*agent, *property, Membership::Active, changes)
            }
            Event::Configure(widget, setting) => self.configure(*widget, setting, changes),
        }
    }

    /// Does something on every device on which an agent is logged in.
    fn everywhere(
        &mut self,
        agent: AgentId,
        changes: &mut impl FnMut(Change),
        to: impl Fn(Device) -> Device,
    ) -> Result<(), Impossible> {
        if self.people.status(agent) == AgentStatus::Offline {
            return Err(Impossible::NowhereLoggedIn);
        }
        let mut touched = std::mem::take(&mut self.touched);
        for id in self.devices_of(agent) {
            let device = self.people.device(id);
            if device.is_logged_in() {
                self.put_device(id, device, to(device), &mut |note| touched.take(note));
            }
        }
        self.report_touched(touched, changes);
        Ok(())
    }

    /// Puts a device's state, with everything that goes with it: since when, the last sign of
    /// life, deadlines; and notes what that does to the agent and to widgets.
    #[inline]
    pub(super) fn put_device(
        &mut self,
        id: DeviceId,
        from: Device,
        to: Device,
        notes: &mut impl FnMut(Note),
    ) {
        let now = self.now;
        if from.is_lost() && !to.is_lost() {
            self.graces.remove(&id);
        }
        if from.status() != to.status()
            && let Some(since) = self.since.get_mut(id.slot())
        {
            since[id.agent().index()] = Some(Stamp::from(now));
        }
        let (planes, properties, lists) = (&mut self.planes, &self.properties, &self.lists);
        self.people.put_device(id, to, &mut |effect| match effect {
            Effect::Agent(before, now) => notes(Note::Agent(id.agent(), before, now)),
            Effect::Presence(property, now) => {
                for &widget in properties[property.index()].ids(lists) {
                    notes(Note::Widget(planes.put_presence(WidgetId::from(widget), now)));
                }
            }
        });
    }

    /// Puts the state of a single device, and reports at once.
    #[inline]
    fn put_one(
        &mut self,
        id: DeviceId,
        from: Device,
        to: Device,
        changes: &mut impl FnMut(Change),
    ) {
        let at = self.now;
        self.put_device(id, from, to, &mut |note| match note {
            Note::Agent(agent, before, now) if before != now => {
                changes(Change::Agent { at, agent, now });
            }
            Note::Agent(..) => {}
            Note::Widget(step) => report(step, at, changes),
        });
    }

    /// Rule P1. A login also ends a countdown (rule P7).
    fn log_in(&mut self, id: DeviceId, changes: &mut impl FnMut(Change)) {
        let device = self.people.device(id);
        self.put_one(id, device, Device::LOGGED_IN, changes);
        self.be_active(id);
    }

    /// Rule P2. A countdown goes on (rule P7).
    #[inline]
    fn set_status(
        &mut self,
        id: DeviceId,
        chosen: Chosen,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        let device = self.logged_in(id)?;
        self.put_one(id, device, device.with_status(chosen.into()), changes);
        self.be_active(id);
        Ok(())
    }

    /// Rule P3. A logout also ends a countdown (rule P7).
    fn log_out(
        &mut self,
        id: DeviceId,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        let device = self.logged_in(id)?;
        self.put_one(id, device, Device::LOGGED_OUT, changes);
        Ok(())
    }

    /// Rule P7.
    fn disconnect(
        &mut self,
        id: DeviceId,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        let device = self.logged_in(id)?;
        if device.is_lost() {
            return Err(Impossible::AlreadyLost);
        }
        match self.now.checked_add(self.timing.grace) {
            // No grace: losing the connection is logging out.
            Some(until) if until == self.now => {
                self.put_one(id, device, Device::RAN_OUT, changes);
            }
            until => {
                self.put_one(id, device, device.with_connection(true), changes);
                self.graces.insert(id, until);
                if let Some(until) = until {
                    self.grace_deadlines.push(until, id);
                }
            }
        }
        Ok(())
    }

    /// Rule P7.
    fn reconnect(
        &mut self,
        id: DeviceId,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        let device = self.people.device(id);
        if device.is_lost() {
            self.put_one(id, device, device.with_connection(false), changes);
        } else if !device.has_run_out() {
            return Err(Impossible::NotLost);
        }
        // Too late: the device must log in again.
        Ok(())
    }

    /// Rule P8.
    fn activity(
        &mut self,
        id: DeviceId,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        let device = self.logged_in(id)?;
        if device.is_away_by_rule() {
            self.put_one(id, device, device.with_status(DeviceStatus::Online), changes);
        }
        self.be_active(id);
        Ok(())
    }

    /// Rule P6.
    fn put_membership(
        &mut self,
        agent: AgentId,
        property: PropertyId,
        membership: Membership,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        match (self.membership(agent, property), membership) {
            (None, _) => return Err(Impossible::NotAMember),
            (Some(Membership::Suspended), Membership::Suspended) => {
                return Err(Impossible::AlreadySuspended);
            }
            (Some(Membership::Active), Membership::Active) => return Err(Impossible::NotSuspended),
            _ => {}
        }
        let presence = self.people.put_membership(agent, property, membership);
        for &widget in self.properties[property.index()].ids(&self.lists) {
            report(self.planes.put_presence(WidgetId::from(widget), presence), self.now, changes);
        }
        Ok(())
    }

    fn configure(
        &mut self,
        id: WidgetId,
        setting: &Setting,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        let mut settings = self.settings(id).clone();
        let before = settings.scheduler.clone();
        settings.set(setting.clone());
        if let Some(scheduler) = &settings.scheduler {
            // A zone that nobody knows changes nothing.
            self.zones.get(&scheduler.zone).map_err(|_| Impossible::UnknownZone)?;
        }
        let widget = &mut self.widgets[id.index()];
        self.looks.release(widget.look as usize);
        widget.look = super::build::look(&mut self.looks, settings.clone());
        if settings.scheduler != before {
            self.detach_schedule(id);
            self.attach_schedule(id, &settings).map_err(|_| Impossible::UnknownZone)?;
        }
        let step = self.put_settings(id, &settings);
        report(step, self.now, changes);
        if self.edges.wheels_are_old() {
            self.edges.make_wheels(self.now);
        }
        Ok(())
    }

    fn detach_schedule(&mut self, id: WidgetId) {
        let widget = self.widgets[id.index()];
        if let Some(schedule) = widget.schedule() {
            let moved = self.edges.detach(schedule, widget.place as usize);
            if let Some(moved) = moved {
                self.widgets[moved.index()].place = widget.place;
            }
            self.widgets[id.index()].schedule = Widget::NO_SCHEDULE;
        }
    }

    /// A sign of life (rule P8): by login, by hand or by activity.
    #[inline]
    fn be_active(&mut self, id: DeviceId) {
        let Some(idle) = self.idle.get_mut(id.slot()) else { return };
        let idle = &mut idle[id.agent().index()];
        idle.active_at = self.now;
        if !idle.is_queued && self.people.device(id).status() == DeviceStatus::Online {
            self.queue_idle_deadline(id);
        }
    }

    /// Rule P8: queues the instant at which the device will have been idle for long enough.
    pub(super) fn queue_idle_deadline(&mut self, id: DeviceId) {
        let due = self.idle_due(id);
        self.idle[id.slot()][id.agent().index()].is_queued = due.is_some();
        if let Some(due) = due {
            self.idle_deadlines.push(due, id);
        }
    }

    /// Rule P8: when the device will have been idle for long enough; `None` without auto-away, and
    /// beyond the year 9999.
    pub(super) fn idle_due(&self, id: DeviceId) -> Option<Instant> {
        let idle = self.idle.get(id.slot())?[id.agent().index()];
        idle.active_at.checked_add(self.timing.auto_away?)
    }

    #[inline]
    fn logged_in(&self, id: DeviceId) -> Result<Device, Impossible> {
        let device = self.people.device(id);
        if device.is_logged_in() { Ok(device) } else { Err(Impossible::NotLoggedIn) }
    }
}

/// Reports what a step changes, if it changes anything.
#[inline]
pub(super) fn report(step: Step, at: Instant, changes: &mut impl FnMut(Change)) {
    let Step { widget, before, now } = step;
    if now != before {
        changes(Change::Widget { at, widget, before, now });
    }
}
