//! The rule book followed word by word: slow, obvious, and sharing nothing with the engine but the
//! nouns of `model`. What the engine answers is held against this.
//!
//! Nothing is counted, cached or queued. An agent's status is looked up over all devices whenever
//! it is asked for, hours are asked of the wall clock minute by minute, and what the clock does next
//! is found by letting it run. Whoever looks at every minute of days on end does so by [`Clocks`], which
//! ask each wall clock once a minute, and of hours once a date what is under way on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::model::knobs::{
    AwayIs, Devices, HoursAre, IdleMeans, InvisibleIs, LoginGives, LogoutEnds, Merge,
    OpenAndNobody, TeamSeesInvisible,
};
use crate::model::text::Country;
use crate::model::{
    AgentId, AgentStatus, Answer, Chat, Chosen, Countries, DeviceId, DeviceStatus, Event, Form,
    HiddenBecause, Impossible, Instant, Millis, PageList, Presence, PropertyId, Reason, RuleSet,
    SchedulerState, Setting, Settings, Visibility, Visitor, WidgetId, WidgetStatus,
};

mod calendar;
mod clocks;

pub use calendar::{is_open, names};
pub use clocks::Clocks;

/// How many seconds a zone's wall clock is ahead of UTC at an instant; `None` for a zone that
/// nobody knows. The oracle has no zone data of its own.
pub type OffsetAt = dyn Fn(&str, Instant) -> Option<i32> + Send + Sync;

const MINUTE_MS: i64 = 60_000;

/// A fleet at one instant, as the rule book describes it.
#[derive(Clone)]
pub struct Oracle {
    now: Instant,
    grace: Millis,
    auto_away: Option<Millis>,
    rules: RuleSet,
    offset_at: Arc<OffsetAt>,
    /// The devices that are logged in, and no other.
    logins: BTreeMap<DeviceId, Login>,
    /// The statuses of all that ever had one; who is logged in nowhere keeps it, and it counts for
    /// nothing.
    statuses: BTreeMap<Holder, Status>,
    /// How many statuses have been given.
    given: u64,
    /// The devices whose grace ran out and that have not logged in since (rule P7).
    ran_out: BTreeSet<DeviceId>,
    members: BTreeMap<PropertyId, BTreeMap<AgentId, Member>>,
    widgets: BTreeMap<WidgetId, (PropertyId, Settings)>,
}

/// What is so of a logged-in device, beside its status.
#[derive(Clone, Copy, Debug)]
struct Login {
    /// When the connection was lost, if it is (rule P7).
    lost_at: Option<Instant>,
}

/// What has a status (rules P2, P4, the knob `devices`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Holder {
    Device(DeviceId),
    Agent(AgentId),
}

/// A status, and how it came about.
#[derive(Clone, Copy, Debug)]
struct Status {
    now: Chosen,
    set: Set,
    /// The last one that did not come by the clock, and was not for a time (rule P9).
    chosen: Chosen,
    /// Whether it was given for a time, and until when (`None`: beyond the year 9999).
    for_a_time: Option<Option<Instant>>,
    /// The last login, status or activity (rule P8).
    active_at: Instant,
    /// The how manieth of all that were given.
    given: u64,
}

/// How a device came to its status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Set {
    /// By login, by hand or by activity.
    ByHand,
    /// By the clock, which takes an idle device away (rule P8).
    ByTheClock,
}

/// Whether a member counts (rule P6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Member {
    /// The member counts towards the presence (rule P5).
    Active,
    /// Counts nowhere in the property.
    Suspended,
}

/// A device's connection (rule P7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Connection {
    /// Connected, or not logged in.
    Up,
    /// Lost; the device counts as logged out from that instant on (`None`: beyond the year 9999).
    Lost(Option<Instant>),
    /// Lost so long ago that the device was logged out, and has not logged in since.
    RanOut,
}

impl fmt::Debug for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oracle")
            .field("now", &self.now)
            .field("logins", &self.logins)
            .field("statuses", &self.statuses)
            .field("ran_out", &self.ran_out)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}

impl Oracle {
    /// A world without anything, with its grace and auto-away (rules P7, P8; `None` for "off").
    pub fn new(
        at: Instant,
        grace: Millis,
        auto_away: Option<Millis>,
        offset_at: Arc<OffsetAt>,
    ) -> Self {
        Self {
            now: at,
            grace,
            auto_away,
            rules: RuleSet::BOOK,
            offset_at,
            logins: BTreeMap::new(),
            statuses: BTreeMap::new(),
            given: 0,
            ran_out: BTreeSet::new(),
            members: BTreeMap::new(),
            widgets: BTreeMap::new(),
        }
    }

