//! The reference API, as `lamplighter serve` speaks it.

/// `lamplighter serve`, and whoever speaks its API.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;
