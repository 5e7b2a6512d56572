//! What keeps an answer from being read (rule T6 of target files).

use std::time::Duration;

use thiserror::Error;

/// Why no answer can be read, though something may have come.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ResponseError {
    /// It is longer than `[http] max_body`.
    #[error("the answer is longer than {bytes_max} bytes")]
    TooLong {
        /// How many bytes of an answer are read at most.
        bytes_max: usize,
    },
    /// The connection ended in the middle of it.
    #[error("the answer was cut off")]
    Truncated,
    /// It came later than `[http] timeout`, if at all.
    #[error("no answer came within {} s", after.as_secs_f64())]
    TimedOut {
        /// How long the answer was waited for.
        after: Duration,
    },
    /// It does not unpack by its Content-Encoding.
    #[error("the answer does not unpack as `{encoding}`")]
    BadEncoding {
        /// The Content-Encoding that the answer names.
        encoding: String,
    },
    /// What came is no HTTP.
    #[error("the answer is no HTTP: {why}")]
    NotHttp {
        /// What is wrong with it.
        why: String,
    },
    /// Nobody took the connection.
    #[error("nobody takes a connection: {why}")]
    Unreachable {
        /// What the machine says.
        why: String,
    },
    /// HTTP cannot carry what was to be sent.
    #[error("HTTP cannot carry {what} as it was made")]
    Unsendable {
        /// A header, or the path.
        what: String,
    },
    /// A WebSocket was opened: there is no answer but what is said on it.
    #[error("the socket is open")]
    Socket,
}
