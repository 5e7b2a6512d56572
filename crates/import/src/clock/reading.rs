//! What the text of a time says, before a zone makes an instant of it.

use super::unit::Unit;
use lamplighter_core::model::LocalTime;

/// What a format makes of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reading {
    /// An instant, in milliseconds since 1970.
    Instant(i64),
    /// What a wall clock read.
    Local(LocalTime),
    /// A number since 1970 that only in this other unit lies near the present.
    InUnit(Unit),
}
