//! What agents do: log in, set a status, be active, log out, connect (rules P1 to P4, P7, P8).

use super::refusal::Refusal;
use super::state::{State, TokenHash};
use crate::accounts::Secret;
use crate::outbox::{CloseReason, ClosedSocket, OpenedSocket, Outlet, SocketId};
use crate::store::Write;
use lamplighter_core::model::{AgentId, Chosen, DeviceId, DeviceStatus, Event, Impossible, Millis};
use lamplighter_target::wire::{DeviceAnswer, LoggedIn, Written};

impl State {
    /// Rule P1. The device's token before is void, and its socket is closed.
    ///
    /// # Errors
    /// When the agent has as many devices as there may be.
    pub fn log_in(
        &mut self,
        agent: &str,
        device_name: &str,
        token: &Secret,
        devices_max: usize,
    ) -> Result<LoggedIn, Refusal> {
        let agent_id = self.agent(agent)?;
        let device = self.device_to_be(agent_id, device_name, devices_max)?;
        let event = Event::Login(device);
        self.apply(&event).map_err(|why| cannot(why, agent, device_name))?;
        self.journal(&event);
        self.close_socket(device, CloseReason::LoggedInAfresh);
        self.liveness.call(device, self.world.now());
        let hash = token.hash();
        if let Some(old) = self.token_of.insert(device, hash) {
            self.tokens.remove(&old);
        }
        self.tokens.insert(hash, device);
        self.writes.push(Write::Token {
            agent: agent.to_owned(),
            device: device_name.to_owned(),
            hash,
        });
        self.unpublished.devices.insert(device);
        let properties = self.world.properties_of(agent_id).into_iter();
        Ok(LoggedIn {
            token: token.reveal().to_owned(),
            agent: agent.to_owned(),
            device: device_name.to_owned(),
            status: self.world.device_status(device),
            properties: properties
                .filter(|property| self.is_active_member(agent_id, *property))
                .map(|property| self.roster.properties.name(property).to_owned())
                .collect(),
            version: self.versions_of(agent_id),
        })
    }

    /// The device of this name, which is new if need be.
    ///
    /// # Errors
    /// When the agent has as many devices as there may be.
    pub(super) fn device_to_be(
        &mut self,
        agent: AgentId,
        name: &str,
        devices_max: usize,
    ) -> Result<DeviceId, Refusal> {
        let is_new = self.known_device(agent, name).is_none();
        if is_new && self.world.device_facts(agent).len() >= devices_max {
            let agent = self.roster.agents.name(agent).to_owned();
            return Err(Refusal::TooManyDevices { agent, devices_max });
        }
        let device = self.roster.intern_device(agent, name);
        self.make_room(device);
        Ok(device)
    }

    /// The device that a token stands for, which is alive by this call.
    ///
    /// # Errors
    /// Where nobody is logged in with it.
    pub fn device_of(&mut self, token: &TokenHash) -> Result<DeviceId, Refusal> {
        let device = *self.tokens.get(token).ok_or(Refusal::UnknownToken)?;
        if self.world.device_status(device) == DeviceStatus::LoggedOut {
            let device = self.roster.device_name(device).to_owned();
            return Err(Refusal::LoggedOut { device });
        }
        let event = Event::Reconnect(device);
        if self.liveness.call(device, self.world.now()) && self.apply(&event).is_ok() {
            self.journal(&event);
        }
        Ok(device)
    }

    /// Rule P2, or for a time rule P9.
    ///
    /// # Errors
    /// Where nobody is logged in with the token.
    pub fn set_status(
        &mut self,
        token: &TokenHash,
        chosen: Chosen,
        length: Option<Millis>,
        everywhere: bool,
    ) -> Result<DeviceAnswer, Refusal> {
        let device = self.device_of(token)?;
        let agent = device.agent();
        let event = match (everywhere, length) {
            (true, None) => Event::SetStatusEverywhere(agent, chosen),
            (true, Some(length)) => Event::SetStatusEverywhereFor(agent, chosen, length),
            (false, None) => Event::SetStatus(device, chosen),
            (false, Some(length)) => Event::SetStatusFor(device, chosen, length),
        };
        let before = self.world.device_facts(agent);
        self.happen(&event, device)?;
        // What is so already is no news, however often a client says it. With auto-away on it is a
        // sign of life, and as such changes something (rule P8).
        if self.timing.auto_away.is_some() || self.world.device_facts(agent) != before {
            self.journal(&event);
        }
        match everywhere {
            true => self.unpublished.devices.extend(self.world.devices_of(agent)),
            false => drop(self.unpublished.devices.insert(device)),
        }
        Ok(self.device_answer(device))
    }

