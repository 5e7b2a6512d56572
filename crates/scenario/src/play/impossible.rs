//! An event that cannot happen, as a fault of the line that says it.

use super::facts::Facts;
use crate::language::code::Code;
use crate::language::diagnostic::Diagnostic;
use crate::language::lex::write_name;
use crate::language::phrase;
use crate::language::span::Span;
use lamplighter_core::model::{
    AgentId, DeviceId, DeviceStatus, Event, EventKind, Impossible, PropertyId,
};
use lamplighter_core::world::Connection;

/// The fault of a line whose event cannot happen.
pub fn diagnostic(
    event: &Event,
    agent: Option<AgentId>,
    impossible: Impossible,
    span: Span,
    facts: Facts<'_>,
) -> Diagnostic {
    let roster = facts.roster;
    let Some(agent) = agent else {
        return Diagnostic::new(span, impossible.to_string(), "this cannot happen")
            .code(Code::UnknownZone);
    };
    let name = roster.agents.name(agent);
    let device = event.device().map(|device| roster.device_name(device)).unwrap_or_default();
    match impossible {
        Impossible::NotLoggedIn => {
            let message = format!("{name} is not logged in on {device}");
            let diagnostic = Diagnostic::new(span, message, rule(event)).code(Code::NotLoggedIn);
            let (help, meant) = elsewhere(event, agent, device, facts);
            let diagnostic = diagnostic.help(help);
            match meant {
                Some(line) => diagnostic.suggest(span, line),
                None => diagnostic,
            }
        }
        Impossible::NowhereLoggedIn => {
            let message = format!("{name} is not logged in on any device");
            let help = format!("say first where: `{} logs in on DEVICE`", write_name(name));
            Diagnostic::new(span, message, rule(event)).code(Code::NotLoggedIn).help(help)
        }
        Impossible::AlreadyLost => Diagnostic::new(
            span,
            format!("{name}'s connection on {device} is lost already"),
            "rule P7: a connection that is lost cannot be lost again",
        )
        .code(Code::ConnectionLost)
        .help(facts.words().agent(&facts.agent(agent), facts.now())),
        Impossible::NotLost => Diagnostic::new(
            span,
            format!("{name}'s connection on {device} was not lost"),
            "rule P7: only a lost connection comes back",
        )
        .code(Code::ConnectionNotLost)
        .help(format!(
            "{}; say first `{} loses connection on {}`",
            facts.words().agent(&facts.agent(agent), facts.now()),
            write_name(name),
            write_name(device)
        )),
        Impossible::AlreadySuspended => Diagnostic::new(
            span,
            format!("{name} is suspended in {} already", property_of(event, facts)),
            "rule P6: the suspended cannot be suspended",
        )
        .code(Code::AlreadySuspended),
        Impossible::NotSuspended => Diagnostic::new(
            span,
            format!("{name} is not suspended in {}", property_of(event, facts)),
            "rule P6: only a suspended member is reinstated",
        )
        .code(Code::NotSuspended),
        Impossible::NotAMember => {
            Diagnostic::new(span, impossible.to_string(), "this cannot happen")
                .code(Code::NotAMember)
        }
        Impossible::UnknownZone => {
            Diagnostic::new(span, impossible.to_string(), "this cannot happen")
                .code(Code::UnknownZone)
        }
    }
}

fn rule(event: &Event) -> String {
    let kind = event.kind();
    let only = match kind {
        EventKind::Logout => "is logged out",
        EventKind::Disconnect => "has a connection to lose",
        EventKind::Activity => "is active",
        // Of the others nothing needs a device that is logged in.
        EventKind::SetStatus
        | EventKind::Login
        | EventKind::Reconnect
        | EventKind::Suspend
        | EventKind::Reinstate
        | EventKind::Configure => "has a status",
    };
    format!("rule {}: only a logged-in device {only}", kind.rule())
}

/// Where the agent is logged in instead, and the line that the author may have meant.
fn elsewhere(
    event: &Event,
    agent: AgentId,
    device: &str,
    facts: Facts<'_>,
) -> (String, Option<String>) {
    let name = write_name(facts.roster.agents.name(agent));
    let logged_in: Vec<DeviceId> = facts
        .world
        .devices_of(agent)
        .filter(|&device| facts.world.device_status(device) != DeviceStatus::LoggedOut)
        .collect();
    let names: Vec<&str> = logged_in.iter().map(|&d| facts.roster.device_name(d)).collect();
    let meant = match names[..] {
        [] => {
            let ran_out = event
                .device()
                .is_some_and(|device| facts.world.connection(device) == Connection::RanOut);
            let why = if ran_out { "its grace ran out (rule P7); " } else { "" };
            let help = format!(
                "{why}{name} is logged in nowhere: say first `{name} logs in on {}`",
                write_name(device)
            );
            return (help, None);
        }
        [one] => Some(one),
        _ => crate::language::diagnostic::nearest(device, names.iter().copied())
            .and_then(|near| names.iter().find(|name| **name == near).copied()),
    };
    let mut help = format!("{name} is logged in on: {}.", names.join(", "));
    let line = meant.map(|meant| {
        let agent = facts.roster.agents.name(agent);
        let chosen = event.chosen().map(|chosen| (chosen, event.length()));
        phrase(agent, event.kind(), chosen, Some(meant), None)
    });
    if let Some(line) = &line {
        help.push_str(&format!(" Did you mean `{line}`?"));
    }
    (help, line)
}

fn property_of<'a>(event: &Event, facts: Facts<'a>) -> &'a str {
    let name = |property: &PropertyId| facts.roster.properties.name(*property);
    event.property().map_or("the property", name)
}
