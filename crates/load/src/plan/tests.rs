use super::knobs::{Arrivals, Stage, Storm};
use super::*;
use crate::clock::{Micros, SECOND_US};
use lamplighter_core::hours::{Schedule, Zones};
use lamplighter_core::model::{Instant, Millis};
use lamplighter_scenario::synth;

pub(crate) fn knobs() -> RunKnobs {
    RunKnobs {
        given: None,
        world: synth::Knobs { properties: 60, seed: 5, ..synth::Knobs::default() },
        start: Instant::from_millis(1_773_057_607_000).expect("in range"),
        duration: Millis(300_000),
        grace: Millis(20_000),
        prefix: "load".to_owned(),
        target: None,
        pace: Millis(20_000),
        visitors: vec![Stage { length: Millis(0), from: 200_000, to: 200_000 }],
        arrivals: Arrivals::Poisson { together: 5 },
        streams: 200,
        slow_readers: 10,
        messages: 10,
        duplicates: 20,
        late: 20,
        storms: vec![Storm { at: Millis(60_000), percent: 50 }],
        shard: Shard::WHOLE,
        limits: TargetLimits::default(),
    }
}

pub(crate) fn draw(knobs: &RunKnobs) -> RunPlan {
    RunPlan::draw(knobs, &Zones::bundled()).expect("a plan")
}

#[test]
fn the_same_knobs_give_the_same_plan() {
    assert_eq!(format!("{:?}", draw(&knobs())), format!("{:?}", draw(&knobs())));
    let other = RunKnobs { world: synth::Knobs { seed: 6, ..knobs().world }, ..knobs() };
    assert_ne!(format!("{:?}", draw(&knobs())), format!("{:?}", draw(&other)));
}

#[test]
fn edges_graces_and_shifts_fall_into_the_run() {
    let (knobs, zones) = (knobs(), Zones::bundled());
    let plan = draw(&knobs);
    let end = plan.start.checked_add(plan.duration).expect("in range");
    let has_an_edge = |widget: &&PlannedWidget| {
        widget.settings.scheduler.as_ref().is_some_and(|scheduler| {
            let zone = zones.get(&scheduler.zone).expect("a zone");
            let edge = Schedule::new(zone, &scheduler.hours).next_edge(plan.start);
            edge.is_some_and(|edge| edge < end)
        })
    };
    let edges = plan.widgets.iter().filter(has_an_edge).count();
    assert!(edges * 3 > plan.widgets.len(), "{edges} of {}", plan.widgets.len());
    let steps: Vec<&PlannedStep> = plan.agents.iter().flat_map(|agent| &agent.steps).collect();
    let count =
        |is_so: fn(&AgentAction) -> bool| steps.iter().filter(|step| is_so(&step.what)).count();
    assert!(count(|what| matches!(what, AgentAction::Lose)) > 100);
    assert!(count(|what| matches!(what, AgentAction::Return)) > 90);
    assert!(count(|what| matches!(what, AgentAction::LogoutEverywhere)) > 10);
    assert!(count(|what| matches!(what, AgentAction::Login)) > plan.agents.len());
    assert!(count(|what| matches!(what, AgentAction::StatusTwice(_))) > 5);
    assert!(count(|what| matches!(what, AgentAction::StatusLate(..))) > 5);
    assert!(count(|what| matches!(what, AgentAction::Team(_))) > 50);
    let all_in_the_run = steps.iter().all(|step| (0..=knobs.duration_us()).contains(&step.at));
    assert!(all_in_the_run);
}

#[test]
fn steps_are_in_the_order_of_time_and_only_what_is_connected_is_used() {
    for agent in &draw(&knobs()).agents {
        assert!(agent.steps.is_sorted_by_key(|step| step.at), "{}", agent.name);
        let mut is_connected = vec![false; agent.devices.len()];
        for step in &agent.steps {
            let device = &mut is_connected[usize::from(step.slot)];
            match step.what {
                AgentAction::Login => *device = true,
                AgentAction::Return => {
                    assert!(!*device, "{} returns without having lost anything", agent.name);
                    *device = true;
                }
                AgentAction::Lose => {
                    assert!(*device, "{} loses what it has not", agent.name);
                    *device = false;
                }
                AgentAction::Logout => *device = false,
                AgentAction::LogoutEverywhere => {
                    is_connected.iter_mut().for_each(|device| *device = false)
                }
                _ => {}
            }
        }
    }
}

