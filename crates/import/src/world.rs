//! A first world from a log alone, as a scenario that replays the trace: its properties, members,
//! devices and zone, and hours that are guessed from when people were there.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::ops::Range;

use lamplighter_core::model::text::WEEKDAYS;
use lamplighter_core::model::{Instant, is_name};
use lamplighter_scenario::language::{quote_word, write_name};

use crate::import::Imported;
use crate::presence::{GuessedHours, guess};

/// What a world is of, for its title and its property.
pub struct World<'a> {
    /// What the log is called.
    pub log: &'a str,
    /// What the mapping is called.
    pub mapping: &'a str,
    /// What the property is called, where the log names none.
    pub property: &'a str,
    /// The path of the trace, from the scenario.
    pub trace: &'a str,
}

/// Lines of names are not longer.
const LINE_MAX: usize = 100;
/// Of more devices only their number is told.
const DEVICES_TOLD_MAX: usize = 12;

/// Writes a world that `lamplighter check` takes: a property for each that the log names, its members,
/// the zone, and the hours in which people were there, marked as guessed.
pub fn write(world: &World<'_>, imported: &Imported) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = Writer { out: &mut text, world, imported }.write();
    text
}

struct Writer<'a> {
    out: &'a mut String,
    world: &'a World<'a>,
    imported: &'a Imported,
}

impl Writer<'_> {
    fn write(&mut self) -> fmt::Result {
        let Self { world, imported, .. } = self;
        let zone = imported.presence.as_ref().map_or("UTC", |presence| presence.zone().name());
        let rows = imported.trace_rows;
        writeln!(self.out, "scenario {}", quote_word(&format!("The people of {}", world.log)))?;
        writeln!(
            self.out,
            "source   {}",
            quote_word(&format!("{}, read as {}", world.log, world.mapping))
        )?;
        writeln!(self.out, "timezone {zone}")?;
        writeln!(self.out, "\n# Made from a log of {rows} rows{}.", span_words(imported.span))?;
        writeln!(self.out, "# Whatever is marked as guessed is for you to look through.")?;
        self.devices()?;
        for (property, name) in (0..).zip(self.property_names()) {
            self.property(property, &name, zone)?;
        }
        writeln!(self.out, "\nreplay {}", quote_word(self.world.trace))
    }

    /// The names of properties: plain ones, each once, and none that an agent has.
    fn property_names(&self) -> Vec<String> {
        let taken = &self.imported.taken;
        let mut names: Vec<String> = Vec::new();
        let own = [self.world.property];
        let sources: Vec<&str> = match taken.properties.len() {
            0 => own.to_vec(),
            _ => taken.properties.iter().collect(),
        };
        for source in sources {
            let mut name = plain_name(source);
            while names.contains(&name) || taken.agents.iter().any(|agent| agent == name) {
                name.push('_');
            }
            names.push(name);
        }
        names
    }

    fn devices(&mut self) -> fmt::Result {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for device in &self.imported.devices {
            *counts.entry(self.imported.taken.device_names.name(device.name)).or_default() += 1;
        }
        if counts.len() > DEVICES_TOLD_MAX {
            return writeln!(self.out, "# Devices: {} of different names.", counts.len());
        }
        let words = counts.iter().map(|(name, count)| match count {
            1 => format!("{name} (1 agent)"),
            many => format!("{name} ({many} agents)"),
        });
        writeln!(self.out, "# Devices: {}.", words.collect::<Vec<_>>().join(", "))
    }

    fn property(&mut self, property: u32, name: &str, zone: &str) -> fmt::Result {
        let taken = &self.imported.taken;
        writeln!(self.out, "\nproperty {name}")?;
        if taken.properties.len() > 0 && taken.properties.name(property) != name {
            writeln!(self.out, "  # In the log: {}", taken.properties.name(property))?;
        }
        let members: Vec<u32> = match taken.properties.len() {
            0 => (0..taken.agents.len() as u32).collect(),
            _ => {
                let of = (property, 0)..=(property, u32::MAX);
                taken.members.range(of).map(|(_, agent)| *agent).collect()
            }
        };
        let mut names: Vec<&str> = members.iter().map(|&agent| taken.agents.name(agent)).collect();
        names.sort_unstable();
        self.members(&names)?;
        let Some(presence) = &self.imported.presence else { return Ok(()) };
        let weekdays = presence.weekdays();
        let hours = guess(presence.days_of(property as usize), weekdays);
        if hours.iter().all(Vec::is_empty) {
            return writeln!(
                self.out,
                "  # No hours can be guessed: at no time of a weekday was somebody there on half of its days."
            );
        }
        writeln!(
            self.out,
            "  # Guessed: when somebody was online or away on half of the days or more;"
        )?;
        writeln!(self.out, "  # the log has {}.", weekdays_words(weekdays))?;
        writeln!(self.out, "  scheduler {zone}")?;
        for line in hours_lines(&hours) {
            writeln!(self.out, "    {line}  # guessed")?;
        }
        Ok(())
    }

    fn members(&mut self, names: &[&str]) -> fmt::Result {
        const BEGIN: &str = "  members";
        let mut line = BEGIN.to_owned();
        for name in names.iter().map(|name| write_name(name)) {
            if line.len() + 1 + name.len() > LINE_MAX && line != BEGIN {
                writeln!(self.out, "{line}")?;
                line = BEGIN.to_owned();
            }
            line.push(' ');
            line.push_str(&name);
        }
        match line == BEGIN {
            true => Ok(()),
            false => writeln!(self.out, "{line}"),
        }
    }
}

fn span_words(span: Option<(Instant, Instant)>) -> String {
    span.map_or_else(String::new, |(first, last)| format!(", from {first} to {last}"))
}

/// `4 mondays, 4 tuesdays, …, no sunday`
fn weekdays_words(counts: [u32; 7]) -> String {
    const NAMES: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let words = counts.iter().zip(NAMES).map(|(count, name)| match count {
        0 => format!("no {name}"),
        1 => format!("1 {name}"),
        many => format!("{many} {name}s"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Lines of hours, equal days that follow each other in one.
fn hours_lines(hours: &GuessedHours) -> Vec<String> {
    let weekday = |day: usize| WEEKDAYS[day].0;
    let mut lines = Vec::new();
    let mut first = 0;
    while first < hours.len() {
        let last = (first..hours.len()).take_while(|&day| hours[day] == hours[first]).last();
        let last = last.unwrap_or(first);
        if !hours[first].is_empty() {
            let days = match last - first {
                0 => weekday(first).to_owned(),
                6 => "daily".to_owned(),
                _ => format!("{}-{}", weekday(first), weekday(last)),
            };
            let intervals = hours[first].iter().map(interval_words).collect::<Vec<_>>();
            lines.push(format!("{days:<8}{}", intervals.join(" ")));
        }
        first = last + 1;
    }
    lines
}

fn interval_words(interval: &Range<u16>) -> String {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!("{}-{}", clock(interval.start), clock(interval.end))
}

/// The name of a property as the language has it: what cannot stand in one becomes `-`.
fn plain_name(source: &str) -> String {
    let plain = |c: char| if is_name(c.encode_utf8(&mut [0; 4])) { c } else { '-' };
    // One sign is kept for what must be told apart.
    let name: String = source.chars().map(plain).take(60).collect();
    if name.is_empty() { "property".to_owned() } else { name }
}
