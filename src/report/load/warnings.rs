//! What must be said loudly of a run, beside what its judge and its gates say: each failure is blamed on
//! who failed.

use lamplighter_load::figures::{counted, duration, share, thousands};
use lamplighter_load::merge::missing_shards;
use lamplighter_load::outages::{FailureSide, NO_CONNECTION_FREE, failure_side};
use lamplighter_load::result::{LoadResult, STILL_RUNNING, WAITED_FOR_TURNS};
use lamplighter_load::tally::{MESSAGE, WIDGET};

/// Visitors are late if this is the 99th percentile of how late they were sent, in microseconds.
const LATE_MAX_US: u64 = 10_000;

/// All of them, the weightiest first.
pub fn warnings(result: &LoadResult) -> Vec<String> {
    let mut warnings = Vec::new();
    warnings.extend(result.about.ended_early.as_deref().map(ended_early));
    warnings.extend(shards_missing(result));
    warnings.extend(result.unfinished.iter().cloned());
    for (goal, count) in &result.goals {
        if !count.is_met(*goal) {
            let (planned, met) = (thousands(count.planned), thousands(count.met));
            warnings.push(format!(
                "of {planned} {goal} that were to be met the run has met {met}: it says little of them"
            ));
        }
    }
    warnings.extend(of_the_load(result));
    warnings
}

/// Those of a run that goes on. That it is not over is none, nor is what its end alone can show.
pub fn warnings_so_far(result: &LoadResult) -> Vec<String> {
    let mut warnings = Vec::new();
    // A part may have ended before the others.
    let why = result.about.ended_early.as_deref().unwrap_or_default().split("; ");
    let why: Vec<&str> =
        why.filter(|why| !why.is_empty() && !why.ends_with(STILL_RUNNING)).collect();
    if !why.is_empty() {
        warnings.push(ended_early(&why.join("; ")));
    }
    warnings.extend(shards_missing(result));
    warnings.extend(of_the_load(result));
    warnings
}

fn ended_early(why: &str) -> String {
    format!("ended early: {why}")
}

/// That parts of the plan are in no result.
fn shards_missing(result: &LoadResult) -> Option<String> {
    let missing = missing_shards(&result.about);
    let told = match &missing[..] {
        [] => return None,
        [one] => format!(" {one} is"),
        several => format!("s {} are", several.join(", ")),
    };
    Some(format!("this is a part of the run only: the shard{told} missing"))
}

/// That what was asked for was not sent, or not on time.
fn of_the_load(result: &LoadResult) -> impl Iterator<Item = String> {
    let own = result.generator.warnings.iter().cloned();
    not_sent(result).into_iter().chain(sent_late(result)).chain(own)
}

/// That a run met no edge of hours and no end of a grace, and so says nothing of them, whatever passed.
pub fn not_met(result: &LoadResult) -> Option<&'static str> {
    (result.edges.schedulers == 0 && result.edges.graces == 0).then_some(
        "no edge of a scheduler and no end of a grace happened in this run: it says nothing of them",
    )
}

/// Visitors who were never sent, by why.
#[derive(Default)]
struct NotSent {
    /// The target refused, or could not be reached.
    refused: u64,
    /// Every connection waited for an answer.
    none_free: u64,
    /// The generator had no port or no file left.
    generator: u64,
    /// Their turn within the target's limits did not come in time.
    no_turn: u64,
}

impl NotSent {
    fn of(result: &LoadResult) -> Self {
        let mut not_sent = Self::default();
        let visitors = [WIDGET, MESSAGE].into_iter();
        let errors = visitors.filter_map(|name| result.operations.get(name));
        for (word, count) in errors.flat_map(|operation| &operation.errors) {
            match (word.as_str(), failure_side(word)) {
                (NO_CONNECTION_FREE, _) => not_sent.none_free += count,
                (_, FailureSide::Generator) => not_sent.generator += count,
                (_, FailureSide::Target) => not_sent.refused += count,
                (_, FailureSide::Limits) => not_sent.no_turn += count,
                (_, FailureSide::Answer) => {}
            }
        }
        not_sent
    }
}

