//! How far the target's clock is ahead of ours, from the `Date` of cheap answers.
//!
//! A `Date` names a whole second: an answer that was asked for at `s`, was there at `r` and says `D`
//! tells that the target's clock has read something in `[D, D + 1 s)` at some moment of `[s, r]`, and
//! so that it is ahead by more than `D - r` and less than `D + 1 s - s`. All answers hold at once;
//! those around the moment in which the second flips leave little between.

#[cfg(test)]
mod tests;

use std::time::Duration;

use hyper::header::DATE;
use thiserror::Error;
use tokio::runtime::Runtime;

use super::clock::{Micros, RunClock, SECOND_US};
use super::visitors::dialer::Dialer;
use super::visitors::http::{ExchangeError, HttpConnection, PreparedCall};
use super::visitors::{Alarm, runtime};
use lamplighter_target::Host;
use lamplighter_target::driver::{Driver, RunError};
use lamplighter_target::file::request::Request;
use lamplighter_target::file::step::Method;
use lamplighter_target::file::timing::AnswerClock;

/// It is known well enough when it may be off by so much to either side.
const ENOUGH_US: Micros = 500;
/// Answers asked for over the time in which the second must flip.
const PROBES: Micros = 40;
/// Answers are not asked for more often than this.
const STEP_US_MIN: Micros = 100;
/// After so long it is as well known as it will be.
const LONGEST_US: Micros = 4 * SECOND_US;
/// Answers may contradict each other by so much: clocks are slewed, and `Date` is kept for a while.
const CONTRADICTION_US_MAX: Micros = 50_000;
/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The clock of a service on this machine is read to this.
const SAME_HOST_US: Micros = 1_000;
/// So often a clock is read by steps.
const READS: usize = 8;
/// A clock that is read by steps tells milliseconds,
const TICK_US: Micros = 1_000;

/// How the target's clock stands to ours, as it was measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Skew {
    /// By how much the target's clock is ahead of ours, in microseconds; negative where it is behind.
    pub ahead_us: Micros,
    /// By how much that may be off to either side, in microseconds.
    pub uncertain_us: Micros,
    /// How many answers it was found by.
    pub answers: u32,
    /// Whether answers contradicted each other, for which `uncertain_us` has been widened.
    pub was_contradicted: bool,
}

/// It cannot be told how far the target's clock is ahead.
#[derive(Debug, Error)]
pub enum SkewError {
    /// The target does not answer.
    #[error("`{target}` does not answer: {why}")]
    Unanswered {
        /// The target, as it was given.
        target: String,
        /// Why, in a word or two.
        why: String,
    },
    /// Its answers have no `Date`, or none that can be read.
    #[error("answers of the target have no `Date` that can be read")]
    NoDate,
    /// Steps say what the clock reads, and it cannot be read.
    #[error("the target's clock cannot be read by the steps of `timing.clock`: {0}")]
    Unreadable(String),
    /// A call by which the clock is read could not be made.
    #[error(transparent)]
    Call(#[from] RunError),
    /// Answers contradict each other, as when a clock is put meanwhile.
    #[error("the target's clock was put while it was looked at: by {0} ms")]
    Stepped(i64),
    /// The machine has nothing left for it.
    #[error("the machine cannot do it: {0}")]
    Machine(String),
}

/// An answer, in microseconds of our wall clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct DateSample {
    sent: Micros,
    received: Micros,
    /// The second that its `Date` names, in microseconds.
    date: Micros,
}

/// Closes in on the flip of the second.
#[derive(Clone, Debug)]
struct Search {
    /// The target's clock is ahead by as much as this at least,
    low: Micros,
    /// and by less than this.
    high: Micros,
    began: Micros,
    /// The second of the target's clock whose begin is waited for, in whole seconds.
    second: Micros,
    /// How long after each other answers are asked for meanwhile.
    step: Micros,
    /// When the last answer was asked for.
    sent: Micros,
    answers: u32,
    was_contradicted: bool,
}

impl Search {
    fn new(now: Micros) -> Self {
        let (low, high) = (Micros::MIN / 4, Micros::MAX / 4);
        let (second, step, sent) = (Micros::MIN / SECOND_US / 2, 0, now);
        Self { low, high, began: now, second, step, sent, answers: 0, was_contradicted: false }
    }

    /// Takes an answer.
    fn add(&mut self, sample: DateSample) -> Result<(), SkewError> {
        self.answers += 1;
        self.sent = sample.sent;
        self.low = self.low.max(sample.date - sample.received);
        self.high = self.high.min(sample.date + SECOND_US - sample.sent);
        let by = self.low - self.high;
        if by > CONTRADICTION_US_MAX {
            return Err(SkewError::Stepped(by / 1_000));
        }
        if by >= 0 {
            // Both can have been true: it is somewhere from the one to the other.
            (self.low, self.high) = (self.high - 1, self.low + 1);
            self.was_contradicted = true;
        }
        Ok(())
    }

    fn width(&self) -> Micros {
        self.high - self.low
    }

    /// When the next answer is to be asked for; `None` when it is known well enough.
    fn next(&mut self, now: Micros) -> Option<Micros> {
        if self.answers == 0 {
            return Some(now);
        }
        let is_contradicted = self.was_contradicted && self.answers > 2 * PROBES as u32;
        let is_enough = self.width() <= 2 * ENOUGH_US || is_contradicted;
        if is_enough || now - self.began > LONGEST_US {
            return None;
        }
        // It begins when our clock reads that second less what the target is ahead.
        if self.second * SECOND_US - self.low <= now {
            self.second = (now + self.low).div_euclid(SECOND_US) + 1;
            self.step = (self.width() / PROBES).max(STEP_US_MIN);
        }
        let first = self.second * SECOND_US - self.high;
        Some(first.max(self.sent + self.step).max(now))
    }