    /// Rule P8. While auto-away is off it changes nothing, and nothing is kept of it.
    ///
    /// # Errors
    /// Where nobody is logged in with the token.
    pub fn be_active(&mut self, token: &TokenHash) -> Result<DeviceAnswer, Refusal> {
        let device = self.device_of(token)?;
        let away_by_rule = || {
            let mut facts = self.world.device_facts(device.agent()).into_iter();
            facts.any(|facts| facts.device == device && facts.away_by_rule)
        };
        if self.timing.auto_away.is_some() || away_by_rule() {
            let event = Event::Activity(device);
            self.happen(&event, device)?;
            self.journal(&event);
            self.unpublished.devices.insert(device);
        }
        Ok(self.device_answer(device))
    }

    /// Rule P3.
    ///
    /// # Errors
    /// Where nobody is logged in with the token.
    pub fn log_out(&mut self, token: &TokenHash, everywhere: bool) -> Result<Written, Refusal> {
        let device = self.device_of(token)?;
        let agent = device.agent();
        let event = match everywhere {
            true => Event::LogoutEverywhere(agent),
            false => Event::Logout(device),
        };
        self.happen(&event, device)?;
        self.journal(&event);
        let ended: Vec<DeviceId> = match everywhere {
            true => self.world.devices_of(agent).collect(),
            false => vec![device],
        };
        for device in ended {
            self.close_socket(device, CloseReason::LoggedOut);
        }
        Ok(Written { version: self.versions_of(agent) })
    }

    /// A device's socket is about to open (rule P7); one that was open is closed.
    ///
    /// # Errors
    /// Where nobody is logged in with the token.
    pub fn connect(
        &mut self,
        token: &TokenHash,
        socket: SocketId,
        outlet: Outlet,
    ) -> Result<DeviceId, Refusal> {
        let device = self.device_of(token)?;
        // Whoever has lost no connection has nothing to come back from.
        let event = Event::Reconnect(device);
        if self.apply(&event).is_ok() {
            self.journal(&event);
        }
        if let Some(old) = self.liveness.attach(device, socket) {
            let reason = CloseReason::Replaced;
            self.unpublished.closed.push(ClosedSocket { device, socket: old, reason });
        }
        self.unpublished.opened.push(OpenedSocket { device, socket, outlet });
        Ok(device)
    }

    /// A socket is closed: the device has lost its connection, unless it has another socket by now
    /// or is logged out (rule P7).
    pub fn disconnect(&mut self, device: DeviceId, socket: SocketId) {
        let event = Event::Disconnect(device);
        if self.liveness.detach(device, socket) && self.apply(&event).is_ok() {
            self.journal(&event);
            self.unpublished.devices.insert(device);
        }
    }

    pub(super) fn device_answer(&self, device: DeviceId) -> DeviceAnswer {
        DeviceAnswer {
            agent: self.roster.agents.name(device.agent()).to_owned(),
            device: self.roster.device_name(device).to_owned(),
            status: self.world.device_status(device),
            until: self.world.goes_back(device).and_then(|back| back.at),
            version: self.versions_of(device.agent()),
        }
    }

    pub(super) fn happen(&mut self, event: &Event, device: DeviceId) -> Result<(), Refusal> {
        self.apply(event).map_err(|why| {
            let agent = self.roster.agents.name(device.agent());
            cannot(why, agent, self.roster.device_name(device))
        })
    }
}

fn cannot(why: Impossible, agent: &str, device: &str) -> Refusal {
    Refusal::Impossible { agent: agent.to_owned(), device: device.to_owned(), why }
}
