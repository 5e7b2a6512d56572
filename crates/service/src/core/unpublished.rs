//! What has changed since the last commit, by its ids: what people are told of it is put together once
//! it is on disk.

use std::collections::BTreeSet;

use crate::outbox::{ClosedSocket, OpenedSocket};
use lamplighter_core::model::{AgentId, DeviceId, Instant, PropertyId};
use lamplighter_target::wire::MessageAnswer;

/// What has changed since the last commit.
#[derive(Debug, Default)]
pub struct Unpublished {
    /// Properties whose answers may have changed.
    pub properties: BTreeSet<PropertyId>,
    /// Properties whose members have changed: their agents are told the whole team anew.
    pub teams: BTreeSet<PropertyId>,
    /// Who was an active member of a property, and is none any more: they are told an empty team.
    pub left: BTreeSet<(PropertyId, AgentId)>,
    /// Agents whose status has changed, as team-mates see it (rule P4).
    pub agents: BTreeSet<AgentId>,
    /// Devices whose own status may have changed, though their agent's has not.
    pub devices: BTreeSet<DeviceId>,
    /// What visitors have left, with the properties that it was left with.
    pub messages: Vec<(PropertyId, MessageAnswer)>,
    /// The full names of widgets that are gone.
    pub gone: Vec<String>,
    /// Sockets that were opened: each is first told how things stand.
    pub opened: Vec<OpenedSocket>,
    /// Sockets that are to be closed, with the reason for their other end.
    pub closed: Vec<ClosedSocket>,
    /// Where a manual clock was put.
    pub clock: Option<Instant>,
    /// Accounts that were made or changed, with the new hashes of their passwords.
    pub accounts: Vec<(String, String)>,
}