#[test]
fn members_are_played_by_the_shard_of_their_properties() {
    let sharded = RunKnobs { shard: Shard { number: 2, of: 3 }, ..knobs() };
    let plan = draw(&sharded);
    for property in &plan.properties {
        for &member in &property.members {
            assert_eq!(plan.agents[member as usize].is_own, property.is_own, "{}", property.name);
        }
    }
    assert!(plan.properties.iter().any(|property| property.is_own));
    assert!(plan.agents.iter().all(|agent| agent.is_own || agent.steps.is_empty()));
}

#[test]
fn shards_add_up_to_the_whole() {
    let whole = knobs();
    let all: Vec<Arrival> = AllArrivals::new(&draw(&whole), &whole).collect();
    let mut parts: Vec<Arrival> = Vec::new();
    let mut streams = 0;
    for number in 1..=3 {
        let part = RunKnobs { shard: Shard { number, of: 3 }, ..knobs() };
        let plan = draw(&part);
        parts.extend(AllArrivals::new(&plan, &part));
        streams += watches(&plan, &part).len();
    }
    let in_order = |arrivals: &[Arrival]| {
        let mut keys: Vec<_> = arrivals.iter().map(|a| (a.at, a.widget, a.visitor)).collect();
        keys.sort_unstable();
        keys
    };
    assert_eq!(in_order(&parts), in_order(&all));
    assert_eq!(streams, 200);
}

#[test]
fn arrivals_keep_to_the_rate() {
    let knobs = knobs();
    let plan = draw(&knobs);
    let all: Vec<Arrival> = AllArrivals::new(&plan, &knobs).collect();
    // 60,000 independent arrivals: four standard deviations are 980.
    assert!(all.len().abs_diff(60_000) < 980, "{}", all.len());
    assert!(all.is_sorted_by_key(|arrival| arrival.at));
    // Gaps of independent arrivals: one in e of them is longer than the mean.
    let longer = all.windows(2).filter(|two| two[1].at - two[0].at > 5_000).count();
    let share = longer as f64 / all.len() as f64;
    assert!((share - (-1.0_f64).exp()).abs() < 0.01, "{share}");
    let constant = RunKnobs { arrivals: Arrivals::Constant, ..knobs };
    let gaps: Vec<_> = AllArrivals::new(&plan, &constant).take(5).map(|a| a.at).collect();
    assert_eq!(gaps, [5_000, 10_000, 15_000, 20_000, 25_000]);
}

#[test]
fn where_many_come_some_begin_together_and_nobody_early() {
    let lie = |visitors: &str, together: u32| -> Vec<Micros> {
        let visitors = Stage::parse_all(visitors).expect("stages");
        let arrivals = Arrivals::Poisson { together };
        let knobs = RunKnobs { visitors, arrivals, duration: Millis(10_000), ..knobs() };
        AllArrivals::new(&draw(&knobs), &knobs).map(|arrival| arrival.at).collect()
    };
    // With few of them, at the same rates, all have their own instants.
    assert_eq!(lie("2000/s", 5), lie("2000/s", 1));
    // At so many, five within half a millisecond; at most those of a whole one.
    for (rate, together, apart) in
        [("10000/s", 5, 500), ("4000/s", 8, 1_000), ("3s:0/s..8000/s,1000/s..9000/s", 8, 1_000)]
    {
        let (exact, grouped) = (lie(rate, 1), lie(rate, together));
        assert_eq!(exact.len(), grouped.len());
        assert!(grouped.is_sorted() && grouped.iter().all(|at| *at < 10_000_000));
        let late = exact.iter().zip(&grouped).map(|(exact, grouped)| grouped - exact);
        assert!(late.clone().all(|late| (0..apart).contains(&late)), "{rate}: {:?}", late.max());
        if !rate.contains(',') {
            let mut instants = grouped.clone();
            instants.dedup();
            // At nearly each of them somebody begins.
            let all = 10_000_000 / apart as usize;
            assert!(instants.len() <= all && instants.len() > all * 9 / 10, "{}", instants.len());
        }
    }
}

