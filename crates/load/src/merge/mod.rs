//! Parts of one run, by many generators, added up into the whole: exactly, without an average of
//! averages.
//!
//! | file | what it does |
//! | --- | --- |
//! | `add` | one part added to another, field by field |
//! | `laws` | that splits and orders make no difference |

mod add;
#[cfg(test)]
mod laws;

use thiserror::Error;

use super::gates::{Gate, GateError};
use super::plan::Shard;
use super::result::{AboutRun, FORMAT, LoadResult};
use add::{add, named};

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
        /// The format that the part was written in.
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
    /// The same part is there twice, so that its visitors would count twice.
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
/// at once, in whatever order.
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
    Ok(judged_anew(whole, &gates))
}

/// Adds up parts as [`merge`] does, and holds the whole against further gates, each once.
///
/// # Errors
/// When they are not parts of one run, or one of them is there twice.
pub fn merge_held(parts: Vec<LoadResult>, gates: &[Gate]) -> Result<LoadResult, MergeError> {
    let mut whole = merge(parts)?;
    for gate in gates {
        let verdict = gate.verdict(&whole);
        if whole.gates.iter().all(|known| known.gate != verdict.gate) {
            whole.gates.push(verdict);
        }
    }
    Ok(whole)
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
        ("the grace", ms(one.grace_ms), ms(other.grace_ms)),
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

/// Every gate of any part, each once: as the parts have them where all have the same, else in the order
/// of the alphabet.
fn gates_of(parts: &[(Vec<Shard>, LoadResult)]) -> Result<Vec<Gate>, MergeError> {
    let written = |part: &LoadResult| -> Vec<String> {
        part.gates.iter().map(|verdict| verdict.gate.clone()).collect()
    };
    let mut lists: Vec<Vec<String>> = parts.iter().map(|(_, part)| written(part)).collect();
    lists.dedup();
    let mut texts = lists.concat();
    if lists.len() > 1 {
        texts.sort_unstable();
    }
    let mut gates: Vec<Gate> = Vec::new();
    for text in texts {
        let gate = Gate::parse(&text).map_err(|error| MergeError::Gate { gate: text, error })?;
        if !gates.contains(&gate) {
            gates.push(gate);
        }
    }
    Ok(gates)
}

#[cfg(test)]
mod tests;
