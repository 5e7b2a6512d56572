//! What is known of all parts of a test: when they start together, who is lost, and when all are to end.

use std::collections::BTreeMap;

use super::message::{Answer, PartEnd, PartIdentity, PartMessage, StopCause};
use super::offset::ClockOffset;
use super::part::{Part, PartState, PartStatus};
use super::refusal::Refusal;
use crate::clock::{Micros, SECOND_US};
use crate::figures::{counted, duration};
use crate::gates::Gate;
use crate::merge::{MergeError, merge_held};
use crate::plan::{Shard, start_from};
use crate::result::{FORMAT, LoadResult};
use lamplighter_core::model::{Instant, Millis};

/// Parts that are ready hear of the start within this time: they ask more than once a second.
const HEARD_WITHIN_MS: i64 = 2_000;

/// What a test is gathered by.
#[derive(Clone, Debug)]
pub struct GatherSettings {
    /// How many parts there are.
    pub parts: u32,
    /// A part of which nothing was heard for so long is lost.
    pub lost_after: Micros,
    /// The gates that the whole is held against, beside those of the parts.
    pub gates: Vec<Gate>,
    /// Whether all parts end once a gate is sure to fail.
    pub abort_on_fail: bool,
}

/// Something that whoever watches should hear of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GatherEvent {
    /// What happened, in a line for a terminal.
    pub told: String,
    /// Whether something went wrong.
    pub is_bad: bool,
}

/// A test while it is gathered. Moments are microseconds of any clock that does not go back.
#[derive(Debug)]
pub struct Gathering {
    settings: GatherSettings,
    parts: BTreeMap<u32, Part>,
    /// The common start, and when it was set or heard of.
    start: Option<(Instant, Micros)>,
    end: Option<StopCause>,
    /// Whether nothing more is waited for.
    is_closed: bool,
    events: Vec<GatherEvent>,
}

impl Gathering {
    /// Nobody has said anything yet.
    pub fn new(settings: GatherSettings) -> Self {
        Self {
            settings,
            parts: BTreeMap::new(),
            start: None,
            end: None,
            is_closed: false,
            events: Vec::new(),
        }
    }

    /// A part says something.
    ///
    /// # Errors
    /// When it is no part of this test: nothing has changed then.
    pub fn hear(&mut self, message: PartMessage, now: Micros) -> Result<Answer, Refusal> {
        let PartMessage { part: identity, increment, end } = message;
        let number = self.admit(&identity)?;
        if self.start.is_none()
            && let Some(start) = identity.start_ms.and_then(Instant::from_millis)
        {
            // The gatherer before this one had set it.
            self.start = Some((start, now));
        }
        let part = self.part(number, identity, now);
        let again = increment.is_some_and(|increment| !part.received.take(increment));
        if let Some(end) = end.filter(|_| !again) {
            self.ended(number, end);
        }
        self.start_together(now);
        let start_ms = self.start.map(|(start, _)| start.as_millis());
        Ok(Answer { start_ms, end: self.end.clone(), again })
    }

    /// The number of the part that says so of itself.
    fn admit(&self, identity: &PartIdentity) -> Result<u32, Refusal> {
        let PartIdentity { format, lamplighter, shard, .. } = identity;
        if *format != FORMAT {
            return Err(Refusal::Format { lamplighter: lamplighter.clone(), found: *format });
        }
        let Shard { of, number } =
            Shard::parse(shard).map_err(|_| Refusal::Shard(shard.clone()))?;
        if of != self.settings.parts {
            return Err(Refusal::Division { shard: shard.clone(), parts: self.settings.parts });
        }
        if let Some(other) = self.parts.values().find(|part| part.shard.number != number) {
            alike(identity, &other.identity)?;
        }
        let start_ms = self.start.map(|(start, _)| start.as_millis());
        if identity.start_ms.is_some() && start_ms.is_some() && identity.start_ms != start_ms {
            return Err(Refusal::OtherRun(shard.clone()));
        }
        match self.parts.get(&number) {
            Some(known) if known.identity.session == identity.session => {}
            Some(known) if !matches!(known.state, PartState::Lost(_)) => {
                return Err(Refusal::Taken(shard.clone()));
            }
            _ if start_ms.is_some() && identity.start_ms.is_none() => {
                return Err(Refusal::TooLate(shard.clone()));
            }
            _ => {}
        }
        Ok(number)
    }

