//! `lamplighter rule`: a rule of the book, where it comes from, and an example; or what the code of a
//! message means.

pub mod examples;

use std::io::{self, Write};

use anyhow::anyhow;
use clap::Args;
use unicode_width::UnicodeWidthStr;

use super::exit::{Exit, Stop};
use super::terminal::{self, printed};
use crate::report::Paint;
use crate::report::code_book::{Explained, Form, explained};
use crate::report::rule_book::{Rule, rules};
use examples::{Example, example};
use lamplighter_scenario::language::code::Severity;
use lamplighter_scenario::language::diagnostic::nearest;

/// `lamplighter rule` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Every message names the rule that decided, as in `found away (agent-away, rule W3)`, or the code of
its kind, as in `code: gap-of-a-minute`.

Examples:
  lamplighter rule                                    # every rule and every code, in a line each
  lamplighter rule W3
  lamplighter rule gap-of-a-minute")]
pub struct RuleArguments {
    /// The rule, such as W3, or the code of a message; without one all are listed
    #[arg(value_name = "RULE")]
    pub name: Option<String>,
}

/// Runs `lamplighter rule` with its arguments as typed, and gives the exit code.
pub fn run(arguments: RuleArguments) -> Result<Exit, Stop> {
    let (rules, codes) = (rules(), explained());
    let mut out = anstream::stdout().lock();
    let Some(name) = arguments.name else {
        let listed = list(&mut out, &rules).and_then(|()| list_codes(&mut out, &codes));
        printed(listed.and_then(|()| out.flush()))?;
        return Ok(Exit::AllWell);
    };
    let told = if let Some(rule) = rules.iter().find(|rule| rule.name.eq_ignore_ascii_case(&name)) {
        tell(&mut out, rule, example(rule.name))
    } else if let Some(code) = codes.iter().find(|one| one.code.name().eq_ignore_ascii_case(&name))
    {
        tell_code(&mut out, code)
    } else {
        return Err(unknown(&name, &rules, &codes));
    };
    printed(told.and_then(|()| out.flush()))?;
    Ok(Exit::AllWell)
}

/// That there is no such rule and no such code, and which was probably meant.
fn unknown(name: &str, rules: &[Rule], codes: &[Explained]) -> Stop {
    let names = rules.iter().map(|rule| rule.name);
    let stop = Stop::invalid(anyhow!("there is no rule or code {name}"));
    match nearest(name, codes.iter().map(|one| one.code.name())) {
        Some(near) => stop.hint(format!("did you mean {near}?")),
        None => {
            let names: Vec<&str> = names.collect();
            let names = names.join(" ");
            stop.hint(format!("the rules are {names}; `lamplighter rule` lists all codes, too"))
        }
    }
}

/// A line for each rule: as much of it as there is room for.
fn list(out: &mut dyn Write, rules: &[Rule]) -> io::Result<()> {
    for part in rules.chunk_by(|a, b| a.part == b.part) {
        writeln!(out, "{}", Paint::Strong.on(part[0].part))?;
        for rule in part {
            line(out, rule.name, &rule.text)?;
        }
    }
    Ok(())
}

/// A line for each code, errors first.
fn list_codes(out: &mut dyn Write, codes: &[Explained]) -> io::Result<()> {
    for kind in codes.chunk_by(|a, b| a.code.severity() == b.code.severity()) {
        let heading = match kind[0].code.severity() {
            Severity::Error => "Codes of errors",
            Severity::Lint => "Codes of warnings",
        };
        writeln!(out, "{}", Paint::Strong.on(heading))?;
        for one in kind {
            line(out, one.code.name(), one.meaning)?;
        }
    }
    Ok(())
}

/// What something is called, and as much of what it says as there is room for beside that.
fn line(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    let lines = wrapped(text, terminal::width().saturating_sub(name.width() + 4));
    let more = if lines.len() > 1 { " …" } else { "" };
    let first = lines.first().map(String::as_str).unwrap_or_default();
    writeln!(out, "{}  {first}{more}", Paint::Frame.on(name))
}

/// The rule in full.
fn tell(out: &mut dyn Write, rule: &Rule, example: Option<&Example>) -> io::Result<()> {
    writeln!(out, "{}  {}", Paint::Frame.on(rule.name), Paint::Strong.on(rule.part))?;
    paragraph(out, &rule.text)?;
    writeln!(out, "\n{}  {}", Paint::Faint.on("source "), rule.sources.join(" · "))?;
    let Some(example) = example else { return Ok(()) };
    writeln!(out, "{}  scenarios/{}\n", Paint::Faint.on("example"), example.path)?;
    indented(out, example.text)
}

/// The code in full.
fn tell_code(out: &mut dyn Write, explained: &Explained) -> io::Result<()> {
    let Explained { code, meaning, remedy, example } = explained;
    let kind = match code.severity() {
        Severity::Error => "an error in a scenario".to_owned(),
        Severity::Lint => format!("a warning; `# allow {code}` above the line silences it"),
    };
    writeln!(out, "{}  {}", Paint::Frame.on(code), Paint::Strong.on(kind))?;
    paragraph(out, meaning)?;
    paragraph(out, remedy)?;
    let encoding = match example.form {
        Form::Shown => "",
        Form::Latin1 => ", in ISO 8859-1",
        Form::CarriageReturns => ", with CR alone at the ends of lines",
    };
    writeln!(out, "\n{}{encoding}\n", Paint::Faint.on("example"))?;
    indented(out, example.text)?;
    if let Some((name, text)) = example.beside {
        writeln!(out, "\n{}\n", Paint::Faint.on(name))?;
        indented(out, text)?;
    }
    Ok(())
}

fn paragraph(out: &mut dyn Write, text: &str) -> io::Result<()> {
    wrapped(text, terminal::width()).iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn indented(out: &mut dyn Write, text: &str) -> io::Result<()> {
    text.lines().try_for_each(|line| writeln!(out, "{}", format!("  {line}").trim_end()))
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
