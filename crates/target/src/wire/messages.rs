//! What visitors leave (rules C2, C3), and what agents read of it.

use serde::{Deserialize, Serialize};

use lamplighter_core::model::Instant;

/// What a visitor leaves.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Left))]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// What the visitor is called, in 1 to 200 characters.
    pub name: String,
    /// The address to answer to, with an `@` and of at most 320 characters.
    pub email: String,
    /// What the visitor writes, in up to 10,000 characters; it may be empty in a pre-chat form.
    #[serde(default)]
    pub message: String,
}

/// A message is on disk.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LeftAnswer))]
pub struct NewMessageAnswer {
    /// The number of the message, by which it stands in the list of what visitors left.
    pub id: i64,
}

/// What visitors left, the latest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Messages {
    /// The messages of this page, the latest first.
    pub messages: Vec<MessageAnswer>,
    /// What to ask for with `before` to get the next page; null behind the last.
    pub next: Option<i64>,
}

/// What one visitor left.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageAnswer {
    /// The number of the message; later ones are higher.
    pub id: i64,
    /// The instant at which the service took it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Instant,
    /// The full name of the widget that it was left on.
    pub widget: String,
    /// What the visitor is called, as the form was filled in.
    pub name: String,
    /// The address to answer to, as the form was filled in.
    pub email: String,
    /// What the visitor wrote; empty where a pre-chat form had no text.
    pub message: String,
}

/// Messages were deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deleted {
    /// How many they were.
    pub deleted: usize,
}
