//! What came to a result since it was told last: a result of minutes is megabytes, what came in a second
//! is a hundredth of that.
//!
//! Histograms only grow, and so only what was counted since is told; of stretches of time and of evidence,
//! those that have changed; all else is small, and told as it is.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::latencies::Latencies;
use crate::result::{
    EdgePropagation, Evidence, IntervalStats, Judged, LoadResult, OperationStats, Propagation, Rate,
};

/// What came to a part's result since the part told it last.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Increment {
    /// How many increments were told before, on which this one rests; 0 where it rests on nothing.
    pub after: u64,
    /// The result, with histograms that have only what was counted since, and without what stands below.
    pub result: LoadResult,
    /// The stretches of time that have changed.
    pub intervals: ChangedItems<IntervalStats>,
    /// The evidence that has changed.
    pub evidence: ChangedItems<Evidence>,
}

/// What has changed in a list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ChangedItems<T> {
    /// How long the list is now.
    pub count: usize,
    /// By their places, from 0.
    pub changed: BTreeMap<usize, T>,
}

impl<T: Clone + PartialEq> ChangedItems<T> {
    fn between(before: &[T], now: &[T]) -> Self {
        let has_changed = |(index, item): &(usize, &T)| before.get(*index) != Some(item);
        let changed = now.iter().enumerate().filter(has_changed);
        Self {
            count: now.len(),
            changed: changed.map(|(index, item)| (index, item.clone())).collect(),
        }
    }

    /// The list as it is now; `None` where something is missing in it.
    fn applied(self, mut items: Vec<T>) -> Option<Vec<T>> {
        items.truncate(self.count);
        for (index, item) in self.changed {
            match index.cmp(&items.len()) {
                Ordering::Less => items[index] = item,
                Ordering::Equal => items.push(item),
                Ordering::Greater => return None,
            }
        }
        (items.len() == self.count).then_some(items)
    }
}

impl Increment {
    /// What a result has beside nothing.
    fn whole(now: &LoadResult) -> Self {
        let LoadResult { intervals, judged, .. } = now;
        Self {
            after: 0,
            intervals: ChangedItems::between(&[], intervals),
            evidence: ChangedItems::between(&[], &judged.evidence),
            result: without_lists(now),
        }
    }

    /// What a result has beside an earlier one; `None` where a histogram has less.
    fn between(before: &LoadResult, now: &LoadResult, after: u64) -> Option<Self> {
        let mut result = without_lists(now);
        let mut has_grown = true;
        each_histogram(&mut result, before, &mut |now, before| match now.since(before) {
            Some(since) => *now = since,
            None => has_grown = false,
        });
        has_grown.then(|| Self {
            after,
            intervals: ChangedItems::between(&before.intervals, &now.intervals),
            evidence: ChangedItems::between(&before.judged.evidence, &now.judged.evidence),
            result,
        })
    }
}

fn without_lists(result: &LoadResult) -> LoadResult {
    // Taken apart so that a list that is added to a result is thought of here.
    let LoadResult {
        format,
        about,
        rate,
        operations,
        propagation,
        edges,
        judged,
        goals,
        intervals: _,
        generator,
        outages,
        unfinished,
        goose,
        gates,
    } = result;
    LoadResult {
        format: *format,
        about: about.clone(),
        rate: rate.clone(),
        operations: operations.clone(),
        propagation: propagation.clone(),
        edges: edges.clone(),
        judged: Judged { evidence: Vec::new(), ..judged.clone() },
        goals: goals.clone(),
        intervals: Vec::new(),
        generator: generator.clone(),
        outages: outages.clone(),
        unfinished: unfinished.clone(),
        goose: goose.clone(),
        gates: gates.clone(),
    }
}

