//! What can stand at a place: the words of the language by where they stand, and what the file has names for.

use std::collections::BTreeSet;

use super::asked::Asked;
use lamplighter_core::model::products::PRODUCTS;
use lamplighter_core::model::text::{WEEKDAYS, write_date};
use lamplighter_core::model::{
    About, Chosen, DeviceKind, EventKind, Form, HiddenBecause, Reason, Says, SettingName,
    WidgetStatus,
};
use lamplighter_scenario::language::ast::{Line, Part, agent_of};
use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::language::{Place, clauses, statements, verbs, write_name};
use lamplighter_scenario::play::{Prepared, country_codes};

/// A word that can stand at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The word as it is to be written.
    pub word: String,
    /// What it is of.
    pub of: Of,
    /// What it stands for, in a few words; empty where the word says it.
    pub detail: String,
}

/// What a word is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// The language.
    Keyword,
    /// A name of the file.
    Name,
    /// A value: a zone, a reason, a country, a date.
    Value,
}

/// The words that can stand at a place, the likeliest first. Which of them goes on with the letters that are
/// there already is for the editor to see.
pub fn candidates(asked: &Asked<'_>) -> Vec<Candidate> {
    let (start, line) = asked.line();
    let before = &line[..asked.byte.saturating_sub(start).min(line.len())];
    let before = before.trim_start_matches('\u{feff}');
    if let Some(comment) = before.trim_start().strip_prefix('#') {
        return match comment.trim_start().starts_with("allow ") {
            true => values(Code::lints().map(|code| (code.name(), ""))),
            false => Vec::new(),
        };
    }
    // Within quotes and behind a comment nothing of the language stands.
    if before.matches('"').count() % 2 == 1 || before.contains(" #") {
        return Vec::new();
    }
    let mut words: Vec<&str> = before.split([' ', '\t', ',']).filter(|w| !w.is_empty()).collect();
    // The last one is still being written.
    if !before.ends_with([' ', '\t', ',']) {
        words.pop();
    }
    Context { asked, prepared: asked.first() }.behind(&words)
}

fn keywords<'w>(words: impl IntoIterator<Item = &'w str>) -> Vec<Candidate> {
    of(Of::Keyword, words.into_iter().map(|word| (word, "")))
}

fn values<W: AsRef<str>, D: AsRef<str>>(words: impl IntoIterator<Item = (W, D)>) -> Vec<Candidate> {
    of(Of::Value, words)
}

fn of<W: AsRef<str>, D: AsRef<str>>(
    of: Of,
    words: impl IntoIterator<Item = (W, D)>,
) -> Vec<Candidate> {
    let candidate = |(word, detail): (W, D)| Candidate {
        word: word.as_ref().to_owned(),
        of,
        detail: detail.as_ref().to_owned(),
    };
    words.into_iter().map(candidate).collect()
}

struct Context<'a> {
    asked: &'a Asked<'a>,
    prepared: &'a Prepared,
}

