//! What of a scenario was tested on a service, and what was not: clause by clause.

use std::collections::BTreeMap;

use super::observer::{ObservedPart, ObserverAnswer, SeenWidget, Untested};
use crate::language::ast::Clause;
use crate::language::plan::Expectation;
use crate::language::span::Span;
use lamplighter_core::model::AgentStatus;

/// What a clause asks a service for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Capability {
    /// What team-mates see of an agent.
    Team,
    /// The status of a widget.
    Status,
    /// Whether a chat can start.
    Chat,
    /// Why a widget is as it is.
    Reason,
    /// The form that a visitor gets.
    Form,
    /// The greeting that a visitor gets.
    Greeting,
    /// Whether a visitor sees the widget, and what hides it.
    Visibility,
    /// The next change by the clock.
    Next,
    /// How often a widget changes.
    Changes,
    /// What was recorded of some service at another time.
    Recording,
    /// Whether rows of traces can happen.
    Anomalies,
}

impl Capability {
    /// Each with its words, in the order in which reports name them.
    pub const WORDS: [(&'static str, Self); 11] = [
        ("team-mates see", Self::Team),
        ("widget status", Self::Status),
        ("chat", Self::Chat),
        ("because", Self::Reason),
        ("form", Self::Form),
        ("greeting", Self::Greeting),
        ("shown, hidden", Self::Visibility),
        ("next", Self::Next),
        ("changes", Self::Changes),
        ("observed", Self::Recording),
        ("no anomalies", Self::Anomalies),
    ];

    /// The word of the language that asks for it.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// What a clause asks for; nothing where it says for whom or until when.
    pub fn of(clause: &Clause, is_of_agent: bool) -> Option<Self> {
        Some(match clause {
            Clause::To(_) | Clause::In(_) | Clause::On(_) | Clause::Until(_) => return None,
            Clause::Status(_) if is_of_agent => Self::Team,
            Clause::Status(_) => Self::Status,
            Clause::Chat(_) => Self::Chat,
            Clause::Because(_) => Self::Reason,
            Clause::Form(_) => Self::Form,
            Clause::Greeting(_) => Self::Greeting,
            Clause::Next(_) => Self::Next,
            Clause::Changes(_) => Self::Changes,
            Clause::Shown | Clause::Hidden | Clause::HiddenBecause(_) => Self::Visibility,
        })
    }

    /// Why it is not tested whatever the service is, where it is so: nothing that visitors or team-mates
    /// see says it.
    pub fn never_told(self) -> Option<Untested> {
        let why = match self {
            Self::Reason => "no answer says why",
            Self::Next => "no answer says what is next",
            Self::Changes => "no answer says how often it has changed",
            Self::Recording => "a recording is held against the rules, not against the target",
            Self::Anomalies => "rows of traces are held against the rules, not against the target",
            _ => return None,
        };
        Some(Untested(why.to_owned()))
    }
}

/// What was tested on a service, by what was asked for. Nothing in a run in process.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tested {
    /// How many clauses held.
    pub held: BTreeMap<Capability, usize>,
    /// How many were false.
    pub wrong: BTreeMap<Capability, usize>,
    /// What was not tested, in the order of time.
    pub untested: Vec<NotTested>,
    /// What each clause came to, by its place in the file; of several looks at one the worst.
    pub clauses: BTreeMap<Span, ClauseTested>,
}

/// What a clause of an expectation came to on a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClauseTested {
    /// The capability that the clause asks for.
    pub capability: Capability,
    /// What testing the clause came to.
    pub came_to: CameTo,
}

/// What testing came to, the worse the later.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CameTo {
    /// The clause was tested, and holds.
    Held,
    /// It was not tested, and why not.
    NotTested(Untested),
    /// It, or another clause of its expectation, is false.
    False,
}

impl CameTo {
    /// Its word in reports.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::NotTested(_) => "not tested",
            Self::False => "false",
        }
    }
}

/// A clause that was not tested.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotTested {
    /// Where the clause stands in the scenario.
    pub span: Span,
    /// The capability that the clause asks for.
    pub capability: Capability,
    /// The reason why it could not be tested.
    pub why: Untested,
}