#[test]
fn stages_follow_each_other_and_ramps_rise() {
    let stages = Stage::parse_all("100s:0/s..200/s,100s:50/s,0/s").expect("stages");
    let knobs = RunKnobs { visitors: stages, ..knobs() };
    let plan = draw(&knobs);
    let mut tenths = [0_u32; 30];
    for arrival in AllArrivals::new(&plan, &knobs) {
        tenths[(arrival.at / (10 * SECOND_US)) as usize] += 1;
    }
    // From 0 to 200 in a hundred seconds: 10 a second in the first ten, 190 in the last.
    for (place, expected) in
        [(0, 100), (4, 900), (9, 1_900), (10, 500), (19, 500), (20, 0), (29, 0)]
    {
        let slack = 4.0 * f64::from(expected).sqrt() + 1.0;
        assert!(f64::from(tenths[place].abs_diff(expected)) < slack, "{place}: {tenths:?}");
    }
}

/// What a plan does at a property from one moment to another, as if all were done at once: who is
/// logged in, by agent and slot, with the status last chosen.
fn present(
    plan: &RunPlan,
    property: PropertyIndex,
    until: Micros,
) -> Vec<(AgentIndex, DeviceSlot)> {
    let mut there = Vec::new();
    for &member in &plan.properties[property as usize].members {
        let agent = &plan.agents[member as usize];
        let mut devices = vec![None; agent.devices.len()];
        for step in agent.steps.iter().take_while(|step| step.at <= until) {
            let device = &mut devices[usize::from(step.slot)];
            match step.what {
                AgentAction::Login | AgentAction::Return => *device = Some(Micros::MAX),
                AgentAction::Lose => *device = Some(step.at + (plan.grace.0 * 1_000) as Micros),
                AgentAction::Logout => *device = None,
                AgentAction::LogoutEverywhere => devices.fill(None),
                _ => {}
            }
        }
        let live = (0..).zip(devices).filter(|(_, ends)| ends.is_some_and(|ends| ends > until));
        there.extend(live.map(|(slot, _)| (member, slot)));
    }
    there
}

/// Of the schedulers of a plan's own widgets, how many have an edge that shows well within the run.
fn edges_that_show(plan: &RunPlan, zones: &Zones) -> u64 {
    let margin = (plan.duration.0 / 4).min(5_000) as i64;
    let (from, to) =
        (plan.start.as_millis() + margin, plan.start.as_millis() + plan.duration.0 as i64 - margin);
    let shows = |widget: &&PlannedWidget| {
        let settings = &widget.settings;
        let is_own = plan.properties[widget.property as usize].is_own;
        is_own
            && !settings.offline_when_all_agents_offline
            && settings.scheduler.as_ref().is_some_and(|scheduler| {
                let zone = zones.get(&scheduler.zone).expect("a zone");
                let before = Instant::from_millis(from - 1).expect("in range");
                let edge = Schedule::new(zone, &scheduler.hours).next_edge(before);
                edge.is_some_and(|edge| edge.as_millis() <= to)
            })
    };
    plan.widgets.iter().filter(shows).count() as u64
}

