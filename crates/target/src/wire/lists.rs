//! What there is, by name, in pages.

use serde::{Deserialize, Serialize};

use lamplighter_core::model::{AgentStatus, WidgetStatus};

/// Properties in the order of their names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Properties {
    /// The properties of this page.
    pub properties: Vec<PropertyRow>,
    /// What to ask for with `after` to get the next page; null behind the last.
    pub next: Option<String>,
}

/// A property in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PropertyRow {
    /// The name of the property.
    pub property: String,
    /// The status that its own widget shows.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: WidgetStatus,
    /// How many members it has, suspended ones included.
    pub members: usize,
    /// The names of its further widgets.
    pub widgets: Vec<String>,
}

/// Accounts in the order of their names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Agents {
    /// The accounts of this page.
    pub agents: Vec<AgentRow>,
    /// What to ask for with `after` to get the next page; null behind the last.
    pub next: Option<String>,
}

/// An account in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentRow {
    /// The name of the agent.
    pub agent: String,
    /// What team-mates see of the agent (rule P4).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: AgentStatus,
    /// On how many devices the agent is logged in.
    pub devices: usize,
    /// The properties of which the agent is a member.
    pub properties: Vec<String>,
}
