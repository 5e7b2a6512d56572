//! What was written with which admin key.

use serde::{Deserialize, Serialize};

use lamplighter_core::model::Instant;

/// Writes of admins, the latest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Audit {
    /// The writes of this page, the latest first.
    pub entries: Vec<AuditEntry>,
    /// What to ask for with `before` to get the next page; null behind the last.
    pub next: Option<i64>,
}

/// A write that an admin made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// The number of the write; later ones are higher.
    pub id: i64,
    /// The instant at which it took effect.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Instant,
    /// The name of the admin key; `agent:NAME` where an agent has changed its own password.
    pub by: String,
    /// The method of the call.
    pub method: String,
    /// The path of the call, without what stood behind `?`.
    pub path: String,
}