impl Tested {
    /// Whether a service was looked at.
    pub fn is_any(&self) -> bool {
        self.clause_count() > 0 || !self.untested.is_empty()
    }

    /// How many clauses were tested.
    pub fn clause_count(&self) -> usize {
        self.held.values().chain(self.wrong.values()).sum()
    }

    /// Takes down what was seen for an expectation of an agent; what fell short is told elsewhere.
    pub(super) fn agent(
        &mut self,
        expectation: &Expectation,
        seen: &ObserverAnswer<ObservedPart<Vec<AgentStatus>>>,
        is_true: bool,
    ) {
        self.take(expectation, true, is_true, |_| match seen {
            ObserverAnswer::Answered(Err(why)) => Some(why.clone()),
            _ => None,
        });
    }

    /// The same of a widget.
    pub(super) fn widget(
        &mut self,
        expectation: &Expectation,
        seen: &ObserverAnswer<SeenWidget>,
        is_true: bool,
    ) {
        self.take(expectation, false, is_true, |clause| match seen {
            ObserverAnswer::Answered(seen) => seen.untold(clause),
            _ => None,
        });
    }

    /// What is false by the rules themselves was tested, and is wrong.
    pub(super) fn false_by_the_rules(&mut self, expectation: &Expectation, is_of_agent: bool) {
        self.take(expectation, is_of_agent, false, |_| None);
    }

    /// Takes down how often a widget has changed, which is true by the rules.
    pub(super) fn counted(&mut self, expectation: &Expectation) {
        self.take(expectation, false, true, |clause| {
            Capability::of(clause, false).and_then(Capability::never_told)
        });
    }

    /// Takes down a statement that is held against the rules, and not against the service.
    pub(super) fn by_the_rules_alone(&mut self, span: Span, capability: Capability, is_true: bool) {
        let came_to = match capability.never_told().filter(|_| is_true) {
            Some(why) => {
                self.untested.push(NotTested { span, capability, why: why.clone() });
                CameTo::NotTested(why)
            }
            None => {
                *self.wrong.entry(capability).or_default() += 1;
                CameTo::False
            }
        };
        self.clauses.insert(span, ClauseTested { capability, came_to });
    }

    fn take(
        &mut self,
        expectation: &Expectation,
        is_of_agent: bool,
        is_true: bool,
        untold: impl Fn(&Clause) -> Option<Untested>,
    ) {
        for clause in &expectation.clauses {
            let Some(capability) = Capability::of(&clause.node, is_of_agent) else { continue };
            let came_to = match (untold(&clause.node), is_true) {
                (Some(why), _) => {
                    let not = NotTested { span: clause.span, capability, why: why.clone() };
                    self.untested.push(not);
                    CameTo::NotTested(why)
                }
                (None, true) => {
                    *self.held.entry(capability).or_default() += 1;
                    CameTo::Held
                }
                (None, false) => {
                    *self.wrong.entry(capability).or_default() += 1;
                    CameTo::False
                }
            };
            let first = || ClauseTested { capability, came_to: CameTo::Held };
            let known = self.clauses.entry(clause.span).or_insert_with(first);
            known.came_to = came_to.max(known.came_to.clone());
        }
    }
}

impl SeenWidget {
    /// Why a clause is not tested, where it is not.
    pub(super) fn untold(&self, clause: &Clause) -> Option<Untested> {
        let why = match clause {
            Clause::Status(_) => self.statuses.as_ref().err(),
            Clause::Chat(_) => self.chat.as_ref().err(),
            Clause::Form(_) => self.form.as_ref().err(),
            Clause::Greeting(_) => self.greeting.as_ref().err(),
            Clause::Shown | Clause::Hidden => self.shown.as_ref().err(),
            Clause::HiddenBecause(_) => {
                self.shown.as_ref().err().or(self.hidden_because.as_ref().err())
            }
            Clause::Because(_) | Clause::Next(_) | Clause::Changes(_) => {
                return Capability::of(clause, false).and_then(Capability::never_told);
            }
            Clause::To(_) | Clause::In(_) | Clause::On(_) | Clause::Until(_) => None,
        };
        why.cloned()
    }
}
