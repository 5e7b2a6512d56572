//! What a case meets on its way, as the oracle shows it: coverage points are counted by looking at it.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

use lamplighter_core::hours::{Local, Zones, names, wall};
use lamplighter_core::model::text::fixed_offset_s;
use lamplighter_core::model::{
    AgentStatus, Answer, Chosen, Cut, Dates, DeviceId, DeviceStatus, Event, Form, HiddenBecause,
    Impossible, Instant, Millis, Presence, PropertyId, Scheduler, SchedulerState, Setting,
    Visibility, Visitor, WeekHours, WidgetId,
};
use lamplighter_core::oracle::{Connection, Member, Oracle};

use super::case::Case;
use super::coverage::{Coverage, CoveragePoint};

/// What the clock did at one instant.
#[derive(Clone, Debug, Default)]
pub struct ClockEffects {
    /// The instant at which the clock did it; `None` before it did anything.
    pub at: Option<Instant>,
    /// The widgets whose hours began or ended then (rule S2).
    pub flipped: Vec<WidgetId>,
    /// The devices whose grace ran out then (rule P7).
    pub ran_out: Vec<DeviceId>,
    /// The devices that were idle for too long and went away then (rule P8).
    pub went_away: Vec<DeviceId>,
    /// The devices whose status was for a time that was over then (rule P9).
    pub went_back: Vec<DeviceId>,
}

impl ClockEffects {
    /// Whether the clock did nothing.
    pub fn is_quiet(&self) -> bool {
        let Self { at: _, flipped, ran_out, went_away, went_back } = self;
        flipped.is_empty()
            && [ran_out, went_away, went_back].iter().all(|devices| devices.is_empty())
    }

    fn is_at(&self, at: Instant) -> bool {
        self.at == Some(at)
    }
}

/// What is counted by looking at the oracle.
pub struct CoverageProbe<'a> {
    case: &'a Case,
    zones: &'a Zones,
    /// How often each coverage point was met so far.
    pub coverage: Coverage,
    last_step: Option<(Instant, Option<DeviceId>)>,
    lost_before: BTreeSet<DeviceId>,
}

impl<'a> CoverageProbe<'a> {
    /// A probe of a case that has met nothing yet.
    pub fn new(case: &'a Case, zones: &'a Zones) -> Self {
        Self {
            case,
            zones,
            coverage: Coverage::default(),
            last_step: None,
            lost_before: BTreeSet::new(),
        }
    }

