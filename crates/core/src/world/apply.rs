//! What an event does (rules P1 to P8). Nearly every event is about one device, one member or one
//! widget: then nothing is touched twice, and changes are reported as they come about.

use std::convert::Infallible;

use super::device::Device;
use super::people::DeviceEffect;
use super::planes::WidgetStep;
use super::touched::Touch;
use super::{Change, Membership, Stamp, WidgetRecord, World};
use crate::hours::UnknownZone;
use crate::model::{
    AgentId, AgentStatus, Chosen, DeviceId, DeviceStatus, Event, Impossible, Instant, Millis,
    Presence, PropertyId, Setting, Settings, WidgetId,
};
use crate::mutations::{Mutation, is_on};

impl World {
    /// Applies an event at the instant that the world has reached, and reports what it changed: the
    /// agent's status first, then widgets, each at most once.
    ///
    /// # Errors
    /// When the event cannot happen; then nothing has changed.
    #[inline]
    pub fn apply(
        &mut self,
        event: &Event,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        if self.people.go_by_other_rules() {
            return self.apply_by_other_rules(event, changes);
        }
        if let Event::SetStatusFor(device, _, length) = event {
            self.begin_time(*device, *length)?;
        }
        self.apply_plainly(event, changes)?;
        if !self.timed.is_empty() {
            self.end_times(event);
        }
        Ok(())
    }

    /// Rules P1 to P8. Called once alone: a path that two go by is compiled into neither of them, which
    /// costs each event a fifth of its instructions.
    #[inline(always)]
    fn apply_plainly(
        &mut self,
        event: &Event,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        match event {
            Event::Login(device) => self.log_in(*device, changes),
            Event::SetStatus(device, chosen) | Event::SetStatusFor(device, chosen, _) => {
                self.give_status(*device, *chosen, changes)
            }
            Event::Logout(device) => self.log_out(*device, changes),
            Event::Disconnect(device) => self.disconnect(*device, changes),
            Event::Reconnect(device) => self.reconnect(*device, changes),
            Event::Activity(device) => self.activity(*device, changes),
            seldom => self.apply_seldom(seldom, changes),
        }
    }

    /// What happens more seldom, kept apart: with it the path of an event would be too long to be
    /// compiled into those who walk it.
    #[inline(never)]
    fn apply_seldom(
        &mut self,
        event: &Event,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        match event {
            Event::SetStatusEverywhere(agent, chosen) => {
                self.give_status_everywhere(*agent, *chosen, changes)
            }
            Event::SetStatusEverywhereFor(agent, chosen, length) => {
                self.set_status_everywhere_for(*agent, *chosen, *length, changes)
            }
            Event::LogoutEverywhere(agent) => {
                self.everywhere(*agent, changes, |_| Device::LOGGED_OUT)
            }
            Event::Suspend(agent, property) => {
                let suspended = Membership::Suspended;
                self.put_membership(*agent, *property, suspended, changes)
            }
            Event::Reinstate(agent, property) => {
                let active = Membership::Active;
                self.put_membership(*agent, *property, active, changes)
            }
            Event::Configure(widget, setting) => self.configure(*widget, setting, changes),
            Event::Login(_)
            | Event::SetStatus(..)
            | Event::SetStatusFor(..)
            | Event::Logout(_)
            | Event::Disconnect(_)
            | Event::Reconnect(_)
            | Event::Activity(_) => unreachable!("the path of an event has it"),
        }
    }

