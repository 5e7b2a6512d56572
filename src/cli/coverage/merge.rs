//! `lamplighter coverage merge`: what a folder came to whose scenarios were divided, as if it had not been.

use std::path::Path;

use anyhow::{Context, Error, anyhow};

use super::arguments::MergeArguments;
use super::many::tell;
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::files;
use crate::cli::same_file::{apart, each};
use crate::cli::shards::make_a_whole;
use lamplighter_coverage::many::{ManyCoverage, ManyHead};
use lamplighter_scenario::shard::Shard;

/// Puts parts together, and tells what they came to.
pub fn run(arguments: &MergeArguments, common: &Common) -> Result<Exit, Stop> {
    apart(&[("--json", arguments.json.as_deref())], &each("a part", &arguments.parts))?;
    let parts = arguments.parts.iter().map(|path| read(path));
    let mut parts = parts.collect::<Result<Vec<_>, Stop>>()?;
    parts.sort_by_key(|(shard, _)| *shard);
    let (first_shard, first) = &parts[0];
    for (shard, part) in &parts {
        if let Some(what) = differs(&first.head, &part.head) {
            let told = anyhow!("the parts {first_shard} and {shard} are not of one folder: {what}");
            let hint = "give every part the same folder and arguments, and another --shard";
            return Err(Stop::invalid(told).hint(hint));
        }
    }
    let shards: Vec<Shard> = parts.iter().map(|(shard, _)| *shard).collect();
    make_a_whole(&shards, "the folder")?;
    let head = ManyHead { shard: None, ..first.head.clone() };
    let files = parts.into_iter().flat_map(|(_, part)| part.files).collect();
    tell(&ManyCoverage { head, files }, arguments.json.as_deref(), common)
}

/// A part with its place.
fn read(path: &Path) -> Result<(Shard, ManyCoverage), Stop> {
    let bytes = files::read(path)?;
    let name = || format!("{} is no part of the coverage of a folder", path.display());
    let hint = "name files that `lamplighter coverage FOLDER --shard I/N --json FILE` has written";
    let none = |error: Error| Stop::invalid(error.context(name())).hint(hint);
    let text = std::str::from_utf8(&bytes).context("it is not UTF-8").map_err(none)?;
    let part = ManyCoverage::read(text).map_err(|error| none(error.into()))?;
    let shard = part.head.shard.as_deref().and_then(|shard| Shard::parse(shard).ok());
    let shard = shard.ok_or_else(|| none(anyhow!("it says of no part which it is")))?;
    let own = shard.slice(0..part.head.files.len() as u64);
    part.holds((own.end - own.start) as usize).map_err(|error| none(error.into()))?;
    Ok((shard, part))
}

/// In what two parts differ that must be alike.
fn differs(one: &ManyHead, other: &ManyHead) -> Option<&'static str> {
    match () {
        () if one.lamplighter != other.lamplighter => Some("they were played by two releases"),
        () if one.arguments != other.arguments => Some("they were asked for different things"),
        () if one.files != other.files => Some("its files are not the same"),
        () => None,
    }
}
