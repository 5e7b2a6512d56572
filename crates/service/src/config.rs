//! What a service is started with.

use std::path::PathBuf;
use std::time::Duration;

use super::accounts::{FailuresMax, PasswordCost, Secret};
use super::clock::Clock;
use lamplighter_core::model::Millis;

/// How much of everything there may be. What is more is answered 413, 429 or 503.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The largest body, in bytes.
    pub body_bytes_max: usize,
    /// How long a body may take.
    pub body_timeout: Duration,
    /// How long the headers of a call may take, and how long a connection may idle.
    pub header_timeout: Duration,
    /// Open TCP connections.
    pub connections_max: usize,
    /// Open WebSockets of agents.
    pub sockets_max: usize,
    /// Open event streams of visitors.
    pub streams_max: usize,
    /// Devices of an agent, by their names.
    pub devices_max: usize,
    /// Failed logins within a minute.
    pub failures_max: FailuresMax,
    /// What visitors leave from one address within a minute.
    pub messages_max: u32,
    /// How long a device without a socket may be silent before its connection is lost (rule P7).
    pub silence_max: Millis,
    /// How much work a password is.
    pub password_cost: PasswordCost,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 256 * 1_024,
            body_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(30),
            connections_max: 50_000,
            sockets_max: 50_000,
            streams_max: 50_000,
            devices_max: 64,
            failures_max: FailuresMax::default(),
            messages_max: 60,
            silence_max: Millis(60_000),
            password_cost: PasswordCost::default(),
        }
    }
}

/// What a service is started with.
#[derive(Debug)]
pub struct Config {
    /// The store's file; made if need be.
    pub store: PathBuf,
    /// The machine's clock, or a manual one.
    pub clock: Clock,
    /// The admin key; `None` for the one that was made at the first start.
    pub admin_key: Option<Secret>,
    /// Limits.
    pub limits: Limits,
}
