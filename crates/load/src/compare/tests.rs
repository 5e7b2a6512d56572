use super::*;
use crate::sample::Sample;

fn compared(one: Sample, other: Sample) -> Comparison {
    compare(&one.whole(), &other.whole(), Thresholds::default())
}

fn line<'c>(comparison: &'c Comparison, what: &str) -> &'c ComparisonLine {
    comparison.lines.iter().find(|line| line.what == what).expect("a line")
}

#[test]
fn a_service_that_is_slower_by_a_third_is_worse() {
    let quick = Sample { seconds: 60, ..Sample::default() };
    let slow = Sample { slower: 1.33, seed: 2, ..quick };
    let worse = compared(quick, slow);
    assert!(worse.unlike.is_empty(), "{:?}", worse.unlike);
    assert!(worse.is_worse());
    for what in ["p50(widget)", "p90(widget)", "p50(status)", "p50(propagation)"] {
        assert_eq!(line(&worse, what).verdict, Judgement::Worse, "{what}");
    }
    let told = line(&worse, "p50(widget)").told();
    assert!(
        told.starts_with("worse by 3") && told.ends_with("as good as certain (> 99.99%)"),
        "{told}"
    );
    let better = compared(slow, quick);
    assert!(!better.is_worse());
    assert_eq!(line(&better, "p50(widget)").verdict, Judgement::Better);
}

#[test]
fn two_runs_of_one_service_do_not_differ() {
    // At 99 % certainty for all lines together, one in a hundred may.
    let alarms = (0..60)
        .filter(|seed| {
            let one = Sample { seconds: 30, seed: 100 + seed, ..Sample::default() };
            compared(one, Sample { seed: 900 + seed, ..one }).is_worse()
        })
        .count();
    assert!(alarms <= 2, "{alarms} false alarms of 60");
}

#[test]
fn a_pause_of_two_seconds_is_not_taken_for_a_slower_service() {
    let good = Sample { seconds: 60, ..Sample::default() };
    let bad = Sample { is_bad: true, seed: 2, ..good };
    let comparison = compared(good, bad);
    assert_eq!(line(&comparison, "p50(widget)").verdict, Judgement::NoDifference);
    // A burst of errors is one witness, not forty.
    assert_eq!(line(&comparison, "errors").verdict, Judgement::NoDifference);
    assert!(comparison.unlike[0].starts_with("the run after: the generator fell behind"));
}

#[test]
fn many_wrong_answers_are_worse_and_few_are_not_certain() {
    let good = Sample { seconds: 30, ..Sample::default() }.whole();
    let mut bad = good.clone();
    bad.judged.wrong.insert(crate::result::Class::Phantom, 3);
    let few = compare(&good, &bad, Thresholds::default());
    assert_eq!(line(&few, "wrong").verdict, Judgement::NoDifference);
    bad.judged.wrong.insert(crate::result::Class::Phantom, 40);
    let many = compare(&good, &bad, Thresholds::default());
    assert!(many.is_worse());
    assert_eq!(
        line(&many, "wrong(phantom)").told(),
        "worse from nothing, as good as certain (> 99.99%)"
    );
    assert_eq!(line(&many, "wrong").after.split(' ').next(), Some("40"));
}

#[test]
fn runs_that_are_not_alike_are_told_so() {
    let one = Sample { seconds: 10, ..Sample::default() }.whole();
    let mut other = Sample { seconds: 10, rate: 50, ..Sample::default() }.whole();
    other.about.plan = "0000".to_owned();
    other.about.lasted_ms = 5_000;
    other.about.ended_early = Some("Ctrl-C".to_owned());
    other.rate.asked = 500;
    let unlike = compare(&one, &other, Thresholds::default()).unlike;
    assert_eq!(
        unlike,
        [
            "another plan: 6f0c2b7e91d4a853 before, 0000 after",
            "other arguments: --properties 100 --visitors 100/s --seed 1 before, --properties 50 \
             --visitors 50/s --seed 1 after",
            "another length: 10.0s before, 5.00s after",
            "the run after was ended early: Ctrl-C",
        ]
    );
}

#[test]
fn words_follow_the_chance() {
    for (chance, words) in [
        (0.000_01, "as good as certain (> 99.99%)"),
        (0.004, "certain (99.60%)"),
        (0.03, "likely (97.0%)"),
        (0.4, "doubtful (60%)"),
    ] {
        assert_eq!(certainty(chance), words);
    }
}
