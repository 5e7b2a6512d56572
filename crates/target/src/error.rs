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
        /// The address as it was given.
        address: String,
        /// What is wrong with the address.
        why: &'static str,
    },
    /// Nobody answers there, or the answer never came.
    #[error("cannot reach {call}")]
    Unreachable {
        /// What got no answer: the call, or the address alone where none was made yet.
        call: String,
        /// The reason that the network or the operating system gives.
        #[source]
        cause: BoxError,
    },
    /// It does not show that it is who it says.
    #[error("cannot trust {address}")]
    Untrusted {
        /// The address at which the service was called.
        address: String,
        /// What is wrong with its certificate.
        #[source]
        cause: BoxError,
    },
    /// What answers there speaks no TLS, or none that is safe.
    #[error("no secure connection to {address}")]
    NoTls {
        /// The address at which the service was called.
        address: String,
        /// The reason that the handshake ended with.
        #[source]
        cause: BoxError,
    },
    /// It is to show who it is, and this machine knows no certificate authority.
    #[error("no certificate authority is trusted on this machine")]
    NobodyToTrust,
    /// It answers, and does not know the key.
    #[error("the service at {address} does not take this admin key")]
    WrongKey {
        /// The address at which the service was called.
        address: String,
    },
    /// Its clock is the machine's: nobody can put it.
    #[error("the clock of the service at {address} is not manual")]
    ClockNotManual {
        /// The address at which the service was called.
        address: String,
    },
    /// It refuses what it must not refuse.
    #[error("{call} was answered {status}: {detail}")]
    Refused {
        /// The call that was refused: its method and path.
        call: String,
        /// The HTTP status of the answer.
        status: u16,
        /// What the answer says is wrong.
        detail: String,
    },
    /// Its answer is none of this API.
    #[error("the answer to {call} cannot be read: {why}")]
    Unreadable {
        /// The call whose answer cannot be read: its method and path.
        call: String,
        /// What the answer lacks or has too much.
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
        /// The instant that the service's clock has reached.
        clock: Instant,
    },
    /// Auto-away is of the whole service, and others of this run have another.
    #[error("its auto-away is {}, and the service was busy with {}", length(*own), length(*others))]
    OtherAutoAway {
        /// The auto-away of the scenario; `None` for off (rule P8).
        own: Option<Millis>,
        /// The auto-away of the scenarios that were played meanwhile; `None` for off.
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
