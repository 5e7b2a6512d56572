//! What an event does, and whether it can happen (rules P1 to P3 and P6 to P9).

use super::{Login, Member, Oracle, Set, Status};
use crate::model::knobs::{LoginGives, LogoutEnds};
use crate::model::{
    AgentId, Chosen, DeviceId, Event, Impossible, Millis, PropertyId, Setting, WidgetId,
};

impl Oracle {
    /// What an event does at the instant that has been reached.
    ///
    /// # Errors
    /// When the event cannot happen; then nothing has changed.
    pub fn apply(&mut self, event: &Event) -> Result<(), Impossible> {
        match event {
            Event::Login(device) => self.log_in(*device),
            Event::SetStatus(device, chosen) => {
                self.logged_in(*device)?;
                self.set_status(*device, *chosen);
            }
            Event::SetStatusEverywhere(agent, chosen) => {
                for device in self.logged_in_devices(*agent)? {
                    self.set_status(device, *chosen);
                }
            }
            Event::SetStatusFor(device, chosen, length) => {
                self.logged_in(*device)?;
                self.set_status_for(*device, *chosen, *length);
            }
            Event::SetStatusEverywhereFor(agent, chosen, length) => {
                for device in self.logged_in_devices(*agent)? {
                    self.set_status_for(device, *chosen, *length);
                }
            }
            Event::Logout(device) => {
                self.logged_in(*device)?;
                self.log_out(*device);
            }
            Event::LogoutEverywhere(agent) => {
                for device in self.logged_in_devices(*agent)? {
                    self.log_out(device);
                }
            }
            Event::Disconnect(device) => self.lose(*device)?,
            Event::Reconnect(device) => self.reconnect(*device)?,
            Event::Activity(device) => self.be_active(*device)?,
            Event::Suspend(agent, property) => self.suspend(*agent, *property)?,
            Event::Reinstate(agent, property) => self.reinstate(*agent, *property)?,
            Event::Configure(widget, setting) => self.configure(*widget, setting)?,
        }
        // Rule P7, `grace 0s`: losing the connection is logging out.
        self.strike();
        Ok(())
    }

    /// Rule P1: online, whatever it was before, or what the knob `login` says; a new login ends a
    /// countdown (rule P7).
    fn log_in(&mut self, device: DeviceId) {
        let before = self.statuses.get(&self.holder(device)).map(|status| status.chosen);
        let gives = match self.rules.login {
            LoginGives::Online => Chosen::Online,
            LoginGives::Keeps => before.unwrap_or(Chosen::Online),
            LoginGives::Away => Chosen::Away,
            LoginGives::Invisible => Chosen::Invisible,
        };
        self.ran_out.remove(&device);
        self.logins.insert(device, Login { lost_at: None });
        self.set_status(device, gives);
    }

    /// Rule P2; counts as activity (rule P8), and does not end a countdown (rule P7).
    fn set_status(&mut self, device: DeviceId, chosen: Chosen) {
        let (active_at, given) = (self.now, self.one_more());
        let for_a_time = None;
        let status = Status { now: chosen, set: Set::ByHand, chosen, for_a_time, active_at, given };
        self.statuses.insert(self.holder(device), status);
    }

    /// Rule P9: as by hand, but what was given before stays in mind; one for a time within another
    /// takes its place.
    fn set_status_for(&mut self, device: DeviceId, chosen: Chosen, length: Millis) {
        let (active_at, given) = (self.now, self.one_more());
        if let Some(status) = self.statuses.get_mut(&self.holder(device)) {
            (status.now, status.set) = (chosen, Set::ByHand);
            (status.active_at, status.given) = (active_at, given);
            status.for_a_time = Some(active_at.checked_add(length));
        }
    }

