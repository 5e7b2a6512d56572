//! How time goes on on a target: its clock is put, or the machine's is waited for (rules T47, T51 of
//! target files).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant as Monotonic};

use lamplighter_core::hours::Zone;
use lamplighter_core::model::Instant;
use tokio::time::sleep_until;

use super::real_time_spans::RealTimeSpans;
use crate::driver::{Driver, RunError, Timestamp, timestamp, write_timestamp};

/// The clock of a target.
#[derive(Clone, Debug)]
pub enum PlayClock {
    /// It is put by calls.
    Manual,
    /// It is put by a timestamp file, to the second.
    File {
        /// The timestamp file that is written to put the clock.
        path: PathBuf,
        /// In whose time it is written.
        zone: Arc<Zone>,
    },
    /// It goes by itself, and cannot be put.
    Real,
}

impl PlayClock {
    /// The shortest time that it knows, in milliseconds.
    pub fn tick_ms(&self) -> i64 {
        match self {
            Self::Manual | Self::Real => 1,
            Self::File { .. } => 1_000,
        }
    }

    /// Puts it to an instant.
    ///
    /// # Errors
    /// When it cannot be put.
    pub async fn put(&self, driver: &Driver, to: Instant) -> Result<(), RunError> {
        match self {
            Self::Manual => driver.put_clock(to).await.map(drop),
            Self::File { path, zone } => {
                write_timestamp(path, &timestamp(to, zone))?;
                driver.clock_reads(to);
                Ok(())
            }
            Self::Real => Ok(()),
        }
    }

    /// Goes on from one instant to another, once what was done before has settled. On the way the clock
    /// stops wherever it does something to a device: right before, and at the instant itself. A real one
    /// is waited for until `not_before`.
    ///
    /// # Errors
    /// When it cannot be put.
    pub async fn go_on(
        &self,
        driver: &Driver,
        spans: &RealTimeSpans,
        (from, to): (Instant, Instant),
        settled: Timestamp,
        not_before: Option<Instant>,
    ) -> Result<(), RunError> {
        sleep_until(settled.monotonic.into()).await;
        if matches!(self, Self::Real) {
            sleep_until((Monotonic::now() + spans.kept(from, to)).into()).await;
            if let Some(at) = not_before {
                let now = Timestamp::now();
                let wait = at.as_millis().saturating_sub(now.wall.as_millis());
                let wait = Duration::from_millis(u64::try_from(wait).unwrap_or_default());
                sleep_until(now.after(wait).monotonic.into()).await;
            }
            return Ok(());
        }
        let mut reached = from;
        for fire in spans.fires(from, to) {
            let before = Instant::from_millis(fire.as_millis() - self.tick_ms());
            for at in before.into_iter().chain([fire]).filter(|at| *at < to) {
                // Others may have put it on meanwhile.
                if at > reached && !driver.has_reached(at) {
                    self.put(driver, at).await?;
                    reached = at;
                }
            }
        }
        if to > reached && !driver.has_reached(to) {
            self.put(driver, to).await?;
        }
        Ok(())
    }

    /// How long a scenario takes here, without what settles.
    pub fn takes(&self, spans: &RealTimeSpans) -> Duration {
        match self {
            Self::Real => spans.total(),
            Self::Manual | Self::File { .. } => Duration::ZERO,
        }
    }
}
