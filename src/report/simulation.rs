//! Simulations for people in a terminal: what was played, what was met, and what is wrong.

use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Paint;
use super::format::{counted, decimal, thousands};
use lamplighter_scenario::simulate::{Counterexample, Run, Size, Walked};

/// A failing seed as it is told, and written down by the part of a simulation that has played it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ToldCounterexample {
    /// The seed, which alone brings the difference back.
    pub seed: u64,
    /// Every option that was drawn for it.
    pub drawn: String,
    /// The difference that playing all of it has found.
    pub difference: String,
    /// How many smaller cases were tried.
    pub tries: u64,
    /// How many lines of what happens and must be true the scenario has.
    pub lines: u64,
    /// The smallest scenario that was found to show it.
    pub scenario: String,
    /// The name and the text of the file of rules that lies beside it, where it needs one.
    pub rules: Option<(String, String)>,
    /// Whether that scenario fails with this engine.
    pub shows: bool,
}

impl From<&Counterexample> for ToldCounterexample {
    fn from(found: &Counterexample) -> Self {
        Self {
            seed: found.seed,
            drawn: found.swarm.to_string(),
            difference: found.difference.to_string(),
            tries: found.shrunken.tries as u64,
            lines: found.lines() as u64,
            scenario: found.written.scenario.clone(),
            rules: found.written.rules.clone(),
            shows: found.shows,
        }
    }
}

/// Writes what a run came to: in figures, and every invariant and race with how often it was met.
///
/// # Errors
/// When `out` does not take it.
pub fn counters(out: &mut dyn Write, run: &Run) -> io::Result<()> {
    writeln!(out, "{}", Paint::Strong.on("always"))?;
    for (invariant, count) in run.checked.iter() {
        writeln!(out, "{:>13}  {}: {}", thousands(count), invariant.name, invariant.text)?;
    }
    writeln!(out, "{}", Paint::Strong.on("sometimes"))?;
    for (point, count) in run.coverage.iter() {
        let told = format!("{}: {}", point.name(), point.text());
        match count {
            0 => writeln!(out, "{}  {told}", Paint::Warn.on("        never"))?,
            some => writeln!(out, "{:>13}  {told}", thousands(some))?,
        }
    }
    Ok(())
}

/// Writes a walk through small worlds.
///
/// # Errors
/// When `out` does not take it.
pub fn walked(out: &mut dyn Write, size: Size, walked: &Walked) -> io::Result<()> {
    let word = match walked.wrong.is_empty() {
        true => Paint::Good.on("ok  "),
        false => Paint::Bad.on("FAIL"),
    };
    let connections = if size.connections { ", connections lost and back" } else { "" };
    writeln!(
        out,
        "{word} every state of {} with {} each{connections}: {} of agents, {} with their widgets, {}",
        counted(size.agents as u64, "agent"),
        counted(size.devices as u64, "device"),
        counted(walked.states, "state"),
        thousands(walked.widget_states),
        counted(walked.transitions, "transition"),
    )?;
    for wrong in &walked.wrong {
        writeln!(out, "     {wrong}")?;
    }
    Ok(())
}

/// Writes what came of walking through a small world by so many rules, each with two knobs turned.
///
/// # Errors
/// When `out` does not take it.
pub fn walked_rules(out: &mut dyn Write, rules: usize, walked: &Walked) -> io::Result<()> {
    let word = if walked.wrong.is_empty() { Paint::Good.on("ok  ") } else { Paint::Bad.on("FAIL") };
    writeln!(
        out,
        "{word} every pair of positions of two knobs, {} sets of rules: {}, {}",
        thousands(rules as u64),
        counted(walked.states, "state"),
        counted(walked.transitions, "transition"),
    )?;
    for wrong in &walked.wrong {
        writeln!(out, "     {wrong}")?;
    }
    Ok(())
}

