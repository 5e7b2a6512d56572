//! An agent's working day: the steps of the plan at their instants, on the agent's devices, with what
//! happened noted for the judge. How requests get to the target is someone else's business, see
//! [`Requests`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::clock::{Micros, RunClock};
use super::notes::{AgentIndex, Effect, Ended, Note, Notebook, PropertyIndex, Slot, WriteId};
use super::plan::{Agent, Do, Plan, Step};
use super::product::{Call, Product, Unreadable};
use super::sockets::{self, Lost, NotOpened, Readers, Socket};
use super::tally::{CONNECT, LOGIN, LOGOUT, STATUS, TEAM, Tally, Timing};
use lamplighter_core::model::Chosen;
use lamplighter_target::Host;

/// How often a device tries to come in, login and socket together, before it gives up.
const TRIES_MAX: u32 = 8;
/// The pause before the second try; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(250);

/// What became of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answered {
    /// An answer is there.
    Answer {
        /// The HTTP status.
        status: u16,
        /// What it says.
        body: Vec<u8>,
    },
    /// None is, and none will come; why, in a word or two.
    Nothing(&'static str),
}

/// Makes requests for an agent. A clone makes requests at the same time.
pub trait Requests: Clone + Send + 'static {
    /// Makes a request, and waits for all of the answer.
    fn request(
        &mut self,
        operation: &'static str,
        call: &Call,
    ) -> impl Future<Output = Answered> + Send;

    /// The latest answer had the right status, and could not be read.
    fn unreadable(&mut self);
}

/// What all agents of a run share.
#[derive(Debug)]
pub struct Shared {
    /// What they do.
    pub plan: Arc<Plan>,
    /// How it is said.
    pub product: Arc<dyn Product>,
    /// Where the target is.
    pub host: Host,
    /// How far the run is.
    pub clock: RunClock,
    /// Where they say what happened.
    pub notebook: Notebook,
    /// Where calls are counted.
    pub tally: Arc<Tally>,
    /// Numbers for their sockets.
    pub readers: Readers,
    writes: AtomicU64,
    properties: HashMap<String, PropertyIndex>,
    agents: HashMap<String, AgentIndex>,
    /// The sockets of those whose day is over: they stay open until the run is judged.
    held: Mutex<Vec<Socket>>,
}

impl Shared {
    /// Nobody has begun yet.
    pub fn new(
        plan: Arc<Plan>,
        product: Arc<dyn Product>,
        host: Host,
        clock: RunClock,
        notebook: Notebook,
        tally: Arc<Tally>,
    ) -> Self {
        let properties = plan.properties.iter().map(|property| property.name.clone());
        let agents = plan.agents.iter().map(|agent| agent.name.clone());
        Self {
            properties: properties.zip(0..).collect(),
            agents: agents.zip(0..).collect(),
            plan,
            product,
            host,
            clock,
            notebook,
            tally,
            readers: Readers::default(),
            writes: AtomicU64::new(0),
            held: Mutex::default(),
        }
    }

    /// The plan's property of this name.
    pub fn property(&self, name: &str) -> Option<PropertyIndex> {
        self.properties.get(name).copied()
    }

    /// The plan's agent of this name.
    pub fn agent(&self, name: &str) -> Option<AgentIndex> {
        self.agents.get(name).copied()
    }

    /// The sockets that are still open after all journeys.
    pub fn take_held(&self) -> Vec<Socket> {
        std::mem::take(&mut *lock(&self.held))
    }

