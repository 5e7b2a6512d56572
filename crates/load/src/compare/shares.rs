//! A share of both sides: of calls that failed, of answers that were wrong. What comes in bursts, by block
//! or by run, has fewer witnesses than it has counts.

use super::blocks;
use super::compared::Compared;
use super::statistics::{Share, dispersion, two_shares};
use crate::figures;
use crate::result::{Class, IntervalStats, LoadResult};

/// Calls that failed, of all.
pub fn errors(before: &[LoadResult], after: &[LoadResult]) -> Compared {
    let of = |run: &LoadResult| {
        let failed = run.operations.values().flat_map(|operation| operation.errors.values());
        let failed: u64 = failed.sum();
        let ok: u64 = run.operations.values().map(|operation| operation.ok).sum();
        (failed, failed + ok)
    };
    let in_block = |interval: &IntervalStats| Share {
        part: interval.errors as f64,
        whole: (interval.errors + interval.answered + interval.agent_calls) as f64,
    };
    compared("errors".to_owned(), [before, after], of, in_block)
}

/// All wrong answers, then each class of which there is one.
pub fn wrong(before: &[LoadResult], after: &[LoadResult]) -> Vec<Compared> {
    let in_block = |interval: &IntervalStats| Share {
        part: interval.wrong as f64,
        whole: interval.answered.max(interval.wrong) as f64,
    };
    let line = |what: String, count: &dyn Fn(&LoadResult) -> u64| {
        let of = |run: &LoadResult| (count(run), run.judged.observation_count());
        compared(what, [before, after], of, in_block)
    };
    let mut lines = vec![line("wrong".to_owned(), &|run| run.judged.wrong_count())];
    for class in Class::ALL {
        let count = |run: &LoadResult| run.judged.wrong.get(&class).copied().unwrap_or(0);
        if before.iter().chain(after).any(|run| count(run) > 0) {
            lines.push(line(format!("wrong({class})"), &count));
        }
    }
    lines
}

fn compared(
    what: String,
    sides: [&[LoadResult]; 2],
    of: impl Fn(&LoadResult) -> (u64, u64),
    in_block: impl Fn(&IntervalStats) -> Share,
) -> Compared {
    let sums = sides.map(|runs| {
        let of_each = runs.iter().map(&of);
        of_each.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    });
    let share = |(part, whole): (u64, u64)| Share { part: part as f64, whole: whole as f64 };
    // So many of the counted stand for one witness.
    let together = sides.map(|runs| {
        let by_run: Vec<Share> = runs.iter().map(|run| share(of(run))).collect();
        let by_block = runs.iter().map(|run| dispersion(&blocks::shares(run, &in_block)));
        by_block.fold(dispersion(&by_run), f64::max)
    });
    let told = |(part, whole): (u64, u64)| {
        format!("{} ({})", figures::thousands(part), figures::share(part, whole))
    };
    let part = |(part, whole): (u64, u64)| part as f64 / whole.max(1) as f64;
    let [one, other] = sums;
    let change = match (one.0, other.0) {
        (0, 0) => Some(0.0),
        (0, _) => None,
        _ => Some(part(other) / part(one) - 1.0),
    };
    let together = together[0].max(together[1]);
    let chance = (one.1 > 0 && other.1 > 0).then(|| two_shares(share(one), share(other), together));
    let (before, after) = (told(one), told(other));
    Compared { what, before, after, change, noise: None, chance, is_alike: false }
}
