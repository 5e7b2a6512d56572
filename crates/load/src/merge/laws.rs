//! Whatever way a run is split into parts, and in whatever order they are merged, the whole is the same.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use crate::merge::merge;
use crate::result::{
    AboutRun, Class, EVIDENCE_MAX_PER_CLASS, Evidence, Generator, Goal, Judged, LoadResult, Outage,
};
use crate::sample::Sample;
use crate::tally::{LOGIN, STATUS, WIDGET};

const SECONDS: u64 = 6;

/// Something that a generator has counted, judged or seen: what, in which second, how long it took, and
/// which of several it was.
type Happening = (u8, usize, u64, u8);

fn happenings() -> impl Strategy<Value = Vec<(Happening, usize)>> {
    let happening = (0..16_u8, 0..SECONDS as usize, 1..3_000_000_u64, 0..200_u8);
    proptest::collection::vec((happening, 0..64_usize), 0..400)
}

/// Takes it into a result.
fn happen(result: &mut LoadResult, happening: Happening) {
    match happening.0 {
        0..6 => count(result, happening),
        6..10 => judge(result, happening),
        _ => tell(result, happening),
    }
}

/// Takes calls and what was seen of changes into a result.
fn count(result: &mut LoadResult, (what, second, us, which): Happening) {
    let LoadResult { rate, operations, propagation, edges, intervals, .. } = result;
    let interval = &mut intervals[second];
    match what {
        0 => {
            rate.asked += 1;
            rate.sent += u64::from(which % 2);
            rate.late.record(us);
            rate.generator_late.record(us / 7);
            interval.asked += 1;
        }
        1 => {
            rate.answered += 1;
            let widget = operations.entry(WIDGET.to_owned()).or_default();
            widget.intended.record(us);
            widget.service.record(us / 2);
            widget.ok += 1;
            interval.answered += 1;
            interval.widget.record_coarsely(us);
        }
        2 => {
            let login = operations.entry(LOGIN.to_owned()).or_default();
            let why = if which % 2 == 0 { "503" } else { "timed out" };
            *login.errors.entry(why.to_owned()).or_default() += 1;
            interval.errors += 1;
        }
        3 => {
            operations.entry(STATUS.to_owned()).or_default().ok += 1;
            interval.agent_calls += 1;
        }
        4 if which % 2 == 0 => propagation.push.record(us),
        4 => propagation.poll.record(us),
        5 if which % 2 == 0 => {
            edges.schedulers += 1;
            edges.push.record(us);
        }
        _ => {
            edges.graces += 1;
            edges.poll.record(us);
        }
    }
}

/// Takes what was judged into a result.
fn judge(result: &mut LoadResult, (what, second, us, which): Happening) {
    let LoadResult { judged, goals, intervals, .. } = result;
    let interval = &mut intervals[second];
    let class = Class::ALL[usize::from(which) % Class::ALL.len()];
    match what {
        6 => {
            judged.reads += 5;
            judged.decisive += 4;
            judged.pushes += 3;
            judged.teams += 2;
            judged.messages += 1;
        }
        7 | 8 => {
            // Some come by the dozen, more than are kept.
            let count = if which % 5 == 0 { 60 } else { 1 };
            *judged.wrong.entry(class).or_default() += count;
            interval.wrong += count;
            judged.kinds += 1;
            judged.listed += count;
            let found = (0..count).map(|more| evidence(class, second, us + more, which));
            judged.evidence.extend(found);
        }
        9 if which % 2 == 0 => {
            let goal = goals.entry(Goal::ALL[usize::from(which) % Goal::ALL.len()]).or_default();
            goal.planned += 2;
            goal.met += 1;
        }
        _ => *judged.races.entry(format!("race {}", which % 3)).or_default() += 1,
    }
}

/// Takes what is told of the run itself into a result.
fn tell(result: &mut LoadResult, (what, second, us, which): Happening) {
    let LoadResult { about, judged, intervals, .. } = result;
    let interval = &mut intervals[second];
    match what {
        10 => {
            interval.sockets += 3;
            interval.streams += 2;
            interval.connections += 1;
        }
        11 => {
            about.properties += 1;
            about.widgets += 2;
            about.agents += 3;
            about.devices += 4;
        }
        12 => {
            judged.cpu_us += us;
            result.generator.cpu_us += 2 * us;
        }
        13 => {
            let more = if which == 0 { None } else { Some(us as f64 / 1e3) };
            judged.within_enough_ms = judged.within_enough_ms.zip(more).map(|(a, b)| a.max(b));
        }
        14 => {
            let first = judged.first_wrong_after.map_or(us, |first| first.min(us));
            judged.first_wrong_after = Some(first);
        }
        _ => {
            let generator = &mut result.generator;
            generator.memory_bytes_max = generator.memory_bytes_max.max(us);
            about.lasted_ms = about.lasted_ms.max(us / 600);
        }
    }
}

/// Some of it is alike but for what was answered, and some is the same.
fn evidence(class: Class, second: usize, us: u64, which: u8) -> Evidence {
    static SAMPLE: LazyLock<Evidence> = LazyLock::new(|| {
        Sample { is_bad: true, ..Sample::default() }.whole().judged.evidence[0].clone()
    });
    let answered_us = second as i64 * 1_000_000;
    let answered = format!("answer {}", which % 5);
    Evidence {
        class,
        answered_us,
        sent_us: answered_us - (us % 2) as i64,
        answered,
        ..SAMPLE.clone()
    }
}