    /// Versions of the plan's properties; those of others are nobody's business.
    fn known(&self, versions: Vec<(String, u64)>) -> Vec<(PropertyIndex, u64)> {
        let known = versions.into_iter();
        known.filter_map(|(name, version)| Some((self.property(&name)?, version))).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nobody panics half-way with it in hand.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a write is about.
#[derive(Clone, Copy)]
struct Errand {
    agent: AgentIndex,
    slot: Slot,
    effect: Effect,
    operation: &'static str,
    intended: Micros,
}

/// How a write ended, with what its answer gives.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Outcome<T> {
    Done(T),
    Refused(u16),
    Unanswered,
}

/// What a write's answer gives, and the versions at which the write took effect.
type Gives<T> = Result<(T, Vec<(String, u64)>), Unreadable>;

/// A write, noted just before it is sent, and once it has ended.
async fn write<T, R: Requests>(
    shared: &Shared,
    requests: &mut R,
    errand: Errand,
    call: &Call,
    read: impl FnOnce(&[u8]) -> Gives<T>,
) -> Outcome<T> {
    let Errand { operation, intended, .. } = errand;
    let (write, sent) = note_sent(shared, errand);
    let answered = requests.request(operation, call).await;
    let at = shared.clock.now();
    let timing = Timing { intended, sent, answered: at };
    let mut number = String::new();
    let (outcome, ended, error) = match answered {
        Answered::Answer { status: 200..300, body } => match read(&body) {
            Ok((gives, versions)) => {
                (Outcome::Done(gives), Ended::Done(shared.known(versions)), None)
            }
            Err(_) => {
                requests.unreadable();
                (Outcome::Unanswered, Ended::Unanswered, Some("unreadable answer"))
            }
        },
        Answered::Answer { status, .. } => {
            number = status.to_string();
            match status {
                400..500 | 503 => (Outcome::Refused(status), refused(status), Some(&*number)),
                _ => (Outcome::Unanswered, Ended::Unanswered, Some(&*number)),
            }
        }
        Answered::Nothing(why) => (Outcome::Unanswered, Ended::Unanswered, Some(why)),
    };
    shared.notebook.put(Note::WriteEnded { write, at, ended });
    shared.tally.call(operation, timing, error.map_or(Ok(()), Err));
    drop(number);
    outcome
}

/// How a write ended that was refused with this HTTP status.
fn refused(status: u16) -> Ended {
    if status == 401 { Ended::LoggedOut } else { Ended::Refused }
}

fn note_sent(shared: &Shared, errand: Errand) -> (WriteId, Micros) {
    let Errand { agent, slot, effect, .. } = errand;
    let write = shared.writes.fetch_add(1, Ordering::Relaxed);
    let at = shared.clock.now();
    shared.notebook.put(Note::WriteSent { write, at, agent, slot, effect });
    (write, at)
}

/// Sets a status with this token.
async fn set_status<R: Requests>(
    shared: &Shared,
    requests: &mut R,
    errand: Errand,
    (token, chosen, everywhere): (&str, Chosen, bool),
) -> Outcome<()> {
    let call = shared.product.status(token, chosen, everywhere);
    let read = |body: &[u8]| Ok(((), shared.product.read_versions(body)?));
    write(shared, requests, errand, &call, read).await
}

/// A device's token. Late requests look at it too.
type Tokens = Arc<Mutex<Vec<Option<Arc<str>>>>>;

/// What a device does next in order to come in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Enter {
    Login,
    Connect,
}

/// An agent on the way through the day.
struct Journey<R> {
    shared: Arc<Shared>,
    agent: AgentIndex,
    requests: R,
    tokens: Tokens,
    sockets: Vec<Option<Socket>>,
    lost: (mpsc::UnboundedSender<Lost>, mpsc::UnboundedReceiver<Lost>),
    /// Statuses that are sent late; each gives the device and the token that it was sent with, if it
    /// went wrong.
    late: JoinSet<Option<(Slot, Arc<str>)>>,
    stopped: watch::Receiver<bool>,
}

/// Plays an agent's day, until its last step or until `stopped` is true. Sockets that are open then
/// stay open, in the hands of [`Shared::take_held`].
pub async fn play<R: Requests>(
    shared: Arc<Shared>,
    agent: AgentIndex,
    requests: R,
    stopped: watch::Receiver<bool>,
) {
    let plan = Arc::clone(&shared.plan);
    let devices = plan.agents[agent as usize].devices.len();
    let mut journey = Journey {
        shared,
        agent,
        requests,
        tokens: Arc::new(Mutex::new(vec![None; devices])),
        sockets: (0..devices).map(|_| None).collect(),
        lost: mpsc::unbounded_channel(),
        late: JoinSet::new(),
        stopped,
    };
    for step in &plan.agents[agent as usize].steps {
        if !journey.wait(journey.shared.clock.moment(step.at)).await {
            break;
        }
        journey.take(*step).await;
    }
    journey.end().await;
}

impl<R: Requests> Journey<R> {
    fn agent(&self) -> &Agent {
        &self.shared.plan.agents[self.agent as usize]
    }

    fn token(&self, slot: Slot) -> Option<Arc<str>> {
        lock(&self.tokens).get(usize::from(slot)).cloned().flatten()
    }

