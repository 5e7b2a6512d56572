//! Why scenarios cannot be played against a service.

use std::io;

use thiserror::Error;

use lamplighter_core::model::{Instant, Millis};

/// What is behind an error of the network.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a service cannot be used. All but the first are the service's or the network's doing.
#[derive(Debug, Error)]
pub enum HostError {
    /// Not the address of a service; nothing was tried.
    #[error("`{address}` is not the address of a service: {why}")]
    Address {
        /// As it was given.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Nobody answers there, or the answer never came.
    #[error("cannot reach {call}")]
    Unreachable {
        /// What was asked.
        call: String,
        /// Why not.
        #[source]
        cause: BoxError,
    },
    /// It does not show that it is who it says.
    #[error("cannot trust {address}")]
    Untrusted {
        /// Where it is.
        address: String,
        /// What is wrong with its certificate.
        #[source]
        cause: BoxError,
    },
    /// What answers there speaks no TLS, or none that is safe.
    #[error("no secure connection to {address}")]
    NoTls {
        /// Where it is.
        address: String,
        /// What came instead.
        #[source]
        cause: BoxError,
    },
    /// It is to show who it is, and this machine knows no certificate authority.
    #[error("no certificate authority is trusted on this machine")]
    NobodyToTrust,
    /// It answers, and does not know the key.
    #[error("the service at {address} does not take this admin key")]
    WrongKey {
        /// Where it is.
        address: String,
    },
    /// Its clock is the machine's: nobody can put it.
    #[error("the clock of the service at {address} is not manual")]
    ClockNotManual {
        /// Where it is.
        address: String,
    },
    /// It refuses what it must not refuse.
    #[error("{call} was answered {status}: {detail}")]
    Refused {
        /// What was asked.
        call: String,
        /// The HTTP status.
        status: u16,
        /// What it says.
        detail: String,
    },
    /// Its answer is none of this API.
    #[error("the answer to {call} cannot be read: {why}")]
    Unreadable {
        /// What was asked.
        call: String,
        /// What is wrong with it.
        why: String,
    },
    /// This machine does not give what is needed.
    #[error("cannot begin to call")]
    Machine(#[source] io::Error),
}

/// Why a scenario was not played, or not to its end. The others are played all the same.
#[derive(Debug, Error)]
pub enum LeftOut {
    /// It replays traces: what happened long ago cannot be done again by calls.
    #[error("it replays a trace, and those are played in process alone")]
    Replays,
    /// It begins before the instant that the service has reached.
    #[error("it begins at {begins}, and the service's clock has reached {clock}")]
    ClockIsPast {
        /// The first instant of the scenario.
        begins: Instant,
        /// What the service's clock reads.
        clock: Instant,
    },
    /// Auto-away is of the whole service, and others of this run have another.
    #[error("its auto-away is {}, and the service was busy with {}", length(*own), length(*others))]
    OtherAutoAway {
        /// That of the scenario.
        own: Option<Millis>,
        /// That of the scenarios that were played meanwhile.
        others: Option<Millis>,
        /// The first instant of the scenario.
        begins: Instant,
    },
    /// The service failed on the way.
    #[error(transparent)]
    Host(#[from] HostError),
}

fn length(auto_away: Option<Millis>) -> String {
    auto_away.map_or_else(|| "off".to_owned(), |length| length.to_string())
}
