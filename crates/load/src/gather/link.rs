//! The generator's side of the line to the gatherer: a thread of its own says what there is to say, so that a
//! gatherer that is slow, or gone, keeps nobody waiting. What could not be said is said with what comes
//! next.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant as MachineTime, SystemTime, UNIX_EPOCH};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, StatusCode};
use serde::de::DeserializeOwned;
use thiserror::Error;
use tokio::runtime::Runtime;

use super::increment::IncrementEncoder;
use super::message::{
    Answer, CLOCK_PATH, ClockReading, PART_PATH, PartEnd, PartIdentity, PartMessage, Readiness,
    RefusalText, StopCause,
};
use super::offset::{ClockOffset, RoundTrip};
use crate::clock::Micros;
use crate::result::LoadResult;
use crate::visitors::http::HttpConnection;
use lamplighter_core::model::Instant;
use lamplighter_target::Host;

/// Something is said this often at least, so that the gatherer knows that the part is there.
const SAID_EVERY: Duration = Duration::from_millis(500);
/// So long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// So long a gatherer that does not answer is waited for: before the start, which only it knows,
const STARTS_WITHOUT_ANSWER: Duration = Duration::from_secs(120);
/// and at the end, when all that it lacks stands in the files.
const ENDS_WITHOUT_ANSWER: Duration = Duration::from_secs(10);
/// So many times the gatherer's clock is asked for.
const CLOCK_ROUND_TRIPS: usize = 8;