    fn scheduler<'o>(&self, oracle: &'o Oracle, widget: WidgetId) -> Option<&'o Scheduler> {
        oracle.settings(widget).scheduler.as_deref()
    }

    /// What the clock did at one instant.
    pub fn clock(&mut self, oracle: &Oracle, moment: &ClockEffects) {
        let Some(at) = moment.at else { return };
        let edges = !moment.flipped.is_empty();
        let (graces, idles) = (!moment.ran_out.is_empty(), !moment.went_away.is_empty());
        self.coverage.meet_if(edges && graces, CoveragePoint::GraceEndsAtAnEdge);
        self.coverage.meet_if(edges && idles, CoveragePoint::AwayAtAnEdge);
        self.coverage.meet_if(graces && idles, CoveragePoint::GraceEndsAsOtherGoesAway);
        self.coverage.meet_if(moment.ran_out.len() > 1, CoveragePoint::TwoGracesEnd);
        self.coverage.meet_if(moment.flipped.len() > 1, CoveragePoint::SeveralEdges);
        let back = !moment.went_back.is_empty();
        self.coverage.met(CoveragePoint::GoesBack, moment.went_back.len());
        self.coverage.meet_if(back && graces, CoveragePoint::GoesBackAsGraceEnds);
        self.coverage.meet_if(back && idles, CoveragePoint::GoesBackAsOtherGoesAway);
        self.coverage.meet_if(back && edges, CoveragePoint::GoesBackAtAnEdge);
        let lost = |device: &&DeviceId| matches!(oracle.connection(**device), Connection::Lost(_));
        self.coverage
            .met(CoveragePoint::GoesBackWithinGrace, moment.went_back.iter().filter(lost).count());
        self.coverage
            .met(CoveragePoint::AwayWithinGrace, moment.went_away.iter().filter(lost).count());
        for &widget in &moment.flipped {
            let Some(scheduler) = self.scheduler(oracle, widget) else { continue };
            let Ok(zone) = self.zones.get(&scheduler.zone) else { continue };
            let twice = matches!(zone.resolve(zone.local(at)), Local::Twice { .. });
            self.coverage.meet_if(twice, CoveragePoint::RepeatedHour);
            let before = Instant::from_millis(at.as_millis() - 1);
            let changed = before.is_some_and(|before| zone.offset_s(before) != zone.offset_s(at));
            self.coverage.meet_if(changed, CoveragePoint::ClockChangeIsAnEdge);
        }
    }

    /// What calendars do between two instants, the second one included.
    pub fn calendar(&mut self, oracle: &Oracle, from: Instant, to: Instant) {
        for (widget, ..) in self.case.widgets() {
            let Some(scheduler) = self.scheduler(oracle, widget) else { continue };
            let Ok(zone) = self.zones.get(&scheduler.zone) else { continue };
            if let Some(change) = zone.next_change(from).filter(|&change| change <= to) {
                let jump_s = zone.offset_s(change) - zone.offset_s(from);
                self.coverage.meet_if(jump_s.abs() > 20 * 3_600, CoveragePoint::DaySkipped);
                let grace_runs = self.devices().any(|device| {
                    let connection = oracle.connection(device);
                    matches!(connection, Connection::Lost(Some(until)) if until > change)
                });
                self.coverage.meet_if(grace_runs, CoveragePoint::ClockChangeWithinGrace);
            }
            let is_fixed = fixed_offset_s(&scheduler.zone).is_some();
            self.coverage.meet_if(is_fixed, CoveragePoint::FixedOffset);
            self.midnights(scheduler, zone.local(from), zone.local(to));
        }
    }

    /// The midnights between two readings of a clock.
    fn midnights(&mut self, scheduler: &Scheduler, from: NaiveDateTime, to: NaiveDateTime) {
        let hours = &scheduler.hours;
        let mut date = from.date();
        while date < to.date() {
            let evening_runs_on =
                wall::starting_on(hours, date).iter().any(|i| i.runs_past_midnight());
            self.coverage
                .meet_if(evening_runs_on && is_dated(hours, date), CoveragePoint::DatedEvening);
            let Some(next) = date.succ_opt() else { return };
            date = next;
            if is_dated(hours, date) {
                let entry = wall::starting_on(hours, date);
                self.coverage.meet_if(evening_runs_on, CoveragePoint::EveningIntoADatedDay);
                let closes = entry.is_empty() && !hours.on_weekday(date.weekday()).is_empty();
                self.coverage.meet_if(closes, CoveragePoint::DatedClosed);
            }
            self.day(hours, date);
            self.coverage.meet_if(date.ordinal0() == 0, CoveragePoint::YearTurns);
            self.coverage.meet_if((date.month(), date.day()) == (2, 29), CoveragePoint::LeapDay);
        }
        debug_assert!(to.hour() < 24, "clocks have 24 hours");
    }

    /// What the calendar brings to a day that begins.
    fn day(&mut self, hours: &WeekHours, date: NaiveDate) {
        let named: Vec<&Dates> = hours.dates.iter().map(|(dates, _)| dates).collect();
        let named: Vec<&Dates> = named.into_iter().filter(|dates| names(dates, date)).collect();
        for dates in &named {
            match dates {
                Dates::On(_) => {}
                Dates::Range(..) => self.coverage.meet(CoveragePoint::RangeOfDates),
                Dates::Yearly(_) | Dates::YearlyRange(..) => {
                    self.coverage.meet(CoveragePoint::EveryYear);
                }
                Dates::OfMonth(..) => self.coverage.meet(CoveragePoint::WeekdayOfAMonth),
                Dates::Easter(_) => self.coverage.meet(CoveragePoint::EasterDay),
            }
        }
        self.coverage.meet_if(named.len() > 1, CoveragePoint::TwoEntriesOfADay);
        let cuts: Vec<&Cut> = hours.cuts.iter().filter(|cut| names(&cut.dates, date)).collect();
        self.coverage.meet_if(!cuts.is_empty(), CoveragePoint::CutOfADay);
        self.coverage.meet_if(cuts.len() > 1, CoveragePoint::TwoCutsOfADay);
        let past = cuts.iter().flat_map(|cut| &cut.intervals).any(|i| i.runs_past_midnight());
        self.coverage.meet_if(past, CoveragePoint::CutPastMidnight);
        let began = wall::starting_on(hours, date);
        let turns = !began.is_empty() && hours.every.iter().any(|line| line.hours == began);
        self.coverage.meet_if(named.is_empty() && turns, CoveragePoint::TurnOfAWeek);
        let over_days = began.iter().any(|interval| interval.end_day() > 1);
        self.coverage.meet_if(over_days, CoveragePoint::OverDays);
    }

    /// What is about to happen, as things stand before it.
    pub fn before_step(&mut self, oracle: &Oracle, event: &Event, moment: &ClockEffects) {
        let at = oracle.now();
        if moment.is_at(at) {
            self.coverage.meet_if(!moment.flipped.is_empty(), CoveragePoint::EventAtAnEdge);
            self.coverage.meet_if(!moment.ran_out.is_empty(), CoveragePoint::EventAsGraceEnds);
            self.coverage.meet_if(!moment.went_away.is_empty(), CoveragePoint::EventAsOneGoesAway);
        }
        let device = event.device();
        if let Some(device) = device {
            self.coverage.meet_if(
                self.last_step == Some((at, Some(device))),
                CoveragePoint::SameDeviceTwice,
            );
            self.coverage.meet_if(device.slot() > 1, CoveragePoint::ThirdDevice);
            let crowd = self.case.properties.iter().any(|property| {
                property.members.len() > 7
                    && property.members.iter().any(|(agent, _)| *agent == device.agent())
            });
            self.coverage.meet_if(crowd, CoveragePoint::EighthMember);
            self.on_device(oracle, event, device, moment);
        }
        self.last_step = Some((at, device));
        match event {
            Event::SetStatusEverywhere(agent, _) | Event::SetStatusEverywhereFor(agent, ..) => {
                let own = || self.devices().filter(|device| device.agent() == *agent);
                let lost = own().any(|d| matches!(oracle.connection(d), Connection::Lost(_)));
                let out = own().any(|d| oracle.device_status(d) == DeviceStatus::LoggedOut);
                let somewhere = oracle.agent_status(*agent) != AgentStatus::Offline;
                self.coverage.meet_if(lost, CoveragePoint::EverywhereWithALost);
                self.coverage.meet_if(out && somewhere, CoveragePoint::EverywhereWithALoggedOut);
            }
            Event::Suspend(agent, property) => {
                let active = oracle.membership(*agent, *property) == Some(Member::Active);
                let online = oracle.agent_status(*agent) == AgentStatus::Online;
                let lost = self.devices().filter(|device| device.agent() == *agent);
                let lost = lost
                    .into_iter()
                    .any(|device| matches!(oracle.connection(device), Connection::Lost(_)));
                self.coverage.meet_if(active && online, CoveragePoint::SuspendedWhileOnline);
                self.coverage.meet_if(active && lost, CoveragePoint::SuspendedWithinGrace);
            }
            Event::Reinstate(agent, property) => {
                let was = oracle.membership(*agent, *property) == Some(Member::Suspended);
                let online = oracle.agent_status(*agent) == AgentStatus::Online;
                self.coverage.meet_if(was && online, CoveragePoint::ReinstatedWhileOnline);
            }
            Event::Configure(widget, setting) => self.on_setting(oracle, *widget, setting, moment),
            Event::Login(_)
            | Event::SetStatus(..)
            | Event::SetStatusFor(..)
            | Event::Logout(_)
            | Event::LogoutEverywhere(_)
            | Event::Disconnect(_)
            | Event::Reconnect(_)
            | Event::Activity(_) => {}
        }
    }

    fn devices(&self) -> impl Iterator<Item = DeviceId> + use<> {
        let counts: Vec<usize> =
            self.case.agents().map(|agent| self.case.device_count(agent)).collect();
        counts.into_iter().enumerate().flat_map(|(agent, count)| {
            (0..count).map(move |slot| DeviceId::new(agent.into(), slot))
        })
    }

    fn on_device(
        &mut self,
        oracle: &Oracle,
        event: &Event,
        device: DeviceId,
        moment: &ClockEffects,
    ) {
        const LAST_MOMENT: Millis = Millis(1_000);
        let now = oracle.now();
        let connection = oracle.connection(device);
        let lost = matches!(connection, Connection::Lost(_));
        let ran_out_now = moment.is_at(now) && moment.ran_out.contains(&device);
        let status = oracle.device_status(device);
        let coverage = &mut self.coverage;
        let is_timed = oracle.goes_back(device).is_some();
        let went_back_now = moment.is_at(now) && moment.went_back.contains(&device);
        coverage.meet_if(went_back_now, CoveragePoint::EventAsATimeIsOver);
        match event {
            Event::Login(_) => {
                coverage.meet_if(is_timed, CoveragePoint::LoginWithinATime);
                coverage.meet_if(lost, CoveragePoint::LoginWithinGrace);
                coverage.meet_if(ran_out_now, CoveragePoint::LoginAsGraceEnds);
                coverage.meet_if(connection == Connection::RanOut, CoveragePoint::LoginAfterGrace);
            }
            Event::Logout(_) => coverage.meet_if(lost, CoveragePoint::LogoutWithinGrace),
            Event::SetStatus(..) => {
                coverage.meet_if(lost, CoveragePoint::StatusWithinGrace);
                coverage.meet_if(is_timed, CoveragePoint::StatusWithinATime);
            }
            Event::SetStatusFor(..) => {
                coverage.meet_if(is_timed, CoveragePoint::TimeWithinATime);
                let by_itself = oracle.is_away_by_the_clock(device);
                coverage.meet_if(by_itself, CoveragePoint::TimeFromAutoAway);
            }
            Event::Disconnect(_) => {
                coverage.meet_if(lost, CoveragePoint::LostTwice);
                if !lost && status != DeviceStatus::LoggedOut {
                    coverage.meet_if(self.case.grace == Millis::ZERO, CoveragePoint::NoGrace);
                    coverage.meet_if(!self.lost_before.insert(device), CoveragePoint::LostAgain);
                }
            }
            Event::Reconnect(_) => {
                coverage.meet_if(ran_out_now, CoveragePoint::ReconnectAsGraceEnds);
                coverage.meet_if(connection == Connection::RanOut, CoveragePoint::ReconnectTooLate);
                if let Connection::Lost(Some(until)) = connection {
                    coverage
                        .meet_if(until.since(now) <= LAST_MOMENT, CoveragePoint::ReconnectInTime);
                }
            }
            Event::Activity(_) => {
                let by_itself = oracle.is_away_by_the_clock(device);
                let just_now = moment.is_at(now) && moment.went_away.contains(&device);
                coverage.meet_if(just_now, CoveragePoint::ActivityAsItGoesAway);
                coverage.meet_if(by_itself, CoveragePoint::ActivityBringsBack);
                coverage.meet_if(
                    status == Chosen::Away.into() && !by_itself,
                    CoveragePoint::ActivityKeepsAway,
                );
            }
            Event::SetStatusEverywhere(..)
            | Event::SetStatusEverywhereFor(..)
            | Event::LogoutEverywhere(_)
            | Event::Suspend(..)
            | Event::Reinstate(..)
            | Event::Configure(..) => {}
        }
    }

    fn on_setting(
        &mut self,
        oracle: &Oracle,
        widget: WidgetId,
        setting: &Setting,
        moment: &ClockEffects,
    ) {
        let state = oracle.scheduler_state(widget);
        if let Setting::Scheduler(scheduler) = setting {
            let at_edge = moment.is_at(oracle.now()) && moment.flipped.contains(&widget);
            self.coverage.meet_if(at_edge, CoveragePoint::SchedulerSetAtItsEdge);
            let open = state == SchedulerState::Open;
            self.coverage
                .meet_if(open && scheduler.is_some(), CoveragePoint::HoursReplacedWhileOpen);
            let closed = state == SchedulerState::Closed;
            self.coverage
                .meet_if(closed && scheduler.is_none(), CoveragePoint::SchedulerOffWhileClosed);
        }
    }

    /// Notes which points an event has met, by what the oracle said of it and the widgets it changed.
    pub fn after_step(
        &mut self,
        event: &Event,
        result: Result<(), Impossible>,
        changed: &[WidgetId],
    ) {
        self.coverage.meet_if(result.is_err(), CoveragePoint::ImpossibleEvent);
        let properties: BTreeSet<PropertyId> = self
            .case
            .widgets()
            .filter(|(widget, ..)| changed.contains(widget))
            .map(|(_, property, _)| property)
            .collect();
        self.coverage.meet_if(properties.len() > 1, CoveragePoint::TwoProperties);
        let is_setting = matches!(event, Event::Configure(_, setting)
            if !matches!(**setting, Setting::Scheduler(_)));
        self.coverage.meet_if(is_setting && !changed.is_empty(), CoveragePoint::SettingDecides);
    }

    /// Notes which points the state of all widgets meets now, each of which shows what is told.
    pub fn state(&mut self, oracle: &Oracle, shown: impl Iterator<Item = Answer>) {
        for ((widget, property, _), answer) in self.case.widgets().zip(shown) {
            let (form, _) = oracle.look_of(widget, answer.status);
            self.coverage.meet(match answer.rule {
                1 => CoveragePoint::RuleW1,
                2 => CoveragePoint::RuleW2,
                3 => CoveragePoint::RuleW3,
                4 => CoveragePoint::RuleW4,
                5 => CoveragePoint::RuleW5,
                _ => CoveragePoint::RuleW6,
            });
            self.coverage.meet_if(form == Form::PreChat, CoveragePoint::PreChatForm);
            let members = &self.case.properties[property.index()].members;
            let invisible = members.iter().any(|&(agent, _)| {
                oracle.agent_status(agent) == AgentStatus::Invisible
                    && oracle.membership(agent, property) == Some(Member::Active)
            });
            let alone = invisible && oracle.presence(property) == Presence::Nobody;
            self.coverage.meet_if(alone, CoveragePoint::InvisibleAlone);
        }
    }

    /// What a visitor meets.
    pub fn visit(&mut self, oracle: &Oracle, widget: WidgetId, visitor: &Visitor) {
        match oracle.visibility(widget, visitor) {
            Visibility::Shown => {}
            Visibility::Hidden(HiddenBecause::Page) => {
                self.coverage.meet(CoveragePoint::HiddenByPage)
            }
            Visibility::Hidden(HiddenBecause::Country) => {
                self.coverage.meet(CoveragePoint::HiddenByCountry)
            }
            Visibility::Hidden(HiddenBecause::Device) => {
                self.coverage.meet(CoveragePoint::HiddenByDevice)
            }
            Visibility::Hidden(HiddenBecause::Offline) => {
                self.coverage.meet(CoveragePoint::HiddenByStatus)
            }
        }
        let settings = oracle.settings(widget);
        let pages = settings.pages.iter().any(|(_, patterns)| !patterns.is_empty());
        self.coverage.meet_if(pages && visitor.page.is_none(), CoveragePoint::UnknownPage);
        let countries = settings.countries.is_some();
        self.coverage
            .meet_if(countries && visitor.country.is_none(), CoveragePoint::UnknownCountry);
    }
}

/// Whether an entry of its own names a date.
fn is_dated(hours: &WeekHours, date: NaiveDate) -> bool {
    hours.dates.iter().any(|(dates, _)| names(dates, date))
}
