//! Parts that were played apart, and are to be put together.

use anyhow::anyhow;

use super::exit::Stop;
use lamplighter_scenario::shard::Shard;

/// Whether parts, in their order, are all parts of one division, each once; `whole` is what they are parts of.
pub fn make_a_whole(shards: &[Shard], whole: &str) -> Result<(), Stop> {
    let overlap = |pair: &&[Shard]| pair[0] == pair[1] || pair[0].of != pair[1].of;
    if let Some(pair) = shards.windows(2).find(overlap) {
        let told = anyhow!("the parts {} and {} overlap", pair[0], pair[1]);
        return Err(Stop::invalid(told).hint("name every part of one division once"));
    }
    let of = shards.first().map_or(0, |first| first.of);
    let missing = (1..=of).map(|number| Shard { of, number }).filter(|part| !shards.contains(part));
    let missing: Vec<String> = missing.map(|shard| shard.to_string()).collect();
    let told = match &missing[..] {
        [] => return Ok(()),
        [one] => anyhow!("the part {one} is missing"),
        several => anyhow!("the parts {} are missing", several.join(", ")),
    };
    let hint = format!("without all of them nothing can be said of {whole}");
    Err(Stop::invalid(told).hint(hint))
}
