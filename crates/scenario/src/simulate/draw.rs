//! The world and the events of a seed, drawn from its swarm. Nothing here knows what a widget will
//! show; of agents it keeps in mind just enough that most of what they do can happen.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::case::{Case, TimedEvent, Visit};
use super::settings::{Sampler, others};
use super::swarm::{Kind, Swarm};
use super::visitors::visitor;
use crate::synth::random::RandomStream;
use lamplighter_core::hours::{Schedule, Zones};
use lamplighter_core::model::{
    AgentId, Chosen, DeviceId, Event, Instant, Millis, PropertyId, Scheduler, Setting, SettingName,
    Settings, WidgetId,
};
use lamplighter_core::world::Membership;

const MINUTE_MS: u64 = 60_000;

/// Draws the case of a seed.
pub fn draw(seed: u64, swarm: &Swarm, zones: &Zones) -> Case {
    let fork = |label| RandomStream::fork(seed, label, 0, 0);
    let properties =
        Sampler { swarm, stream: fork(b"places.."), calendar: fork(b"calendar") }.properties();
    let last_ms = Instant::MAX.since(swarm.start).0;
    let end = swarm.start.checked_add(Millis(swarm.length.0.min(last_ms)));
    let end = end.expect("cut to what there is");
    let mut case = Case {
        start: swarm.start,
        end,
        rules: swarm.rules,
        grace: swarm.grace,
        auto_away: swarm.auto_away,
        agent_count: swarm.agents as usize,
        properties,
        steps: Vec::new(),
        visits: Vec::new(),
        devices_are_met: fork(b"devices.").chance(30),
    };
    let settings: Vec<Settings> = case.widgets().map(|(.., settings)| settings.clone()).collect();
    let mut day = Day {
        swarm,
        zones,
        stream: fork(b"events.."),
        times: fork(b"times..."),
        settings: Sampler { swarm, stream: fork(b"settings"), calendar: fork(b"calends.") },
        case: &case,
        now: swarm.start,
        end,
        agents: vec![vec![Known::Out; swarm.devices as usize]; swarm.agents as usize],
        deadlines: Vec::new(),
        suspended: BTreeSet::new(),
        wanted: None,
        focus: None,
        last: None,
        schedulers: settings.into_iter().map(|settings| settings.scheduler).collect(),
    };
    for (index, property) in case.properties.iter().enumerate() {
        let suspended = property.members.iter().filter(|(_, m)| *m == Membership::Suspended);
        day.suspended.extend(suspended.map(|(agent, _)| (*agent, PropertyId::new(index))));
    }
    let steps = day.steps();
    let mut stream = fork(b"visits..");
    let length_ms = end.since(case.start).0;
    let mut visits: Vec<Visit> = (0..swarm.visits)
        .map(|_| {
            let part = u64::from(stream.below(1_000_000));
            let at = case.start.checked_add(Millis(length_ms * part / 1_000_000));
            Visit { at: at.expect("before the end"), visitor: visitor(&mut stream) }
        })
        .collect();
    visits.sort_by_key(|visit| visit.at);
    case.steps = steps;
    case.visits = visits;
    case.number_devices();
    case
}

/// What is known of a device, roughly.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Out,
    In,
    Lost,
}

/// Draws events, one after the other.
struct Day<'a> {
    swarm: &'a Swarm,
    zones: &'a Zones,
    stream: RandomStream,
    /// The random numbers of statuses for a time.
    times: RandomStream,
    settings: Sampler<'a>,
    case: &'a Case,
    now: Instant,
    end: Instant,
    agents: Vec<Vec<Known>>,
    /// When graces may run out and devices may go away.
    deadlines: Vec<(Instant, DeviceId)>,
    /// Who is suspended, roughly.
    suspended: BTreeSet<(AgentId, PropertyId)>,
    /// What would meet something else at this instant.
    wanted: Option<Kind>,
    /// The device that this should be about.
    focus: Option<DeviceId>,
    last: Option<Kind>,
    schedulers: Vec<Option<Arc<Scheduler>>>,
}

