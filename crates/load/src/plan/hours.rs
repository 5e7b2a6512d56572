//! Hours that are laid around a run: edges of schedulers that show, and widgets that are open while a
//! hand-over is.

use std::sync::Arc;

use chrono::Timelike;

use super::knobs::RunKnobs;
use super::model::{PlannedProperty, PlannedWidget, PropertyIndex};
use super::quota::{HandOverSpan, Quota, minutes};
use crate::clock::Micros;
use lamplighter_core::hours::{Schedule, UnknownZone, Zones};
use lamplighter_core::model::knobs::{EndMinute, Overnight};
use lamplighter_core::model::{
    Answer, Chat, DAY_MINUTES, Instant, Interval, Presence, RuleSet, Scheduler, SchedulerState,
    Settings, WeekHours, WidgetStatus,
};
use lamplighter_core::rules;
use lamplighter_scenario::synth::random::RandomStream;

/// Minutes that hours last which begin or end in the run.
const LENGTH: u16 = 8 * 60;

/// A full minute of the run at which an edge shows, in milliseconds since 1970, if there is one.
pub fn some_minute(knobs: &RunKnobs, stream: &mut RandomStream) -> Option<i64> {
    let (first, last) = minutes(knobs.start, knobs.duration)?;
    let which = stream.below((last - first + 1).clamp(1, 1_000_000) as u32);
    Some((first + i64::from(which)) * 60_000)
}

/// Hours of some minutes' length from a minute of the day on.
pub fn hours(from: u16, length: u16) -> Option<Interval> {
    let from = from % DAY_MINUTES;
    let end = (from + length) % DAY_MINUTES;
    Interval::new(from, if end == 0 { DAY_MINUTES } else { end })
}

/// Hours of some minutes' length that end at a minute of the day.
pub fn before(minute: u16, length: u16) -> Option<Interval> {
    hours(minute + DAY_MINUTES - length, length)
}

/// The same hours every day.
pub fn every_day(zone: String, day: &[Interval]) -> Arc<Scheduler> {
    let weekdays = std::array::from_fn(|_| day.to_vec());
    Arc::new(Scheduler { zone, hours: WeekHours { weekdays, ..WeekHours::default() } })
}

/// Hours that open at a minute of the day, by the rules of a target.
fn opening_at(rules: &RuleSet, minute: u16) -> Option<Interval> {
    match rules.overnight {
        Overnight::Wraps => hours(minute, LENGTH),
        Overnight::NeverOpens => hours(minute, LENGTH.min(DAY_MINUTES - minute)),
    }
}

/// Hours that close at a minute of the day, by the rules of a target.
fn closing_at(rules: &RuleSet, minute: u16) -> Option<Interval> {
    let end = match rules.end_minute {
        EndMinute::Closed => minute,
        // No clock reads 24:00: hours that end there close there.
        EndMinute::Open if minute == 0 => minute,
        EndMinute::Open => minute - 1,
    };
    match (rules.overnight, end) {
        (Overnight::NeverOpens, 1..) => before(end, LENGTH.min(end)),
        (Overnight::NeverOpens, 0) | (Overnight::Wraps, _) => before(end, LENGTH),
    }
}

/// What is shown in a state of a scheduler, whoever is there.
fn shown(
    rules: &RuleSet,
    scheduler: SchedulerState,
    presence: Presence,
    settings: &Settings,
) -> (WidgetStatus, Chat) {
    let setting = settings.offline_when_all_agents_offline;
    let Answer { status, chat, .. } = rules::answer(rules, scheduler, presence, setting);
    (status, chat)
}

/// Whether it shows in a state of a scheduler that nobody is there any more.
fn shows_presence(rules: &RuleSet, scheduler: SchedulerState, settings: &Settings) -> bool {
    let by = |presence| shown(rules, scheduler, presence, settings);
    by(Presence::Online) != by(Presence::Nobody)
}

/// Whether an edge of a scheduler shows, whoever is there.
pub fn shows_edges(rules: &RuleSet, settings: &Settings) -> bool {
    [Presence::Nobody, Presence::Away, Presence::Online].into_iter().all(|presence| {
        let by = |scheduler| shown(rules, scheduler, presence, settings);
        by(SchedulerState::Open) != by(SchedulerState::Closed)
    })
}

