//! The schedulers of all widgets during the run: their edges on the run's clock.

use super::possible::SchedulerStates;
use crate::clock::Micros;
use crate::plan::{RunPlan, WidgetIndex};
use lamplighter_core::hours::{Schedule, UnknownZone, Zones};
use lamplighter_core::model::{Instant, Millis, RuleSet, SchedulerState, Settings};
use lamplighter_core::rules;

/// EdgePropagation are known from so long before the run's first instant until so long after its last.
const AROUND: Millis = Millis(2 * 3_600_000);

/// The edges of one widget's scheduler.
#[derive(Clone, Debug)]
pub struct WidgetEdges {
    /// Whether it is open before the first edge; `None` without a scheduler (rule S1).
    first: Option<SchedulerState>,
    /// When it opens and closes in turn.
    at: Vec<Micros>,
}

/// The edges of all widgets.
#[derive(Clone, Debug)]
pub struct AllEdges {
    widgets: Vec<WidgetEdges>,
    /// Every edge of a widget that is judged, in the order of time.
    in_order: Vec<(Micros, WidgetIndex)>,
}

impl AllEdges {
    /// Those of the plan's own widgets, as the target's rules read their hours (rules S3, S4). The target's
    /// clock is ahead of the run's by `skew_us`.
    ///
    /// # Errors
    /// When a scheduler is in a zone that nobody knows.
    pub fn new(
        plan: &RunPlan,
        rules: &RuleSet,
        skew_us: Micros,
        zones: &Zones,
    ) -> Result<Self, UnknownZone> {
        let mut widgets = Vec::with_capacity(plan.widgets.len());
        let mut in_order = Vec::new();
        for (index, widget) in plan.widgets.iter().enumerate() {
            let is_own = plan.properties[widget.property as usize].is_own;
            let edges = match is_own {
                true => WidgetEdges::new(plan, (rules, &widget.settings), skew_us, zones)?,
                false => WidgetEdges { first: None, at: Vec::new() },
            };
            in_order.extend(edges.at.iter().map(|&at| (at, index as WidgetIndex)));
            widgets.push(edges);
        }
        in_order.sort_unstable();
        Ok(Self { widgets, in_order })
    }

    /// Those of a widget.
    pub fn of(&self, widget: WidgetIndex) -> &WidgetEdges {
        &self.widgets[widget as usize]
    }

    /// All of them in the order of time.
    pub fn in_order(&self) -> &[(Micros, WidgetIndex)] {
        &self.in_order
    }
}

impl WidgetEdges {
    fn new(
        plan: &RunPlan,
        (rules, settings): (&RuleSet, &Settings),
        skew_us: Micros,
        zones: &Zones,
    ) -> Result<Self, UnknownZone> {
        let Some(scheduler) = &settings.scheduler else {
            return Ok(Self { first: None, at: Vec::new() });
        };
        let hours = rules::hours(rules, &scheduler.hours);
        let schedule = Schedule::new(zones.get(&scheduler.zone)?, &hours);
        let start_ms = plan.start.as_millis();
        let from = Instant::from_millis(start_ms - AROUND.0 as i64).unwrap_or(Instant::MIN);
        let until_ms = start_ms + (plan.duration.0 + AROUND.0) as i64;
        let first = state(schedule.is_open(from));
        let edges = std::iter::successors(schedule.next_edge(from), |&at| schedule.next_edge(at));
        let at = edges
            .take_while(|at| at.as_millis() < until_ms)
            .map(|at| (at.as_millis() - start_ms) * 1_000 - skew_us)
            .collect();
        Ok(Self { first: Some(first), at })
    }

    /// What the scheduler could say at a moment, where an edge may show so much later than it falls,
    /// and so much earlier.
    pub fn hours(&self, at: Micros, late: Micros, early: Micros) -> SchedulerStates {
        let Some(first) = self.first else { return SchedulerStates::Surely(SchedulerState::Off) };
        let surely_past = self.at.partition_point(|&edge| edge + late <= at);
        let perhaps_past = self.at.partition_point(|&edge| edge - early <= at);
        match perhaps_past > surely_past {
            true => SchedulerStates::Either,
            false => SchedulerStates::Surely(after(first, surely_past)),
        }
    }

    /// The edges between two moments, the first included, each with what it makes of the scheduler.
    pub fn between(
        &self,
        from: Micros,
        to: Micros,
    ) -> impl Iterator<Item = (Micros, SchedulerState)> + '_ {
        let skipped = self.at.partition_point(|&edge| edge < from);
        let first = self.first.unwrap_or(SchedulerState::Off);
        let edges = self.at[skipped..].iter().take_while(move |&&edge| edge < to);
        edges.enumerate().map(move |(place, &edge)| (edge, after(first, skipped + place + 1)))
    }
}

fn state(is_open: bool) -> SchedulerState {
    if is_open { SchedulerState::Open } else { SchedulerState::Closed }
}

/// The state after so many edges.
fn after(first: SchedulerState, edges: usize) -> SchedulerState {
    let was_open = first == SchedulerState::Open;
    state(was_open != (edges % 2 == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_an_edge_it_is_open_or_closed_and_elsewhere_surely_one() {
        let edges = WidgetEdges { first: Some(SchedulerState::Closed), at: vec![1_000, 5_000] };
        let (open, closed) = (
            SchedulerStates::Surely(SchedulerState::Open),
            SchedulerStates::Surely(SchedulerState::Closed),
        );
        let cases = [
            (989, closed),
            (990, SchedulerStates::Either),
            (1_099, SchedulerStates::Either),
            (1_100, open),
            (4_989, open),
            (4_990, SchedulerStates::Either),
            (5_100, closed),
        ];
        for (at, expected) in cases {
            assert_eq!(edges.hours(at, 100, 10), expected, "at {at}");
        }
        assert_eq!(edges.hours(1_000, 0, 0), open);
        assert_eq!(edges.hours(999, 0, 0), closed);
        let between: Vec<_> = edges.between(1_000, 5_001).collect();
        assert_eq!(between, [(1_000, SchedulerState::Open), (5_000, SchedulerState::Closed)]);
        assert_eq!(edges.between(1_001, 5_000).count(), 0);
    }

    #[test]
    fn without_a_scheduler_hours_never_matter() {
        let edges = WidgetEdges { first: None, at: Vec::new() };
        assert_eq!(edges.hours(0, 1_000, 1_000), SchedulerStates::Surely(SchedulerState::Off));
    }
}
