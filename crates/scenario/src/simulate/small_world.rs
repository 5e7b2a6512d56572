//! The small worlds that are walked through: how large they are, what they begin with, what their devices can be,
//! and everything that can happen in them.

use std::sync::Arc;

use super::case::{Case, Property, TimedEvent};
use lamplighter_core::model::{
    AgentId, Chosen, DeviceId, Event, Instant, Interval, Millis, PropertyId, RuleSet, Scheduler,
    Setting, Settings, WeekHours, WidgetId,
};
use lamplighter_core::world::Membership;

/// 2026-03-09T12:00:00Z, a Monday.
const NOON_MS: i64 = 1_773_057_600_000;

const HOUR_MS: u64 = 3_600_000;

/// After how long a device is idle by other rules than the rule book's, where idleness can log out.
const IDLE_MS: u64 = 3 * HOUR_MS;

/// How large a small world is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// How many agents the world has.
    pub agents: usize,
    /// How many devices each of them has.
    pub devices: usize,
    /// Whether connections are lost, too (rule P7), which multiplies the states.
    pub connections: bool,
}

/// The small worlds that a full run walks through.
pub const SIZES: [Size; 4] = [
    Size { agents: 1, devices: 2, connections: true },
    Size { agents: 2, devices: 1, connections: true },
    Size { agents: 2, devices: 2, connections: true },
    Size { agents: 3, devices: 2, connections: false },
];

/// What a device can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeviceState {
    /// Its status; `None` where it is logged out.
    pub chosen: Option<Chosen>,
    /// Whether its connection is lost.
    pub lost: bool,
}

const CHOSEN: [Chosen; 3] = [Chosen::Online, Chosen::Away, Chosen::Invisible];

impl DeviceState {
    /// Everything that a device can be, in the order in which states are numbered.
    pub fn all(connections: bool) -> Vec<Self> {
        let of = |lost| CHOSEN.map(|chosen| Self { chosen: Some(chosen), lost });
        let mut all = vec![Self { chosen: None, lost: false }];
        all.extend(of(false));
        if connections {
            all.extend(of(true));
        }
        all
    }

    /// How a device comes to be so that is logged out; `login_gives` what a login does.
    pub fn events(
        self,
        device: DeviceId,
        login_gives: Option<Chosen>,
    ) -> impl Iterator<Item = Event> {
        let login = self.chosen.map(|_| Event::Login(device));
        let status = self.chosen.filter(|chosen| Some(*chosen) != login_gives);
        let status = status.map(|chosen| Event::SetStatus(device, chosen));
        let loss = self.lost.then_some(Event::Disconnect(device));
        login.into_iter().chain(status).chain(loss)
    }
}

/// What a world of a size begins with: one property, and a widget for each scheduler with each setting.
pub fn begins_with(size: Size, rules: &RuleSet) -> Case {
    let start = noon();
    let widgets: Vec<Settings> = schedulers(rules)
        .into_iter()
        .flat_map(|scheduler| [false, true].map(|strict| settings(scheduler.clone(), strict)))
        .collect();
    let members = (0..size.agents).map(|agent| (AgentId::new(agent), Membership::Active));
    // Mentioned, so that everybody has all devices.
    let devices = (0..size.agents).map(|agent| DeviceId::new(agent.into(), size.devices - 1));
    let steps = devices.map(|device| TimedEvent { at: start, event: Event::Login(device) });
    Case {
        start,
        end: start,
        rules: *rules,
        grace: Millis::DEFAULT_GRACE,
        auto_away: (*rules != RuleSet::BOOK).then_some(Millis(IDLE_MS)),
        agent_count: size.agents,
        properties: vec![Property { members: members.collect(), widgets }],
        steps: steps.collect(),
        visits: Vec::new(),
        devices_are_met: false,
    }
}

/// When the clock does something to a world that stands still from noon on.
pub fn instants(rules: &RuleSet) -> Vec<Instant> {
    let after = |ms| noon().checked_add(Millis(ms)).expect("in 2026");
    let mut instants = vec![
        after(Millis::DEFAULT_GRACE.0 - 1),
        after(Millis::DEFAULT_GRACE.0),
        after(5 * HOUR_MS),
        after(6 * HOUR_MS),
    ];
    if *rules != RuleSet::BOOK {
        let others = [IDLE_MS - 1, IDLE_MS, 5 * HOUR_MS + 60_000, 23 * HOUR_MS + 60_000];
        instants.extend(others.map(after));
        instants.sort_unstable();
    }
    instants
}

fn noon() -> Instant {
    Instant::from_millis(NOON_MS).expect("a Monday of 2026")
}

/// Off; open at noon; closed at noon, by other rules past midnight.
fn schedulers(rules: &RuleSet) -> [Option<Arc<Scheduler>>; 3] {
    let daily = |start_hour: u16, end_hour: u16| {
        let hours: Vec<Interval> =
            Interval::new(start_hour * 60, end_hour * 60).into_iter().collect();
        let weekdays = std::array::from_fn(|_| hours.clone());
        let hours = WeekHours { weekdays, ..WeekHours::default() };
        Some(Arc::new(Scheduler { zone: "UTC".to_owned(), hours }))
    };
    let evening_ends = if *rules == RuleSet::BOOK { 22 } else { 11 };
    [None, daily(9, 17), daily(18, evening_ends)]
}

fn settings(scheduler: Option<Arc<Scheduler>>, strict: bool) -> Settings {
    let mut settings = Settings::default();
    settings.set(Setting::Scheduler(scheduler));
    settings.set(Setting::OfflineWhenAllAgentsOffline(strict));
    settings
}

/// Everything that can happen in a world of a size.
pub fn events(size: Size, rules: &RuleSet) -> Vec<Event> {
    let mut events = Vec::new();
    for agent in (0..size.agents).map(AgentId::new) {
        for device in (0..size.devices).map(|slot| DeviceId::new(agent, slot)) {
            events.extend([Event::Login(device), Event::Logout(device), Event::Activity(device)]);
            events.extend(CHOSEN.map(|chosen| Event::SetStatus(device, chosen)));
            // Without lost connections, a reconnect can only be refused.
            events.push(Event::Reconnect(device));
            if size.connections {
                events.push(Event::Disconnect(device));
            }
        }
        events.extend(CHOSEN.map(|chosen| Event::SetStatusEverywhere(agent, chosen)));
        events.push(Event::LogoutEverywhere(agent));
        events.push(Event::Suspend(agent, PropertyId::new(0)));
        events.push(Event::Reinstate(agent, PropertyId::new(0)));
    }
    for widget in (0..6).map(WidgetId::new) {
        let schedulers = schedulers(rules).map(Setting::Scheduler);
        let strict = [false, true].map(Setting::OfflineWhenAllAgentsOffline);
        let settings = schedulers.into_iter().chain(strict);
        events.extend(settings.map(|setting| Event::Configure(widget, Box::new(setting))));
    }
    events
}
