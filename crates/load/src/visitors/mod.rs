//! Visitors: an open arrival process. Each starts at its intended instant whatever the service
//! does, and its latency counts from that instant; a service that stands still for two seconds is
//! seen to do so by everyone who arrived meanwhile, not by the few who happened to wait.
//!
//! Everything runs on one thread, in one runtime. What is due together is sent together, and a
//! request costs no task of its own.
//!
//! | file | what it does |
//! | --- | --- |
//! | `settings`, `signals` | what visitors need to know beforehand, and what they are told meanwhile |
//! | `error` | why they cannot go about |
//! | `runtime` | the runtime in which they do |
//! | `sessions` | the numbers of their sessions |
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
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::plan::Arrival;
use dialer::Dialer;
use pool::VisitorPool;

pub use acknowledged::KeptMessage;
pub(super) use alarm::Alarm;
pub use error::VisitorsError;
pub use messages::{MessageCheckResult, check_messages};
pub(super) use runtime::runtime;
pub use sessions::{CONNECTIONS_FROM, STREAMS_FROM};
pub use settings::{CONNECTIONS_MAX, Visitors};
pub use signals::Signals;

mod acknowledged;
mod alarm;
mod by_steps;
mod connection;
pub(super) mod dialer;
mod error;
mod expected;
pub(super) mod http;
mod messages;
mod pool;
mod pushes;
mod queries;
mod runtime;
mod sessions;
mod settings;
mod signals;
mod streams;
#[cfg(test)]
mod tests;

/// How often signals are looked at, at least.
const LOOK_EVERY: Duration = Duration::from_millis(50);

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
