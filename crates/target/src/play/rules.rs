//! What of a scenario is another by the rules of the target: it is not tested there, and the knob that
//! makes it so is named (rule T42 of target files).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lamplighter_core::hours::Zones;
use lamplighter_core::model::RuleSet;
use lamplighter_core::world::Timing;
use lamplighter_scenario::language::plan::Expectation;
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::play::{Begun, LedBy, Outcome, Unobserved, Untested, begin};

/// A scenario as it is read.
pub struct ScenarioSource<'a, 'b> {
    /// The file, as it was named.
    pub path: &'b Path,
    /// The bytes of the file, which need not be UTF-8.
    pub bytes: &'b [u8],
    /// The time zones that are known.
    pub zones: &'b Arc<Zones>,
    /// Set from outside to end.
    pub stop: &'a AtomicBool,
    /// What whoever leads it makes of it.
    pub own: LedBy,
}

/// The rules of a target beside a scenario's own.
pub struct TargetRules {
    /// The rules of the target, by which its answers are judged.
    pub rules: RuleSet,
    /// The grace and auto-away that count there.
    pub timing: Timing,
    /// The rules that the scenario itself names.
    pub own_rules: RuleSet,
}

/// Rules but for their grace, which timing has.
pub fn with_grace_of(rules: RuleSet, other: RuleSet) -> RuleSet {
    RuleSet { grace: other.grace, ..rules }
}

/// Statements that are true by a scenario's own rules and false by the target's, each with why.
#[derive(Clone, Debug, Default)]
pub struct RuleDifferences(BTreeMap<Span, String>);

impl RuleDifferences {
    /// Plays the scenario by the target's rules, in process; `None` where something in it cannot even
    /// happen by them.
    pub fn find(scenario: &ScenarioSource<'_, '_>, by: &TargetRules) -> Option<Self> {
        let false_there = scenario.false_by(by.rules, by.timing)?;
        if false_there.is_empty() {
            return Some(Self::default());
        }
        let mut why: BTreeMap<Span, String> = BTreeMap::new();
        if let Some(by_timing) = scenario.false_by(by.own_rules, by.timing) {
            let words = "other rules: the target's grace or auto-away is another";
            why.extend(by_timing.into_iter().map(|span| (span, words.to_owned())));
        }
        for knob in by.rules.unlike(&by.own_rules) {
            let mut rules = by.own_rules;
            rules.copy_from(knob, &by.rules);
            let words = format!("other rules: {} = {}", knob.name(), by.rules.position(knob));
            for span in scenario.false_by(rules, by.timing).unwrap_or_default() {
                why.entry(span).or_insert_with(|| words.clone());
            }
        }
        let several = || "other rules: several knobs together".to_owned();
        let of = |span: Span| (span, why.remove(&span).unwrap_or_else(several));
        Some(Self(false_there.into_iter().map(of).collect()))
    }

    /// Why an expectation is not tested, if it is not.
    pub fn why(&self, expectation: &Expectation) -> Option<Untested> {
        self.0.get(&expectation.span).cloned().map(Untested)
    }
}

impl ScenarioSource<'_, '_> {
    /// The statements that are false by some rules; `None` where something cannot even happen.
    fn false_by(&self, rules: RuleSet, timing: Timing) -> Option<BTreeSet<Span>> {
        let theirs = LedBy { rules: Some(rules), timing: Some(timing), ..self.own };
        let Begun::Ready(mut stepper) = begin(self.path, self.bytes, self.zones, self.stop, theirs)
        else {
            return None;
        };
        while stepper.next_stop(&Unobserved).is_some() && !self.stop.load(Ordering::Relaxed) {
            let Ok(()) = stepper.go_on(&mut Unobserved);
        }
        let verdict = stepper.finish();
        let is_possible = verdict.outcome() != Outcome::Invalid;
        is_possible.then(|| verdict.failures.iter().map(|failure| failure.statement).collect())
    }
}
