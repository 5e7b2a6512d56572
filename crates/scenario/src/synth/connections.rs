//! Connections that are lost and come back: mostly within the grace, sometimes too late (rule P7).

use super::population::Population;
use super::shift::{DayStep, DeviceUse, Shift};
use lamplighter_core::model::Action;

/// Percent of lost connections that are back within the grace.
const SHORT_PERCENT: u32 = 85;
/// A short loss is no longer than this, however long the grace is.
const SHORT_MS: i64 = 90_000;

/// Loses the connection of a device so often while it is in use.
pub(super) fn lose(
    population: &Population,
    shift: &Shift,
    used: DeviceUse,
    count: u32,
    steps: &mut Vec<DayStep>,
) {
    if count == 0 || used.to_ms <= used.from_ms {
        return;
    }
    let device = used.device;
    let mut push = |at_ms, action| steps.push(DayStep { at_ms, device, action });
    let mut stream = shift.stream(population, b"lines...", device.into());
    // A grace is shorter than an hour, and a day's use shorter than a day.
    let grace_ms = population.knobs().grace.0 as i64;
    let used_ms = (used.to_ms - used.from_ms) as u32;
    for _ in 0..count {
        let lost_ms = used.from_ms + i64::from(stream.below(used_ms));
        push(lost_ms, Action::Disconnect);
        let is_short = stream.chance(SHORT_PERCENT);
        let longest_ms = grace_ms.min(SHORT_MS) - 1;
        if is_short && longest_ms > 0 {
            let longest_ms = longest_ms as u32;
            let gap_ms = stream.mostly_small(longest_ms.min(300), longest_ms);
            push(lost_ms + i64::from(gap_ms), Action::Reconnect);
            continue;
        }
        let back_ms = lost_ms + grace_ms + i64::from(stream.mostly_small(2_000, 1_200_000));
        let says_so = stream.chance(40);
        let login_ms = back_ms + i64::from(stream.between(800, 20_000));
        // Who has left does not come back for it.
        if login_ms < used.to_ms || used.for_ever {
            if says_so {
                push(back_ms, Action::Reconnect);
            }
            push(login_ms, Action::Login);
        }
    }
}
