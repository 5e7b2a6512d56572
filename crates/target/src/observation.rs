//! What a service says of a widget or an agent, and where that is not what the rules say.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::client::{Caller, Client, Method};
use super::error::HostError;
use super::wire::{ExplainAnswer, WidgetAnswer, of_visitor};
use lamplighter_core::model::{
    Answer, Chat, Form, Instant, SchedulerState, Visibility, Visitor, WidgetId,
};
use lamplighter_core::world::{Membership, World};
use lamplighter_scenario::play::{Disagreement, Discrepancy, Fact, Facts, SeenWidget, Untested};

/// What a service says that the rules don't, in the order in which it was looked at.
#[derive(Default)]
pub struct Discrepancies(pub Vec<Discrepancy>);

impl Discrepancies {
    /// Holds what the service says of something against what the rules say.
    pub fn hold<T: PartialEq + Display>(&mut self, what: &str, service: T, rules: T) {
        if service != rules {
            let words = |said: T| match what {
                "" => said.to_string(),
                what => format!("{what} {said}"),
            };
            self.0.push(Discrepancy { seen: words(service), rules: words(rules) });
        }
    }
}

/// What is known of a service that is not as the rules say, and what of it is still to be told.
#[derive(Default)]
pub struct Findings {
    /// What was found at the last look, by what was looked at: it is told once.
    known: BTreeMap<String, Vec<Discrepancy>>,
    untold: Vec<Disagreement>,
}

impl Findings {
    /// Takes down what was found at a look; what was found at the last look as well is known.
    pub fn take(&mut self, at: String, found: Discrepancies, facts: Vec<Fact>) {
        let known = self.known.entry(at).or_default();
        if *known == found.0 {
            return;
        }
        known.clone_from(&found.0);
        let mut rest = found.0.into_iter();
        let Some(discrepancy) = rest.next() else { return };
        let facts = rest.map(Fact::AlsoSeen).chain(facts).collect();
        self.untold.push(Disagreement { discrepancy, facts });
    }

    /// The service does not let happen what can happen by the rules.
    pub fn refused(&mut self, rules: &str, seen: String) {
        let discrepancy = Discrepancy { seen, rules: rules.to_owned() };
        self.untold.push(Disagreement { discrepancy, facts: Vec::new() });
    }

    /// What was found since this was last asked.
    pub fn tell(&mut self) -> Vec<Disagreement> {
        std::mem::take(&mut self.untold)
    }
}

/// Looks at a widget, as this visitor, and as the admin who asks why. `path` is its full name there.
///
/// # Errors
/// When the service does not say.
pub fn at_widget(
    client: &Client,
    path: &str,
    visitor: &Visitor,
    widget: WidgetId,
    facts: Facts<'_>,
) -> Result<(SeenWidget, Discrepancies), HostError> {
    let url = format!("/v1/widgets/{path}{}", of_visitor(visitor));
    let answer = client.call(Method::GET, &url, Caller::Visitor, None)?.done()?;
    let said: WidgetAnswer<'_> = answer.said()?;
    let explained: ExplainAnswer = client.get(&format!("/v1/explain/{path}"), Caller::Admin)?;
    let rule = explained.rule.strip_prefix('W').and_then(|number| number.parse().ok());
    let visibility = said.visibility().ok_or_else(|| {
        answer.unreadable("what is hidden has a reason, and what is shown has none".to_owned())
    })?;
    let mut found = Discrepancies::default();
    found.hold("the name", &*said.widget, path);
    let shown = Shown {
        answer: Answer {
            status: said.status,
            chat: chat(said.chat),
            reason: explained.reason,
            rule: rule.unwrap_or(0),
        },
        form: said.form,
        greeting: said.greeting.into_owned(),
        visibility,
        next_change_at: said.next_change,
    };
    hold_seen(&shown, visitor, widget, facts.world, &mut found);
    hold_explained(&explained, widget, facts, &mut found);
    // What both answers say is said once.
    found.0.dedup();
    Ok((shown.into_seen(), found))
}

