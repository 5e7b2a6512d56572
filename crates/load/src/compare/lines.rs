//! What is compared, line by line.

use std::collections::BTreeSet;

use super::blocks::Blocks;
use super::compared::Compared;
use super::line::{ComparisonLine, percent};
use super::shares::{errors, wrong};
use super::thresholds::Thresholds;
use super::times::{Of, Times};
use crate::figures;
use crate::result::LoadResult;
use crate::tally::WIDGET;

/// All lines of a comparison, what visitors wait for first.
pub fn all(before: &[LoadResult], after: &[LoadResult], thresholds: Thresholds) -> Vec<Compared> {
    let sides = [before, after];
    let runs = || before.iter().chain(after);
    // What visitors wait for comes first.
    let names: BTreeSet<(bool, &str)> = runs()
        .flat_map(|run| run.operations.keys())
        .map(|name| (name != WIDGET, name.as_str()))
        .collect();
    let operation: Of = |run, name| Some(run.operations.get(name)?.intended.clone());
    let mut figures: Vec<(&str, f64, Of)> = Vec::new();
    for (_, name) in names {
        let percents: &[f64] =
            if name == WIDGET { &[50.0, 90.0, 99.0, 99.9] } else { &[50.0, 99.0] };
        figures.extend(percents.iter().map(|percent| (name, *percent, operation)));
    }
    let others: [(&str, Of); 4] = [
        ("propagation", |run, _| Some(run.propagation.push.clone())),
        ("propagation.poll", |run, _| Some(run.propagation.poll.clone())),
        ("edge", |run, _| Some(run.edges.push.clone())),
        ("edge.poll", |run, _| Some(run.edges.poll.clone())),
    ];
    for (name, of) in others {
        figures.extend([50.0, 99.0].map(|percent| (name, percent, of)));
    }
    let times = figures.into_iter().map(|(name, percent, of)| Times { name, percent, of, sides });
    let mut lines: Vec<Compared> = times.map(|times| times.compared(thresholds)).collect();
    lines.push(errors(before, after));
    lines.extend(wrong(before, after));
    lines
}

/// By what runs of one service differ, in words: the noise of A/A pairs.
pub fn noise(lines: &[ComparisonLine], before: &[LoadResult], after: &[LoadResult]) -> Vec<String> {
    let known = |line: &&ComparisonLine| line.what.ends_with("(widget)");
    let known = lines.iter().filter(known).filter_map(|line| Some((&line.what, line.noise?)));
    let known: Vec<String> =
        known.map(|(what, noise)| format!("{} in {what}", percent(noise))).collect();
    if known.is_empty() {
        return vec![
            "noise: there are too few reads to tell by what runs of one service differ".to_owned(),
        ];
    }
    let runs = [before.len(), after.len()];
    let told_by = match (runs, Blocks::of(&before[0], 50.0)) {
        ([1, 1], Some(blocks)) => format!(
            "{} blocks of {} in each run",
            blocks.logs.len(),
            figures::duration(blocks.length_ms as f64 * 1e3)
        ),
        ([one, other], _) => format!("{one} and {other} runs"),
    };
    let mut told = vec![format!(
        "noise: two sides of one service would differ by up to {}, as {told_by} say",
        known.join(", ")
    )];
    if runs[0] < 3 || runs[1] < 3 {
        told.push(
            "three runs a side or more tell more than blocks do: \
             --before A1.json A2.json A3.json --after B1.json B2.json B3.json"
                .to_owned(),
        );
    }
    told
}
