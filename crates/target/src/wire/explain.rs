//! Why a widget is as it is.

use serde::{Deserialize, Serialize};

use lamplighter_core::model::{AgentStatus, DeviceStatus, Instant, Presence, Reason, WidgetStatus};

/// Why a widget is as it is: the facts behind each rule that took part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExplainAnswer {
    /// Its full name.
    pub widget: String,
    /// The instant explained.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Instant,
    /// Rules W1 to W6.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: WidgetStatus,
    /// Whether a chat can start.
    pub chat: bool,
    /// Why.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reason: Reason,
    /// The rule that decided: `W1` to `W6`.
    pub rule: String,
    /// Whether the widget goes offline in its hours with nobody there (rules W5, W6).
    pub offline_when_all_agents_offline: bool,
    /// The scheduler's part; null where it is off (rule S1).
    pub scheduler: Option<SchedulerPart>,
    /// What the members add up to (rule P5).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub presence: Presence,
    /// Every member.
    pub members: Vec<MemberPart>,
    /// When status or chat will next change by the clock alone.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub next_change: Option<Instant>,
    /// All of it in sentences.
    pub text: Vec<String>,
    /// The version that this answer saw.
    pub version: u64,
}

/// A scheduler's part in an answer (rules S2 to S6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SchedulerPart {
    /// The zone.
    pub timezone: String,
    /// What its wall clock reads.
    pub local: String,
    /// Whether its hours are open.
    pub open: bool,
    /// When it next opens or closes.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub next_edge: Option<Instant>,
}

/// A member's part in a presence (rules P4 to P6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberPart {
    /// Who.
    pub agent: String,
    /// What team-mates see.
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
    /// Which.
    pub device: String,
    /// Its status.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: DeviceStatus,
    /// Whether it is away by rule P8 rather than by hand.
    pub away_by_rule: bool,
    /// Whether its connection is lost and its grace runs (rule P7).
    pub connection_lost: bool,
    /// Until when it keeps its status, if so.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub grace_until: Option<Instant>,
    /// When the status last changed.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub since: Option<Instant>,
}
