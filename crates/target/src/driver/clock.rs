//! A clock that can be put, and one that can be asked (rules T43, T47 of target files).

use lamplighter_core::model::Instant;

use super::error::RunError;
use super::perform::{StepsContext, StepsResult};
use super::read::{ReadError, ReadResult};
use super::shared::Driver;
use crate::file::section::Section;
use crate::file::value::as_instant;

impl Driver {
    /// Puts the service's clock (`clock.set`).
    ///
    /// # Errors
    /// When it is not put.
    pub async fn put_clock(&self, to: Instant) -> Result<StepsResult, RunError> {
        self.clock_reads(to);
        self.must(Section::ClockSet, &StepsContext::default()).await
    }

    /// What the service's clock reads, by the steps of `timing.clock`.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn read_clock(&self) -> Result<ReadResult<Instant>, RunError> {
        let performed = self.perform(Section::ClockRead, &StepsContext::default()).await?;
        let now = self.kept(&performed).and_then(|kept| {
            let now = kept.get("now").and_then(as_instant);
            now.ok_or_else(|| ReadError::Table("`now` is no instant".to_owned()))
        });
        Ok(ReadResult::of(performed, now))
    }
}
