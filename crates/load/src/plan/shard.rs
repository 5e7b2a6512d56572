//! Which properties of a plan one of several generators plays.

pub use lamplighter_scenario::shard::Shard;

/// Properties in a row that are always played by one generator: their agents work for each other.
pub const CLUSTER: u32 = 16;

/// Whether a property belongs to a part of a plan.
pub fn is_own(shard: Shard, property: u32) -> bool {
    shard.is_dealt(property / CLUSTER)
}