    /// Rule P3 and the knob `logout`.
    fn log_out(&mut self, device: DeviceId) {
        match self.rules.logout {
            LogoutEnds::Device => {
                self.logins.remove(&device);
            }
            LogoutEnds::Account => self.logins.retain(|other, _| other.agent() != device.agent()),
            LogoutEnds::Never => {
                let now = self.now;
                if let Some(login) = self.logins.get_mut(&device) {
                    login.lost_at.get_or_insert(now);
                }
            }
        }
    }

    /// Rule P7: the connection of a logged-in device is lost, once.
    fn lose(&mut self, device: DeviceId) -> Result<(), Impossible> {
        self.logged_in(device)?;
        let now = self.now;
        match self.logins.get_mut(&device) {
            Some(Login { lost_at: Some(_) }) => Err(Impossible::AlreadyLost),
            Some(login) => {
                login.lost_at = Some(now);
                Ok(())
            }
            None => Err(Impossible::NotLoggedIn),
        }
    }

    /// Rule P7: in time it changes nothing but the countdown, too late it changes nothing at all.
    fn reconnect(&mut self, device: DeviceId) -> Result<(), Impossible> {
        match self.logins.get_mut(&device) {
            Some(login) if login.lost_at.is_some() => {
                login.lost_at = None;
                Ok(())
            }
            None if self.ran_out.contains(&device) => Ok(()),
            _ => Err(Impossible::NotLost),
        }
    }

    /// Rule P8: back online where the clock, and not a hand, made it away.
    fn be_active(&mut self, device: DeviceId) -> Result<(), Impossible> {
        self.logged_in(device)?;
        let (now, given) = (self.now, self.given + 1);
        if let Some(status) = self.statuses.get_mut(&self.holder(device)) {
            status.active_at = now;
            if status.set == Set::ByTheClock {
                (status.now, status.set, status.given) = (Chosen::Online, Set::ByHand, given);
                self.given = given;
            }
        }
        Ok(())
    }

    /// Rule P6.
    fn suspend(&mut self, agent: AgentId, property: PropertyId) -> Result<(), Impossible> {
        match self.member(agent, property)? {
            Member::Suspended => Err(Impossible::AlreadySuspended),
            Member::Active => {
                self.add_member(agent, property, Member::Suspended);
                Ok(())
            }
        }
    }

    /// Rule P6.
    fn reinstate(&mut self, agent: AgentId, property: PropertyId) -> Result<(), Impossible> {
        match self.member(agent, property)? {
            Member::Active => Err(Impossible::NotSuspended),
            Member::Suspended => {
                self.add_member(agent, property, Member::Active);
                Ok(())
            }
        }
    }

    /// Rule P6: a member, active or suspended; nobody else can be either.
    fn member(&self, agent: AgentId, property: PropertyId) -> Result<Member, Impossible> {
        self.membership(agent, property).ok_or(Impossible::NotAMember)
    }

    /// A setting of one widget; hours need a zone whose clock somebody can read (rule S2).
    fn configure(&mut self, widget: WidgetId, setting: &Setting) -> Result<(), Impossible> {
        if let Setting::Scheduler(Some(scheduler)) = setting {
            (self.offset_at)(&scheduler.zone, self.now).ok_or(Impossible::UnknownZone)?;
        }
        if let Some((_, settings)) = self.widgets.get_mut(&widget) {
            settings.set(setting.clone());
        }
        Ok(())
    }

    /// Rules P2, P3, P7, P8: only a logged-in device has a status, a connection and activity.
    fn logged_in(&self, device: DeviceId) -> Result<(), Impossible> {
        self.logins.get(&device).map(|_| ()).ok_or(Impossible::NotLoggedIn)
    }

    /// Rules P2, P3: said without a device, it is said for every device that is logged in.
    fn logged_in_devices(&self, agent: AgentId) -> Result<Vec<DeviceId>, Impossible> {
        let devices: Vec<DeviceId> = self.logged_in_of(agent).collect();
        if devices.is_empty() { Err(Impossible::NowhereLoggedIn) } else { Ok(devices) }
    }
}
