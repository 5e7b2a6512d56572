//! What a call fails with, as RFC 9457 has it.

use serde::{Deserialize, Serialize};

// Whoever reads one may find any member missing: what stands between a client and the service has
// problems of its own.
/// A problem as RFC 9457 has it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemBody {
    /// The type of the problem, which is always `about:blank`: the status says what kind it is.
    #[serde(rename = "type", default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub kind: String,
    /// The name of the HTTP status, such as `Not Found`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub title: String,
    /// The HTTP status, the same as in the answer's first line.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub status: u16,
    /// What is wrong with the call, and what to do, in a sentence.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub detail: String,
    /// The field of the body or the query at fault, such as `scheduler.hours.mon[0]`; left out
    /// where it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The version of what is set now, as `ETag` has it, where a write went by another one (412); left
    /// out where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A field of a document says something that cannot be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct InvalidField {
    /// The field at fault, such as `scheduler.timezone`.
    pub field: String,
    /// What is wrong, and what to do, in a sentence.
    pub detail: String,
}
