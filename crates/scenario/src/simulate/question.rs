//! What can be asked of engine and oracle alike, and said by an expectation in a scenario.

use std::fmt;
use std::sync::Arc;

use super::case::{Case, meet};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{
    AgentId, AgentStatus, Answer, Form, Impossible, Instant, Visibility, Visitor, WidgetId,
};
use lamplighter_core::oracle::Oracle;
use lamplighter_core::world::World;

/// A question about the instant that has been reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Question {
    /// What a widget shows and why, with its form and greeting.
    Widget(WidgetId),
    /// What team-mates see of an agent.
    Agent(AgentId),
    /// Whether a visitor sees a widget.
    Visitor(WidgetId, Visitor),
    /// When the clock alone changes what a widget shows, as far as the oracle looks ahead.
    Next(WidgetId, Instant),
    /// Whether the last event could happen.
    LastEvent,
}

/// What is said to a question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reply {
    /// What a widget shows and why, with its form and greeting.
    Widget(Answer, Form, String),
    /// What team-mates see of an agent (rule P4).
    Agent(AgentStatus),
    /// Whether the visitor sees the widget (rules V1 to V4).
    Visibility(Visibility),
    /// The next change, if there is one as far as was looked.
    Next(Option<Instant>),
    /// Whether the last event could happen, and if not, why.
    Event(Result<(), Impossible>),
    /// What a service that is nothing but asked was read as, in words.
    Told(String),
}

/// A question that engine and oracle answer differently at the end of a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The question that both were asked.
    pub question: Question,
    /// The answer of the rule book, as the oracle gives it.
    pub expected: Reply,
    /// The answer of the engine, which is wrong unless the oracle is.
    pub found: Reply,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { question, expected, found } = self;
        match question {
            Question::Widget(widget) => write!(f, "widget {}", widget.index())?,
            Question::Agent(agent) => write!(f, "agent {}", agent.index())?,
            Question::Visitor(widget, visitor) => {
                write!(f, "widget {} to a visitor", widget.index())?;
                visitor.device.iter().try_for_each(|kind| write!(f, " on {kind}"))?;
                visitor.country.iter().try_for_each(|country| write!(f, " in {country}"))?;
                visitor.page.iter().try_for_each(|page| write!(f, " at {page}"))?;
            }
            Question::Next(widget, _) => write!(f, "next change of widget {}", widget.index())?,
            Question::LastEvent => write!(f, "the last event")?,
        }
        write!(f, ": expected {expected}, found {found}")
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Widget(answer, form, greeting) => {
                let Answer { status, chat, reason, rule } = answer;
                write!(f, "{status} ({reason}, rule W{rule}, {chat}, form {form}")?;
                if !greeting.is_empty() {
                    write!(f, ", greeting `{greeting}`")?;
                }
                write!(f, ")")
            }
            Self::Agent(status) => write!(f, "{status}"),
            Self::Visibility(Visibility::Shown) => write!(f, "shown"),
            Self::Visibility(Visibility::Hidden(because)) => write!(f, "hidden ({because})"),
            Self::Next(Some(at)) => write!(f, "{at}"),
            Self::Next(None) => write!(f, "none by then"),
            Self::Event(Ok(())) => write!(f, "that it can happen"),
            Self::Event(Err(impossible)) => write!(f, "that {impossible}"),
            Self::Told(words) => write!(f, "{words}"),
        }
    }
}

impl Question {
    /// The agent whom it asks about, if it asks about one.
    pub fn agent(&self) -> Option<AgentId> {
        match self {
            Self::Agent(agent) => Some(*agent),
            Self::Widget(_) | Self::Visitor(..) | Self::Next(..) | Self::LastEvent => None,
        }
    }

