//! From where on a difference counts.

/// From where on a difference counts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Thresholds {
    /// The smallest effect that matters, as a part of what was before: 0.1.
    pub min_effect: f64,
    /// How certain a verdict must be: 0.99.
    pub certainty: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { min_effect: 0.1, certainty: 0.99 }
    }
}
