//! The sizes of fleets that are measured.

/// The size that the goals are about.
pub const WIDGETS: usize = 1_000_000;

/// The sizes over which a cost must hardly grow.
pub const SIZES: [usize; 4] = [1_000, 10_000, 100_000, WIDGETS];
