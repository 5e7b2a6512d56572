//! Seeds and small worlds that hold, and that the simulator says the same however it is run.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use super::question::without_impossible;
use super::*;
use crate::play::{Options, Outcome, Prepared};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::products::PRODUCTS;
use lamplighter_core::model::{Knob, RuleSet};

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

#[test]
fn engine_and_rule_book_agree() {
    // As many as catch every deliberate mutation.
    for seed in 0..160 {
        let (swarm, played) = play_seed(seed, None, &ZONES).expect("bundled zones");
        let difference = played.difference.map(|difference| difference.to_string());
        assert_eq!(difference, None, "seed {seed}: {swarm}");
        assert!(played.instants > 1, "seed {seed} plays nothing: {swarm}");
    }
}

#[test]
fn every_state_of_small_worlds_holds() {
    for size in &SIZES[..2] {
        let walked = walk(*size, &RuleSet::BOOK, 1, &ZONES);
        assert_eq!(walked.wrong, [""; 0]);
        // 7 ways to be a device, 2 to be a member.
        let states = 7_u64.pow((size.agents * size.devices) as u32) << size.agents;
        assert_eq!((walked.states, walked.widget_states), (states, 6 * states));
        assert!(walked.checked.iter().all(|(invariant, count)| {
            // With one device nothing can be in another order.
            count > 0 || size.devices == 1 && invariant.name == "order-of-devices"
        }));
    }
}

#[test]
fn engine_and_rules_agree_for_every_product() {
    for product in PRODUCTS {
        for seed in 0..25 {
            let rules = product.rules();
            let (swarm, played) = play_seed(seed, Some(&rules), &ZONES).expect("bundled zones");
            let difference = played.difference.map(|difference| difference.to_string());
            assert_eq!(difference, None, "{} seed {seed}: {swarm}", product.name);
        }
    }
}

#[test]
fn two_knobs_at_once_hold_in_every_state_of_a_small_world() {
    // Each position beside the rule book's, with one of each other knob: a tenth of what a full run
    // walks through.
    let pairs = rules_in_pairs();
    let few: Vec<RuleSet> = pairs.iter().step_by(10).copied().collect();
    let walked = walk_all(&few, 2, &ZONES);
    assert_eq!(walked.wrong, [""; 0]);
    assert_eq!(walked.states, 98 * few.len() as u64);
    for &knob in Knob::ALL.iter().filter(|knob| **knob != Knob::Grace) {
        for position in knob.positions() {
            assert!(pairs.iter().any(|rules| rules.position(knob) == position));
        }
    }
}

#[test]
fn on_any_number_of_threads_a_run_is_the_same() {
    let of = |jobs| {
        let run = run(200..240, jobs, &ZONES, None, &|| true, &|_| {}).expect("bundled zones");
        (run.fingerprint, run.events, run.looks, run.coverage, run.checked, run.seeds)
    };
    assert_eq!(of(1), of(3));
    let other = run(201..241, 1, &ZONES, None, &|| true, &|_| {}).expect("bundled zones");
    assert_ne!(of(1).0, other.fingerprint);
}

#[test]
fn what_is_drawn_can_be_said_in_the_language() {
    for seed in 0..100 {
        let case = draw(seed, &Swarm::draw(seed, None), &ZONES);
        let case = without_impossible(&case, &ZONES);
        let written = write("Drawn", "drawn", &case, None, &ZONES);
        let (text, stop) = (&written.scenario, AtomicBool::new(false));
        let path = Path::new("drawn.scenario");
        let beside = |_: &str| written.rules.clone().map(|(_, text)| text).ok_or_else(String::new);
        let prepared = Prepared::reading(path, text.as_bytes(), &ZONES, &beside);
        assert_eq!(prepared.plan.world.timing().grace, case.grace, "{text}");
        let rules = RuleSet { grace: case.rules.grace, ..*prepared.plan.world.rules() };
        assert_eq!(rules, case.rules, "{text}");
        let verdict = crate::play::play(prepared, &ZONES, Options::default(), &stop);
        assert_eq!(verdict.outcome(), Outcome::Passed, "{:?}\n{text}", verdict.diagnostics);
        assert_eq!(verdict.counts.events, case.steps.len() as u64, "seed {seed}");
        let run = verdict.run.map(|run| (run.first, run.last));
        assert_eq!(run, Some((case.start, case.end)), "seed {seed}");
    }
}

#[test]
fn names_are_given_once() {
    let invariants: BTreeSet<&str> = ALWAYS.iter().map(|invariant| invariant.name).collect();
    assert_eq!(invariants.len(), ALWAYS.len());
    let coverage: BTreeSet<&str> = CoveragePoint::ALL.iter().map(|point| point.name()).collect();
    assert_eq!(coverage.len(), CoveragePoint::ALL.len());
}

#[test]
fn a_run_that_is_stopped_says_how_far_it_came() {
    let run = run(5..50, 2, &ZONES, None, &|| false, &|_| {}).expect("bundled zones");
    assert_eq!(run.seeds, 5..5);
    assert_eq!(run.events, 0);
}
