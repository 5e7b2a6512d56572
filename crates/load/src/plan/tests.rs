use super::knobs::{Arrivals, Stage, Storm};
use super::*;
use crate::clock::SECOND_US;
use lamplighter_core::hours::Schedule;

pub(crate) fn knobs() -> RunKnobs {
    RunKnobs {
        given: None,
        world: synth::Knobs { properties: 60, seed: 5, ..synth::Knobs::default() },
        start: Instant::from_millis(1_773_057_607_000).expect("in range"),
        duration: Millis(300_000),
        grace: Millis(20_000),
        prefix: "load".to_owned(),
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
    }
}

fn draw(knobs: &RunKnobs) -> RunPlan {
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
