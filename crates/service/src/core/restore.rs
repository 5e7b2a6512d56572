//! From what is kept to a state.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use super::admin::CLOCK_FACT;
use super::liveness::Liveness;
use super::state::{State, VersionCounter};
use super::unpublished::Unpublished;
use crate::store::{JournalRow, Snapshot, Stored};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Action, AgentId, DeviceStatus, Event, Instant, PropertyId};
use lamplighter_core::world::{Connection, WorldBuilder};
use lamplighter_scenario::language::Roster;
use lamplighter_target::wire::TimingDocument;

/// What is kept does not fit together: the store was not written by a service.
#[derive(Debug, Error)]
#[error("what is kept does not fit together: {0}")]
pub struct RestoreError(String);

/// That something which is kept does not fit.
pub fn unfit(what: &str, why: &dyn fmt::Display) -> RestoreError {
    RestoreError(format!("{what}: {why}"))
}

/// What is set for the whole service, and the devices' lines.
fn read_snapshot(snapshot: &Snapshot) -> Result<(TimingDocument, &str), RestoreError> {
    let (timing, devices) = snapshot
        .devices
        .split_once('\n')
        .ok_or_else(|| RestoreError("the snapshot is empty".to_owned()))?;
    let timing = serde_json::from_str(timing).map_err(|why| unfit("settings", &why))?;
    Ok((timing, devices))
}

impl State {
    /// The state in which a service stopped, gone on until `now`. At a start versions go on behind
    /// all that were reserved; else behind the last one, `versions_from`.
    ///
    /// # Errors
    /// When what is kept does not fit together.
    pub fn restore(
        stored: Stored,
        zones: &Arc<Zones>,
        now: Instant,
        liveness: Liveness,
        versions_from: Option<u64>,
    ) -> Result<Self, RestoreError> {
        let snapshot = stored.snapshot.as_ref();
        let (timing, devices) = match snapshot {
            None => (TimingDocument::default(), ""),
            Some(snapshot) => read_snapshot(snapshot)?,
        };
        let first_row = stored.tail.first().map(|row| row.at);
        let begin = snapshot.map(|snapshot| snapshot.at).or(first_row).unwrap_or(now);
        let world = WorldBuilder::new(timing.read())
            .build(begin, Arc::clone(zones))
            .map_err(|why| unfit("an empty world", &why))?;
        let number =
            |name: &str| stored.facts.get(name).and_then(|value| value.parse::<i64>().ok());
        let reserved: u64 =
            number(VersionCounter::FACT).and_then(|n| n.try_into().ok()).unwrap_or(0);
        let clock = number(CLOCK_FACT).and_then(Instant::from_millis);
        let mut state = Self {
            world,
            roster: Roster::default(),
            zones: Arc::clone(zones),
            properties: Vec::new(),
            widgets: Vec::new(),
            gone: HashSet::new(),
            tokens: HashMap::new(),
            token_of: HashMap::new(),
            timing,
            liveness,
            seq: snapshot.map_or(0, |snapshot| snapshot.seq),
            last_message: stored.last_message,
            last_messages: HashMap::new(),
            last_audit: stored.last_audit,
            versions: VersionCounter::new(versions_from, reserved),
            writes: Vec::new(),
            unpublished: Unpublished::default(),
            latest_edge: None,
        };
        for (agent, password) in &stored.accounts {
            state.add_account(agent);
            if let Some(id) = state.roster.agents.get(agent).filter(|_| password.is_empty()) {
                state.gone.insert(id);
            }
        }
        state.restore_devices(devices)?;
        for row in &stored.tail {
            state.replay(row)?;
        }
        // Widgets come last: on the way here nobody asked what they show.
        state.restore_settings(&stored)?;
        state.restore_tokens(&stored)?;
        let now = now.max(state.world.now()).max(clock.unwrap_or(Instant::MIN));
        // At a start nobody has been heard of since the service was last there; else it has been there until now.
        let is_start = versions_from.is_none();
        let heard_of = stored.alive.filter(|_| is_start).unwrap_or(now);
        state.advance_to_present(now, heard_of.clamp(state.world.now(), now), is_start);
        Ok(state)
    }

