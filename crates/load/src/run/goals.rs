//! What the plan was to meet, and what the run has met of it.

use std::collections::BTreeMap;

use crate::judge::MetCounts;
use crate::plan::RunPlan;
use crate::result::{Goal, GoalCount, Judged, OperationStats, Propagation};
use crate::tally::MESSAGE;

/// What was counted and judged, as far as goals are about it.
#[derive(Clone, Copy)]
pub struct GoalInputs<'c> {
    /// What the judge has met of what the plan has laid.
    pub met: MetCounts,
    /// What the judge came to.
    pub judged: &'c Judged,
    /// The latencies of transitions by writes.
    pub propagation: &'c Propagation,
    /// The calls of each operation.
    pub operations: &'c BTreeMap<&'static str, OperationStats>,
    /// How many event streams this shard was to hold.
    pub streams: u64,
}

/// Each goal with how much of it was planned, and met.
pub fn goals(plan: &RunPlan, counted: GoalInputs<'_>) -> BTreeMap<Goal, GoalCount> {
    let GoalInputs { met, judged, propagation, operations, streams } = counted;
    let goals = &plan.goals;
    let left =
        operations.get(MESSAGE).map_or(0, |calls| calls.ok + calls.errors.values().sum::<u64>());
    let pushed = if streams > 0 { met.transitions } else { 0 };
    Goal::ALL
        .into_iter()
        .map(|goal| {
            let (planned, met) = match goal {
                Goal::Edges => (goals.edges, met.edges),
                Goal::Graces => (goals.graces(), met.graces),
                Goal::ShiftChanges => (goals.shift_changes(), met.shift_changes),
                Goal::StormDrops => (goals.storm_drops, met.storm_drops),
                Goal::Messages => (left, judged.messages),
                Goal::DecisiveReads => (judged.reads, judged.decisive),
                Goal::PropagationByPoll => (met.transitions, propagation.poll.count()),
                Goal::PropagationByPush => (pushed, propagation.push.count()),
            };
            (goal, GoalCount { planned, met })
        })
        .collect()
}
