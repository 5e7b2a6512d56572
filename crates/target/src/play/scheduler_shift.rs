//! Schedulers on their way to the present.

use std::sync::Arc;

use lamplighter_core::hours::{Schedule, Zone, Zones};
use lamplighter_core::model::{Instant, Scheduler};

use super::real_time::RealTimeSchedule;

/// Where schedulers are moved to on a real clock.
pub struct SchedulerShift {
    /// Where each edge lies.
    pub real_time: Arc<RealTimeSchedule>,
    /// The zone of the target, into which they are moved.
    pub zone: Arc<Zone>,
    /// The zones that they come from.
    pub zones: Arc<Zones>,
}

impl SchedulerShift {
    /// A scheduler that is put at an instant, as it is put there.
    ///
    /// # Errors
    /// Why it cannot be moved.
    pub fn scheduler(&self, scheduler: &Scheduler, at: Instant) -> Result<Scheduler, String> {
        let zone = self.zones.get(&scheduler.zone).map_err(|error| error.to_string())?;
        let schedule = Schedule::new(zone, &scheduler.hours);
        self.real_time.moved(&schedule, at, &self.zone).map_err(str::to_owned)
    }
}