    /// The part of this number, with what it says of itself.
    fn part(&mut self, number: u32, identity: PartIdentity, now: Micros) -> &mut Part {
        let is_known = |part: &Part| part.identity.session == identity.session;
        if !self.parts.get(&number).is_some_and(is_known) {
            let shard = Shard { of: self.settings.parts, number };
            let part = Part {
                shard,
                identity: PartIdentity { ready: None, ..identity.clone() },
                received: Default::default(),
                heard_at: now,
                ready_at: now,
                state: PartState::Preparing,
            };
            self.parts.insert(number, part);
            self.push_event(format!("shard {shard} is there{}", clock(&identity)), false);
        }
        let part = self.parts.get_mut(&number).expect("it was put in where it was not there");
        part.heard_at = now;
        if identity.ready.is_some() && part.identity.ready.is_none() {
            part.ready_at = now;
        }
        part.identity = identity;
        let state = match (part.identity.ready, part.identity.start_ms) {
            (_, Some(_)) => PartState::Playing,
            (Some(_), None) => PartState::Ready,
            (None, None) => PartState::Preparing,
        };
        let before = std::mem::replace(&mut part.state, state);
        let happening = match (&before, &part.state) {
            (PartState::Done, _) => {
                part.state = before;
                None
            }
            (PartState::Lost(_), _) => Some("is heard of again"),
            (PartState::Preparing, PartState::Ready) => Some("is ready"),
            _ => None,
        };
        let told = happening.map(|told| format!("shard {} {told}", part.shard));
        self.events.extend(told.map(|told| GatherEvent { told, is_bad: false }));
        self.parts.get_mut(&number).expect("it was put in where it was not there")
    }

    fn ended(&mut self, number: u32, end: PartEnd) {
        match end {
            PartEnd::Done => {
                let part = self.parts.get_mut(&number).expect("it has just been heard");
                let told = format!("shard {} is done", part.shard);
                let before = std::mem::replace(&mut part.state, PartState::Done);
                if before != PartState::Done {
                    self.push_event(told, false);
                }
            }
            PartEnd::Failed(why) => self.loses(number, format!("it failed: {why}")),
        }
    }

    /// A part says no more.
    fn loses(&mut self, number: u32, why: String) {
        let part = self.parts.get_mut(&number).expect("only parts that are known are lost");
        part.state = PartState::Lost(why.clone());
        let what = match self.start {
            None => "the start waits until another generator plays it".to_owned(),
            Some(_) => format!("{} of the plan is unjudged", percent(part.unjudged())),
        };
        let told = format!("shard {} is lost, {what}: {why}", part.shard);
        self.push_event(told, true);
    }

    /// Sets the common start once all are ready: so far ahead that whoever needs longest has all hours on
    /// the target by then.
    fn start_together(&mut self, now: Micros) {
        let ready: Vec<&Part> = self.parts.values().filter(|part| part.ready().is_some()).collect();
        if self.start.is_some() || ready.len() < self.settings.parts as usize {
            return;
        }
        let earliest_ms = ready.iter().filter_map(|part| {
            let ready = part.ready()?;
            Some(ready.target_now_ms + (now - part.ready_at) / 1_000 + ready.lead_ms)
        });
        let earliest_ms = earliest_ms.max().unwrap_or_default() + HEARD_WITHIN_MS;
        let duration =
            Millis(ready.iter().map(|part| part.identity.duration_ms).max().unwrap_or(0));
        let earliest = Instant::from_millis(earliest_ms).unwrap_or(Instant::MAX);
        let start = start_from(earliest, duration);
        self.start = Some((start, now));
        let apart = self.apart(start).unwrap_or_default();
        let told = match self.settings.parts {
            1 => format!("the one part is ready, and starts at {start}"),
            parts => format!(
                "all {} are ready, and start at {start}, {} ± {} apart by their clocks",
                counted(u64::from(parts), "part"),
                duration_of(apart.ahead_us),
                duration_of(apart.uncertain_us),
            ),
        };
        self.push_event(told, false);
    }

    /// How far apart the first part and the last one start by what is known of their clocks.
    fn apart(&self, start: Instant) -> Option<ClockOffset> {
        let starts = || self.parts.values().filter_map(|part| part.starts_at_us(start));
        let first = starts().min_by_key(|at| at.ahead_us)?;
        let last = starts().max_by_key(|at| at.ahead_us)?;
        Some(ClockOffset {
            ahead_us: last.ahead_us - first.ahead_us,
            uncertain_us: last.uncertain_us + first.uncertain_us,
        })
    }

    /// Time goes on: whoever was not heard of for too long is lost, and all are to end where a gate is sure to
    /// fail.
    pub fn look(&mut self, now: Micros) {
        let silent = self
            .parts
            .iter()
            .filter(|(_, part)| part.goes_on() && now - part.heard_at > self.settings.lost_after);
        let silent: Vec<(u32, Micros)> =
            silent.map(|(number, part)| (*number, now - part.heard_at)).collect();
        for (number, silent_for) in silent {
            self.loses(number, format!("nothing was heard of it for {}", duration_of(silent_for)));
        }
        if self.settings.abort_on_fail
            && self.end.is_none()
            && let Ok(Some(whole)) = self.whole()
            && let Some(gate) = sure_to_fail(&whole)
        {
            self.push_event(format!("all parts end: a gate failed: {gate}"), true);
            self.end = Some(StopCause::Gate(gate));
        }
    }

    /// All parts are to end, for whoever watches wants it.
    pub fn interrupt(&mut self) {
        if self.end.is_none() {
            self.push_event("all parts end: Ctrl-C, or a signal to end".to_owned(), true);
            self.end = Some(StopCause::Interrupted);
        }
    }

