//! A second run of a scenario for what is told of its recordings: the first one keeps nothing of what was so
//! around a row, of which there may be millions; this one knows which rows are told.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::observed::Witness;
use super::outputs::Options;
use super::player::Player;
use super::prepared::Prepared;
use super::verdict::{Outcome, Verdict};
use crate::language::plan::{Step, StepKind};
use crate::language::span::Span;
use lamplighter_core::hours::Zones;

/// Plays a scenario once more, beside the rows that are told in its verdict, and adds what it sees to them.
pub fn testify(mut again: Prepared, verdict: &mut Verdict, zones: &Arc<Zones>, stop: &AtomicBool) {
    let Some(run) = verdict.run.filter(|_| verdict.outcome() != Outcome::Invalid) else { return };
    let rows = &mut verdict.observations.false_rows;
    if rows.is_empty() {
        return;
    }
    let mut witness = Witness::new(rows, run.first);
    let stops = witness.stops().map(|at| Step { at, span: Span::default(), kind: StepKind::At });
    let plan = &mut again.plan;
    plan.steps.retain(|step| !step.kind.is_expected());
    plan.steps.extend(stops);
    plan.steps.sort_by_key(|step| step.at);
    plan.observed.clear();
    plan.until = None;
    let Ok(mut player) = Player::start(again, zones, Options::default(), stop) else { return };
    player.accompany(&mut witness);
    while player.step() {}
    let told = player.finish();
    witness.testify(rows, told.words());
}