    /// The same world by another product's rules. Their grace is no matter of it.
    #[must_use]
    pub fn by_rules(self, rules: RuleSet) -> Self {
        Self { rules, ..self }
    }

    /// Declares a widget of a property.
    pub fn add_widget(&mut self, widget: WidgetId, property: PropertyId, settings: Settings) {
        self.widgets.insert(widget, (property, settings));
    }

    /// Declares a member of a property.
    pub fn add_member(&mut self, agent: AgentId, property: PropertyId, member: Member) {
        self.members.entry(property).or_default().insert(agent, member);
    }

    /// The instant that has been reached (rule T1: from outside alone).
    pub fn now(&self) -> Instant {
        self.now
    }

    // What happens.

    /// What an event does at the instant that has been reached.
    ///
    /// # Errors
    /// When the event cannot happen; then nothing has changed.
    pub fn apply(&mut self, event: &Event) -> Result<(), Impossible> {
        match event {
            Event::Login(device) => self.log_in(*device),
            Event::SetStatus(device, chosen) => {
                self.logged_in(*device)?;
                self.set_status(*device, *chosen);
            }
            Event::SetStatusEverywhere(agent, chosen) => {
                for device in self.logged_in_devices(*agent)? {
                    self.set_status(device, *chosen);
                }
            }
            Event::SetStatusFor(device, chosen, length) => {
                self.logged_in(*device)?;
                self.set_status_for(*device, *chosen, *length);
            }
            Event::SetStatusEverywhereFor(agent, chosen, length) => {
                for device in self.logged_in_devices(*agent)? {
                    self.set_status_for(device, *chosen, *length);
                }
            }
            Event::Logout(device) => {
                self.logged_in(*device)?;
                self.log_out(*device);
            }
            Event::LogoutEverywhere(agent) => {
                for device in self.logged_in_devices(*agent)? {
                    self.log_out(device);
                }
            }
            Event::Disconnect(device) => self.lose(*device)?,
            Event::Reconnect(device) => self.reconnect(*device)?,
            Event::Activity(device) => self.be_active(*device)?,
            Event::Suspend(agent, property) => self.suspend(*agent, *property)?,
            Event::Reinstate(agent, property) => self.reinstate(*agent, *property)?,
            Event::Configure(widget, setting) => self.configure(*widget, setting)?,
        }
        // Rule P7, `grace 0s`: losing the connection is logging out.
        self.strike();
        Ok(())
    }

    /// Rule P1: online, whatever it was before, or what the knob `login` says; a new login ends a
    /// countdown (rule P7).
    fn log_in(&mut self, device: DeviceId) {
        let before = self.statuses.get(&self.holder(device)).map(|status| status.chosen);
        let gives = match self.rules.login {
            LoginGives::Online => Chosen::Online,
            LoginGives::Keeps => before.unwrap_or(Chosen::Online),
            LoginGives::Away => Chosen::Away,
            LoginGives::Invisible => Chosen::Invisible,
        };
        self.ran_out.remove(&device);
        self.logins.insert(device, Login { lost_at: None });
        self.set_status(device, gives);
    }

    /// Rule P2; counts as activity (rule P8), and does not end a countdown (rule P7).
    fn set_status(&mut self, device: DeviceId, chosen: Chosen) {
        let (active_at, given) = (self.now, self.one_more());
        let for_a_time = None;
        let status = Status { now: chosen, set: Set::ByHand, chosen, for_a_time, active_at, given };
        self.statuses.insert(self.holder(device), status);
    }

    /// Rule P9: as by hand, but what was given before stays in mind; one for a time within another
    /// takes its place.
    fn set_status_for(&mut self, device: DeviceId, chosen: Chosen, length: Millis) {
        let (active_at, given) = (self.now, self.one_more());
        if let Some(status) = self.statuses.get_mut(&self.holder(device)) {
            (status.now, status.set) = (chosen, Set::ByHand);
            (status.active_at, status.given) = (active_at, given);
            status.for_a_time = Some(active_at.checked_add(length));
        }
    }

