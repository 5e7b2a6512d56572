//! Facts in words, in the names and the zone of a file.

use chrono::NaiveDate;

use super::anomaly::Anomaly;
use super::facts::{AgentFacts, ChangesFacts, Discrepancy, Fact, Facts, HoursFacts, MembersFacts};
use super::special_hours::SpecialHours;
use crate::language::{Roster, time};
use lamplighter_core::hours::Zone;
use lamplighter_core::model::text::{Country, two_units, write_date, write_local};
use lamplighter_core::model::{
    AgentStatus, Answer, Chat, DeviceId, DeviceStatus, Instant, Millis, SchedulerState, Visitor,
    WidgetStatus,
};
use lamplighter_core::world::{Cause, Connection, DeviceFacts, GoesBack, Membership, NextChange};

/// Puts facts into words.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// The names that the ids in facts stand for.
    pub roster: &'a Roster,
    /// The zone of the file's local times.
    pub zone: &'a Zone,
}

impl<'a> Facts<'a> {
    /// What puts facts of this world into words.
    pub fn words(self) -> Words<'a> {
        Words { roster: self.roster, zone: self.zone }
    }
}

impl Words<'_> {
    /// A fact behind a failure, as it was at an instant: one line.
    pub fn fact(&self, fact: &Fact, now: Instant) -> String {
        match fact {
            Fact::AlsoFalse { expected, found } => {
                format!("also: expected {expected}, found {found}")
            }
            Fact::AlsoSeen(Discrepancy { seen, rules }) => {
                format!("also: the service says {seen}, the rules say {rules}")
            }
            Fact::RowsToCome(rows) => rows_to_come(rows),
            Fact::Changes(changes) => self.changes(changes, now),
            Fact::Anomalies(first, more) => anomalies(first, *more),
            Fact::Visitor(visitor) => self.visitor(visitor),
            Fact::Widget(answer) => format!("the widget is {}", self.answer(*answer)),
            Fact::ByTheRules(answer) => format!("by the rules it is {}", self.answer(*answer)),
            Fact::DecidedBy(..) => {
                format!("decided by other rules: {}", fact.knob_and_position().unwrap_or_default())
            }
            Fact::Members(members) => self.members(members, now),
            Fact::Agent(agent) => self.agent(agent, now),
            Fact::Hours(None) => "the scheduler is off: hours do not matter (rule S1)".to_owned(),
            Fact::Hours(Some(hours)) => self.hours(hours, now),
            Fact::Next(next) => self.next_change(next.as_ref(), now),
            Fact::NextOfAgent(next) => self.next_change_of_agent(next.as_ref(), now),
        }
    }

    /// `2026-03-09 09:10 America/New_York (2026-03-09T13:10:00Z)`
    pub fn instant(&self, at: Instant) -> String {
        format!("{} {} ({at})", write_local(self.zone.local(at)), self.zone.name())
    }

    /// `away (agent-away, rule W3)`
    pub fn answer(&self, answer: Answer) -> String {
        format!("{} ({}, rule W{})", answer.status, answer.reason, answer.rule)
    }

    /// `offline at first; 09:00 online; 12:00 away; and 3 more`
    fn changes(&self, changes: &ChangesFacts, now: Instant) -> String {
        let shown = |answer: &Answer| match (answer.status, answer.chat) {
            (WidgetStatus::Online, Chat::No) => format!("{}, {}", answer.status, answer.chat),
            _ => answer.status.to_string(),
        };
        let mut words = vec![format!("{} at first", shown(&changes.before))];
        for (at, answer) in &changes.first {
            let at = time::write_after(*at, now, self.zone);
            words.push(format!("{at} {}", shown(answer)));
        }
        if changes.more > 0 {
            words.push(format!("and {} more", changes.more));
        }
        words.join("; ")
    }

    /// `visitor: page /pricing, country unknown, device mobile`
    fn visitor(&self, visitor: &Visitor) -> String {
        let unknown = "unknown";
        format!(
            "visitor: page {}, country {}, device {}",
            visitor.page.as_deref().unwrap_or(unknown),
            visitor.country.as_ref().map_or(unknown, Country::as_str),
            visitor.device.map_or(unknown, |device| device.word()),
        )
    }

    /// `ann is away (laptop away, phone logged out 2 min ago); bob is invisible (desk)`
    pub fn members(&self, members: &MembersFacts, now: Instant) -> String {
        let mut words: Vec<String> = members
            .first
            .iter()
            .map(|(agent, membership)| match membership {
                Membership::Suspended => format!("{}, suspended", self.agent(agent, now)),
                Membership::Active => self.agent(agent, now),
            })
            .collect();
        if members.more > 0 {
            words.push(format!("and {} more members", members.more));
        }
        if words.is_empty() {
            words.push(format!("{} has no members", self.roster.properties.name(members.property)));
        }
        words.join("; ")
    }

    /// `ann is away (laptop away, phone logged out 2 min ago)`
    pub fn agent(
        &self,
        AgentFacts { agent, status, devices }: &AgentFacts,
        now: Instant,
    ) -> String {
        let said_by_status = |device: &DeviceFacts| {
            device.status != DeviceStatus::LoggedOut
                && AgentStatus::from(device.status) == *status
                && !device.away_by_rule
                && device.goes_back.is_none()
                && !matches!(device.connection, Connection::Lost { .. })
        };
        let plain = devices.iter().all(said_by_status);
        let devices: Vec<String> = devices
            .iter()
            .map(|device| {
                let name = self.roster.device_name(device.device);
                if plain { name.to_owned() } else { format!("{name} {}", self.device(device, now)) }
            })
            .collect();
        let devices = match devices.is_empty() {
            true => "never logged in".to_owned(),
            false => devices.join(", "),
        };
        format!("{} is {status} ({devices})", self.roster.agents.name(*agent))
    }

    /// `logged out 2 min ago`, `away by auto-away`, `online, connection lost, logged out in 1 min 30 s`
    fn device(&self, device: &DeviceFacts, now: Instant) -> String {
        match (device.status, device.connection) {
            (DeviceStatus::LoggedOut, connection) => {
                let ago = match device.since.map(|since| now.since(since)) {
                    None => String::new(),
                    Some(Millis::ZERO) => " just now".to_owned(),
                    Some(length) => format!(" {} ago", two_units(length)),
                };
                match connection {
                    Connection::RanOut => format!("lost its connection, logged out{ago}"),
                    _ => format!("logged out{ago}"),
                }
            }
            (status, Connection::Lost { until: Some(until) }) => {
                format!("{status}, connection lost, logged out in {}", two_units(until.since(now)))
            }
            (status, Connection::Lost { until: None }) => format!("{status}, connection lost"),
            (status, _) if device.away_by_rule => format!("{status} by auto-away"),
            (status, _) => match device.goes_back {
                Some(GoesBack { to, at: Some(at) }) => {
                    format!("{status} for {} more, then {to}", two_units(at.since(now)))
                }
                Some(_) | None => status.to_string(),
            },
        }
    }

    /// `scheduler closed: Mon 2026-03-09 08:55 in America/New_York, opens 09:00`
    pub fn hours(
        &self,
        HoursFacts { zone, state, special, next_edge }: &HoursFacts,
        now: Instant,
    ) -> String {
        let local = zone.local(now);
        let (state, then) = match state {
            SchedulerState::Open => ("open", "closes"),
            _ => ("closed", "opens"),
        };
        let next = match next_edge {
            Some(at) => format!("{then} {}", time::write_after(*at, now, zone)),
            None => format!("never {then}"),
        };
        let weekday = local.format("%a");
        let special = special.as_ref().map_or_else(String::new, special_words);
        let local = write_local(local);
        format!("scheduler {state}: {weekday} {local} in {}, {next}{special}", zone.name())
    }

    /// `next change by the clock: offline at 17:00, scheduler closes`
    pub fn next_change(&self, next: Option<&NextChange>, now: Instant) -> String {
        by_the_clock(next.map(|next| self.change(next, now)))
    }

    /// `next change by the clock: away at 17:00, ann goes away on laptop by auto-away`
    pub fn next_change_of_agent(
        &self,
        next: Option<&NextChange<AgentStatus>>,
        now: Instant,
    ) -> String {
        by_the_clock(next.map(|next| self.happening(next.answer.word(), next, now)))
    }

    /// `offline at 17:00, scheduler closes`
    pub fn change(&self, next: &NextChange, now: Instant) -> String {
        let answer = next.answer;
        let without_chat = answer.status == WidgetStatus::Online && answer.chat == Chat::No;
        let chat = if without_chat { " without a chat" } else { "" };
        self.happening(&format!("{}{chat}", answer.status), next, now)
    }

    fn happening<T>(&self, answer: &str, next: &NextChange<T>, now: Instant) -> String {
        let at = time::write_after(next.at, now, self.zone);
        let causes: Vec<String> = next.causes.iter().map(|cause| self.cause(*cause)).collect();
        format!("{answer} at {at}, {}", causes.join(", "))
    }

    fn cause(&self, cause: Cause) -> String {
        let device = |device: DeviceId| {
            let agent = self.roster.agents.name(device.agent());
            (agent, self.roster.device_name(device))
        };
        match cause {
            Cause::SchedulerOpens => "scheduler opens".to_owned(),
            Cause::SchedulerCloses => "scheduler closes".to_owned(),
            Cause::GraceRunsOut(lost) => {
                let (agent, name) = device(lost);
                format!("{agent}'s grace on {name} runs out")
            }
            Cause::GoesBack(timed, to) => {
                let (agent, name) = device(timed);
                format!("{agent} goes back to {to} on {name}")
            }
            Cause::GoesAway(idle) => {
                let (agent, name) = device(idle);
                format!("{agent} goes away on {name} by auto-away")
            }
            Cause::IdleLogsOut(idle) => {
                let (agent, name) = device(idle);
                format!("{agent} is logged out on {name} by auto-away (rule P8, idle = logged-out)")
            }
        }
    }
}