/// Every histogram of a result but those of its stretches, with the same one of another result. One that the
/// other does not have stays as it is.
fn each_histogram(
    of: &mut LoadResult,
    beside: &LoadResult,
    meet: &mut dyn FnMut(&mut Latencies, &Latencies),
) {
    let Rate { asked: _, sent: _, answered: _, late, generator_late } = &mut of.rate;
    meet(late, &beside.rate.late);
    meet(generator_late, &beside.rate.generator_late);
    for (name, operation) in &mut of.operations {
        if let Some(beside) = beside.operations.get(name) {
            let OperationStats { intended, service, ok: _, errors: _ } = operation;
            meet(intended, &beside.intended);
            meet(service, &beside.service);
        }
    }
    let Propagation { push, poll } = &mut of.propagation;
    meet(push, &beside.propagation.push);
    meet(poll, &beside.propagation.poll);
    let EdgePropagation { schedulers: _, graces: _, push, poll } = &mut of.edges;
    meet(push, &beside.edges.push);
    meet(poll, &beside.edges.poll);
}

/// What a part has told, so that it knows what is new.
#[derive(Clone, Debug, Default)]
pub struct IncrementEncoder {
    told: Option<LoadResult>,
    count: u64,
}

impl IncrementEncoder {
    /// What came since it was told last.
    pub fn increment(&self, now: &LoadResult) -> Increment {
        let told = self.told.as_ref();
        let since = told.and_then(|told| Increment::between(told, now, self.count));
        since.unwrap_or_else(|| Increment::whole(now))
    }

    /// That increment was taken.
    pub fn taken(&mut self, increment: &Increment, now: LoadResult) {
        self.count = increment.after + 1;
        self.told = Some(now);
    }

    /// What was told is not known there: all is told again.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// A result, put together out of increments.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct IncrementDecoder {
    result: Option<LoadResult>,
    count: u64,
}

impl IncrementDecoder {
    /// The result so far; `None` where nothing came.
    pub fn result(&self) -> Option<&LoadResult> {
        self.result.as_ref()
    }

