//! Seeds as typed.

use std::num::ParseIntError;
use std::ops::Range;

/// Seeds as typed: `A..B`, or one alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seeds(pub Range<u64>);

/// Reads `A..B` or one number.
pub fn seeds(text: &str) -> Result<Seeds, String> {
    let number = |text: &str| {
        text.parse().map_err(|error: ParseIntError| format!("`{text}` is no seed: {error}"))
    };
    let seeds = match text.split_once("..") {
        Some((first, end)) => number(first)?..number(end)?,
        None => {
            let seed: u64 = number(text)?;
            seed..seed.checked_add(1).ok_or("there is no seed behind the last one")?
        }
    };
    if seeds.is_empty() {
        return Err("there is no seed in it; write the first one and the one after the last, \
                    e.g. `0..2000`"
            .to_owned());
    }
    Ok(Seeds(seeds))
}
