//! An agent's working day: the steps of the plan at their instants, on the agent's devices, with all
//! that was done and seen recorded for the judge.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::holds::HoldRecorder;
use super::shared::AgentsShared;
use super::stop::StopRequest;
use super::writes::{PlannedWrite, WriteResult, write};
use crate::clock::Micros;
use crate::history::{Effect, Record};
use crate::plan::{AgentAction, AgentIndex, DeviceSlot, PlannedStep};
use lamplighter_core::model::Chosen;
use lamplighter_target::driver::{Device, HttpClient, Member};

/// A device of an agent in a run.
pub struct RunDevice {
    /// The device, as the driver has it.
    pub device: Arc<Device>,
    /// Records what holds it.
    pub recorder: Arc<HoldRecorder>,
    /// How often it has begun to log in, by which its sessions are told apart.
    logins: Arc<AtomicU64>,
}

/// A session of a device, by how often the device had begun to log in.
type SessionNumber = u64;

/// An agent on the way through the day.
pub struct Journey {
    /// What is shared with the others.
    pub shared: Arc<AgentsShared>,
    agent: AgentIndex,
    /// How calls get to the service, but for those that hold devices.
    pub client: Arc<dyn HttpClient>,
    devices: Vec<RunDevice>,
    /// Devices in the order of their logins.
    order: Vec<DeviceSlot>,
    /// Where it is heard that a device's session is over.
    over: mpsc::UnboundedReceiver<DeviceSlot>,
    /// Statuses that are sent late; each gives the device, the session that it was sent in, and what
    /// became of it.
    late: JoinSet<Option<(DeviceSlot, SessionNumber, WriteResult)>>,
    /// Says once the run is to end.
    pub stopped: watch::Receiver<StopRequest>,
}

/// Plays an agent's day, until its last step or until `stopped` says so. Devices that are logged in
/// then stay so, and are held, in the hands of the caller.
pub async fn play(
    shared: Arc<AgentsShared>,
    agent: AgentIndex,
    client: Arc<dyn HttpClient>,
    stopped: watch::Receiver<StopRequest>,
) -> Vec<Arc<Device>> {
    let plan = Arc::clone(&shared.run.plan);
    let (tell, over) = mpsc::unbounded_channel();
    let devices = devices(&shared, agent, &client, &tell);
    let (order, late) = (Vec::new(), JoinSet::new());
    let mut journey = Journey { shared, agent, client, devices, order, over, late, stopped };
    for step in &plan.agents[agent as usize].steps {
        if !journey.wait(journey.shared.run.clock.moment(step.at)).await {
            break;
        }
        journey.take(*step).await;
    }
    journey.end().await
}

/// The devices of an agent; none where the agent has no account.
fn devices(
    shared: &Arc<AgentsShared>,
    agent: AgentIndex,
    client: &Arc<dyn HttpClient>,
    over: &mpsc::UnboundedSender<DeviceSlot>,
) -> Vec<RunDevice> {
    let (plan, service) = (&shared.run.plan, &shared.run.service);
    let Some(account) = service.agent(agent) else { return Vec::new() };
    let planned = &plan.agents[agent as usize];
    let mut active: Vec<Member> = Vec::new();
    for &property in &planned.properties {
        let about = &plan.properties[property as usize];
        let members = about.members.iter().zip(service.members(property));
        let own =
            members.filter(|(member, _)| **member == agent && !about.suspended.contains(member));
        active.extend(own.map(|(_, member)| member.clone()));
    }
    let count = planned.devices.len() as DeviceSlot;
    let place = |slot: DeviceSlot| {
        let recorder = HoldRecorder::new(shared, agent, slot, over.clone());
        let number = usize::from(slot) + 1;
        let device = Device::with(account, number, Arc::clone(client), Some(recorder.clone()));
        device.is_member_of(&active);
        RunDevice { device, recorder, logins: Arc::default() }
    };
    (0..count).map(place).collect()
}

impl Journey {
    /// The agent's place in the plan.
    pub fn index(&self) -> AgentIndex {
        self.agent
    }

    /// A device of the agent, with what goes with it.
    pub fn place(&self, slot: DeviceSlot) -> Option<&RunDevice> {
        self.devices.get(usize::from(slot))
    }

    /// A device of the agent.
    pub fn device(&self, slot: DeviceSlot) -> Option<Arc<Device>> {
        self.place(slot).map(|place| Arc::clone(&place.device))
    }

