use super::*;
use crate::latencies::Latencies;
use crate::sample::Sample;
use proptest::prelude::*;

fn both(before: &[LoadResult], after: &[LoadResult]) -> Comparison {
    compare(before, after, Thresholds::default()).expect("runs")
}

fn compared(one: Sample, other: Sample) -> Comparison {
    both(&[one.whole()], &[other.whole()])
}

fn line<'c>(comparison: &'c Comparison, what: &str) -> &'c ComparisonLine {
    comparison.lines.iter().find(|line| line.what == what).expect("a line")
}

/// A run of the same service on a machine that does other things as well: for stretches of a quarter of
/// the run everything takes so many times as long.
fn on_a_busy_machine(sample: Sample, times: [f64; 4]) -> LoadResult {
    let mut run = sample.whole();
    let count = run.intervals.len();
    let mut intended = Latencies::default();
    for (place, interval) in run.intervals.iter_mut().enumerate() {
        let times = times[place * 4 / count];
        let mut widget = Latencies::default();
        for (us, reads) in interval.widget.pairs() {
            for _ in 0..reads {
                widget.record((us as f64 * times) as u64);
                intended.record((us as f64 * times) as u64);
            }
        }
        interval.widget = widget;
    }
    let widget = run.operations.get_mut("widget").expect("reads");
    (widget.intended, widget.service) = (intended.clone(), intended);
    run
}

#[test]
fn a_service_that_is_slower_by_a_third_is_worse() {
    let quick = Sample { seconds: 60, ..Sample::default() };
    let slow = Sample { slower: 1.33, seed: 2, ..quick };
    let worse = compared(quick, slow);
    assert!(worse.unlike.is_empty(), "{:?}", worse.unlike);
    assert!(worse.is_worse());
    assert_eq!(line(&worse, "p50(widget)").verdict, Judgement::Worse);
    let told = line(&worse, "p50(widget)").told();
    assert!(told.starts_with("worse by 3") && told.contains("certain"), "{told}");
    let better = compared(slow, quick);
    assert!(!better.is_worse());
    assert_eq!(line(&better, "p50(widget)").verdict, Judgement::Better);
    let other = Thresholds { min_effect: 0.9, ..Thresholds::default() };
    let matters = compare(&[quick.whole()], &[slow.whole()], other).expect("runs");
    assert!(!matters.is_worse(), "nobody minds");
    assert_eq!(line(&matters, "p50(widget)").verdict, Judgement::Alike);
}

#[test]
fn a_third_is_found_on_a_busy_machine_with_several_runs_a_side() {
    let runs = |slower: f64, seed: u64| -> Vec<LoadResult> {
        (0..5)
            .map(|run| {
                let sample = Sample { seconds: 24, slower, seed: seed + run, ..Sample::default() };
                on_a_busy_machine(sample, [1.0, 1.0, 1.0 + 0.05 * run as f64, 1.0])
            })
            .collect()
    };
    let worse = both(&runs(1.0, 10), &runs(1.4, 20));
    assert_eq!(line(&worse, "p50(widget)").verdict, Judgement::Worse, "{worse:#?}");
    assert!(worse.noise[0].ends_with("as 5 and 5 runs say"), "{:?}", worse.noise);
    assert!(!both(&runs(1.0, 10), &runs(1.0, 20)).is_worse());
}

#[test]
fn two_runs_of_one_service_do_not_differ() {
    // At 99 % certainty for all lines together, one in a hundred may.
    let alarms = (0..30)
        .filter(|seed| {
            let one = Sample { seconds: 30, seed: 100 + seed, ..Sample::default() };
            compared(one, Sample { seed: 900 + seed, ..one }).is_worse()
        })
        .count();
    assert!(alarms <= 1, "{alarms} false alarms of 30");
}

#[test]
fn what_else_the_machine_does_is_not_taken_for_the_service() {
    // Neighbours come and go: half of a run or all of the next one takes up to 60 % longer.
    let times =
        [[1.0, 1.6, 1.0, 1.4], [1.6, 1.5, 1.0, 1.6], [1.0, 1.0, 1.6, 1.0], [1.6, 1.2, 1.6, 1.5]];
    for (before, one) in times.iter().enumerate() {
        for (after, other) in times.iter().enumerate() {
            let sample = |seed| Sample { seconds: 24, seed, ..Sample::default() };
            let one = on_a_busy_machine(sample(before as u64), *one);
            let other = on_a_busy_machine(sample(50 + after as u64), *other);
            let comparison = both(&[one], &[other]);
            assert!(!comparison.is_worse(), "{before} and {after}: {:#?}", comparison.lines[0]);
        }
    }
}

