//! What happens in a random world, and how time goes on in between.

use super::worlds::{
    DAY_MS, MINUTE_MS, PROPERTIES, Recipe, SECOND_MS, agent, chosen, device, moment, moved,
    new_setting, recipe, widget,
};
use lamplighter_core::model::{DeviceId, Event, Instant, Millis, PropertyId, WidgetId};
use lamplighter_core::world::{Timing, World};
use proptest::prelude::*;
use proptest::sample::select;

/// One step of a run.
#[derive(Clone, Debug)]
pub enum Step {
    Wait(Wait),
    Do(Event),
    /// The next change of a widget is asked for, and looked for within so many minutes.
    AskNext(WidgetId, i64),
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub enum Wait {
    Ms(i64),
    /// As long as the grace, and so many milliseconds.
    Grace(i64),
    /// As long as auto-away, and so many milliseconds.
    AutoAway(i64),
    /// Until the clock has something to do, and so many milliseconds.
    ReferenceClock(i64),
}

impl Wait {
    pub fn until(self, world: &World) -> Instant {
        let Timing { grace, auto_away } = world.timing();
        let length = |length: Millis| i64::try_from(length.0).unwrap_or(i64::MAX).min(4 * DAY_MS);
        let now = world.now();
        let to = match self {
            Self::Ms(ms) => moved(now, ms),
            Self::Grace(ms) => moved(now, length(grace) + ms),
            Self::AutoAway(ms) => moved(now, auto_away.map_or(0, length) + ms),
            Self::ReferenceClock(ms) => match world.next_clock_instant() {
                Some(at) if at.as_millis() - now.as_millis() < 4 * DAY_MS => moved(at, ms),
                _ => now,
            },
        };
        to.max(now)
    }
}

pub fn wait() -> impl Strategy<Value = Wait> {
    prop_oneof![
        2 => (0..90 * SECOND_MS).prop_map(Wait::Ms),
        2 => (0..180_i64).prop_map(|minutes| Wait::Ms(minutes * MINUTE_MS)),
        1 => (0..36 * 60_i64).prop_map(|minutes| Wait::Ms(minutes * MINUTE_MS)),
        2 => (-1..=1_i64).prop_map(Wait::Grace),
        2 => (-1..=1_i64).prop_map(Wait::AutoAway),
        4 => (-1..=1_i64).prop_map(Wait::ReferenceClock),
    ]
}

/// How long a status is for: as graces and idle times are, and anything.
pub fn times() -> impl Strategy<Value = Millis> {
    prop_oneof![
        3 => select(vec![Millis(60_000), Millis(120_000), Millis(600_000), Millis(3_600_000)]),
        1 => (1..7_200_000_u64).prop_map(Millis),
    ]
}

/// What one device does.
pub fn device_event(device: DeviceId) -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Login(device)),
        3 => chosen().prop_map(move |chosen| Event::SetStatus(device, chosen)),
        2 => (chosen(), times()).prop_map(move |(chosen, length)| {
            Event::SetStatusFor(device, chosen, length)
        }),
        1 => Just(Event::Logout(device)),
        3 => Just(Event::Disconnect(device)),
        2 => Just(Event::Reconnect(device)),
        2 => Just(Event::Activity(device)),
    ]
}

pub fn event(home: &'static str, at: Instant) -> impl Strategy<Value = Event> {
    let property = || (0..PROPERTIES).prop_map(PropertyId::new);
    prop_oneof![
        10 => device().prop_flat_map(device_event),
        1 => (agent(), chosen()).prop_map(|(agent, chosen)| Event::SetStatusEverywhere(agent, chosen)),
        1 => (agent(), chosen(), times()).prop_map(|(agent, chosen, length)| {
            Event::SetStatusEverywhereFor(agent, chosen, length)
        }),
        1 => agent().prop_map(Event::LogoutEverywhere),
        2 => (agent(), property()).prop_map(|(agent, property)| Event::Suspend(agent, property)),
        2 => (agent(), property()).prop_map(|(agent, property)| Event::Reinstate(agent, property)),
        2 => (widget(), new_setting(home, at)).prop_map(|(w, s)| Event::Configure(w, Box::new(s))),
    ]
}

pub fn step(home: &'static str, at: Instant) -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => event(home, at).prop_map(Step::Do),
        4 => wait().prop_map(Step::Wait),
        1 => (widget(), 1..2 * 24 * 60_i64).prop_map(|(w, minutes)| Step::AskNext(w, minutes)),
    ]
}

/// What agents do on a device or on all of them.
pub fn step_of_agents() -> impl Strategy<Value = Step> {
    let everywhere = prop_oneof![
        4 => (agent(), chosen()).prop_map(|(agent, chosen)| Event::SetStatusEverywhere(agent, chosen)),
        1 => (agent(), chosen(), times()).prop_map(|(agent, chosen, length)| {
            Event::SetStatusEverywhereFor(agent, chosen, length)
        }),
        1 => agent().prop_map(Event::LogoutEverywhere),
    ];
    prop_oneof![
        8 => device().prop_flat_map(device_event).prop_map(Step::Do),
        3 => everywhere.prop_map(Step::Do),
        1 => wait().prop_map(Step::Wait),
    ]
}

/// What one device does in a row, with waits until just before, at and after its deadlines.
pub fn story() -> impl Strategy<Value = Vec<Step>> {
    let wait = || {
        prop_oneof![
            (-1..=1_i64).prop_map(Wait::Grace),
            (-1..=1_i64).prop_map(Wait::AutoAway),
            Just(Wait::Ms(1)),
            Just(Wait::Ms(60 * SECOND_MS)),
        ]
    };
    device().prop_flat_map(move |device| {
        let step = prop_oneof![
            3 => device_event(device).prop_map(Step::Do),
            2 => wait().prop_map(Step::Wait),
        ];
        prop::collection::vec(step, 2..8).prop_map(move |mut steps| {
            steps.insert(0, Step::Do(Event::Login(device)));
            steps
        })
    })
}

/// A world and what happens in it.
pub fn run(parts: usize) -> impl Strategy<Value = (Recipe, Vec<Step>)> {
    moment().prop_flat_map(move |(home, at)| {
        let part = prop_oneof![
            5 => step(home, at).prop_map(|step| vec![step]),
            1 => story(),
        ];
        let steps = prop::collection::vec(part, 0..parts).prop_map(|parts| parts.concat());
        (recipe(home, at), steps)
    })
}
