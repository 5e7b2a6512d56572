//! What recordings came to, behind every report.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::facts::Fact;
use super::words::Words;
use crate::language::plan::Subject;
use crate::language::span::Span;
use crate::language::time;
use crate::window::Miss;
use lamplighter_core::model::{AgentStatus, Answer, Instant, Millis, Visibility, Visitor};
use lamplighter_core::trace::SeenState;

/// What the recordings of a scenario came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Observations {
    /// How many sound rows were held against the rules.
    pub rows: u64,
    /// How many of them are wrong, by the word of the way: `stale`, `early` or `never`.
    pub wrong: BTreeMap<&'static str, u64>,
    /// The wrong rows that are told: of each kind the first ten, in the order of the file.
    pub false_rows: Vec<FalseRow>,
    /// How many wrong rows are of kinds beyond those.
    pub untold: u64,
}

impl Observations {
    /// How many rows are wrong.
    pub fn wrong_count(&self) -> u64 {
        self.wrong.values().sum()
    }
}

/// A row of a recording that was right at no instant within its tolerance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FalseRow {
    /// The `observed` line that names the recording.
    pub statement: Span,
    /// The recording's path, joined to the folder of its scenario.
    pub path: PathBuf,
    /// The row's line in it, from 1.
    pub line: u64,
    /// The text of that line.
    pub text: String,
    /// The instant at which it was seen.
    pub at: Instant,
    /// The agent or the widget that it was seen of.
    pub subject: Subject,
    /// The state that the recording says was seen.
    pub seen: SeenState,
    /// Who looked; what the recording does not say is unknown.
    pub visitor: Visitor,
    /// How far it might have been from an instant at which it is right.
    pub within: Millis,
    /// In which way it is wrong, by the nearest such instant.
    pub miss: Miss,
    /// How many more rows of the recording are wrong in the same way, and are not told.
    pub more: u64,
    /// Whether it is the first of its kind.
    pub is_first: bool,
    /// What was so around it, each from its instant on; the first one holds from before.
    pub around: Vec<Around>,
    /// The facts behind what was so at its instant.
    pub facts: Vec<Fact>,
    /// What had happened, as a scenario that says what was right; only of the first of its kind.
    pub scenario: Option<String>,
}

/// What was so of an agent or a widget from an instant on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Around {
    /// The instant from which on it was so.
    pub at: Instant,
    /// The state that was right from that instant on.
    pub truth: Truth,
}

/// What is so by the rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Truth {
    /// What team-mates see of an agent (rule P4).
    Agent(AgentStatus),
    /// What visitors see of a widget (rules W1 to W6), and whether whoever looked sees it.
    Widget(Answer, Visibility),
}

impl FalseRow {
    /// What was so within the tolerance, in words: `offline (scheduler-closed, rule W1); or online (…)`.
    pub fn expected(&self, words: Words<'_>) -> String {
        let mut told: Vec<String> = Vec::new();
        for truth in self.admissible() {
            let truth = self.truth_words(truth, words);
            if !told.contains(&truth) {
                told.push(truth);
            }
        }
        told.join("; or ")
    }

    /// What was so at the instants within the tolerance.
    fn admissible(&self) -> impl Iterator<Item = Truth> {
        let (from, to) = (self.window_start(), self.at.checked_add(self.within));
        let to = to.unwrap_or(Instant::MAX);
        let skipped = self.around.iter().rposition(|around| around.at <= from).unwrap_or(0);
        let within = self.around[skipped.min(self.around.len())..].iter();
        within.take_while(move |around| around.at <= to).map(|around| around.truth)
    }

    /// The first instant within the tolerance.
    pub fn window_start(&self) -> Instant {
        let ms = self.at.as_millis().saturating_sub_unsigned(self.within.0);
        Instant::from_millis(ms).unwrap_or(Instant::MIN)
    }

    /// The nearest instant at which it would have been right; `None` where there is none.
    pub fn right_at(&self) -> Option<Instant> {
        let at = self.at.as_millis();
        match self.miss {
            Miss::Stale(ago) => Instant::from_millis(at.checked_sub_unsigned(ago)?),
            Miss::Early(until) => Instant::from_millis(at.checked_add_unsigned(until)?),
            Miss::Never => None,
        }
    }

