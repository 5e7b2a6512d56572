//! A scenario before it is played on a target: what of it can be tested, what hangs on the target's own
//! grace and auto-away, which time is kept in full (rules T41, T42 of target files).

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lamplighter_core::hours::Zones;
use lamplighter_core::model::{
    AgentId, AgentStatus, Chat, Event, HiddenBecause, Instant, Millis, PropertyId, Visibility,
    WidgetId,
};
use lamplighter_core::world::{Timing, World};
use lamplighter_scenario::language::plan::Expectation;
use lamplighter_scenario::play::{
    Begun, Capability, Disagreement, Facts, LedBy, NotTested, ObservedPart, Observer,
    ObserverAnswer, SeenWidget, Stepper, Untested, Verdict, begin,
};

use super::real_time::ScenarioTimes;
use super::real_time_spans::{RealTimeSpans, SpanFinder};
use super::rules::{RuleDifferences, ScenarioSource, TargetRules, with_grace_of};
use super::skip::SkipReason;
use super::testable::Testable;
use crate::file::TargetFile;
use crate::file::clock::Clock;

/// What is known of a scenario before it is played on the target.
pub struct Rehearsed {
    /// What the target can be asked about it, before anything happens.
    pub testable: Testable,
    /// Time that is kept in full.
    pub spans: RealTimeSpans,
    /// Statements that are true by the scenario's rules, and not by the target's.
    pub other_rules: RuleDifferences,
    /// What it does in time, where that is to be moved to the present.
    pub scenario_times: ScenarioTimes,
    /// Whether the target goes by the scenario's own rules, grace and auto-away.
    pub has_own_rules: bool,
}

/// What became of rehearsing one.
pub enum Rehearsal<'a> {
    /// It can be played.
    Ready(Box<Stepper<'a>>, Box<Rehearsed>),
    /// There is nothing to play: it is faulty, or nothing happens in it.
    Over(Box<Verdict>),
    /// It is not played, and why.
    Skipped(SkipReason),
}

/// More than anybody waits: where a lost connection is never noticed.
const NEVER: Millis = Millis(100 * 365 * 86_400_000);

/// Rehearses a scenario for a target.
pub fn rehearse<'a>(
    path: &Path,
    bytes: &[u8],
    file: &TargetFile,
    zones: &Arc<Zones>,
    stop: &'a AtomicBool,
) -> Rehearsal<'a> {
    // What happened at its times can happen again where the clock can be put to them.
    let own = LedBy { replays: file.clock != Clock::Real, ..LedBy::default() };
    let stepper = match begin(path, bytes, zones, stop, own) {
        Begun::Ready(stepper) => stepper,
        Begun::Over(verdict) => return Rehearsal::Over(verdict),
        Begun::Replays => return Rehearsal::Skipped(SkipReason::Replays),
    };
    let testable = Testable::new(file);
    let timing = target_timing(stepper.timing(), file, &testable);
    let by = TargetRules {
        rules: with_grace_of(file.rules.set, stepper.rules()),
        timing,
        own_rules: stepper.rules(),
    };
    let has_own_rules = timing == stepper.timing() && by.rules == by.own_rules;
    let scenario = ScenarioSource { path, bytes, zones, stop, own };
    let Some(other_rules) = RuleDifferences::find(&scenario, &by) else {
        return Rehearsal::Skipped(SkipReason::OtherRules);
    };
    // Time that is kept is the target's; what is expected is asked for by the scenario's own rules.
    let theirs = LedBy { timing: Some(timing), ..own };
    let Begun::Ready(mut dry) = begin(path, bytes, zones, stop, theirs) else {
        return Rehearsal::Skipped(SkipReason::OtherRules);
    };
    let mut reach_of_dry = testable.clone();
    reach_of_dry.begin(dry.facts());
    let mut observer = DryRun {
        testable: reach_of_dry,
        span_finder: SpanFinder::new(timing),
        other_rules: &other_rules,
    };
    let mut scenario_times = ScenarioTimes::default();
    scenario_times.stops.insert(dry.facts().now());
    while let Some(to) = dry.next_stop(&observer)
        && !stop.load(std::sync::atomic::Ordering::Relaxed)
    {
        if file.clock == Clock::Real {
            let (now, world) = (dry.facts().now(), dry.facts().world);
            let properties = (0..dry.facts().roster.properties.len()).map(PropertyId::new);
            let widgets = properties.flat_map(|property| world.widgets_of(property));
            scenario_times.go_on(now, to, widgets.filter_map(|widget| world.schedule(widget)));
        }
        let Ok(()) = dry.go_on(&mut observer);
    }
    let end = dry.facts().now();
    let spans = observer.span_finder.finish(end);
    let tested = dry.finish().tested;
    if tested.clause_count() == 0 && !tested.untested.is_empty() {
        let untested: Vec<NotTested> = tested.untested;
        return Rehearsal::Skipped(SkipReason::NothingLeft { untested });
    }
    if let Some(zone) = scenario_times.clock_change {
        return Rehearsal::Skipped(SkipReason::ClockChange { zone });
    }
    Rehearsal::Ready(
        stepper,
        Box::new(Rehearsed { testable, spans, other_rules, scenario_times, has_own_rules }),
    )
}