    /// A device of the agent that is logged in, as far as is known here, and its session.
    fn in_session(&self, slot: DeviceSlot) -> Option<(Arc<Device>, SessionNumber)> {
        let place = self.place(slot).filter(|place| place.device.is_logged_in())?;
        Some((Arc::clone(&place.device), place.logins.load(Ordering::Relaxed)))
    }

    /// A device is about to log in: what was its session is void.
    pub fn begins_session(&mut self, slot: DeviceSlot) {
        if let Some(place) = self.place(slot) {
            place.logins.fetch_add(1, Ordering::Relaxed);
            place.recorder.begins_session();
        }
        self.order.retain(|other| *other != slot);
        self.order.push(slot);
    }

    fn is_stopped(&self) -> bool {
        *self.stopped.borrow() > StopRequest::No
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
                Some(slot) = self.over.recv() => self.session_over(slot).await,
                Some(ended) = self.late.join_next() => {
                    if let Ok(Some((slot, session, result))) = ended {
                        self.look_after(slot, session, result).await;
                    }
                }
                () = tokio::time::sleep_until(until.into()) => return true,
            }
        }
    }

    async fn take(&mut self, PlannedStep { at, slot, what }: PlannedStep) {
        match what {
            AgentAction::Login => self.enter(slot, at).await,
            AgentAction::Return => self.come_back(slot, at).await,
            AgentAction::Lose => self.lose(slot).await,
            AgentAction::Status(chosen) => self.status(slot, chosen, at).await,
            AgentAction::StatusEverywhere(chosen) => {
                for (slot, intended) in self.everywhere(at) {
                    self.status(slot, chosen, intended(self)).await;
                }
            }
            AgentAction::StatusTwice(chosen) => self.status_twice(slot, chosen, at).await,
            AgentAction::StatusLate(chosen, late_us) => self.status_late(slot, chosen, at, late_us),
            AgentAction::Logout => self.log_out(slot, at).await,
            AgentAction::LogoutEverywhere => {
                for (slot, intended) in self.everywhere(at) {
                    self.log_out(slot, intended(self)).await;
                }
            }
            AgentAction::Team(property) => self.team(slot, property, at).await,
            AgentAction::TeamBehind(property) => {
                self.team(slot, property, self.shared.run.clock.now()).await;
            }
        }
    }

    async fn lose(&mut self, slot: DeviceSlot) {
        let Some(device) = self.device(slot) else { return };
        let shared = Arc::clone(&self.shared);
        let driver = shared.run.service.driver();
        if device.is_logged_in() && driver.holds() {
            let (at, agent) = (shared.run.clock.now(), self.agent);
            shared.run.history.record(Record::ConnectionLost { at, since: at, agent, slot });
        }
        driver.lose(&device).await;
    }

    /// A device was told that its session is over, or that it came back too late: it logs in anew, unless
    /// it has.
    async fn session_over(&mut self, slot: DeviceSlot) {
        let Some(place) = self.place(slot) else { return };
        let is_over = match place.device.is_logged_in() {
            true => place.recorder.has_failed(),
            false => place.device.take_ended().is_some(),
        };
        if is_over && !self.is_stopped() {
            self.enter(slot, self.shared.run.clock.now()).await;
        }
    }

    async fn status(&mut self, slot: DeviceSlot, chosen: Chosen, at: Micros) {
        let Some((device, session)) = self.in_session(slot) else { return };
        let planned = self.planned(slot, Effect::Status(chosen), at);
        let shared = Arc::clone(&self.shared);
        let setting = shared.run.service.driver().set_status(&device, chosen, None);
        let result = write(&shared, &mut self.stopped, planned, setting).await;
        self.look_after(slot, session, result).await;
    }

    async fn status_twice(&mut self, slot: DeviceSlot, chosen: Chosen, at: Micros) {
        let Some((device, session)) = self.in_session(slot) else { return };
        let planned = self.planned(slot, Effect::Status(chosen), at);
        let shared = Arc::clone(&self.shared);
        let driver = shared.run.service.driver();
        let mut stopped = self.stopped.clone();
        let (one, other) = tokio::join!(
            write(&shared, &mut self.stopped, planned, driver.set_status(&device, chosen, None)),
            write(&shared, &mut stopped, planned, driver.set_status(&device, chosen, None)),
        );
        // Whichever says more of what the device is now.
        let worst = [WriteResult::Gone, WriteResult::Indeterminate, WriteResult::Refused];
        if let Some(result) = worst.into_iter().find(|worst| [one, other].contains(worst)) {
            self.look_after(slot, session, result).await;
        }
    }

    /// Sends a status later, in the session that the device has by then; without one, not at all.
    fn status_late(&mut self, slot: DeviceSlot, chosen: Chosen, at: Micros, late_us: u32) {
        let Some(place) = self.place(slot) else { return };
        let due = at + Micros::from(late_us);
        let planned = self.planned(slot, Effect::Status(chosen), due);
        let (device, logins) = (Arc::clone(&place.device), Arc::clone(&place.logins));
        let (shared, mut stopped) = (Arc::clone(&self.shared), self.stopped.clone());
        self.late.spawn(async move {
            tokio::select! {
                _ = stopped.wait_for(|told| *told > StopRequest::No) => return None,
                () = tokio::time::sleep_until(shared.run.clock.moment(due).into()) => {}
            }
            if !device.is_logged_in() {
                return None;
            }
            let session = logins.load(Ordering::Relaxed);
            let setting = shared.run.service.driver().set_status(&device, chosen, None);
            let result = write(&shared, &mut stopped, planned, setting).await;
            Some((slot, session, result))
        });
    }

    /// Looks after a write that did not go as it should: a device of which it is not known what it is
    /// logs in anew, and what comes of that, or of a write that was refused, the agent looks at. One whose
    /// session is lost stays out until the plan logs it in (rule T4 of target files).
    async fn look_after(&mut self, slot: DeviceSlot, session: SessionNumber, result: WriteResult) {
        match result {
            WriteResult::Indeterminate => self.renew(slot, session).await,
            WriteResult::Gone if self.shared.ends_sessions() => self.renew(slot, session).await,
            WriteResult::Refused => {}
            WriteResult::Done | WriteResult::Busy | WriteResult::Gone => return,
        }
        if self.is_stopped() {
            return;
        }
        let properties = &self.shared.run.plan.agents[self.agent as usize].properties;
        if let Some(property) = properties.first().copied() {
            self.team(slot, property, self.shared.run.clock.now()).await;
        }
    }

    /// Logs a device in anew whose session is over, or of which it is not known what it is. Where it
    /// has begun another one by now, that is settled already.
    async fn renew(&mut self, slot: DeviceSlot, session: SessionNumber) {
        let Some(place) = self.place(slot) else { return };
        // Whoever else hears that it is over need do nothing.
        drop(place.device.take_ended());
        if place.logins.load(Ordering::Relaxed) == session && !self.is_stopped() {
            self.enter(slot, self.shared.run.clock.now()).await;
        }
    }

    async fn log_out(&mut self, slot: DeviceSlot, at: Micros) {
        let Some((device, session)) = self.in_session(slot) else { return };
        let planned = self.planned(slot, Effect::Logout, at);
        let shared = Arc::clone(&self.shared);
        let driver = shared.run.service.driver();
        if !driver.abilities().logout {
            return;
        }
        let result = write(&shared, &mut self.stopped, planned, driver.log_out(&device)).await;
        match result {
            WriteResult::Indeterminate => self.renew(slot, session).await,
            // Refused as gone, it is logged out already.
            WriteResult::Done | WriteResult::Gone => drop(device.take_ended()),
            WriteResult::Refused | WriteResult::Busy => {}
        }
    }

    /// The devices that are logged in, in the order of their logins: the first one's write is meant for
    /// the instant of the plan, each further one for when the one before is done (rule T31).
    fn everywhere(&self, at: Micros) -> Vec<(DeviceSlot, impl Fn(&Self) -> Micros + use<>)> {
        let slots = self.order.iter().copied().filter(|slot| self.in_session(*slot).is_some());
        let intended = move |place: usize| {
            move |journey: &Self| if place == 0 { at } else { journey.shared.run.clock.now() }
        };
        slots.enumerate().map(|(place, slot)| (slot, intended(place))).collect()
    }

    /// Waits for what is still on its way, and hands the devices over that are logged in.
    async fn end(mut self) -> Vec<Arc<Device>> {
        while self.late.join_next().await.is_some() {}
        let devices = self.devices.into_iter().map(|place| place.device);
        devices.filter(|device| device.is_logged_in()).collect()
    }
}
