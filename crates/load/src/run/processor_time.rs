//! The time of a processor that this program takes.

use rustix::time::{ClockId, clock_gettime};

/// The time of a processor that this process, or this thread, has taken so far.
pub fn cpu_us(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    (time.tv_sec * 1_000_000 + time.tv_nsec / 1_000).unsigned_abs()
}
