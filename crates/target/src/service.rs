//! The service that scenarios are played on: its one clock, and what holds for all of it.

use serde_json::json;

use super::client::{Caller, Client, Method};
use super::error::HostError;
use super::host::Host;
use super::wire::{ClockAnswer, PutClock, TimingDocument};
use lamplighter_core::model::{Instant, Millis};
use lamplighter_core::world::Timing;

/// A service that scenarios are played on, and how far it is.
pub struct ServiceUnderTest {
    /// Makes the calls, and waits for each.
    pub client: Client,
    /// What its clock reads: it is manual, and goes only where it is put.
    pub clock: Instant,
    /// Its grace and auto-away, which hold for every scenario on it (rules P7, P8).
    pub timing: Timing,
}

impl ServiceUnderTest {
    /// Makes sure that this is a service with a manual clock that takes the key.
    ///
    /// # Errors
    /// When it is not, or cannot be reached.
    pub fn reach(host: Host) -> Result<Self, HostError> {
        let client = Client::new(host)?;
        client.runtime().block_on(client.host().check())?;
        let address = client.host().address().to_owned();
        let clock = client.call(Method::GET, "/v1/clock", Caller::Admin, None)?;
        if matches!(clock.status, 401 | 403) {
            return Err(HostError::WrongKey { address });
        }
        let timing: TimingDocument = client.get("/v1/settings", Caller::Admin)?;
        // Such a service it is; only a clock to be put it has not.
        if clock.status == 404 {
            return Err(HostError::ClockNotManual { address });
        }
        let clock: ClockAnswer = clock.read()?;
        Ok(Self { client, clock: clock.now, timing: timing.read() })
    }

    /// Puts the clock forward, if it is not there yet.
    ///
    /// # Errors
    /// When the service does not.
    pub fn put_clock(&mut self, to: Instant) -> Result<(), HostError> {
        if to > self.clock {
            self.client.put("/v1/clock", &json!(PutClock { now: to }))?;
            self.clock = to;
        }
        Ok(())
    }

    /// Sets grace and auto-away, if they are not so yet.
    ///
    /// # Errors
    /// When the service does not.
    pub fn put_timing(&mut self, timing: Timing) -> Result<(), HostError> {
        if timing != self.timing {
            self.client.put("/v1/settings", &json!(TimingDocument::of(timing)))?;
            self.timing = timing;
        }
        Ok(())
    }

    /// Sets the grace: of the whole service, for countdowns that begin from now on (rule P7).
    ///
    /// # Errors
    /// When the service does not.
    pub fn put_grace(&mut self, grace: Millis) -> Result<(), HostError> {
        self.put_timing(Timing { grace, ..self.timing })
    }
}
