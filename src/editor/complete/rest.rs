//! What goes on with a line that has begun.

use std::collections::BTreeSet;

use super::candidate::{Candidate, Of, days, keywords, of, values};
use super::context::Context;
use lamplighter_core::model::text::{country_codes, write_date};
use lamplighter_core::model::{
    About, AgentStatus, Chosen, DeviceKind, EventKind, Form, HiddenBecause, Reason, Says,
    SettingName, WidgetStatus,
};
use lamplighter_scenario::language::ast::{Line, Part, agent_of};
use lamplighter_scenario::language::{clauses, verbs, write_name};

impl Context<'_> {
    /// What goes on with a setting.
    pub fn setting(&self, words: &[&str]) -> Vec<Candidate> {
        match words {
            ["scheduler"] => [keywords(["as"]), self.zones()].concat(),
            ["scheduler", "as"] => self.widgets(),
            ["countries"] => keywords(["only", "except"]),
            ["countries", ..] => values(country_codes().iter().copied()),
            [setting] => part(setting),
            _ => Vec::new(),
        }
    }

    /// What goes on with `set`.
    pub fn set(&self, words: &[&str]) -> Vec<Candidate> {
        let names = || keywords(SettingName::KEYWORDS.iter().copied());
        match words {
            [] => self.widgets(),
            [_] => [keywords(["off"]), names()].concat(),
            [_, "off"] => names(),
            [_, "off", setting] => part(setting),
            [_, "off", ..] => Vec::new(),
            [_, setting @ ..] => self.setting(setting),
        }
    }

    /// What goes on with a line of hours.
    pub fn hours(&self, words: &[&str]) -> Vec<Candidate> {
        match words {
            ["date"] => self.dates(),
            ["date", _] | ["dates", _] => keywords(["closed"]),
            ["date" | "dates", ..] => Vec::new(),
            [.., last] if last.ends_with(',') => days(),
            [_] => keywords(["closed"]),
            [.., "every"] => Vec::new(),
            [.., "every", _] => keywords(["weeks"]),
            [.., "every", _, "weeks"] => keywords(["from"]),
            [.., "every", _, "weeks", "from"] => self.days_of_file(),
            words if words.contains(&"every") => Vec::new(),
            _ => keywords(["every"]),
        }
    }

    /// Dates: those of the file's days, and what names dates of every year.
    fn dates(&self) -> Vec<Candidate> {
        let named = [
            ("*-12-25", "every 25 December"),
            ("*-12-24..*-01-01", "from 24 December to 1 January, every year"),
            ("4th-thu-nov", "the fourth Thursday of November"),
            ("last-mon-may", "the last Monday of May"),
            ("easter", "Easter Sunday"),
            ("easter-2d", "two days before it"),
        ];
        [self.days_of_file(), values(named)].concat()
    }

    fn days_of_file(&self) -> Vec<Candidate> {
        let zone = &self.prepared.plan.zone;
        let days: BTreeSet<_> =
            self.prepared.plan.steps.iter().map(|step| zone.local(step.at).date()).collect();
        values(days.into_iter().map(|day| (write_date(day), "a day of this file")))
    }

    /// What goes on with `expect`.
    pub fn expectation(&self, words: &[&str]) -> Vec<Candidate> {
        let roster = &self.prepared.plan.roster;
        match words {
            [] => [self.widgets(), self.agents(), keywords(["no anomalies"])].concat(),
            ["no"] if roster.widgets.get("no").is_none() => keywords(["anomalies"]),
            ["no", "anomalies", ..] => Vec::new(),
            [subject, rest @ ..] => {
                let said: Vec<&str> = rest.iter().copied().filter(|word| *word != ",").collect();
                let is_agent = roster.agents.get(subject).is_some();
                let mut all = self.clause(&said, is_agent);
                if words == ["no"] {
                    all.insert(0, keywords(["anomalies"]).remove(0));
                }
                all
            }
        }
    }

    /// What goes on with the clauses of an expectation.
    fn clause(&self, said: &[&str], is_agent: bool) -> Vec<Candidate> {
        let rules = |rule: &str| format!("rule {rule}");
        match said {
            [.., "because"] if said.contains(&"hidden") => values(
                HiddenBecause::WORDS.iter().map(|(word, because)| (*word, rules(because.rule()))),
            ),
            [.., "because"] => values(Reason::WORDS.iter().map(|(word, _)| (*word, ""))),
            [.., "until"] => self.times(),
            // A time of day is still to follow.
            [.., "until" | "next", word] if is_begun(word) => Vec::new(),
            ["next"] => [keywords(["never"]), self.times()].concat(),
            ["next", ..] => Vec::new(),
            ["changes"] => keywords(["at most", "at least", "exactly"]),
            ["changes", "at"] => keywords(["most", "least"]),
            ["changes", "at", _] | ["changes", "exactly"] => Vec::new(),
            ["changes", "at", _, _] | ["changes", "exactly", _] => keywords(["times"]),
            ["changes", rest @ ..] if rest.contains(&"until") => Vec::new(),
            ["changes", ..] => keywords(["until"]),
            [.., "form"] => keywords(Form::WORDS.iter().map(|(word, _)| *word)),
            [.., "to"] => keywords(DeviceKind::WORDS.iter().map(|(word, _)| *word)),
            [.., "in"] => values(country_codes().iter().copied()),
            // A text, or a page.
            [.., "greeting" | "on"] => Vec::new(),
            [.., "no"] => keywords(["chat"]),
            [before @ .., "chat"] if before.last() != Some(&"no") => keywords(["possible"]),
            said if is_agent => {
                let is_said = |word: &str| AgentStatus::from_word(word).is_some();
                let statuses = ["online", "away", "invisible", "offline"];
                let has_status = said.iter().any(|word| is_said(word));
                let statuses = statuses.into_iter().filter(|_| !has_status);
                let until = ["until"].into_iter().filter(|until| !said.contains(until));
                keywords(statuses.chain(until))
            }
            said => keywords(clauses().iter().copied().filter(|clause| fits(clause, said))),
        }
    }

    /// What goes on with what an agent does.
    pub fn event(&self, agent: &str, words: &[&str]) -> Vec<Candidate> {
        match words {
            [] => keywords(verbs()),
            [.., "on"] => self.devices(agent),
            [.., "in"] if words.contains(&"is") => {
                let names = self.prepared.plan.roster.properties.iter();
                of(Of::Name, names.map(|name| (name, "property")))
            }
            ["goes"] => keywords(Chosen::WORDS.iter().map(|(word, _)| *word)),
            // How long.
            ["goes", .., "for"] => Vec::new(),
            ["goes", _, rest @ ..] => {
                keywords(["on", "for"].into_iter().filter(|word| !rest.contains(word)))
            }
            _ => {
                let said = words.join(" ");
                let kinds = EventKind::ALL.iter().filter(|kind| kind.says() != Says::Setting);
                let rest: BTreeSet<&str> = kinds
                    .filter_map(|kind| match kind.words().strip_prefix(&said) {
                        Some("") if kind.says() == Says::Property => Some("in"),
                        Some("") => Some("on"),
                        Some(rest) => rest.strip_prefix(' '),
                        None => None,
                    })
                    .collect();
                keywords(rest)
            }
        }
    }

    /// The devices that the file knows of an agent.
    fn devices(&self, agent: &str) -> Vec<Candidate> {
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
}

