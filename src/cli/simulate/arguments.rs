//! `lamplighter simulate` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::merge::MergeArguments;
use super::seeds::{Seeds, seeds};
use crate::cli::service::{SERVICE, ServiceArguments};
use lamplighter_core::model::Millis;
use lamplighter_scenario::shard::Shard;

/// `lamplighter simulate` as typed.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Every seed draws the options of a world, the world and its events. What the engine says is held
against the rule book followed word by word, minute by minute; what differs is made small and
written as a scenario. From 1,000 seeds on, every race that is listed must have been met, and all
small worlds are walked through, too. The same seeds give the same output, on any number of jobs.

With --target the worlds are played on a service, as far as it can be told them: what it answers is
held against the rules, and what differs is made small there.

Examples:
  lamplighter simulate                                # 2,000 seeds
  lamplighter simulate --seeds 17                     # one again
  lamplighter simulate --seeds 0..1000000 --minutes 60
  lamplighter simulate --rules zendesk --seeds 0..10000
  lamplighter simulate --seeds 0..1000000 --shard 2/4 --json part-2.json
  lamplighter simulate merge part-*.json
  lamplighter simulate --target ours.toml --host http://chat.example:8008 --minutes 10")]
pub struct SimulateArguments {
    #[command(subcommand)]
    pub command: Option<SimulateCommand>,
    /// The first seed and the one after the last, or one seed alone
    #[arg(long, value_name = "A..B", default_value = "0..2000", value_parser = seeds)]
    pub seeds: Seeds,
    /// Begin no further seed after so many minutes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub minutes: Option<u64>,
    /// Play all of them by the rules of this product or file; without it each seed draws its own
    #[arg(long, value_name = "NAME", conflicts_with_all = ["host", "target"])]
    pub rules: Option<String>,
    /// How many seeds to play at once (default: one for each core)
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    #[arg(conflicts_with_all = ["host", "target"])]
    pub jobs: Option<u16>,
    /// The folder for the scenarios of failing seeds
    #[arg(long, value_name = "DIR", default_value = "reports/simulate")]
    pub out: PathBuf,
    /// Play a part of the seeds, `2/4`; all parts make one simulation
    #[arg(long, value_name = "I/N", value_parser = Shard::parse, requires = "json")]
    #[arg(conflicts_with_all = ["host", "target", "minutes"], help_heading = "Many machines")]
    pub shard: Option<Shard>,
    /// What the part came to, for `simulate merge`; `-` is stdout
    #[arg(long, value_name = "FILE", requires = "shard", help_heading = "Many machines")]
    pub json: Option<PathBuf>,
    #[command(flatten)]
    pub service: ServiceArguments,
    /// How long a world that a service answers wrong is made small there [default: 1m]
    #[arg(long, value_name = "DURATION", help_heading = SERVICE)]
    pub shrink_for: Option<Millis>,
    /// End at the first world that a service answers wrong
    #[arg(long, help_heading = SERVICE)]
    pub first: bool,
    /// Run against every deliberate fault instead, and say what caught it
    #[cfg(lamplighter_mutations)]
    #[arg(long)]
    pub faults: bool,
    /// Run with one deliberate fault
    #[cfg(lamplighter_mutations)]
    #[arg(long, value_parser = fault)]
    pub fault: Option<lamplighter_core::mutations::Mutation>,
}

/// What is made of parts.
#[derive(Subcommand, Debug)]
pub enum SimulateCommand {
    /// Add up the parts of a simulation whose seeds were divided
    Merge(MergeArguments),
}

/// A deliberate mutation by its name.
#[cfg(lamplighter_mutations)]
pub fn fault(name: &str) -> Result<lamplighter_core::mutations::Mutation, String> {
    let mut all = lamplighter_core::mutations::Mutation::ALL.iter().copied();
    all.find(|fault| fault.name() == name).ok_or_else(|| "there is no such fault".to_owned())
}