    /// Rule P3 and the knob `logout`.
    fn log_out(&mut self, device: DeviceId) {
        match self.rules.logout {
            LogoutEnds::Device => {
                self.logins.remove(&device);
            }
            LogoutEnds::Account => self.logins.retain(|other, _| other.agent() != device.agent()),
            LogoutEnds::Never => {
                let now = self.now;
                if let Some(login) = self.logins.get_mut(&device) {
                    login.lost_at.get_or_insert(now);
                }
            }
        }
    }

    /// Rules P2, P4 and the knob `devices`: what has the status that a device shows.
    fn holder(&self, device: DeviceId) -> Holder {
        match self.rules.devices {
            Devices::Each => Holder::Device(device),
            Devices::OneStatus => Holder::Agent(device.agent()),
        }
    }

    fn one_more(&mut self) -> u64 {
        self.given += 1;
        self.given
    }

    /// Rule P7: the connection of a logged-in device is lost, once.
    fn lose(&mut self, device: DeviceId) -> Result<(), Impossible> {
        self.logged_in(device)?;
        let now = self.now;
        match self.logins.get_mut(&device) {
            Some(Login { lost_at: Some(_) }) => Err(Impossible::AlreadyLost),
            Some(login) => {
                login.lost_at = Some(now);
                Ok(())
            }
            None => Err(Impossible::NotLoggedIn),
        }
    }

    /// Rule P7: in time it changes nothing but the countdown, too late it changes nothing at all.
    fn reconnect(&mut self, device: DeviceId) -> Result<(), Impossible> {
        match self.logins.get_mut(&device) {
            Some(login) if login.lost_at.is_some() => {
                login.lost_at = None;
                Ok(())
            }
            None if self.ran_out.contains(&device) => Ok(()),
            _ => Err(Impossible::NotLost),
        }
    }

    /// Rule P8: back online where the clock, and not a hand, made it away.
    fn be_active(&mut self, device: DeviceId) -> Result<(), Impossible> {
        self.logged_in(device)?;
        let (now, given) = (self.now, self.given + 1);
        if let Some(status) = self.statuses.get_mut(&self.holder(device)) {
            status.active_at = now;
            if status.set == Set::ByTheClock {
                (status.now, status.set, status.given) = (Chosen::Online, Set::ByHand, given);
                self.given = given;
            }
        }
        Ok(())
    }

    /// Rule P6.
    fn suspend(&mut self, agent: AgentId, property: PropertyId) -> Result<(), Impossible> {
        match self.member(agent, property)? {
            Member::Suspended => Err(Impossible::AlreadySuspended),
            Member::Active => {
                self.add_member(agent, property, Member::Suspended);
                Ok(())
            }
        }
    }

    /// Rule P6.
    fn reinstate(&mut self, agent: AgentId, property: PropertyId) -> Result<(), Impossible> {
        match self.member(agent, property)? {
            Member::Active => Err(Impossible::NotSuspended),
            Member::Suspended => {
                self.add_member(agent, property, Member::Active);
                Ok(())
            }
        }
    }

    fn member(&self, agent: AgentId, property: PropertyId) -> Result<Member, Impossible> {
        let members = self.members.get(&property).ok_or(Impossible::NotAMember)?;
        members.get(&agent).copied().ok_or(Impossible::NotAMember)
    }

    /// A setting of one widget; hours need a zone whose clock somebody can read (rule S2).
    fn configure(&mut self, widget: WidgetId, setting: &Setting) -> Result<(), Impossible> {
        if let Setting::Scheduler(Some(scheduler)) = setting {
            (self.offset_at)(&scheduler.zone, self.now).ok_or(Impossible::UnknownZone)?;
        }
        if let Some((_, settings)) = self.widgets.get_mut(&widget) {
            settings.set(setting.clone());
        }
        Ok(())
    }

    /// Rules P2, P3, P7, P8: only a logged-in device has a status, a connection and activity.
    fn logged_in(&self, device: DeviceId) -> Result<(), Impossible> {
        self.logins.get(&device).map(|_| ()).ok_or(Impossible::NotLoggedIn)
    }

    /// Rules P2, P3: said without a device, it is said for every device that is logged in.
    fn logged_in_devices(&self, agent: AgentId) -> Result<Vec<DeviceId>, Impossible> {
        let devices: Vec<DeviceId> = self.logged_in_of(agent).collect();
        if devices.is_empty() { Err(Impossible::NowhereLoggedIn) } else { Ok(devices) }
    }