/// `day.csv:2: it is not logged in there; and 3 more`
fn anomalies(first: &[Anomaly], more: u64) -> String {
    let row = |row: &Anomaly| format!("{}:{}: {}", row.path.display(), row.line, row.why);
    let mut words: Vec<String> = first.iter().map(row).collect();
    if more > 0 {
        words.push(format!("and {more} more"));
    }
    words.join("; ")
}

/// `rows of this very instant come later: day.csv:2: ann logs in on laptop; and 3 more`
fn rows_to_come(rows: &[String]) -> String {
    const NAMED_MAX: usize = 3;
    let mut words: Vec<String> = rows.iter().take(NAMED_MAX).cloned().collect();
    if let Some(more @ 1..) = rows.len().checked_sub(NAMED_MAX) {
        words.push(format!("and {more} more"));
    }
    format!("rows of this very instant come later: {}", words.join("; "))
}

/// `; 12:00-13:00 is cut out of Thu 2026-03-12 (rule S8)`
fn special_words(special: &SpecialHours) -> String {
    let day = |date: &NaiveDate| format!("{} {}", date.format("%a"), write_date(*date));
    match special {
        SpecialHours::DayBefore(date, interval) => format!(
            "; these are the hours of {}, `{interval}`, past midnight (rules S4, S5)",
            day(date)
        ),
        SpecialHours::Cut(date, interval) => {
            format!("; `{interval}` is cut out of {} (rule S8)", day(date))
        }
        SpecialHours::Line(date, line) => {
            format!("; {} has hours of its own: {line}", day(date))
        }
        SpecialHours::OtherWeek(date, line) => {
            format!("; {} is in another week than those of `{line}` (rule S9)", day(date))
        }
    }
}

fn by_the_clock(change: Option<String>) -> String {
    format!("next change by the clock: {}", change.as_deref().unwrap_or("none"))
}