/// Why the rate was not kept, if it was not.
fn not_sent(result: &LoadResult) -> Option<String> {
    if result.rate.is_kept() {
        return None;
    }
    let (asked, sent) = (result.rate.asked, result.rate.sent);
    let NotSent { refused, none_free, generator, no_turn } = NotSent::of(result);
    let mut why = Vec::new();
    let away_us = away_us(result);
    if away_us > 0 {
        let told = duration(away_us as f64);
        why.push(format!("the target gave no right answer for {told} (see its outages)"));
    } else if refused > 0 {
        let calls = counted(refused, "call");
        why.push(format!("the target refused or did not take {calls}"));
    }
    if none_free > 0 && away_us == 0 {
        why.push(format!(
            "{} found no connection free: all of them were waiting for the target's answers. Is it \
             meant to be that slow, allow more with --connections",
            counted(none_free, "visitor")
        ));
    }
    if generator > 0 {
        why.push(format!(
            "{} found no port or no file left on the generator: see `ulimit -n`, or use several \
             generators with --shard",
            counted(generator, "visitor")
        ));
    }
    if no_turn > 0 {
        why.push(format!(
            "{} had no turn in time within the target's limits, to which Lamplighter keeps \
             (`calls_per_second`, `poll_every_min`): ask for fewer with --visitors",
            counted(no_turn, "visitor")
        ));
    }
    let why = match why.is_empty() {
        true => String::new(),
        false => format!(": {}", why.join("; ")),
    };
    Some(format!(
        "of the {} visitors asked for only {} were sent{why}",
        thousands(asked),
        share(sent, asked)
    ))
}

/// That visitors were sent late who were to be sent on time, where that is not the generator's doing, nor
/// that of the limits which it keeps to.
fn sent_late(result: &LoadResult) -> Option<String> {
    let (late, own) =
        (result.rate.late.percentile(99.0), result.rate.generator_late.percentile(99.0));
    let by_limits = |warning: &String| warning.contains(WAITED_FOR_TURNS);
    let is_told = result.generator.warnings.iter().any(by_limits);
    (late > LATE_MAX_US && own <= LATE_MAX_US && !is_told).then(|| {
        format!(
            "one visitor in a hundred was sent {} late or more, and the generator was on time: they \
             waited for a connection, which the target was slow to take or to free. Latencies count \
             from the intended instants, with that",
            duration(late as f64)
        )
    })
}

/// How long the target gave no right answer, in microseconds; to the end where none came any more.
pub fn away_us(result: &LoadResult) -> u64 {
    let end_us = i64::try_from(result.about.lasted_ms).unwrap_or(i64::MAX).saturating_mul(1_000);
    let length = |outage: &lamplighter_load::result::Outage| {
        let to_us = outage.to_us.unwrap_or(end_us);
        u64::try_from(to_us - outage.from_us).unwrap_or(0)
    };
    result.outages.iter().map(length).sum()
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use lamplighter_load::outages::NO_TURN;
    use lamplighter_load::result::Outage;
    use lamplighter_load::sample::{Sample, operation};

    fn sample(sent: u64, word: &str, failed: u64) -> LoadResult {
        let mut result = Sample::default().whole();
        result.rate.sent = sent;
        let mut widget = operation(1_000, sent, failed);
        widget.errors = [(word.to_owned(), failed)].into();
        result.operations = [(WIDGET.to_owned(), widget)].into();
        result
    }

    #[test]
    fn a_target_that_was_away_is_no_reason_for_a_bigger_generator() {
        let mut result = sample(840, "connection refused", 160);
        result.outages = vec![Outage {
            from_us: 2_000_000,
            to_us: Some(6_000_000),
            failed: [("connection refused".to_owned(), 160)].into(),
            ..Outage::default()
        }];
        let [told] = &warnings(&result)[..] else { panic!("{:?}", warnings(&result)) };
        assert_eq!(
            told,
            "of the 1,000 visitors asked for only 84.0% were sent: the target gave no right answer \
             for 4.00s (see its outages)"
        );
        result.outages[0].to_us = None;
        assert!(warnings(&result)[0].contains("for 8.00s"), "{:?}", warnings(&result));
    }

    #[test]
    fn each_failure_is_blamed_on_who_failed() {
        for (word, told) in [
            ("connection refused", "the target refused or did not take 160 calls"),
            (
                NO_TURN,
                "only 84.0% were sent: 160 visitors had no turn in time within the target's limits",
            ),
            (NO_CONNECTION_FREE, "160 visitors found no connection free"),
            (
                "no local address left",
                "160 visitors found no port or no file left on the generator",
            ),
        ] {
            let all = warnings(&sample(840, word, 160));
            assert!(all.len() == 1 && all[0].contains(told), "{word}: {all:?}");
        }
        let mut late = Sample::default().whole();
        (0..100).for_each(|_| late.rate.late.record(400_000));
        let all = warnings(&late);
        assert!(all.len() == 1 && all[0].contains("the generator was on time"), "{all:?}");
        late.generator.warnings = vec![format!("{WAITED_FOR_TURNS}, up to 3.0 s")];
        assert_eq!(warnings(&late), late.generator.warnings, "no fault of the target");
        late.generator.warnings.clear();
        (0..100).for_each(|_| late.rate.generator_late.record(400_000));
        assert!(warnings(&late).is_empty(), "its own warning is the generator's: {all:?}");
    }

    #[test]
    fn what_could_not_be_done_at_the_end_is_said() {
        let mut result = Sample::default().whole();
        result.unfinished = vec!["3 properties could not be taken away".to_owned()];
        assert_eq!(warnings(&result), result.unfinished);
    }
}