    /// The logged-in devices of an agent.
    fn logged_in_of(&self, agent: AgentId) -> impl Iterator<Item = DeviceId> {
        let from_the_first =
            self.logins.range(DeviceId::new(agent, 0)..).map(|(device, _)| *device);
        from_the_first.take_while(move |device| device.agent() == agent)
    }

    // What the clock does.

    /// Lets the clock run on to an instant, that one included (rule T2).
    ///
    /// # Panics
    /// When time would go back.
    pub fn advance(&mut self, to: Instant) {
        assert!(to >= self.now, "time never goes back");
        while let Some(at) = self.next_deadline().filter(|&at| at <= to) {
            self.now = at;
            self.strike();
        }
        self.now = to;
    }

    /// What the clock does to devices at the instant that has been reached: first who is logged out
    /// (rule P7), then whose status was for a time that is over (rule P9), then who is left and goes
    /// away (rule P8).
    fn strike(&mut self) {
        for (device, login) in self.logins.clone() {
            if self.grace_ends(&login).is_some_and(|at| at <= self.now) {
                self.logins.remove(&device);
                self.ran_out.insert(device);
            }
        }
        for (holder, status) in self.statuses.clone() {
            if self.is_over_at(holder, &status).is_some_and(|at| at <= self.now) {
                // As if by hand at this instant.
                let (now, active_at, given) = (status.chosen, self.now, self.one_more());
                let (set, for_a_time) = (Set::ByHand, None);
                let back = Status { now, set, for_a_time, active_at, given, ..status };
                self.statuses.insert(holder, back);
            }
        }
        for (holder, status) in self.statuses.clone() {
            if self.is_idle_at(holder, &status).is_some_and(|at| at <= self.now) {
                self.go_idle(holder);
            }
        }
    }

    /// Rule P8 and the knob `idle`.
    fn go_idle(&mut self, holder: Holder) {
        match self.rules.idle {
            IdleMeans::Away => {
                let given = self.one_more();
                if let Some(status) = self.statuses.get_mut(&holder) {
                    (status.now, status.set, status.given) = (Chosen::Away, Set::ByTheClock, given);
                }
            }
            IdleMeans::LoggedOut => {
                for device in self.devices_of(holder) {
                    self.logins.remove(&device);
                    self.ran_out.insert(device);
                }
            }
        }
    }

    /// The logged-in devices that show a status.
    fn devices_of(&self, holder: Holder) -> Vec<DeviceId> {
        let devices = self.logins.keys().copied();
        devices.filter(|device| self.holder(*device) == holder).collect()
    }

    /// Whether some logged-in device shows a status.
    fn is_logged_in(&self, holder: Holder) -> bool {
        match holder {
            Holder::Device(device) => self.logins.contains_key(&device),
            Holder::Agent(agent) => self.logged_in_of(agent).next().is_some(),
        }
    }

    /// Rule P7: the instant from which a device counts as logged out; `None` past the year 9999.
    fn grace_ends(&self, login: &Login) -> Option<Instant> {
        login.lost_at?.checked_add(self.grace)
    }

    /// Rule P9: the instant at which a status for a time is over; only what is logged in has one.
    fn is_over_at(&self, holder: Holder, status: &Status) -> Option<Instant> {
        status.for_a_time.flatten().filter(|_| self.is_logged_in(holder))
    }

    /// Rule P8: the instant at which what is online has been idle for long enough.
    fn is_idle_at(&self, holder: Holder, status: &Status) -> Option<Instant> {
        let idle = status.active_at.checked_add(self.auto_away?)?;
        (status.now == Chosen::Online && self.is_logged_in(holder)).then_some(idle)
    }

    /// All instants at which rule P7, P8 or P9 will do something, as things stand.
    pub fn deadlines(&self) -> BTreeSet<Instant> {
        self.each_deadline().flatten().flatten().collect()
    }

    /// The first of them.
    fn next_deadline(&self) -> Option<Instant> {
        self.each_deadline().filter_map(|due| due.into_iter().flatten().min()).min()
    }

