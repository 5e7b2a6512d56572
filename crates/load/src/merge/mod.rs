//! Parts of one run, by many generators, added up into the whole: exactly, without an average of
//! averages.

use std::collections::BTreeMap;

use thiserror::Error;

use super::gates::{Gate, GateError};
use super::latencies::Latencies;
use super::outages;
use super::plan::Shard;
use super::result::{
    AboutRun, Class, EVIDENCE_MAX_PER_CLASS, EdgePropagation, Evidence, FORMAT, Generator,
    IntervalStats, Judged, LoadResult, OperationStats, Propagation, Rate,
};

/// Why parts do not add up, and what to do.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum MergeError {
    /// There is nothing to add up.
    #[error("there is no part to merge")]
    Nothing,
    /// A result of another release, whose fields mean something else.
    #[error(
        "a part has format {found}, this release reads {FORMAT}; merge with the release that made it"
    )]
    Format {
        /// The format of the part.
        found: u32,
    },
    /// Two parts are not of one run.
    #[error(
        "the parts {first} and {second} are not of one run: {what} is `{one}` in the one and \
         `{other}` in the other; give every generator the same arguments and --start-at, and \
         another --shard"
    )]
    Unlike {
        /// The shards of one part.
        first: String,
        /// The shards of another part.
        second: String,
        /// The fact in which they differ.
        what: &'static str,
        /// What it is in the first.
        one: String,
        /// What it is in the second.
        other: String,
    },
    /// A part does not say which it is.
    #[error("`{0}` is no shard: a part says which it is as I/N, e.g. `2/4`")]
    Shard(String),
    /// One part twice.
    #[error("the shard {0} is there twice; name every part once")]
    Twice(Shard),
    /// Parts of divisions that don't fit together.
    #[error(
        "the shards {0} and {1} overlap: the plan was divided by {by} and by {and}; merge parts of \
         one division", by = .0.of, and = .1.of
    )]
    Overlap(Shard, Shard),
    /// A part has a gate that this release cannot read, so that the whole cannot be held against it.
    #[error("a part has the gate `{gate}`, which cannot be read: {error}")]
    Gate {
        /// The gate, as it was written.
        gate: String,
        /// Why it cannot be read, and what may have been meant.
        error: GateError,
    },
}

/// Which shards of a plan are not in a result, as `3/4`; none where it is whole.
pub fn missing_shards(about: &AboutRun) -> Vec<String> {
    let shards: Vec<Shard> =
        about.shards.iter().filter_map(|shard| Shard::parse(shard).ok()).collect();
    let Some(&Shard { of, .. }) = shards.first() else { return Vec::new() };
    let all = (1..=of).map(|number| Shard { of, number });
    all.filter(|shard| !shards.contains(shard)).map(|shard| shard.to_string()).collect()
}

fn shard_of(text: &str) -> Result<Shard, MergeError> {
    Shard::parse(text).map_err(|_| MergeError::Shard(text.to_owned()))
}

/// Adds up parts of one run, in whatever order they come. Histograms are added, not averaged; what
/// was open at the end of a stretch is added, too, as all generators were open at once. Gates of any
/// part are held against the whole. Merging a merged part with others gives the same as merging all
/// at once.
///
/// # Errors
/// When they are not parts of one run, or one of them is there twice.
pub fn merge(parts: Vec<LoadResult>) -> Result<LoadResult, MergeError> {
    if let Some(part) = parts.iter().find(|part| part.format != FORMAT) {
        return Err(MergeError::Format { found: part.format });
    }
    let mut shards = Vec::new();
    let mut parts: Vec<(Vec<Shard>, LoadResult)> = parts
        .into_iter()
        .map(|part| {
            let mut own = part.about.shards.iter().map(|shard| shard_of(shard));
            let mut own = own.by_ref().collect::<Result<Vec<Shard>, MergeError>>()?;
            own.sort_unstable();
            shards.extend(own.iter().copied());
            Ok((own, part))
        })
        .collect::<Result<_, MergeError>>()?;
    parts.sort_by(|(one, _), (other, _)| one.cmp(other));
    let Some((_, first)) = parts.first() else { return Err(MergeError::Nothing) };
    for (_, part) in &parts[1..] {
        alike(&first.about, &part.about)?;
    }
    let shards = united(shards)?;
    let gates = gates_of(&parts)?;
    if parts.len() == 1 {
        let (_, whole) = parts.remove(0);
        return Ok(judged_anew(whole, &gates));
    }
    let mut parts = parts.into_iter().map(|(_, part)| named(part));
    let mut whole = parts.next().ok_or(MergeError::Nothing)?;
    for part in parts {
        add(&mut whole, part);
    }
    whole.about.shards = shards.iter().map(Shard::to_string).collect();
    bound(&mut whole.judged.evidence);
    Ok(judged_anew(whole, &gates))
}

