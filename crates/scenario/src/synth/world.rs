//! A population's properties as a scenario, in the scenario language.

use std::io::{self, Write};

use super::names;
use super::population::{Population, Property};
use crate::language::push_settings;
use lamplighter_core::model::Settings;

/// The format of the two files, which grows when the same knobs give other bytes.
pub const FORMAT: u32 = 1;

/// So many names stand in a line.
const NAMES_A_LINE: usize = 8;

/// Writes a population as a scenario that replays `trace.csv` beside it. The properties are the population's,
/// passed on one by one so that the caller can count them.
///
/// # Errors
/// When `out` takes no more.
pub fn write_world(
    population: &Population,
    properties: impl Iterator<Item = Property>,
    out: &mut impl Write,
) -> io::Result<()> {
    let knobs = population.knobs();
    let (start, end) = (knobs.start, knobs.end());
    writeln!(
        out,
        "# Made by `lamplighter generate`, format {FORMAT}. The same again, byte for byte:"
    )?;
    writeln!(out, "# lamplighter generate {knobs} --out DIR")?;
    writeln!(
        out,
        "scenario A synthetic world: properties {}, agents {}, days {}, seed {}",
        knobs.properties,
        knobs.agent_count(),
        knobs.days,
        knobs.seed
    )?;
    writeln!(out, "grace {}", knobs.grace)?;
    if let Some(length) = knobs.auto_away {
        writeln!(out, "auto-away {length}")?;
    }
    for property in properties {
        write_property(&property, out)?;
    }
    // The run begins here, even where nobody does anything.
    writeln!(out, "\nat {start}")?;
    writeln!(out, "replay \"trace.csv\"")?;
    writeln!(out, "until {end}")
}

fn write_property(property: &Property, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\nproperty {}", property.name)?;
    write_names("members", &property.members, out)?;
    write_names("suspended", &property.suspended, out)?;
    write_settings(&property.settings, out)?;
    for (name, settings) in &property.widgets {
        writeln!(out, "widget {}/{name}", property.name)?;
        write_settings(settings, out)?;
    }
    Ok(())
}

fn write_names(keyword: &str, agents: &[u32], out: &mut impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    for agents in agents.chunks(NAMES_A_LINE) {
        line.clear();
        for &agent in agents {
            line.push(b' ');
            names::push_agent(agent, &mut line);
        }
        write!(out, "  {keyword}")?;
        out.write_all(&line)?;
        writeln!(out)?;
    }
    Ok(())
}

fn write_settings(settings: &Settings, out: &mut impl Write) -> io::Result<()> {
    let mut text = String::new();
    push_settings(settings, &mut text);
    out.write_all(text.as_bytes())
}
