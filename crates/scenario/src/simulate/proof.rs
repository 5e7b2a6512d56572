//! Proof that the simulator bites: each deliberate mutation, and what finds it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::difference::{DifferenceKind, noticed_by};
use super::run::{counterexample, play_seed};
use super::write::fails;
use lamplighter_core::hours::{UnknownZone, Zones};
use lamplighter_core::model::RuleSet;
use lamplighter_core::mutations::{self, Mutation};

/// A mutation must be caught within so many seeds.
pub const SEEDS_MAX: u64 = 200;

/// What became of a mutation.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The deliberate fault that was switched on in the engine.
    pub mutation: Mutation,
    /// How it was caught; `None` where it was not.
    pub caught: Option<Caught>,
}

/// How a mutation was caught.
#[derive(Clone, Debug)]
pub struct Caught {
    /// The question, report or invariant that first told engine and oracle apart.
    pub noticed_by: String,
    /// How many seeds were played until it was noticed, that one included.
    pub after: u64,
    /// After how many seeds there is a scenario that fails with the mutation and holds without it;
    /// `None` where no scenario can ask for what is wrong.
    pub shown_after: Option<u64>,
    /// How many lines that scenario has of what happens and must be true, or what else was made
    /// small.
    pub lines: usize,
}

/// Runs the simulator against each mutation, on so many threads.
///
/// # Errors
/// When the zone database lacks a zone that seeds draw.
pub fn prove(
    mutations: &[Mutation],
    jobs: usize,
    zones: &Arc<Zones>,
    done: &(dyn Fn(&Proof) + Sync),
) -> Result<Vec<Proof>, UnknownZone> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut proofs = Vec::new();
        while let Some((place, &mutation)) = {
            let place = next.fetch_add(1, Ordering::Relaxed);
            mutations.get(place).map(|mutation| (place, mutation))
        } {
            let proof = Proof { mutation, caught: catch(mutation, zones)? };
            done(&proof);
            proofs.push((place, proof));
        }
        Ok(proofs)
    };
    let mut proofs = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::new();
        for thread in threads {
            match thread.join() {
                Ok(part) => all.extend(part?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(all)
    })?;
    proofs.sort_by_key(|(place, _)| *place);
    Ok(proofs.into_iter().map(|(_, proof)| proof).collect())
}

/// Each seed is played twice: by the rules that it draws, and by the rule book.
fn catch(mutation: Mutation, zones: &Arc<Zones>) -> Result<Option<Caught>, UnknownZone> {
    let mut caught: Option<Caught> = None;
    let each = (0..SEEDS_MAX).flat_map(|seed| [(seed, None), (seed, Some(&RuleSet::BOOK))]);
    for (seed, rules) in each {
        let found = mutations::with(mutation, || {
            let (_, played) = play_seed(seed, rules, zones)?;
            let Some(difference) = played.difference else { return Ok(None) };
            // What no scenario can ask for need not be made small again and again.
            match difference.kind {
                DifferenceKind::Finding(_) => counterexample(seed, rules, zones),
                _ if caught.is_none() => counterexample(seed, rules, zones),
                _ => Ok(None),
            }
        })?;
        let Some(counterexample) = found else { continue };
        // What it shows is the mutation, and nothing else.
        let shows = counterexample.shows && !fails(&counterexample.written, zones);
        let caught = caught.get_or_insert_with(|| Caught {
            noticed_by: noticed_by(&counterexample.difference.kind).to_owned(),
            after: seed + 1,
            shown_after: None,
            lines: counterexample.lines(),
        });
        if shows {
            (caught.shown_after, caught.lines) = (Some(seed + 1), counterexample.lines());
            break;
        }
    }
    Ok(caught)
}