/// Results in which nothing was counted, of so many shards; of one it is the whole.
fn nothing(count: usize) -> Vec<LoadResult> {
    let sample = Sample { seconds: SECONDS, rate: 0, ..Sample::default() };
    let mut parts = sample.parts(count);
    for part in &mut parts {
        part.judged = Judged { within_enough_ms: Some(0.0), ..Judged::default() };
        part.generator = Generator::default();
        part.about.lasted_ms = 0;
        part.goals.clear();
    }
    parts
}

fn split(happenings: &[(Happening, usize)], count: usize) -> (LoadResult, Vec<LoadResult>) {
    let (mut whole, mut parts) = (nothing(1).remove(0), nothing(count));
    for (happening, to) in happenings {
        happen(&mut whole, *happening);
        happen(&mut parts[to % count], *happening);
    }
    (whole, parts)
}

/// The first of each class, by their time and then by all that they say.
fn first_of_each_class(evidence: &[Evidence]) -> Vec<Evidence> {
    let key = |found: &Evidence| {
        (found.answered_us, found.sent_us, found.class, found.about.clone(), found.answered.clone())
    };
    let mut classes: BTreeMap<Class, Vec<Evidence>> = BTreeMap::new();
    for found in evidence {
        classes.entry(found.class).or_default().push(found.clone());
    }
    let kept = classes.into_values().flat_map(|mut all| {
        all.sort_by_key(key);
        all.truncate(EVIDENCE_MAX_PER_CLASS);
        all
    });
    let mut kept: Vec<Evidence> = kept.collect();
    kept.sort_by_key(key);
    kept
}

/// Says in words what parts say, each in its own.
fn say(parts: &mut [LoadResult]) {
    let count = parts.len();
    for (number, part) in (1..=12_u32).zip(parts) {
        part.goose = format!("table of {number}\nof two lines\n");
        part.generator.warnings = vec![format!("b of {number}"), format!("a of {number}")];
        part.unfinished = vec![format!("messages of {number}")];
        part.about.interrupted = number == 2;
        let from_us = 400 * i64::from(number % 4);
        let (to_us, waited) = (Some(from_us + 300 + 60 * i64::from(number)), number as u64);
        part.outages = vec![Outage { from_us, to_us, waited, ..Outage::default() }];
        part.about.ended_early = (number % 2 == 0).then(|| "Ctrl-C".to_owned());
        part.about.skew_ms = f64::from(number) / 3.0;
        part.about.target = format!("http://host-{}", number % 3);
        part.about.arguments = format!("--properties 9 --shard {number}/{count} --seed 1");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn parts_of_any_split_add_up_to_the_whole(all in happenings(), count in 2..7_usize) {
        let (whole, parts) = split(&all, count);
        let merged = merge(parts).expect("parts of one run");
        // Every field by its name: what is added to a result is compared here, or does not compile.
        let LoadResult {
            format,
            about,
            rate,
            operations,
            propagation,
            edges,
            judged,
            goals,
            intervals,
            generator,
            outages,
            unfinished,
            goose,
            gates,
        } = merged;
        prop_assert_eq!(format, whole.format);
        prop_assert_eq!(about, whole.about);
        prop_assert_eq!(rate, whole.rate);
        prop_assert_eq!(operations, whole.operations);
        prop_assert_eq!(propagation, whole.propagation);
        prop_assert_eq!(edges, whole.edges);
        let evidence = first_of_each_class(&whole.judged.evidence);
        prop_assert_eq!(judged, Judged { evidence, ..whole.judged });
        prop_assert_eq!(goals, whole.goals);
        prop_assert_eq!(intervals, whole.intervals);
        prop_assert_eq!(generator, whole.generator);
        prop_assert_eq!(outages, whole.outages);
        prop_assert_eq!(unfinished, whole.unfinished);
        prop_assert_eq!(goose, whole.goose);
        prop_assert_eq!(gates, whole.gates);
    }

    #[test]
    fn it_makes_no_difference_what_is_merged_first(
        all in happenings(),
        count in 3..12_usize,
        order in proptest::collection::vec((0..100_usize, 0..100_usize), 12),
    ) {
        let (_, mut parts) = split(&all, count);
        say(&mut parts);
        let whole = merge(parts.clone()).expect("parts of one run");
        for (one, other) in order {
            if parts.len() == 1 {
                break;
            }
            let one = parts.remove(one % parts.len());
            let other = parts.remove(other % parts.len());
            parts.push(merge(vec![one, other]).expect("two parts"));
        }
        prop_assert_eq!(&merge(parts).expect("all parts"), &whole);
        let begins = format!("── shard 1/{count} ──\ntable of 1\nof two lines\n── shard 2/{count} ──\n");
        prop_assert!(whole.goose.starts_with(&begins), "{}", whole.goose);
        prop_assert_eq!(whole.generator.warnings.len(), 2 * count);
        prop_assert_eq!(&whole.about.arguments, "--properties 9 --seed 1");
    }
}

#[test]
fn eighteen_properties_and_thirty_two_are_fifty_in_either_order() {
    let mut parts = nothing(2);
    parts[0].about =
        AboutRun { properties: 32, widgets: 40, agents: 160, ..parts[0].about.clone() };
    parts[1].about = AboutRun { properties: 18, widgets: 20, agents: 90, ..parts[1].about.clone() };
    let [one, other] = <[LoadResult; 2]>::try_from(parts).expect("two");
    for parts in [vec![one.clone(), other.clone()], vec![other, one]] {
        let AboutRun { properties, widgets, agents, .. } = merge(parts).expect("a whole").about;
        assert_eq!((properties, widgets, agents), (50, 60, 250));
    }
}