/// The words that name parts of a setting.
fn part(setting: &str) -> Vec<Candidate> {
    match setting {
        "pages" => keywords(["show", "hide"]),
        "hide-on" => keywords(DeviceKind::WORDS.iter().map(|(word, _)| *word)),
        "greeting" => keywords(WidgetStatus::WORDS.iter().map(|(word, _)| *word)),
        _ => Vec::new(),
    }
}

/// Whether a word is a date or whole days, behind which a time of day follows.
fn is_begun(word: &str) -> bool {
    word.contains('-') && !word.contains('T') || word.starts_with('+') && word.ends_with('d')
}

/// Whether a clause can stand beside others of a widget.
fn fits(clause: &str, said: &[&str]) -> bool {
    let has = |words: &[&str]| said.iter().any(|word| words.contains(word));
    let statuses = ["online", "away", "offline"];
    let is_said = match clause {
        "chat" | "no" => has(&["chat"]),
        _ => has(&[clause]),
    };
    let (is_status, is_shown) = (has(&statuses), has(&["shown", "hidden"]));
    !is_said
        && match clause {
            "invisible" => false,
            "next" | "changes" => said.is_empty(),
            "because" => !is_shown || has(&["hidden"]),
            "until" => true,
            "to" | "in" | "on" => !is_status,
            "shown" | "hidden" => !is_status && !is_shown,
            clause if statuses.contains(&clause) => !is_status && !is_shown,
            _ => !is_shown,
        }
}
