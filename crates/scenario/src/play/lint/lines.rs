//! Lines that are missing, and lines that change nothing.

use super::warnings::Warnings;
use super::written::lines;
use crate::language::ast::{Document, Line, Part};
use crate::language::code::Code;
use crate::language::diagnostic::Diagnostic;
use crate::play::verdict::{Notice, Unchanged, Verdict};
use lamplighter_core::model::knobs::{IdleMeans, LoginGives};
use lamplighter_core::model::{Knob, RuleSet};

/// A scenario without an `expect` passes, whatever the widget shows.
pub fn expects_nothing(document: &Document, verdict: &Verdict, warnings: &mut Warnings) {
    let expects =
        |line: &Line| matches!(line, Line::Expect(_) | Line::NoAnomalies | Line::Faulty(_));
    let holds = |part: &Part| matches!(part, Part::Observed(_));
    if lines(document).any(|line| expects(&line.node))
        || document.parts.iter().any(holds)
        || !verdict.diagnostics.is_empty()
    {
        return;
    }
    let Some(title) = &document.header.title else { return };
    warnings.push(
        Diagnostic::new(
            title.span,
            "this scenario expects nothing",
            "it passes, whatever its widgets show",
        )
        .code(Code::ExpectsNothing)
        .help("say what must be true, as in `expect acme online`"),
    );
}

/// Lines that say what is so already, or what comes too late: they can happen and are rarely meant.
pub fn unchanged(verdict: &Verdict, rules: &RuleSet, warnings: &mut Warnings) {
    for Notice { statement, device, what } in &verdict.notices {
        let agent = verdict.roster.agents.name(device.agent());
        let device = verdict.roster.device_name(*device);
        let (message, label, help) = match what {
            Unchanged::LoggedInAlready => (
                format!("{agent} is logged in on {device} already"),
                logged_in_again(rules),
                "name another device, or say what the device becomes",
            ),
            Unchanged::ReconnectsTooLate => (
                match rules.idle {
                    IdleMeans::Away => format!("{agent}'s grace on {device} has run out"),
                    IdleMeans::LoggedOut => format!("the clock has logged {agent} out on {device}"),
                },
                "rule P7: a reconnect after that changes nothing".to_owned(),
                "reconnect earlier, or log in again",
            ),
        };
        warnings.push(
            Diagnostic::new(*statement, message, label).code(Code::ChangesNothing).help(help),
        );
    }
}

/// What a login does to a device that is logged in.
fn logged_in_again(rules: &RuleSet) -> String {
    match rules.login {
        LoginGives::Online => {
            "rule P1: this is a fresh login, and the device is online afterwards".to_owned()
        }
        LoginGives::Keeps => {
            "rule P1, login = keeps: the device has the status afterwards that it was given"
                .to_owned()
        }
        LoginGives::Away | LoginGives::Invisible => {
            let status = rules.login_gives(None);
            let by = format!("rule P1, login = {}", rules.position(Knob::Login));
            format!("{by}: this is a fresh login, and the device is {status} afterwards")
        }
    }
}
