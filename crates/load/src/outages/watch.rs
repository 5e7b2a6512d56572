//! Finds outages while a run goes on: of each call it is told when it was sent and how it ended.

use std::collections::BTreeMap;

use super::after::{AnswersAfter, is_asked_for};
use super::failure_side::{FailureSide, failure_side};
use crate::clock::{Micros, SECOND_US};
use crate::history::{Completion, Effect, Record, WriteId};
use crate::observation::Observation;
use crate::plan::{PropertyIndex, RunPlan};
use crate::result::{Class, Outage};

/// So many calls have to do with an outage at least.
const CALLS_MIN: u64 = 10;
/// An outage in which calls failed lasts so long at least,
const FAILING_MIN: Micros = SECOND_US / 2;
/// and one in which they only had to wait so long.
const WAITING_MIN: Micros = 2 * SECOND_US;
/// A call has waited for the end of an outage that was sent so long before it.
const WAITED_MIN: Micros = SECOND_US / 10;
/// A generator that wakes up later than this is late itself.
const OWN_LATE_MIN: Micros = SECOND_US / 4;
/// So many outages are kept, the first ones.
const KEPT_MAX: usize = 1_000;

/// When a call was sent, and when it was answered or given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpanOfCall {
    /// The moment at which it was sent, or was to be sent where it never was.
    pub sent: Micros,
    /// The moment of its end, in microseconds of the run; `None` while it goes on.
    pub ended: Micros,
}

/// Calls that have failed since the last right answer.
#[derive(Clone, Debug)]
struct FailingCalls {
    /// When the first of them was sent.
    since: Micros,
    /// When the last of them had failed.
    until: Micros,
    failed: BTreeMap<String, u64>,
}

/// A time without a right answer, which may be an outage.
#[derive(Clone, Debug)]
struct Gap {
    outage: Outage,
    to: Micros,
    after: AnswersAfter,
}

/// Finds outages in the answers of a run: times without a right answer, as answers come in.
#[derive(Clone, Debug, Default)]
pub struct OutageWatch {
    last_right: Option<Micros>,
    failing: Option<FailingCalls>,
    /// Those that have ended. Calls may still come that have waited for the end of the last one.
    gaps: Vec<Gap>,
    /// The latest stretch in which the generator itself was late.
    own_late: (Micros, Micros),
    /// When something about each property was written last, and not refused.
    written: BTreeMap<PropertyIndex, Micros>,
    /// Writes that have not returned, with when they were sent and the properties that they are about.
    in_flight: BTreeMap<WriteId, (Micros, Vec<PropertyIndex>)>,
}

impl OutageWatch {
    /// A call has ended; its error is what went wrong, in a word or two.
    pub fn call(&mut self, span: SpanOfCall, outcome: Result<(), &str>) {
        match outcome {
            Ok(()) => self.right(span),
            Err(word) if failure_side(word) == FailureSide::Target => self.fail(span, word),
            Err(_) => {}
        }
    }

    /// The generator woke up for something at a moment, and should have before.
    pub fn woke(&mut self, intended: Micros, woke: Micros) {
        if woke - intended < OWN_LATE_MIN {
            return;
        }
        let (from, to) = self.own_late;
        self.own_late = match intended <= to {
            true => (from.min(intended), to.max(woke)),
            false => (intended, woke),
        };
    }

    /// Records of the history, in which answers that were found wrong are told apart later.
    pub fn take(&mut self, records: &[Record], plan: &RunPlan) {
        for record in records {
            match record {
                // That a device comes back by its socket changes nothing that was acknowledged.
                Record::Invoked { effect: Effect::Connect, .. } => {}
                Record::Invoked { write, at, agent, .. } => {
                    let properties = plan.agents[*agent as usize].properties.clone();
                    self.in_flight.insert(*write, (*at, properties));
                }
                Record::Returned { write, completion, .. } => {
                    let Some((at, properties)) = self.in_flight.remove(write) else { continue };
                    if !matches!(completion, Completion::Refused | Completion::LoggedOut) {
                        properties.into_iter().for_each(|property| self.write(property, at));
                    }
                }
                Record::Observed(observation) => self.count(observation, None),
                _ => {}
            }
        }
    }

