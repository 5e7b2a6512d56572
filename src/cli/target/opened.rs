//! A service to play on, found and looked up: its target file with what a run gives it, and its clock.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::anyhow;
use tokio::runtime::Runtime;

use super::{Given, GivenArguments, cannot_go_on};
use crate::cli::exit::Stop;
use crate::cli::host::{cannot_call, target};
use crate::cli::service::ServiceArguments;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Millis;
use lamplighter_target::HostError;
use lamplighter_target::driver::{Driver, DriverOptions};
use lamplighter_target::file::clock::Clock;
use lamplighter_target::play::{PlayClock, PlaySettings};

/// So long a scenario may wait on a real clock where nothing is said.
const REAL_TIME: Millis = Millis(300_000);
/// The target of whoever names an address alone.
const REFERENCE: &str = "reference";
/// What to do where nobody answers.
pub const START_ONE: &str =
    "is it running? `lamplighter serve --clock manual:2026-01-01T00:00:00Z` starts one";

/// A service to play on.
pub struct Opened {
    runtime: Runtime,
    driver: Arc<Driver>,
    clock: PlayClock,
    goes_back: bool,
    looks_around: bool,
    is_ours: bool,
}

impl Opened {
    /// Reads the target file and finds the service, before anything is done there.
    pub fn new(
        arguments: &ServiceArguments,
        looks_around: bool,
        zones: &Arc<Zones>,
    ) -> Result<Self, Stop> {
        let Some(given) = given(arguments)? else {
            return Err(Stop::invalid(anyhow!("the target file has errors"))
                .hint("`lamplighter target check` says all of them"));
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| Stop::machine(error.into()))?;
        let clock = clock(&given, zones)?;
        let goes_back = given.file.clock == Clock::Manual { back: true };
        let folder: PathBuf = given.folder.clone();
        let options = DriverOptions { keeps_active: true, folder, ..DriverOptions::default() };
        let driver = Driver::new(given.file, given.endpoint, options).map_err(cannot_go_on)?;
        let is_ours = arguments.target.is_none();
        // Whoever does not show to be who it says is told of before anything is done there.
        runtime.block_on(driver.endpoint().look_up()).map_err(|error| match error {
            HostError::Unreachable { .. } if is_ours => Stop::machine(error.into()).hint(START_ONE),
            error => cannot_call(error),
        })?;
        Ok(Self { runtime, driver: Arc::new(driver), clock, goes_back, looks_around, is_ours })
    }

    /// Whether it is the reference service, as whoever names an address alone means.
    pub fn is_ours(&self) -> bool {
        self.is_ours
    }

    /// How scenarios are played there.
    pub fn playing<'a>(
        &self,
        arguments: &ServiceArguments,
        zones: &'a Arc<Zones>,
        stop: &'a AtomicBool,
    ) -> PlaySettings<'a> {
        PlaySettings {
            driver: Arc::clone(&self.driver),
            clock: self.clock.clone(),
            goes_back: self.goes_back,
            real_time_max: Duration::from_millis(arguments.real_time.unwrap_or(REAL_TIME).0),
            keeps: arguments.keep,
            looks_around: self.looks_around,
            runtime: self.runtime.handle().clone(),
            zones,
            stop,
        }
    }
}

/// The target file with what was typed for it; where only `--host` is, the reference service's.
fn given(arguments: &ServiceArguments) -> Result<Option<Given>, Stop> {
    let (Some(named), _) = (&arguments.target, &arguments.host) else {
        let address = arguments.host.as_deref().unwrap_or_default();
        let (key, authorities) =
            (arguments.admin_key_file.as_deref(), arguments.ca_file.as_deref());
        let host = target(address, key, authorities)?;
        let typed = GivenArguments {
            host: Some(host.address().to_owned()),
            vars: vec![format!("admin_key={}", host.admin_key())],
            cacert: arguments.ca_file.clone(),
            ..GivenArguments::default()
        };
        return Given::new(REFERENCE, &typed);
    };
    let typed = GivenArguments {
        host: arguments.host.clone(),
        vars: arguments.vars.clone(),
        var_file: arguments.var_file.clone(),
        cacert: arguments.ca_file.clone(),
        admin_key_file: arguments.admin_key_file.clone(),
    };
    Given::new(named, &typed)
}

fn clock(given: &Given, zones: &Arc<Zones>) -> Result<PlayClock, Stop> {
    Ok(match &given.file.clock {
        Clock::Real => PlayClock::Real,
        Clock::Manual { .. } => PlayClock::Manual,
        Clock::File { path, zone } => PlayClock::File {
            path: given.folder.join(path),
            zone: zones.get(zone).map_err(|error| Stop::invalid(error.into()))?,
        },
    })
}
