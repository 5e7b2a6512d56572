//! What visitors leave (rules C2, C3), and what agents read of it.

use serde::{Deserialize, Serialize};

use lamplighter_core::model::Instant;

/// What a visitor leaves.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Left))]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// 1 to 200 characters.
    pub name: String,
    /// An address with an `@`; at most 320 characters.
    pub email: String,
    /// Up to 10,000 characters; may be empty in a pre-chat form.
    #[serde(default)]
    pub message: String,
}

/// A message is on disk.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LeftAnswer))]
pub struct NewMessageAnswer {
    /// Its number.
    pub id: i64,
}

/// What visitors left, the latest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Messages {
    /// One page of it.
    pub messages: Vec<MessageAnswer>,
    /// What to ask for with `before` to get the next page; null behind the last.
    pub next: Option<i64>,
}

/// What one visitor left.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageAnswer {
    /// Its number.
    pub id: i64,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Instant,
    /// On which widget.
    pub widget: String,
    /// Who.
    pub name: String,
    /// Where to answer.
    pub email: String,
    /// What.
    pub message: String,
}
