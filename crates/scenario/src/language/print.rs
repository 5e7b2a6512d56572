//! A document as the text that it stands for: printed and read again, it is itself.

use std::fmt::Write;

use super::ast::{
    AtBlock, Block, BlockLine, Clause, Declares, Document, Event, Expect, Include, Line, Name,
    Observed, OnDevice, Part, Set, SetChange, agent_of,
};
use super::lex::{quote_word, write_name, write_word};
use super::parse::begins_statement;
use super::rules::is_file;
use super::settings::{push_hours, push_setting};
use super::time::write_time;
use lamplighter_core::model::{About, Chosen, EventKind, Millis};

/// Prints a document. Comments are not part of one, and faulty lines are left out.
pub fn print(document: &Document) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = Printer { out: &mut out }.document(document);
    out
}

struct Printer<'a> {
    out: &'a mut String,
}

impl Printer<'_> {
    fn document(&mut self, document: &Document) -> std::fmt::Result {
        let header = &document.header;
        if let Some(title) = &header.title {
            writeln!(self.out, "scenario {}", free_text(&title.node))?;
        }
        for source in &header.sources {
            writeln!(self.out, "source {}", free_text(&source.node))?;
        }
        if !header.tags.is_empty() {
            let tags = header.tags.iter().map(|tag| write_word(&tag.node));
            writeln!(self.out, "tags {}", tags.collect::<Vec<_>>().join(" "))?;
        }
        if let Some(zone) = &header.timezone {
            writeln!(self.out, "timezone {}", write_word(&zone.node))?;
        }
        if let Some(rules) = &header.rules {
            match is_file(&rules.node) {
                true => writeln!(self.out, "rules {}", quote_word(&rules.node))?,
                false => writeln!(self.out, "rules {}", write_word(&rules.node))?,
            }
        }
        if let Some(grace) = &header.grace {
            writeln!(self.out, "grace {}", grace.node)?;
        }
        match &header.auto_away {
            None => {}
            Some(auto_away) => match auto_away.node {
                None => writeln!(self.out, "auto-away off")?,
                Some(length) => writeln!(self.out, "auto-away {length}")?,
            },
        }
        let mut includes = document.includes.iter().peekable();
        for (before, block) in document.blocks.iter().enumerate() {
            while let Some(include) = includes.next_if(|next| next.blocks_before <= before) {
                self.include(include)?;
            }
            self.block(block)?;
        }
        includes.try_for_each(|include| self.include(include))?;
        for part in &document.parts {
            match part {
                Part::At(block) => self.at(block)?,
                Part::Replay(path) => writeln!(self.out, "\nreplay {}", quote_word(&path.node))?,
                Part::Observed(Observed { path, within, .. }) => {
                    write!(self.out, "\nobserved {}", quote_word(&path.node))?;
                    match within {
                        Some(within) => writeln!(self.out, " within {}", within.node)?,
                        None => writeln!(self.out)?,
                    }
                }
            }
        }
        if let Some(until) = &document.until {
            writeln!(self.out, "\nuntil {}", write_time(&until.node))?;
        }
        Ok(())
    }

    fn include(&mut self, include: &Include) -> std::fmt::Result {
        writeln!(self.out, "\ninclude {}", quote_word(&include.path.node))
    }

    fn block(&mut self, block: &Block) -> std::fmt::Result {
        match &block.declares {
            Declares::Property(name) => writeln!(self.out, "\nproperty {}", write_word(&name.node)),
            Declares::Widget(name) => writeln!(self.out, "\nwidget {}", write_word(&name.node)),
        }?;
        for line in &block.lines {
            push_block_line(&line.node, self.out);
            self.out.push('\n');
        }
        Ok(())
    }

    fn at(&mut self, block: &AtBlock) -> std::fmt::Result {
        if let Some(time) = &block.time {
            writeln!(self.out, "\nat {}", write_time(&time.node))?;
        }
        for line in &block.lines {
            match &line.node {
                Line::Event(event) => writeln!(self.out, "  {}", event_words(event))?,
                Line::Set(set) => self.set(set)?,
                Line::Expect(expect) => writeln!(self.out, "  {}", expect_words(expect))?,
                Line::NoAnomalies => writeln!(self.out, "  expect no anomalies")?,
                Line::Faulty(_) => {}
            }
        }
        Ok(())
    }

    fn set(&mut self, set: &Set) -> std::fmt::Result {
        let widget = write_word(&set.widget.node);
        match &set.change {
            SetChange::Off(name) => writeln!(self.out, "  set {widget} off {name}"),
            SetChange::SchedulerAs(other) => {
                writeln!(self.out, "  set {widget} scheduler as {}", write_word(&other.node))
            }
            SetChange::To(setting, lines) => {
                write!(self.out, "  set {widget} ")?;
                push_setting(&setting.setting, self.out);
                for line in lines {
                    self.out.push_str("\n    ");
                    push_hours(&line.node, self.out);
                }
                writeln!(self.out)
            }
        }
    }
}

