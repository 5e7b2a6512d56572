//! The way of a call to the core and back.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use tokio::sync::oneshot;

use super::refusal::Refusal;
use super::state::State;
use crate::metrics::Metrics;

/// How many calls may wait; more are sent away.
const QUEUE_MAX: usize = 4_096;

/// A call on its way through the core.
pub trait Call: Send {
    /// Does with the state what the call asks for.
    fn work(&mut self, state: &mut State);

    /// Answers, once what it did is kept, or could not be.
    fn answer(self: Box<Self>, kept: Result<(), Refusal>);
}

/// What a call does, then what came of it, and who waits for that.
struct Pending<F, T> {
    work: Option<F>,
    result: Option<Result<T, Refusal>>,
    tell: oneshot::Sender<Result<T, Refusal>>,
}

impl<F, T> Call for Pending<F, T>
where
    F: FnOnce(&mut State) -> Result<T, Refusal> + Send,
    T: Send,
{
    fn work(&mut self, state: &mut State) {
        self.result = self.work.take().map(|work| work(state));
    }

    fn answer(self: Box<Self>, kept: Result<(), Refusal>) {
        let Self { result, tell, .. } = *self;
        // Who asked may have gone away.
        drop(result.map(|result| tell.send(kept.and(result))));
    }
}

/// What the core is asked to do.
pub enum CoreCommand {
    /// A call is to be carried out.
    Call(Box<dyn Call>),
    /// What was handed in before is to be finished, and nothing more is taken in.
    Stop,
}

/// Hands calls in to the core; any number of tasks have one each.
#[derive(Clone, Debug)]
pub struct CoreHandle {
    commands: SyncSender<CoreCommand>,
    metrics: Arc<Metrics>,
}

impl CoreHandle {
    /// A handle, and the end that the core reads.
    pub fn new(metrics: Arc<Metrics>) -> (Self, Receiver<CoreCommand>) {
        let (commands, received) = sync_channel(QUEUE_MAX);
        (Self { commands, metrics }, received)
    }

    /// Hands a call in, and waits until what it changed is on disk.
    ///
    /// # Errors
    /// What the call itself is refused for; and when too many wait, when it cannot be kept, and when
    /// the service is stopping.
    pub async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut State) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (tell, told) = oneshot::channel();
        let pending = Pending { work: Some(call), result: None, tell };
        self.commands.try_send(CoreCommand::Call(Box::new(pending))).map_err(
            |error| match error {
                TrySendError::Full(_) => {
                    self.metrics.turned_away.inc();
                    Refusal::Busy
                }
                TrySendError::Disconnected(_) => Refusal::Stopping,
            },
        )?;
        told.await.unwrap_or(Err(Refusal::Stopping))
    }

    /// Lets the core finish what was handed in before, and stop.
    pub fn stop(&self) {
        // A full queue has to be worked off first; a core that is gone need not stop.
        drop(self.commands.send(CoreCommand::Stop));
    }
}
