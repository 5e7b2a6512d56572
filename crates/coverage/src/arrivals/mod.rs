//! Visitors who come to widgets, in the order of time: as a file recorded them, or drawn along a curve
//! of the week.
//!
//! | file | what it does |
//! | --- | --- |
//! | `file` | arrivals as a file recorded them |
//! | `curve` | weights of the hours of a week, and arrivals drawn along them |
//! | `number` | numbers as reals out of a stream of random ones, the same on every machine |

mod curve;
mod file;
pub mod number;

use lamplighter_core::model::{Instant, Visitor, WidgetId};

pub use curve::{Curve, CurveArrivals, CurveError};
pub use file::{ArrivalsError, FileArrivals};

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

/// Visitors in the order of time.
pub enum Arrivals {
    /// As a file recorded them.
    File(Box<FileArrivals>),
    /// Drawn along a curve.
    Curve(CurveArrivals),
}

impl Arrivals {
    /// When the next one comes.
    pub fn next_at(&self) -> Option<Instant> {
        match self {
            Self::File(file) => file.next_at(),
            Self::Curve(curve) => curve.next_at(),
        }
    }

    /// The next one.
    ///
    /// # Errors
    /// When the file has a fault behind it.
    pub fn take_next(&mut self) -> Result<Option<Arrival>, ArrivalsError> {
        match self {
            Self::File(file) => file.take_next(),
            Self::Curve(curve) => Ok(curve.take_next()),
        }
    }
}
