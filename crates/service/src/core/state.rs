//! The state of a service: the engine's world under the names that people gave, with what is set,
//! who may call, and what is to be kept of each change. Every call works on it alone, one after the
//! other; nothing is decided here that the rules decide.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::liveness::Liveness;
use super::refusal::Refusal;
use super::unpublished::Unpublished;
use crate::store::{JournalRow, Write};
use crate::widgets::VisibilityPolicy;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{
    AgentId, DeviceId, DeviceStatus, Event, Impossible, Instant, PropertyId, WidgetId,
};
use lamplighter_core::world::{Change, World};
use lamplighter_scenario::language::Roster;
use lamplighter_target::wire::{PropertyDocument, TimingDocument, Versions, WidgetDocument};

/// The hash of a token.
pub type TokenHash = [u8; 32];

/// A property as it is set; its id is its for ever, also while it is gone.
#[derive(Debug, Default)]
pub struct Property {
    /// `None` while there is no such property.
    pub document: Option<PropertyDocument>,
    /// Grows with every change to what its answers depend on.
    pub version: u64,
    /// Its own widget and further ones, those that are gone, too.
    pub widgets: Vec<WidgetId>,
}

/// A widget as it is set.
#[derive(Debug)]
pub struct Widget {
    /// `None` while there is no such widget.
    pub document: Option<WidgetDocument>,
    /// The visitors to whom it is shown (rules V1 to V4).
    pub policy: Arc<VisibilityPolicy>,
}

/// Everything that calls read and change.
#[derive(Debug)]
pub struct State {
    /// The engine, which alone knows who is logged in and what widgets show.
    pub(super) world: World,
    /// The names of agents, devices, properties and widgets, and their ids in the world.
    pub(super) roster: Roster,
    /// The zones that schedulers are read in.
    pub(super) zones: Arc<Zones>,
    /// Each property by its id, with its version and its widgets; those that are gone, too.
    pub(super) properties: Vec<Property>,
    /// Each widget by its id, with its document and its visibility.
    pub(super) widgets: Vec<Widget>,
    /// Agents who have no account any more; their names stand in the journal.
    pub(super) gone: HashSet<AgentId>,
    /// The device that each valid token stands for, by the token's hash.
    pub(super) tokens: HashMap<TokenHash, DeviceId>,
    /// The hash of each device's token, so that a new login makes the old one void.
    pub(super) token_of: HashMap<DeviceId, TokenHash>,
    /// The grace and auto-away of the whole service (rules P7, P8).
    pub(super) timing: TimingDocument,
    /// The open sockets, and when devices without one have been silent for too long (rule P7).
    pub(super) liveness: Liveness,
    /// The number of the journal's last row, kept or still in `writes`.
    pub(super) seq: i64,
    /// The number of the last message that a visitor left.
    pub(super) last_message: i64,
    /// The number of the last message of each property since the start.
    pub(super) last_messages: HashMap<PropertyId, i64>,
    /// The number of the last write with an admin key.
    pub(super) last_audit: i64,
    /// The numbers that versions of properties are taken from.
    pub(super) versions: VersionCounter,
    /// What the next commit writes: nobody is told of a change before it is on disk.
    pub(super) writes: Vec<Write>,
    /// What is to be told once it is kept.
    pub(super) unpublished: Unpublished,
    /// The latest instant since the last commit at which the clock changed a widget.
    pub(super) latest_edge: Option<Instant>,
}

/// Counts versions up, over crashes too: numbers are reserved on disk in blocks, and a start begins
/// behind the last block.
#[derive(Debug)]
pub struct VersionCounter {
    last: u64,
    reserved: u64,
}

impl VersionCounter {
    /// The name of the fact that is kept.
    pub const FACT: &str = "versions";
    const BLOCK: u64 = 1_000_000;

    /// Goes on behind the last version that was told, where that is known; else behind all that
    /// were reserved.
    pub fn new(told: Option<u64>, reserved: u64) -> Self {
        Self { last: told.map_or(reserved, |told| told.min(reserved)), reserved }
    }

    /// The last version that was given.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// The next version, and what is to be kept for it.
    pub fn next(&mut self, writes: &mut Vec<Write>) -> u64 {
        self.last += 1;
        if self.last > self.reserved {
            self.reserved = self.last + Self::BLOCK;
            writes.push(Write::Fact(Self::FACT, self.reserved.to_string()));
        }
        self.last
    }
}

impl State {
    /// The instant that everything has reached.
    pub fn now(&self) -> Instant {
        self.world.now()
    }

    /// Goes on to an instant: grace, auto-away and edges by the engine, and the devices that have
    /// been silent for too long.
    pub fn advance(&mut self, to: Instant) {
        while let Some(at) = self.liveness.next().filter(|at| *at <= to) {
            // What fell due before the service reached it happens at the instant it has reached.
            let at = at.max(self.world.now());
            self.advance_world(at);
            while let Some(device) = self.liveness.pop(at) {
                let event = Event::Disconnect(device);
                match self.apply(&event) {
                    Ok(()) => self.journal(&event),
                    // It has lost its socket before: only another one brings it back.
                    Err(_) => self.liveness.needs_a_socket(device),
                }
            }
        }
        self.advance_world(to);
    }

