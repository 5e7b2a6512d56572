//! What happens: the one type of event that scenarios, traces, services and generators share.

use thiserror::Error;

use super::{AgentId, Chosen, DeviceId, PropertyId, Setting, WidgetId};

/// Something that happens at an instant, by ids.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A device is logged in, afresh if it was already (rule P1).
    Login(DeviceId),
    /// A logged-in device gets a status (rule P2).
    SetStatus(DeviceId, Chosen),
    /// Every logged-in device of an agent gets a status (rule P2).
    SetStatusEverywhere(AgentId, Chosen),
    /// A device is logged out (rule P3).
    Logout(DeviceId),
    /// Every device of an agent is logged out (rule P3).
    LogoutEverywhere(AgentId),
    /// A device loses its connection and its grace begins (rule P7).
    Disconnect(DeviceId),
    /// A device is connected again (rule P7).
    Reconnect(DeviceId),
    /// A sign of life from a device (rule P8).
    Activity(DeviceId),
    /// A member no longer counts in a property (rule P6).
    Suspend(AgentId, PropertyId),
    /// A suspended member counts again (rule P6).
    Reinstate(AgentId, PropertyId),
    /// A widget's setting changes.
    Configure(WidgetId, Box<Setting>),
}

impl Event {
    /// The device that it is about, if it is about one alone.
    pub fn device(&self) -> Option<DeviceId> {
        match self {
            Self::Login(device)
            | Self::SetStatus(device, _)
            | Self::Logout(device)
            | Self::Disconnect(device)
            | Self::Reconnect(device)
            | Self::Activity(device) => Some(*device),
            Self::SetStatusEverywhere(..)
            | Self::LogoutEverywhere(_)
            | Self::Suspend(..)
            | Self::Reinstate(..)
            | Self::Configure(..) => None,
        }
    }

    /// The same event about another device; one that is about none alone stays as it is.
    #[must_use]
    pub fn on_device(self, device: DeviceId) -> Self {
        match self {
            Self::Login(_) => Self::Login(device),
            Self::SetStatus(_, chosen) => Self::SetStatus(device, chosen),
            Self::Logout(_) => Self::Logout(device),
            Self::Disconnect(_) => Self::Disconnect(device),
            Self::Reconnect(_) => Self::Reconnect(device),
            Self::Activity(_) => Self::Activity(device),
            other => other,
        }
    }
}

/// Why an event cannot happen. The state is as it was before.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum Impossible {
    /// A status, logout, loss of connection or activity of a device that is not logged in.
    #[error("the device is not logged in")]
    NotLoggedIn,
    /// A status or logout for all devices of an agent who is logged in nowhere.
    #[error("the agent is not logged in anywhere")]
    NowhereLoggedIn,
    /// The connection was lost before and the grace has not run out (rule P7).
    #[error("the connection is lost already")]
    AlreadyLost,
    /// A reconnect of a device that lost no connection (rule P7).
    #[error("the connection was not lost")]
    NotLost,
    /// The agent is not a member of the property.
    #[error("the agent is not a member of the property")]
    NotAMember,
    /// The member is suspended already (rule P6).
    #[error("the member is suspended already")]
    AlreadySuspended,
    /// A scheduler in a time zone that the release in use does not know.
    #[error("the time zone is unknown")]
    UnknownZone,
    /// The member is not suspended (rule P6).
    #[error("the member is not suspended")]
    NotSuspended,
}
