//! How a device comes in: by a login and its socket, or by the socket alone.

use std::sync::Arc;
use std::time::Duration;

use super::journey::{Enter, Journey};
use super::requests::Requests;
use super::sockets::{self, NotOpened};
use super::writes::{WriteResult, not_done, record_invoked, unanswered, write};
use super::{Stopping, given_up};
use crate::clock::Micros;
use crate::history::{Completion, Effect, Record};
use crate::outages::UNANSWERED_AT_END;
use crate::plan::DeviceSlot;
use crate::tally::{CONNECT, CallTiming};

/// How often a device tries to come in, login and socket together, before it gives up.
const TRIES_MAX: u32 = 8;
/// The pause before the second try; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(250);

impl<R: Requests> Journey<R> {
    /// A device comes in. Tries again where the target has no time, and where it is not known what it
    /// did: a fresh login voids what was before (rule P1), which settles it.
    pub async fn enter(&mut self, slot: DeviceSlot, mut intended: Micros, first: Enter) {
        let mut next = first;
        for attempt in 0..TRIES_MAX {
            if *self.stopped.borrow() == Stopping::AtOnce {
                return;
            }
            let is_busy = match next {
                Enter::Login => match self.log_in(slot, intended).await {
                    WriteResult::Done(()) => {
                        next = Enter::Connect;
                        false
                    }
                    WriteResult::Refused(429 | 503) | WriteResult::Indeterminate => true,
                    // Wrong password, too many devices: not by trying again.
                    WriteResult::Refused(_) => return,
                },
                Enter::Connect => match self.connect(slot, intended, attempt == 0).await {
                    WriteResult::Done(()) => return,
                    WriteResult::Refused(429 | 503) => true,
                    WriteResult::Refused(_) | WriteResult::Indeterminate => {
                        next = Enter::Login;
                        false
                    }
                },
            };
            let pause = PAUSE * 2_u32.pow(attempt.min(4));
            if is_busy && !self.pause(pause).await {
                return;
            }
            intended = self.shared.run.clock.now();
        }
        // Logged in without a socket, it would be lost by its silence, nobody knows when (rule P7).
        if self.token(slot).is_some() && self.sockets[usize::from(slot)].is_none() {
            self.log_out_once(slot, Effect::Logout, intended).await;
        }
    }

    /// Waits; false where the run is stopped first.
    async fn pause(&mut self, length: Duration) -> bool {
        tokio::select! {
            _ = self.stopped.wait_for(|told| *told > Stopping::No) => false,
            () = tokio::time::sleep(length) => true,
        }
    }

    async fn log_in(&mut self, slot: DeviceSlot, intended: Micros) -> WriteResult<()> {
        let Some(device) = self.agent().devices.get(usize::from(slot)) else {
            return WriteResult::Refused(404);
        };
        let shared = Arc::clone(&self.shared);
        let product = &shared.run.product;
        let Some(account) = shared.run.service.agent(self.index()) else {
            return WriteResult::Refused(404);
        };
        let call = product.login(&account.name, &account.password(), device);
        let read = |body: &[u8]| {
            product.read_login(body).map(|login| (Arc::from(login.token), login.versions))
        };
        let planned = self.planned(slot, Effect::Login, intended);
        match write(&shared, &mut self.requests, planned, &call, read).await {
            WriteResult::Done(token) => {
                self.put_token(slot, Some(token));
                // The socket of the login before is void, too.
                drop(self.sockets[usize::from(slot)].take());
                WriteResult::Done(())
            }
            WriteResult::Refused(status) => WriteResult::Refused(status),
            WriteResult::Indeterminate => WriteResult::Indeterminate,
        }
    }

    /// Opens a device's socket. Who comes back may be too late (rule P7): to be refused is no error
    /// then.
    async fn connect(
        &mut self,
        slot: DeviceSlot,
        intended: Micros,
        comes_back: bool,
    ) -> WriteResult<()> {
        let Some(token) = self.token(slot) else { return WriteResult::Refused(401) };
        let shared = &self.shared;
        let call = shared.run.product.socket(&token);
        let planned = self.planned(slot, Effect::Connect, intended);
        let (write, sent) = record_invoked(shared, planned);
        let device = (planned.agent, slot);
        let opening = sockets::open(shared, &call, device, sent, self.closed.0.clone());
        let opened = tokio::select! {
            opened = opening => opened,
            () = given_up(&mut self.stopped) => Err(NotOpened::Indeterminate(UNANSWERED_AT_END)),
        };
        let at = shared.run.clock.now();
        let (result, completion, error) = match &opened {
            Ok(_) => (WriteResult::Done(()), Completion::Done(Vec::new()), None),
            Err(NotOpened::Refused(401)) if comes_back => {
                (WriteResult::Refused(401), Completion::LoggedOut, None)
            }
            Err(NotOpened::Refused(status)) => {
                let (result, completion) = not_done(*status);
                (result, completion, Some(status.to_string()))
            }
            Err(NotOpened::Indeterminate(why)) => {
                (WriteResult::Indeterminate, unanswered(why), Some((*why).to_owned()))
            }
        };
        shared.run.history.record(Record::Returned { write, at, completion });
        let timing = CallTiming { intended, sent, answered: at };
        shared.run.tally.call(CONNECT, timing, error.as_deref().map_or(Ok(()), Err));
        if let Ok(socket) = opened {
            self.sockets[usize::from(slot)] = Some(socket);
        }
        result
    }
}
