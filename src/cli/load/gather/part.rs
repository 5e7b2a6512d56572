//! A generator that is gathered: what was typed into a line to its gatherer, and the end of that.

use lamplighter_load::gather::{ClockOffset, Link, LinkError, PartEnd, PartIdentity};
use lamplighter_load::plan::RunKnobs;
use lamplighter_load::result::{FORMAT, LoadResult};
use lamplighter_target::{Host, HostError, Trust};

use super::token::token;
use crate::cli::exit::Stop;
use crate::cli::host::{cannot_call, trust};
use crate::cli::load::arguments::GatheredArguments;
use crate::cli::load::screen::warn;

/// The line to the gatherer that was named; `None` where none was.
pub fn open(arguments: &GatheredArguments, knobs: &RunKnobs) -> Result<Option<Link>, Stop> {
    let Some(address) = &arguments.gather else { return Ok(None) };
    let token = token(arguments.gather_token_file.as_deref())?;
    let trust = arguments.gather_ca_file.as_deref().map_or(Ok(Trust::Machine), trust)?;
    let host = Host::new(address, "", &trust).map_err(|error| match error {
        HostError::Address { .. } => {
            Stop::invalid(error.into()).hint("for example --gather http://127.0.0.1:7400")
        }
        other => cannot_call(other),
    })?;
    let opened = Link::open(&host, token.as_deref(), identity(knobs));
    opened.map(Some).map_err(|error: LinkError| Stop::machine(error.into()))
}

/// What a generator says of the part that it plays.
fn identity(knobs: &RunKnobs) -> PartIdentity {
    let (properties, properties_of_plan) = knobs.property_counts();
    PartIdentity {
        format: FORMAT,
        lamplighter: env!("CARGO_PKG_VERSION").to_owned(),
        session: session(),
        shard: knobs.shard.to_string(),
        plan: knobs.fingerprint(),
        duration_ms: knobs.duration.0,
        properties,
        properties_of_plan,
        clock: ClockOffset::default(),
        ready: None,
        start_ms: None,
    }
}

/// What no other generator is called, on whatever machine.
fn session() -> String {
    use std::hash::{BuildHasher, RandomState};
    // Keys of hash tables are drawn anew for each of them.
    let drawn = RandomState::new().hash_one(std::process::id());
    format!("{}-{drawn:016x}", std::process::id())
}

/// Tells the gatherer how it ended: with a result, or without one for a reason.
pub fn finish(link: Option<Link>, ended: Result<&LoadResult, String>) {
    let Some(link) = link else { return };
    let warnings = match ended {
        Ok(result) => link.finish(PartEnd::Done, Some(result.clone())),
        Err(why) => link.finish(PartEnd::Failed(why), None),
    };
    warnings.iter().for_each(|warning| warn(warning));
}
