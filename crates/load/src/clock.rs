//! The run's clock: microseconds since the run began, on the generator's monotonic clock.

use std::time::{Duration, Instant as MachineTime};

use lamplighter_core::model::Instant;

/// Microseconds since the run's first instant; negative before it.
pub type Micros = i64;

/// Microseconds of a second.
pub const SECOND_US: Micros = 1_000_000;

/// A length of time in microseconds; lengths beyond all reckoning are a quarter of the longest, so that they can
/// be added to moments.
pub fn micros(length: Duration) -> Micros {
    Micros::try_from(length.as_micros()).unwrap_or(Micros::MAX / 4)
}

/// Tells how far the run is. All generators of a run read the same one.
#[derive(Clone, Copy, Debug)]
pub struct RunClock {
    /// The run's first instant on the monotonic clock.
    began: MachineTime,
    /// The same on the generator's wall clock.
    start: Instant,
}

impl RunClock {
    /// A run whose first instant is at `start` on the wall clock, which reads `now` at this moment.
    pub fn new(start: Instant, now: Instant) -> Self {
        let machine = MachineTime::now();
        let (ahead, past) = (start.since(now).0, now.since(start).0);
        // An instant lies at most some days from now: a monotonic clock reaches that far.
        let began = match ahead > 0 {
            true => machine + Duration::from_millis(ahead),
            false => machine.checked_sub(Duration::from_millis(past)).unwrap_or(machine),
        };
        Self { began, start }
    }

    /// The same clock for a run whose first instant is at `start`.
    #[must_use]
    pub fn restarted(&self, start: Instant) -> Self {
        Self { began: self.moment(self.micros_at(start)), start }
    }

    /// How far the run is.
    pub fn now(&self) -> Micros {
        self.micros_of(MachineTime::now())
    }

    /// A moment of the monotonic clock.
    pub fn micros_of(&self, moment: MachineTime) -> Micros {
        // A run lasts days: microseconds of it fit.
        match moment.checked_duration_since(self.began) {
            Some(since) => since.as_micros() as Micros,
            None => -((self.began - moment).as_micros() as Micros),
        }
    }

    /// The moment of the monotonic clock at which the run is so far.
    pub fn moment(&self, at: Micros) -> MachineTime {
        let far = Duration::from_micros(at.unsigned_abs());
        if at >= 0 { self.began + far } else { self.began.checked_sub(far).unwrap_or(self.began) }
    }

    /// The run's first instant on the generator's wall clock.
    pub fn start(&self) -> Instant {
        self.start
    }

    /// An instant of the wall clock.
    pub fn micros_at(&self, instant: Instant) -> Micros {
        (instant.as_millis() - self.start.as_millis()) * 1_000
    }

    /// The instant of the wall clock at which the run is so far, to the millisecond.
    pub fn instant(&self, at: Micros) -> Option<Instant> {
        Instant::from_millis(self.start.as_millis() + at.div_euclid(1_000))
    }
}
