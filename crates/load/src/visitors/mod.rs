//! Visitors: an open arrival process. Each starts at its intended instant whatever the service
//! does, and its latency counts from that instant; a service that stands still for two seconds is
//! seen to do so by everyone who arrived meanwhile, not by the few who happened to wait.
//!
//! Everything runs on one thread, in one runtime. What is due together is sent together, and a
//! request costs no task of its own.
//!
//! | file | what it does |
//! | --- | --- |
//! | `alarm` | wakes at an instant, precisely |
//! | `queries`, `expected` | what is asked, prepared, and what its answers say; what each must have |
//! | `pool` | connections, and who waits for one |
//! | `connection` | the task of one connection |
//! | `by_steps` | visits that are not the same each time, by the steps of the target file |
//! | `streams`, `pushes` | visitors who watch: by an event stream, and in any other way |
//! | `acknowledged`, `messages` | what visitors leave, and whether it is there in the end |
//! | `dialer`, `http` | connections to the target, and HTTP on one of them |

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use thiserror::Error;
use tokio::runtime::LocalRuntime;

use super::clock::Micros;
use super::context::RunContext;
use super::observation::SessionId;
use super::plan::{Arrival, StreamWatch};
use dialer::Dialer;
use pool::VisitorPool;

pub use acknowledged::KeptMessage;
pub(super) use alarm::Alarm;
pub use messages::{MessageCheckResult, check_messages};

mod acknowledged;
mod alarm;
mod by_steps;
mod connection;
pub(super) mod dialer;
mod expected;
pub(super) mod http;
mod messages;
mod pool;
mod pushes;
mod queries;
mod streams;
#[cfg(test)]
mod tests;

/// How many connections there are at most, where nothing else is said.
pub const CONNECTIONS_MAX: usize = 4_096;
/// The numbers of sessions on connections begin here,
pub const CONNECTIONS_FROM: SessionId = 1 << 60;
/// and those of event streams here.
pub const STREAMS_FROM: SessionId = 1 << 61;

/// How often signals are looked at, at least.
const LOOK_EVERY: Duration = Duration::from_millis(50);

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

/// What is told to visitors while they go about, and what they tell.
#[derive(Debug, Default)]
pub struct Signals {
    stop: AtomicBool,
    give_up: AtomicBool,
    close_streams: AtomicBool,
    are_done: AtomicBool,
}

impl Signals {
    /// Nobody arrives any more, and who waits for a connection is sent away.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Whoever is still on the way is not waited for any longer: their requests count as unanswered.
    pub fn give_up(&self) {
        self.stop();
        self.give_up.store(true, Ordering::Release);
    }

    /// All streams are closed, and the visitors' side ends once its requests are done. Until then
    /// what lasts to the end of the run stays open, so that the last events can be judged.
    pub fn close_streams(&self) {
        self.close_streams.store(true, Ordering::Release);
    }

    /// Whether all visitors have arrived and are done; streams may still be open.
    pub fn are_done(&self) -> bool {
        self.are_done.load(Ordering::Acquire)
    }
}

/// Visitors cannot go about.
#[derive(Debug, Error)]
pub enum VisitorsError {
    /// The target has no address.
    #[error("`{target}` has no address: {why}")]
    Target {
        /// The target, as it was given.
        target: String,
        /// What the machine says of it.
        why: io::Error,
    },
    /// The machine has nothing left for it.
    #[error("the machine cannot do it: {0}")]
    Machine(#[from] io::Error),
}

impl Visitors {
    /// What opens connections to the target.
    fn dialer(&self) -> Result<Dialer, VisitorsError> {
        let host = self.run.service.driver().endpoint().host();
        let target = || host.authority().to_owned();
        Dialer::to(host).map_err(|why| VisitorsError::Target { target: target(), why })
    }
}

/// A runtime on this thread.
pub(super) fn runtime() -> io::Result<LocalRuntime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build_local(Default::default())
}

/// Lets visitors arrive, in the order of time, and streams be watched; returns when all have been
/// answered and all streams are closed, see [`Signals`]. Takes the thread that it is called on. Gives
/// the messages that were acknowledged, to be looked for with [`check_messages`].
///
/// # Errors
/// When the target has no address, or the machine nothing left; never for what the target does.
pub fn run(
    visitors: Visitors,
    arrivals: impl Iterator<Item = Arrival>,
) -> Result<Vec<KeptMessage>, VisitorsError> {
    let dialer = visitors.dialer()?;
    let runtime = runtime()?;
    let kept = runtime.block_on(go(visitors, dialer, arrivals));
    // Connections that are still open are closed with it.
    drop(runtime);
    Ok(kept?)
}

async fn go(
    mut visitors: Visitors,
    dialer: Dialer,
    arrivals: impl Iterator<Item = Arrival>,
) -> io::Result<Vec<KeptMessage>> {
    let watches = std::mem::take(&mut visitors.watches);
    let signals = visitors.signals.clone();
    let pool = Rc::new(VisitorPool::new(visitors, dialer));
    let streams = tokio::task::spawn_local(streams::open_all(pool.clone(), watches));
    let looks = tokio::task::spawn_local(look(pool.clone()));
    let arrived = arrive(&pool, arrivals).await;
    if signals.stop.load(Ordering::Acquire) {
        pool.close_all();
    }
    // Whoever is still on the way has an end: the timeout, or that nobody waits any longer.
    while pool.in_flight() > 0 {
        if signals.give_up.load(Ordering::Acquire) {
            pool.give_up();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    signals.are_done.store(true, Ordering::Release);
    // A task that panicked has told so, and its streams are closed.
    let _ = streams.await;
    looks.abort();
    arrived?;
    Ok(pool.messages.take().into_messages())
}

/// Sends every visitor off at the intended instant.
async fn arrive(pool: &Rc<VisitorPool>, arrivals: impl Iterator<Item = Arrival>) -> io::Result<()> {
    let (clock, tally) = (pool.run().clock, &pool.run().tally);
    let stop = &pool.visitors.signals.stop;
    let mut alarm = alarm::Alarm::new()?;
    let mut now = clock.now();
    let mut sent_at_once = 0;
    for arrival in arrivals {
        while arrival.at > now {
            if stop.load(Ordering::Acquire) {
                return Ok(());
            }
            let far = Duration::from_micros(arrival.at.abs_diff(now)).min(LOOK_EVERY);
            alarm.until(clock.moment(now) + far).await?;
            now = clock.now();
            sent_at_once = 0;
        }
        tally.arrival(arrival.at, now);
        if let Some(slot) = pool.arrive(arrival) {
            tokio::task::spawn_local(connection::attend(pool.clone(), slot));
        }
        sent_at_once += 1;
        if sent_at_once >= AT_ONCE_MAX {
            // Who falls behind must not keep those from being answered who were sent.
            tokio::task::yield_now().await;
            now = clock.now();
            sent_at_once = 0;
            if stop.load(Ordering::Acquire) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// How many visitors are sent off without a look at what came back.
const AT_ONCE_MAX: usize = 64;

/// Looks for requests that are over time, and for signals.
async fn look(pool: Rc<VisitorPool>) {
    let every = (pool.visitors.timeout / 100).clamp(Duration::from_millis(1), LOOK_EVERY);
    loop {
        tokio::time::sleep(every).await;
        pool.look_for_late();
        if pool.visitors.signals.close_streams.load(Ordering::Acquire) {
            pool.closing.send_replace(true);
        }
    }
}

/// Microseconds of a length of time.
fn micros(length: Duration) -> Micros {
    Micros::try_from(length.as_micros()).unwrap_or(Micros::MAX / 2)
}
