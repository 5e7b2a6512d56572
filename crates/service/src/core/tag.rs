//! Tags of what is set: whoever changes it can name the one that was read, so that nobody undoes unseen what
//! somebody else has changed meanwhile. Over HTTP they are `ETag` and `If-Match`.

use std::fmt;

use crate::accounts::{digest, hex};
use crate::json::json;

/// What a document says, in sixteen digits: the same content has the same tag, after a restart too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag(String);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Tag {
    /// The tag of a document.
    pub fn of(document: &impl serde::Serialize) -> Self {
        Self(hex(&digest(&json(document))[..8]))
    }
}

/// What must be set for a write to happen.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Condition {
    /// Whatever it is, or nothing.
    #[default]
    Whatever,
    /// Something, whatever it is.
    Something,
    /// What has one of these tags.
    OneOf(Vec<String>),
}

impl Condition {
    /// Whether it holds where something with this tag is set, or nothing.
    pub fn holds(&self, now: Option<&Tag>) -> bool {
        match (self, now) {
            (Self::Whatever, _) | (Self::Something, Some(_)) => true,
            (Self::OneOf(tags), Some(now)) => tags.contains(&now.0),
            (_, None) => false,
        }
    }
}
