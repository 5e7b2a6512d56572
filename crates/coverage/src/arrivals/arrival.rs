//! A visitor who comes to a widget.

use lamplighter_core::model::{Instant, Visitor, WidgetId};

/// A visitor comes to a widget.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// The instant at which the visitor looks, after everything of that instant.
    pub at: Instant,
    /// The widget that is looked at.
    pub widget: WidgetId,
    /// What is known of the visitor.
    pub visitor: Visitor,
}
