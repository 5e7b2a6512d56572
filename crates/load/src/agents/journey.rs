//! An agent's working day: the steps of the plan at their instants, on the agent's devices, with all
//! that was done and seen recorded for the judge.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::Stopping;
use super::requests::{HttpReply, Requests};
use super::shared::AgentsShared;
use super::sockets::{ClosedSocket, DeviceSocket};
use super::writes::{PlannedWrite, WriteResult, set_status, write};
use crate::clock::Micros;
use crate::exchange::Exchange;
use crate::history::{Effect, Record};
use crate::observation::{Observation, Observed};
use crate::plan::{AgentAction, AgentIndex, DeviceSlot, PlannedAgent, PlannedStep, PropertyIndex};
use crate::tally::{CallTiming, TEAM};
use lamplighter_core::model::{AgentStatus, Chosen};
use lamplighter_target::file::possible::OneOf;

/// The tokens of an agent's devices. Late requests look at them, too.
#[derive(Clone)]
struct Tokens(Arc<Mutex<Vec<Option<Arc<str>>>>>);

impl Tokens {
    fn get(&self, slot: DeviceSlot) -> Option<Arc<str>> {
        // Nobody panics half-way with them in hand.
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(usize::from(slot)).cloned().flatten()
    }

    fn put(&self, slot: DeviceSlot, token: Option<Arc<str>>) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = tokens.get_mut(usize::from(slot)) {
            *place = token;
        }
    }
}

/// Where closed sockets are told, and heard of.
type Closed = (mpsc::UnboundedSender<ClosedSocket>, mpsc::UnboundedReceiver<ClosedSocket>);

/// What a device does next in order to come in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Enter {
    /// Logs in, which gives it a token.
    Login,
    /// Opens its socket with the token that it has.
    Connect,
}

/// An agent on the way through the day.
pub struct Journey<R> {
    /// What is shared with the others.
    pub shared: Arc<AgentsShared>,
    agent: AgentIndex,
    /// How requests get to the target.
    pub requests: R,
    tokens: Tokens,
    /// By device: its socket while it is connected.
    pub sockets: Vec<Option<DeviceSocket>>,
    /// Where sockets say that the other end has closed them.
    pub closed: Closed,
    /// Statuses that are sent late; each gives the device and the token that it was sent with, if it
    /// went wrong.
    late: JoinSet<Option<(DeviceSlot, Arc<str>)>>,
    /// Says once the run is to end.
    pub stopped: watch::Receiver<Stopping>,
}

/// Plays an agent's day, until its last step or until `stopped` says so. Sockets that are open then
/// stay open, in the hands of the caller.
pub async fn play<R: Requests>(
    shared: Arc<AgentsShared>,
    agent: AgentIndex,
    requests: R,
    stopped: watch::Receiver<Stopping>,
) -> Vec<DeviceSocket> {
    let plan = Arc::clone(&shared.run.plan);
    let devices = plan.agents[agent as usize].devices.len();
    let mut journey = Journey {
        shared,
        agent,
        requests,
        tokens: Tokens(Arc::new(Mutex::new(vec![None; devices]))),
        sockets: (0..devices).map(|_| None).collect(),
        closed: mpsc::unbounded_channel(),
        late: JoinSet::new(),
        stopped,
    };
    for step in &plan.agents[agent as usize].steps {
        if !journey.wait(journey.shared.run.clock.moment(step.at)).await {
            break;
        }
        journey.take(*step).await;
    }
    journey.end().await
}

impl<R: Requests> Journey<R> {
    /// The agent whose day it is.
    pub fn agent(&self) -> &PlannedAgent {
        &self.shared.run.plan.agents[self.agent as usize]
    }

    /// The agent's place in the plan.
    pub fn index(&self) -> AgentIndex {
        self.agent
    }

    /// The token of a device, while it is logged in.
    pub fn token(&self, slot: DeviceSlot) -> Option<Arc<str>> {
        self.tokens.get(slot)
    }

    /// A device has another token, or none.
    pub fn put_token(&self, slot: DeviceSlot, token: Option<Arc<str>>) {
        self.tokens.put(slot, token);
    }

    fn is_stopped(&self) -> bool {
        *self.stopped.borrow() > Stopping::No
    }

    /// A write of this agent.
    pub fn planned(&self, slot: DeviceSlot, effect: Effect, intended: Micros) -> PlannedWrite {
        PlannedWrite { agent: self.agent, slot, effect, intended }
    }

