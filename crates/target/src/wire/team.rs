//! What team-mates see of each other (rule P4): when they ask, and on the sockets of their devices.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::messages::MessageAnswer;
use lamplighter_core::model::{AgentStatus, DeviceStatus};

/// What team-mates see of an agent (rule P4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamMember {
    /// The name of the agent who is the team-mate.
    pub agent: String,
    /// What team-mates see: `online`, `away`, `invisible` or `offline` (rule P4).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: AgentStatus,
}

/// A text on the socket of a device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum SocketMessage<'a> {
    /// All of a team (rule P4).
    Team {
        /// The name of the property whose team it is.
        property: Cow<'a, str>,
        /// The members, in the order in which they became members.
        team: Vec<TeamMember>,
        /// The property's version that it saw.
        version: u64,
    },
    /// One team-mate's status (rule P4).
    Status {
        /// The name of the property of which both are members.
        property: Cow<'a, str>,
        /// The name of the team-mate whose status has changed.
        agent: Cow<'a, str>,
        /// The status that team-mates see now.
        status: AgentStatus,
        /// The property's version that it saw.
        version: u64,
    },
    /// The status of the socket's own device.
    Device {
        /// The name of the socket's own device.
        device: Cow<'a, str>,
        /// The status of that device now.
        status: DeviceStatus,
    },
    /// What a visitor has just left with a property of the agent's (rules C2, C3).
    Message {
        /// The name of the property that it was left with.
        property: Cow<'a, str>,
        /// The message, as `GET /v1/messages/{property}` has it.
        message: MessageAnswer,
    },
    /// What a later release may send: whoever does not know it passes over it.
    #[serde(other, skip_serializing)]
    Other,
}

/// What is said of one member of a property (rule P6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MemberDocument {
    /// Whether the member does not count.
    pub suspended: bool,
}