    fn restore_settings(&mut self, stored: &Stored) -> Result<(), RestoreError> {
        for (name, document) in &stored.properties {
            let document = serde_json::from_str(document).map_err(|why| unfit(name, &why))?;
            self.set_property(name, document).map_err(|why| unfit(name, &why))?;
        }
        for (name, document) in &stored.widgets {
            let document = serde_json::from_str(document).map_err(|why| unfit(name, &why))?;
            let property = name.split_once('/').map_or("", |(property, _)| property);
            let property = self.property(property).map_err(|why| unfit(name, &why))?;
            self.set_widget(property, name, document).map_err(|why| unfit(name, &why))?;
        }
        Ok(())
    }

    fn restore_tokens(&mut self, stored: &Stored) -> Result<(), RestoreError> {
        for (agent, device, hash) in &stored.tokens {
            let id = self.roster.agents.get(agent);
            let id = id.ok_or_else(|| unfit(agent, &"it has a token, and no account"))?;
            let device = self.roster.intern_device(id, device);
            self.make_room(device);
            self.tokens.insert(*hash, device);
            self.token_of.insert(device, *hash);
        }
        Ok(())
    }

    /// Devices that were connected are silent since they could last be heard of: those whose grace is over by now
    /// are no longer there (rule P7). Those that had lost their connections before are back with a call: there are
    /// no sockets at a start. Of whom more is known nothing changes.
    fn advance_to_present(&mut self, now: Instant, heard_of: Instant, is_start: bool) {
        if is_start {
            self.world.advance(heard_of, &mut |_| {});
        }
        for agent in (0..self.roster.agents.len()).map(AgentId::new) {
            for device in self.world.devices_of(agent) {
                if self.world.device_status(device) == DeviceStatus::LoggedOut {
                    continue;
                }
                match self.world.connection(device) {
                    Connection::Up => self.liveness.begin(device, heard_of),
                    Connection::Lost { .. } if is_start => self.liveness.begin_silent(device),
                    Connection::Lost { .. } | Connection::RanOut => {}
                }
            }
        }
        self.advance(now);
        self.latest_edge = None;
        for index in 0..self.properties.len() {
            self.touch(PropertyId::new(index));
        }
        self.unpublished = Unpublished::default();
    }

    /// Lets what the journal says happen once more.
    fn replay(&mut self, row: &JournalRow) -> Result<(), RestoreError> {
        self.seq = row.seq;
        let mut changes = |_| {};
        if row.at < self.world.now() {
            return Err(unfit_row(row, &"time goes back"));
        }
        self.world.advance(row.at, &mut changes);
        match Entry::read(row, &mut self.roster)? {
            Entry::Timing(timing) => {
                self.world.put_timing(timing.read());
                self.timing = timing;
                Ok(())
            }
            Entry::Account(agent) => {
                self.begin_account(agent);
                Ok(())
            }
            Entry::Event(event) => {
                if let Some(device) = event.device() {
                    self.make_room(device);
                }
                self.world.apply(&event, &mut changes).map_err(|why| unfit_row(row, &why))
            }
        }
    }
}

/// What a row of the journal says.
pub enum Entry {
    /// An agent did something, or something happened to one's connection.
    Event(Event),
    /// An admin set grace and auto-away.
    Timing(TimingDocument),
    /// An account began whose name another one had.
    Account(AgentId),
}

impl Entry {
    /// Reads a row; a device that is named for the first time gets a name in the roster.
    ///
    /// # Errors
    /// When nobody knows the agent, or what happened.
    pub fn read(row: &JournalRow, roster: &mut Roster) -> Result<Self, RestoreError> {
        if row.action == JournalRow::SETTINGS {
            let timing = serde_json::from_str(&row.agent).map_err(|why| unfit_row(row, &why))?;
            return Ok(Self::Timing(timing));
        }
        let agent = roster.agents.get(&row.agent);
        let agent = agent.ok_or_else(|| unfit_row(row, &format!("no agent `{}`", row.agent)))?;
        if row.action == JournalRow::ACCOUNT {
            return Ok(Self::Account(agent));
        }
        let device = row.device.as_ref().map(|name| roster.intern_device(agent, name));
        let action = Action::from_text(&row.action);
        let event = action.and_then(|action| Event::of(action, agent, device));
        event.map(Self::Event).ok_or_else(|| unfit_row(row, &"nobody knows what happened"))
    }
}

fn unfit_row(row: &JournalRow, why: &dyn fmt::Display) -> RestoreError {
    unfit(&format!("journal row {}", row.seq), why)
}
