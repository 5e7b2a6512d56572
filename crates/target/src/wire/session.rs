//! Accounts, logins, statuses and logouts (rules P1 to P3, P8), and what every write answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::text::Name;
use lamplighter_core::model::{Chosen, DeviceStatus, Instant, Millis};

/// For each property concerned the version at which a write took effect.
pub type Versions = BTreeMap<String, u64>;

/// An account's password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The new password, in 8 to 1,024 bytes of UTF-8.
    pub password: String,
    /// The password until now, which an agent that changes its own has to know; an admin leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
}

/// Who logs in where.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The name of the agent whose account it is.
    pub agent: String,
    /// The password of the agent's account, as an admin set it.
    pub password: String,
    /// The name of the device that logs in, which is the agent's own; logging in again under it
    /// voids its token (rule P1).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub device: Name,
}

/// Who has logged in, and where that counts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoggedIn {
    /// The token for all further calls of this device.
    pub token: String,
    /// The name of the agent who has logged in.
    pub agent: String,
    /// The name of the device that is logged in.
    pub device: String,
    /// The status of the device, which is always `online` after a login (rule P1).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: DeviceStatus,
    /// The properties of which the agent is a member.
    pub properties: Vec<String>,
    /// The version of each property concerned at which the login took effect.
    pub version: Versions,
}

/// A status, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutStatus {
    /// The status that is chosen: `online`, `away` or `invisible` (rule P2).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: Chosen,
    /// Whether it is for all devices on which the agent is logged in, not the calling one alone.
    #[serde(default)]
    pub everywhere: bool,
    /// For how long, as in `30m`, after which the device goes back to the status before (rule P9); a
    /// number is seconds, null is for good. Longer than nothing.
    #[serde(default, rename = "for", deserialize_with = "super::length::read_optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub length: Option<Millis>,
}

/// Where to log out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Logout {
    /// Whether all devices of the agent are logged out, not the calling one alone (rule P3).
    pub everywhere: bool,
}

/// A device's status after a write.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceAnswer {
    /// The name of the agent whose device it is.
    pub agent: String,
    /// The name of the device that made the call.
    pub device: String,
    /// The status of the device after the write.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: DeviceStatus,
    /// The instant at which a status for a time is over (rule P9); left out where it is for good, or
    /// never over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub until: Option<Instant>,
    /// The version of each property concerned at which the write took effect.
    pub version: Versions,
}

/// A device of an agent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceRow {
    /// The name of the device.
    pub device: String,
    /// The status of the device; `logged out` where its session has ended.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: DeviceStatus,
    /// Whether it is logged in, and has not lost its connection (rule P7).
    pub connected: bool,
    /// The instant at which its status last changed; null where it never logged in.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub since: Option<Instant>,
}

/// Another name of a device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RenameDevice {
    /// The name that the device has from now on, on which its agent is not logged in elsewhere.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub device: Name,
}

/// A write took effect.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Written {
    /// The version of each property concerned at which the write took effect.
    pub version: Versions,
}
