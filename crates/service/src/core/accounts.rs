//! Accounts, the sessions of their devices, and how both end.

use super::admin::Put;
use super::refusal::Refusal;
use super::state::{State, TokenHash};
use crate::accounts::PasswordHashes;
use crate::outbox::{CloseReason, ClosedSocket};
use crate::store::Write;
use lamplighter_core::model::{AgentId, DeviceId, DeviceStatus, Event};
use lamplighter_core::world::{Connection, DeviceFacts, DeviceState, Membership};
use lamplighter_target::wire::{DeviceRow, Versions, Written};

impl State {
    /// Makes an account, or changes its password, which is hashed by now: whoever is logged in with the one before
    /// no longer is, but for the device that `stays`.
    pub fn put_account(
        &mut self,
        name: &str,
        password: String,
        stays: Option<&TokenHash>,
    ) -> (Put, Written) {
        let put = self.add_account(name);
        if let Some(agent) = self.roster.agents.get(name) {
            if put == Put::Created && !self.world.device_facts(agent).is_empty() {
                self.begin_account(agent);
                self.journal_account(agent);
            }
            let stays = stays.and_then(|token| self.tokens.get(token).copied());
            self.end_sessions(agent, stays);
        }
        self.unpublished.accounts.push((name.to_owned(), password.clone()));
        self.writes.push(Write::Account { agent: name.to_owned(), password });
        (put, self.written_of(name))
    }

    /// The hash of an agent's password: that of now, or the one that is about to be kept.
    pub fn password_hash(&self, agent: &str, kept: &PasswordHashes) -> Option<String> {
        let mut coming = self.unpublished.accounts.iter().rev();
        match coming.find(|(name, _)| name == agent) {
            Some((_, hash)) => Some(hash.clone()).filter(|hash| !hash.is_empty()),
            None => kept.of(agent),
        }
    }

    /// Gives a name an account, if it has none.
    pub(super) fn add_account(&mut self, name: &str) -> Put {
        if let Some(known) = self.roster.agents.get(name) {
            // The id stays the name's, also while there is no account: the journal speaks of it.
            return if self.gone.remove(&known) { Put::Created } else { Put::Changed };
        }
        let id = self.roster.agents.intern(name);
        let added = self.world.add_agent();
        assert_eq!(added, id, "names and the engine count agents alike");
        Put::Created
    }

    /// An account begins whose name another one had: what the devices of that one were, which are logged out, is none
    /// of its.
    pub(super) fn begin_account(&mut self, agent: AgentId) {
        let never = DeviceState {
            status: DeviceStatus::LoggedOut,
            away_by_rule: false,
            connection: Connection::Up,
            since: None,
            goes_back: None,
            active_at: None,
        };
        for device in self.world.devices_of(agent).collect::<Vec<_>>() {
            self.world.restore_device(device, never);
        }
    }

    /// What a write of an account answers that has changed nothing.
    ///
    /// # Errors
    /// Where there is no account.
    pub fn account_as_it_is(&self, name: &str) -> Result<(Put, Written), Refusal> {
        self.agent(name)?;
        Ok((Put::Changed, self.written_of(name)))
    }

    fn written_of(&self, name: &str) -> Written {
        let agent = self.roster.agents.get(name);
        Written { version: agent.map_or_else(Versions::new, |agent| self.versions_of(agent)) }
    }

    /// Takes an account away, with its sessions and memberships; what its agent did stays in the journal.
    ///
    /// # Errors
    /// Where there is none.
    pub fn delete_account(&mut self, name: &str) -> Result<Written, Refusal> {
        let agent = self.agent(name)?;
        self.end_sessions(agent, None);
        let mut version = Versions::new();
        for property in self.world.properties_of(agent) {
            let property = self.roster.properties.name(property).to_owned();
            version.extend(self.delete_member(&property, name)?.version);
        }
        self.gone.insert(agent);
        self.unpublished.accounts.push((name.to_owned(), String::new()));
        self.writes.push(Write::AccountGone(name.to_owned()));
        Ok(Written { version })
    }

    /// Logs an agent out everywhere, but for the device that stays, and makes all other tokens void: those of
    /// devices that are logged out already, too.
    fn end_sessions(&mut self, agent: AgentId, stays: Option<DeviceId>) {
        let devices: Vec<DeviceId> = self.world.devices_of(agent).collect();
        for device in devices.into_iter().filter(|device| Some(*device) != stays) {
            self.end_session(device);
        }
    }

    fn end_session(&mut self, device: DeviceId) {
        let event = Event::Logout(device);
        if self.world.device_status(device) != DeviceStatus::LoggedOut && self.apply(&event).is_ok()
        {
            self.journal(&event);
            self.unpublished.devices.insert(device);
        }
        self.close_socket(device, CloseReason::LoggedOut);
        if let Some(token) = self.token_of.remove(&device) {
            self.tokens.remove(&token);
            self.writes.push(Write::TokenGone {
                agent: self.roster.agents.name(device.agent()).to_owned(),
                device: self.roster.device_name(device).to_owned(),
            });
        }
    }

    /// Closes the socket of a device, if it has one.
    pub(super) fn close_socket(&mut self, device: DeviceId, reason: CloseReason) {
        if let Some(socket) = self.liveness.forget(device) {
            self.unpublished.closed.push(ClosedSocket { device, socket, reason });
        }
    }

    /// The device of an agent on which somebody has logged in since there is the account.
    pub(super) fn known_device(&self, agent: AgentId, name: &str) -> Option<DeviceId> {
        let device = self.roster.device(agent, name)?;
        let is_known = |facts: &DeviceFacts| facts.device == device;
        self.world.device_facts(agent).iter().any(is_known).then_some(device)
    }

    /// The devices on which an agent has ever logged in, in the order in which they were first named.
    ///
    /// # Errors
    /// Where there is no such agent.
    pub fn devices(&self, agent: &str) -> Result<Vec<DeviceRow>, Refusal> {
        let facts = self.world.device_facts(self.agent(agent)?).into_iter();
        let row = |facts: DeviceFacts| DeviceRow {
            device: self.roster.device_name(facts.device).to_owned(),
            status: facts.status,
            connected: facts.status != DeviceStatus::LoggedOut
                && facts.connection == Connection::Up,
            since: facts.since,
        };
        Ok(facts.map(row).collect())
    }

    /// Ends the session of one device.
    ///
    /// # Errors
    /// Where there is no such agent, or no such device.
    pub fn end_device(&mut self, agent: &str, device: &str) -> Result<Written, Refusal> {
        let id = self.known_device(self.agent(agent)?, device);
        let id = id.ok_or_else(|| Refusal::NoDevice {
            agent: agent.to_owned(),
            device: device.to_owned(),
        })?;
        self.make_room(id);
        self.end_session(id);
        Ok(self.written_of(agent))
    }

    /// Lets a device of an agent pass.
    ///
    /// # Errors
    /// Where nobody is logged in with the token, or somebody else is.
    pub fn let_agent_pass(&mut self, token: &TokenHash, agent: &str) -> Result<(), Refusal> {
        let caller = self.device_of(token)?.agent();
        match self.agent(agent) == Ok(caller) {
            true => Ok(()),
            false => Err(Refusal::NotTheirs { agent: agent.to_owned() }),
        }
    }

    /// Whether an agent is a member of a property, and not suspended (rule P6): who is suspended reads nothing of it.
    pub(super) fn is_active_member(
        &self,
        agent: AgentId,
        property: lamplighter_core::model::PropertyId,
    ) -> bool {
        self.world.membership(agent, property) == Some(Membership::Active)
    }
}
