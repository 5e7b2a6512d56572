//! What a run must meet for a gate to say anything of it. Where the plan knows that it never will, that
//! is told before the run.

use thiserror::Error;

use super::condition::{Quantity, Timed};
use super::gate::Gate;
use crate::plan::{AgentAction, RunKnobs, RunPlan};
use crate::result::Class;
use crate::tally::{CONNECT, EVENTS, LOGIN, LOGOUT, MESSAGE, STATUS, TEAM, WIDGET};

/// A gate about what a run never meets.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("the gate `{gate}` is about {what}, and this run meets none: {why}")]
pub struct UnmetGate {
    /// The gate as it was written.
    pub gate: String,
    /// What it is about.
    what: &'static str,
    /// Why there is none.
    why: String,
    /// What would make the run meet it.
    pub help: &'static str,
}

/// What a gate is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Need {
    Visitors,
    Streams,
    Messages,
    /// An edge of a scheduler, or an end of a grace.
    Clock,
    /// Writes of statuses, by which what is shown changes.
    Changes,
    Logins,
    Statuses,
    Logouts,
    Teams,
}

impl Need {
    fn what(self) -> &'static str {
        match self {
            Self::Visitors => "visitors",
            Self::Streams => "event streams",
            Self::Messages => "messages that visitors leave",
            Self::Clock => "edges of schedulers and ends of graces",
            Self::Changes => "changes by agents",
            Self::Logins => "logins of agents",
            Self::Statuses => "statuses that agents set",
            Self::Logouts => "agents who log out",
            Self::Teams => "looks at teams",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Visitors => "give it visitors, such as --visitors 200/s",
            Self::Streams => "let it hold some, such as --streams 100",
            Self::Messages => "let visitors leave some, such as --messages 5",
            Self::Clock => {
                "let the run last longer (--duration), with a grace that ends in it (--grace), or \
                 start it shortly before hours begin or end (--start-at)"
            }
            Self::Changes | Self::Logins | Self::Statuses | Self::Logouts | Self::Teams => {
                "let the run last longer (--duration), or agents do more (--pace, --agents)"
            }
        }
    }

    /// Why a plan has none of it, where it has none.
    fn missing(self, plan: &RunPlan, knobs: &RunKnobs) -> Option<String> {
        let does = |is_so: fn(&AgentAction) -> bool| {
            let steps = plan.agents.iter().flat_map(|agent| &agent.steps);
            match steps.into_iter().any(|step| is_so(&step.what)) {
                true => None,
                false => Some("no agent does so within it".to_owned()),
            }
        };
        let visitors = || {
            let comes = knobs.visitors.iter().any(|stage| stage.from.max(stage.to) > 0);
            (!comes).then(|| "nobody comes (--visitors 0/s)".to_owned())
        };
        match self {
            Self::Visitors => visitors(),
            Self::Streams if knobs.streams == 0 => Some("none is held (--streams 0)".to_owned()),
            Self::Messages if knobs.messages == 0 => Some("none is left (--messages 0)".to_owned()),
            Self::Messages => visitors(),
            Self::Clock if plan.goals.edges + plan.goals.graces() == 0 => {
                let why = plan.goals.lacking.join("; ");
                Some(if why.is_empty() { "none is laid".to_owned() } else { why })
            }
            Self::Streams | Self::Clock => None,
            Self::Changes => does(|_| true),
            Self::Logins => does(|what| *what == AgentAction::Login),
            Self::Statuses => does(|what| {
                use AgentAction::{Status, StatusEverywhere, StatusLate, StatusTwice};
                matches!(what, Status(_) | StatusEverywhere(_) | StatusLate(..) | StatusTwice(_))
            }),
            Self::Logouts => {
                does(|what| matches!(what, AgentAction::Logout | AgentAction::LogoutEverywhere))
            }
            Self::Teams => {
                does(|what| matches!(what, AgentAction::Team(_) | AgentAction::TeamBehind(_)))
            }
        }
    }
}