    fn put_token(&self, slot: Slot, token: Option<Arc<str>>) {
        if let Some(place) = lock(&self.tokens).get_mut(usize::from(slot)) {
            *place = token;
        }
    }

    fn errand(&self, slot: Slot, effect: Effect, intended: Micros) -> Errand {
        let operation = match effect {
            Effect::Login => LOGIN,
            Effect::Status(_) | Effect::StatusEverywhere(_) => STATUS,
            Effect::Logout | Effect::LogoutEverywhere => LOGOUT,
            Effect::Connect => CONNECT,
        };
        Errand { agent: self.agent, slot, effect, operation, intended }
    }

    /// Waits until a moment, never less; false where the run is stopped first. Meanwhile it is
    /// looked after what went wrong elsewhere.
    async fn wait(&mut self, until: std::time::Instant) -> bool {
        loop {
            if *self.stopped.borrow() {
                return false;
            }
            tokio::select! {
                biased;
                changed = self.stopped.changed() => if changed.is_err() { return false },
                Some(lost) = self.lost.1.recv() => self.come_back(lost).await,
                Some(ended) = self.late.join_next() => {
                    if let Ok(Some((slot, token))) = ended {
                        self.renew(slot, &token).await;
                    }
                }
                () = tokio::time::sleep_until(until.into()) => return true,
            }
        }
    }

    async fn take(&mut self, Step { at, slot, what }: Step) {
        match what {
            Do::Login => self.enter(slot, at, Enter::Login).await,
            Do::Return => {
                let first = self.token(slot).map_or(Enter::Login, |_| Enter::Connect);
                self.enter(slot, at, first).await;
            }
            Do::Lose => self.lose(slot).await,
            Do::Status(chosen) => self.status(slot, Effect::Status(chosen), chosen, at).await,
            Do::StatusEverywhere(chosen) => {
                self.status(slot, Effect::StatusEverywhere(chosen), chosen, at).await;
            }
            Do::StatusTwice(chosen) => self.status_twice(slot, chosen, at).await,
            Do::StatusLate(chosen, late_us) => self.status_late(slot, chosen, at, late_us),
            Do::Logout => self.log_out(slot, Effect::Logout, at).await,
            Do::LogoutEverywhere => self.log_out(slot, Effect::LogoutEverywhere, at).await,
            Do::Team(property) => self.team(slot, property, at).await,
        }
    }

    /// A device comes in: by a login and its socket, or by the socket alone. Tries again where the
    /// target has no time, and where it is not known what it did: a fresh login voids what was before
    /// (rule P1), which settles it.
    async fn enter(&mut self, slot: Slot, mut intended: Micros, first: Enter) {
        let mut next = first;
        for attempt in 0..TRIES_MAX {
            let is_busy = match next {
                Enter::Login => match self.log_in(slot, intended).await {
                    Outcome::Done(()) => {
                        next = Enter::Connect;
                        false
                    }
                    Outcome::Refused(429 | 503) | Outcome::Unanswered => true,
                    // Wrong password, too many devices: not by trying again.
                    Outcome::Refused(_) => return,
                },
                Enter::Connect => match self.connect(slot, intended, attempt == 0).await {
                    Outcome::Done(()) => return,
                    Outcome::Refused(429 | 503) => true,
                    Outcome::Refused(_) | Outcome::Unanswered => {
                        next = Enter::Login;
                        false
                    }
                },
            };
            let pause = PAUSE * 2_u32.pow(attempt.min(4));
            if is_busy && !self.pause(pause).await {
                return;
            }
            intended = self.shared.clock.now();
        }
        // Logged in without a socket, it would be lost by its silence, nobody knows when (rule P7).
        if self.token(slot).is_some() && self.sockets[usize::from(slot)].is_none() {
            self.log_out_once(slot, Effect::Logout, intended).await;
        }
    }

    /// Waits; false where the run is stopped first.
    async fn pause(&mut self, length: Duration) -> bool {
        tokio::select! {
            _ = self.stopped.wait_for(|stopped| *stopped) => false,
            () = tokio::time::sleep(length) => true,
        }
    }

