//! `lamplighter simulate merge`: what a simulation came to whose seeds were divided, as if it had not been.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use super::outcome::{SimulationOutcome, tell};
use super::part::SimulationPart;
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::shards::make_a_whole;
use crate::report::simulation::ToldCounterexample;
use lamplighter_scenario::shard::Shard;
use lamplighter_scenario::simulate::{Run, SHRUNKEN_MAX};

/// `lamplighter simulate merge` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
However the seeds are divided, what is printed is what one run of all of them prints.

Examples:
  lamplighter simulate --seeds 0..1000000 --shard 2/4 --json part-2.json
  lamplighter simulate merge part-*.json")]
pub struct MergeArguments {
    /// What the parts have written
    #[arg(required = true, value_name = "PART.json")]
    pub parts: Vec<PathBuf>,
    /// The folder for the scenarios of failing seeds
    #[arg(long, value_name = "DIR", default_value = "reports/simulate")]
    pub out: PathBuf,
}

/// Adds up parts, and tells what they came to.
pub fn run(arguments: MergeArguments, common: &Common) -> Result<Exit, Stop> {
    let MergeArguments { parts: paths, out } = arguments;
    let parts = paths.iter().map(|path| SimulationPart::read(path));
    let mut parts = parts.collect::<Result<Vec<_>, Stop>>()?;
    parts.sort_by_key(|part| Shard::parse(&part.shard).ok());
    all_there(&parts)?;
    let mut whole = Run { is_of_one_product: parts[0].rules.is_some(), ..Run::default() };
    whole.seeds = parts[0].seeds.0..parts[0].seeds.1;
    let (mut walks, mut walks_failed) = (Vec::new(), false);
    let mut counterexamples: Vec<ToldCounterexample> = Vec::new();
    for part in parts {
        let of_part = part.run().ok_or_else(|| {
            Stop::invalid(anyhow!(
                "the part {} lacks a number, or has one that is none",
                part.shard
            ))
        })?;
        whole.add(&of_part);
        walks.extend(part.walks);
        walks_failed |= part.walks_failed;
        counterexamples.extend(part.counterexamples);
    }
    // Each part has made the first of its own small; parts are in the order of their seeds.
    counterexamples.truncate(SHRUNKEN_MAX);
    let told = SimulationOutcome {
        run: &whole,
        counterexamples: &counterexamples,
        walks: &walks,
        walks_failed,
    };
    tell(&told, &out, common)
}

/// Whether all parts of one simulation are there, each once.
fn all_there(parts: &[SimulationPart]) -> Result<(), Stop> {
    let first = &parts[0];
    let facts = |part: &SimulationPart| {
        let rules = part.rules.clone().unwrap_or_else(|| "drawn by each seed".to_owned());
        [("the seeds", format!("{}..{}", part.seeds.0, part.seeds.1)), ("the rules", rules)]
    };
    let mut shards = Vec::new();
    for part in parts {
        for ((what, one), (_, other)) in facts(first).into_iter().zip(facts(part)) {
            if one != other {
                let (one_of, other_of) = (&first.shard, &part.shard);
                return Err(Stop::invalid(anyhow!(
                    "the parts {one_of} and {other_of} are not of one simulation: {what} are `{one}` in the \
                     one and `{other}` in the other"
                ))
                .hint("give every part the same arguments, and another --shard"));
            }
        }
        let shard = Shard::parse(&part.shard);
        shards.push(shard.map_err(|_| {
            Stop::invalid(anyhow!("`{}` is no shard: a part says which it is as I/N", part.shard))
        })?);
    }
    make_a_whole(&shards, "all seeds")
}
