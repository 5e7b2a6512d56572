//! What kind of world a seed gets, before anything of it is drawn: which features are on and how often
//! things happen. A world with a little of everything seldom has much of anything; swarms do.

use std::fmt;

use crate::synth::random::RandomStream;
use lamplighter_core::model::knobs::Merge;
use lamplighter_core::model::products::PRODUCTS;
use lamplighter_core::model::{Event, Instant, Knob, Millis, RuleSet, Setting};

/// The options of one seed. Percentages are chances of each draw.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Swarm {
    /// The first instant of the run.
    pub start: Instant,
    /// How long the run is, in milliseconds of simulated time.
    pub length: Millis,
    /// The zones of schedulers; clocks change in the first one, or a calendar does something odd.
    pub zones: Vec<&'static str>,
    /// The rules of the product, of which the grace does not count.
    pub rules: RuleSet,
    /// How long a lost connection keeps its status (rule P7).
    pub grace: Millis,
    /// After how long an idle device goes away (rule P8); `None` for "off".
    pub auto_away: Option<Millis>,
    /// How many properties the world has.
    pub properties: u32,
    /// How many widgets a property has at most; each has at least its own.
    pub widgets: u32,
    /// How many agents there are in all properties together.
    pub agents: u32,
    /// How many devices an agent may use.
    pub devices: u32,
    /// The share of agents who work in a second property, in percent.
    pub shared: u32,
    /// The share of members who are suspended at first (rule P6), in percent.
    pub suspended: u32,
    /// The share of widgets with a scheduler, in percent.
    pub scheduled: u32,
    /// The share of schedulers that are like another one's, in percent.
    pub alike: u32,
    /// The share of schedulers whose hours begin and end about when clocks change, besides those that are drawn so
    /// anyway, in percent.
    pub turning: u32,
    /// The share of days near the run that have an entry of their own (rule S5), in percent.
    pub dated: u32,
    /// The chance of each other setting to be on a widget, in percent.
    pub settings: u32,
    /// How many events are drawn at most; at least half as many are.
    pub events: u32,
    /// The share of events at an instant at which something else happens, in percent.
    pub coincident: u32,
    /// The share of events drawn without regard to whether they can happen, in percent.
    pub careless: u32,
    /// How often each kind of event comes, in proportion to the others.
    pub weights: [u32; Kind::ALL.len()],
    /// How many visitors come in the whole run.
    pub visits: u32,
    /// The chance of each thing that calendars bring to hours: ranges and dates of every year, cuts,
    /// weeks that take turns, intervals over days, fixed offsets (rules S4, S7 to S10), in percent.
    pub calendar: u32,
    /// The share of statuses that are for a time (rule P9), in percent.
    pub timed: u32,
    /// How long such times are, mostly.
    pub time: Millis,
}

/// A kind of event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An agent logs in (rule P1).
    Login,
    /// An agent sets a status on one device (rule P2).
    Status,
    /// An agent sets a status on all devices (rule P2).
    StatusEverywhere,
    /// An agent logs out of one device (rule P3).
    Logout,
    /// An agent logs out of all devices (rule P3).
    LogoutEverywhere,
    /// A device loses its connection (rule P7).
    Disconnect,
    /// A device connects again (rule P7).
    Reconnect,
    /// An agent is active on a device (rule P8).
    Activity,
    /// A member is suspended or reinstated (rule P6).
    Membership,
    /// The scheduler of a widget is set or taken back (rule S1).
    Scheduler,
    /// Any other setting of a widget is set or taken back.
    Setting,
}

impl Kind {
    /// All kinds, in the order of [`Swarm::weights`].
    pub const ALL: [Self; 11] = [
        Self::Login,
        Self::Status,
        Self::StatusEverywhere,
        Self::Logout,
        Self::LogoutEverywhere,
        Self::Disconnect,
        Self::Reconnect,
        Self::Activity,
        Self::Membership,
        Self::Scheduler,
        Self::Setting,
    ];

    /// What kind an event is drawn as.
    pub fn of(event: &Event) -> Self {
        match event {
            Event::Login(_) => Self::Login,
            Event::SetStatus(..) | Event::SetStatusFor(..) => Self::Status,
            Event::SetStatusEverywhere(..) | Event::SetStatusEverywhereFor(..) => {
                Self::StatusEverywhere
            }
            Event::Logout(_) => Self::Logout,
            Event::LogoutEverywhere(_) => Self::LogoutEverywhere,
            Event::Disconnect(_) => Self::Disconnect,
            Event::Reconnect(_) => Self::Reconnect,
            Event::Activity(_) => Self::Activity,
            Event::Suspend(..) | Event::Reinstate(..) => Self::Membership,
            Event::Configure(_, setting) => match **setting {
                Setting::Scheduler(_) => Self::Scheduler,
                _ => Self::Setting,
            },
        }
    }