    fn write(&mut self, property: PropertyIndex, at: Micros) {
        self.written.insert(property, at);
        if let Some(last) = self.gaps.last_mut() {
            last.after.write(property, at);
        }
    }

    /// An answer was found wrong.
    pub fn wrong(&mut self, observation: &Observation, class: Class) {
        self.count(observation, Some(class));
    }

    /// A message that was acknowledged at a moment was looked for.
    pub fn message(&mut self, acknowledged: Micros, is_lost: bool) {
        for gap in self.gaps.iter_mut().filter(|gap| acknowledged <= gap.outage.from_us) {
            gap.after.counts.messages += 1;
            gap.after.counts.messages_lost += u64::from(is_lost);
        }
    }

    /// The outages so far; one that goes on has no end yet.
    pub fn outages(&self) -> Vec<Outage> {
        let ended = self.gaps.iter().filter(|gap| self.is_outage(gap));
        let ended = ended.map(|gap| Outage { after: gap.after.counts, ..gap.outage.clone() });
        let lasting = self.failing.as_ref().and_then(|failing| {
            let from_us = self.begin(failing.since);
            let outage = Outage { from_us, failed: failing.failed.clone(), ..Outage::default() };
            let lasts = failing.until - from_us >= FAILING_MIN;
            (lasts && outage.failed_count() >= CALLS_MIN).then_some(outage)
        });
        ended.chain(lasting).collect()
    }

    /// An outage whose first call to fail was sent then began there, or with the last right answer.
    fn begin(&self, sent: Micros) -> Micros {
        self.last_right.map_or(sent, |right| right.max(sent))
    }

    fn fail(&mut self, SpanOfCall { sent, ended }: SpanOfCall, word: &str) {
        let failing = self.failing.get_or_insert_with(|| FailingCalls {
            since: sent,
            until: ended,
            failed: BTreeMap::new(),
        });
        failing.since = failing.since.min(sent);
        failing.until = failing.until.max(ended);
        match failing.failed.get_mut(word) {
            Some(count) => *count += 1,
            None => drop(failing.failed.insert(word.to_owned(), 1)),
        }
    }

    fn right(&mut self, span: SpanOfCall) {
        if let Some(last) = self.gaps.last_mut() {
            last.note_wait(span);
        }
        if self.last_right.is_some_and(|right| span.ended <= right) {
            return;
        }
        let failing = self.failing.take();
        let (from, length_min) = match &failing {
            Some(failing) => (self.begin(failing.since), FAILING_MIN),
            None => (self.last_right.unwrap_or(span.sent), WAITING_MIN),
        };
        if span.ended - from >= length_min && self.gaps.len() < KEPT_MAX {
            self.put_gap(from, failing.map(|failing| failing.failed).unwrap_or_default(), span);
        }
        self.last_right = Some(span.ended);
    }

    fn put_gap(&mut self, from: Micros, failed: BTreeMap<String, u64>, first_right: SpanOfCall) {
        let to = first_right.ended;
        if let Some(last) = self.gaps.pop()
            && self.is_outage(&last)
        {
            self.gaps.push(last);
        }
        // Of the outage before the last no wrong answer comes to be known any more.
        if let Some(place) = self.gaps.len().checked_sub(2) {
            self.gaps[place].after.close();
        }
        let outage = Outage { from_us: from, to_us: Some(to), failed, ..Outage::default() };
        let mut gap = Gap { outage, to, after: AnswersAfter::default() };
        for (property, at) in self.written.iter().filter(|(_, at)| **at >= from) {
            gap.after.write(*property, *at);
        }
        gap.note_wait(first_right);
        self.gaps.push(gap);
    }

    /// Whether enough calls had to do with it, and it was not the generator that was late.
    fn is_outage(&self, gap: &Gap) -> bool {
        let (failed, waited) = (gap.outage.failed_count(), gap.outage.waited);
        let overlap = self.own_late.1.min(gap.to) - self.own_late.0.max(gap.outage.from_us);
        let length = gap.to - gap.outage.from_us - overlap.max(0);
        failed >= CALLS_MIN || (failed + waited >= CALLS_MIN && length >= WAITING_MIN)
    }