    async fn log_in(&mut self, slot: Slot, intended: Micros) -> Outcome<()> {
        let Some(device) = self.agent().devices.get(usize::from(slot)) else {
            return Outcome::Refused(404);
        };
        let shared = Arc::clone(&self.shared);
        let call = shared.product.login(&self.agent().name, &shared.plan.password, device);
        let read = |body: &[u8]| {
            shared.product.read_login(body).map(|said| (Arc::from(said.token), said.versions))
        };
        let errand = self.errand(slot, Effect::Login, intended);
        match write(&shared, &mut self.requests, errand, &call, read).await {
            Outcome::Done(token) => {
                self.put_token(slot, Some(token));
                // The socket of the login before is void, too.
                drop(self.sockets[usize::from(slot)].take());
                Outcome::Done(())
            }
            Outcome::Refused(status) => Outcome::Refused(status),
            Outcome::Unanswered => Outcome::Unanswered,
        }
    }

    /// Opens a device's socket. Who comes back may be too late (rule P7): to be refused is no error
    /// then.
    async fn connect(&mut self, slot: Slot, intended: Micros, comes_back: bool) -> Outcome<()> {
        let Some(token) = self.token(slot) else { return Outcome::Refused(401) };
        let shared = &self.shared;
        let call = shared.product.socket(&token);
        let (write, sent) = note_sent(shared, self.errand(slot, Effect::Connect, intended));
        let opened =
            sockets::open(shared, &call, (self.agent, slot), sent, self.lost.0.clone()).await;
        let at = shared.clock.now();
        let mut number = String::new();
        let (outcome, ended, error) = match &opened {
            Ok(_) => (Outcome::Done(()), Ended::Done(Vec::new()), None),
            Err(NotOpened::Refused(401)) if comes_back => {
                (Outcome::Refused(401), Ended::LoggedOut, None)
            }
            Err(NotOpened::Refused(status)) => {
                number = status.to_string();
                match status {
                    400..500 | 503 => (Outcome::Refused(*status), refused(*status), Some(&*number)),
                    _ => (Outcome::Unanswered, Ended::Unanswered, Some(&*number)),
                }
            }
            Err(NotOpened::Unanswered(why)) => (Outcome::Unanswered, Ended::Unanswered, Some(*why)),
        };
        shared.notebook.put(Note::WriteEnded { write, at, ended });
        let timing = Timing { intended, sent, answered: at };
        shared.tally.call(CONNECT, timing, error.map_or(Ok(()), Err));
        drop(number);
        if let Ok(socket) = opened {
            self.sockets[usize::from(slot)] = Some(socket);
        }
        outcome
    }

    async fn lose(&mut self, slot: Slot) {
        let socket = self.sockets.get_mut(usize::from(slot)).and_then(Option::take);
        if let Some(socket) = socket {
            let at = self.shared.clock.now();
            let (since, agent) = (at, self.agent);
            self.shared.notebook.put(Note::SocketLost { at, since, agent, slot });
            socket.cut().await;
        }
    }

    /// The other end has closed a socket that this device did not want closed: it comes back.
    async fn come_back(&mut self, Lost { slot, reader }: Lost) {
        let place = &mut self.sockets[usize::from(slot)];
        if place.as_ref().is_none_or(|socket| socket.reader != reader) {
            return;
        }
        *place = None;
        if self.token(slot).is_some() {
            self.enter(slot, self.shared.clock.now(), Enter::Connect).await;
        }
    }

    async fn status(&mut self, slot: Slot, effect: Effect, chosen: Chosen, at: Micros) {
        let Some(token) = self.token(slot) else { return };
        let errand = self.errand(slot, effect, at);
        let what = (&*token, chosen, matches!(effect, Effect::StatusEverywhere(_)));
        let outcome = set_status(&self.shared, &mut self.requests, errand, what).await;
        if is_in_doubt(&outcome) {
            self.renew(slot, &token).await;
        }
    }

    async fn status_twice(&mut self, slot: Slot, chosen: Chosen, at: Micros) {
        let Some(token) = self.token(slot) else { return };
        let errand = self.errand(slot, Effect::Status(chosen), at);
        let what = (&*token, chosen, false);
        let mut twin = self.requests.clone();
        let (one, other) = tokio::join!(
            set_status(&self.shared, &mut self.requests, errand, what),
            set_status(&self.shared, &mut twin, errand, what),
        );
        if is_in_doubt(&one) || is_in_doubt(&other) {
            self.renew(slot, &token).await;
        }
    }