    /// How often it comes where nothing is turned up or off.
    const fn usual_weight(self) -> u32 {
        match self {
            Self::Login => 22,
            Self::Status => 18,
            Self::Disconnect => 12,
            Self::Reconnect => 9,
            Self::Logout | Self::Activity => 8,
            Self::StatusEverywhere | Self::Membership => 6,
            Self::LogoutEverywhere | Self::Scheduler => 4,
            Self::Setting => 3,
        }
    }
}

/// Beginnings after which something happens to a calendar or a clock, each with the zone that it
/// happens in.
const BEGINNINGS: [(&str, &str); 34] = [
    // Clocks go forward and back, by an hour.
    ("America/New_York", "2026-03-07T20:00:00Z"),
    ("America/New_York", "2026-10-31T20:00:00Z"),
    ("Europe/Berlin", "2026-03-28T18:00:00Z"),
    ("Europe/Berlin", "2026-10-24T18:00:00Z"),
    ("America/St_Johns", "2027-03-13T22:00:00Z"),
    ("Europe/Dublin", "2026-10-24T12:00:00Z"),
    ("Australia/Sydney", "2026-10-03T08:00:00Z"),
    ("Pacific/Auckland", "2027-04-03T02:00:00Z"),
    // By half an hour, and by two.
    ("Australia/Lord_Howe", "2026-04-04T03:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T03:00:00Z"),
    ("Antarctica/Troll", "2026-03-28T15:00:00Z"),
    ("Antarctica/Troll", "2026-10-24T15:00:00Z"),
    // At midnight.
    ("America/Havana", "2026-03-07T14:00:00Z"),
    ("America/Havana", "2026-10-31T14:00:00Z"),
    ("America/Santiago", "2026-09-05T14:00:00Z"),
    ("Asia/Beirut", "2026-03-28T08:00:00Z"),
    // For the month of Ramadan.
    ("Africa/Casablanca", "2026-02-14T14:00:00Z"),
    // A calendar day is skipped, or comes twice.
    ("Pacific/Apia", "2011-12-29T12:00:00Z"),
    ("Pacific/Kwajalein", "1993-08-20T02:00:00Z"),
    ("America/Anchorage", "1867-10-17T12:00:00Z"),
    // Offsets to the second.
    ("Europe/Amsterdam", "1937-06-30T06:00:00Z"),
    ("Africa/Monrovia", "1972-01-06T12:00:00Z"),
    // Years, leap days, centuries and cycles end; some zones have no rules left to follow.
    ("UTC", "2026-12-31T06:00:00Z"),
    ("America/Sao_Paulo", "2027-12-31T15:00:00Z"),
    ("Asia/Tokyo", "2028-02-28T06:00:00Z"),
    ("Europe/Paris", "2100-02-28T10:00:00Z"),
    ("Europe/London", "2499-12-31T08:00:00Z"),
    ("America/Chicago", "2500-03-13T14:00:00Z"),
    ("Asia/Kolkata", "1969-12-31T12:00:00Z"),
    ("UTC", "0001-01-01T00:00:00Z"),
    ("Europe/Madrid", "9999-12-30T09:00:00Z"),
    // Nothing out of the ordinary, and hours that come twice, soon.
    ("Asia/Kathmandu", "2026-06-17T20:00:00Z"),
    ("America/Los_Angeles", "2026-11-01T04:00:00Z"),
    ("Europe/Kyiv", "2026-10-24T20:00:00Z"),
];

const FURTHER_ZONES: [&str; 8] = [
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
];

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;

impl Swarm {
    /// Draws the options of a seed; the rules, too, where none are given.
    pub fn draw(seed: u64, given: Option<&RuleSet>) -> Self {
        let mut swarm = Self::draw_by_the_book(seed);
        let mut stream = RandomStream::fork(seed, b"rules...", 0, 0);
        swarm.rules = given.copied().unwrap_or_else(|| draw_rules(&mut stream));
        if swarm.rules.grace != RuleSet::BOOK.grace && stream.chance(50) {
            swarm.grace = swarm.rules.grace.length();
        }
        // Which device is the newest shows where there are several, and what the clock has to do with
        // it where it makes them away.
        if swarm.rules.merge == Merge::Newest {
            swarm.devices = swarm.devices.max(2);
            let idle = stream.chance(50).then_some(Millis(10 * MINUTE_MS));
            swarm.auto_away = swarm.auto_away.or(idle);
        }
        swarm
    }

