//! One device of an agent: its session, the status that it was given, and what became of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lamplighter_core::model::Chosen;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::client::HttpClient;
use super::hold_tracker::{HoldListener, HoldProgress};
use super::objects::{Agent, Member};
use super::perform::{Membership, StepsResult, Subject};
use super::pool::Pool;
use super::session::Session;
use super::shared_names::SharedNames;
use crate::file::outcome::StepOutcome;
use crate::file::section::Scope;
use crate::file::template::KeptValues;
use crate::timestamp::Timestamp;

/// A device of an agent, logged in or not.
#[derive(Debug)]
pub struct Device {
    /// Whose it is.
    pub agent: Agent,
    /// Its name there: `d1`, `d2`.
    pub name: String,
    pub(super) session: Arc<Session>,
    /// Where what holds it calls: connections of its own, closed by a reset.
    pub(super) hold_pool: Arc<Pool>,
    /// Grows with each status that is sent: a hold that carries it looks.
    pub(super) status: watch::Sender<u64>,
    /// Whether a logout of it is on its way.
    pub(super) is_leaving: watch::Sender<bool>,
    /// Hears how it is held.
    pub(super) listener: Option<Arc<dyn HoldListener>>,
    memberships: Mutex<Vec<Membership>>,
    state: Mutex<DeviceState>,
}

/// Whether a device is logged in, with what status, and what holds it.
#[derive(Debug, Default)]
pub struct DeviceState {
    /// When its login was done; nothing where it is not logged in.
    pub logged_in: Option<Timestamp>,
    /// The status that it was sent last.
    pub chosen: Option<Chosen>,
    /// What holds it, and keeps it active. Dropped, all of it ends.
    pub hold_tasks: Option<HoldTasks>,
    /// Why its session ended without its doing.
    pub ended: Option<SessionEnd>,
}

/// What keeps a device connected.
#[derive(Debug)]
pub struct HoldTasks {
    /// The tasks that call.
    pub tasks: JoinSet<()>,
    /// How far its calls have come.
    pub progress: watch::Receiver<HoldProgress>,
}

/// A logout that is on its way.
#[must_use = "dropped, it is not on its way any more"]
pub struct LogoutInFlight<'d>(&'d watch::Sender<bool>);

impl Drop for LogoutInFlight<'_> {
    fn drop(&mut self) {
        self.0.send_replace(false);
    }
}

/// Why a session ended though nobody logged out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SessionEnd {
    /// An answer says that it is gone (T4).
    Gone,
    /// What holds it was not done ten times in a row (T27); the last reason.
    HoldFailed(String),
}

/// What became of something that a device did.
#[derive(Clone, Debug)]
pub struct WriteOutcome {
    /// Of all its steps.
    pub outcome: StepOutcome,
    /// Why it is not done, in words, masked.
    pub why_not: Option<String>,
    /// A moment before the first call went out.
    pub sent: Timestamp,
    /// A moment after the last answer was there.
    pub replied: Timestamp,
    /// The same, or when what carries it was called, or when a hold has settled: it may lie ahead.
    pub answered: Timestamp,
    /// The HTTP status of the last answer; `None` where none came whole.
    pub status: Option<u16>,
}

impl WriteOutcome {
    /// What a list of steps came to; `mask` hides secrets in why it is not done.
    pub fn of(performed: StepsResult, mask: impl FnOnce(&str) -> String) -> Self {
        let why_not = (!performed.is_done()).then(|| mask(&performed.why_not()));
        let status = performed.status();
        let StepsResult { outcome, sent, answered, .. } = performed;
        Self { outcome, why_not, sent, replied: answered, answered, status }
    }

    /// Whether it has happened.
    pub fn is_done(&self) -> bool {
        matches!(self.outcome, StepOutcome::Done(_))
    }
}

impl Device {
    /// The n-th device of an agent, from 1; not logged in.
    pub fn new(agent: &Agent, number: usize) -> Arc<Self> {
        Self::with(agent, number, Pool::new(), None)
    }

    /// The same, whose calls go out by another client, but for those that hold it; and a listener hears
    /// how it is held.
    pub fn with(
        agent: &Agent,
        number: usize,
        client: Arc<dyn HttpClient>,
        listener: Option<Arc<dyn HoldListener>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            agent: agent.clone(),
            name: format!("d{number}"),
            session: Session::new(SharedNames::of(KeptValues::new()), client),
            hold_pool: Pool::of_hold(),
            status: watch::Sender::new(0),
            is_leaving: watch::Sender::new(false),
            listener,
            memberships: Mutex::default(),
            state: Mutex::default(),
        })
    }

    /// In which properties its agent is an active member, for steps `for = "property"` (T17).
    pub fn is_member_of(&self, members: &[Member]) {
        let each = members.iter().map(|member| Membership {
            member: Arc::clone(&member.place),
            property: Arc::clone(&member.property.place),
        });
        *self.memberships.lock().unwrap_or_else(PoisonError::into_inner) = each.collect();
    }

    /// Whether it has logged in, and neither logged out nor lost its session since.
    pub fn is_logged_in(&self) -> bool {
        self.state().logged_in.is_some()
    }

    /// Why its session ended without its doing, asked once.
    pub fn take_ended(&self) -> Option<SessionEnd> {
        self.state().ended.take()
    }

    /// A logout of it is on its way until what is given is dropped: that its session is over says
    /// nothing meanwhile.
    pub(super) fn leaves(&self) -> LogoutInFlight<'_> {
        self.is_leaving.send_replace(true);
        LogoutInFlight(&self.is_leaving)
    }

    pub(super) fn memberships(&self) -> Vec<Membership> {
        self.memberships.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, DeviceState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn subject(&self) -> Subject {
        let whom = format!("{}@{}", self.agent.name, self.name);
        let places = [(Scope::Device, &self.session.place), (Scope::Agent, &self.agent.place)];
        Subject::new(whom, places)
    }

    /// The names that it is given from its login on.
    pub(super) fn given(&self, value: Value) -> KeptValues {
        let mut given = KeptValues::new();
        given.put("device", self.name.as_str());
        given.put("value", value);
        given
    }

    /// Its session is over, and nobody here ended it.
    pub(super) fn end(&self, why: SessionEnd) {
        let mut state = self.state();
        if state.logged_in.take().is_some() {
            state.ended = Some(why);
        }
    }
}