/// Writes a failing seed: every option that was drawn, and the smallest scenario that shows it.
///
/// # Errors
/// When `out` does not take it.
pub fn counterexample(
    out: &mut dyn Write,
    counterexample: &ToldCounterexample,
    file: Option<&Path>,
) -> io::Result<()> {
    let ToldCounterexample { seed, drawn, difference, tries, lines, scenario, shows, .. } =
        counterexample;
    writeln!(out, "{} seed {seed}: {difference}", Paint::Bad.on("FAIL"))?;
    writeln!(out, "  drawn: {drawn}")?;
    writeln!(
        out,
        "  made small in {}; {} of what happens and must be true:",
        counted(*tries, "step"),
        counted(*lines, "line")
    )?;
    for line in scenario.lines() {
        writeln!(out, "    {line}")?;
    }
    match (*shows, file) {
        (true, Some(file)) => {
            writeln!(out, "  again: lamplighter scenario {}", file.display())?;
        }
        (true, None) => {}
        (false, _) => writeln!(
            out,
            "  no scenario can ask for this; again: lamplighter simulate --seeds {seed}..{}",
            seed + 1
        )?,
    }
    writeln!(out)
}

/// Writes the last lines: how much was played, and whether all is well.
///
/// # Errors
/// When `out` does not take it.
pub fn summary(out: &mut dyn Write, run: &Run) -> io::Result<()> {
    let seeds = run.seeds.end - run.seeds.start;
    writeln!(
        out,
        "{} ({}..{}): {}, {} reported; compared at {}, the oracle looked at {}; {} simulated days",
        counted(seeds, "seed"),
        run.seeds.start,
        run.seeds.end,
        counted(run.events, "event"),
        counted(run.changes, "change"),
        counted(run.instants, "instant"),
        thousands(run.looks),
        decimal(run.simulated.as_days()),
    )?;
    let (word, why) = match run.is_of_one_product {
        false => (Paint::Bad.on("FAIL"), "was never met"),
        true => (Paint::Faint.on("none"), "was not met by these rules"),
    };
    for point in run.unmet() {
        writeln!(out, "{word} {} {why}: {}", point.name(), point.text())?;
    }
    let word = match run.failed {
        0 => Paint::Good.on("no difference".to_owned()),
        failed => Paint::Bad.on(format!("{} with a difference", counted(failed, "seed"))),
    };
    writeln!(out, "{word}; fingerprint {:016x}", run.fingerprint)
}

/// Writes what became of deliberate mutations: a row each, and how many were caught.
///
/// # Errors
/// When `out` does not take it.
#[cfg(lamplighter_mutations)]
pub fn caught(
    out: &mut dyn Write,
    proofs: &[lamplighter_scenario::simulate::Proof],
) -> io::Result<()> {
    writeln!(out, "| fault | what goes wrong | noticed by | after seeds | shown after | lines |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    for proof in proofs {
        let (name, text) = (proof.mutation.name(), proof.mutation.text());
        let Some(caught) = &proof.caught else {
            writeln!(out, "| {name} | {text} | **not caught** | | | |")?;
            continue;
        };
        let shown = caught.shown_after.map_or("by its seed".to_owned(), |after| after.to_string());
        let (by, after, lines) = (&caught.noticed_by, caught.after, caught.lines);
        writeln!(out, "| {name} | {text} | {by} | {after} | {shown} | {lines} |")?;
    }
    let caught: Vec<_> = proofs.iter().filter_map(|proof| proof.caught.as_ref()).collect();
    let mut lines: Vec<usize> = caught.iter().map(|caught| caught.lines).collect();
    lines.sort_unstable();
    writeln!(
        out,
        "\n{} of {} caught within {} seeds, {} of them shown by a scenario; lines: {} is the median, {} the most",
        caught.len(),
        proofs.len(),
        lamplighter_scenario::simulate::SEEDS_MAX,
        caught.iter().filter(|caught| caught.shown_after.is_some()).count(),
        lines.get(lines.len() / 2).copied().unwrap_or(0),
        lines.last().copied().unwrap_or(0),
    )
}