impl Day<'_> {
    fn steps(&mut self) -> Vec<TimedEvent> {
        let count = self.stream.between(self.swarm.events / 2, self.swarm.events);
        let mut steps = Vec::new();
        for left in (1..=count).rev() {
            let Some(at) = self.next_instant(left) else { break };
            self.now = at;
            if let Some(event) = self.event() {
                steps.push(TimedEvent { at, event });
            }
        }
        steps
    }

    /// When the next of so many events comes.
    fn next_instant(&mut self, left: u32) -> Option<Instant> {
        (self.wanted, self.focus) = (None, None);
        if self.stream.chance(self.swarm.coincident)
            && let Some(at) = self.coincidence()
            && (self.now..=self.end).contains(&at)
        {
            return Some(at);
        }
        let rest_ms = self.end.since(self.now).0;
        let mean_ms = (rest_ms / u64::from(left)).min(u32::MAX.into()) as u32;
        let gap_ms = match self.stream.below(10) {
            0 => 0,
            1..=4 => self.stream.below(mean_ms.min(20 * MINUTE_MS as u32)),
            _ => self.stream.below(mean_ms.saturating_mul(2)),
        };
        let at = self.now.checked_add(Millis(gap_ms.into()))?;
        // Whole minutes are where edges are.
        let to_the_minute = if self.stream.chance(40) { self.to_the_minute(at) } else { None };
        Some(to_the_minute.unwrap_or(at).max(self.now)).filter(|&at| at <= self.end)
    }

    fn to_the_minute(&self, at: Instant) -> Option<Instant> {
        let ms = at.as_millis();
        Instant::from_millis(ms - ms.rem_euclid(MINUTE_MS as i64))
    }

    /// An instant at which something else happens, or one a moment beside it.
    fn coincidence(&mut self) -> Option<Instant> {
        let now = self.now;
        self.deadlines.retain(|&(at, _)| at >= now);
        let schedulers: Vec<&Arc<Scheduler>> = self.schedulers.iter().flatten().collect();
        let at = match self.stream.below(10) {
            0..=1 => {
                self.wanted = self.last.filter(|_| self.stream.chance(60));
                return Some(now);
            }
            2..=5 if !self.deadlines.is_empty() => {
                let (at, device) = *self.stream.one_of(&self.deadlines);
                self.focus = Some(device);
                // Or the connection is lost so shortly before that it is still lost then.
                if self.swarm.timed > 0 && self.times.chance(15) {
                    self.wanted = Some(Kind::Disconnect);
                    return before(at, Millis((self.swarm.grace.0 / 2).min(MINUTE_MS)));
                }
                at
            }
            6 => {
                let zone = self.stream.one_of(&self.swarm.zones);
                self.zones.get(zone).ok()?.next_change(now)?
            }
            _ if !schedulers.is_empty() => {
                let scheduler = self.stream.one_of(&schedulers);
                let zone = self.zones.get(&scheduler.zone).ok()?;
                let schedule = Schedule::new(zone, &scheduler.hours);
                let mut edge = schedule.next_edge(now)?;
                if self.stream.chance(30) {
                    edge = schedule.next_edge(edge)?;
                }
                // Or what the clock does then begins so long before.
                match self.stream.below(5) {
                    0 => {
                        self.wanted = Some(Kind::Disconnect);
                        return before(edge, self.swarm.grace);
                    }
                    1 => {
                        self.wanted = Some(*self.stream.one_of(&[Kind::Activity, Kind::Login]));
                        return before(edge, self.swarm.auto_away?);
                    }
                    2 => self.wanted = Some(Kind::Scheduler),
                    3 if self.swarm.timed > 0 => {
                        self.wanted = Some(Kind::Status);
                        return before(edge, self.swarm.time);
                    }
                    _ => {}
                }
                edge
            }
            _ => return None,
        };
        let beside_ms = *self.stream.one_of(&[0, 0, 0, 0, 0, 0, -1, -400, 1, 1_000, 60_000]);
        Instant::from_millis(at.as_millis() + beside_ms)
    }

    fn event(&mut self) -> Option<Event> {
        let kinds: Vec<(Kind, u32)> = Kind::ALL.into_iter().zip(self.swarm.weights).collect();
        let careless = self.stream.chance(self.swarm.careless);
        let wanted = self.wanted.filter(|&kind| kinds[kind as usize].1 > 0);
        let drawn = |stream: &mut RandomStream| stream.weighted(&kinds, |(_, weight)| *weight).0;
        // Where what was drawn cannot happen, somebody logs in, or all is well as it is.
        let tries = [wanted.unwrap_or_else(|| drawn(&mut self.stream)), drawn(&mut self.stream)];
        let tries = tries.into_iter().chain([Kind::Login]);
        let event = tries.into_iter().find_map(|kind| self.event_of(kind, careless))?;
        self.last = Some(Kind::of(&event));
        Some(event)
    }

    /// An event of a kind, if there is anybody for it.
    fn event_of(&mut self, kind: Kind, careless: bool) -> Option<Event> {
        use Known::{In, Lost, Out};
        let chosen = *self.stream.one_of(&[Chosen::Online, Chosen::Away, Chosen::Invisible]);
        Some(match kind {
            Kind::Login => {
                // Now and then one who is logged in already.
                let afresh = careless || self.stream.chance(10);
                let device = self.device(afresh, &[Out, Lost])?;
                self.put(device, In);
                self.expect(self.swarm.auto_away, device);
                Event::Login(device)
            }
            Kind::Status => {
                let device = self.device(careless, &[In, Lost])?;
                self.expect(self.swarm.auto_away, device);
                match self.length() {
                    None => Event::SetStatus(device, chosen),
                    Some(length) => {
                        self.expect(Some(length), device);
                        Event::SetStatusFor(device, chosen, length)
                    }
                }
            }
            Kind::StatusEverywhere => {
                let device = self.device(careless, &[In, Lost])?;
                match self.length() {
                    None => Event::SetStatusEverywhere(device.agent(), chosen),
                    Some(length) => {
                        self.expect(Some(length), device);
                        Event::SetStatusEverywhereFor(device.agent(), chosen, length)
                    }
                }
            }
            Kind::Logout => {
                let device = self.device(careless, &[In, Lost])?;
                self.put(device, Out);
                Event::Logout(device)
            }
            Kind::LogoutEverywhere => {
                let agent = self.device(careless, &[In, Lost])?.agent();
                self.agents[agent.index()].fill(Out);
                Event::LogoutEverywhere(agent)
            }
            Kind::Disconnect => {
                let device = self.device(careless, &[In])?;
                self.put(device, Lost);
                self.expect(Some(self.swarm.grace), device);
                Event::Disconnect(device)
            }
            Kind::Reconnect => {
                let device = self.device(careless, &[Lost])?;
                self.put(device, In);
                Event::Reconnect(device)
            }
            Kind::Activity => {
                let device = self.device(careless, &[In, Lost])?;
                self.expect(self.swarm.auto_away, device);
                Event::Activity(device)
            }
            Kind::Membership => self.membership(careless),
            Kind::Scheduler => self.other_scheduler(),
            Kind::Setting => {
                // What decides about the status comes as often as all that does not.
                let name = match self.stream.chance(50) {
                    true => SettingName::OfflineWhenAllAgentsOffline,
                    false => *self.stream.one_of(&others()),
                };
                let setting = self.settings.setting(name);
                Event::Configure(self.widget(), Box::new(setting))
            }
        })
    }

    /// How long a status is given for, if it is for a time (rule P9): as always, or as a grace or an
    /// idle time is, so that they meet.
    fn length(&mut self) -> Option<Millis> {
        let swarm = self.swarm;
        if !self.times.chance(swarm.timed) {
            return None;
        }
        let idle = swarm.auto_away.unwrap_or(swarm.time);
        // A grace that never ends is no length.
        let grace = if swarm.grace <= swarm.length { swarm.grace } else { swarm.time };
        let lengths = [swarm.time, swarm.time, grace, idle, Millis(1 + swarm.time.0 / 3)];
        Some(*self.times.one_of(&lengths)).filter(|length| *length > Millis::ZERO)
    }

    /// A member who is suspended, or reinstated (rule P6).
    fn membership(&mut self, careless: bool) -> Event {
        // Somebody of whom it can be seen, mostly.
        let agent = match self.device(careless, &[Known::In, Known::Lost]) {
            Some(device) => device.agent(),
            None => AgentId::from(self.stream.below(self.swarm.agents)),
        };
        let is_member = |&property: &usize| {
            let mut members = self.case.properties[property].members.iter();
            careless || members.any(|(member, _)| *member == agent)
        };
        let properties: Vec<PropertyId> =
            (0..self.case.properties.len()).filter(is_member).map(PropertyId::new).collect();
        let member = (agent, *self.stream.one_of(&properties));
        let suspended = self.suspended.contains(&member) != careless;
        match suspended {
            true => self.suspended.remove(&member),
            false => self.suspended.insert(member),
        };
        match suspended {
            true => Event::Reinstate(member.0, member.1),
            false => Event::Suspend(member.0, member.1),
        }
    }

    /// A scheduler for a widget: none, that of another one, or one of its own.
    fn other_scheduler(&mut self) -> Event {
        let widget = self.widget();
        let scheduler = match self.stream.below(5) {
            0 => None,
            1 => {
                let other = self.widget();
                self.schedulers[other.index()].clone()
            }
            _ => Some(Arc::new(self.settings.scheduler(self.now))),
        };
        self.schedulers[widget.index()] = scheduler.clone();
        Event::Configure(widget, Box::new(Setting::Scheduler(scheduler)))
    }

    fn widget(&mut self) -> WidgetId {
        WidgetId::from(self.stream.below(self.schedulers.len() as u32))
    }

    /// A device that is known to be so, if there is one; any where nobody cares.
    fn device(&mut self, careless: bool, wanted: &[Known]) -> Option<DeviceId> {
        let all = self.agents.iter().enumerate().flat_map(|(agent, devices)| {
            let agent = AgentId::new(agent);
            let each = devices.iter().enumerate();
            each.map(move |(slot, known)| (DeviceId::new(agent, slot), *known))
        });
        let good: Vec<DeviceId> = all
            .filter(|(_, known)| careless || wanted.contains(known))
            .map(|(device, _)| device)
            .collect();
        match self.focus.filter(|focus| good.contains(focus)) {
            Some(focus) if self.stream.chance(80) => Some(focus),
            _ if good.is_empty() => None,
            _ => Some(*self.stream.one_of(&good)),
        }
    }

    fn put(&mut self, device: DeviceId, known: Known) {
        self.agents[device.agent().index()][device.slot()] = known;
    }

    /// Keeps an instant in mind at which something may happen to a device.
    fn expect(&mut self, after: Option<Millis>, device: DeviceId) {
        let at = after.and_then(|after| self.now.checked_add(after));
        self.deadlines.extend(at.map(|at| (at, device)));
    }
}

/// So long before an instant.
fn before(at: Instant, length: Millis) -> Option<Instant> {
    Instant::from_millis(at.as_millis().checked_sub_unsigned(length.0)?)
}
