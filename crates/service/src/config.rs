//! What a service is started with.

use std::path::PathBuf;
use std::time::Duration;

use tokio::net::TcpListener;

use super::accounts::{AdminKey, FailuresMax, PasswordCost};
use super::clock::Clock;
use super::metrics::LostLines;
use super::proxies::ProxyNetwork;
use super::tls::Tls;
use lamplighter_core::model::Millis;

/// How much of everything there may be. What is more is answered 413, 429 or 503.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The largest body of a call, in bytes; a larger one is answered 413.
    pub body_bytes_max: usize,
    /// How long the body of a call may take to arrive.
    pub body_timeout: Duration,
    /// How long the headers of a call may take, and how long a connection may idle.
    pub header_timeout: Duration,
    /// How many TCP connections may be open at once.
    pub connections_max: usize,
    /// How many of them, of sockets and of event streams one address may have open, each: of IPv6, one
    /// network of 64 bits.
    pub by_address_max: usize,
    /// How many WebSockets of agents may be open at once.
    pub sockets_max: usize,
    /// How many event streams of visitors may be open at once.
    pub streams_max: usize,
    /// How many devices an agent may have, counted by their names and logged out ones too.
    pub devices_max: usize,
    /// How many logins may fail within a minute, for an account and from an address.
    pub failures_max: FailuresMax,
    /// How many messages visitors may leave from one address within a minute.
    pub messages_max: u32,
    /// How many messages visitors may leave with one property within a day (UTC).
    pub messages_of_property_max: u32,
    /// How much of the store's volume must be free, in bytes: with less, the service says that the
    /// store is nearly full.
    pub free_bytes_min: u64,
    /// How long a device without a socket may be silent before its connection is lost (rule P7).
    pub silence_max: Millis,
    /// How much memory and how many passes the hash of a password takes.
    pub password_cost: PasswordCost,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 256 * 1_024,
            body_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(30),
            connections_max: 50_000,
            by_address_max: Self::share_of(50_000),
            sockets_max: 50_000,
            streams_max: 50_000,
            devices_max: 64,
            failures_max: FailuresMax::default(),
            messages_max: 60,
            messages_of_property_max: 10_000,
            free_bytes_min: 256 << 20,
            silence_max: Millis(60_000),
            password_cost: PasswordCost::default(),
        }
    }
}

impl Limits {
    /// How many of so many connections one address may have, where nobody says: an office behind one
    /// address is far below it, and four who want to keep everybody out are too few.
    pub const fn share_of(connections_max: usize) -> usize {
        match connections_max / 5 {
            0 => 1,
            share => share,
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
    /// The admin keys; without any, the one that was made at the first start.
    pub admin_keys: Vec<AdminKey>,
    /// Where the metrics are told alone; `None` for where everything else is.
    pub metrics_listener: Option<TcpListener>,
    /// How long messages of visitors are kept; `None` for good.
    pub keep_messages: Option<Millis>,
    /// The proxies that are believed of whom they call for.
    pub trusted_proxies: Vec<ProxyNetwork>,
    /// The certificate and its key, where the service speaks TLS itself.
    pub tls: Option<Tls>,
    /// How much of everything there may be, so that no caller can take all of the machine.
    pub limits: Limits,
    /// Where whoever writes the log counts the lines that are lost; `/metrics` tells how many.
    pub lost_log_lines: LostLines,
}
