//! Why a service cannot be called.

use thiserror::Error;

/// What is behind an error of the network.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a service cannot be called. All but the first are the service's or the network's doing.
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
    /// The certificate that it shows is an authority's own, with which none may show who it is.
    #[error(
        "cannot trust {address}: the certificate that it shows is an authority's own (`CA:TRUE`)"
    )]
    ShowsAuthority {
        /// The address at which the service was called.
        address: String,
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
}
