//! `lamplighter rule`: a rule of the book, where it comes from, and an example.

mod examples;

use std::io::{self, Write};

use anyhow::anyhow;
use clap::Args;
use unicode_width::UnicodeWidthStr;

use super::exit::{Exit, Stop};
use super::terminal::{self, printed};
use crate::report::Paint;
use crate::report::rule_book::{Rule, rules};
use examples::{Example, example};

/// `lamplighter rule` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Every message names the rule that decided, as in `found away (agent-away, rule W3)`.

Examples:
  lamplighter rule                                    # every rule in a line
  lamplighter rule W3")]
pub struct RuleArguments {
    /// The rule, such as W3; without one all are listed
    #[arg(value_name = "RULE")]
    pub name: Option<String>,
}

/// Runs the command.
pub fn run(arguments: RuleArguments) -> Result<Exit, Stop> {
    let rules = rules();
    let mut out = anstream::stdout().lock();
    let Some(name) = arguments.name else {
        printed(list(&mut out, &rules).and_then(|()| out.flush()))?;
        return Ok(Exit::AllWell);
    };
    let Some(rule) = rules.iter().find(|rule| rule.name.eq_ignore_ascii_case(&name)) else {
        let names: Vec<&str> = rules.iter().map(|rule| rule.name).collect();
        let stop = Stop::invalid(anyhow!("there is no rule {name}"));
        return Err(stop.hint(format!("the rules are {}", names.join(" "))));
    };
    printed(tell(&mut out, rule, example(rule.name)).and_then(|()| out.flush()))?;
    Ok(Exit::AllWell)
}

/// A line for each rule: as much of it as there is room for.
fn list(out: &mut dyn Write, rules: &[Rule]) -> io::Result<()> {
    let room = terminal::width().saturating_sub(4);
    for part in rules.chunk_by(|a, b| a.part == b.part) {
        writeln!(out, "{}", Paint::Strong.on(part[0].part))?;
        for rule in part {
            let lines = wrapped(&rule.text, room.saturating_sub(2));
            let more = if lines.len() > 1 { " …" } else { "" };
            let first = lines.first().map(String::as_str).unwrap_or_default();
            writeln!(out, "{}  {first}{more}", Paint::Frame.on(rule.name))?;
        }
    }
    Ok(())
}

/// The rule in full.
fn tell(out: &mut dyn Write, rule: &Rule, example: Option<&Example>) -> io::Result<()> {
    writeln!(out, "{}  {}", Paint::Frame.on(rule.name), Paint::Strong.on(rule.part))?;
    for line in wrapped(&rule.text, terminal::width()) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "\n{}  {}", Paint::Faint.on("source "), rule.sources.join(" · "))?;
    let Some(example) = example else { return Ok(()) };
    writeln!(out, "{}  scenarios/{}\n", Paint::Faint.on("example"), example.path)?;
    for line in example.text.lines() {
        writeln!(out, "{}", format!("  {line}").trim_end())?;
    }
    Ok(())
}

/// A text in lines of at most so many columns, broken at its blanks.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_at_its_blanks() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a-word-that-is-too-long b", 5), ["a-word-that-is-too-long", "b"]);
        assert_eq!(wrapped("", 5), [""; 0]);
    }
}