    fn advance_world(&mut self, to: Instant) {
        let something_is_due = self.world.next_clock_instant().is_some_and(|at| at <= to);
        // Rules P8 and P9 may change a device and leave its agent as it is seen: the engine reports agents.
        let status = |world: &World, device| (device, world.device_status(device));
        let before: Vec<(DeviceId, DeviceStatus)> = match something_is_due {
            true => self.liveness.connected().map(|device| status(&self.world, device)).collect(),
            false => Vec::new(),
        };
        let mut changes = Vec::new();
        self.world.advance(to, &mut |change| changes.push(change));
        let edges = changes.iter().filter_map(|change| match change {
            Change::Widget { at, .. } => Some(*at),
            Change::Agent { .. } => None,
        });
        self.latest_edge = edges.max().max(self.latest_edge);
        self.take(changes);
        let changed = before.into_iter().filter(|was| status(&self.world, was.0) != *was);
        self.unpublished.devices.extend(changed.map(|(device, _)| device));
    }

    /// When there is something to do without a call.
    pub fn next_due(&self) -> Option<Instant> {
        self.world.next_clock_instant().into_iter().chain(self.liveness.next()).min()
    }

    /// Lets an event happen now, and notes whom it concerns.
    pub(super) fn apply(&mut self, event: &Event) -> Result<(), Impossible> {
        let mut changes = Vec::new();
        self.world.apply(event, &mut |change| changes.push(change))?;
        self.take(changes);
        let agent = match event {
            Event::SetStatusEverywhere(agent, _)
            | Event::SetStatusEverywhereFor(agent, ..)
            | Event::LogoutEverywhere(agent) => Some(*agent),
            event => event.device().map(DeviceId::agent),
        };
        if let Some(agent) = agent {
            self.touch_properties_of(agent);
        }
        Ok(())
    }

    /// Notes changes that the engine reports.
    pub(super) fn take(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Agent { agent, .. } => {
                    self.unpublished.agents.insert(agent);
                    self.touch_properties_of(agent);
                }
                Change::Widget { widget, .. } => self.touch(self.world.property_of(widget)),
            }
        }
    }

    fn touch_properties_of(&mut self, agent: AgentId) {
        for property in self.world.properties_of(agent) {
            self.touch(property);
        }
    }

    /// Notes that a property's answers may have changed.
    pub(super) fn touch(&mut self, property: PropertyId) {
        self.unpublished.properties.insert(property);
        self.properties[property.index()].version = self.versions.next(&mut self.writes);
    }

    /// The versions of an agent's properties; who is suspended in one reads nothing of it (rule P6).
    pub(super) fn versions_of(&self, agent: AgentId) -> Versions {
        let properties = self.world.properties_of(agent).into_iter();
        properties
            .filter(|id| self.is_active_member(agent, *id))
            .map(|id| {
                let name = self.roster.properties.name(id).to_owned();
                (name, self.properties[id.index()].version)
            })
            .collect()
    }

    /// Writes what an agent did now into the journal; what an admin sets is kept elsewhere.
    pub(super) fn journal(&mut self, event: &Event) {
        let Some((action, agent)) = event.action().zip(event.agent()) else { return };
        let device = event.device();
        self.seq += 1;
        self.writes.push(Write::Journal(JournalRow {
            seq: self.seq,
            at: self.world.now(),
            action: match action.length() {
                None => action.word().into(),
                Some(_) => action.to_string().into(),
            },
            agent: self.roster.agents.name(agent).to_owned(),
            device: device.map(|device| self.roster.device_name(device).to_owned()),
        }));
    }

    /// Writes into the journal that an account begins whose name another one had.
    pub(super) fn journal_account(&mut self, agent: AgentId) {
        self.seq += 1;
        self.writes.push(Write::Journal(JournalRow {
            seq: self.seq,
            at: self.world.now(),
            action: JournalRow::ACCOUNT.into(),
            agent: self.roster.agents.name(agent).to_owned(),
            device: None,
        }));
    }

    /// The agent of an account.
    ///
    /// # Errors
    /// Where there is none.
    pub(super) fn agent(&self, name: &str) -> Result<AgentId, Refusal> {
        let agent = self.roster.agents.get(name).filter(|agent| !self.gone.contains(agent));
        agent.ok_or_else(|| Refusal::NoAgent(name.to_owned()))
    }

    /// A property that there is.
    ///
    /// # Errors
    /// Where there is none.
    pub(super) fn property(&self, name: &str) -> Result<PropertyId, Refusal> {
        let id = self.roster.properties.get(name);
        id.filter(|id| self.properties[id.index()].document.is_some())
            .ok_or_else(|| Refusal::NoProperty(name.to_owned()))
    }

    /// A widget that there is, by its full name.
    ///
    /// # Errors
    /// Where there is none.
    pub(super) fn widget(&self, name: &str) -> Result<WidgetId, Refusal> {
        let id = self.roster.widgets.get(name);
        id.filter(|id| self.widgets[id.index()].document.is_some())
            .ok_or_else(|| Refusal::NoWidget(name.to_owned()))
    }

    /// The room of a device in the engine, made if need be.
    pub(super) fn make_room(&mut self, device: DeviceId) {
        while self.world.device_count(device.agent()) <= device.slot() {
            self.world.add_device(device.agent());
        }
    }
}