impl Gate {
    /// What a plan surely has none of, and this gate is about.
    pub fn unmet(&self, plan: &RunPlan, knobs: &RunKnobs) -> Option<UnmetGate> {
        let missing = |need: Need| need.missing(plan, knobs).map(|why| (need, why));
        let (need, why) = self.needs().iter().copied().find_map(missing)?;
        Some(UnmetGate { gate: self.text.clone(), what: need.what(), why, help: need.help() })
    }

    /// What must be met for it, all of it.
    fn needs(&self) -> &'static [Need] {
        match &self.quantity {
            Quantity::Time(_, timed) => match timed {
                Timed::Operation(name) | Timed::Service(name) => operation(name),
                Timed::PropagationPush => &[Need::Streams, Need::Changes],
                Timed::PropagationPoll => &[Need::Visitors, Need::Changes],
                Timed::EdgePush => &[Need::Streams, Need::Clock],
                Timed::EdgePoll => &[Need::Visitors, Need::Clock],
                Timed::Sending | Timed::Generator => &[Need::Visitors],
            },
            Quantity::Wrong(Some(Class::EdgeEarly | Class::EdgeLate)) => &[Need::Clock],
            Quantity::Wrong(Some(Class::LostMessage)) => &[Need::Messages],
            Quantity::Wrong(Some(Class::TeamStatusWrong)) => &[Need::Logins],
            Quantity::Errors(Some(name)) => operation(name),
            // Something is always judged, and called.
            Quantity::Wrong(_) | Quantity::Errors(None) => &[],
            Quantity::Rate | Quantity::Decisive => &[Need::Visitors],
            Quantity::Within => &[Need::Clock],
        }
    }
}

/// What must be met for calls of an operation.
fn operation(name: &str) -> &'static [Need] {
    match name {
        WIDGET => &[Need::Visitors],
        EVENTS => &[Need::Streams],
        MESSAGE => &[Need::Messages],
        LOGIN | CONNECT => &[Need::Logins],
        STATUS => &[Need::Statuses],
        LOGOUT => &[Need::Logouts],
        TEAM => &[Need::Teams],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::knobs::Stage;
    use lamplighter_core::hours::Zones;
    use lamplighter_core::model::Millis;

    fn unmet(gate: &str, knobs: &RunKnobs) -> Option<String> {
        let plan = RunPlan::draw(knobs, &Zones::bundled()).expect("a plan");
        Gate::parse(gate).expect("a gate").unmet(&plan, knobs).map(|unmet| unmet.to_string())
    }

    #[test]
    fn a_gate_about_what_is_never_met_is_found_before_the_run() {
        let knobs = crate::plan::tests::knobs();
        let none = Stage { length: Millis(0), from: 0, to: 0 };
        let short = RunKnobs { duration: Millis(10_000), ..knobs.clone() };
        let mute = RunKnobs { messages: 0, ..knobs.clone() };
        let unwatched = RunKnobs { streams: 0, ..knobs.clone() };
        let deserted = RunKnobs { visitors: vec![none], ..knobs.clone() };
        for (gate, without) in [
            ("late(edge) > 1s", &short),
            ("wrong(edge-late) > 0", &short),
            ("within > 1s", &short),
            ("errors(message) > 1%", &mute),
            ("wrong(lost-message) > 0", &mute),
            ("p99(events) > 1s", &unwatched),
            ("p99(propagation) > 1s", &unwatched),
            ("p99(edge) > 1s", &unwatched),
            ("p99(propagation.poll) > 1s", &deserted),
            ("rate < 99%", &deserted),
            ("decisive < 90%", &deserted),
            ("errors(widget) > 1%", &deserted),
        ] {
            assert_eq!(unmet(gate, &knobs), None, "{gate}");
            assert!(unmet(gate, without).is_some(), "{gate}");
        }
        assert_eq!(
            unmet("p99(events) > 1s", &unwatched).as_deref(),
            Some(
                "the gate `p99(events) > 1s` is about event streams, and this run meets none: none is \
                 held (--streams 0)"
            )
        );
        for always in ["wrong > 0", "errors > 1%", "p99(login) > 1s", "errors(status) > 1%"] {
            assert_eq!(unmet(always, &deserted), None, "{always}");
        }
    }
}
