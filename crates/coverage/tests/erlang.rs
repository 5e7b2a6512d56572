//! Queues against the formulas of Erlang, and these against values of others: published ones
//! (`data/published.csv`), and such as `data/erlang.py` computes by other formulas.

use lamplighter_core::model::{AgentId, PropertyId};
use lamplighter_coverage::arrivals::number::exponential;
use lamplighter_coverage::staffing::erlang::{Load, members_needed};
use lamplighter_coverage::staffing::estimate::estimate;
use lamplighter_coverage::staffing::queue::{Queue, Teams, Wanted};
use lamplighter_scenario::synth::random::RandomStream;

/// A row of the reference values.
struct Case {
    load: Load,
    within_ms: f64,
    waits: f64,
    left: f64,
    answered_within: f64,
}

fn number(field: Option<&str>) -> f64 {
    field.expect("a field").parse().expect("a number")
}

fn rows(text: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    reader.records().collect::<Result<_, _>>().expect("rows")
}

fn load(row: &csv::StringRecord) -> Load {
    let of = |place| number(row.get(place));
    let handle_ms = of(2) * 1_000.0;
    Load {
        places: of(0) as u32,
        arrivals_per_ms: of(1) / handle_ms,
        handle_ms,
        patience_ms: (of(3) > 0.0).then(|| of(3) * 1_000.0),
    }
}

fn cases() -> Vec<Case> {
    let rows = rows(include_str!("data/erlang.csv"));
    let case = |row: &csv::StringRecord| Case {
        load: load(row),
        within_ms: number(row.get(4)) * 1_000.0,
        waits: number(row.get(5)),
        left: number(row.get(6)),
        answered_within: number(row.get(7)),
    };
    rows.iter().map(case).collect()
}

#[test]
fn the_formulas_give_the_reference_values() {
    let cases = cases();
    assert_eq!(cases.len(), 40);
    for Case { load, within_ms, waits, left, answered_within } in cases {
        for (what, found, known) in [
            ("waits", load.waits(), waits),
            ("left", load.left(), left),
            ("in time", load.answered_within(within_ms), answered_within),
        ] {
            assert!((found - known).abs() < 1e-8, "{load:?}, {what}: {found}, known {known}");
        }
    }
}

#[test]
fn the_formulas_give_what_was_published() {
    for row in rows(include_str!("data/published.csv")) {
        let load = load(&row);
        let found = match row.get(5).expect("what") {
            "waits" => load.waits(),
            "left" => load.left(),
            "answered_within" => load.answered_within(number(row.get(4)) * 1_000.0),
            "occupancy" => load.erlangs() / f64::from(load.places),
            "wait_s" => {
                load.waits() * load.handle_ms / (f64::from(load.places) - load.erlangs()) / 1_000.0
            }
            other => panic!("{other}"),
        };
        let half = 0.5 * 10_f64.powf(-number(row.get(7)));
        assert!((found - number(row.get(6))).abs() <= half, "{row:?}: {found}");
    }
}

/// The share of so many chats that were answered in time, with constant staff; the first ones, who find
/// nobody before them, don't count.
fn simulated(load: &Load, within_ms: f64, (first, chats): (u32, u32), seed: (u64, u64)) -> f64 {
    let agents = load.places as usize;
    let members: Vec<AgentId> = (0..agents).map(AgentId::new).collect();
    let property = PropertyId::new(0);
    let teams = Teams {
        members: vec![members],
        properties: vec![vec![property]; agents],
        is_there: vec![true; agents],
    };
    let mut queue = Queue::new(1, agents, 1);
    let mut stream = RandomStream::fork(seed.0, b"erlang..", seed.1, 0);
    let (mut clock_ms, mut counts_from_ms) = (0.0, 0);
    let (mut ended, mut in_time) = (0_u32, 0_u32);
    for chat in 0..first + chats {
        clock_ms += exponential(&mut stream) / load.arrivals_per_ms;
        let at_ms = clock_ms as i64;
        if chat == first {
            counts_from_ms = at_ms;
        }
        let mut take = |end: lamplighter_coverage::staffing::queue::Ended| {
            if chat >= first && end.chat.at_ms >= counts_from_ms {
                ended += 1;
                let waited = end.answered.map(|(_, waited_ms)| waited_ms as f64);
                in_time += u32::from(waited.is_some_and(|ms| ms <= within_ms));
            }
        };
        queue.advance(at_ms, &teams, &mut take);
        let mut drawn = |mean_ms: f64| (exponential(&mut stream) * mean_ms).round() as u64;
        let wanted = Wanted {
            at_ms,
            property,
            handle_ms: drawn(load.handle_ms),
            patience_ms: load.patience_ms.map(&mut drawn),
        };
        queue.want(wanted, &teams, &mut take);
    }
    f64::from(in_time) / f64::from(ended.max(1))
}

fn hold_against_the_formulas(chats: u32, off_by_max: f64) {
    for (index, case) in cases().iter().enumerate() {
        let found = simulated(&case.load, case.within_ms, (chats / 10, chats), (11, index as u64));
        let off_by = (found - case.answered_within).abs();
        assert!(off_by < off_by_max, "{:?}: {found}, {}", case.load, case.answered_within);
    }
}

#[test]
fn queues_with_constant_staff_come_near_the_formulas() {
    hold_against_the_formulas(20_000, 0.04);
}

/// Some half a minute: `cargo test -p lamplighter-coverage --test erlang -- --ignored`.
#[test]
#[ignore = "a million chats for each of forty cases"]
fn a_million_chats_come_within_half_a_percentage_point_of_the_formulas() {
    hold_against_the_formulas(1_000_000, 0.005);
}

#[test]
fn intervals_hold_the_truth_in_some_95_of_100_repetitions() {
    const REPETITIONS: u64 = 1_000;
    const RUNS: u64 = 20;
    let load = Load {
        places: 3,
        arrivals_per_ms: 2.4 / 300_000.0,
        handle_ms: 300_000.0,
        patience_ms: Some(120_000.0),
    };
    // What a run of so many chats comes to is what is estimated: the mean of very many of them.
    let run = |label: u64, index| simulated(&load, 30_000.0, (0, 60), (label, index));
    let truth = (0..60_000).map(|index| run(1, index)).sum::<f64>() / 60_000.0;
    let holds = |repetition: &u64| {
        let runs: Vec<f64> = (0..RUNS).map(|index| run(2, repetition * RUNS + index)).collect();
        let found = estimate(&runs).expect("of twenty");
        (found.mean - truth).abs() <= found.plus_minus.expect("of twenty")
    };
    let held = (0..REPETITIONS).filter(holds).count();
    assert!((930..=970).contains(&held), "{held} of {REPETITIONS}");
}

#[test]
fn members_needed_is_the_smallest_number_that_does() {
    for case in cases() {
        for concurrent in [1, 3] {
            let level = (0.8, case.within_ms);
            let members = members_needed(case.load, concurrent, level).expect("somebody comes");
            let with = |members: u32| {
                let load = Load { places: members * concurrent, ..case.load };
                load.answered_within(case.within_ms)
            };
            assert!(with(members) >= 0.8, "{:?}", case.load);
            assert!(members == 1 || with(members - 1) < 0.8, "{:?}", case.load);
        }
    }
    let nobody = Load { places: 0, arrivals_per_ms: 0.0, handle_ms: 1e5, patience_ms: None };
    assert_eq!(members_needed(nobody, 1, (0.8, 20_000.0)), None);
}