/// The grace of a target that is given none, at the longest.
pub fn own_grace(file: &TargetFile) -> Millis {
    file.timing.grace_max.map_or(NEVER, |max| Millis(max.as_millis() as u64))
}

/// The header's grace and auto-away count only where the target is given them; else its own (T42).
fn target_timing(own: Timing, file: &TargetFile, testable: &Testable) -> Timing {
    let (is_given_grace, is_given_auto_away) = testable.is_given_timing();
    Timing {
        grace: if is_given_grace { own.grace } else { own_grace(file) },
        auto_away: own.auto_away.filter(|_| is_given_auto_away),
    }
}

/// Why what an expectation asks of an agent is not told, if it is not.
pub fn agent_untold(
    (other_rules, testable): (&RuleDifferences, &Testable),
    agent: AgentId,
    expectation: &Expectation,
    facts: Facts<'_>,
) -> Option<Untested> {
    other_rules.why(expectation).or_else(|| testable.agent(agent, facts))
}

/// What an expectation asks for.
pub fn asked(expectation: &Expectation, is_of_agent: bool) -> BTreeSet<Capability> {
    let clauses = expectation.clauses.iter();
    clauses.filter_map(|clause| Capability::of(&clause.node, is_of_agent)).collect()
}

/// A widget of which nothing is told, for one reason.
pub fn nothing_told(why: &Untested) -> SeenWidget {
    SeenWidget {
        statuses: Err(why.clone()),
        chat: Err(why.clone()),
        form: Err(why.clone()),
        greeting: Err(why.clone()),
        shown: Err(why.clone()),
        hidden_because: Err(why.clone()),
    }
}

/// Goes along without a target, and finds out what would be asked of one.
struct DryRun<'a> {
    testable: Testable,
    span_finder: SpanFinder,
    other_rules: &'a RuleDifferences,
}

impl Observer for DryRun<'_> {
    type Error = Infallible;

    fn advance(&mut self, _: Instant) -> Result<(), Infallible> {
        Ok(())
    }

    fn before(&mut self, event: &Event, facts: Facts<'_>) -> Result<(), Infallible> {
        self.span_finder.note(event, facts);
        self.testable.note(event, facts);
        Ok(())
    }

    fn after(&mut self, _: Facts<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn agent(
        &mut self,
        agent: AgentId,
        expectation: &Expectation,
        facts: Facts<'_>,
    ) -> Result<ObserverAnswer<ObservedPart<Vec<AgentStatus>>>, Infallible> {
        let untold = agent_untold((self.other_rules, &self.testable), agent, expectation, facts);
        let status = || vec![facts.world.agent_status(agent)];
        Ok(ObserverAnswer::Answered(untold.map_or_else(|| Ok(status()), Err)))
    }

    fn widget(
        &mut self,
        widget: WidgetId,
        expectation: &Expectation,
        facts: Facts<'_>,
    ) -> Result<ObserverAnswer<SeenWidget>, Infallible> {
        if let Some(why) = self.other_rules.why(expectation) {
            return Ok(ObserverAnswer::Answered(nothing_told(&why)));
        }
        let by_rules = by_the_rules(widget, expectation, facts.world);
        let testable = self.testable.widget(widget, &expectation.visitor, facts);
        Ok(ObserverAnswer::Answered(testable.over(by_rules)))
    }

    fn look_before(&self, _: Instant) -> Option<Instant> {
        None
    }

    fn disagreements(&mut self) -> Vec<Disagreement> {
        Vec::new()
    }
}

/// What a target that follows the rules would show.
fn by_the_rules(widget: WidgetId, expectation: &Expectation, world: &World) -> SeenWidget {
    let answer = world.answer(widget);
    let visibility = world.visibility(widget, &expectation.visitor);
    let because: ObservedPart<HiddenBecause> = match visibility {
        Visibility::Hidden(because) => Ok(because),
        Visibility::Shown => Err(Untested("visibility: it is shown".to_owned())),
    };
    SeenWidget {
        statuses: Ok(vec![answer.status]),
        chat: Ok(if answer.chat == Chat::Possible { Chat::Possible } else { Chat::No }),
        form: Ok(world.form(widget)),
        greeting: Ok(world.greeting(widget).to_owned()),
        shown: Ok(visibility == Visibility::Shown),
        hidden_because: because,
    }
}
