//! One part added to another, field by field. Every field of a part is taken apart here by its name, so
//! that one which is added to a result and forgotten here does not compile.
//!
//! What is counted is added; histograms are, too, so that percentiles are those of the whole. Of what cannot
//! be added the greatest is told (the memory of a generator, how long the run lasted, the smallest promise
//! that would have been enough), or the least (how many answers had been judged when the first was wrong:
//! no part knows how many the others had judged by then). What is said in words is put in the order of
//! shards, evidence in the order of time. So it makes no difference in which order parts are added, nor
//! which of them were added before.

use std::collections::{BTreeMap, BTreeSet};

use super::Shard;
use crate::outages;
use crate::result::{
    AboutRun, Class, EVIDENCE_MAX_PER_CLASS, EdgePropagation, Evidence, Generator, GoalCount,
    IntervalStats, Judged, LoadResult, OperationStats, Propagation, Rate,
};

/// What stands before and behind the name of a shard where goose's tables of it begin.
const TABLES: [&str; 2] = ["── shard ", " ──\n"];

/// Adds a part. Whether both are of one run was looked at; gates are held against the whole later.
pub fn add(whole: &mut LoadResult, part: LoadResult) {
    let LoadResult {
        format: _,
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
        gates: _,
    } = part;
    add_about(&mut whole.about, about);
    add_rate(&mut whole.rate, &rate);
    for (name, operation) in &operations {
        add_operation(whole.operations.entry(name.clone()).or_default(), operation);
    }
    add_propagation(&mut whole.propagation, &propagation);
    add_edges(&mut whole.edges, &edges);
    add_judged(&mut whole.judged, judged);
    for (goal, GoalCount { planned, met }) in goals {
        let whole = whole.goals.entry(goal).or_default();
        whole.planned += planned;
        whole.met += met;
    }
    if whole.intervals.len() < intervals.len() {
        whole.intervals.resize_with(intervals.len(), IntervalStats::default);
    }
    for (whole, part) in whole.intervals.iter_mut().zip(&intervals) {
        add_interval(whole, part);
    }
    add_generator(&mut whole.generator, generator);
    outages::unite(&mut whole.outages, outages);
    whole.unfinished = in_order_of_shards(std::mem::take(&mut whole.unfinished), unfinished);
    whole.goose = in_order_of_shards(sections(&whole.goose), sections(&goose)).concat();
}

/// What is told in words is told with the name of the part that it is of, and the arguments are those of
/// the whole plan.
pub fn named(mut part: LoadResult) -> LoadResult {
    let [shard] = &part.about.shards[..] else { return part };
    if !part.goose.is_empty() {
        let [before, behind] = TABLES;
        let end = if part.goose.ends_with('\n') { "" } else { "\n" };
        part.goose = format!("{before}{shard}{behind}{}{end}", part.goose);
    }
    let tell = |text: &String| format!("shard {shard}: {text}");
    part.generator.warnings = part.generator.warnings.iter().map(tell).collect();
    part.unfinished = part.unfinished.iter().map(tell).collect();
    part.about.ended_early = part.about.ended_early.as_ref().map(tell);
    part.about.arguments = without_shard(&part.about.arguments);
    part
}

fn add_about(whole: &mut AboutRun, part: AboutRun) {
    let AboutRun {
        lamplighter,
        target,
        // These are the same in all parts.
        product: _,
        not_tested: _,
        plan: _,
        arguments: _,
        start: _,
        duration_ms: _,
        grace_ms: _,
        within_ms: _,
        interval_ms: _,
        // They are united by the caller.
        shards: _,
        lasted_ms,
        ended_early,
        interrupted,
        properties,
        widgets,
        agents,
        devices,
        skew_ms,
        skew_uncertain_ms,
    } = part;
    whole.lamplighter = united(&whole.lamplighter, &lamplighter, ", ");
    // Generators may reach one target by several names.
    whole.target = united(&whole.target, &target, ", ");
    whole.lasted_ms = whole.lasted_ms.max(lasted_ms);
    whole.ended_early = match (whole.ended_early.take(), ended_early) {
        (Some(one), Some(other)) => {
            let told = |text: &str| text.split("; ").map(str::to_owned).collect();
            Some(in_order_of_shards(told(&one), told(&other)).join("; "))
        }
        (one, other) => one.or(other),
    };
    whole.interrupted |= interrupted;
    whole.properties += properties;
    whole.widgets += widgets;
    whole.agents += agents;
    whole.devices += devices;
    // The narrowest span that holds both: as wide as what any part has tolerated. Its ends are whole
    // microseconds, whatever it was put together of.
    let ends = |ahead: f64, uncertain: f64| {
        [ahead - uncertain, ahead + uncertain].map(|ms| (ms * 1e3).round())
    };
    let one = ends(whole.skew_ms, whole.skew_uncertain_ms);
    let other = ends(skew_ms, skew_uncertain_ms);
    let (low, high) = (one[0].min(other[0]), one[1].max(other[1]));
    (whole.skew_ms, whole.skew_uncertain_ms) = ((low + high) / 2e3, (high - low) / 2e3);
}

fn add_rate(whole: &mut Rate, part: &Rate) {
    let Rate { asked, sent, answered, late, generator_late } = part;
    whole.asked += asked;
    whole.sent += sent;
    whole.answered += answered;
    whole.late.add(late);
    whole.generator_late.add(generator_late);
}