    /// Sends a status later, with the token that the device has by then; without one, not at all.
    fn status_late(&mut self, slot: Slot, chosen: Chosen, at: Micros, late_us: u32) {
        let due = at + Micros::from(late_us);
        let errand = self.errand(slot, Effect::Status(chosen), due);
        let (shared, tokens) = (Arc::clone(&self.shared), Arc::clone(&self.tokens));
        let (mut requests, mut stopped) = (self.requests.clone(), self.stopped.clone());
        self.late.spawn(async move {
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => return None,
                () = tokio::time::sleep_until(shared.clock.moment(due).into()) => {}
            }
            let token = lock(&tokens).get(usize::from(slot)).cloned().flatten()?;
            let outcome = set_status(&shared, &mut requests, errand, (&token, chosen, false)).await;
            is_in_doubt(&outcome).then_some((slot, token))
        });
    }

    /// Logs a device in anew whose token is void, or of which it is not known what it is. Where it
    /// has another token by now, that is settled already.
    async fn renew(&mut self, slot: Slot, token: &Arc<str>) {
        if self.token(slot).is_some_and(|held| held == *token) && !*self.stopped.borrow() {
            self.enter(slot, self.shared.clock.now(), Enter::Login).await;
        }
    }

    async fn log_out(&mut self, slot: Slot, effect: Effect, at: Micros) {
        let Some(token) = self.token(slot) else { return };
        if self.log_out_once(slot, effect, at).await == Outcome::Unanswered {
            self.renew(slot, &token).await;
        }
    }

    async fn log_out_once(&mut self, slot: Slot, effect: Effect, at: Micros) -> Outcome<()> {
        let Some(token) = self.token(slot) else { return Outcome::Refused(401) };
        let shared = Arc::clone(&self.shared);
        let everywhere = effect == Effect::LogoutEverywhere;
        let call = shared.product.logout(&token, everywhere);
        let read = |body: &[u8]| Ok(((), shared.product.read_versions(body)?));
        let errand = self.errand(slot, effect, at);
        let outcome = write(&shared, &mut self.requests, errand, &call, read).await;
        let slots = match outcome {
            Outcome::Done(()) if everywhere => 0..self.sockets.len(),
            // Refused with 401, it is logged out already.
            Outcome::Done(()) | Outcome::Refused(401) => usize::from(slot)..usize::from(slot) + 1,
            Outcome::Refused(_) | Outcome::Unanswered => 0..0,
        };
        for slot in slots {
            lock(&self.tokens)[slot] = None;
            drop(self.sockets[slot].take());
        }
        outcome
    }

    async fn team(&mut self, slot: Slot, property: PropertyIndex, intended: Micros) {
        let Some(token) = self.token(slot) else { return };
        let shared = Arc::clone(&self.shared);
        let of = &shared.plan.properties[property as usize];
        let call = shared.product.team(&of.name, Some(&token));
        let sent = shared.clock.now();
        let answered = self.requests.request(TEAM, &call).await;
        let at = shared.clock.now();
        let timing = Timing { intended, sent, answered: at };
        let count = |outcome: Result<(), &str>| shared.tally.call(TEAM, timing, outcome);
        match answered {
            Answered::Answer { status: 200..300, body } => match shared.product.read_team(&body) {
                Ok(team) => {
                    count(Ok(()));
                    let status = |member: &AgentIndex| {
                        let name = &shared.plan.agents[*member as usize].name;
                        team.iter().find(|(agent, _)| agent == name).map(|(_, status)| *status)
                    };
                    let statuses = of.members.iter().map(status).collect();
                    let (answered, version) = (at, None);
                    shared.notebook.put(Note::Team { property, sent, answered, version, statuses });
                }
                Err(_) => {
                    self.requests.unreadable();
                    count(Err("unreadable answer"));
                }
            },
            Answered::Answer { status, .. } => {
                count(Err(&status.to_string()));
                if status == 401 {
                    self.renew(slot, &token).await;
                }
            }
            Answered::Nothing(why) => count(Err(why)),
        }
    }

    /// Waits for what is still on its way, and hands the sockets over.
    async fn end(mut self) {
        while self.late.join_next().await.is_some() {}
        lock(&self.shared.held).extend(self.sockets.drain(..).flatten());
    }
}

/// Whether the device must log in anew: its token is void, or nobody knows what became of the write.
fn is_in_doubt<T>(outcome: &Outcome<T>) -> bool {
    matches!(outcome, Outcome::Refused(401) | Outcome::Unanswered)
}