impl Context<'_> {
    fn behind(&self, words: &[&str]) -> Vec<Candidate> {
        match words {
            [] => self.first_words(),
            ["timezone"] => self.zones(),
            ["scheduler"] => [keywords(["as"]), self.zones()].concat(),
            ["scheduler", "as"] | ["set", _, "scheduler", "as"] => self.widgets(),
            ["rules"] => values(PRODUCTS.iter().map(|one| (one.name, one.known.words()))),
            ["widget"] => self.properties("/"),
            ["members" | "suspended", ..] => self.agents(),
            ["auto-away"] => keywords(["off"]),
            ["date"] => self.dates(),
            ["date", _] => keywords(["closed"]),
            ["at"] | ["until"] => self.times(),
            ["set"] => self.widgets(),
            ["set", _] => {
                [keywords(["off"]), keywords(SettingName::KEYWORDS.iter().copied())].concat()
            }
            ["set", _, "off"] => keywords(SettingName::KEYWORDS.iter().copied()),
            ["set", _, setting @ ..] => self.setting(setting),
            ["expect"] => {
                let no_anomalies = keywords(["no anomalies"]);
                [self.widgets(), self.agents(), no_anomalies].concat()
            }
            ["expect", subject, rest @ ..] => self.clause(subject, rest),
            [first, ..] if SettingName::KEYWORDS.contains(first) => self.setting(words),
            [day] if WEEKDAYS.iter().any(|(name, _)| day.starts_with(name)) || *day == "daily" => {
                keywords(["closed"])
            }
            [agent, rest @ ..] => self.event(agent, rest),
        }
    }

    /// What a line can begin with, by what stands above it.
    fn first_words(&self) -> Vec<Candidate> {
        let (start, _) = self.asked.line();
        let text = self.asked.text.as_str();
        let above =
            self.asked.in_text(lamplighter_scenario::language::span::Span::new(start, start));
        let firsts = text[..above.start].lines().rev().filter_map(|line| {
            line.trim_start_matches(['\u{feff}', ' ', '\t']).split([' ', '\t', '#']).next()
        });
        let begins =
            ["scenario", "property", "widget", "at", "replay", "observed", "until", "include"];
        match firsts.clone().find(|word| begins.contains(word)) {
            Some("at") => {
                let steps = keywords(statements(Place::Step));
                [self.agents(), steps].concat()
            }
            Some("replay" | "observed") => keywords(["at", "replay", "observed", "until"]),
            Some("until") => Vec::new(),
            Some(block @ ("property" | "widget")) => {
                let mut words = keywords(statements(Place::Block));
                words.retain(|one| {
                    block == "property" || !["members", "suspended"].contains(&&*one.word)
                });
                let days =
                    keywords(WEEKDAYS.iter().map(|(day, _)| *day).chain(["daily", "mon-fri"]));
                [words, days, keywords(["property", "widget", "at", "replay", "until"])].concat()
            }
            Some("include") => keywords(["include", "property", "at"]),
            _ => keywords(statements(Place::Header)),
        }
    }

    fn zones(&self) -> Vec<Candidate> {
        values(self.asked.zones.names().into_iter().map(|name| (name, "")))
    }

    fn agents(&self) -> Vec<Candidate> {
        let names = self.prepared.plan.roster.agents.iter();
        of(Of::Name, names.map(|name| (write_name(name), "agent")))
    }

    fn widgets(&self) -> Vec<Candidate> {
        of(Of::Name, self.prepared.plan.roster.widgets.iter().map(|name| (name, "widget")))
    }

    fn properties(&self, behind: &str) -> Vec<Candidate> {
        let names = self.prepared.plan.roster.properties.iter();
        of(Of::Name, names.map(|name| (format!("{name}{behind}"), "property")))
    }

    /// The devices that the file knows of an agent.
    fn devices(&self, agent: &str) -> Vec<Candidate> {
        let agent = agent.trim_matches('"');
        let lines = self.prepared.document.parts.iter().flat_map(|part| match part {
            Part::At(block) => block.lines.as_slice(),
            Part::Replay(_) | Part::Observed(_) => &[],
        });
        let devices: BTreeSet<&str> = lines
            .filter_map(|line| match &line.node {
                Line::Event(event) if agent_of(event).node == agent => match event.about() {
                    About::Device(on) => Some(on.device.node.as_str()),
                    About::Agent(_) | About::Widget(_) => None,
                },
                _ => None,
            })
            .collect();
        let fresh = ["laptop", "phone"].into_iter().filter(|name| !devices.contains(name));
        let known = of(Of::Name, devices.iter().map(|name| (write_name(name), "device")));
        [known, of(Of::Name, fresh.map(|name| (name, "another device")))].concat()
    }

    /// Dates: those of the file's days, and what names dates of every year.
    fn dates(&self) -> Vec<Candidate> {
        let zone = &self.prepared.plan.zone;
        let days: BTreeSet<_> =
            self.prepared.plan.steps.iter().map(|step| zone.local(step.at).date()).collect();
        let days = values(days.into_iter().map(|day| (write_date(day), "a day of this file")));
        let named = [
            ("*-12-25", "every 25 December"),
            ("*-12-24..*-01-01", "from 24 December to 1 January, every year"),
            ("4th-thu-nov", "the fourth Thursday of November"),
            ("last-mon-may", "the last Monday of May"),
            ("easter", "Easter Sunday"),
            ("easter-2d", "two days before it"),
        ];
        [days, values(named)].concat()
    }

    /// Times that can follow the `at` above.
    fn times(&self) -> Vec<Candidate> {
        let steps = &self.prepared.plan.steps;
        let before = steps.iter().rfind(|step| step.span.end <= self.asked.byte);
        let before = before.or(steps.first());
        let Some(before) = before else {
            let today = self.prepared.plan.zone.local(self.asked.today);
            return values([(
                format!("{} 09:00", write_date(today.date())),
                "a first time has a date",
            )]);
        };
        let local = self.prepared.plan.zone.local(before.at);
        let date = write_date(local.date());
        let next = local.date().succ_opt().map(write_date).unwrap_or_default();
        values([
            ("+1m".to_owned(), "so long after the `at` before"),
            ("+10m".to_owned(), "so long after the `at` before"),
            ("+1h".to_owned(), "so long after the `at` before"),
            ("17:00".to_owned(), "on the date of the `at` before"),
            ("+1d 09:00".to_owned(), "on the next day"),
            (format!("{date} 17:00"), "on the date of the `at` before"),
            (format!("{next} 09:00"), "on the next day"),
        ])
    }

    /// What goes on with a setting.
    fn setting(&self, words: &[&str]) -> Vec<Candidate> {
        match words {
            ["scheduler"] => [keywords(["as"]), self.zones()].concat(),
            ["pages"] => keywords(["show", "hide"]),
            ["countries"] => keywords(["only", "except"]),
            ["countries", ..] => values(country_codes().iter().copied()),
            ["hide-on", ..] => keywords(DeviceKind::WORDS.iter().map(|(word, _)| *word)),
            ["greeting"] => keywords(WidgetStatus::WORDS.iter().map(|(word, _)| *word)),
            _ => Vec::new(),
        }
    }

    /// What goes on with an expectation.
    fn clause(&self, subject: &str, words: &[&str]) -> Vec<Candidate> {
        let rules = |rule: &str| format!("rule {rule}");
        match words.last().copied() {
            Some("because") if words.contains(&"hidden") => values(
                HiddenBecause::WORDS.iter().map(|(word, because)| (*word, rules(because.rule()))),
            ),
            Some("because") => values(Reason::WORDS.iter().map(|(word, _)| (*word, ""))),
            Some("until") => self.times(),
            Some("next") => [keywords(["never"]), self.times()].concat(),
            Some("form") => keywords(Form::WORDS.iter().map(|(word, _)| *word)),
            Some("to") => keywords(DeviceKind::WORDS.iter().map(|(word, _)| *word)),
            Some("in") => values(country_codes().iter().copied()),
            Some("chat") if !words.contains(&"no") => keywords(["possible"]),
            Some("no") => keywords(["chat"]),
            Some("changes") => keywords(["at most", "at least", "exactly"]),
            _ if self.prepared.plan.roster.agents.get(subject.trim_matches('"')).is_some() => {
                keywords(["online", "away", "invisible", "offline", "until"])
            }
            _ => keywords(clauses().iter().copied().filter(|clause| *clause != "invisible")),
        }
    }

    /// What goes on with what an agent does.
    fn event(&self, agent: &str, words: &[&str]) -> Vec<Candidate> {
        match words {
            [] => keywords(verbs()),
            [.., "on"] => self.devices(agent),
            [.., "in"] if words.contains(&"is") => self.properties(""),
            ["goes"] => keywords(Chosen::WORDS.iter().map(|(word, _)| *word)),
            ["goes", ..] => keywords(["on", "for"]),
            _ => {
                let said = words.join(" ");
                let kinds = EventKind::ALL.iter().filter(|kind| kind.says() != Says::Setting);
                let rest = kinds.filter_map(|kind| match kind.words().strip_prefix(&said) {
                    Some("") if kind.says() == Says::Property => Some("in"),
                    Some("") => Some("on"),
                    Some(rest) => rest.strip_prefix(' '),
                    None => None,
                });
                keywords(rest)
            }
        }
    }
}
