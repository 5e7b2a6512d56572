//! Who waits for what an adapter says: answers by the number of their request, pushes by the widget.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot};

use super::error::{AdapterError, LastLines};
use super::message::{AdapterMessage, Reply};
use super::monotonic::MonotonicClock;
use crate::timestamp::Timestamp;

/// So many lines of a log are remembered.
const LOG_LINES_MAX: usize = 10;
/// So many pushes wait for whoever listens; who takes none of them listens no more.
const PUSHES_MAX: usize = 64;

/// A reply with the times that the adapter says.
pub type ReplyWithTimes = (Reply, Option<u64>, Option<u64>);

/// What a widget told by itself.
#[derive(Clone, Debug)]
pub struct Push {
    /// The cells of `says`.
    pub said: Map<String, Value>,
    /// When it was there, at the latest.
    pub got: Timestamp,
}

/// Hands what an adapter says to whoever waits for it: replies by their request, pushes by their widget.
#[derive(Debug)]
pub struct Dispatcher {
    clock: MonotonicClock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    waiting: BTreeMap<u64, oneshot::Sender<ReplyWithTimes>>,
    listeners: BTreeMap<String, Vec<mpsc::Sender<Push>>>,
    log: VecDeque<String>,
    ended: Option<AdapterError>,
}

impl Dispatcher {
    /// Nobody waits yet.
    pub fn new(clock: MonotonicClock) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// The clock by which the adapter's times are read.
    pub fn clock(&self) -> &MonotonicClock {
        &self.clock
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a request, and where its answer will come.
    ///
    /// # Errors
    /// Once the adapter has ended.
    pub fn expect(&self) -> Result<(u64, oneshot::Receiver<ReplyWithTimes>), AdapterError> {
        let mut state = self.state();
        if let Some(ended) = &state.ended {
            return Err(ended.clone());
        }
        state.last_id += 1;
        let id = state.last_id;
        let (tell, told) = oneshot::channel();
        state.waiting.insert(id, tell);
        Ok((id, told))
    }

    /// Nobody waits for an answer any more; one that comes is passed over.
    pub fn forget(&self, id: u64) {
        self.state().waiting.remove(&id);
    }

    /// Listens to what a widget tells.
    pub fn listen(&self, widget: &str) -> mpsc::Receiver<Push> {
        let (tell, told) = mpsc::channel(PUSHES_MAX);
        let mut state = self.state();
        if state.ended.is_none() {
            state.listeners.entry(widget.to_owned()).or_default().push(tell);
        }
        told
    }

    /// Hands on what the adapter said.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn take(&self, said: AdapterMessage) -> Result<(), String> {
        let mut state = self.state();
        match said {
            AdapterMessage::Answer { id, .. } if id == 0 || id > state.last_id => {
                return Err(format!("`id` {id} was not asked"));
            }
            AdapterMessage::Answer { id, reply, sent, got } => {
                // Who has waited for too long is not there any more.
                if let Some(waiting) = state.waiting.remove(&id) {
                    drop(waiting.send((reply, sent, got)));
                }
            }
            AdapterMessage::Push { widget, said, got } => {
                let now = Timestamp::now();
                let got = self.clock.within(got, self.clock.began(), now).unwrap_or(now);
                if let Some(listeners) = state.listeners.get_mut(&widget) {
                    let push = Push { said, got };
                    listeners.retain(|tell| tell.try_send(push.clone()).is_ok());
                    if listeners.is_empty() {
                        state.listeners.remove(&widget);
                    }
                }
            }
        }
        Ok(())
    }

    /// A line of its log.
    pub fn log(&self, line: &str) {
        let mut state = self.state();
        if state.log.len() == LOG_LINES_MAX {
            state.log.pop_front();
        }
        state.log.push_back(line.to_owned());
    }

    /// The last lines of its log.
    pub fn last_lines(&self) -> LastLines {
        LastLines(self.state().log.iter().cloned().collect())
    }

    /// The adapter can be asked nothing any more; whoever waits is told by the end of the channel.
    pub fn end(&self, why: AdapterError) {
        let mut state = self.state();
        state.ended.get_or_insert(why);
        state.waiting.clear();
        state.listeners.clear();
    }

    /// Why the adapter can be asked nothing any more.
    pub fn ended(&self) -> Option<AdapterError> {
        self.state().ended.clone()
    }
}
