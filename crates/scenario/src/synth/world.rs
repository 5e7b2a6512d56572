//! A population's properties as a scenario, in the scenario language.

use std::io::{self, Write};

use super::in_turn::in_turn;
use super::names;
use super::population::{Population, Property};
use crate::language::push_settings;
use lamplighter_core::model::Settings;

/// The format of the two files, which grows when the same knobs give other bytes.
pub const FORMAT: u32 = 1;

/// So many names stand in a line.
const NAMES_A_LINE: usize = 8;

/// Writes a population as a scenario that replays `trace.csv` beside it.
///
/// # Errors
/// When `out` takes no more.
pub fn write_world(population: &Population, out: &mut impl Write) -> io::Result<()> {
    write_world_by(population, 1, out, &mut |_| {})
}

/// The same by so many threads, which make no difference to it; `told` is told on the way how many properties
/// were written.
///
/// # Errors
/// When `out` takes no more.
pub fn write_world_by(
    population: &Population,
    threads: usize,
    out: &mut impl Write,
    told: &mut dyn FnMut(u32),
) -> io::Result<()> {
    write_header(population, out)?;
    let properties = population.knobs().properties;
    let pages = properties.div_ceil(PROPERTIES_A_PAGE);
    let mut written = 0;
    let fill = |page: usize, text: &mut Vec<u8>| {
        text.clear();
        // Less than there are properties.
        let first = page as u32 * PROPERTIES_A_PAGE;
        for property in first..properties.min(first + PROPERTIES_A_PAGE) {
            write_property(&population.property(property), text).expect("memory takes everything");
        }
    };
    in_turn(threads, 0..pages as usize, fill, |text| -> io::Result<()> {
        out.write_all(text)?;
        written = properties.min(written + PROPERTIES_A_PAGE);
        told(written);
        Ok(())
    })?;
    // The run begins here, even where nobody does anything.
    writeln!(out, "\nat {}", population.knobs().start)?;
    writeln!(out, "replay \"trace.csv\"")?;
    writeln!(out, "until {}", population.knobs().end())
}

/// So many properties are written together.
const PROPERTIES_A_PAGE: u32 = 256;

fn write_header(population: &Population, out: &mut impl Write) -> io::Result<()> {
    let knobs = population.knobs();
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
    match knobs.auto_away {
        Some(length) => writeln!(out, "auto-away {length}"),
        None => Ok(()),
    }
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

#[cfg(test)]
mod tests {
    use super::super::knobs::Knobs;
    use super::*;
    use lamplighter_core::hours::Zones;

    #[test]
    fn a_world_is_the_same_by_however_many_it_is_drawn_and_written() {
        let (zones, properties) = (Zones::bundled(), 3 * PROPERTIES_A_PAGE + 7);
        let knobs = Knobs { properties, shared_agents: 30, more_widgets: 40, ..Knobs::default() };
        let mut plainly = Vec::new();
        let population = Population::new(knobs.clone(), &zones).expect("knobs in their ranges");
        write_world(&population, &mut plainly).expect("memory takes everything");
        for threads in [1, 2, 3, 8] {
            let population = Population::new_by(knobs.clone(), &zones, threads);
            let population = population.expect("knobs in their ranges");
            let (mut written, mut last) = (Vec::new(), 0);
            let mut told = |count| {
                assert!(last < count);
                last = count;
            };
            write_world_by(&population, threads, &mut written, &mut told).expect("memory");
            assert!(written == plainly, "{threads}");
            assert_eq!(last, properties);
        }
    }
}
