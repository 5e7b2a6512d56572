//! What the rules say where an expectation stands, whether it is true or not.

use super::facts::Facts;
use crate::language::ast::Clause;
use crate::language::plan::{Expectation, Subject};
use crate::language::span::Span;
use crate::language::time;
use lamplighter_core::model::{Instant, Visibility, WidgetId};

/// What the rules say of whom an expectation is about, at its instant: for those who read the file with it
/// in sight.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RulesAnswer {
    /// Where the expectation stands in the file, whole.
    pub statement: Span,
    /// The instant at which it stands.
    pub at: Instant,
    /// What is so then, in the words of the language, with the rule that decides.
    pub told: String,
}

impl RulesAnswer {
    /// What is so of an expectation's subject now; `None` of what is only known later.
    pub(super) fn of(expectation: &Expectation, facts: Facts<'_>) -> Option<Self> {
        let told = match expectation.subject {
            Subject::Agent(agent) => facts.world.agent_status(agent).word().to_owned(),
            Subject::Widget(widget) => of_widget(expectation, widget, facts)?,
        };
        Some(Self { statement: expectation.span, at: facts.now(), told })
    }
}

fn of_widget(expectation: &Expectation, widget: WidgetId, facts: Facts<'_>) -> Option<String> {
    let mut clauses = expectation.clauses.iter();
    if clauses.any(|clause| matches!(clause.node, Clause::Changes(_))) {
        return None;
    }
    let mut clauses = expectation.clauses.iter();
    if clauses.any(|clause| matches!(clause.node, Clause::Shown | Clause::Hidden)) {
        return Some(match facts.world.visibility(widget, &expectation.visitor) {
            Visibility::Shown => "shown".to_owned(),
            Visibility::Hidden(because) => {
                format!("hidden because {because} (rule {})", because.rule())
            }
        });
    }
    if expectation.next.is_some() {
        return Some(match facts.world.next_change(widget) {
            None => "next never".to_owned(),
            Some(next) => {
                let at = time::write_after(next.at, facts.now(), facts.zone);
                format!("next {at}: {}", facts.words().change(&next, facts.now()))
            }
        });
    }
    let answer = facts.world.answer(widget);
    let (reason, rule) = (answer.reason, facts.rule(widget, answer));
    Some(format!("{}, {}, because {reason} ({rule})", answer.status, answer.chat))
}