/// Holds the gates against the whole.
fn judged_anew(mut whole: LoadResult, gates: &[Gate]) -> LoadResult {
    whole.gates = gates.iter().map(|gate| gate.verdict(&whole)).collect();
    whole
}

/// All shards in their order; where none is missing, the whole that they are.
fn united(mut shards: Vec<Shard>) -> Result<Vec<Shard>, MergeError> {
    shards.sort_unstable();
    for pair in shards.windows(2) {
        match pair {
            [one, other] if one == other => return Err(MergeError::Twice(*one)),
            [one, other] if one.of != other.of => return Err(MergeError::Overlap(*one, *other)),
            _ => {}
        }
    }
    match shards.first() {
        Some(first) if shards.len() == first.of as usize => Ok(vec![Shard { of: 1, number: 1 }]),
        _ => Ok(shards),
    }
}

fn alike(one: &AboutRun, other: &AboutRun) -> Result<(), MergeError> {
    let ms = |ms: u64| format!("{ms} ms");
    let facts = [
        ("the plan", one.plan.clone(), other.plan.clone()),
        ("the product", one.product.clone(), other.product.clone()),
        ("the start", one.start.clone(), other.start.clone()),
        ("the length", ms(one.duration_ms), ms(other.duration_ms)),
        ("the length of a stretch", ms(one.interval_ms), ms(other.interval_ms)),
        ("--within", ms(one.within_ms), ms(other.within_ms)),
    ];
    match facts.into_iter().find(|(_, one, other)| one != other) {
        None => Ok(()),
        Some((what, in_one, in_other)) => Err(MergeError::Unlike {
            first: one.shards.join(", "),
            second: other.shards.join(", "),
            what,
            one: in_one,
            other: in_other,
        }),
    }
}

/// Every gate of any part, each once, in the order of the parts.
fn gates_of(parts: &[(Vec<Shard>, LoadResult)]) -> Result<Vec<Gate>, MergeError> {
    let mut gates: Vec<Gate> = Vec::new();
    for verdict in parts.iter().flat_map(|(_, part)| &part.gates) {
        let gate = Gate::parse(&verdict.gate)
            .map_err(|error| MergeError::Gate { gate: verdict.gate.clone(), error })?;
        if !gates.contains(&gate) {
            gates.push(gate);
        }
    }
    Ok(gates)
}

