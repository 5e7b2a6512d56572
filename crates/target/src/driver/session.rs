//! One caller's side of a service: cookies, counters, names, connections (rules T12, T14, T19 of target
//! files).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::carrier::Carrier;
use super::place::Place;
use crate::file::jar::Jar;
use crate::file::template::{Counters, Kept};

/// A device's, the admin's, the observer's, or one read of a visitor.
#[derive(Debug)]
pub struct Session {
    /// Held from where a call is put together until it goes out: counters are taken in the order in
    /// which calls go out (T19).
    pub turn: tokio::sync::Mutex<()>,
    /// What it has kept.
    pub place: Arc<Place>,
    /// Where its calls go.
    pub pool: Arc<dyn Carrier>,
    state: Mutex<State>,
}

/// What changes with each call.
#[derive(Debug, Default)]
pub struct State {
    /// Its cookies.
    pub jar: Jar,
    /// Its numbers that count up.
    pub counters: Counters,
}

impl Session {
    /// Nothing was called yet.
    pub fn new(place: Arc<Place>, pool: Arc<dyn Carrier>) -> Arc<Self> {
        Arc::new(Self { turn: tokio::sync::Mutex::default(), place, pool, state: Mutex::default() })
    }

    /// Cookies and counters, for a moment.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As before its login: an empty jar, counters from 1, only names that are given.
    pub fn begin(&self, given: Kept) {
        *self.state() = State::default();
        self.place.begin_with(given);
    }
}
