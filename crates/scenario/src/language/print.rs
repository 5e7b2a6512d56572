//! A document as the text that it stands for: printed and read again, it is itself.

use std::fmt::Write;

use super::ast::{
    Action, AtBlock, Block, BlockLine, Clause, Declares, Document, Expect, HoursLine, HoursOn,
    Line, Name, Part, Set, SetChange, SettingLine, Verb,
};
use super::lex::{quote_word, write_name, write_word};
use super::time::write_time;
use lamplighter_core::model::SettingName;
use lamplighter_core::model::text::{weekday_word, write_date};

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
        if let Some(zone) = &header.timezone {
            writeln!(self.out, "timezone {}", write_word(&zone.node))?;
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
        for block in &document.blocks {
            self.block(block)?;
        }
        for part in &document.parts {
            match part {
                Part::At(block) => self.at(block)?,
                Part::Replay(path) => writeln!(self.out, "\nreplay {}", quote_word(&path.node))?,
            }
        }
        if let Some(until) = &document.until {
            writeln!(self.out, "\nuntil {}", write_time(&until.node))?;
        }
        Ok(())
    }

    fn block(&mut self, block: &Block) -> std::fmt::Result {
        match &block.declares {
            Declares::Property(name) => writeln!(self.out, "\nproperty {}", write_word(&name.node)),
            Declares::Widget(name) => writeln!(self.out, "\nwidget {}", write_word(&name.node)),
        }?;
        for line in &block.lines {
            match &line.node {
                BlockLine::Members(names) => writeln!(self.out, "  members{}", people(names)),
                BlockLine::Suspended(names) => writeln!(self.out, "  suspended{}", people(names)),
                BlockLine::Setting(setting) => writeln!(self.out, "  {}", setting_words(setting)),
                BlockLine::Hours(hours) => writeln!(self.out, "    {}", hours_words(hours)),
            }?;
        }
        Ok(())
    }

    fn at(&mut self, block: &AtBlock) -> std::fmt::Result {
        if let Some(time) = &block.time {
            writeln!(self.out, "\nat {}", write_time(&time.node))?;
        }
        for line in &block.lines {
            match &line.node {
                Line::Action(action) => writeln!(self.out, "  {}", action_words(action))?,
                Line::Set(set) => self.set(set)?,
                Line::Expect(expect) => writeln!(self.out, "  {}", expect_words(expect))?,
                Line::Faulty(_) => {}
            }
        }
        Ok(())
    }

    fn set(&mut self, set: &Set) -> std::fmt::Result {
        let widget = write_word(&set.widget.node);
        match &set.change {
            SetChange::Off(name) => writeln!(self.out, "  set {widget} off {}", name_words(*name)),
            SetChange::To(setting, lines) => {
                writeln!(self.out, "  set {widget} {}", setting_words(setting))?;
                for line in lines {
                    writeln!(self.out, "    {}", hours_words(&line.node))?;
                }
                Ok(())
            }
        }
    }
}

/// A title or a source: as it stands, or in quotes where the line would be read otherwise.
fn free_text(text: &str) -> String {
    let plain = !text.contains(['#', '"']) && text.trim_matches([' ', '\t']) == text;
    if plain { text.to_owned() } else { quote_word(text) }
}

/// Agents, each with a blank before it.
fn people(names: &[Name]) -> String {
    names.iter().map(|name| format!(" {}", write_name(&name.node))).collect()
}

/// Words, each with a blank before it.
fn words(names: &[Name]) -> String {
    names.iter().map(|name| format!(" {}", write_word(&name.node))).collect()
}

fn setting_words(setting: &SettingLine) -> String {
    match setting {
        SettingLine::Scheduler(zone) => format!("scheduler {}", write_word(&zone.node)),
        SettingLine::OfflineWhenAllAgentsOffline => "offline-when-all-agents-offline".to_owned(),
        SettingLine::HideWhenOffline => "hide-when-offline".to_owned(),
        SettingLine::HideOn(kind) => format!("hide-on {kind}"),
        SettingLine::PagesShow(patterns) => format!("pages show{}", words(patterns)),
        SettingLine::PagesHide(patterns) => format!("pages hide{}", words(patterns)),
        SettingLine::CountriesOnly(countries) => format!("countries only{}", words(countries)),
        SettingLine::CountriesExcept(countries) => {
            format!("countries except{}", words(countries))
        }
        SettingLine::Greeting(status, text) => {
            format!("greeting {status} {}", quote_word(&text.node))
        }
        SettingLine::PreChatForm => "pre-chat-form".to_owned(),
    }
}

fn name_words(name: SettingName) -> String {
    match name {
        SettingName::Scheduler => "scheduler".to_owned(),
        SettingName::OfflineWhenAllAgentsOffline => "offline-when-all-agents-offline".to_owned(),
        SettingName::HideWhenOffline => "hide-when-offline".to_owned(),
        SettingName::HideOn(kind) => format!("hide-on {kind}"),
        SettingName::PagesShow => "pages show".to_owned(),
        SettingName::PagesHide => "pages hide".to_owned(),
        SettingName::Countries => "countries".to_owned(),
        SettingName::Greeting(status) => format!("greeting {status}"),
        SettingName::PreChatForm => "pre-chat-form".to_owned(),
    }
}

fn hours_words(line: &HoursLine) -> String {
    let on = match &line.on.node {
        HoursOn::Daily => "daily".to_owned(),
        HoursOn::Date(date) => format!("date {}", write_date(*date)),
        HoursOn::Days(ranges) => {
            let range = |(first, last)| match first == last {
                true => weekday_word(first).to_owned(),
                false => format!("{}-{}", weekday_word(first), weekday_word(last)),
            };
            ranges.iter().map(|days| range(days.node)).collect::<Vec<_>>().join(",")
        }
    };
    if line.intervals.is_empty() {
        return format!("{on} closed");
    }
    let intervals = line.intervals.iter().map(|interval| format!(" {}", interval.node));
    format!("{on}{}", intervals.collect::<String>())
}

fn action_words(action: &Action) -> String {
    let agent = write_name(&action.agent.node);
    let on = |device: &Name| format!(" on {}", write_name(&device.node));
    let maybe_on = |device: &Option<Name>| device.as_ref().map(on).unwrap_or_default();
    let verb = match &action.verb {
        Verb::LogsIn(device) => format!("logs in{}", on(device)),
        Verb::LogsOut(device) => format!("logs out{}", maybe_on(device)),
        Verb::Goes(chosen, device) => format!("goes {chosen}{}", maybe_on(device)),
        Verb::LosesConnection(device) => format!("loses connection{}", on(device)),
        Verb::Reconnects(device) => format!("reconnects{}", on(device)),
        Verb::IsActive(device) => format!("is active{}", on(device)),
        Verb::IsSuspended(property) => format!("is suspended in {}", write_word(&property.node)),
        Verb::IsReinstated(property) => format!("is reinstated in {}", write_word(&property.node)),
    };
    format!("{agent} {verb}")
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
        Clause::Next(None) => "next never".to_owned(),
        Clause::Next(Some(time)) => format!("next {}", write_time(&time.node)),
    }
}
