//! What an event does (rules P1 to P8).

use super::{Change, Connection, Deadline, Membership, World};
use crate::model::{
    AgentId, Chosen, DeviceId, DeviceStatus, Event, Impossible, Presence, PropertyId, Setting,
    WidgetId,
};
use crate::rules::VisibilityRules;

impl World {
    /// Applies an event at the instant that the world has reached, and reports what it changed.
    ///
    /// # Errors
    /// When the event cannot happen; then nothing has changed.
    pub fn apply(
        &mut self,
        event: &Event,
        changes: &mut impl FnMut(Change),
    ) -> Result<(), Impossible> {
        match event {
            Event::Login(device) => self.log_in(*device),
            Event::SetStatus(device, chosen) => self.set_status(*device, *chosen)?,
            Event::SetStatusEverywhere(agent, chosen) => {
                self.everywhere(*agent, |world, device| world.set_status(device, *chosen))?;
            }
            Event::Logout(device) => self.log_out(*device)?,
            Event::LogoutEverywhere(agent) => self.everywhere(*agent, Self::log_out)?,
            Event::Disconnect(device) => self.disconnect(*device)?,
            Event::Reconnect(device) => self.reconnect(*device)?,
            Event::Activity(device) => self.be_active(*device)?,
            Event::Suspend(agent, property) => self.suspend(*agent, *property)?,
            Event::Reinstate(agent, property) => self.reinstate(*agent, *property)?,
            Event::Configure(widget, setting) => self.configure(*widget, (**setting).clone())?,
        }
        self.finish_step(changes);
        Ok(())
    }

    /// Rule P1. A login also ends a countdown (rule P7).
    fn log_in(&mut self, device: DeviceId) {
        self.devices[device.index()].connection = Connection::Up;
        self.choose(device, Chosen::Online);
    }

    /// Rule P2. A countdown goes on (rule P7).
    fn set_status(&mut self, device: DeviceId, chosen: Chosen) -> Result<(), Impossible> {
        self.expect_logged_in(device)?;
        self.choose(device, chosen);
        Ok(())
    }

    /// Rule P3. A logout also ends a countdown (rule P7).
    fn log_out(&mut self, device: DeviceId) -> Result<(), Impossible> {
        self.expect_logged_in(device)?;
        self.devices[device.index()].connection = Connection::Up;
        self.put_status(device, DeviceStatus::LoggedOut);
        Ok(())
    }

    /// Does something on every device on which an agent is logged in.
    fn everywhere(
        &mut self,
        agent: AgentId,
        mut act: impl FnMut(&mut Self, DeviceId) -> Result<(), Impossible>,
    ) -> Result<(), Impossible> {
        if self.agents[agent.index()].devices_by_status == [0, 0, 0] {
            return Err(Impossible::NowhereLoggedIn);
        }
        let mut next = self.agents[agent.index()].first_device;
        while let Some(device) = next {
            if self.device_status(device) != DeviceStatus::LoggedOut {
                act(self, device)?;
            }
            next = self.devices[device.index()].sibling;
        }
        Ok(())
    }

    /// Rule P7.
    fn disconnect(&mut self, device: DeviceId) -> Result<(), Impossible> {
        self.expect_logged_in(device)?;
        if matches!(self.connection(device), Connection::Lost { .. }) {
            return Err(Impossible::AlreadyLost);
        }
        let until = self.now.checked_add(self.timing.grace);
        self.devices[device.index()].connection = Connection::Lost { until };
        match until {
            // No grace: losing the connection is logging out.
            Some(until) if until == self.now => self.run_out(device),
            Some(until) => self.queue_deadline(until, Deadline::Grace(device)),
            None => {}
        }
        Ok(())
    }

    /// The grace of a lost connection is over (rule P7).
    pub(super) fn run_out(&mut self, device: DeviceId) {
        self.devices[device.index()].connection = Connection::RanOut;
        self.put_status(device, DeviceStatus::LoggedOut);
    }

