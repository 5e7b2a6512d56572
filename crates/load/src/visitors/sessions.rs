//! The numbers by which sessions of visitors are told apart, each kind in a range of its own.

use crate::observation::SessionId;

/// The numbers of sessions on connections begin here.
pub const CONNECTIONS_FROM: SessionId = 1 << 60;

/// And those of event streams here.
pub const STREAMS_FROM: SessionId = 1 << 61;

/// The session that looks for messages: none of a connection, a stream or a socket.
pub(super) const MESSAGES: SessionId = 1 << 62;
