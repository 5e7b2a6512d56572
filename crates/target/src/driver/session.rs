//! One caller's side of a service: cookies, counters, names, connections (rules T12, T14, T19 of target
//! files).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::client::HttpClient;
use super::shared_names::SharedNames;
use crate::file::cookie_jar::CookieJar;
use crate::file::template::{Counters, KeptValues};

/// A device's, the admin's, the observer's, or one read of a visitor.
#[derive(Debug)]
pub struct Session {
    /// Held from where a call is put together until it goes out: counters are taken in the order in
    /// which calls go out (T19).
    pub turn: tokio::sync::Mutex<()>,
    /// What it has kept.
    pub place: Arc<SharedNames>,
    /// Where its calls go.
    pub pool: Arc<dyn HttpClient>,
    state: Mutex<SessionState>,
}

/// What changes with each call.
#[derive(Debug, Default)]
pub struct SessionState {
    /// Its cookies.
    pub jar: CookieJar,
    /// Its numbers that count up.
    pub counters: Counters,
}

impl Session {
    /// Nothing was called yet.
    pub fn new(place: Arc<SharedNames>, pool: Arc<dyn HttpClient>) -> Arc<Self> {
        Arc::new(Self { turn: tokio::sync::Mutex::default(), place, pool, state: Mutex::default() })
    }

    /// Cookies and counters, for a moment.
    pub fn state(&self) -> MutexGuard<'_, SessionState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As before its login: an empty jar, counters from 1, only names that are given.
    pub fn begin(&self, given: KeptValues) {
        *self.state() = SessionState::default();
        self.place.begin_with(given);
    }
}
