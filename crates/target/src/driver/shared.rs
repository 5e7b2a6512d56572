//! A target that is called: its file, where it is, who calls.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use lamplighter_core::model::Instant;
use tokio::sync::OnceCell;

use super::endpoint::Endpoint;
use super::error::RunError;
use super::exchange::ExchangeListener;
use super::generated_names::NameGenerator;
use super::pool::{Limits, Pool};
use super::rate_limit::RateLimiter;
use super::row_pool::RowPool;
use super::session::Session;
use super::shared_names::SharedNames;
use crate::adapter::Adapter;
use crate::file::TargetFile;
use crate::file::ability::Abilities;
use crate::file::mask::{Mask, is_like_a_secret};
use crate::file::template::{Counters, KeptValues, Names as TemplateNames};
use crate::timestamp::Timestamp;

/// What a run may do besides what is asked of it.
#[derive(Clone, Default)]
pub struct DriverOptions {
    /// Hears of every call.
    pub listener: Option<Arc<dyn ExchangeListener>>,
    /// Whether devices are kept from being idle by the product's own rules (`idle_after`, T45).
    pub keeps_active: bool,
    /// The folder of the target file, in which an adapter is started; empty for this process's own.
    pub folder: PathBuf,
}

/// The admin or the observer, who logs in once for a run.
#[derive(Debug)]
pub struct PrivilegedCaller {
    /// What goes on their calls.
    pub session: Arc<Session>,
    /// Their account's names; the admin has none.
    pub account: Option<Arc<SharedNames>>,
    /// How often they have logged in.
    pub logins: tokio::sync::Mutex<u64>,
}

impl PrivilegedCaller {
    /// Not logged in yet.
    pub fn new(place: Arc<SharedNames>, account: Option<Arc<SharedNames>>) -> Self {
        let session = Session::new(place, Pool::new());
        Self { session, account, logins: tokio::sync::Mutex::new(0) }
    }
}

/// Follows a target file on one service.
pub struct Driver {
    file: TargetFile,
    abilities: Abilities,
    endpoint: Endpoint,
    options: DriverOptions,
    pub(super) rate_limiter: RateLimiter,
    pub(super) names: NameGenerator,
    /// Where the calls of visitors go.
    pub(super) visitors: Arc<Pool>,
    pub(super) admin: PrivilegedCaller,
    pub(super) observer: OnceLock<PrivilegedCaller>,
    /// `[target] accounts`
    pub(super) accounts: RowPool,
    /// `[target] properties`
    pub(super) properties: RowPool,
    /// The process that speaks for the product, once it was started.
    pub(super) adapter: OnceCell<Adapter>,
    mask: Arc<Mutex<Mask>>,
    /// What a clock that is put reads.
    clock: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Driver")
            .field(&self.file.about.name)
            .field(&self.endpoint.address())
            .finish()
    }
}

impl Driver {
    /// Nothing is called yet. Every secret of the file has its text by now.
    ///
    /// # Errors
    /// When the machine gives no randomness.
    pub fn new(
        file: TargetFile,
        endpoint: Endpoint,
        options: DriverOptions,
    ) -> Result<Self, RunError> {
        let rate_limiter =
            RateLimiter::new(file.timing.calls_per_second_max, file.timing.poll_every_min);
        let mut mask = Mask::default();
        for (name, text) in file.vars.secrets() {
            mask.hide(name, text.unwrap_or_default());
        }
        for (name, text) in file.vars.texts().filter(|(name, _)| is_like_a_secret(name)) {
            let mut counters = Counters::default();
            let mut names = TemplateNames::new(Vec::new(), Vec::new(), &file.vars, &mut counters);
            // What needs names that are not there yet is masked by those names.
            if let Ok(text) = text.text(&mut names) {
                mask.hide(name, &text);
            }
        }
        Ok(Self {
            abilities: file.abilities(),
            names: NameGenerator::new(&file.about.prefix)?,
            rate_limiter,
            visitors: Pool::new(),
            admin: PrivilegedCaller::new(SharedNames::of(KeptValues::new()), None),
            observer: OnceLock::new(),
            accounts: RowPool::new(file.about.accounts.len()),
            properties: RowPool::new(file.about.properties.len()),
            adapter: OnceCell::new(),
            mask: Arc::new(Mutex::new(mask)),
            clock: Mutex::default(),
            file,
            endpoint,
            options,
        })
    }

    /// How long a call has waited for its turn within the limits of the product (rule T43), at most,
    /// since waits were last forgotten.
    pub fn longest_wait(&self) -> Duration {
        self.rate_limiter.longest_wait()
    }

    /// What has waited until now is of no interest any more.
    pub fn forget_waits(&self) {
        self.rate_limiter.forget_waits();
    }

    /// The file that is followed.
    pub fn file(&self) -> &TargetFile {
        &self.file
    }

    /// What the target can do.
    pub fn abilities(&self) -> &Abilities {
        &self.abilities
    }

    /// Where the target is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What it may do besides what is asked.
    pub fn options(&self) -> &DriverOptions {
        &self.options
    }

    /// Secrets, to hide more of them.
    pub fn mask(&self) -> MutexGuard<'_, Mask> {
        self.mask.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, for what outlives a call.
    pub(super) fn shared_mask(&self) -> Arc<Mutex<Mask>> {
        Arc::clone(&self.mask)
    }

    /// A text without its secrets.
    pub fn masked(&self, text: &str) -> String {
        self.mask().text(text)
    }

    /// What the service's clock reads: where it was put last, else this machine's time.
    pub fn now(&self) -> Instant {
        let put = *self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        put.unwrap_or_else(|| Timestamp::now().wall)
    }

    /// Whether a clock that is put stands at an instant, or behind it.
    pub fn has_reached(&self, at: Instant) -> bool {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|now| now >= at)
    }

    /// Whether a clock that is put has gone beyond an instant.
    pub fn has_passed(&self, at: Instant) -> bool {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|now| now > at)
    }

    /// Whether somebody who only looks is a member of every property.
    pub fn has_observer(&self) -> bool {
        self.observer.get().is_some()
    }

    /// The service's clock was put.
    pub fn clock_reads(&self, now: Instant) {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// How long a call may take, and how much of its answer is read.
    pub(super) fn limits(&self) -> Limits {
        let http = &self.file.http;
        Limits { timeout: http.timeout, body_bytes_max: http.body_bytes_max }
    }
}
