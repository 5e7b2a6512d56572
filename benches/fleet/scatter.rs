//! Places that the processor cannot foresee, the same in every bench.

/// Mixed, a step becomes a place that the processor cannot foresee.
pub fn scattered(step: usize, count: usize) -> usize {
    let mut mixed = (step as u64).wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ mixed >> 31) % count as u64) as usize
}