    /// Those of each connection, and of each status.
    fn each_deadline(&self) -> impl Iterator<Item = [Option<Instant>; 3]> {
        let graces = self.logins.values().map(|login| [self.grace_ends(login), None, None]);
        let by_status = self.statuses.iter().map(|(holder, status)| {
            let over = self.is_over_at(*holder, status);
            // Whoever goes back to online is idle from then on.
            let idle_again = over.filter(|_| status.chosen == Chosen::Online);
            let idle_again = idle_again.and_then(|at| at.checked_add(self.auto_away?));
            [over, self.is_idle_at(*holder, status), idle_again]
        });
        graces.chain(by_status)
    }

    fn offset_s(&self, zone: &str, at: Instant) -> i32 {
        (self.offset_at)(zone, at).expect("a scheduler's zone was known when it was set")
    }

    /// The next instant, later than now and up to `until`, at which the widget's status or *chat
    /// possible* changes by the clock alone, and what it then shows: found by letting the clock run.
    pub fn next(&self, widget: WidgetId, until: Instant) -> Option<(Instant, Answer)> {
        let before = self.answer(widget);
        let mut later = self.clone();
        for at in self.candidates(until) {
            later.advance(at);
            let then = later.answer(widget);
            if (then.status, then.chat) != (before.status, before.chat) {
                return Some((at, then));
            }
        }
        None
    }

    /// The next instant, later than now and up to `until`, at which an agent's status changes by the
    /// clock alone, and what it then is: found by letting the clock run.
    pub fn next_of_agent(&self, agent: AgentId, until: Instant) -> Option<(Instant, AgentStatus)> {
        let before = self.agent_status(agent);
        let mut later = self.clone();
        for at in self.deadlines().into_iter().take_while(|&at| at <= until) {
            later.advance(at);
            let then = later.agent_status(agent);
            if then != before {
                return Some((at, then));
            }
        }
        None
    }

    // What is so.

    /// A device's own status; with one status for all devices (`devices`), its agent's.
    pub fn device_status(&self, device: DeviceId) -> DeviceStatus {
        match self.status_on(device).map(|status| status.now) {
            None => DeviceStatus::LoggedOut,
            Some(Chosen::Invisible) => DeviceStatus::Invisible,
            Some(Chosen::Away) => DeviceStatus::Away,
            Some(Chosen::Online) => DeviceStatus::Online,
        }
    }

    /// What a device shows, if it is logged in.
    fn status_on(&self, device: DeviceId) -> Option<Status> {
        self.logins.get(&device)?;
        self.statuses.get(&self.holder(device)).copied()
    }

    /// Whether it was rule P8 that made a device away.
    pub fn is_away_by_the_clock(&self, device: DeviceId) -> bool {
        self.status_on(device).is_some_and(|status| status.set == Set::ByTheClock)
    }

    /// The status that a device goes back to, and when (`None`: beyond the year 9999), where it has
    /// one for a time (rule P9).
    pub fn goes_back(&self, device: DeviceId) -> Option<(Chosen, Option<Instant>)> {
        let status = self.status_on(device)?;
        status.for_a_time.map(|until| (status.chosen, until))
    }

    /// A device's connection (rule P7).
    pub fn connection(&self, device: DeviceId) -> Connection {
        match self.logins.get(&device) {
            Some(login) if login.lost_at.is_some() => Connection::Lost(self.grace_ends(login)),
            None if self.ran_out.contains(&device) => Connection::RanOut,
            _ => Connection::Up,
        }
    }

    /// Whether an agent counts in a property (rule P6); `None` where not a member.
    pub fn membership(&self, agent: AgentId, property: PropertyId) -> Option<Member> {
        self.member(agent, property).ok()
    }

    /// Everything that is set on a widget.
    pub fn settings(&self, widget: WidgetId) -> &Settings {
        &self.widgets[&widget].1
    }

    /// Rule P4: what team-mates see of an agent (the knob `team_sees_invisible`).
    pub fn agent_status(&self, agent: AgentId) -> AgentStatus {
        match self.status_of(agent) {
            AgentStatus::Invisible
                if self.rules.team_sees_invisible == TeamSeesInvisible::Offline =>
            {
                AgentStatus::Offline
            }
            status => status,
        }
    }

