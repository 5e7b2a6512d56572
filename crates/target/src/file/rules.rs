//! A product's rules as a target file says them: read here, followed elsewhere.

use std::borrow::Cow;

use lamplighter_core::model::{AgentStatus, Millis, RuleSet};
use lamplighter_scenario::language::rules::{RulesTable, read_table};
use lamplighter_scenario::language::span::Span;
use toml::de::DeValue;

pub use lamplighter_core::model::Knob;
pub use lamplighter_scenario::language::rules::ReadFile;

use super::node::Node;
use super::possible::CountsAs;

/// The section `[rules]` of a target file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rules {
    /// The rules, with all that the section extends.
    pub set: RuleSet,
    /// The place of the table `[rules]`; `None` where there is none.
    pub span: Option<Span>,
}

impl Rules {
    /// Reads a table `[rules]` with all that it extends; what is wrong with it goes to the findings.
    pub fn read(node: Node<'_>, beside: ReadFile<'_>) -> Self {
        let DeValue::Table(table) = node.value() else {
            return node.expected::<Self>("a table").unwrap_or_default();
        };
        let mut diagnostics = Vec::new();
        let RulesTable { rules, .. } = read_table(table, node.span(), beside, &mut diagnostics);
        diagnostics.into_iter().for_each(|diagnostic| node.findings().error(diagnostic));
        Self { set: rules, span: Some(node.span()) }
    }

    /// The position of a knob, where it is not the rule book's.
    pub fn position(&self, knob: Knob) -> Option<Cow<'static, str>> {
        self.positions().find(|(other, _)| *other == knob).map(|(_, position)| position)
    }

    /// Every knob that is not in the rule book's position, with its own.
    pub fn positions(&self) -> impl Iterator<Item = (Knob, Cow<'static, str>)> {
        self.set.unlike(&RuleSet::BOOK).map(|knob| (knob, self.set.position(knob)))
    }

    /// What away and invisible members count for (`away_is`, `invisible_is`).
    pub fn counts_as(&self) -> CountsAs {
        CountsAs {
            away: self.set.counts_as(AgentStatus::Away),
            invisible: self.set.counts_as(AgentStatus::Invisible),
        }
    }

    /// How long a lost connection keeps its status (rule P7); `None` where its loss is never noticed.
    pub fn grace(&self) -> Option<Millis> {
        Some(self.set.grace.length()).filter(|length| *length != Millis::FOREVER)
    }
}