    /// Counts an answer that was asked for behind an outage, and had come before the next one began.
    fn count(&mut self, observation: &Observation, wrong: Option<Class>) {
        if self.gaps.is_empty() || !is_asked_for(observation) {
            return;
        }
        let place = self.gaps.partition_point(|gap| gap.to <= observation.invoked);
        let is_before_next = |next: &Gap| observation.returned <= next.outage.from_us;
        if place > 0 && self.gaps.get(place).is_none_or(is_before_next) {
            let is_about = |(at, about): &(Micros, Vec<PropertyIndex>)| {
                *at <= observation.returned && about.contains(&observation.property)
            };
            let is_in_flight = self.in_flight.values().any(is_about);
            self.gaps[place - 1].after.count(observation, wrong, is_in_flight);
        }
    }
}

impl Gap {
    /// A right answer to a call that was sent in it came at its end, or behind it.
    fn note_wait(&mut self, SpanOfCall { sent, ended }: SpanOfCall) {
        if sent <= self.to - WAITED_MIN && ended >= self.to {
            self.outage.waited += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Delivery, Observed, WidgetSeen};
    use crate::result::AfterOutage;
    use lamplighter_core::model::{Chat, WidgetStatus};

    const MS: Micros = 1_000;

    fn watch_of(
        calls: impl IntoIterator<Item = (Micros, Micros, Result<(), &'static str>)>,
    ) -> OutageWatch {
        let mut watch = OutageWatch::default();
        for (sent, ended, outcome) in calls {
            watch.call(SpanOfCall { sent: sent * MS, ended: ended * MS }, outcome);
        }
        watch
    }

    /// A call every 10 ms from one moment to another, each answered within 2 ms.
    fn right(
        from: Micros,
        to: Micros,
    ) -> impl Iterator<Item = (Micros, Micros, Result<(), &'static str>)> {
        (from..to).step_by(10).map(|at| (at, at + 2, Ok(())))
    }

    fn refused(
        from: Micros,
        to: Micros,
    ) -> impl Iterator<Item = (Micros, Micros, Result<(), &'static str>)> {
        (from..to).step_by(10).map(|at| (at, at + 1, Err("connection refused")))
    }

    #[test]
    fn a_target_that_is_away_has_an_outage_from_its_last_right_answer_to_its_first() {
        let watch =
            watch_of(right(0, 1_000).chain(refused(1_000, 5_000)).chain(right(5_000, 6_000)));
        let [outage] = &watch.outages()[..] else { panic!("{:?}", watch.outages()) };
        assert_eq!((outage.from_us, outage.to_us), (1_000 * MS, Some(5_002 * MS)));
        assert_eq!(outage.failed, [("connection refused".to_owned(), 400)].into());
        assert_eq!(outage.waited, 0);
    }

    #[test]
    fn one_that_never_comes_back_has_an_outage_without_an_end() {
        let watch = watch_of(right(0, 1_000).chain(refused(1_000, 2_000)));
        let [outage] = &watch.outages()[..] else { panic!("{:?}", watch.outages()) };
        assert_eq!((outage.from_us, outage.to_us), (1_000 * MS, None));
    }

    #[test]
    fn a_target_that_stands_still_makes_all_wait_who_are_answered_in_the_end() {
        let stood = (1_000..5_000).step_by(10).map(|at| (at, 5_003, Ok(())));
        let watch = watch_of(right(0, 1_000).chain(stood).chain(right(5_010, 6_000)));
        let [outage] = &watch.outages()[..] else { panic!("{:?}", watch.outages()) };
        assert_eq!((outage.from_us, outage.to_us), (992 * MS, Some(5_003 * MS)));
        assert!(outage.failed.is_empty());
        assert_eq!(outage.waited, 391);
    }

    #[test]
    fn a_generator_that_stands_still_is_no_outage_of_the_target() {
        let stood = || (1_000..1_300).step_by(10).map(|at| (at, 5_003, Ok(())));
        let mut watch = watch_of(right(0, 1_000).chain(stood()).chain(right(5_010, 6_000)));
        assert_eq!(watch.outages().len(), 1);
        watch.woke(1_400 * MS, 5_003 * MS);
        assert!(watch.outages().is_empty(), "{:?}", watch.outages());
    }

    #[test]
    fn single_failures_refusals_and_a_slow_hour_are_no_outage() {
        let tenth = (0..5_000)
            .map(|n| (n, n + 1, if n % 10 == 0 { Err("connection reset") } else { Ok(()) }));
        assert!(watch_of(tenth).outages().is_empty());
        let forbidden = (1_000..5_000).step_by(10).map(|at| (at, at + 1, Err("403")));
        assert!(
            watch_of(right(0, 1_000).chain(forbidden).chain(right(5_000, 6_000)))
                .outages()
                .is_empty()
        );
        let seldom = (0..10).map(|n| (n * 5_000, n * 5_000 + 900, Ok(())));
        assert!(watch_of(seldom).outages().is_empty());
        let short = right(0, 1_000).chain(refused(1_000, 1_400)).chain(right(1_400, 2_000));
        assert!(watch_of(short).outages().is_empty());
    }

    fn read(property: PropertyIndex, at: Micros) -> Observation {
        Observation {
            property,
            session: 0,
            invoked: at * MS,
            returned: (at + 2) * MS,
            version: None,
            seen: Observed::Widget(WidgetSeen {
                widget: 0,
                visitor: 0,
                delivery: Delivery::Polled,
                shown: (WidgetStatus::Offline, Chat::No).into(),
                mismatch: None,
            }),
            request: None,
            exchange: None,
        }
    }

    #[test]
    fn answers_behind_an_outage_count_and_those_about_what_was_not_written_since_apart() {
        let zones = lamplighter_core::hours::Zones::bundled();
        let plan = RunPlan::draw(&crate::plan::tests::knobs(), &zones).expect("a plan");
        let agent = plan.agents.iter().position(|agent| agent.properties == [0]);
        let agent = agent.expect("an agent of the first property alone") as u32;
        let write = |write, at: Micros, effect, completion| {
            let at = at * MS;
            let invoked = Record::Invoked { write, at, agent, slot: 0, effect };
            [invoked, Record::Returned { write, at: at + 1, completion }]
        };
        let done = || Completion::Done(Vec::new());
        let mut watch = watch_of(right(0, 1_000).chain(refused(1_000, 5_000)));
        watch.take(&write(1, 500, Effect::Login, done()), &plan);
        watch.take(&[Record::Observed(read(0, 600))], &plan);
        // Neither what was refused counts as written, nor that a device comes back.
        watch.take(&write(2, 2_000, Effect::Login, Completion::Refused), &plan);
        watch.take(&write(3, 2_100, Effect::Connect, done()), &plan);
        watch.call(SpanOfCall { sent: 5_000 * MS, ended: 5_002 * MS }, Ok(()));
        let behind = [read(0, 4_999), read(0, 5_010), read(0, 5_100), read(1, 5_100)];
        let behind: Vec<Record> = behind.into_iter().map(Record::Observed).collect();
        watch.take(&behind[..2], &plan);
        let [invoked, returned] = write(4, 5_050, Effect::Logout, done());
        watch.take(&[invoked], &plan);
        watch.take(&behind[2..], &plan);
        watch.take(&[returned], &plan);
        // Found out long after the write: it was asked for before.
        watch.wrong(&read(0, 5_010), Class::Stale);
        watch.wrong(&read(0, 5_100), Class::Stale);
        // What the clock does is none of what was acknowledged.
        watch.wrong(&read(1, 5_100), Class::EdgeLate);
        watch.message(700 * MS, false);
        watch.message(800 * MS, true);
        watch.message(5_200 * MS, true);
        let after = watch.outages()[0].after;
        let expected = AfterOutage {
            answers: 3,
            wrong: 3,
            unchanged: 2,
            unchanged_wrong: 1,
            messages: 2,
            messages_lost: 1,
        };
        assert_eq!(after, expected);
    }
}
