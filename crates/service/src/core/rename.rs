//! Another name for a device whose session goes on.

use super::refusal::Refusal;
use super::state::State;
use crate::outbox::{CloseReason, ClosedSocket};
use crate::store::Write;
use lamplighter_core::model::{AgentId, Chosen, DeviceId, DeviceStatus, Event, Impossible};
use lamplighter_target::wire::DeviceAnswer;

impl State {
    /// Gives a device another name, under which its session goes on, with its status and its token. To the rules and in
    /// the journal that is a login there, the same status, and a logout here, all at one instant (rules P1 to P3, T3):
    /// nobody sees another status.
    ///
    /// # Errors
    /// Where there is no such agent or device, or it is logged out; where the agent is logged in under the other name, or
    /// has as many devices as there may be.
    pub fn rename_device(
        &mut self,
        agent: &str,
        name: &str,
        to: &str,
        devices_max: usize,
    ) -> Result<DeviceAnswer, Refusal> {
        let agent_id = self.agent(agent)?;
        let no_device = || Refusal::NoDevice { agent: agent.to_owned(), device: name.to_owned() };
        let old = self.known_device(agent_id, name).ok_or_else(no_device)?;
        self.make_room(old);
        if self.world.device_status(old) == DeviceStatus::LoggedOut {
            let why = Impossible::NotLoggedIn;
            let (agent, device) = (agent.to_owned(), name.to_owned());
            return Err(Refusal::Impossible { agent, device, why });
        }
        if to == name {
            return Ok(self.device_answer(old));
        }
        let new = self.device_to_be(agent_id, to, devices_max)?;
        if self.world.device_status(new) != DeviceStatus::LoggedOut {
            return Err(Refusal::DeviceNameTaken { device: to.to_owned() });
        }
        for event in self.moves(agent_id, old, new) {
            self.happen(&event, new)?;
            self.journal(&event);
        }
        self.move_session(old, new);
        Ok(self.device_answer(new))
    }

    /// What happens when a device is to be what another one is.
    fn moves(&self, agent: AgentId, old: DeviceId, new: DeviceId) -> Vec<Event> {
        let mut facts = self.world.device_facts(agent).into_iter();
        let by_rule = facts.any(|facts| facts.device == old && facts.away_by_rule);
        let status = match self.world.device_status(old) {
            DeviceStatus::Away if !by_rule => Chosen::Away,
            DeviceStatus::Invisible => Chosen::Invisible,
            // Whoever names a device is there, and no longer away by rule P8.
            _ => Chosen::Online,
        };
        let mut events = vec![Event::Login(new)];
        match self.world.goes_back(old) {
            Some(back) => {
                events.push(Event::SetStatus(new, back.to));
                events.push(match back.at {
                    Some(at) => Event::SetStatusFor(new, status, at.since(self.world.now())),
                    None => Event::SetStatus(new, status),
                });
            }
            None => events.push(Event::SetStatus(new, status)),
        }
        events.push(Event::Logout(old));
        events
    }

    /// Gives the token of a device to another one, and closes its socket, which is known by the name before.
    fn move_session(&mut self, old: DeviceId, new: DeviceId) {
        if let Some(socket) = self.liveness.forget(old) {
            let reason = CloseReason::Renamed;
            self.unpublished.closed.push(ClosedSocket { device: old, socket, reason });
        }
        self.liveness.call(new, self.world.now());
        if let Some(hash) = self.token_of.remove(&old) {
            let names = |device: DeviceId| {
                let agent = self.roster.agents.name(device.agent()).to_owned();
                (agent, self.roster.device_name(device).to_owned())
            };
            let ((agent, device), (_, to)) = (names(old), names(new));
            self.writes.push(Write::TokenGone { agent: agent.clone(), device });
            self.writes.push(Write::Token { agent, device: to, hash });
            // One of a session before, which has ended.
            if let Some(void) = self.token_of.insert(new, hash) {
                self.tokens.remove(&void);
            }
            self.tokens.insert(hash, new);
        }
        self.unpublished.devices.extend([old, new]);
    }
}
