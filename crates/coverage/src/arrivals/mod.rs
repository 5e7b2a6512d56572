//! Visitors who come to widgets, in the order of time: as a file recorded them, or drawn along a curve
//! of the week.
//!
//! | file | what it does |
//! | --- | --- |
//! | `arrival` | a visitor who comes to a widget |
//! | `file` | arrivals as a file recorded them |
//! | `curve` | weights of the hours of a week, and arrivals drawn along them |
//! | `number` | numbers as reals out of a stream of random ones, the same on every machine |

mod arrival;
mod curve;
mod file;
pub mod number;

use lamplighter_core::model::Instant;

pub use arrival::Arrival;
pub use curve::{Curve, CurveArrivals, CurveError};
pub use file::{ArrivalsError, FileArrivals};

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
