//! Random places, drawn before anything is timed, and the loops that go through them: the same in
//! every bench.

use std::hint::black_box;

use lamplighter_core::model::{Chosen, DeviceId, Event, WidgetId};
use lamplighter_core::rules::Statuses128;
use lamplighter_core::world::{Change, World};

use super::rotation::Rotation;
use super::scatter::scattered;
use super::{device, now};

const YEAR_MS: u64 = 365 * 86_400_000;
/// Of so many events the devices are looked up together.
const LOOK_AHEAD: usize = 32;

/// Events of a rotation, each by an id with what the engine needs to find it at once.
pub fn events(rotation: &mut Rotation, world: &World, count: usize) -> Vec<(DeviceId, Chosen)> {
    rotation.take(count).map(|(place, status)| (world.hinted(device(place)), status)).collect()
}

/// Random widgets of a fleet.
pub fn widgets(world: &World, count: usize) -> Vec<WidgetId> {
    (0..count).map(|step| WidgetId::new(scattered(step, world.widget_count()))).collect()
}

/// Random schedules of so many, each with a random instant within a year.
pub fn asks<T>(schedules: usize, count: usize, at: impl Fn(i64) -> T) -> Vec<(usize, T)> {
    let now_ms = now().as_millis();
    let ask = |step: usize| {
        let into_ms = scattered(!step, YEAR_MS as usize) as i64;
        (scattered(step, schedules), at(now_ms + into_ms))
    };
    (0..count).map(ask).collect()
}

/// What events have changed that team-mates or visitors see.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Changed {
    pub agents: u64,
    pub widgets: u64,
}

/// Applies events; gives what they changed.
#[inline]
pub fn apply(world: &mut World, events: &[(DeviceId, Chosen)]) -> Changed {
    let mut changed = Changed::default();
    let mut note = |change: Change| match change {
        Change::Agent { .. } => changed.agents += 1,
        Change::Widget { .. } => changed.widgets += 1,
    };
    for batch in events.chunks(LOOK_AHEAD) {
        world.look_ahead(batch.iter().map(|(device, _)| *device));
        for &(device, status) in batch {
            world.apply(&Event::SetStatus(device, status), &mut note).expect("logged in");
        }
    }
    changed
}

/// What all widgets show.
#[inline]
pub fn sweep(world: &World, out: &mut [Statuses128]) {
    for (out, statuses) in out.iter_mut().zip(world.statuses()) {
        *out = statuses;
    }
    black_box(out);
}
