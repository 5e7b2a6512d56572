//! Why a widget is as it is.

use serde::{Deserialize, Serialize};

use lamplighter_core::model::{
    AgentStatus, Chosen, DeviceStatus, Instant, Presence, Reason, WidgetStatus,
};

/// Why a widget is as it is: the facts behind each rule that took part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExplainAnswer {
    /// The full name of the widget: `property` or `property/widget`.
    pub widget: String,
    /// The instant that is explained: the one that the service has reached.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Instant,
    /// What the widget shows: `online`, `away` or `offline` (rules W1 to W6).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: WidgetStatus,
    /// Whether a visitor can start a chat; in W6 the widget is online and none can.
    pub chat: bool,
    /// The word for why, such as `agent-online` or `scheduler-closed` (rules W1 to W6).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reason: Reason,
    /// The rule that decided: `W1` to `W6`.
    pub rule: String,
    /// Whether the widget goes offline in its hours with nobody there (rules W5, W6).
    pub offline_when_all_agents_offline: bool,
    /// The scheduler's part; null where it is off (rule S1).
    pub scheduler: Option<SchedulerPart>,
    /// What the members add up to: `online`, `away` or `nobody` (rule P5).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub presence: Presence,
    /// Every member of the property, suspended ones too (rule P6).
    pub members: Vec<MemberPart>,
    /// The instant at which status or chat will next change by the clock alone; null for never.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub next_change: Option<Instant>,
    /// The same in sentences: the answer, the hours, each member, the next change.
    pub text: Vec<String>,
    /// The version of the property that this answer saw; an answer of a higher one is newer.
    pub version: u64,
}

/// A scheduler's part in an answer (rules S2 to S6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SchedulerPart {
    /// The IANA zone whose wall clock decides (rule S2).
    pub timezone: String,
    /// What the wall clock of the zone reads, such as `2026-03-09 08:55`.
    pub local: String,
    /// Whether the hours that apply then are open (rules S2 to S6).
    pub open: bool,
    /// The instant at which the hours next open or close; null for never.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub next_edge: Option<Instant>,
}

/// A member's part in a presence (rules P4 to P6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberPart {
    /// The name of the agent who is the member.
    pub agent: String,
    /// What team-mates see: `online`, `away`, `invisible` or `offline` (rule P4).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: AgentStatus,
    /// Whether the member counts nowhere in this property (rule P6).
    pub suspended: bool,
    /// The devices on which the agent has ever logged in.
    pub devices: Vec<DevicePart>,
}

/// A device's part in its agent's status (rules P7, P8).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DevicePart {
    /// The name of the device, the agent's own.
    pub device: String,
    /// What it adds to its agent's status: `online`, `away`, `invisible` or `logged out`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: DeviceStatus,
    /// Whether it is away by rule P8 rather than by hand.
    pub away_by_rule: bool,
    /// The instant at which a status for a time is over (rule P9); null where it is for good.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub until: Option<Instant>,
    /// What it goes back to then; null where its status is for good.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub goes_back_to: Option<Chosen>,
    /// Whether its connection is lost and its grace runs (rule P7).
    pub connection_lost: bool,
    /// The instant at which a lost connection will log it out (rule P7); null where none is lost.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub grace_until: Option<Instant>,
    /// The instant at which its status last changed; null where that was not noted.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub since: Option<Instant>,
}