    /// Takes an increment; `false` where it rests on what did not come here, or is none: then nothing has
    /// changed.
    pub fn take(&mut self, increment: Increment) -> bool {
        let Increment { after, mut result, intervals, evidence } = increment;
        let (known_intervals, known_evidence) = match (after, &self.result) {
            (0, _) => (Vec::new(), Vec::new()),
            (_, Some(known)) if after == self.count => {
                each_histogram(&mut result, known, &mut |since, before| since.add(before));
                (known.intervals.clone(), known.judged.evidence.clone())
            }
            _ => return false,
        };
        let lists = intervals.applied(known_intervals).zip(evidence.applied(known_evidence));
        let Some((intervals, evidence)) = lists else { return false };
        result.intervals = intervals;
        result.judged.evidence = evidence;
        *self = Self { result: Some(result), count: after + 1 };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::packed;
    use super::*;
    use crate::sample::Sample;

    /// The same run after each of its seconds, and with what was wrong in it at the end.
    fn growing() -> Vec<LoadResult> {
        let mut results: Vec<LoadResult> = (1..=6)
            .map(|second| {
                let mut result = Sample { seconds: 6, ..Sample::default() }.whole();
                let so_far = Sample { seconds: second, ..Sample::default() }.whole();
                result.rate = so_far.rate;
                result.operations = so_far.operations;
                result.intervals = so_far.intervals;
                result
            })
            .collect();
        results.push(Sample { seconds: 6, is_bad: true, ..Sample::default() }.whole());
        results
    }

    fn over_the_line(increment: &Increment) -> Increment {
        let json = serde_json::to_string(increment).expect("JSON");
        serde_json::from_str(&json).expect("an increment")
    }

    #[test]
    fn increments_add_up_to_the_result_to_the_byte() {
        let (mut ledger, mut received) = (IncrementEncoder::default(), IncrementDecoder::default());
        for (index, now) in growing().into_iter().enumerate() {
            let increment = ledger.increment(&now);
            assert!(received.take(over_the_line(&increment)), "{index}");
            let json = |result: &LoadResult| serde_json::to_string(result).expect("JSON");
            assert_eq!(json(received.result().expect("a result")), json(&now), "{index}");
            ledger.taken(&increment, now);
        }
    }

    #[test]
    fn an_increment_has_what_came_since_and_no_more() {
        let mut ledger = IncrementEncoder::default();
        let results = growing();
        let whole = ledger.increment(&results[3]);
        ledger.taken(&whole, results[3].clone());
        let since = ledger.increment(&results[4]);
        assert_eq!((whole.after, since.after), (0, 1));
        assert_eq!(since.intervals.changed.keys().copied().collect::<Vec<_>>(), [4]);
        let visitors =
            |increment: &Increment| increment.result.operations["widget"].intended.count();
        assert_eq!(visitors(&whole) / 4, visitors(&since));
        assert!(ledger.increment(&results[3]).result.operations["widget"].intended.count() == 0);
    }

    #[test]
    fn what_rests_on_what_did_not_come_is_not_taken_and_all_is_told_again() {
        let (mut ledger, mut received) = (IncrementEncoder::default(), IncrementDecoder::default());
        let results = growing();
        ledger.taken(&ledger.increment(&results[0]), results[0].clone());
        let since = ledger.increment(&results[1]);
        assert!(!received.take(since) && received.result().is_none());
        ledger.forget();
        let whole = ledger.increment(&results[1]);
        assert!(received.take(whole) && received.result() == Some(&results[1]));
        // Told again, it does not count twice.
        assert!(received.take(ledger.increment(&results[1])));
        assert_eq!(received.result(), Some(&results[1]));
    }

    #[test]
    fn a_histogram_that_has_less_than_before_is_told_in_full() {
        let mut ledger = IncrementEncoder::default();
        let results = growing();
        ledger.taken(&ledger.increment(&results[4]), results[4].clone());
        assert_eq!(ledger.increment(&results[1]).after, 0);
    }

    /// What is promised of the line: a hundred kilobytes a second at most.
    #[test]
    fn what_comes_in_a_second_of_twenty_thousand_visitors_is_less_than_a_hundred_kilobytes() {
        let at = |seconds| Sample { seconds, rate: 20_000, ..Sample::default() }.whole();
        let mut ledger = IncrementEncoder::default();
        ledger.taken(&ledger.increment(&at(2)), at(2));
        let since = ledger.increment(&at(3));
        assert!(since.result.rate.late.count() >= 19_000, "{}", since.result.rate.late.count());
        let bytes = packed(&since).len();
        println!("{bytes} bytes");
        assert!(bytes < 100_000, "{bytes}");
    }

    /// `cargo test --release -p lamplighter-load --lib -- --ignored --nocapture gathering_costs`
    #[test]
    #[ignore = "a measurement, of a release build"]
    fn what_gathering_costs_a_generator_in_a_second_of_twenty_thousand_visitors() {
        const SECONDS: u32 = 50;
        let at = |seconds| Sample { seconds, rate: 20_000, ..Sample::default() }.whole();
        let (before, now) = (at(2), at(3));
        let began = std::time::Instant::now();
        for _ in 0..SECONDS {
            // What is told is a copy, so that what was told stays to be compared with.
            let now = now.clone();
            let since = Increment::between(&before, &now, 1).expect("it has grown");
            std::hint::black_box(packed(&since));
        }
        let ms = began.elapsed().as_secs_f64() * 1_000.0 / f64::from(SECONDS);
        println!("{ms:.2} ms in each second: {:.2} % of a core", ms / 10.0);
        assert!(ms < 20.0, "{ms}");
    }

    #[test]
    fn lists_with_gaps_are_no_lists() {
        let gap = ChangedItems { count: 3, changed: [(2, 7)].into() };
        assert_eq!(gap.applied(vec![1]), None);
        let short = ChangedItems { count: 3, changed: [(1, 7)].into() };
        assert_eq!(short.applied(vec![1]), None);
        let shrunk = ChangedItems { count: 1, changed: BTreeMap::new() };
        assert_eq!(shrunk.applied(vec![1, 2]), Some(vec![1]));
    }
}
