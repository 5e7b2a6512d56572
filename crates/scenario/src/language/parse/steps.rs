//! The lines of `at` blocks.

use super::super::ast::{Event, Line, Name, OnDevice, Part, Set, SetChange};
use super::super::code::Code;
use super::super::diagnostic::{Diagnostic, any_of, nearest};
use super::super::lex::{Word, write_name};
use super::super::span::{Span, Spanned};
use super::first_words::SETTINGS;
use super::meant::{name_in_front, verb_meant, wait_meant};
use super::parser::{Parser, Section, Statement};
use super::settings::{is_as, setting_name};
use super::words::{Cursor, one_of, scalar};
use lamplighter_core::model::{Chosen, EventKind, Millis, Says, Setting};

/// The first words of what stands behind the blocks.
pub const KEYWORDS: &[&str] = &["at", "replay", "observed", "until", "set", "expect"];

/// What agents do: the first word of it, what follows, and what kind of event it is.
fn agents_events() -> impl Iterator<Item = (&'static str, &'static str, EventKind)> {
    let kinds = EventKind::ALL.iter().filter(|kind| kind.says() != Says::Setting);
    kinds.map(|kind| {
        let (first, rest) = kind.words().split_once(' ').unwrap_or((kind.words(), ""));
        (first, rest, *kind)
    })
}

/// What an agent's line goes on with.
pub fn verbs() -> impl Iterator<Item = &'static str> {
    let mut verbs: Vec<&str> = Vec::new();
    for (first, ..) in agents_events() {
        if !verbs.contains(&first) {
            verbs.push(first);
        }
    }
    verbs.into_iter()
}

/// The status that an agent chooses.
fn chosen_status(agent: &Name, cursor: &mut Cursor<'_>) -> Result<Chosen, Diagnostic> {
    if let Some(word) = cursor.peek().filter(|word| word.text == "offline") {
        return Err(Diagnostic::new(
            word.span,
            "nobody goes offline",
            format!("expected {}", any_of(Chosen::WORDS.iter().map(|(word, _)| *word))),
        )
        .code(Code::NobodyGoesOffline)
        .help(format!(
            "rule P4: an agent is offline once logged out: `{} logs out`",
            write_name(&agent.node)
        )));
    }
    one_of(cursor, Chosen::WORDS)
}

/// `for DURATION`, longer than zero (rule P9).
fn length_of(cursor: &mut Cursor<'_>) -> Result<Millis, Diagnostic> {
    cursor.next();
    let word = cursor.next().ok_or_else(|| cursor.incomplete("a duration, e.g. `for 30m`"))?;
    let length: Millis = scalar(word)?.node;
    match length {
        Millis::ZERO => Err(Diagnostic::new(
            word.span,
            "a status for no time is none",
            "rule P9: the time is longer than zero",
        )
        .code(Code::ZeroDuration)),
        length => Ok(length),
    }
}

/// The fault of a word that says nothing an agent does.
fn unknown_verb(verb: &Word, next: Option<&Word>) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        verb.span,
        format!("`{}` is nothing that an agent does", verb.text),
        format!("expected {}", any_of(verbs())),
    )
    .code(Code::UnknownWord);
    match (verb_meant(&verb.text, next.map(|word| word.text.as_str())), next) {
        (Some((says, true)), Some(next)) => diagnostic.meant(verb.span.to(next.span), says),
        (Some((says, _)), _) => diagnostic.meant(verb.span, says),
        (None, _) => diagnostic.did_you_mean(&verb.text, verbs()),
    }
}

fn twice(word: &Word) -> Diagnostic {
    let message = format!("`{}` is said twice", word.text);
    Diagnostic::new(word.span, message, "each of `for` and `on` once").code(Code::SaidTwice)
}

/// The fault of a first word that is neither an agent nor a word of the language.
fn begins_nothing(word: &str, span: Span) -> Diagnostic {
    let message = format!("`{word}` does not begin a statement");
    let label = "expected an agent, or a word of the language";
    Diagnostic::new(span, message, label).code(Code::UnknownStatement)
}