    /// Waits until a moment, never less; false where the run is stopped first. Meanwhile it is
    /// looked after what went wrong elsewhere.
    async fn wait(&mut self, until: std::time::Instant) -> bool {
        loop {
            if self.is_stopped() {
                return false;
            }
            tokio::select! {
                biased;
                changed = self.stopped.changed() => if changed.is_err() { return false },
                Some(closed) = self.closed.1.recv() => self.come_back(closed).await,
                Some(ended) = self.late.join_next() => {
                    if let Ok(Some((slot, token))) = ended {
                        self.renew(slot, &token).await;
                    }
                }
                () = tokio::time::sleep_until(until.into()) => return true,
            }
        }
    }

    async fn take(&mut self, PlannedStep { at, slot, what }: PlannedStep) {
        match what {
            AgentAction::Login => self.enter(slot, at, Enter::Login).await,
            AgentAction::Return => {
                let first = self.token(slot).map_or(Enter::Login, |_| Enter::Connect);
                self.enter(slot, at, first).await;
            }
            AgentAction::Lose => self.lose(slot).await,
            AgentAction::Status(chosen) => {
                self.status(slot, Effect::Status(chosen), chosen, at).await
            }
            AgentAction::StatusEverywhere(chosen) => {
                self.status(slot, Effect::StatusEverywhere(chosen), chosen, at).await;
            }
            AgentAction::StatusTwice(chosen) => self.status_twice(slot, chosen, at).await,
            AgentAction::StatusLate(chosen, late_us) => self.status_late(slot, chosen, at, late_us),
            AgentAction::Logout => self.log_out(slot, Effect::Logout, at).await,
            AgentAction::LogoutEverywhere => self.log_out(slot, Effect::LogoutEverywhere, at).await,
            AgentAction::Team(property) => self.team(slot, property, at).await,
        }
    }

    async fn lose(&mut self, slot: DeviceSlot) {
        let socket = self.sockets.get_mut(usize::from(slot)).and_then(Option::take);
        if let Some(socket) = socket {
            let at = self.shared.run.clock.now();
            let (since, agent) = (at, self.agent);
            self.shared.run.history.record(Record::ConnectionLost { at, since, agent, slot });
            socket.cut().await;
        }
    }

    /// The other end has closed a socket that this device did not want closed: it comes back.
    async fn come_back(&mut self, ClosedSocket { slot, session }: ClosedSocket) {
        let place = &mut self.sockets[usize::from(slot)];
        if place.as_ref().is_none_or(|socket| socket.session != session) {
            return;
        }
        *place = None;
        if self.token(slot).is_some() {
            self.enter(slot, self.shared.run.clock.now(), Enter::Connect).await;
        }
    }

    async fn status(&mut self, slot: DeviceSlot, effect: Effect, chosen: Chosen, at: Micros) {
        let Some(token) = self.token(slot) else { return };
        let planned = self.planned(slot, effect, at);
        let result = set_status(&self.shared, &mut self.requests, planned, (&token, chosen)).await;
        if result.is_in_doubt() {
            self.renew(slot, &token).await;
        }
    }

    async fn status_twice(&mut self, slot: DeviceSlot, chosen: Chosen, at: Micros) {
        let Some(token) = self.token(slot) else { return };
        let planned = self.planned(slot, Effect::Status(chosen), at);
        let mut twin = self.requests.clone();
        let (one, other) = tokio::join!(
            set_status(&self.shared, &mut self.requests, planned, (&token, chosen)),
            set_status(&self.shared, &mut twin, planned, (&token, chosen)),
        );
        if one.is_in_doubt() || other.is_in_doubt() {
            self.renew(slot, &token).await;
        }
    }

    /// Sends a status later, with the token that the device has by then; without one, not at all.
    fn status_late(&mut self, slot: DeviceSlot, chosen: Chosen, at: Micros, late_us: u32) {
        let due = at + Micros::from(late_us);
        let planned = self.planned(slot, Effect::Status(chosen), due);
        let (shared, tokens) = (Arc::clone(&self.shared), self.tokens.clone());
        let (mut requests, mut stopped) = (self.requests.clone(), self.stopped.clone());
        self.late.spawn(async move {
            tokio::select! {
                _ = stopped.wait_for(|told| *told > Stopping::No) => return None,
                () = tokio::time::sleep_until(shared.run.clock.moment(due).into()) => {}
            }
            let token = tokens.get(slot)?;
            let result = set_status(&shared, &mut requests, planned, (&token, chosen)).await;
            result.is_in_doubt().then_some((slot, token))
        });
    }