    /// What was so at its very instant.
    pub fn truth(&self) -> Option<Truth> {
        let until = self.around.iter().take_while(|around| around.at <= self.at);
        until.last().map(|around| around.truth)
    }

    /// What was seen, in words: `online, chat possible, shown`.
    pub fn found(&self) -> String {
        match self.seen {
            SeenState::Agent(status) => status.word().to_owned(),
            SeenState::Widget { status, chat, reason, shown } => {
                let reason = reason.map(|reason| format!("because {reason}"));
                let shown = shown.map(|shown| if shown { "shown" } else { "hidden" }.to_owned());
                let chat = chat.map(|chat| chat.word().to_owned());
                let status = Some(status.word().to_owned());
                [status, reason, chat, shown].into_iter().flatten().collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// The same of what was so, as far as it was looked at.
    pub fn truth_words(&self, truth: Truth, words: Words<'_>) -> String {
        let (answer, visibility) = match truth {
            Truth::Agent(status) => return format!("{status} (rule P4)"),
            Truth::Widget(answer, visibility) => (answer, visibility),
        };
        let mut said = words.answer(answer);
        if let SeenState::Widget { chat, shown, .. } = self.seen {
            if chat.is_some() {
                said.push_str(&format!(", {}", answer.chat));
            }
            if shown.is_some() {
                match visibility {
                    Visibility::Shown => said.push_str(", shown"),
                    Visibility::Hidden(because) => {
                        said.push_str(&format!(", hidden ({because}, rule {})", because.rule()));
                    }
                }
            }
        }
        said
    }

    /// In which way it is wrong, and by how much: `stale by 5.001s: it was so until …`.
    pub fn why(&self, words: Words<'_>) -> String {
        let at = |at: Option<Instant>| {
            let written = at.map(|at| time::write_after(at, self.at, words.zone));
            written.unwrap_or_else(|| "an instant that no calendar has".to_owned())
        };
        let within = match self.within {
            Millis::ZERO => String::new(),
            within => format!(" (within {within})"),
        };
        match self.miss {
            Miss::Stale(ago) => {
                let (ago, until) = (Millis(ago), at(self.right_at()));
                format!("stale: {ago} late{within}, it was last so at {until}")
            }
            Miss::Early(until) => {
                let (until, from) = (Millis(until), at(self.right_at()));
                format!("early: by {until}{within}, it is so at {from}")
            }
            Miss::Never => {
                format!(
                    "never: it is so at no instant of the run, nor afterwards by the clock{within}"
                )
            }
        }
    }

    /// When it was, in which way it is wrong and the facts behind it, a line each.
    pub fn notes(&self, words: Words<'_>) -> Vec<String> {
        let mut notes = vec![self.why(words), format!("at {}", words.instant(self.at))];
        notes.extend(self.facts.iter().map(|fact| words.fact(fact, self.at)));
        notes.extend(self.around_words(words));
        match self.more {
            0 => {}
            1 => notes.push("1 more row is wrong in this way".to_owned()),
            more => notes.push(format!("{more} more rows are wrong in this way")),
        }
        notes
    }

    /// What was so around it, with the row in its place: a line each.
    fn around_words(&self, words: Words<'_>) -> Vec<String> {
        let written = |at: Instant| time::write_after(at, self.at, words.zone);
        let mut lines = Vec::new();
        let seen = format!("{}  seen {}", written(self.at), self.found());
        let mut is_seen = false;
        for (place, around) in self.around.iter().enumerate() {
            if around.at > self.at && !std::mem::replace(&mut is_seen, true) {
                lines.push(seen.clone());
            }
            let truth = self.truth_words(around.truth, words);
            let from = if place == 0 { "so" } else { "from then on" };
            lines.push(format!("{}  {from} {truth}", written(around.at)));
        }
        if !is_seen {
            lines.push(seen);
        }
        lines
    }
}