/// Holds what a run of a plan is sure to meet against what the plan has.
fn meets_its_goals(knobs: &RunKnobs, zones: &Zones) {
    let plan = RunPlan::draw(knobs, zones).expect("a plan");
    let goals = &plan.goals;
    let own = plan.properties.iter().filter(|property| property.is_own).count() as u64;
    assert!(goals.edges * 10 >= own, "{} edges of {own}: {:?}", goals.edges, goals.lacking);
    assert!(goals.graces() * 10 >= own, "{} of {own}: {:?}", goals.graces(), goals.lacking);
    assert_eq!(goals.shift_changes(), goals.graces());
    assert!(edges_that_show(&plan, zones) >= goals.edges);
    for hand_over in &goals.hand_overs {
        let HandOver { property, leaves, comes, span } = *hand_over;
        let leaver = leaves.expect("somebody leaves");
        let out = |at| {
            let steps = &plan.agents[leaver as usize].steps;
            steps.iter().any(|step| {
                step.what == AgentAction::LogoutEverywhere && (span.from..at).contains(&step.at)
            })
        };
        assert!(out(span.comes_at), "{hand_over:?}");
        // Who comes is there alone until the grace ends, and then nobody is.
        assert_eq!(present(&plan, property, span.comes_at), [(comes, 0)], "{hand_over:?}");
        assert_eq!(present(&plan, property, span.ends_at - 1), [(comes, 0)], "{hand_over:?}");
        assert_eq!(present(&plan, property, span.to - 1), [], "{hand_over:?}");
        assert!(!present(&plan, property, span.to + 900_000).is_empty(), "{hand_over:?}");
        assert!(span.to <= knobs.duration_us() - SECOND_US);
    }
}

#[test]
fn runs_of_all_lengths_seeds_and_sizes_are_sure_to_meet_what_they_promise() {
    let zones = Zones::bundled();
    let mut drawn = 0;
    for seed in 0..12 {
        for (seconds, properties) in [
            (20, 10),
            (20, 61),
            (25, 3),
            (31, 50),
            (60, 1),
            (60, 40),
            (90, 17),
            (180, 100),
            (300, 33),
        ] {
            let earliest = knobs().start.as_millis() + seed as i64 * 7_919;
            let duration = Millis(seconds * 1_000);
            let world = synth::Knobs { properties, seed, ..synth::Knobs::default() };
            let whole = RunKnobs {
                world,
                start: start_from(Instant::from_millis(earliest).expect("in range"), duration),
                duration,
                grace: Millis((duration.0 / 10).clamp(2_000, 120_000)),
                pace: Millis((duration.0 / 8).clamp(4_000, 45_000)),
                storms: vec![Storm { at: Millis(duration.0 / 2), percent: 50 }],
                ..knobs()
            };
            meets_its_goals(&whole, &zones);
            for number in 1..=3 {
                meets_its_goals(
                    &RunKnobs { shard: Shard { number, of: 3 }, ..whole.clone() },
                    &zones,
                );
            }
            drawn += 1;
        }
    }
    assert_eq!(drawn, 108);
}

#[test]
fn what_parts_promise_adds_up_to_what_the_whole_does() {
    let of = |shard| draw(&RunKnobs { shard, ..knobs() }).goals;
    let whole = of(Shard::WHOLE);
    let parts = [1, 2, 3].map(|number| of(Shard { number, of: 3 }));
    assert_eq!(parts.iter().map(|part| part.edges).sum::<u64>(), whole.edges);
    assert_eq!(parts.iter().map(PlanGoals::graces).sum::<u64>(), whole.graces());
    assert_eq!(parts.iter().map(|part| part.storm_drops).sum::<u64>(), whole.storm_drops);
    assert!(whole.storm_drops > 50 && whole.lacking.is_empty(), "{whole:?}");
}

#[test]
fn what_cannot_be_laid_is_said_with_its_reason() {
    let lacking = |knobs: &RunKnobs| draw(knobs).goals.lacking.join("\n");
    let short = RunKnobs { duration: Millis(10_000), ..knobs() };
    assert!(lacking(&short).contains("laid into runs of 20s or more"), "{}", lacking(&short));
    // From five seconds behind a full minute on, for twenty seconds.
    let start = Instant::from_millis(1_773_057_605_000).expect("in range");
    let between = RunKnobs { start, duration: Millis(20_000), grace: Millis(2_000), ..knobs() };
    assert!(lacking(&between).contains("full minutes"), "{}", lacking(&between));
    let long = RunKnobs { grace: Millis(290_000), ..knobs() };
    assert!(lacking(&long).contains("with a grace of 4m50s"), "{}", lacking(&long));
}