    /// Rule P4: the highest over the agent's devices, or that of the newest (the knob `merge`).
    fn status_of(&self, agent: AgentId) -> AgentStatus {
        let devices = self.logged_in_of(agent);
        let statuses = devices.filter_map(|device| self.statuses.get(&self.holder(device)));
        let mut shown: Vec<&Status> = statuses.collect();
        if self.rules.merge == Merge::Newest {
            let newest = shown.iter().map(|status| status.given).max();
            shown.retain(|status| Some(status.given) == newest);
        }
        let on_some_device = |wanted: Chosen| shown.iter().any(|status| status.now == wanted);
        if on_some_device(Chosen::Online) {
            AgentStatus::Online
        } else if on_some_device(Chosen::Away) {
            AgentStatus::Away
        } else if on_some_device(Chosen::Invisible) {
            AgentStatus::Invisible
        } else {
            AgentStatus::Offline
        }
    }

    /// Rule P5, over the members that count by rule P6, each for what the knobs `away_is` and
    /// `invisible_is` say.
    pub fn presence(&self, property: PropertyId) -> Presence {
        let counts: Vec<Presence> = self
            .members
            .get(&property)
            .into_iter()
            .flatten()
            .filter(|(_, member)| **member == Member::Active)
            .map(|(agent, _)| match self.status_of(*agent) {
                AgentStatus::Online => Presence::Online,
                AgentStatus::Away => match self.rules.away_is {
                    AwayIs::Online => Presence::Online,
                    AwayIs::Away => Presence::Away,
                    AwayIs::Offline => Presence::Nobody,
                },
                AgentStatus::Invisible => match self.rules.invisible_is {
                    InvisibleIs::Online => Presence::Online,
                    InvisibleIs::Away => Presence::Away,
                    InvisibleIs::Offline => Presence::Nobody,
                },
                AgentStatus::Offline => Presence::Nobody,
            })
            .collect();
        if counts.contains(&Presence::Online) {
            Presence::Online
        } else if counts.contains(&Presence::Away) {
            Presence::Away
        } else {
            Presence::Nobody
        }
    }

    /// Rules S1, S2: off, or what the wall clock of the scheduler's own zone says.
    pub fn scheduler_state(&self, widget: WidgetId) -> SchedulerState {
        match &self.widgets[&widget].1.scheduler {
            None => SchedulerState::Off,
            Some(scheduler) => {
                let local = self.now.to_local(self.offset_s(&scheduler.zone, self.now));
                match calendar::is_open_by(&self.rules, &scheduler.hours, local) {
                    true => SchedulerState::Open,
                    false => SchedulerState::Closed,
                }
            }
        }
    }

    /// Rules W1 to W6, and the knobs `hours` and `open_and_nobody`.
    pub fn answer(&self, widget: WidgetId) -> Answer {
        self.answer_when(widget, self.scheduler_state(widget))
    }

    /// The same, where somebody has looked already what the widget's hours are now.
    pub fn answer_when(&self, widget: WidgetId, state: SchedulerState) -> Answer {
        let (property, settings) = &self.widgets[&widget];
        let scheduler = match self.rules.hours {
            HoursAre::None => SchedulerState::Off,
            _ => state,
        };
        let presence = self.presence(*property);
        let open_whoever_is_there =
            self.rules.hours == HoursAre::Replace && scheduler == SchedulerState::Open;
        let closed_whoever_is_there =
            self.rules.hours != HoursAre::OrPresent || presence == Presence::Nobody;
        let (rule, status, chat, reason) = if open_whoever_is_there {
            (6, WidgetStatus::Online, Chat::Possible, Reason::SchedulerOpen)
        } else if scheduler == SchedulerState::Closed && closed_whoever_is_there {
            (1, WidgetStatus::Offline, Chat::No, Reason::SchedulerClosed)
        } else if presence == Presence::Online {
            (2, WidgetStatus::Online, Chat::Possible, Reason::AgentOnline)
        } else if presence == Presence::Away {
            (3, WidgetStatus::Away, Chat::Possible, Reason::AgentAway)
        } else if scheduler == SchedulerState::Off {
            (4, WidgetStatus::Offline, Chat::No, Reason::NobodyPresent)
        } else if settings.offline_when_all_agents_offline {
            (5, WidgetStatus::Offline, Chat::No, Reason::NobodyPresent)
        } else if self.rules.open_and_nobody == OpenAndNobody::Offline {
            (6, WidgetStatus::Offline, Chat::No, Reason::NobodyPresent)
        } else if self.rules.open_and_nobody == OpenAndNobody::OnlineChat {
            (6, WidgetStatus::Online, Chat::Possible, Reason::SchedulerOpen)
        } else {
            (6, WidgetStatus::Online, Chat::No, Reason::SchedulerOpen)
        };
        Answer { status, chat, reason, rule }
    }