/// What is told in words is told with the name of the part that it is of.
fn named(mut part: LoadResult) -> LoadResult {
    let [shard] = &part.about.shards[..] else { return part };
    if !part.goose.is_empty() {
        part.goose = format!("── shard {shard} ──\n{}", part.goose);
    }
    let tell = |text: &String| format!("shard {shard}: {text}");
    part.generator.warnings = part.generator.warnings.iter().map(tell).collect();
    part.unfinished = part.unfinished.iter().map(tell).collect();
    part.about.ended_early = part.about.ended_early.as_ref().map(tell);
    part.about.arguments = without_shard(&part.about.arguments);
    part
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

fn add(whole: &mut LoadResult, part: LoadResult) {
    add_about(&mut whole.about, part.about);
    add_rate(&mut whole.rate, &part.rate);
    for (name, operation) in &part.operations {
        add_operation(whole.operations.entry(name.clone()).or_default(), operation);
    }
    let Propagation { push, poll } = &mut whole.propagation;
    push.add(&part.propagation.push);
    poll.add(&part.propagation.poll);
    let EdgePropagation { schedulers, graces, push, poll } = &mut whole.edges;
    *schedulers += part.edges.schedulers;
    *graces += part.edges.graces;
    push.add(&part.edges.push);
    poll.add(&part.edges.poll);
    add_judged(&mut whole.judged, part.judged);
    for (goal, count) in part.goals {
        let whole = whole.goals.entry(goal).or_default();
        whole.planned += count.planned;
        whole.met += count.met;
    }
    if whole.intervals.len() < part.intervals.len() {
        whole.intervals.resize_with(part.intervals.len(), IntervalStats::default);
    }
    for (whole, part) in whole.intervals.iter_mut().zip(&part.intervals) {
        add_interval(whole, part);
    }
    let Generator { cpu_us, memory_bytes_max, warnings } = &mut whole.generator;
    *cpu_us += part.generator.cpu_us;
    *memory_bytes_max = part.generator.memory_bytes_max.max(*memory_bytes_max);
    warnings.extend(part.generator.warnings);
    outages::unite(&mut whole.outages, part.outages);
    whole.unfinished.extend(part.unfinished);
    if !whole.goose.is_empty() && !part.goose.is_empty() && !whole.goose.ends_with('\n') {
        whole.goose.push('\n');
    }
    whole.goose.push_str(&part.goose);
}

fn add_about(whole: &mut AboutRun, part: AboutRun) {
    // Generators may reach one target by several names.
    if !whole.target.split(", ").any(|target| target == part.target) {
        whole.target = format!("{}, {}", whole.target, part.target);
    }
    whole.lasted_ms = whole.lasted_ms.max(part.lasted_ms);
    whole.interrupted |= part.interrupted;
    whole.ended_early = match (whole.ended_early.take(), part.ended_early) {
        (Some(one), Some(other)) => Some(format!("{one}; {other}")),
        (one, other) => one.or(other),
    };
    let one = (whole.skew_ms, whole.skew_uncertain_ms);
    let other = (part.skew_ms, part.skew_uncertain_ms);
    if one != other {
        // The narrowest span that holds both: as wide as what any part has tolerated.
        let low = (one.0 - one.1).min(other.0 - other.1);
        let high = (one.0 + one.1).max(other.0 + other.1);
        (whole.skew_ms, whole.skew_uncertain_ms) = ((low + high) / 2.0, (high - low) / 2.0);
    }
}

fn add_rate(whole: &mut Rate, part: &Rate) {
    let Rate { asked, sent, answered, late, generator_late } = whole;
    *asked += part.asked;
    *sent += part.sent;
    *answered += part.answered;
    late.add(&part.late);
    generator_late.add(&part.generator_late);
}

fn add_operation(whole: &mut OperationStats, part: &OperationStats) {
    let OperationStats { intended, service, ok, errors } = whole;
    intended.add(&part.intended);
    service.add(&part.service);
    *ok += part.ok;
    add_counts(errors, &part.errors);
}

fn add_judged(whole: &mut Judged, part: Judged) {
    let Judged {
        reads,
        decisive,
        pushes,
        teams,
        messages,
        wrong,
        within_enough_ms,
        races,
        evidence,
        kinds,
        listed,
        cpu_us,
        first_wrong_after,
    } = whole;
    // Which of the parts saw it first is not known: the least is told.
    *first_wrong_after = [*first_wrong_after, part.first_wrong_after].into_iter().flatten().min();
    *reads += part.reads;
    *decisive += part.decisive;
    *pushes += part.pushes;
    *teams += part.teams;
    *messages += part.messages;
    add_counts(wrong, &part.wrong);
    // Where no promise is enough for a part, none is for the whole.
    *within_enough_ms = within_enough_ms.zip(part.within_enough_ms).map(|(a, b)| a.max(b));
    add_counts(races, &part.races);
    evidence.extend(part.evidence);
    // Each part has properties of its own, and so kinds of its own.
    *kinds += part.kinds;
    *listed += part.listed;
    *cpu_us += part.cpu_us;
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
    } = whole;
    *asked += part.asked;
    *answered += part.answered;
    *errors += part.errors;
    *agent_calls += part.agent_calls;
    *wrong += part.wrong;
    Latencies::add(widget, &part.widget);
    *sockets += part.sockets;
    *streams += part.streams;
    *connections += part.connections;
}

fn add_counts<K: Ord + Clone>(whole: &mut BTreeMap<K, u64>, part: &BTreeMap<K, u64>) {
    for (name, count) in part {
        *whole.entry(name.clone()).or_default() += count;
    }
}

/// Puts evidence in the order in which it was found, and keeps the first of each class.
fn bound(evidence: &mut Vec<Evidence>) {
    evidence.sort_by(|one, other| {
        let key = |e: &Evidence| (e.answered_us, e.sent_us, e.class);
        key(one).cmp(&key(other)).then_with(|| one.about.cmp(&other.about))
    });
    let mut kept: BTreeMap<Class, usize> = BTreeMap::new();
    evidence.retain(|found| {
        let count = kept.entry(found.class).or_default();
        *count += 1;
        *count <= EVIDENCE_MAX_PER_CLASS
    });
}

#[cfg(test)]
mod tests;