    pub(super) fn give_status_everywhere(
        &mut self,
        agent: AgentId,
        chosen: Chosen,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        self.everywhere(agent, changes, |device| device.with_status(chosen.into()))?;
        for id in self.devices_of(agent) {
            let device = self.people.device(id);
            if device.is_logged_in() {
                self.be_active(id, device);
            }
        }
        Ok(())
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
            let put = |device: Device| {
                let reached = device.is_logged_in() || is_on(Mutation::EverywhereReachesLoggedOut);
                Ok::<_, Infallible>(if reached { to(device) } else { device })
            };
            let Ok(_) = self.change_device(id, put, &mut |note| touched.take(note));
        }
        self.report_touched(touched, changes);
        Ok(())
    }

    /// Gives a device another state, with everything that goes with it, and notes what that does
    /// to the agent and to widgets. Gives what it is now.
    ///
    /// # Errors
    /// What `to` fails with; then nothing has changed.
    #[inline]
    pub(super) fn change_device<E>(
        &mut self,
        id: DeviceId,
        to: impl FnOnce(Device) -> Result<Device, E>,
        notes: &mut impl FnMut(Touch),
    ) -> Result<Device, E> {
        let (planes, properties, lists) = (&mut self.planes, &self.properties, &self.lists);
        let (from, to) = self.people.change(id, to, &mut |effect| match effect {
            DeviceEffect::Agent(before, now) => notes(Touch::Agent(id.agent(), before, now)),
            DeviceEffect::Presence(property, now) => {
                for &widget in properties[property.index()].ids(lists) {
                    notes(Touch::Widget(planes.put_presence(WidgetId::from(widget), now)));
                }
            }
        })?;
        if from.is_lost() && !to.is_lost() {
            self.graces.remove(&id);
        }
        if let Some(since) = &mut self.since
            && from.status() != to.status()
        {
            since[id.slot()][id.agent().index()] = Some(Stamp::from(self.now));
        }
        Ok(to)
    }

    /// Gives a single device another state, and reports at once.
    #[inline]
    fn change_one(
        &mut self,
        id: DeviceId,
        changes: &mut impl FnMut(Change),
        to: impl FnOnce(Device) -> Result<Device, Impossible>,
    ) -> Result<Device, Impossible> {
        let at = self.now;
        self.change_device(id, to, &mut |note| match note {
            Touch::Agent(agent, _, now) => changes(Change::Agent { at, agent, now }),
            Touch::Widget(step) => report(step, at, changes),
        })
    }

    /// Rule P1. A login also ends a countdown (rule P7).
    fn log_in(&mut self, id: DeviceId, changes: &mut impl FnMut(Change)) -> Result<(), Impossible> {
        let now = self.change_one(id, changes, |before| {
            if is_on(Mutation::LoginKeepsStatus) && before.is_logged_in() {
                return Ok(before.with_connection(false));
            }
            if is_on(Mutation::CountdownSurvivesLogin) {
                return Ok(Device::LOGGED_IN.with_connection(before.is_lost()));
            }
            Ok(Device::LOGGED_IN)
        })?;
        self.be_active(id, now);
        Ok(())
    }

    /// Rule P2. A countdown goes on (rule P7).
    #[inline]
    fn give_status(
        &mut self,
        id: DeviceId,
        chosen: Chosen,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        let put = |device| Ok(logged_in(device)?.with_status(chosen.into()));
        let now = self.change_one(id, changes, put)?;
        self.be_active(id, now);
        Ok(())
    }

    /// Rule P3. A logout also ends a countdown (rule P7).
    fn log_out(
        &mut self,
        id: DeviceId,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        self.change_one(id, changes, |device| {
            logged_in(device)?;
            Ok(Device::LOGGED_OUT)
        })?;
        if is_on(Mutation::LogoutEndsAll) {
            return self.everywhere(id.agent(), changes, |_| Device::LOGGED_OUT).or(Ok(()));
        }
        Ok(())
    }

    /// Rule P7.
    fn disconnect(
        &mut self,
        id: DeviceId,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        let late = u64::from(is_on(Mutation::GraceEndsLate));
        let until = self.now.checked_add(Millis(self.timing.grace.0.saturating_add(late)));
        let until = until.filter(|at| *at != self.now || !is_on(Mutation::ZeroGraceNeverEnds));
        // No grace: losing the connection is logging out.
        let at_once = until == Some(self.now);
        let now = self.change_one(id, changes, |device| match logged_in(device)?.is_lost() {
            true if !is_on(Mutation::SecondLossRestartsCountdown) => Err(Impossible::AlreadyLost),
            _ if at_once => Ok(Device::RAN_OUT),
            _ => Ok(device.with_connection(true)),
        })?;
        if now.is_lost() {
            self.graces.insert(id, until);
            if let Some(until) = until {
                self.grace_deadlines.push(until, id);
            }
        }
        Ok(())
    }

    /// Rule P7. Once the grace ran out it is too late: the device must log in again.
    fn reconnect(
        &mut self,
        id: DeviceId,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        self.change_one(id, changes, |device| match (device.is_lost(), device.has_run_out()) {
            (true, _) => Ok(device.with_connection(false)),
            (false, true) => Ok(device),
            (false, false) => Err(Impossible::NotLost),
        })?;
        Ok(())
    }

    /// Rule P8.
    fn activity(
        &mut self,
        id: DeviceId,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        let now =
            self.change_one(id, changes, |device| match logged_in(device)?.is_away_by_rule() {
                true if is_on(Mutation::ActivityLeavesAway) => Ok(device),
                true => Ok(device.with_status(DeviceStatus::Online)),
                false
                    if is_on(Mutation::ActivityUndoesAwayByHand)
                        && device.status() == DeviceStatus::Away =>
                {
                    Ok(device.with_status(DeviceStatus::Online))
                }
                false => Ok(device),
            })?;
        if !is_on(Mutation::ActivityNotCounted) {
            self.be_active(id, now);
        }
        Ok(())
    }

    /// Rule P6.
    pub(super) fn put_membership(
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
        if is_on(Mutation::ReinstatementNotTold) && membership == Membership::Active {
            return Ok(());
        }
        self.put_presence(property, presence, changes);
        Ok(())
    }

    /// Puts what the members of a property add up to, and reports what that changes (rule P5).
    pub(super) fn put_presence(
        &mut self,
        property: PropertyId,
        presence: Presence,
        changes: &mut impl FnMut(Change),
    ) {
        for &widget in self.properties[property.index()].ids(&self.lists) {
            report(self.planes.put_presence(WidgetId::from(widget), presence), self.now, changes);
        }
    }

    /// Kept apart: settings on the stack of `apply` would cost every event.
    #[inline(never)]
    pub(super) fn configure(
        &mut self,
        id: WidgetId,
        setting: &Setting,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        let mut settings = self.settings(id).clone();
        settings.set(setting.clone());
        self.replace_settings(id, settings, changes).map_err(|_| Impossible::UnknownZone)
    }

    /// Gives a widget other settings, with everything that goes with them; gives what that does.
    pub(super) fn take_settings(
        &mut self,
        id: WidgetId,
        settings: Settings,
    ) -> Result<WidgetStep, UnknownZone> {
        if let Some(scheduler) = &settings.scheduler {
            // A zone that nobody knows changes nothing.
            self.zones.get(&scheduler.zone)?;
        }
        let before = self.settings(id).scheduler.clone();
        let widget = &mut self.widgets[id.index()];
        self.looks.release(widget.look as usize);
        widget.look = super::build::look(&mut self.looks, settings.clone());
        if settings.scheduler != before {
            self.detach_schedule(id);
            self.attach_schedule(id, &settings)?;
        }
        let step = self.put_settings(id, &settings);
        if self.edges.wheels_are_old() {
            self.edges.make_wheels(self.now);
        }
        Ok(step)
    }

    /// Takes a widget off the schedule that it goes by, if there is one.
    pub(super) fn detach_schedule(&mut self, id: WidgetId) {
        let widget = self.widgets[id.index()];
        if let Some(schedule) = widget.schedule() {
            let moved = match is_on(Mutation::ReplacedScheduleGoesOn) {
                true => None,
                false => self.edges.detach(schedule, widget.place as usize),
            };
            if let Some(moved) = moved {
                self.widgets[moved.index()].place = widget.place;
            }
            self.widgets[id.index()].schedule = WidgetRecord::NO_SCHEDULE;
        }
    }

    /// A sign of life (rule P8): by login, by hand or by activity.
    #[inline]
    pub(super) fn be_active(&mut self, id: DeviceId, device: Device) {
        let Some(idle) = self.idle.get_mut(id.slot()) else { return };
        let idle = &mut idle[id.agent().index()];
        idle.active_at = self.now;
        if !idle.is_queued && device.status() == DeviceStatus::Online {
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
}

#[inline]
fn logged_in(device: Device) -> Result<Device, Impossible> {
    if device.is_logged_in() { Ok(device) } else { Err(Impossible::NotLoggedIn) }
}

/// Reports what a step changes, if it changes anything.
#[inline]
pub(super) fn report(step: WidgetStep, at: Instant, changes: &mut impl FnMut(Change)) {
    let WidgetStep { widget, before, now } = step;
    if now != before {
        changes(Change::Widget { at, widget, before, now });
    }
}
