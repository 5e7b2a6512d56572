//! What is looked at though nothing is expected of it: on a clock that stands still meanwhile, all that
//! visitors and team-mates see once everything of an instant has happened.

use std::collections::BTreeMap;

use lamplighter_core::model::{AgentStatus, Visibility, Visitor, WidgetId};
use lamplighter_core::world::World;
use lamplighter_scenario::play::{Disagreement, Discrepancy, Fact, Facts, SeenWidget};

/// What was found at the last look, by what was looked at: it is told once.
#[derive(Default)]
pub struct ImplicitChecks {
    known: BTreeMap<String, Vec<Discrepancy>>,
    untold: Vec<Disagreement>,
}

impl ImplicitChecks {
    /// Holds what a widget shows against the rules, each part of it that is told.
    pub fn widget(
        &mut self,
        widget: WidgetId,
        visitor: &Visitor,
        seen: &SeenWidget,
        facts: Facts<'_>,
    ) {
        let found = of_widget(widget, visitor, seen, facts.world);
        let name = facts.roster.widgets.name(widget);
        self.take(format!("widget {name} {visitor:?}"), found, || behind(widget, facts));
    }

    /// A widget's answer says nothing that can be judged.
    pub fn unreadable(&mut self, widget: WidgetId, why: &str, facts: Facts<'_>) {
        let rules = facts.world.answer(widget).status.to_string();
        let found = vec![Discrepancy { seen: format!("unreadable: {why}"), rules }];
        let name = facts.roster.widgets.name(widget);
        self.take(format!("read of {name}"), found, || behind(widget, facts));
    }

    /// Holds what team-mates see of an agent against the rules.
    pub fn agent(
        &mut self,
        agent: lamplighter_core::model::AgentId,
        seen: Result<Vec<AgentStatus>, String>,
        facts: Facts<'_>,
    ) {
        let (rules, name) = (facts.world.agent_status(agent), facts.roster.agents.name(agent));
        let seen = match seen {
            Ok(any) if any.contains(&rules) => None,
            Ok(any) => Some(any_of(&any)),
            Err(why) => Some(format!("unreadable: {why}")),
        };
        let found = seen.map(|seen| Discrepancy {
            seen: format!("{name} {seen}"),
            rules: format!("{name} {rules}"),
        });
        let behind = || vec![Fact::Agent(facts.agent(agent))];
        self.take(format!("agent {name}"), found.into_iter().collect(), behind);
    }

    /// What was found at the last look as well is known.
    fn take(&mut self, at: String, found: Vec<Discrepancy>, behind: impl FnOnce() -> Vec<Fact>) {
        let known = self.known.entry(at).or_default();
        if *known == found {
            return;
        }
        known.clone_from(&found);
        let mut rest = found.into_iter();
        let Some(discrepancy) = rest.next() else { return };
        let facts = rest.map(Fact::AlsoSeen).chain(behind()).collect();
        self.untold.push(Disagreement { discrepancy, facts });
    }

    /// What was found since this was last asked.
    pub fn tell(&mut self) -> Vec<Disagreement> {
        std::mem::take(&mut self.untold)
    }
}

fn any_of<T: ToString>(any: &[T]) -> String {
    any.iter().map(T::to_string).collect::<Vec<_>>().join(" or ")
}

fn of_widget(
    widget: WidgetId,
    visitor: &Visitor,
    seen: &SeenWidget,
    world: &World,
) -> Vec<Discrepancy> {
    let mut found = Vec::new();
    let mut hold = |seen: String, rules: String| {
        if seen != rules {
            found.push(Discrepancy { seen, rules });
        }
    };
    let rules = world.answer(widget);
    if let Ok(any) = &seen.statuses
        && !any.contains(&rules.status)
    {
        hold(any_of(any), rules.status.to_string());
    }
    if let Ok(chat) = &seen.chat {
        hold(chat.to_string(), rules.chat.to_string());
    }
    if let Ok(form) = &seen.form {
        hold(format!("form {form}"), format!("form {}", world.form(widget)));
    }
    if let Ok(greeting) = &seen.greeting {
        hold(format!("greeting {greeting:?}"), format!("greeting {:?}", world.greeting(widget)));
    }
    let by_rules = world.visibility(widget, visitor);
    let words = |is_shown: bool| if is_shown { "shown" } else { "hidden" }.to_owned();
    match (&seen.hidden_because, by_rules) {
        (Ok(because), Visibility::Hidden(rules)) => {
            hold(format!("hidden because {because}"), format!("hidden because {rules}"));
        }
        _ => {
            if let Ok(shown) = seen.shown {
                hold(words(shown), words(by_rules == Visibility::Shown));
            }
        }
    }
    found
}

/// The facts behind what a widget shows by the rules.
fn behind(widget: WidgetId, facts: Facts<'_>) -> Vec<Fact> {
    let world = facts.world;
    let mut behind = vec![Fact::ByTheRules(world.answer(widget))];
    behind.extend(facts.decided_by(widget));
    behind.push(Fact::Members(facts.members(widget)));
    behind.extend(facts.hours(widget).map(|hours| Fact::Hours(Some(hours))));
    behind.push(Fact::Next(world.next_change(widget)));
    behind
}