    fn skew(&self) -> Skew {
        let Self { low, high, answers, was_contradicted, .. } = *self;
        let ahead_us = low + (high - low) / 2;
        let uncertain_us = (high - low + 1) / 2;
        Skew { ahead_us, uncertain_us, answers, was_contradicted }
    }
}

/// Measures how far the clock of a service is ahead of ours, by asking for `path`, whose answer
/// should cost little; its status does not matter. Takes two seconds or three.
///
/// # Errors
/// When the target does not answer, has no `Date`, or its clock is put meanwhile.
pub fn measure(host: &Host, path: &str, clock: &RunClock) -> Result<Skew, SkewError> {
    let target = || host.authority().to_owned();
    let unanswered = |why: String| SkewError::Unanswered { target: target(), why };
    let dialer = Dialer::to(host).map_err(|error| unanswered(error.to_string()))?;
    let (path, headers, body) = (path.to_owned(), Vec::new(), Vec::new());
    let call = Request { method: Method::Get, path, headers, body };
    let call = PreparedCall::of(&call).ok_or_else(|| unanswered("its path is none".to_owned()))?;
    let machine = |error: std::io::Error| SkewError::Machine(error.to_string());
    runtime().map_err(machine)?.block_on(async {
        let ours = || clock.start().as_millis() * 1_000 + clock.now();
        let mut alarm = Alarm::new().map_err(machine)?;
        let mut search = Search::new(ours());
        let mut line: Option<HttpConnection> = None;
        while let Some(next) = search.next(ours()) {
            let moment = clock.moment(next - clock.start().as_millis() * 1_000);
            alarm.until(moment).await.map_err(machine)?;
            let mut sent = 0;
            let asking = async {
                let open = match &mut line {
                    Some(open) if !open.is_over() => open,
                    line => line.insert(HttpConnection::new(dialer.connect().await?).await?),
                };
                let answered =
                    open.exchange(call.request(&dialer.name, None), || sent = ours()).await?;
                Ok::<_, ExchangeError>((answered, ours()))
            };
            let (answered, received) = match tokio::time::timeout(ANSWER_WITHIN, asking).await {
                Ok(answered) => answered.map_err(|failure| unanswered(failure.word))?,
                Err(_) => return Err(unanswered("timed out".to_owned())),
            };
            let date = answered.headers.get(DATE).and_then(|date| date.to_str().ok());
            let date = date.and_then(second_of).ok_or(SkewError::NoDate)?;
            search.add(DateSample { sent, received, date })?;
        }
        Ok(search.skew())
    })
}

/// How far the clock of a target is ahead of ours, as its file says that it is told: by the `Date` of
/// answers, by steps, or because it is this machine's (rule T43 of target files).
///
/// # Errors
/// When it cannot be told.
pub fn of_target(driver: &Driver, runtime: &Runtime, clock: &RunClock) -> Result<Skew, SkewError> {
    let file = driver.file();
    match file.timing.clock {
        AnswerClock::SameHost => Ok(Skew {
            ahead_us: 0,
            uncertain_us: SAME_HOST_US,
            answers: 0,
            was_contradicted: false,
        }),
        AnswerClock::Steps => runtime.block_on(by_steps(driver, clock)),
        // What an adapter is answered has no headers.
        AnswerClock::Date if file.about.adapter.is_some() => Err(SkewError::NoDate),
        AnswerClock::Date => {
            let path = driver.endpoint().base_path();
            measure(driver.endpoint().host(), if path.is_empty() { "/" } else { path }, clock)
        }
    }
}

/// By steps that say what the clock reads, the read of the narrowest window.
async fn by_steps(driver: &Driver, clock: &RunClock) -> Result<Skew, SkewError> {
    let ours = |at: std::time::Instant| clock.start().as_millis() * 1_000 + clock.micros_of(at);
    let mut windows = Vec::with_capacity(READS);
    for _ in 0..READS {
        let read = driver.read_clock().await?;
        let now = read.what.map_err(|fault| SkewError::Unreadable(fault.to_string()))?;
        let (sent, answered) = (ours(read.sent.monotonic), ours(read.answered.monotonic));
        windows.push((answered - sent, now.as_millis() * 1_000, sent, answered));
    }
    // One that only ever names whole seconds is true to a second.
    let is_coarse = windows.iter().all(|(_, now, ..)| now % SECOND_US == 0);
    let tick = if is_coarse { SECOND_US } else { TICK_US };
    let narrowest = windows.iter().min_by_key(|(width, ..)| *width);
    let &(_, now, sent, answered) = narrowest.expect("it is read more than once");
    let (low, high) = (now - answered, now + tick - sent);
    Ok(Skew {
        ahead_us: low + (high - low) / 2,
        uncertain_us: (high - low + 1) / 2,
        answers: READS as u32,
        was_contradicted: false,
    })
}

/// The second that a `Date` names, in microseconds.
fn second_of(date: &str) -> Option<Micros> {
    let read = chrono::DateTime::parse_from_rfc2822(date).ok()?;
    Some(read.timestamp() * SECOND_US)
}