    /// Logs a device in anew whose token is void, or of which it is not known what it is. Where it
    /// has another token by now, that is settled already.
    async fn renew(&mut self, slot: DeviceSlot, token: &Arc<str>) {
        if self.token(slot).is_some_and(|held| held == *token) && !self.is_stopped() {
            self.enter(slot, self.shared.run.clock.now(), Enter::Login).await;
        }
    }

    async fn log_out(&mut self, slot: DeviceSlot, effect: Effect, at: Micros) {
        let Some(token) = self.token(slot) else { return };
        if self.log_out_once(slot, effect, at).await == WriteResult::Indeterminate {
            self.renew(slot, &token).await;
        }
    }

    /// Logs a device out, or all of them, and forgets their tokens once that is sure.
    pub async fn log_out_once(
        &mut self,
        slot: DeviceSlot,
        effect: Effect,
        at: Micros,
    ) -> WriteResult<()> {
        let Some(token) = self.token(slot) else { return WriteResult::Refused(401) };
        let shared = Arc::clone(&self.shared);
        let product = &shared.run.product;
        let everywhere = effect == Effect::LogoutEverywhere;
        let call = product.logout(&token, everywhere);
        let read = |body: &[u8]| Ok(((), product.read_versions(body)?));
        let planned = self.planned(slot, effect, at);
        let result = write(&shared, &mut self.requests, planned, &call, read).await;
        let slots = match result {
            WriteResult::Done(()) if everywhere => 0..self.sockets.len() as DeviceSlot,
            // Refused with 401, it is logged out already.
            WriteResult::Done(()) | WriteResult::Refused(401) => slot..slot + 1,
            WriteResult::Refused(_) | WriteResult::Indeterminate => 0..0,
        };
        for slot in slots {
            self.put_token(slot, None);
            drop(self.sockets[usize::from(slot)].take());
        }
        result
    }

    async fn team(&mut self, slot: DeviceSlot, property: PropertyIndex, intended: Micros) {
        let Some(token) = self.token(slot) else { return };
        let shared = Arc::clone(&self.shared);
        let run = &shared.run;
        let call = run.product.team(&run.plan.properties[property as usize].name, Some(&token));
        let sent = run.clock.now();
        let reply = self.requests.request(TEAM, &call).await;
        let at = run.clock.now();
        let timing = CallTiming { intended, sent, answered: at };
        let count = |outcome: Result<(), &str>| run.tally.call(TEAM, timing, outcome);
        match reply {
            HttpReply::Answer { status: status @ 200..300, body } => {
                match run.product.read_team(&body) {
                    Ok(team) => {
                        count(Ok(()));
                        let exchange = Exchange {
                            driver: Arc::clone(run.service.driver()),
                            request: Arc::new(call.request()),
                            status,
                            headers: Arc::default(),
                            body: body.into(),
                        };
                        self.observe_team(property, (sent, at), &team, exchange);
                    }
                    Err(_) => {
                        self.requests.unreadable();
                        count(Err("unreadable answer"));
                    }
                }
            }
            HttpReply::Answer { status, .. } => {
                count(Err(&status.to_string()));
                if status == 401 {
                    self.renew(slot, &token).await;
                }
            }
            HttpReply::Nothing(why) => count(Err(why)),
        }
    }

    /// Records what a look at a team has seen of each of the plan's members.
    fn observe_team(
        &self,
        property: PropertyIndex,
        (invoked, returned): (Micros, Micros),
        team: &[(String, AgentStatus)],
        exchange: Exchange,
    ) {
        let run = &self.shared.run;
        let status = |member: &AgentIndex| {
            let name = &run.plan.agents[*member as usize].name;
            team.iter().find(|(agent, _)| agent == name).map(|(_, status)| OneOf::just(*status))
        };
        let members = &run.plan.properties[property as usize].members;
        let seen = Observed::Team(members.iter().map(status).collect());
        run.history.record(Record::Observed(Observation {
            property,
            session: self.agent.into(),
            invoked,
            returned,
            version: None,
            seen,
            request: None,
            exchange: Some(Arc::new(exchange)),
        }));
    }

    /// Waits for what is still on its way, and hands the sockets over.
    async fn end(mut self) -> Vec<DeviceSocket> {
        while self.late.join_next().await.is_some() {}
        self.sockets.into_iter().flatten().collect()
    }
}