/// Why a part does not start together with the others.
#[derive(Debug, Error)]
pub enum LinkError {
    /// The gatherer does not take it.
    #[error("the gatherer at {gatherer} refuses: {why}")]
    Refused {
        /// The address of the gatherer, as it was given.
        gatherer: String,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The gatherer does not answer.
    #[error("the gatherer at {gatherer} does not answer: {why}")]
    Silent {
        /// The address of the gatherer, as it was given.
        gatherer: String,
        /// Why, in a word or two.
        why: String,
    },
    /// The gatherer, or a signal, has ended the test before it began.
    #[error("the test was ended before it began")]
    Ended,
    /// The machine has nothing left for it.
    #[error("the machine cannot speak to the gatherer: {0}")]
    Machine(#[from] io::Error),
}

/// The line to the gatherer.
#[derive(Debug)]
pub struct Link {
    gatherer: String,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    exchanged: Mutex<Exchanged>,
    /// Notified when there is something to send, or something came.
    notify: Condvar,
}

/// What is to be said, and what was heard.
#[derive(Debug, Default)]
struct Exchanged {
    ready: Option<Readiness>,
    /// The latest result that was not told yet.
    so_far: Option<LoadResult>,
    end: Option<PartEnd>,
    /// That nobody waits any longer for what is to be said.
    hangs_up: bool,

    start: Option<Instant>,
    asked_end: Option<StopCause>,
    /// Why the last message was not taken, if it was not.
    failed: Option<SendError>,
    /// Since when no message was taken.
    failing_since: Option<MachineTime>,
    warnings: Vec<String>,
    is_all_told: bool,
}

/// Why a message was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
enum SendError {
    /// There was no answer that could be understood.
    Silent(String),
    /// The answer was a refusal.
    Refused(String),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Exchanged> {
        self.exchanged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'m>(
        &self,
        exchanged: MutexGuard<'m, Exchanged>,
        most: Duration,
    ) -> MutexGuard<'m, Exchanged> {
        self.notify.wait_timeout(exchanged, most).unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Link {
    /// Begins to speak to the gatherer at an address, whose token may be asked for.
    ///
    /// # Errors
    /// When the machine gives no thread, or the token is none that can be sent.
    pub fn open(
        host: &Host,
        token: Option<&str>,
        identity: PartIdentity,
    ) -> Result<Self, LinkError> {
        let header = |text: &str| HeaderValue::from_str(text).map_err(io::Error::other);
        let mut line = GathererConnection {
            host: host.clone(),
            name: header(host.authority())?,
            bearer: token.map(|token| header(&format!("Bearer {token}"))).transpose()?,
            connection: None,
        };
        let link =
            Self { gatherer: host.address().to_owned(), shared: Arc::new(Shared::default()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (shared, gatherer) = (Arc::clone(&link.shared), link.gatherer.clone());
        let speak = move || speak(&runtime, &mut line, identity, &shared, &gatherer);
        thread::Builder::new().name("gatherer".to_owned()).spawn(speak)?;
        Ok(link)
    }

    /// All is on the target: waits until all parts are, for the start that is common to all.
    ///
    /// What goes wrong meanwhile is told to `warn`.
    ///
    /// # Errors
    /// When there will be none.
    pub fn common_start(
        &self,
        ready: Readiness,
        stop: &AtomicBool,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Instant, LinkError> {
        const LOOK_EVERY: Duration = Duration::from_millis(50);
        let mut exchanged = self.shared.lock();
        exchanged.ready = Some(ready);
        self.shared.notify.notify_all();
        loop {
            if let Some(start) = exchanged.start {
                return Ok(start);
            }
            if stop.load(Ordering::Relaxed) || exchanged.asked_end.is_some() {
                return Err(LinkError::Ended);
            }
            exchanged.warnings.drain(..).for_each(|warning| warn(&warning));
            let gatherer = self.gatherer.clone();
            let is_long = exchanged
                .failing_since
                .is_some_and(|since| since.elapsed() > STARTS_WITHOUT_ANSWER);
            match &exchanged.failed {
                Some(SendError::Refused(why)) => {
                    return Err(LinkError::Refused { gatherer, why: why.clone() });
                }
                Some(SendError::Silent(why)) if is_long => {
                    return Err(LinkError::Silent { gatherer, why: why.clone() });
                }
                _ => {}
            }
            exchanged = self.shared.wait(exchanged, LOOK_EVERY);
        }
    }

    /// The result so far, to be told with the next message.
    pub fn so_far(&self, result: LoadResult) {
        self.shared.lock().so_far = Some(result);
        self.shared.notify.notify_all();
    }

    /// Why the part is to end now, if it is.
    pub fn asked_end(&self) -> Option<StopCause> {
        self.shared.lock().asked_end.clone()
    }

    /// What went wrong with the line since the last time, and what went well again.
    pub fn warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().warnings)
    }

    /// Tells how the part ended, with its whole result if it has one, and waits until that is heard, for ten
    /// seconds; what is to be said of it where it was not.
    pub fn finish(self, end: PartEnd, result: Option<LoadResult>) -> Vec<String> {
        let mut exchanged = self.shared.lock();
        exchanged.so_far = result;
        exchanged.end = Some(end);
        self.shared.notify.notify_all();
        let began = MachineTime::now();
        while !exchanged.is_all_told && !exchanged.hangs_up {
            let Some(rest) = ENDS_WITHOUT_ANSWER.checked_sub(began.elapsed()) else { break };
            exchanged = self.shared.wait(exchanged, rest);
        }
        exchanged.hangs_up = true;
        let mut warnings = std::mem::take(&mut exchanged.warnings);
        if !exchanged.is_all_told {
            warnings.push(format!(
                "the gatherer at {} does not have the end of this part; its files have all of it, and \
                 `lamplighter load merge` adds them up",
                self.gatherer
            ));
        }
        warnings
    }
}

/// Says what there is to say, until all is told or nobody waits for it any more.
fn speak(
    runtime: &Runtime,
    line: &mut GathererConnection,
    mut identity: PartIdentity,
    shared: &Shared,
    gatherer: &str,
) {
    let (mut ledger, mut latest, mut knows_clock) = (IncrementEncoder::default(), None, false);
    loop {
        let mut exchanged = shared.lock();
        if exchanged.hangs_up {
            return;
        }
        identity.ready = exchanged.ready;
        latest = exchanged.so_far.take().or(latest);
        let end = exchanged.end.clone();
        drop(exchanged);
        let increment = latest.as_ref().map(|result| ledger.increment(result));
        let message = PartMessage { part: identity.clone(), increment, end };
        let said = runtime.block_on(async {
            if !knows_clock {
                identity.clock = line.clock().await?;
                knows_clock = true;
            }
            let message = PartMessage { part: identity.clone(), ..message.clone() };
            line.say(&message).await
        });
        let mut exchanged = shared.lock();
        let is_to_be_said_again = match said {
            Err(failure) => {
                exchanged.fails(failure, gatherer);
                false
            }
            Ok(answer) => {
                identity.start_ms = answer.start_ms.or(identity.start_ms);
                if answer.again {
                    ledger.forget();
                } else if let Some((increment, result)) = message.increment.zip(latest.take()) {
                    ledger.taken(&increment, result);
                }
                exchanged.is_all_told = !answer.again && message.end.is_some();
                let again = answer.again;
                exchanged.hears(answer, gatherer);
                again
            }
        };
        shared.notify.notify_all();
        if exchanged.is_all_told {
            return;
        }
        let said_at = MachineTime::now();
        while !is_to_be_said_again && !exchanged.has_changes(message.end.is_some(), identity.ready)
        {
            let Some(rest) = SAID_EVERY.checked_sub(said_at.elapsed()) else { break };
            exchanged = shared.wait(exchanged, rest);
        }
    }
}

impl Exchanged {
    /// Whether something is to be said at once, beside an end and a readiness that were said.
    fn has_changes(&self, end_is_said: bool, ready_is_said: Option<Readiness>) -> bool {
        let is_answered = self.failed.is_none();
        is_answered
            && (self.so_far.is_some()
                || (self.end.is_some() && !end_is_said)
                || self.ready != ready_is_said)
    }

    fn hears(&mut self, answer: Answer, gatherer: &str) {
        if self.failed.take().is_some() && self.start.is_some() {
            self.warnings.push(format!("the gatherer at {gatherer} answers again"));
        }
        self.failing_since = None;
        self.start = answer.start_ms.and_then(Instant::from_millis).or(self.start);
        self.asked_end = answer.end.or(self.asked_end.take());
    }

    fn fails(&mut self, failure: SendError, gatherer: &str) {
        self.failing_since.get_or_insert_with(MachineTime::now);
        if self.failed.as_ref() != Some(&failure) {
            let what = match &failure {
                SendError::Silent(why) => format!("does not answer: {why}"),
                SendError::Refused(why) => format!("refuses: {why}"),
            };
            let goes_on = match self.start {
                Some(_) => "the run goes on without it, and it is tried again",
                None => "it is tried again",
            };
            // A refusal before the start ends the run, which says so.
            if self.start.is_some() || matches!(failure, SendError::Silent(_)) {
                self.warnings.push(format!("the gatherer at {gatherer} {what}; {goes_on}"));
            }
            self.failed = Some(failure);
        }
    }
}

/// The connection to the gatherer.
struct GathererConnection {
    host: Host,
    /// As requests name the gatherer in their `host`.
    name: HeaderValue,
    bearer: Option<HeaderValue>,
    connection: Option<HttpConnection>,
}

impl GathererConnection {
    /// How far the gatherer's clock is ahead of this machine's.
    async fn clock(&mut self) -> Result<ClockOffset, SendError> {
        let mut trips = Vec::new();
        for _ in 0..CLOCK_ROUND_TRIPS {
            let asked_us = wall_us();
            let reading: ClockReading = self.call(Method::GET, CLOCK_PATH, Bytes::new()).await?;
            trips.push(RoundTrip { asked_us, read_us: reading.now_us, answered_us: wall_us() });
        }
        let offset = ClockOffset::of(&trips);
        offset.ok_or_else(|| SendError::Silent("this machine's clock was put back".to_owned()))
    }

    async fn say(&mut self, message: &PartMessage) -> Result<Answer, SendError> {
        self.call(Method::POST, PART_PATH, message.packed().into()).await
    }

    async fn call<T: DeserializeOwned>(
        &mut self,
        method: Method,
        path: &'static str,
        body: Bytes,
    ) -> Result<T, SendError> {
        let called = tokio::time::timeout(ANSWER_WITHIN, self.exchange(method, path, body));
        let called = match called.await {
            Ok(called) => called,
            Err(_) => Err(SendError::Silent("timed out".to_owned())),
        };
        if called.is_err() {
            // Whatever may still come on it belongs to nothing.
            self.connection = None;
        }
        let (status, body) = called?;
        let is_unreadable = |what: &str| SendError::Silent(format!("{what}; is it a gatherer?"));
        match status {
            StatusCode::OK => serde_json::from_slice(&body)
                .map_err(|_| is_unreadable("its answer cannot be read")),
            status => match serde_json::from_slice(&body) {
                Ok(RefusalText { detail }) => Err(SendError::Refused(detail)),
                Err(_) => Err(is_unreadable(&format!("its answer is {status}"))),
            },
        }
    }

    async fn exchange(
        &mut self,
        method: Method,
        path: &'static str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), SendError> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = hyper::Uri::from_static(path);
        let headers = request.headers_mut();
        headers.insert(HOST, self.name.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.extend(self.bearer.clone().map(|bearer| (AUTHORIZATION, bearer)));
        let mut connection = match self.connection.take().filter(|open| !open.is_over()) {
            Some(open) => open,
            None => {
                let silent = |error: io::Error| SendError::Silent(error.to_string());
                let transport = self.host.connect().await.map_err(silent)?;
                let begun = HttpConnection::new(transport).await;
                begun.map_err(|error| SendError::Silent(error.word))?
            }
        };
        let answer = connection.exchange(request, || {}).await;
        let answer = answer.map_err(|error| SendError::Silent(error.word))?;
        self.connection = Some(connection);
        Ok((answer.status, answer.body))
    }
}

/// What this machine's clock reads, in microseconds of 1970.
fn wall_us() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since.as_micros()).unwrap_or(Micros::MAX)
}