    fn draw_by_the_book(seed: u64) -> Self {
        let mut stream = RandomStream::fork(seed, b"swarm...", 0, 0);
        let stream = &mut stream;
        let &(zone, beginning) = stream.one_of(&BEGINNINGS);
        let mut zones = vec![zone];
        for _ in 0..stream.below(3) {
            zones.push(*stream.one_of::<&str>(&FURTHER_ZONES));
        }
        let often = [0, 0, 25, 50, 90];
        let grace_ms = [0, 30 * SECOND_MS, 2 * MINUTE_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS];
        let idle_ms = [None, None, Some(MINUTE_MS), Some(10 * MINUTE_MS), Some(45 * MINUTE_MS)];
        let weights = Kind::ALL.map(|kind| {
            // Some kinds are off, some are turned up.
            let factor = *stream.one_of(&[0, 1, 1, 1, 2, 4]);
            kind.usual_weight() * if kind == Kind::Login { factor.max(1) } else { factor }
        });
        Self {
            start: beginning_at(beginning, stream),
            length: Millis(u64::from(*stream.one_of(&LENGTHS_H)) * HOUR_MS),
            zones,
            rules: RuleSet::BOOK,
            grace: Millis(*stream.one_of(&grace_ms)),
            auto_away: stream.one_of(&idle_ms).map(Millis),
            properties: *stream.one_of(&[1, 1, 1, 2, 2, 3]),
            widgets: *stream.one_of(&[1, 1, 2, 3]),
            agents: *stream.one_of(&[1, 2, 2, 3, 3, 4, 6, 12]),
            devices: *stream.one_of(&[1, 2, 2, 2, 3, 4]),
            shared: *stream.one_of(&often),
            suspended: *stream.one_of(&[0, 0, 10, 40]),
            scheduled: *stream.one_of(&[0, 50, 80, 100]),
            alike: *stream.one_of(&[0, 30, 80]),
            turning: 0,
            dated: *stream.one_of(&[0, 0, 20, 60]),
            settings: *stream.one_of(&[10, 30, 60]),
            events: *stream.one_of(&[8, 20, 40, 80, 160]),
            coincident: *stream.one_of(&[10, 30, 60]),
            careless: *stream.one_of(&[0, 5, 15, 40]),
            weights,
            visits: *stream.one_of(&[2, 6, 20]),
            // Plain weeks are where edges are counted through the turns of clocks.
            calendar: *stream.one_of(&[0, 0, 0, 20, 60, 90]),
            timed: *stream.one_of(&[0, 20, 50, 80]),
            time: Millis(*stream.one_of(&TIMES_MIN) * MINUTE_MS),
        }
    }
}

/// The rule book for half of the worlds, a product's rules for some, and for the others knobs in
/// whatever positions.
fn draw_rules(stream: &mut RandomStream) -> RuleSet {
    match stream.below(8) {
        0..=3 => RuleSet::BOOK,
        4 => stream.one_of(PRODUCTS).rules(),
        _ => {
            let share = *stream.one_of(&[15, 30, 60]);
            let mut rules = RuleSet::BOOK;
            for &knob in Knob::ALL {
                let positions = knob.positions();
                let position = *stream.one_of(&positions);
                if stream.chance(share) {
                    rules.put(knob, position).expect("a position of its own");
                }
            }
            if rules.check().is_err() {
                let devices = stream.chance(50);
                let knob = if devices { Knob::Devices } else { Knob::Merge };
                rules.copy_from(knob, &RuleSet::BOOK);
            }
            rules
        }
    }
}

/// How long statuses for a time are, in minutes; some as long as graces and idle times are.
const TIMES_MIN: [u64; 6] = [1, 2, 10, 10, 45, 60];

/// How long runs are, in hours; short ones most often, since the oracle looks at every minute.
const LENGTHS_H: [u32; 8] = [6, 14, 26, 26, 36, 36, 60, 200];

/// Somewhat after the instant, to the millisecond now and then.
fn beginning_at(text: &str, stream: &mut RandomStream) -> Instant {
    let at: Instant = text.parse().expect("the table has instants");
    let later_ms = match stream.below(4) {
        0 => 0,
        1 => stream.below(3_600_000),
        _ => stream.below(60) * MINUTE_MS as u32,
    };
    Instant::from_millis(at.as_millis() + i64::from(later_ms)).expect("the table has room behind")
}

impl fmt::Display for Swarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let auto_away = self.auto_away.map_or("off".to_owned(), |length| length.to_string());
        write!(
            f,
            "start {}, length {}, zones {}, rules {}, grace {}, auto-away {auto_away}, \
             properties {}, \
             widgets {}, agents {}, devices {}, shared {}%, suspended {}%, scheduled {}%, \
             alike {}%, dated {}%, settings {}%, events {}, coincident {}%, careless {}%, weights",
            self.start,
            self.length,
            self.zones.join(" "),
            self.rules,
            self.grace,
            self.properties,
            self.widgets,
            self.agents,
            self.devices,
            self.shared,
            self.suspended,
            self.scheduled,
            self.alike,
            self.dated,
            self.settings,
            self.events,
            self.coincident,
            self.careless,
        )?;
        for (kind, weight) in Kind::ALL.iter().zip(self.weights) {
            write!(f, " {kind:?} {weight}")?;
        }
        let Self { visits, calendar, timed, time, .. } = self;
        write!(f, ", visits {visits}, calendar {calendar}%, timed {timed}%, time {time}")
    }
}