    /// What the engine says; a question about an event is for `ask`.
    pub fn to_engine(&self, world: &World) -> Reply {
        match self {
            Self::Widget(widget) => Reply::Widget(
                world.answer(*widget),
                world.form(*widget),
                world.greeting(*widget).to_owned(),
            ),
            Self::Agent(agent) => Reply::Agent(world.agent_status(*agent)),
            Self::Visitor(widget, visitor) => Reply::Visibility(world.visibility(*widget, visitor)),
            Self::Next(widget, until) => {
                let next = world.next_change(*widget).map(|next| next.at);
                Reply::Next(next.filter(|at| at <= until))
            }
            Self::LastEvent => Reply::Event(Ok(())),
        }
    }

    /// What the rule book says; a question about an event is for `ask`.
    pub fn to_oracle(&self, oracle: &Oracle) -> Reply {
        match self {
            Self::Widget(widget) => Reply::of_widget(oracle, *widget, oracle.answer(*widget)),
            Self::Agent(agent) => Reply::Agent(oracle.agent_status(*agent)),
            Self::Visitor(widget, visitor) => {
                Reply::Visibility(oracle.visibility(*widget, visitor))
            }
            Self::Next(widget, until) => {
                Reply::Next(oracle.next(*widget, *until).map(|(at, _)| at))
            }
            Self::LastEvent => Reply::Event(Ok(())),
        }
    }

    /// Asks engine and oracle; `None` where they answer alike.
    pub fn put(self, world: &World, oracle: &Oracle) -> Option<Finding> {
        let expected = self.to_oracle(oracle);
        self.hold(expected, world)
    }

    /// Asks the engine, where it is known what the rule book says; `None` where both say the same.
    pub fn hold(self, expected: Reply, world: &World) -> Option<Finding> {
        let found = self.to_engine(world);
        (expected != found).then_some(Finding { question: self, expected, found })
    }
}

impl Reply {
    /// What the rule book says of a widget of which it is known what it shows.
    pub fn of_widget(oracle: &Oracle, widget: WidgetId, answer: Answer) -> Self {
        let (form, greeting) = oracle.look_of(widget, answer.status);
        Self::Widget(answer, form, greeting.to_owned())
    }
}

/// What came of asking at the end of a case.
pub enum Inquiry {
    /// Engine and rule book agree.
    Same,
    /// Engine and rule book answer differently.
    Differs(Finding),
    /// An event cannot happen, or a zone is unknown: no scenario can say so.
    NoScenario,
}

/// Plays a case straight to its end, as a scenario does, and asks there. An event that the rule book
/// allows and the engine refuses is a difference, too, and the end of the case.
pub fn ask(case: &Case, question: &Question, zones: &Arc<Zones>) -> Inquiry {
    let (Ok(mut world), Ok(mut oracle)) = (case.engine(zones), case.oracle(zones)) else {
        return Inquiry::NoScenario;
    };
    for (index, step) in case.steps.iter().enumerate() {
        world.advance(step.at, &mut |_| {});
        oracle.advance(step.at);
        if oracle.apply(&step.event).is_err() {
            return Inquiry::NoScenario;
        }
        meet(&mut world, &step.event);
        let found = world.apply(&step.event, &mut |_| {});
        let is_asked = *question == Question::LastEvent && index + 1 == case.steps.len();
        match (found, is_asked) {
            (Ok(()), _) => {}
            (Err(_), true) => {
                return Inquiry::Differs(Finding {
                    question: Question::LastEvent,
                    expected: Reply::Event(Ok(())),
                    found: Reply::Event(found),
                });
            }
            // Another difference than the one that is asked for.
            (Err(_), false) => return Inquiry::Same,
        }
    }
    world.advance(case.end, &mut |_| {});
    oracle.advance(case.end);
    match question.clone().put(&world, &oracle) {
        Some(finding) => Inquiry::Differs(finding),
        None => Inquiry::Same,
    }
}

/// Takes out the events that cannot happen by the rule book, which no scenario can have.
pub fn without_impossible(case: &Case, zones: &Zones) -> Case {
    let Ok(mut oracle) = case.oracle(zones) else { return case.clone() };
    let mut case = case.clone();
    case.steps.retain(|step| {
        oracle.advance(step.at);
        oracle.apply(&step.event).is_ok()
    });
    case.number_devices();
    case
}