fn add_operation(whole: &mut OperationStats, part: &OperationStats) {
    let OperationStats { intended, service, ok, errors } = part;
    whole.intended.add(intended);
    whole.service.add(service);
    whole.ok += ok;
    add_counts(&mut whole.errors, errors);
}

fn add_propagation(whole: &mut Propagation, part: &Propagation) {
    let Propagation { push, poll } = part;
    whole.push.add(push);
    whole.poll.add(poll);
}

fn add_edges(whole: &mut EdgePropagation, part: &EdgePropagation) {
    let EdgePropagation { schedulers, graces, push, poll } = part;
    whole.schedulers += schedulers;
    whole.graces += graces;
    whole.push.add(push);
    whole.poll.add(poll);
}

fn add_judged(whole: &mut Judged, part: Judged) {
    let Judged {
        reads,
        decisive,
        pushes,
        teams,
        messages,
        wrong,
        first_wrong_after,
        within_enough_ms,
        races,
        evidence,
        kinds,
        listed,
        not_tested,
        cpu_us,
    } = part;
    whole.reads += reads;
    whole.decisive += decisive;
    whole.pushes += pushes;
    whole.teams += teams;
    whole.messages += messages;
    add_counts(&mut whole.wrong, &wrong);
    // Which of the parts saw it first is not known: the least is told.
    whole.first_wrong_after =
        [whole.first_wrong_after, first_wrong_after].into_iter().flatten().min();
    // Where no promise is enough for a part, none is for the whole.
    whole.within_enough_ms =
        whole.within_enough_ms.zip(within_enough_ms).map(|(one, other)| one.max(other));
    add_counts(&mut whole.races, &races);
    whole.evidence.extend(evidence);
    bound(&mut whole.evidence);
    // Each part has properties of its own, and so kinds of its own.
    whole.kinds += kinds;
    whole.listed += listed;
    add_counts(&mut whole.not_tested, &not_tested);
    whole.cpu_us += cpu_us;
}

fn add_interval(whole: &mut IntervalStats, part: &IntervalStats) {
    let IntervalStats {
        asked,
        answered,
        errors,
        agent_calls,
        wrong,
        widget,
        sockets,
        streams,
        connections,
    } = part;
    whole.asked += asked;
    whole.answered += answered;
    whole.errors += errors;
    whole.agent_calls += agent_calls;
    whole.wrong += wrong;
    whole.widget.add(widget);
    // All generators were there at once.
    whole.sockets += sockets;
    whole.streams += streams;
    whole.connections += connections;
}

fn add_generator(whole: &mut Generator, part: Generator) {
    let Generator { cpu_us, memory_bytes_max, warnings } = part;
    whole.cpu_us += cpu_us;
    // Each is a process of its own, most often on a machine of its own.
    whole.memory_bytes_max = whole.memory_bytes_max.max(memory_bytes_max);
    whole.warnings = in_order_of_shards(std::mem::take(&mut whole.warnings), warnings);
}

fn add_counts<K: Ord + Clone>(whole: &mut BTreeMap<K, u64>, part: &BTreeMap<K, u64>) {
    for (name, count) in part {
        *whole.entry(name.clone()).or_default() += count;
    }
}

/// Puts evidence in the order in which it was found, and keeps the first of each class.
fn bound(evidence: &mut Vec<Evidence>) {
    // Whatever else it may be is told by its text.
    let key = |found: &Evidence| {
        let text = serde_json::to_string(found).unwrap_or_default();
        (found.answered_us, found.sent_us, found.class, found.about.clone(), text)
    };
    evidence.sort_by_cached_key(key);
    let mut kept: BTreeMap<Class, usize> = BTreeMap::new();
    evidence.retain(|found| {
        let count = kept.entry(found.class).or_default();
        *count += 1;
        *count <= EVIDENCE_MAX_PER_CLASS
    });
}

/// What is in either of two lists, each once.
fn united(one: &str, other: &str, between: &str) -> String {
    let all: BTreeSet<&str> = one.split(between).chain(other.split(between)).collect();
    all.into_iter().collect::<Vec<_>>().join(between)
}

/// What parts say in words, each of them beginning with its shard.
fn in_order_of_shards(mut one: Vec<String>, other: Vec<String>) -> Vec<String> {
    one.extend(other);
    one.sort_by_cached_key(|text| (shard_of(text), text.clone()));
    one
}

/// The shard that a text begins with, as `named` has put it there.
fn shard_of(text: &str) -> Option<Shard> {
    let text = text.strip_prefix(TABLES[0]).or_else(|| text.strip_prefix("shard "))?;
    let end = text.find([' ', ':'])?;
    Shard::parse(&text[..end]).ok()
}

/// Goose's tables of each shard, with the line before them that names it.
fn sections(tables: &str) -> Vec<String> {
    let mut sections: Vec<String> = Vec::new();
    for line in tables.split_inclusive('\n') {
        match sections.last_mut() {
            Some(section) if !line.starts_with(TABLES[0]) => section.push_str(line),
            _ => sections.push(line.to_owned()),
        }
    }
    sections
}

/// The arguments that give the whole plan.
fn without_shard(arguments: &str) -> String {
    let mut words = arguments.split(' ').peekable();
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "--shard" => drop(words.next()),
            _ if word.starts_with("--shard=") => {}
            _ => kept.push(word),
        }
    }
    kept.join(" ")
}
