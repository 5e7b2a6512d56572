//! Answers as JSON, ready to be sent to as many as want them.

use bytes::Bytes;
use serde::Serialize;

/// An answer as JSON.
pub fn json(answer: &impl Serialize) -> Bytes {
    serde_json::to_vec(answer).expect("answers have no keys but texts").into()
}