/// The fault of a line that says what no agent does, with what was meant.
fn event_meant(diagnostic: Diagnostic, statement: Statement<'_>) -> Diagnostic {
    if let Some((span, help)) = wait_meant(statement) {
        return begins_nothing(&statement.keyword().text, span).help(help);
    }
    let is_verb = |word: &Word| !word.quoted && verbs().any(|verb| verb == word.text);
    match name_in_front(statement, is_verb) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

impl Parser<'_, '_> {
    /// A line that belongs in an `at` block.
    pub(super) fn step(&mut self, statement: Statement<'_>) {
        match self.section {
            Section::Replay | Section::Observed => {
                let ended = if self.section == Section::Replay { "replay" } else { "observed" };
                self.diagnostics.push(
                    Diagnostic::new(
                        statement.span,
                        "this line is in no `at` block",
                        format!("out of place: `{ended}` ended the block before it"),
                    )
                    .code(Code::OutOfPlace)
                    .help("begin a new `at` block"),
                );
                return;
            }
            Section::End => {
                self.report(
                    statement.span,
                    "this line comes too late",
                    "out of place: nothing comes after `until`",
                )
                .code = Code::OutOfPlace;
                return;
            }
            _ => {}
        }
        let first = statement.keyword();
        let mut cursor = Cursor::new(statement);
        let (line, about) = match first.text.as_str() {
            "set" if !first.quoted => (self.set(&mut cursor).map(Line::Set), None),
            "expect" if !first.quoted => (self.expect_line(&mut cursor), None),
            agent => {
                let name = Name::new(agent.to_owned(), first.span);
                let event = self.event(name, &mut cursor).map_err(|d| event_meant(d, statement));
                (event.map(Line::Event), Some(agent.to_owned()))
            }
        };
        match line {
            Ok(line) => self.push_line(line, statement.span),
            Err(diagnostic) => {
                self.diagnostics.push(diagnostic);
                self.push_line(Line::Faulty(about), statement.span);
                // Hours behind a faulty scheduler are not out of place.
                self.hours_follow =
                    statement.words.iter().take(4).any(|word| word.text == "scheduler");
            }
        }
    }

    /// Whether a line says what an agent does.
    pub(super) fn is_action(&self, statement: Statement<'_>) -> bool {
        statement.words.get(1).is_some_and(|word| verbs().any(|verb| verb == word.text))
    }

    /// A line of an `at` block whose words are faulty.
    pub(super) fn recover_step(&mut self, agent: String, span: Span) {
        self.push_line(Line::Faulty(Some(agent)), span);
    }

    fn push_line(&mut self, line: Line, span: Span) {
        if let Some(Part::At(block)) = self.part() {
            block.lines.push(Spanned::new(line, span));
        }
    }

    fn event(&mut self, agent: Name, cursor: &mut Cursor<'_>) -> Result<Event, Diagnostic> {
        let kind = self.event_kind(&agent, cursor)?;
        let (mut device, mut chosen, mut property) = (None, None, None);
        match kind.says() {
            Says::Device => device = Some(self.device(cursor)?),
            Says::DeviceOrAll => device = self.optional_device(cursor)?,
            Says::StatusAndDeviceOrAll => {
                let status = chosen_status(&agent, cursor)?;
                let length;
                (length, device) = self.length_and_device(cursor)?;
                chosen = Some((status, length));
            }
            Says::Property => property = Some(self.property(cursor)?),
            Says::Setting => {}
        }
        cursor.end()?;
        let device = device.map(|device| OnDevice { agent: agent.clone(), device });
        let event = Event::said(kind, agent, device, chosen, property);
        Ok(event.expect("all that it says was read"))
    }

    /// What happens, by its words.
    fn event_kind(
        &mut self,
        agent: &Name,
        cursor: &mut Cursor<'_>,
    ) -> Result<EventKind, Diagnostic> {
        let Some(verb) = cursor.next() else {
            let known =
                [KEYWORDS, super::HEADER, super::BLOCKS, super::BLOCK_LINES, SETTINGS].concat();
            return Err(cursor
                .incomplete("what happens, e.g. `ann logs in on laptop`")
                .did_you_mean(&agent.node, known));
        };
        let meant: Vec<(&str, EventKind)> = agents_events()
            .filter(|(first, ..)| *first == verb.text)
            .map(|(_, r, k)| (r, k))
            .collect();
        match meant[..] {
            [("", kind)] => Ok(kind),
            [_, ..] => one_of(cursor, &meant),
            [] if nearest(&agent.node, KEYWORDS.iter().copied()).is_some() => {
                // `exepct acme online`: it is the first word that is wrong.
                Err(begins_nothing(&agent.node, agent.span)
                    .did_you_mean(&agent.node, KEYWORDS.iter().copied()))
            }
            [] => Err(unknown_verb(verb, cursor.peek())),
        }
    }

    /// `on DEVICE`.
    fn device(&mut self, cursor: &mut Cursor<'_>) -> Result<Name, Diagnostic> {
        if cursor.peek().is_none() {
            return Err(cursor.incomplete("`on DEVICE` behind it"));
        }
        one_of(cursor, &[("on", ())])?;
        let word = cursor.next().ok_or_else(|| cursor.incomplete("a device"))?;
        Ok(self.person_or_device(word, "a device"))
    }

    /// `for DURATION` and `on DEVICE`, both optional and in either order (rule P9).
    fn length_and_device(
        &mut self,
        cursor: &mut Cursor<'_>,
    ) -> Result<(Option<Millis>, Option<Name>), Diagnostic> {
        let (mut length, mut device) = (None, None);
        while let Some(word) = cursor.peek() {
            match word.text.as_str() {
                "for" if length.is_none() => length = Some(length_of(cursor)?),
                "on" if device.is_none() => device = Some(self.device(cursor)?),
                "for" | "on" => return Err(twice(word)),
                _ => {
                    let mut words = vec![("on", ())];
                    words.extend(length.is_none().then_some(("for", ())));
                    one_of(cursor, &words)?;
                }
            }
        }
        Ok((length, device))
    }

    fn optional_device(&mut self, cursor: &mut Cursor<'_>) -> Result<Option<Name>, Diagnostic> {
        match cursor.peek() {
            None => Ok(None),
            Some(_) => self.device(cursor).map(Some),
        }
    }

    /// `in PROPERTY`.
    fn property(&mut self, cursor: &mut Cursor<'_>) -> Result<Name, Diagnostic> {
        if cursor.peek().is_none() {
            return Err(cursor.incomplete("`in PROPERTY` behind it"));
        }
        one_of(cursor, &[("in", ())])?;
        let word = cursor.next().ok_or_else(|| cursor.incomplete("a property"))?;
        Ok(self.plain(word))
    }

    /// `set WIDGET SETTING…` or `set WIDGET off SETTING`.
    fn set(&mut self, cursor: &mut Cursor<'_>) -> Result<Set, Diagnostic> {
        let word = cursor.next().ok_or_else(|| cursor.incomplete("a widget and a setting"))?;
        let widget = self.plain(word);
        let word = cursor.next().ok_or_else(|| cursor.incomplete("a setting"))?;
        let change = if word.text == "off" {
            let change = SetChange::Off(setting_name(cursor)?);
            cursor.end()?;
            change
        } else if word.text == "scheduler" && is_as(cursor) {
            self.hours_follow = true;
            SetChange::SchedulerAs(self.scheduler_as(cursor)?)
        } else {
            let setting = self.setting(&word.text, cursor)?;
            self.hours_follow = matches!(setting.setting, Setting::Scheduler(_));
            SetChange::To(setting, Vec::new())
        };
        Ok(Set { widget, change })
    }

    /// A line of hours in an `at` block: it belongs to the `set … scheduler` right before it.
    pub(super) fn hours_of_set(&mut self, statement: Statement<'_>, follows: bool) {
        let hours = match self.hours_line(statement) {
            Ok(hours) => Some(Spanned::new(hours, statement.span)),
            Err(diagnostic) => {
                self.diagnostics.push(diagnostic);
                None
            }
        };
        if !follows {
            self.diagnostics.push(
                Diagnostic::new(
                    statement.span,
                    "hours of nothing",
                    "out of place: hours stand right behind `set WIDGET scheduler ZONE`",
                )
                .code(Code::OutOfPlace)
                .help("say first which scheduler they belong to"),
            );
            return;
        }
        self.hours_follow = true;
        let Some(Part::At(block)) = self.document.parts.last_mut() else { return };
        let Some(Spanned { node: Line::Set(set), span }) = block.lines.last_mut() else { return };
        match &mut set.change {
            SetChange::To(_, lines) => lines.extend(hours),
            SetChange::SchedulerAs(_) => {
                let span = *span;
                self.hours_of_another(span, statement);
            }
            SetChange::Off(_) => {}
        }
    }
}
