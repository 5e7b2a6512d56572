//! A part of a simulation that was divided, written as JSON and read again.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Error, anyhow};
use serde::{Deserialize, Serialize};

use super::seeds::Seeds;
use crate::cli::exit::Stop;
use crate::cli::files;
use crate::cli::output::write_report;
use crate::report::simulation::ToldCounterexample;
use lamplighter_core::model::Millis;
use lamplighter_scenario::shard::Shard;
use lamplighter_scenario::simulate::{Checked, Coverage, Run};

/// Grows when the fields of the JSON change their meaning.
const FORMAT: u32 = 1;

/// What one part came to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SimulationPart {
    /// The format in which the fields below are meant.
    pub format: u32,
    /// The release that played it: another one draws other worlds.
    pub lamplighter: String,
    /// The rules that all seeds went by, as typed; `None` where each drew its own.
    pub rules: Option<String>,
    /// The first seed of all parts, and the one after the last.
    pub seeds: (u64, u64),
    /// Which part of them it is, as `2/4`.
    pub shard: String,
    /// How many events were played.
    pub events: u64,
    /// How many changes the engine reported.
    pub changes: u64,
    /// At how many instants engine and oracle were compared in everything.
    pub instants: u64,
    /// At how many instants the oracle looked.
    pub looks: u64,
    /// How much simulated time all seeds took together, in milliseconds.
    pub simulated_ms: u64,
    /// How often each coverage point was met, by its name.
    pub coverage: BTreeMap<String, u64>,
    /// How often each invariant was checked, by its name.
    pub checked: BTreeMap<String, u64>,
    /// Stands for everything that was reported and answered, as sixteen digits.
    pub fingerprint: String,
    /// How many seeds have a difference.
    pub failed: u64,
    /// The first of the seeds that differ.
    pub counterexamples: Vec<ToldCounterexample>,
    /// What the walks through small worlds came to, as they are told; empty in all parts but the one that
    /// walks.
    pub walks: Vec<String>,
    /// Whether something was wrong in those walks.
    pub walks_failed: bool,
}

/// Of whom a part is, and what it was beside the seeds.
pub struct PartOf<'a> {
    /// The seeds of all parts.
    pub seeds: &'a Seeds,
    /// Which part it is.
    pub shard: Shard,
    /// The rules as typed.
    pub rules: Option<&'a str>,
    /// The walks, as told, and whether something was wrong in them.
    pub walks: (&'a [String], bool),
}

impl SimulationPart {
    /// What a run came to.
    pub fn new(ran: &Run, of: &PartOf<'_>) -> Self {
        let named = |counts: &mut dyn Iterator<Item = (&'static str, u64)>| {
            counts.map(|(name, count)| (name.to_owned(), count)).collect()
        };
        Self {
            format: FORMAT,
            lamplighter: env!("CARGO_PKG_VERSION").to_owned(),
            rules: of.rules.map(str::to_owned),
            seeds: (of.seeds.0.start, of.seeds.0.end),
            shard: of.shard.to_string(),
            events: ran.events,
            changes: ran.changes,
            instants: ran.instants,
            looks: ran.looks,
            simulated_ms: ran.simulated.0,
            coverage: named(&mut ran.coverage.iter().map(|(point, n)| (point.name(), n))),
            checked: named(&mut ran.checked.iter().map(|(invariant, n)| (invariant.name, n))),
            fingerprint: format!("{:016x}", ran.fingerprint),
            failed: ran.failed,
            counterexamples: ran.counterexamples.iter().map(ToldCounterexample::from).collect(),
            walks: of.walks.0.to_vec(),
            walks_failed: of.walks.1,
        }
    }

    /// The run again, but for what is told of seeds that differ; `None` where a number is none, or is
    /// missing.
    pub fn run(&self) -> Option<Run> {
        let (start, end) = self.seeds;
        let shard = Shard::parse(&self.shard).ok()?;
        Some(Run {
            seeds: shard.slice(start..end),
            events: self.events,
            changes: self.changes,
            instants: self.instants,
            looks: self.looks,
            simulated: Millis(self.simulated_ms),
            coverage: Coverage::of(|point| self.coverage.get(point.name()).copied())?,
            checked: Checked::of(|invariant| self.checked.get(invariant.name).copied())?,
            fingerprint: u64::from_str_radix(&self.fingerprint, 16).ok()?,
            failed: self.failed,
            counterexamples: Vec::new(),
            is_of_one_product: self.rules.is_some(),
            is_part: shard != Shard::WHOLE,
        })
    }

    /// Writes it to a file, or to stdout.
    pub fn write(&self, path: &Path) -> Result<(), Stop> {
        write_report(path, |out: &mut dyn Write| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            Ok(writeln!(out)?)
        })
    }

    /// Reads the part that another run has written to a file.
    pub fn read(path: &Path) -> Result<Self, Stop> {
        let bytes = files::read(path)?;
        let name = || format!("{} is no part of a simulation", path.display());
        let hint = "name files that `lamplighter simulate --shard I/N --json FILE` has written";
        let part: Self = serde_json::from_slice(&bytes)
            .map_err(Error::new)
            .with_context(name)
            .map_err(|error| Stop::invalid(error).hint(hint))?;
        match part.format == FORMAT && part.lamplighter == env!("CARGO_PKG_VERSION") {
            true => Ok(part),
            false => {
                let told = anyhow!("{} was played by release {}", path.display(), part.lamplighter);
                Err(Stop::invalid(told).hint("merge with the release that played all parts"))
            }
        }
    }
}
