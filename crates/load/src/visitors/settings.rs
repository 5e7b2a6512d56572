//! All that visitors need to know before the first of them arrives.

use std::sync::Arc;
use std::time::Duration;

use super::dialer::Dialer;
use super::error::VisitorsError;
use super::signals::Signals;
use crate::context::RunContext;
use crate::plan::StreamWatch;

/// How many connections there are at most, where nothing else is said.
pub const CONNECTIONS_MAX: usize = 4_096;

/// All that visitors need to know before the first of them arrives.
#[derive(Clone, Debug)]
pub struct Visitors {
    /// The run in which they arrive.
    pub run: RunContext,
    /// What is told to visitors while they go about, and what they tell.
    pub signals: Arc<Signals>,
    /// The event streams that are held, and when.
    pub watches: Vec<StreamWatch>,
    /// How many connections there are at most, streams not counted: [`CONNECTIONS_MAX`].
    pub connections_max: usize,
    /// How long a request may take, and how long one may wait for a connection or for its turn: as
    /// long as the target file says (rule T6).
    pub timeout: Duration,
}

impl Visitors {
    /// What opens connections to the target.
    pub(super) fn dialer(&self) -> Result<Dialer, VisitorsError> {
        let host = self.run.service.driver().endpoint().host();
        let target = || host.authority().to_owned();
        Dialer::to(host).map_err(|why| VisitorsError::Target { target: target(), why })
    }
}