#[test]
fn a_generator_that_was_late_explains_what_it_made_longer() {
    let sample = Sample { seconds: 60, ..Sample::default() };
    let slow = on_a_busy_machine(Sample { seed: 2, ..sample }, [3.0; 4]);
    let mut late = slow.clone();
    late.rate.generator_late = Latencies::default();
    (0..6_000).for_each(|_| late.rate.generator_late.record(2_100));
    let slower = both(&[sample.whole()], &[slow]);
    assert_eq!(line(&slower, "p50(widget)").verdict, Judgement::Worse);
    let explained = both(&[sample.whole()], &[late]);
    assert_ne!(line(&explained, "p50(widget)").verdict, Judgement::Worse);
}

#[test]
fn a_pause_of_two_seconds_is_not_taken_for_a_slower_service() {
    let good = Sample { seconds: 60, ..Sample::default() };
    let bad = Sample { is_bad: true, seed: 2, ..good };
    let comparison = compared(good, bad);
    for what in ["p50(widget)", "p99(widget)"] {
        assert_ne!(line(&comparison, what).verdict, Judgement::Worse, "{what}");
    }
    // A burst of errors is one witness, not forty.
    assert_eq!(line(&comparison, "errors").verdict, Judgement::NoDifference);
    assert!(comparison.unlike[0].starts_with("the run after: the generator fell behind"));
}

#[test]
fn many_wrong_answers_are_worse_and_few_are_not_certain() {
    let good = Sample { seconds: 30, ..Sample::default() }.whole();
    let mut bad = good.clone();
    bad.judged.wrong.insert(crate::result::Class::Phantom, 3);
    let few = both(std::slice::from_ref(&good), &[bad.clone()]);
    assert_eq!(line(&few, "wrong").verdict, Judgement::NoDifference);
    bad.judged.wrong.insert(crate::result::Class::Phantom, 40);
    let many = both(&[good], &[bad]);
    assert!(many.is_worse());
    assert_eq!(
        line(&many, "wrong(phantom)").told(),
        "worse from nothing, as good as certain (> 99.99%)"
    );
    assert_eq!(line(&many, "wrong").after.split(' ').next(), Some("40"));
}

#[test]
fn runs_of_the_same_arguments_are_alike_whenever_they_began() {
    let at = |start: &str, plan: &str| {
        let mut run = Sample { seconds: 10, ..Sample::default() }.whole();
        run.about.arguments = format!("--properties 50 --start-at {start} --seed 1");
        (run.about.start, run.about.plan) = (start.to_owned(), plan.to_owned());
        run
    };
    let (one, other) = (at("2026-03-09T13:00:00Z", "aa"), at("2026-03-10T13:00:00Z", "bb"));
    assert_eq!(both(&[one], &[other]).unlike, Vec::<String>::new());
}

#[test]
fn runs_that_are_not_alike_are_told_so() {
    let one = Sample { seconds: 10, ..Sample::default() }.whole();
    let mut other = Sample { seconds: 10, rate: 50, ..Sample::default() }.whole();
    other.about.lasted_ms = 5_000;
    other.about.ended_early = Some("Ctrl-C".to_owned());
    other.rate.asked = 500;
    let unlike = both(std::slice::from_ref(&one), std::slice::from_ref(&other)).unlike;
    assert_eq!(
        unlike,
        [
            "other arguments: --properties 100 --visitors 100/s before, --properties 50 --visitors \
             50/s after",
            "another length: 10.0s before, 5.00s after",
            "the run after was ended early: Ctrl-C",
        ]
    );
    other.about.arguments.clone_from(&one.about.arguments);
    let unlike = both(&[one.clone(), other], &[one]).unlike;
    assert_eq!(
        unlike,
        [
            "another length: 10.0s run 1 before, 5.00s run 2 before",
            "run 2 before was ended early: Ctrl-C",
        ]
    );
    assert_eq!(
        compare(&[], &[], Thresholds::default()).expect_err("nothing").to_string(),
        "there is no run from before to compare: name one result at least"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn what_is_worse_one_way_is_not_worse_the_other(seed in 0..1_000_u64, slower in 0.5..2.0_f64) {
        let one = Sample { seconds: 20, seed, ..Sample::default() };
        let other = Sample { seed: seed + 1, slower, ..one };
        let (there, back) = (compared(one, other), compared(other, one));
        for (there, back) in there.lines.iter().zip(&back.lines) {
            let is = |line: &ComparisonLine, verdict| line.verdict == verdict;
            prop_assert!(!(is(there, Judgement::Worse) && is(back, Judgement::Worse)), "{there:?}");
        }
    }
}
