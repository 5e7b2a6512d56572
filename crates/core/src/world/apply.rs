//! What an event does (rules P1 to P8). Nearly every event is about one device, one member or one
//! widget: then nothing is touched twice, and changes are reported as they come about.

use std::sync::Arc;

use super::action::Action;
use super::device::Device;
use super::people::{DeviceEffect, SeatStep};
use super::planes::WidgetStep;
use super::touched::Touch;
use super::{Change, Membership, WidgetRecord, World};
use crate::hours::UnknownZone;
use crate::model::{
    self, ActionWord, AgentId, DeviceId, DeviceStatus, Event, Impossible, Instant, Millis,
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
        match Action::of(event) {
            Some((device, action)) => {
                if let Event::SetStatusFor(device, _, length) = event {
                    self.begin_time(*device, *length)?;
                }
                self.act(device, action, changes)?;
            }
            None => self.apply_seldom(event, changes)?,
        }
        if !self.timed.is_empty() {
            self.end_times(event);
        }
        Ok(())
    }

    /// Applies what an agent does on one device: the same as [`apply`](Self::apply) of the event that says
    /// so, which need not be made where the rules are the rule book's and no status is for a time.
    ///
    /// # Errors
    /// When it cannot happen; then nothing has changed.
    #[inline(always)]
    pub fn apply_on(
        &mut self,
        device: DeviceId,
        said: ActionWord,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        match self.is_usual() {
            true => self.act(device, Action::of_word(said), changes),
            false => self.apply_said(device.agent(), Some(device), said, changes),
        }
    }

    /// Applies what an agent does on all devices, of which any is named: likewise.
    ///
    /// # Errors
    /// When it cannot happen; then nothing has changed.
    ///
    /// # Panics
    /// When it must be on one device.
    #[inline(never)]
    pub fn apply_on_all(
        &mut self,
        any: DeviceId,
        said: ActionWord,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        match said.action() {
            model::Action::SetStatus(chosen) if self.is_usual() => {
                self.give_status_everywhere(any, chosen, changes)
            }
            model::Action::Logout if self.is_usual() => {
                self.everywhere(any, changes, |_| Device::LOGGED_OUT)
            }
            _ => self.apply_said(any.agent(), None, said, changes),
        }
    }

    /// Whether it is the rule book that all goes by, and no status is for a time.
    #[inline]
    fn is_usual(&self) -> bool {
        !self.people.go_by_other_rules() && self.timed.is_empty()
    }

    /// What an agent does, by way of an event.
    #[inline(never)]
    fn apply_said(
        &mut self,
        agent: AgentId,
        device: Option<DeviceId>,
        said: ActionWord,
        mut changes: &mut dyn FnMut(Change),
    ) -> Result<(), Impossible> {
        let event = Event::of(said.action(), agent, device);
        self.apply(&event.expect("a device is named where one must be"), &mut changes)
    }

    /// What an event does to the device that it is about, and all that goes with it (rules P1 to P3, P7,
    /// P8).
    #[inline(always)]
    fn act(
        &mut self,
        id: DeviceId,
        action: Action,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        let at = self.now;
        let action = if action == Action::Lose { self.loss() } else { action };
        let notes = &mut |note| tell(note, at, changes);
        let now = match self.people.seated(id) {
            Some(seated) => {
                let from = seated.get();
                let to = action.on(from)?;
                let step = seated.put(to, at);
                self.follow(id, from, to, step, notes);
                to
            }
            None => {
                let from = self.people.device(id);
                let to = action.on(from)?;
                self.change_standing(id, from, to, notes);
                to
            }
        };
        if !self.idle.is_empty() && action.is_a_sign_of_life() {
            self.be_active(id, now);
        }
        if action == Action::Lose && now.is_lost() {
            self.begin_grace(id);
        }
        if action == Action::LogOut && is_on(Mutation::LogoutEndsAll) {
            return self.everywhere(id, changes, |_| Device::LOGGED_OUT).or(Ok(()));
        }
        Ok(())
    }

    /// What happens more seldom, kept apart: with it the path of an event would be too long to be
    /// compiled into those who walk it.
    #[inline(never)]
    fn apply_seldom(
        &mut self,
        event: &Event,
        changes: &mut dyn FnMut(Change),
    ) -> Result<(), Impossible> {
        match event {
            Event::SetStatusEverywhere(agent, chosen) => {
                self.give_status_everywhere(DeviceId::new(*agent, 0), *chosen, changes)
            }
            Event::SetStatusEverywhereFor(agent, chosen, length) => {
                self.set_status_everywhere_for(*agent, *chosen, *length, changes)
            }
            Event::LogoutEverywhere(agent) => {
                self.everywhere(DeviceId::new(*agent, 0), changes, |_| Device::LOGGED_OUT)
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

    /// Gives a device another state, with everything that goes with it, and notes what that does to
    /// the agent and to widgets.
    pub(super) fn change_device(&mut self, id: DeviceId, to: Device, notes: &mut dyn FnMut(Touch)) {
        match self.people.seated(id) {
            Some(seated) => {
                let from = seated.get();
                let step = seated.put(to, self.now);
                self.follow(id, from, to, step, notes);
            }
            None => self.change_standing(id, self.people.device(id), to, notes),
        }
    }

    /// What goes with a change of a seated device.
    #[inline(always)]
    fn follow(
        &mut self,
        id: DeviceId,
        from: Device,
        to: Device,
        step: SeatStep,
        notes: &mut (impl FnMut(Touch) + ?Sized),
    ) {
        self.pass_on(id.agent(), step, notes);
        if from.may_be_lost() && from.is_lost() && !to.is_lost() {
            self.graces.remove(&id);
        }
    }

    /// Notes what a change of a seated device does to its agent and to widgets.
    #[inline(always)]
    pub(super) fn pass_on(
        &mut self,
        agent: AgentId,
        step: SeatStep,
        notes: &mut (impl FnMut(Touch) + ?Sized),
    ) {
        let SeatStep { agent: (before, now), presence, widgets } = step;
        if before != now {
            notes(Touch::Agent(agent, before, now));
        }
        if presence.0 != presence.1 {
            for &widget in widgets.ids(&self.lists) {
                let step = self.planes.put_presence(WidgetId::from(widget), presence.1);
                notes(Touch::Widget(step));
            }
        }
    }

    /// The same for a device of a standing agent.
    #[inline(never)]
    fn change_standing(
        &mut self,
        id: DeviceId,
        from: Device,
        to: Device,
        notes: &mut dyn FnMut(Touch),
    ) {
        let (planes, lists) = (&mut self.planes, &self.lists);
        self.people.put_standing(id, to, self.now, &mut |effect| match effect {
            DeviceEffect::Agent(before, now) => notes(Touch::Agent(id.agent(), before, now)),
            DeviceEffect::Presence(widgets, now) => {
                for &widget in widgets.ids(lists) {
                    notes(Touch::Widget(planes.put_presence(WidgetId::from(widget), now)));
                }
            }
        });
        if from.is_lost() && !to.is_lost() {
            self.graces.remove(&id);
        }
    }

    /// Until when the grace of a connection runs that is lost now (rule P7); `None` beyond the year 9999.
    fn grace_end(&self) -> Option<Instant> {
        let late = u64::from(is_on(Mutation::GraceEndsLate));
        let until = self.now.checked_add(Millis(self.timing.grace.0.saturating_add(late)));
        until.filter(|at| *at != self.now || !is_on(Mutation::ZeroGraceNeverEnds))
    }

    /// What losing the connection is: without a grace, logging out (rule P7).
    #[inline(never)]
    pub(super) fn loss(&self) -> Action {
        if self.grace_end() == Some(self.now) { Action::LoseForGood } else { Action::Lose }
    }

    /// Rule P7: the connection of a device was lost.
    #[inline(never)]
    pub(super) fn begin_grace(&mut self, id: DeviceId) {
        let until = self.grace_end();
        self.graces.insert(id, until);
        if let Some(until) = until {
            self.is_due(until);
            self.grace_deadlines.push(until, id);
        }
    }

    /// Rule P6.
    pub(super) fn put_membership(
        &mut self,
        agent: AgentId,
        property: PropertyId,
        membership: Membership,
        changes: &mut dyn FnMut(Change),
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
        changes: &mut dyn FnMut(Change),
    ) {
        for &widget in self.people.widgets_of(property, &self.lists) {
            report(self.planes.put_presence(WidgetId::from(widget), presence), self.now, changes);
        }
    }

    /// Kept apart: settings on the stack of `apply` would cost every event.
    #[inline(never)]
    pub(super) fn configure(
        &mut self,
        id: WidgetId,
        setting: &Setting,
        changes: &mut dyn FnMut(Change),
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
        let looks = Arc::make_mut(&mut self.looks);
        looks.release(widget.look as usize);
        widget.look = super::build::look(looks, settings.clone());
        if settings.scheduler != before {
            self.detach_schedule(id);
            self.attach_schedule(id, &settings)?;
        }
        let step = self.put_settings(id, &settings);
        self.busy_from = Instant::MIN;
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
            self.is_due(due);
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

/// Reports what a change of one device has done.
#[inline(always)]
pub(super) fn tell(note: Touch, at: Instant, changes: &mut (impl FnMut(Change) + ?Sized)) {
    match note {
        Touch::Agent(agent, _, now) => changes(Change::Agent { at, agent, now }),
        Touch::Widget(step) => report(step, at, changes),
    }
}

/// Reports what a step changes, if it changes anything.
#[inline]
pub(super) fn report(step: WidgetStep, at: Instant, changes: &mut (impl FnMut(Change) + ?Sized)) {
    let WidgetStep { widget, before, now } = step;
    if now != before {
        changes(Change::Widget { at, widget, before, now });
    }
}
