//! Coverage: the goals that a run must have met to say something of them, and what it has met of what its
//! plan has laid.

use std::collections::BTreeMap;

use super::fleet::DeviceKey;
use crate::clock::{Micros, SECOND_US};
use crate::history::Effect;
use crate::plan::{AgentAction, AgentIndex, PlannedStep, RunPlan};

macro_rules! goals {
    ($($(#[doc = $text:literal])+ $goal:ident $name:literal, $means:literal;)*) => {
        /// A coverage goal: things that happen at the same time, and so are worth to have been met.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum CoverageGoal { $($(#[doc = $text])+ $goal,)* }

        impl CoverageGoal {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$goal),*];

            /// Its name in reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$goal => $name,)* }
            }

            /// What it is, in a sentence for whoever reads a report.
            pub fn means(self) -> &'static str {
                match self { $(Self::$goal => $means,)* }
            }

            /// The goal of a name; `None` for one that another release has met.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|goal| goal.name() == name)
            }
        }
    };
}

goals! {
    /// A read lies over an edge of the widget's scheduler.
    ReadOverAnEdge "read-over-an-edge",
        "A read was under way while the hours of its widget began or ended.";
    /// A read lies over the end of a grace.
    ReadOverAGrace "read-over-a-grace",
        "A read was under way while a grace ended.";
    /// A read is answered while a write of its property is in flight.
    ReadDuringAWrite "read-during-a-write",
        "A read was under way while a write of its property was.";
    /// Two devices of a property are changed at once.
    TwoDevicesAtOnce "two-devices-at-once",
        "Two devices of a property were changed at once.";
    /// A write is in flight while an edge of a widget of its property falls.
    WriteOverAnEdge "write-over-an-edge",
        "A write was under way while hours of its property began or ended.";
    /// A device comes back while its grace ends, or just before or after.
    ReturnAtTheEnd "return-at-the-end-of-a-grace",
        "A device came back while its grace ended, or just before or after.";
    /// A write is overtaken by a later one of the same device.
    Overtaken "write-overtaken",
        "A write was overtaken by a later one of the same device.";
    /// Nobody answered a write: it is indeterminate.
    Unanswered "write-unanswered",
        "Nobody answered a write, so that it may or may not have happened.";
}

/// How often each was met.
#[derive(Clone, Debug)]
pub struct CoverageCounts([u64; CoverageGoal::ALL.len()]);

impl Default for CoverageCounts {
    fn default() -> Self {
        Self([0; CoverageGoal::ALL.len()])
    }
}

impl CoverageCounts {
    /// One was met.
    pub fn meet(&mut self, goal: CoverageGoal) {
        self.0[goal as usize] += 1;
    }

    /// All of them by their names, those that were never met, too.
    pub fn by_name(&self) -> BTreeMap<String, u64> {
        CoverageGoal::ALL
            .iter()
            .map(|goal| (goal.name().to_owned(), self.0[*goal as usize]))
            .collect()
    }
}

/// A connection of a storm is cut so long behind it at most: the generator may be busy.
const STORM_LATE_US: Micros = 5 * SECOND_US;

/// What a run has met of what its plan has laid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MetCounts {
    /// Edges of schedulers that changed what a widget must show.
    pub edges: u64,
    /// How many ends of graces changed what a widget shows.
    pub graces: u64,
    /// Changes of shifts of which both sides were acknowledged.
    pub shift_changes: u64,
    /// Connections that were cut by a storm.
    pub storm_drops: u64,
    /// Writes that changed what a widget must show, counted for each widget.
    pub transitions: u64,
}

/// Follows the plan's changes of shifts and storms.
#[derive(Clone, Debug, Default)]
pub struct PlanTracker {
    /// Of each hand-over whether the one has left, and the other one come.
    shifts: Vec<(bool, bool)>,
    /// What was met so far of what the plan has laid.
    pub met: MetCounts,
}

impl PlanTracker {
    /// Nothing of a plan was met yet.
    pub fn new(plan: &RunPlan) -> Self {
        Self {
            shifts: vec![(false, false); plan.goals.hand_overs.len()],
            met: MetCounts::default(),
        }
    }

    /// A write of an agent, invoked at a moment, was acknowledged.
    pub fn acknowledged(&mut self, plan: &RunPlan, agent: AgentIndex, effect: Effect, at: Micros) {
        let is_end = matches!(effect, Effect::Logout);
        if !is_end && effect != Effect::Login {
            return;
        }
        for (hand_over, (left, came)) in plan.goals.hand_overs.iter().zip(&mut self.shifts) {
            // What is planned at a moment is done a little later, never before it.
            if !(hand_over.span.from..hand_over.span.to).contains(&at) || (*left && *came) {
                continue;
            }
            *left |= is_end && hand_over.leaves == Some(agent);
            *came |= !is_end && hand_over.comes == agent;
            self.met.shift_changes += u64::from(*left && *came);
        }
    }

    /// A device has lost its connection at a moment.
    pub fn lost(&mut self, plan: &RunPlan, (agent, slot): DeviceKey, at: Micros) {
        let steps = &plan.agents[agent as usize].steps;
        let is_cut_by = |storm: Micros| {
            let is_near = (storm..=storm + STORM_LATE_US).contains(&at);
            let cuts = |step: &PlannedStep| {
                step.at == storm && step.slot == slot && step.what == AgentAction::Lose
            };
            is_near && steps.iter().any(cuts)
        };
        if plan.goals.storms.iter().any(|storm| is_cut_by(*storm)) {
            self.met.storm_drops += 1;
        }
    }
}
