//! A population's properties as a scenario, in the scenario language.

use std::io::{self, Write};

use super::names;
use super::population::{Population, Property};
use lamplighter_core::model::text::{WEEKDAYS, write_date};
use lamplighter_core::model::{Countries, Interval, Scheduler, Settings, WidgetStatus};

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

/// Writes what is set on a widget as lines of its block in the scenario language.
///
/// # Errors
/// When `out` takes no more.
pub fn write_settings(settings: &Settings, out: &mut impl Write) -> io::Result<()> {
    if let Some(scheduler) = &settings.scheduler {
        write_scheduler(scheduler, out)?;
    }
    let Settings { pages_show, pages_hide, .. } = settings;
    for (is_on, line) in [
        (settings.offline_when_all_agents_offline, "offline-when-all-agents-offline"),
        (settings.hide_when_offline, "hide-when-offline"),
        (settings.pre_chat_form, "pre-chat-form"),
    ] {
        if is_on {
            writeln!(out, "  {line}")?;
        }
    }
    for kind in &settings.hide_on {
        writeln!(out, "  hide-on {kind}")?;
    }
    for (line, patterns) in [("pages show", pages_show), ("pages hide", pages_hide)] {
        if !patterns.is_empty() {
            writeln!(out, "  {line} {}", patterns.join(" "))?;
        }
    }
    match &settings.countries {
        None => {}
        Some(Countries::Only(nations)) => writeln!(out, "  countries only {}", nations.join(" "))?,
        Some(Countries::Except(nations)) => {
            writeln!(out, "  countries except {}", nations.join(" "))?;
        }
    }
    for status in [WidgetStatus::Online, WidgetStatus::Away, WidgetStatus::Offline] {
        let text = settings.greeting(status);
        if !text.is_empty() {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
            writeln!(out, "  greeting {status} \"{escaped}\"")?;
        }
    }
    Ok(())
}

fn write_scheduler(scheduler: &Scheduler, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "  scheduler {}", scheduler.zone)?;
    for (first, last, hours) in scheduler.hours.day_ranges() {
        write!(out, "    {}", days(first, last))?;
        write_hours(hours, out)?;
    }
    for (date, hours) in &scheduler.hours.dates {
        write!(out, "    date {}", write_date(*date))?;
        write_hours(hours, out)?;
    }
    Ok(())
}

/// Days from one to another as the language has them.
fn days(first: usize, last: usize) -> String {
    match (first, last) {
        (0, 6) => "daily".to_owned(),
        _ if first == last => WEEKDAYS[first].0.to_owned(),
        _ => format!("{}-{}", WEEKDAYS[first].0, WEEKDAYS[last].0),
    }
}

fn write_hours(hours: &[Interval], out: &mut impl Write) -> io::Result<()> {
    if hours.is_empty() {
        return writeln!(out, " closed");
    }
    for interval in hours {
        write!(out, " {interval}")?;
    }
    writeln!(out)
}