    /// Rules V1 to V4, the first that hides.
    pub fn visibility(&self, widget: WidgetId, visitor: &Visitor) -> Visibility {
        let Settings {
            pages,
            countries,
            hide_on,
            hide_when_offline,
            // Nothing in rules V1 to V4 is about these.
            scheduler: _,
            offline_when_all_agents_offline: _,
            greetings: _,
            pre_chat_form: _,
        } = &self.widgets[&widget].1;
        let on = |list: PageList| {
            let page = visitor.page.as_deref();
            let is_on = |page| pages[list].iter().any(|p| page_matches(p.as_str(), page));
            page.is_some_and(is_on)
        };
        let lives_in = |countries: &[Country]| {
            visitor.country.is_some_and(|country| countries.contains(&country))
        };
        if !pages[PageList::Show].is_empty() && !on(PageList::Show) {
            return Visibility::Hidden(HiddenBecause::Page);
        }
        if on(PageList::Hide) {
            return Visibility::Hidden(HiddenBecause::Page);
        }
        match countries {
            Some(Countries::Only(countries)) if !lives_in(countries) => {
                return Visibility::Hidden(HiddenBecause::Country);
            }
            Some(Countries::Except(countries)) if lives_in(countries) => {
                return Visibility::Hidden(HiddenBecause::Country);
            }
            _ => {}
        }
        if visitor.device.is_some_and(|kind| hide_on[kind]) {
            return Visibility::Hidden(HiddenBecause::Device);
        }
        if *hide_when_offline && self.answer(widget).status == WidgetStatus::Offline {
            return Visibility::Hidden(HiddenBecause::Offline);
        }
        Visibility::Shown
    }

    /// Rule C1: the greeting of the status.
    pub fn greeting(&self, widget: WidgetId) -> &str {
        self.look_of(widget, self.answer(widget).status).1
    }

    /// Rules C2, C3: the form of the status.
    pub fn form(&self, widget: WidgetId) -> Form {
        self.look_of(widget, self.answer(widget).status).0
    }

    /// The form and the greeting that a widget has by its status (rules C1 to C3).
    pub fn look_of(&self, widget: WidgetId, status: WidgetStatus) -> (Form, &str) {
        let settings = self.settings(widget);
        let form = match (status, settings.pre_chat_form) {
            (WidgetStatus::Offline, _) => Form::Offline,
            (_, true) => Form::PreChat,
            (_, false) => Form::None,
        };
        (form, settings.greeting(status))
    }
}

/// What somebody saw who looked at every widget whenever anything could have changed.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    /// At one instant the last look counts (rule T3).
    seen: BTreeMap<Instant, BTreeMap<WidgetId, Answer>>,
}

impl Witness {
    /// Looks at every widget now.
    pub fn look(&mut self, oracle: &Oracle) {
        let answers = oracle.widgets.keys().map(|&widget| (widget, oracle.answer(widget)));
        self.seen.insert(oracle.now, answers.collect());
    }

    /// Lets the clock run on to an instant, and looks at every new minute and every deadline.
    pub fn watch(&mut self, oracle: &mut Oracle, until: Instant) {
        self.look(oracle);
        for at in oracle.candidates(until) {
            oracle.advance(at);
            self.look(oracle);
        }
        oracle.advance(until);
        self.look(oracle);
    }

    /// The timeline: all widgets at first, then each instant after everything of which status, *chat
    /// possible* or the reason differ from before it (rule T3).
    pub fn timeline(&self) -> Vec<(Instant, WidgetId, Answer)> {
        let mut rows = Vec::new();
        let mut shown: BTreeMap<WidgetId, Answer> = BTreeMap::new();
        for (&at, answers) in &self.seen {
            for (&widget, &answer) in answers {
                let what = |answer: &Answer| (answer.status, answer.chat, answer.reason);
                if shown.get(&widget).map(what) != Some(what(&answer)) {
                    rows.push((at, widget, answer));
                    shown.insert(widget, answer);
                }
            }
        }
        rows
    }
}

