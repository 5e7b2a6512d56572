//! What team-mates see of each other (rule P4): when they ask, and on the sockets of their devices.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use lamplighter_core::model::{AgentStatus, DeviceStatus};

/// What team-mates see of an agent (rule P4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamMember {
    /// Who.
    pub agent: String,
    /// `online`, `away`, `invisible` or `offline`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: AgentStatus,
}

/// A text on the socket of a device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum SocketMessage<'a> {
    /// All of a team (rule P4).
    Team {
        /// Of which property.
        property: Cow<'a, str>,
        /// Each member, in the order in which they became members.
        team: Vec<TeamMember>,
        /// The property's version that it saw.
        version: u64,
    },
    /// One team-mate's status (rule P4).
    Status {
        /// In which property.
        property: Cow<'a, str>,
        /// Whose.
        agent: Cow<'a, str>,
        /// What team-mates see now.
        status: AgentStatus,
        /// The property's version that it saw.
        version: u64,
    },
    /// The status of the socket's own device.
    Device {
        /// Which.
        device: Cow<'a, str>,
        /// What it is now.
        status: DeviceStatus,
    },
    /// What a later release may send: whoever does not know it passes over it.
    #[serde(other, skip_serializing)]
    Other,
}