/// What the service says of a widget, all of it.
struct Shown {
    answer: Answer,
    form: Form,
    greeting: String,
    visibility: Visibility,
    next_change_at: Option<Instant>,
}

impl Shown {
    fn into_seen(self) -> SeenWidget {
        let hidden_because = match self.visibility {
            Visibility::Hidden(because) => Ok(because),
            Visibility::Shown => Err(Untested("it is shown".to_owned())),
        };
        SeenWidget {
            statuses: Ok(vec![self.answer.status]),
            chat: Ok(self.answer.chat),
            form: Ok(self.form),
            greeting: Ok(self.greeting),
            shown: Ok(self.visibility == Visibility::Shown),
            hidden_because,
        }
    }
}

fn chat(is_possible: bool) -> Chat {
    if is_possible { Chat::Possible } else { Chat::No }
}

fn hold_seen(
    seen: &Shown,
    visitor: &Visitor,
    widget: WidgetId,
    world: &World,
    found: &mut Discrepancies,
) {
    let rules = world.answer(widget);
    found.hold("", seen.answer.status, rules.status);
    found.hold("", seen.answer.chat, rules.chat);
    found.hold("because", seen.answer.reason, rules.reason);
    let rule = |number| format!("rule W{number}");
    found.hold("", rule(seen.answer.rule), rule(rules.rule));
    found.hold("form", seen.form, world.form(widget));
    let quoted = |text: &str| format!("{text:?}");
    found.hold("greeting", quoted(&seen.greeting), quoted(world.greeting(widget)));
    let shown = |visibility| match visibility {
        Visibility::Shown => "shown".to_owned(),
        Visibility::Hidden(because) => format!("hidden because {because}"),
    };
    found.hold("", shown(seen.visibility), shown(world.visibility(widget, visitor)));
    let next = world.next_change(widget).map(|next| next.at);
    found.hold("next", when(seen.next_change_at), when(next));
}

fn hold_explained(
    said: &ExplainAnswer,
    widget: WidgetId,
    facts: Facts<'_>,
    found: &mut Discrepancies,
) {
    let world = facts.world;
    let rules = world.explain(widget);
    found.hold("that it is", said.at, rules.at);
    let explaining = "explaining,";
    found.hold(explaining, said.status, rules.answer.status);
    found.hold(explaining, chat(said.chat), rules.answer.chat);
    let next = rules.next.as_ref().map(|next| next.at);
    found.hold("explaining, next", when(said.next_change), when(next));
    found.hold("presence", said.presence, rules.presence);
    found.hold(
        "offline-when-all-agents-offline",
        on_or_off(said.offline_when_all_agents_offline),
        on_or_off(rules.offline_when_all_agents_offline),
    );
    let scheduler = |zone: &str, is_open, edge| {
        let state = if is_open { "open" } else { "closed" };
        format!("{state} in {zone}, next edge {}", when(edge))
    };
    let off = || "off".to_owned();
    let service = said
        .scheduler
        .as_ref()
        .map_or_else(off, |said| scheduler(&said.timezone, said.open, said.next_edge));
    let rules_say = rules.scheduler.as_ref().map_or_else(off, |rules| {
        scheduler(&rules.zone, rules.state == SchedulerState::Open, rules.next_edge)
    });
    found.hold("scheduler", service, rules_say);
    found.hold("members:", said.members.len(), rules.members.len());
    for (said, rules) in said.members.iter().zip(&rules.members) {
        let name = facts.roster.agents.name(rules.agent);
        let suspended = |is| if is { "suspended" } else { "active" };
        let is_suspended = rules.membership == Membership::Suspended;
        found.hold(name, suspended(said.suspended), suspended(is_suspended));
        found.hold(name, said.status, rules.status);
    }
}

fn on_or_off(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

fn when(at: Option<Instant>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| at.to_string())
}