    /// Whether nothing more will come.
    pub fn is_over(&self, now: Micros) -> bool {
        let is_late = |since: Micros| now - since > self.settings.lost_after;
        let all_there = self.parts.len() == self.settings.parts as usize;
        let nobody_goes_on = !self.parts.values().any(Part::goes_on);
        match (self.start, &self.end) {
            (Some((_, since)), _) => nobody_goes_on && (all_there || is_late(since)),
            (None, Some(_)) => nobody_goes_on,
            (None, None) => false,
        }
    }

    /// Nothing more is waited for: from now on the whole says what it lacks.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// What all parts have told so far as one result, held against the gates; `None` where none has told
    /// anything. Once the test is closed, a whole that lacks something says so, and that it was cut off.
    ///
    /// # Errors
    /// When the results are not those of one run.
    pub fn whole(&self) -> Result<Option<LoadResult>, MergeError> {
        let results = self.parts.values().filter_map(|part| part.received.result().cloned());
        let results: Vec<LoadResult> = results.collect();
        match results.is_empty() {
            true => Ok(None),
            false => {
                merge_held(results, &self.settings.gates).map(|whole| Some(self.lacking(whole)))
            }
        }
    }

    fn lacking(&self, mut whole: LoadResult) -> LoadResult {
        let lacks = self.lacks().unwrap_or_default();
        whole.about.interrupted |= !lacks.is_empty();
        whole.unfinished.extend(lacks);
        whole
    }

    /// What is to be said of parts that are not all there, a line each; none where all is whole, `None` while
    /// the test is not closed.
    pub fn lacks(&self) -> Option<Vec<String>> {
        if !self.is_closed {
            return None;
        }
        let of = self.settings.parts;
        let lack = |number| match self.parts.get(&number) {
            Some(Part { state: PartState::Done, .. }) => None,
            Some(part) => {
                let why = match &part.state {
                    PartState::Lost(why) => why,
                    _ => "it had not ended",
                };
                let share = percent(part.unjudged());
                Some(format!(
                    "shard {} was lost, {share} of the plan is unjudged: {why}",
                    part.shard
                ))
            }
            None => {
                let shard = Shard { of, number };
                Some(format!("shard {shard} was never heard of, its part of the plan is unjudged"))
            }
        };
        Some((1..=of).filter_map(lack).collect())
    }

    /// How each part is doing, in their order.
    pub fn statuses(&self) -> Vec<PartStatus> {
        let of = self.settings.parts;
        let status = |number| match self.parts.get(&number) {
            Some(part) => part.status(),
            None => PartStatus {
                shard: Shard { of, number }.to_string(),
                state: None,
                clock: Default::default(),
                lasted_ms: 0,
                sent: 0,
                wrong: 0,
            },
        };
        (1..=of).map(status).collect()
    }

    /// The common start on the target's clock, once it is known.
    pub fn start(&self) -> Option<Instant> {
        self.start.map(|(start, _)| start)
    }

    /// What has happened since it was asked last.
    pub fn take_events(&mut self) -> Vec<GatherEvent> {
        std::mem::take(&mut self.events)
    }

    fn push_event(&mut self, told: String, is_bad: bool) {
        self.events.push(GatherEvent { told, is_bad });
    }
}

/// Whether two parts are of one plan.
fn alike(one: &PartIdentity, other: &PartIdentity) -> Result<(), Refusal> {
    let ms = |ms: u64| format!("{ms} ms");
    let identity = [
        ("the plan", one.plan.clone(), other.plan.clone()),
        ("the length", ms(one.duration_ms), ms(other.duration_ms)),
    ];
    match identity.into_iter().find(|(_, one, other)| one != other) {
        None => Ok(()),
        Some((what, in_one, in_other)) => Err(Refusal::Plan {
            shard: one.shard.clone(),
            other: other.shard.clone(),
            what,
            one: in_one,
            two: in_other,
        }),
    }
}

/// The gate by which the whole is sure to fail.
fn sure_to_fail(whole: &LoadResult) -> Option<String> {
    let gates = whole.gates.iter().filter_map(|verdict| Gate::parse(&verdict.gate).ok());
    let failed = gates.into_iter().find(|gate| gate.is_final() && gate.is_exceeded(whole))?;
    Some(failed.to_string())
}

/// How far a part's clock is from the gatherer's, behind what is said of it.
fn clock(identity: &PartIdentity) -> String {
    let ahead_us = -identity.clock.ahead_us;
    format!(
        ", its clock {} {} ± {}",
        duration_of(ahead_us.abs()),
        if ahead_us < 0 { "behind" } else { "ahead" },
        duration_of(identity.clock.uncertain_us)
    )
}

fn duration_of(us: Micros) -> String {
    match us {
        ..SECOND_US => duration(us as f64),
        _ => duration((us / 100_000 * 100_000) as f64),
    }
}

/// A share of the plan, to a tenth of a percent.
fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

#[cfg(test)]
mod tests;