/// Whether a page pattern means a page (rule V1, "Page patterns").
pub fn page_matches(pattern: &str, page: &str) -> bool {
    let (pattern, page) = (without_query(pattern), without_query(page));
    let is_path = pattern.starts_with('/') || pattern.starts_with('*');
    let ours = if is_path { Url::of_path(pattern) } else { Url::new(pattern) };
    let theirs = if page.starts_with('/') { Url::of_path(page) } else { Url::new(page) };
    let agree = |ours: &Option<String>, theirs: &Option<String>| {
        ours.is_none() || theirs.is_none() || ours == theirs
    };
    agree(&ours.scheme, &theirs.scheme)
        && agree(&ours.host, &theirs.host)
        && agree(&ours.port, &theirs.port)
        && path_matches(ours.path, &segments(theirs.path))
}

/// An address taken apart; what it does not name is `None`.
struct Url<'a> {
    scheme: Option<String>,
    host: Option<String>,
    port: Option<String>,
    path: &'a str,
}

impl<'a> Url<'a> {
    fn of_path(path: &'a str) -> Self {
        Self { scheme: None, host: None, port: None, path }
    }

    fn new(url: &'a str) -> Self {
        let (scheme, rest) = match url.split_once("://") {
            // What stands behind a slash belongs to the path, whatever it looks like.
            Some((scheme, rest)) if !scheme.contains('/') => (Some(scheme), rest),
            _ => (None, url),
        };
        let path_at = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(path_at);
        let address = authority.split('@').next_back().unwrap_or_default();
        let (host, port) = match address.split_once("]:") {
            Some((host, port)) => (format!("{host}]"), Some(port)),
            None if address.starts_with('[') => (address.to_owned(), None),
            None => match address.split_once(':') {
                Some((host, port)) => (host.to_owned(), Some(port)),
                None => (address.to_owned(), None),
            },
        };
        let named = |text: &str| (!text.is_empty()).then(|| text.to_lowercase());
        Self {
            scheme: scheme.and_then(named),
            host: named(&host),
            port: port.and_then(named),
            path,
        }
    }
}

/// The query and the fragment never count.
fn without_query(url: &str) -> &str {
    &url[..url.find(['?', '#']).unwrap_or(url.len())]
}

/// Empty path segments don't count.
fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

fn path_matches(pattern: &str, page: &[&str]) -> bool {
    let parts = segments(pattern);
    // `*` alone, or `/*`: every page, the empty path too.
    if parts == ["*"] && !pattern.ends_with('/') {
        return true;
    }
    let ends_with_star = parts.last() == Some(&"*");
    let stands_for = |place: usize| -> RangeInclusive<usize> {
        let open_ended = place + 1 == parts.len() && !pattern.ends_with('/');
        // With stars at both ends the last one's rule holds; the first is exactly one segment.
        let open_fronted = place == 0 && !ends_with_star && !pattern.starts_with('/');
        if open_ended || open_fronted { 1..=usize::MAX } else { 1..=1 }
    };
    parts_match(&parts, 0, page, &stands_for)
}

/// The bytes that a segment stands for. One that is percent-encoded is that byte, as RFC 3986 has it; but
/// a reserved sign that is encoded does not mean what it means when it is not, and so is another one.
fn signs(segment: &str) -> Vec<(u8, bool)> {
    let mut signs = Vec::new();
    let mut at = 0;
    while at < segment.len() {
        let begins = segment.as_bytes()[at] == b'%';
        let triplet = segment.as_bytes().get(at + 1..at + 3).filter(|_| begins);
        let encoded = triplet
            .and_then(|digits| str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let byte = encoded.unwrap_or(segment.as_bytes()[at]);
        signs.push((byte, encoded.is_some() && ":/?#[]@!$&'()*+,;=".contains(char::from(byte))));
        at += if encoded.is_some() { 3 } else { 1 };
    }
    signs
}

/// Tries every number of segments that each star may stand for.
fn parts_match(
    parts: &[&str],
    place: usize,
    page: &[&str],
    stands_for: &dyn Fn(usize) -> RangeInclusive<usize>,
) -> bool {
    match parts.get(place) {
        None => page.is_empty(),
        Some(&"*") => (0..=page.len()).any(|count| {
            stands_for(place).contains(&count)
                && parts_match(parts, place + 1, &page[count..], stands_for)
        }),
        Some(literal) => {
            page.first().is_some_and(|segment| signs(segment) == signs(literal))
                && parts_match(parts, place + 1, &page[1..], stands_for)
        }
    }
}
