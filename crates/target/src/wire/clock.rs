//! A manual clock, as an admin puts and reads it.

use serde::{Deserialize, Serialize};

use lamplighter_core::model::Instant;

/// What a clock reads.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutClock {
    /// An instant, RFC 3339 with its seconds.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub now: Instant,
}

/// What the service's clock reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClockAnswer {
    /// The instant that the service has reached.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub now: Instant,
}
