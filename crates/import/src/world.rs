//! A first world from a log alone, as a scenario that replays the trace: its properties, members,
//! devices and zone, and hours that are guessed from when people were there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::ops::Range;

use lamplighter_core::model::text::WEEKDAYS;
use lamplighter_core::model::{Instant, is_name};
use lamplighter_scenario::language::{quote_word, write_name};

use crate::import::Imported;
use crate::presence::{GuessedHours, guess};

/// What a world is of, for its title and its property.
pub struct World<'a> {
    /// The log's file name, for the title of the scenario.
    pub log: &'a str,
    /// The mapping's name for people, for the title of the scenario.
    pub mapping: &'a str,
    /// What the property is called, where the log names none.
    pub property: &'a str,
    /// The path of the trace, from the scenario.
    pub trace: &'a str,
    /// Whether the zone was said, and is not guessed.
    pub is_zone_known: bool,
}

/// A property of the world.
struct Property {
    /// Its number in the log; one more than there are for whoever is of none.
    number: usize,
    /// What it is called there.
    source: String,
    /// The numbers of its members.
    members: Vec<u32>,
}

/// Stands behind what is guessed.
const GUESSED: &str = "  # guessed";
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
        let title = quote_word(&format!("The people of {}", world.log));
        let source = quote_word(&format!("{}, read as {}", world.log, world.mapping));
        writeln!(self.out, "scenario {title}\nsource   {source}")?;
        writeln!(self.out, "timezone {zone}{}", if world.is_zone_known { "" } else { GUESSED })?;
        let (rows, span) = (imported.trace_rows, span_words(imported.span));
        writeln!(self.out, "\n# Made from a trace of {rows} rows{span}.")?;
        writeln!(self.out, "# Whatever is marked as guessed is for you to look through.")?;
        self.devices()?;
        let mut taken_names: Vec<String> = Vec::new();
        for property in self.properties() {
            let name = self.free_name(&property.source, &taken_names);
            self.property(&property, &name, zone)?;
            taken_names.push(name);
        }
        writeln!(self.out, "\nreplay {}", quote_word(self.world.trace))
    }

    /// The properties of the log, and one more for whoever is of none of them. The rows of some may have been left
    /// out, where properties were asked for: nothing is known of those.
    fn properties(&self) -> Vec<Property> {
        let taken = &self.imported.taken;
        let of_none = || {
            let of_some: BTreeSet<u32> = taken.members.iter().map(|(_, agent)| *agent).collect();
            let in_trace: BTreeSet<u32> =
                self.imported.devices.iter().map(|device| device.agent).collect();
            in_trace.difference(&of_some).copied().collect::<Vec<_>>()
        };
        let mut properties: Vec<Property> = (0..)
            .zip(taken.properties.iter())
            .map(|(number, source)| {
                let of = taken.members.range((number, 0)..=(number, u32::MAX));
                let members = of.map(|(_, agent)| *agent).collect();
                Property { number: number as usize, source: source.to_owned(), members }
            })
            .collect();
        let members = of_none();
        if !members.is_empty() || properties.is_empty() {
            let source = self.world.property.to_owned();
            properties.push(Property { number: taken.properties.count(), source, members });
        }
        properties
    }

    /// The name of a property: a plain one that no other and no agent has.
    fn free_name(&self, source: &str, names: &[String]) -> String {
        let mut name = plain_name(source);
        while names.contains(&name) || self.imported.taken.agents.iter().any(|agent| agent == name)
        {
            name.push('_');
        }
        name
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

    fn property(&mut self, property: &Property, name: &str, zone: &str) -> fmt::Result {
        let taken = &self.imported.taken;
        writeln!(self.out, "\nproperty {name}")?;
        if property.number == taken.properties.count() && property.number > 0 {
            writeln!(self.out, "  # Whom the log names together with no property.")?;
        } else if property.source != name {
            writeln!(self.out, "  # In the log: {}", property.source)?;
        }
        let members = property.members.iter();
        let mut names: Vec<&str> = members.map(|&agent| taken.agents.name(agent)).collect();
        names.sort_unstable();
        self.members(&names)?;
        let Some(presence) = &self.imported.presence else { return Ok(()) };
        let weekdays = presence.weekdays();
        let hours = guess(presence.days_of(property.number), weekdays);
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
            writeln!(self.out, "    {line}{GUESSED}")?;
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