/// A world whose hours are laid.
pub struct HoursPlanner<'w> {
    /// What the plan is drawn from, its length above all.
    pub knobs: &'w RunKnobs,
    /// The zones in which schedulers tell time.
    pub zones: &'w Zones,
    /// The properties whose hours are laid around the run.
    pub properties: &'w [PlannedProperty],
}

impl HoursPlanner<'_> {
    /// Lays into as many widgets of each cluster an edge that shows as its quota says, and lets as many
    /// properties be open while its hand-overs are; where not so many are so by chance. The hours of a
    /// given world stay as they are, and a target without hours gets none.
    ///
    /// # Errors
    /// When a scheduler is in a zone that nobody knows.
    pub fn lay(
        &self,
        quotas: &[Quota],
        spans: &[Option<HandOverSpan>],
        widgets: &mut [PlannedWidget],
    ) -> Result<(), UnknownZone> {
        let stays = self.knobs.given.is_some() || !self.knobs.limits.has_hours();
        let edges_show = shows_edges(&self.knobs.limits.rules, &Settings::default());
        for (quota, span) in quotas.iter().zip(spans) {
            if !stays {
                if edges_show {
                    self.lay_edges(quota, span.as_ref(), widgets)?;
                }
                if let Some(span) = span {
                    self.open(quota, span, widgets)?;
                }
            }
        }
        Ok(())
    }

    /// How many properties of each cluster have an edge that shows, in the order of the quotas.
    ///
    /// # Errors
    /// When a scheduler is in a zone that nobody knows.
    pub fn edges(
        &self,
        quotas: &[Quota],
        widgets: &[PlannedWidget],
    ) -> Result<Vec<u64>, UnknownZone> {
        let with_edges = |quota: &Quota| Ok(self.with_an_edge(quota, widgets)?.len() as u64);
        quotas.iter().map(with_edges).collect()
    }

    /// The properties of a cluster with an edge that shows.
    fn with_an_edge(
        &self,
        quota: &Quota,
        widgets: &[PlannedWidget],
    ) -> Result<Vec<PropertyIndex>, UnknownZone> {
        let mut found = Vec::new();
        for &property in &quota.properties {
            for widget in self.properties[property as usize].widgets.clone() {
                if self.has_an_edge(&widgets[widget as usize].settings)? {
                    found.push(property);
                    break;
                }
            }
        }
        Ok(found)
    }

    fn lay_edges(
        &self,
        quota: &Quota,
        span: Option<&HandOverSpan>,
        widgets: &mut [PlannedWidget],
    ) -> Result<(), UnknownZone> {
        let mut there = self.with_an_edge(quota, widgets)?;
        let mut without = quota.properties.clone();
        without.retain(|property| !there.contains(property));
        let mut stream = self.stream(quota, 1);
        while there.len() < quota.count && !without.is_empty() {
            let property = without.swap_remove(stream.below(without.len() as u32) as usize);
            let Some(edge) = some_minute(self.knobs, &mut stream) else { break };
            self.set_edge(property, edge, (span, stream.chance(50)), widgets)?;
            there.push(property);
        }
        Ok(())
    }

    /// Lets a property's own widget open or close at an instant: so that it is open while a hand-over is,
    /// or as it is drawn.
    fn set_edge(
        &self,
        property: PropertyIndex,
        edge: i64,
        (span, drawn): (Option<&HandOverSpan>, bool),
        widgets: &mut [PlannedWidget],
    ) -> Result<(), UnknownZone> {
        let widget = &mut widgets[self.properties[property as usize].widgets.start as usize];
        let mut settings = (*widget.settings).clone();
        let known = settings.scheduler.as_ref().map(|scheduler| scheduler.zone.clone());
        let zone = known.unwrap_or_else(|| "UTC".to_owned());
        let instant = Instant::from_millis(edge).unwrap_or(self.knobs.start);
        let local = self.zones.get(&zone)?.local(instant).time();
        let minute = (local.hour() * 60 + local.minute()) as u16;
        let at = (edge - self.knobs.start.as_millis()) * 1_000;
        let opens = match span {
            Some(span) if at <= span.from => true,
            Some(span) if at >= span.to => false,
            _ => drawn,
        };
        let rules = &self.knobs.limits.rules;
        let day = if opens { opening_at(rules, minute) } else { closing_at(rules, minute) };
        let day: Vec<Interval> = day.into_iter().collect();
        settings.scheduler = Some(every_day(zone, &day));
        // Otherwise a closed one looks like one that nobody attends to (rule W5).
        settings.offline_when_all_agents_offline = false;
        widget.settings = Arc::new(settings);
        Ok(())
    }

    /// Lets as many properties be open while hand-overs are as there are to be.
    fn open(
        &self,
        quota: &Quota,
        span: &HandOverSpan,
        widgets: &mut [PlannedWidget],
    ) -> Result<(), UnknownZone> {
        let (mut open, mut closed) = (0, Vec::new());
        for &property in &quota.properties {
            match self.is_open(property, span, widgets)? {
                true => open += 1,
                false => closed.push(property),
            }
        }
        let mut edges = self.with_an_edge(quota, widgets)?;
        let mut stream = self.stream(quota, 2);
        // Some more than there are to be: not at each of them somebody can take over.
        while open < 2 * quota.count && !closed.is_empty() {
            let property = closed.swap_remove(stream.below(closed.len() as u32) as usize);
            let is_needed = edges.contains(&property) && edges.len() <= quota.count;
            match some_minute(self.knobs, &mut stream) {
                Some(edge) if is_needed => {
                    self.set_edge(property, edge, (Some(span), true), widgets)?
                }
                None if is_needed => {}
                _ => {
                    edges.retain(|other| *other != property);
                    let own = self.properties[property as usize].widgets.start as usize;
                    let mut settings = (*widgets[own].settings).clone();
                    settings.scheduler = None;
                    widgets[own].settings = Arc::new(settings);
                }
            }
            open += usize::from(self.is_open(property, span, widgets)?);
        }
        Ok(())
    }

    /// Whether a widget of a property shows that nobody is there any more: its hours don't close it, or
    /// don't matter by the target's rules.
    ///
    /// # Errors
    /// When a scheduler is in a zone that nobody knows.
    pub fn is_open(
        &self,
        property: PropertyIndex,
        span: &HandOverSpan,
        widgets: &[PlannedWidget],
    ) -> Result<bool, UnknownZone> {
        let start = self.knobs.start.as_millis();
        let at = |us: Micros| Instant::from_millis(start + us / 1_000).unwrap_or(self.knobs.start);
        for widget in self.properties[property as usize].widgets.clone() {
            let settings = &widgets[widget as usize].settings;
            let rules = &self.knobs.limits.rules;
            let Some(schedule) = self.schedule(settings)? else {
                if shows_presence(rules, SchedulerState::Off, settings) {
                    return Ok(true);
                }
                continue;
            };
            let is_open = schedule.is_open(at(span.from));
            let state = if is_open { SchedulerState::Open } else { SchedulerState::Closed };
            let stays = schedule.next_edge(at(span.from)).is_none_or(|edge| edge >= at(span.to));
            let other = if is_open { SchedulerState::Closed } else { SchedulerState::Open };
            if shows_presence(rules, state, settings)
                && (stays || shows_presence(rules, other, settings))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a widget opens or closes within the run, and shows it whoever is there.
    fn has_an_edge(&self, settings: &Settings) -> Result<bool, UnknownZone> {
        let RunKnobs { start, duration, limits, .. } = self.knobs;
        let Some((first, last)) = minutes(*start, *duration) else { return Ok(false) };
        if !shows_edges(&limits.rules, settings) {
            return Ok(false);
        }
        let Some(schedule) = self.schedule(settings)? else { return Ok(false) };
        let before = Instant::from_millis(first * 60_000 - 1).unwrap_or(*start);
        Ok(schedule.next_edge(before).is_some_and(|edge| edge.as_millis() <= last * 60_000))
    }

    /// A widget's hours as the target's rules read them (rules S3, S4).
    fn schedule(&self, settings: &Settings) -> Result<Option<Schedule>, UnknownZone> {
        let Some(scheduler) = &settings.scheduler else { return Ok(None) };
        let hours = rules::hours(&self.knobs.limits.rules, &scheduler.hours);
        Ok(Some(Schedule::new(self.zones.get(&scheduler.zone)?, &hours)))
    }

    fn stream(&self, quota: &Quota, purpose: u64) -> RandomStream {
        RandomStream::fork(self.knobs.world.seed, b"quotas..", quota.cluster.into(), purpose)
    }
}
