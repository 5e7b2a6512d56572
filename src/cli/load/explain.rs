//! `lamplighter load explain`: the story of a wrong answer in words.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Error, anyhow};

use super::arguments::ExplainArguments;
use crate::cli::exit::{Exit, Stop};
use crate::cli::files;
use crate::cli::terminal::printed;
use crate::report::explain;
use crate::report::load::{json, story};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Visitor};
use lamplighter_load::result::{Class, Evidence};
use lamplighter_scenario::play::{Facts, world_at};

pub fn run(arguments: ExplainArguments, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let ExplainArguments { path, number, request } = arguments;
    let all = evidence(&path)?;
    let chosen = match (&request, number) {
        (Some(id), _) => {
            let found = all.iter().find(|one| one.request_id.as_ref() == Some(id));
            Some(found.ok_or_else(|| {
                let told = anyhow!("{} has no evidence of the request `{id}`", path.display());
                Stop::invalid(told).hint("all.csv names the evidence of its kind by its number")
            })?)
        }
        (None, Some(number)) => {
            let found = number.checked_sub(1).and_then(|index| all.get(index as usize));
            Some(found.ok_or_else(|| {
                let told = anyhow!("{} has no wrong answer {number}", path.display());
                Stop::invalid(told).hint(format!("it has {}", all.len()))
            })?)
        }
        (None, None) if all.len() == 1 => all.first(),
        (None, None) => None,
    };
    let mut out = anstream::stdout().lock();
    match chosen {
        Some(found) => {
            printed(story::story(&mut out, found, right(found, &path, zones).as_deref()))?;
        }
        None => printed(story::list(&mut out, &all))?,
    }
    printed(out.flush())?;
    Ok(Exit::AllWell)
}

/// The evidence in a file: of an evidence's scenario that which lies beside it, of a result all.
fn evidence(path: &Path) -> Result<Vec<Evidence>, Stop> {
    let is_scenario = path.extension().is_some_and(|extension| extension == "scenario");
    let beside = path.with_extension("json");
    let from = if is_scenario { beside.as_path() } else { path };
    if is_scenario && path.exists() && !from.exists() {
        let told = anyhow!("{} is not there, which tells of {}", from.display(), path.display());
        return Err(Stop::invalid(told).hint(
            "`lamplighter load` writes both beside each other; the whole result does as well: \
             `lamplighter load explain reports/load.json`",
        ));
    }
    let bytes = files::read(from)?;
    if let Ok(one) = serde_json::from_slice::<Evidence>(&bytes) {
        return Ok(vec![one]);
    }
    let result = json::read(&bytes).map_err(|error| {
        let told = format!("{} is no evidence and no result of a load test", from.display());
        Stop::invalid(Error::new(error).context(told))
            .hint("name a scenario in reports/wrong, or a file that `load --json FILE` has written")
    })?;
    Ok(result.judged.evidence)
}

/// What is right by the rules, and why, as far as the scenario of the evidence says it; a file of rules that
/// it names lies beside the one in which the evidence stands.
fn right(evidence: &Evidence, beside: &Path, zones: &Arc<Zones>) -> Option<String> {
    if evidence.class == Class::LostMessage {
        // What its widget shows says nothing of it.
        return None;
    }
    let at: Instant = evidence.at.parse().ok()?;
    let (path, bytes) = (beside.with_file_name("evidence.scenario"), evidence.scenario.as_bytes());
    let (world, verdict) = world_at(&path, bytes, zones, |_, _| Some(at)).ok()?;
    let widget = verdict.roster.widgets.get(&evidence.about)?;
    let facts = Facts { roster: &verdict.roster, zone: &verdict.zone, world: &world };
    let mut told = Vec::new();
    explain::explain(&mut told, facts, (widget, &Visitor::default()), None).ok()?;
    String::from_utf8(told).ok()
}
