//! Accounts, logins, statuses and logouts (rules P1 to P3, P8), and what every write answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::text::Name;
use lamplighter_core::model::{Chosen, DeviceStatus};

/// For each property concerned the version at which a write took effect.
pub type Versions = BTreeMap<String, u64>;

/// An account's password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// 8 to 1,024 bytes.
    pub password: String,
}

/// Who logs in where.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The agent.
    pub agent: String,
    /// The account's password.
    pub password: String,
    /// What the device is called.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub device: Name,
}

/// Who has logged in, and where that counts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoggedIn {
    /// The token for all further calls of this device.
    pub token: String,
    /// Who.
    pub agent: String,
    /// On which device.
    pub device: String,
    /// Rule P1: `online`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: DeviceStatus,
    /// Where the agent is a member.
    pub properties: Vec<String>,
    /// The versions at which it took effect.
    pub version: Versions,
}

/// A status, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutStatus {
    /// `online`, `away` or `invisible`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: Chosen,
    /// Whether on all devices on which the agent is logged in.
    #[serde(default)]
    pub everywhere: bool,
}

/// Where to log out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Logout {
    /// Whether on all devices.
    pub everywhere: bool,
}

/// A device's status after a write.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceAnswer {
    /// Whose.
    pub agent: String,
    /// Which.
    pub device: String,
    /// What it is now.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: DeviceStatus,
    /// The versions at which it took effect.
    pub version: Versions,
}

/// A write took effect.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Written {
    /// The versions at which it did.
    pub version: Versions,
}
