//! From what is kept to a state, and from a state to a snapshot.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use thiserror::Error;

use super::admin::CLOCK_FACT;
use super::liveness::Liveness;
use super::state::{State, VersionCounter};
use super::unpublished::Unpublished;
use crate::store::{JournalRow, Snapshot, Stored};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{
    AgentId, Chosen, DeviceId, DeviceStatus, Event, Instant, PropertyId,
};
use lamplighter_core::world::{Connection, DeviceState, WorldBuilder};
use lamplighter_scenario::language::Roster;
use lamplighter_target::wire::TimingDocument;

/// What is kept does not fit together: the store was not written by a service.
#[derive(Debug, Error)]
#[error("what is kept does not fit together: {0}")]
pub struct RestoreError(String);

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
        let unfit =
            |what: &str, why: &dyn std::fmt::Display| RestoreError(format!("{what}: {why}"));
        let first_row = stored.tail.first().map(|row| row.at);
        let begin = stored.snapshot.as_ref().map(|snapshot| snapshot.at).or(first_row);
        let begin = begin.unwrap_or(now);
        let (timing_text, devices) = match &stored.snapshot {
            None => (None, ""),
            Some(snapshot) => match snapshot.devices.split_once('\n') {
                Some((timing, devices)) => (Some(timing), devices),
                None => return Err(RestoreError("the snapshot is empty".to_owned())),
            },
        };
        let document: TimingDocument = match timing_text {
            None => TimingDocument::default(),
            Some(text) => serde_json::from_str(text).map_err(|e| unfit("settings", &e))?,
        };
        let world = WorldBuilder::new(document.read())
            .build(begin, Arc::clone(zones))
            .map_err(|e| unfit("an empty world", &e))?;
        let fact = |name: &str| stored.facts.get(name).and_then(|value| value.parse::<i64>().ok());
        let reserved = fact(VersionCounter::FACT).unwrap_or(0);
        let mut state = Self {
            world,
            roster: Roster::default(),
            zones: Arc::clone(zones),
            properties: Vec::new(),
            widgets: Vec::new(),
            tokens: HashMap::new(),
            token_of: HashMap::new(),
            timing: document,
            liveness,
            seq: stored.snapshot.as_ref().map_or(0, |snapshot| snapshot.seq),
            last_message: stored.last_message,
            versions: VersionCounter::new(versions_from, reserved as u64),
            writes: Vec::new(),
            unpublished: Unpublished::default(),
            latest_edge: None,
        };
        for (agent, _) in &stored.accounts {
            state.add_account(agent);
        }
        state.restore_devices(devices)?;
        for row in &stored.tail {
            state.replay(row)?;
        }
        // Widgets come last: on the way here nobody asked what they show.
        for (name, document) in &stored.properties {
            let document = serde_json::from_str(document).map_err(|e| unfit(name, &e))?;
            state.set_property(name, document).map_err(|e| unfit(name, &e))?;
        }
        for (name, document) in &stored.widgets {
            let document = serde_json::from_str(document).map_err(|e| unfit(name, &e))?;
            let property = name.split_once('/').map_or("", |(property, _)| property);
            let property = state.property(property).map_err(|e| unfit(name, &e))?;
            state.set_widget(property, name, document).map_err(|e| unfit(name, &e))?;
        }
        for (agent, device, hash) in stored.tokens {
            let id = state.agent(&agent).map_err(|e| unfit(&agent, &e))?;
            let device = state.roster.intern_device(id, &device);
            state.make_room(device);
            state.tokens.insert(hash, device);
            state.token_of.insert(device, hash);
        }
        let clock = stored.facts.get(CLOCK_FACT).and_then(|ms| ms.parse().ok());
        let clock = clock.and_then(Instant::from_millis);
        state.advance_to_present(now.max(state.world.now()).max(clock.unwrap_or(Instant::MIN)));
        Ok(state)
    }

    fn advance_to_present(&mut self, now: Instant) {
        // Nobody could call while nobody answered: silence begins now.
        self.world.advance(now, &mut |_| {});
        for agent in (0..self.roster.agents.len()).map(AgentId::new) {
            for device in self.world.devices_of(agent) {
                let is_connected = self.world.connection(device) == Connection::Up;
                if is_connected && self.world.device_status(device) != DeviceStatus::LoggedOut {
                    self.liveness.call(device, now);
                }
            }
        }
        for index in 0..self.properties.len() {
            self.touch(PropertyId::new(index));
        }
        self.unpublished = Unpublished::default();
    }

    /// Lets what the journal says happen once more.
    fn replay(&mut self, row: &JournalRow) -> Result<(), RestoreError> {
        let unfit =
            |why: &dyn std::fmt::Display| RestoreError(format!("journal row {}: {why}", row.seq));
        self.seq = row.seq;
        let mut changes = |_| {};
        if row.at < self.world.now() {
            return Err(unfit(&"time goes back"));
        }
        self.world.advance(row.at, &mut changes);
        if row.action == "settings" {
            self.timing = serde_json::from_str(&row.agent).map_err(|e| unfit(&e))?;
            self.world.put_timing(self.timing.read());
            return Ok(());
        }
        let agent = self.agent(&row.agent).map_err(|e| unfit(&e))?;
        let device = row.device.as_ref().map(|name| self.roster.intern_device(agent, name));
        if let Some(device) = device {
            self.make_room(device);
        }
        let event = match (&*row.action, device) {
            ("login", Some(device)) => Event::Login(device),
            ("logout", Some(device)) => Event::Logout(device),
            ("logout", None) => Event::LogoutEverywhere(agent),
            ("disconnect", Some(device)) => Event::Disconnect(device),
            ("reconnect", Some(device)) => Event::Reconnect(device),
            ("active", Some(device)) => Event::Activity(device),
            (word, device) => match (Chosen::from_word(word), device) {
                (Some(chosen), Some(device)) => Event::SetStatus(device, chosen),
                (Some(chosen), None) => Event::SetStatusEverywhere(agent, chosen),
                (None, _) => return Err(unfit(&"nobody knows what happened")),
            },
        };
        self.world.apply(&event, &mut changes).map_err(|why| unfit(&why))
    }

    /// The state of all devices, from which a start takes less time.
    pub fn snapshot(&self) -> Snapshot {
        let timing = serde_json::to_string(&self.timing).expect("settings are plain texts");
        let mut devices = timing + "\n";
        for agent in (0..self.roster.agents.len()).map(AgentId::new) {
            for device in self.world.devices_of(agent) {
                self.write_device(device, &mut devices);
            }
        }
        Snapshot { seq: self.seq, at: self.world.now(), devices }
    }

    /// Agent, device, status, whether away by rule, connection, until when, since when, last active.
    fn write_device(&self, id: DeviceId, out: &mut String) {
        let state = self.world.device_state(id);
        let (agent, device) = (self.roster.agents.name(id.agent()), self.roster.device_name(id));
        let ms = |at: Option<Instant>| at.map_or(String::new(), |at| at.as_millis().to_string());
        let (connection, until) = match state.connection {
            Connection::Up => ("up", None),
            Connection::Lost { until } => ("lost", until),
            Connection::RanOut => ("ran-out", None),
        };
        let status = state.status.word();
        let away = if state.away_by_rule { "by-rule" } else { "" };
        let (until, since, active) = (ms(until), ms(state.since), ms(state.active_at));
        let line =
            format!("{agent},{device},{status},{away},{connection},{until},{since},{active}");
        writeln!(out, "{line}").expect("a string takes everything");
    }

    fn restore_devices(&mut self, lines: &str) -> Result<(), RestoreError> {
        let mut states = Vec::new();
        for line in lines.lines() {
            let unfit = || RestoreError(format!("the snapshot has the line `{line}`"));
            let fields: Vec<&str> = line.split(',').collect();
            let &[agent, device, status, away, connection, until, since, active] = &fields[..]
            else {
                return Err(unfit());
            };
            let at = |text: &str| match text.is_empty() {
                true => Ok(None),
                false => {
                    text.parse().ok().and_then(Instant::from_millis).map(Some).ok_or_else(unfit)
                }
            };
            let agent = self.agent(agent).map_err(|_| unfit())?;
            let device = self.roster.intern_device(agent, device);
            self.make_room(device);
            let state = DeviceState {
                status: DeviceStatus::from_word(status).ok_or_else(unfit)?,
                away_by_rule: away == "by-rule",
                connection: match connection {
                    "up" => Connection::Up,
                    "lost" => Connection::Lost { until: at(until)? },
                    "ran-out" => Connection::RanOut,
                    _ => return Err(unfit()),
                },
                since: at(since)?,
                active_at: at(active)?,
            };
            states.push((device, state));
        }
        // Deadlines of one instant are taken in fastest from the last one on.
        for (device, state) in states.into_iter().rev() {
            self.world.restore_device(device, state);
        }
        Ok(())
    }
}
