//! What the service says of a widget or an agent, and where that is not what the rules say.

use std::fmt::Display;

use super::client::{Caller, Client, Method};
use super::error::HostError;
use super::wire::{ExplainAnswer, WidgetAnswer, of_visitor};
use lamplighter_core::model::{
    Answer, Chat, Form, Instant, SchedulerState, Visibility, Visitor, WidgetId,
};
use lamplighter_core::world::{Membership, World};
use lamplighter_scenario::play::{Facts, SeenWidget};

/// A widget as the service shows it to a visitor.
pub struct Look {
    answer: Answer,
    form: Form,
    greeting: String,
    visibility: Visibility,
    next_change_at: Option<Instant>,
}

impl SeenWidget for Look {
    fn answer(&self) -> Answer {
        self.answer
    }

    fn form(&self) -> Form {
        self.form
    }

    fn greeting(&self) -> &str {
        &self.greeting
    }

    fn visibility(&self, _: &Visitor) -> Visibility {
        self.visibility
    }

    fn next_change_at(&self) -> Option<Instant> {
        self.next_change_at
    }
}

/// Something that the service says and the rules don't.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// What the service says.
    pub service: String,
    /// What the rules say.
    pub rules: String,
}

/// Gathers differences.
#[derive(Default)]
pub struct Differences(pub Vec<Difference>);

impl Differences {
    /// Holds what the service says of something against what the rules say.
    pub fn hold<T: PartialEq + Display>(&mut self, what: &str, service: T, rules: T) {
        if service != rules {
            let words = |said: T| match what {
                "" => said.to_string(),
                what => format!("{what} {said}"),
            };
            self.0.push(Difference { service: words(service), rules: words(rules) });
        }
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
) -> Result<(Look, Differences), HostError> {
    let url = format!("/v1/widgets/{path}{}", of_visitor(visitor));
    let answer = client.call(Method::GET, &url, Caller::Visitor, None)?.done()?;
    let seen: WidgetAnswer<'_> = answer.said()?;
    let explained: ExplainAnswer = client.get(&format!("/v1/explain/{path}"), Caller::Admin)?;
    let rule = explained.rule.strip_prefix('W').and_then(|number| number.parse().ok());
    let visibility = seen.visibility().ok_or_else(|| {
        answer.unreadable("what is hidden has a reason, and what is shown has none".to_owned())
    })?;
    let look = Look {
        answer: Answer {
            status: seen.status,
            chat: chat(seen.chat),
            reason: explained.reason,
            rule: rule.unwrap_or(0),
        },
        form: seen.form,
        greeting: seen.greeting.into_owned(),
        visibility,
        next_change_at: seen.next_change,
    };
    let mut differences = Differences::default();
    differences.hold("the name", &*seen.widget, path);
    hold_look(&look, visitor, widget, facts.world, &mut differences);
    hold_explained(&explained, widget, facts, &mut differences);
    // What both answers say is said once.
    differences.0.dedup();
    Ok((look, differences))
}

fn chat(is_possible: bool) -> Chat {
    if is_possible { Chat::Possible } else { Chat::No }
}

fn hold_look(
    look: &Look,
    visitor: &Visitor,
    widget: WidgetId,
    world: &World,
    differences: &mut Differences,
) {
    let rules = world.answer(widget);
    differences.hold("", look.answer.status, rules.status);
    differences.hold("", look.answer.chat, rules.chat);
    differences.hold("because", look.answer.reason, rules.reason);
    let rule = |number| format!("rule W{number}");
    differences.hold("", rule(look.answer.rule), rule(rules.rule));
    differences.hold("form", look.form, world.form(widget));
    let quoted = |text: &str| format!("{text:?}");
    differences.hold("greeting", quoted(&look.greeting), quoted(world.greeting(widget)));
    let shown = |visibility| match visibility {
        Visibility::Shown => "shown".to_owned(),
        Visibility::Hidden(because) => format!("hidden because {because}"),
    };
    differences.hold("", shown(look.visibility), shown(world.visibility(widget, visitor)));
    let next = world.next_change(widget).map(|next| next.at);
    differences.hold("next", when(look.next_change_at), when(next));
}

fn hold_explained(
    said: &ExplainAnswer,
    widget: WidgetId,
    facts: Facts<'_>,
    differences: &mut Differences,
) {
    let world = facts.world;
    let rules = world.explain(widget);
    differences.hold("that it is", said.at, rules.at);
    let explaining = "explaining,";
    differences.hold(explaining, said.status, rules.answer.status);
    differences.hold(explaining, chat(said.chat), rules.answer.chat);
    let next = rules.next.as_ref().map(|next| next.at);
    differences.hold("explaining, next", when(said.next_change), when(next));
    differences.hold("presence", said.presence, rules.presence);
    differences.hold(
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
    differences.hold("scheduler", service, rules_say);
    differences.hold("members:", said.members.len(), rules.members.len());
    for (said, rules) in said.members.iter().zip(&rules.members) {
        let name = facts.roster.agents.name(rules.agent);
        let suspended = |is| if is { "suspended" } else { "active" };
        let is_suspended = rules.membership == Membership::Suspended;
        differences.hold(name, suspended(said.suspended), suspended(is_suspended));
        differences.hold(name, said.status, rules.status);
    }
}

fn on_or_off(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

fn when(at: Option<Instant>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| at.to_string())
}
