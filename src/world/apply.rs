//! What an event does (rules P1 to P8). One event touches one agent, or one property of one
//! member, or one widget: so nothing is touched twice, and changes are reported as they come about.

use super::planes::Step;
use super::{Change, Connection, MemberOf, Membership, Widget, World};
use crate::model::{
    AgentId, AgentStatus, Chosen, DeviceId, DeviceStatus, Event, Impossible, Instant, Presence,
    PropertyId, Setting, WidgetId,
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
            Event::Login(device) => self.of_device(*device, changes, Self::log_in),
            Event::SetStatus(device, chosen) => {
                self.of_device(*device, changes, |world, id| world.set_status(id, *chosen))
            }
            Event::SetStatusEverywhere(agent, chosen) => {
                self.everywhere(*agent, changes, |world, id| world.set_status(id, *chosen))
            }
            Event::Logout(device) => self.of_device(*device, changes, Self::log_out),
            Event::LogoutEverywhere(agent) => self.everywhere(*agent, changes, Self::log_out),
            Event::Disconnect(device) => self.of_device(*device, changes, Self::disconnect),
            Event::Reconnect(device) => self.reconnect(*device),
            Event::Activity(device) => self.of_device(*device, changes, Self::be_active),
            Event::Suspend(agent, property) => self.suspend(*agent, *property, changes),
            Event::Reinstate(agent, property) => self.reinstate(*agent, *property, changes),
            Event::Configure(widget, setting) => self.configure(*widget, setting, changes),
        }
    }

    /// Does something to a device, and carries what it changes through to the widgets.
    #[inline]
    fn of_device(
        &mut self,
        device: DeviceId,
        changes: &mut impl FnMut(Change),
        act: impl FnOnce(&mut Self, DeviceId) -> Result<(), Impossible>,
    ) -> Result<(), Impossible> {
        let before = self.people.status(device.agent());
        act(self, device)?;
        self.carry_through(device.agent(), before, changes);
        Ok(())
    }

    /// Does something on every device on which an agent is logged in.
    fn everywhere(
        &mut self,
        agent: AgentId,
        changes: &mut impl FnMut(Change),
        mut act: impl FnMut(&mut Self, DeviceId) -> Result<(), Impossible>,
    ) -> Result<(), Impossible> {
        let before = self.people.status(agent);
        if before == AgentStatus::Offline {
            return Err(Impossible::NowhereLoggedIn);
        }
        for device in self.devices_of(agent) {
            if self.people.device(device).is_logged_in() {
                act(self, device)?;
            }
        }
        self.carry_through(agent, before, changes);
        Ok(())
    }

    /// Reports what became of an agent's status, and carries it through to the agent's active
    /// properties (rules P5, P6) and their widgets.
    #[inline]
    fn carry_through(
        &mut self,
        agent: AgentId,
        before: AgentStatus,
        changes: &mut impl FnMut(Change),
    ) {
        let (at, now) = (self.now, self.people.status(agent));
        if now != before {
            changes(Change::Agent { at, agent, now });
            self.move_member(agent, before.into(), now.into(), &mut |step| {
                report(step, at, changes);
            });
        }
    }

    /// Takes what an agent adds to its active properties from one presence to another (rule P6).
    #[inline]
    pub(super) fn move_member(
        &mut self,
        agent: AgentId,
        from: Presence,
        to: Presence,
        steps: &mut impl FnMut(Step),
    ) {
        if from == to {
            return;
        }
        for &membership in self.people.memberships(agent).ids(&self.lists) {
            let membership = MemberOf(membership);
            if membership.membership() == Membership::Suspended {
                continue;
            }
            let property = &mut self.properties[membership.property().index()];
            if let Some(now) = property.move_member(from, to) {
                for &widget in property.widgets.ids(&self.lists) {
                    steps(self.planes.put_presence(WidgetId::from(widget), now));
                }
            }
        }
    }

    /// Rule P1. A login also ends a countdown (rule P7).
    fn log_in(&mut self, device: DeviceId) -> Result<(), Impossible> {
        self.put_connection(device, Connection::Up);
        self.choose(device, Chosen::Online);
        Ok(())
    }

    /// Rule P2. A countdown goes on (rule P7).
    #[inline]
    fn set_status(&mut self, device: DeviceId, chosen: Chosen) -> Result<(), Impossible> {
        self.expect_logged_in(device)?;
        self.choose(device, chosen);
        Ok(())
    }

    /// Rule P3. A logout also ends a countdown (rule P7).
    fn log_out(&mut self, device: DeviceId) -> Result<(), Impossible> {
        self.expect_logged_in(device)?;
        self.put_connection(device, Connection::Up);
        self.put_status(device, DeviceStatus::LoggedOut);
        Ok(())
    }

    /// Rule P7.
    fn disconnect(&mut self, device: DeviceId) -> Result<(), Impossible> {
        self.expect_logged_in(device)?;
        if self.people.device(device).is_lost() {
            return Err(Impossible::AlreadyLost);
        }
        match self.now.checked_add(self.timing.grace) {
            // No grace: losing the connection is logging out.
            Some(until) if until == self.now => self.run_out(device),
            until => {
                self.put_connection(device, Connection::Lost { until });
                if let Some(until) = until {
                    self.grace_deadlines.push(until, device);
                }
            }
        }
        Ok(())
    }

    /// The grace of a lost connection is over (rule P7).
    pub(super) fn run_out(&mut self, device: DeviceId) {
        self.put_connection(device, Connection::RanOut);
        self.put_status(device, DeviceStatus::LoggedOut);
    }

    /// Rule P7.
    fn reconnect(&mut self, id: DeviceId) -> Result<(), Impossible> {
        let device = self.people.device(id);
        if device.is_lost() {
            self.put_connection(id, Connection::Up);
        } else if !device.has_run_out() {
            return Err(Impossible::NotLost);
        }
        // Too late: the device must log in again.
        Ok(())
    }

    /// Rule P8.
    fn be_active(&mut self, device: DeviceId) -> Result<(), Impossible> {
        self.expect_logged_in(device)?;
        match self.people.device(device).is_away_by_rule() {
            true => self.choose(device, Chosen::Online),
            false => self.put_active(device),
        }
        Ok(())
    }

    /// Rule P6.
    fn suspend(
        &mut self,
        agent: AgentId,
        property: PropertyId,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        match self.membership(agent, property).ok_or(Impossible::NotAMember)? {
            Membership::Suspended => return Err(Impossible::AlreadySuspended),
            Membership::Active => {}
        }
        self.put_membership(agent, property, Membership::Suspended);
        self.count(property, (self.people.status(agent).into(), Presence::Nobody), changes);
        Ok(())
    }

    /// Rule P6.
    fn reinstate(
        &mut self,
        agent: AgentId,
        property: PropertyId,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        match self.membership(agent, property).ok_or(Impossible::NotAMember)? {
            Membership::Active => return Err(Impossible::NotSuspended),
            Membership::Suspended => {}
        }
        self.put_membership(agent, property, Membership::Active);
        self.count(property, (Presence::Nobody, self.people.status(agent).into()), changes);
        Ok(())
    }

    fn put_membership(&mut self, agent: AgentId, property: PropertyId, membership: Membership) {
        for word in self.people.memberships_mut(agent).ids_mut(&mut self.lists) {
            if MemberOf(*word).property() == property {
                *word = MemberOf::new(property, membership).0;
            }
        }
    }

    /// One member of one property counts as something else.
    fn count(
        &mut self,
        id: PropertyId,
        (from, to): (Presence, Presence),
        changes: &mut impl FnMut(Change),
    ) {
        let property = &mut self.properties[id.index()];
        if let Some(now) = property.move_member(from, to) {
            for &widget in property.widgets.ids(&self.lists) {
                report(self.planes.put_presence(WidgetId::from(widget), now), self.now, changes);
            }
        }
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

    /// A status by login, by hand, or by activity after rule P8; all count as activity.
    #[inline]
    fn choose(&mut self, id: DeviceId, chosen: Chosen) {
        self.put_status(id, chosen.into());
        if self.timing.auto_away.is_some() {
            self.put_active(id);
            if chosen == Chosen::Online && !self.people.device(id).is_idle_queued() {
                self.queue_idle_deadline(id);
            }
        }
    }

    /// Any status but away by rule P8.
    #[inline]
    fn put_status(&mut self, id: DeviceId, status: DeviceStatus) {
        let now = self.now;
        self.people.change(id, |device| device.put_status(status, false, now));
    }

    fn put_active(&mut self, id: DeviceId) {
        if let Some(active_at) = self.active_at.get_mut(id.slot()) {
            active_at[id.agent().index()] = self.now;
        }
    }

    fn put_connection(&mut self, id: DeviceId, connection: Connection) {
        let was_lost = self.people.device(id).is_lost();
        self.people.change(id, |device| device.put_connection(connection));
        match connection {
            Connection::Lost { until } => drop(self.graces.insert(id, until)),
            _ if was_lost => drop(self.graces.remove(&id)),
            _ => {}
        }
    }

    /// Rule P8: queues the instant at which the device will have been idle for long enough.
    pub(super) fn queue_idle_deadline(&mut self, id: DeviceId) {
        let due = self.idle_due(id);
        self.people.change(id, |device| device.put_idle_queued(due.is_some()));
        if let Some(due) = due {
            self.idle_deadlines.push(due, id);
        }
    }

    /// Rule P8: when the device will have been idle for long enough; `None` without auto-away, and
    /// beyond the year 9999.
    pub(super) fn idle_due(&self, id: DeviceId) -> Option<Instant> {
        let active_at = self.active_at.get(id.slot())?[id.agent().index()];
        active_at.checked_add(self.timing.auto_away?)
    }

    #[inline]
    fn expect_logged_in(&self, device: DeviceId) -> Result<(), Impossible> {
        match self.people.device(device).is_logged_in() {
            true => Ok(()),
            false => Err(Impossible::NotLoggedIn),
        }
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
