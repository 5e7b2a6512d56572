//! Random worlds on a service, for people in a terminal: what was tested, and what is wrong.

use std::io::{self, Write};

use super::Paint;
use super::format::{counted, thousands};
use lamplighter_scenario::play::Capability;
use lamplighter_target::simulate::{Group, Simulated};

/// Writes one kind of thing that is wrong, with the smallest scenario that fails there.
///
/// # Errors
/// When `out` does not take it.
pub fn group(out: &mut dyn Write, group: &Group, again: &str) -> io::Result<()> {
    let worlds = counted(group.worlds, "world");
    writeln!(out, "{} {}; {worlds}, seed {}", Paint::Bad.on("FAIL"), group.kind, group.seed)?;
    let Some(scenario) = &group.scenario else {
        return writeln!(
            out,
            "  it did not come again when its world was played once more, up to what was wrong\n"
        );
    };
    writeln!(
        out,
        "  made small in {}; {} of what happens and must be true:",
        counted(group.tries as u64, "step"),
        counted(group.lines as u64, "line")
    )?;
    for line in scenario.scenario.lines() {
        writeln!(out, "    {line}")?;
    }
    writeln!(out, "  again, where the clock stands before it: {again}\n")
}

/// Writes what was tested, what was not and why, and whether all is well.
///
/// # Errors
/// When `out` does not take it.
pub fn summary(out: &mut dyn Write, simulated: &Simulated, quiet: bool) -> io::Result<()> {
    let tally = &simulated.tally;
    if !quiet {
        writeln!(out, "{}", Paint::Strong.on("held"))?;
        for (word, capability) in Capability::WORDS {
            if let Some(count) = tally.held.get(&capability) {
                writeln!(out, "{:>13}  {word}", thousands(*count))?;
            }
        }
        most(out, "not tested", &tally.untested)?;
        most(out, "worlds not played", &tally.left_out)?;
        let missed = simulated.missed();
        if !missed.is_empty() {
            writeln!(out, "{}", Paint::Strong.on("never met there"))?;
            for point in missed {
                writeln!(out, "               {}: {}", point.name(), point.text())?;
            }
        }
    }
    let seeds = simulated.seeds.end - simulated.seeds.start;
    let word = match simulated.wrong {
        0 => Paint::Good.on("no difference".to_owned()),
        wrong => Paint::Bad.on(format!(
            "{} answered wrong, of {}",
            counted(wrong, "world"),
            counted(simulated.groups.len() as u64, "kind")
        )),
    };
    writeln!(
        out,
        "{} ({}..{}), {} played there: {word}",
        counted(seeds, "seed"),
        simulated.seeds.start,
        simulated.seeds.end,
        counted(tally.played, "world"),
    )
}

fn most(
    out: &mut dyn Write,
    title: &str,
    counts: &std::collections::BTreeMap<String, u64>,
) -> io::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", Paint::Strong.on(title))?;
    for (why, count) in counts {
        writeln!(out, "{:>13}  {why}", thousands(*count))?;
    }
    Ok(())
}