/// Adds a line of a block, indented.
pub fn push_block_line(line: &BlockLine, out: &mut String) {
    match line {
        BlockLine::Members(names) => push_people("members", names, out),
        BlockLine::Suspended(names) => push_people("suspended", names, out),
        BlockLine::Setting(setting) => {
            out.push_str("  ");
            push_setting(&setting.setting, out);
        }
        BlockLine::SchedulerAs(other) => {
            out.push_str("  scheduler as ");
            out.push_str(&write_word(&other.node));
        }
        BlockLine::Hours(hours) => {
            out.push_str("    ");
            push_hours(hours, out);
        }
    }
}

/// A title or a source: as it stands, or in quotes where the line would be read otherwise.
fn free_text(text: &str) -> String {
    let plain = !text.contains(['#', '"']) && text.trim_matches([' ', '\t']) == text;
    if plain { text.to_owned() } else { quote_word(text) }
}

fn push_people(keyword: &str, names: &[Name], out: &mut String) {
    out.push_str("  ");
    out.push_str(keyword);
    for name in names {
        out.push(' ');
        out.push_str(&write_name(&name.node));
    }
}

fn event_words(event: &Event) -> String {
    let device = match event.about() {
        About::Device(OnDevice { device, .. }) => Some(&*device.node),
        About::Agent(_) => None,
        About::Widget(widget) => match *widget {},
    };
    let property = event.property().map(|property| &*property.node);
    let chosen = event.chosen().map(|chosen| (chosen, event.length()));
    phrase(&agent_of(event).node, event.kind(), chosen, device, property)
}

/// What an agent does, as a line says it.
pub fn phrase(
    agent: &str,
    kind: EventKind,
    chosen: Option<(Chosen, Option<Millis>)>,
    device: Option<&str>,
    property: Option<&str>,
) -> String {
    let chosen = chosen.map_or(String::new(), |(chosen, length)| match length {
        None => format!(" {chosen}"),
        Some(length) => format!(" {chosen} for {length}"),
    });
    let device = device.map(|device| format!(" on {}", write_name(device))).unwrap_or_default();
    let property = property.map(|name| format!(" in {}", write_word(name))).unwrap_or_default();
    // Nobody is called like a word of the language, but a line can say so, and is faulty as that line.
    let agent = if begins_statement(agent) { quote_word(agent) } else { write_name(agent) };
    format!("{agent} {}{chosen}{device}{property}", kind.words())
}

fn expect_words(expect: &Expect) -> String {
    let clauses = expect.clauses.iter().map(|clause| clause_words(&clause.node));
    let clauses = clauses.collect::<Vec<_>>().join(", ");
    format!("expect {} {clauses}", write_word(&expect.subject.node))
}

fn clause_words(clause: &Clause) -> String {
    match clause {
        Clause::Status(status) => status.to_string(),
        Clause::Because(reason) => format!("because {reason}"),
        Clause::Chat(chat) => chat.to_string(),
        Clause::Form(form) => format!("form {form}"),
        Clause::Greeting(text) => format!("greeting {}", quote_word(&text.node)),
        Clause::Shown => "shown".to_owned(),
        Clause::Hidden => "hidden".to_owned(),
        Clause::HiddenBecause(because) => format!("because {because}"),
        Clause::To(kind) => format!("to {kind}"),
        Clause::In(country) => format!("in {country}"),
        Clause::On(page) => format!("on {}", write_word(page)),
        Clause::Until(time) => format!("until {}", write_time(&time.node)),
        Clause::Changes(changes) => format!("changes {changes}"),
        Clause::Next(None) => "next never".to_owned(),
        Clause::Next(Some(time)) => format!("next {}", write_time(&time.node)),
    }
}