    /// Rule P7.
    fn reconnect(&mut self, device: DeviceId) -> Result<(), Impossible> {
        match self.connection(device) {
            Connection::Up => return Err(Impossible::NotLost),
            Connection::Lost { .. } => {
                self.devices[device.index()].connection = Connection::Up;
            }
            // Too late: the device must log in again.
            Connection::RanOut => {}
        }
        Ok(())
    }

    /// Rule P8.
    fn be_active(&mut self, device: DeviceId) -> Result<(), Impossible> {
        self.expect_logged_in(device)?;
        if self.devices[device.index()].away_by_rule {
            self.choose(device, Chosen::Online);
        } else {
            self.devices[device.index()].active_at = self.now;
        }
        Ok(())
    }

    /// Rule P6.
    fn suspend(&mut self, agent: AgentId, property: PropertyId) -> Result<(), Impossible> {
        let place = self.membership_place(agent, property)?;
        if self.memberships[place].membership == Membership::Suspended {
            return Err(Impossible::AlreadySuspended);
        }
        self.memberships[place].membership = Membership::Suspended;
        self.move_presence(property, self.agent_status(agent).into(), Presence::Nobody);
        Ok(())
    }

    /// Rule P6.
    fn reinstate(&mut self, agent: AgentId, property: PropertyId) -> Result<(), Impossible> {
        let place = self.membership_place(agent, property)?;
        if self.memberships[place].membership == Membership::Active {
            return Err(Impossible::NotSuspended);
        }
        self.memberships[place].membership = Membership::Active;
        self.move_presence(property, Presence::Nobody, self.agent_status(agent).into());
        Ok(())
    }

    fn membership_place(&self, agent: AgentId, property: PropertyId) -> Result<usize, Impossible> {
        let range = self.agents[agent.index()].memberships.clone();
        self.memberships[range.clone()]
            .binary_search_by_key(&property, |membership| membership.property)
            .map(|place| range.start + place)
            .map_err(|_| Impossible::NotAMember)
    }

    fn configure(&mut self, id: WidgetId, setting: Setting) -> Result<(), Impossible> {
        let reschedule = matches!(setting, Setting::Scheduler(_));
        if let Setting::Scheduler(Some(scheduler)) = &setting
            && self.zones.get(&scheduler.zone).is_err()
        {
            return Err(Impossible::UnknownZone);
        }
        let widget = &mut self.widgets[id.index()];
        widget.settings.set(setting);
        widget.visibility = VisibilityRules::new(&widget.settings);
        if reschedule {
            self.detach_schedule(id);
            self.attach_schedule(id).map_err(|_| Impossible::UnknownZone)?;
        }
        self.refresh(id);
        Ok(())
    }

    /// A status by login, by hand, or by activity after rule P8; all count as activity.
    fn choose(&mut self, id: DeviceId, chosen: Chosen) {
        let device = &mut self.devices[id.index()];
        device.away_by_rule = false;
        device.active_at = self.now;
        let queued = device.idle_deadline_queued;
        self.put_status(id, chosen.into());
        if chosen == Chosen::Online && !queued {
            self.queue_idle_deadline(id);
        }
    }

    /// Rule P8: queues the instant at which the device will have been idle for long enough.
    pub(super) fn queue_idle_deadline(&mut self, id: DeviceId) {
        let active_at = self.devices[id.index()].active_at;
        let due = self.timing.auto_away.and_then(|idle| active_at.checked_add(idle));
        self.devices[id.index()].idle_deadline_queued = due.is_some();
        if let Some(due) = due {
            self.queue_deadline(due, Deadline::Idle(id));
        }
    }

    fn expect_logged_in(&self, device: DeviceId) -> Result<(), Impossible> {
        match self.device_status(device) {
            DeviceStatus::LoggedOut => Err(Impossible::NotLoggedIn),
            _ => Ok(()),
        }
    }
}
