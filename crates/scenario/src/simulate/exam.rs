//! A case as a scenario that asks for all that shows: what a service is held against that is nothing but
//! asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::case::{Case, meet};
use super::question::{Question, Reply};
use super::write::{Asking, Names, Written, agent_word, node, visitor_clauses, write_asking};
use crate::language::ast::{Clause, Expect};
use lamplighter_core::hours::{UnknownZone, Zones};
use lamplighter_core::model::{AgentId, Event, Instant, PropertyId, WidgetId};
use lamplighter_core::world::{Change, World};

/// A part of what a widget answers, which a target can get wrong by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Aspect {
    /// Its status (rules W1 to W6), or what team-mates see of an agent (rule P4).
    Status,
    /// Whether a chat can start.
    Chat,
    /// The form that a visitor gets (rules C2, C3).
    Form,
    /// The greeting that a visitor gets (rule C1).
    Greeting,
    /// Whether a visitor sees it (rules V1 to V4).
    Visibility,
}

impl Aspect {
    /// Every aspect once, in the order of declaration.
    pub const ALL: [Self; 5] =
        [Self::Status, Self::Chat, Self::Form, Self::Greeting, Self::Visibility];

    /// What it is called in a report.
    pub fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Chat => "chat",
            Self::Form => "form",
            Self::Greeting => "greeting",
            Self::Visibility => "visibility",
        }
    }

    /// The aspect that a clause is about; `None` of what says for whom or when.
    pub fn of(clause: &Clause) -> Option<Self> {
        Some(match clause {
            Clause::Status(_) => Self::Status,
            Clause::Chat(_) => Self::Chat,
            Clause::Form(_) => Self::Form,
            Clause::Greeting(_) => Self::Greeting,
            Clause::Shown | Clause::Hidden | Clause::HiddenBecause(_) => Self::Visibility,
            _ => return None,
        })
    }
}

/// What an exam asks for at one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExamQuestion {
    /// After so many steps.
    pub after: usize,
    /// The instant at which it is asked.
    pub at: Instant,
    /// The question that the exam asks there.
    pub question: Question,
    /// The answer that the rules give.
    pub expected: Reply,
}

/// A case as a scenario that asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exam {
    /// The scenario, and the file of rules that it needs.
    pub written: Written,
    /// What its expectations ask, in their order.
    pub asked: Vec<ExamQuestion>,
}

/// Writes a scenario that expects, of the parts that are given, what the rules say: behind whatever
/// happens of all that it can concern, right before and at whatever the clock changes, of every visitor,
/// and of everything at the end. Steps of the case that cannot happen must not be in it.
///
/// # Errors
/// When a scheduler names a zone that is not in the database.
pub fn exam(
    title: &str,
    case: &Case,
    aspects: &BTreeSet<Aspect>,
    zones: &Arc<Zones>,
) -> Result<Exam, UnknownZone> {
    let mut examiner = Examiner { case, asked: Vec::new() };
    let mut world = case.engine(zones)?;
    let mut visits = case.visits.iter().peekable();
    for (place, step) in case.steps.iter().enumerate() {
        while let Some(visit) = visits.next_if(|visit| visit.at < step.at) {
            examiner.go_on(&mut world, place, visit.at);
            examiner.visit(&world, place, &visit.visitor);
        }
        examiner.go_on(&mut world, place, step.at);
        meet(&mut world, &step.event);
        let mut changed = BTreeSet::new();
        // It can happen, or it would not be there.
        let _ = world.apply(&step.event, &mut |change| {
            if let Change::Widget { widget, .. } = change {
                changed.insert(widget);
            }
        });
        examiner.behind(&world, place + 1, &step.event, &changed);
    }
    let steps = case.steps.len();
    for visit in visits {
        examiner.go_on(&mut world, steps, visit.at);
        examiner.visit(&world, steps, &visit.visitor);
    }
    examiner.go_on(&mut world, steps, case.end);
    examiner.all(&world, steps);
    let asked = examiner.asked();
    let names = Names::new(case);
    let lines = asked.iter().filter_map(|asked| {
        let expect = expect(&names, &asked.question, &asked.expected, aspects)?;
        Some(Asking { after: asked.after, at: asked.at, expect })
    });
    let written = write_asking((title, "exam"), case, &names, lines);
    let asked = asked
        .into_iter()
        .filter(|asked| expect(&names, &asked.question, &asked.expected, aspects).is_some());
    Ok(Exam { written, asked: asked.collect() })
}

/// Writes a case with one thing that is expected at its end, by the parts that are given; a file of rules
/// that it needs is called after the stem.
pub fn write_question(
    (title, stem): (&str, &str),
    case: &Case,
    asked: (&Question, &Reply),
    aspects: &BTreeSet<Aspect>,
) -> Written {
    let names = Names::new(case);
    let expect = expect(&names, asked.0, asked.1, aspects);
    let asking = expect.map(|expect| Asking { after: case.steps.len(), at: case.end, expect });
    write_asking((title, stem), case, &names, asking)
}

/// An expectation of the parts that are given; `None` where nothing is left of it.
fn expect(
    names: &Names,
    question: &Question,
    expected: &Reply,
    aspects: &BTreeSet<Aspect>,
) -> Option<Expect> {
    let (subject, clauses) = match (question, expected) {
        (Question::Widget(widget), Reply::Widget(answer, form, greeting)) => (
            names.widget(*widget),
            vec![
                Clause::Status(agent_word(answer.status)),
                Clause::Chat(answer.chat),
                Clause::Form(*form),
                Clause::Greeting(node(greeting.clone())),
            ],
        ),
        (Question::Agent(agent), Reply::Agent(status)) => {
            (names.agent(*agent), vec![Clause::Status(*status)])
        }
        (Question::Visitor(widget, visitor), Reply::Visibility(visibility)) => {
            (names.widget(*widget), visitor_clauses(visitor, *visibility))
        }
        _ => return None,
    };
    let is_asked = |clause: &Clause| Aspect::of(clause).is_none_or(|one| aspects.contains(&one));
    let asks = clauses.iter().any(|clause| Aspect::of(clause).is_some() && is_asked(clause));
    // What is said of a widget begins with its status, in the language as well.
    let is_written = |clause: &Clause| matches!(clause, Clause::Status(_)) || is_asked(clause);
    let clauses: Vec<Clause> = clauses.into_iter().filter(is_written).collect();
    asks.then(|| Expect { subject, clauses: clauses.into_iter().map(node).collect() })
}

/// Goes through a case and notes what is to be asked.
struct Examiner<'a> {
    case: &'a Case,
    asked: Vec<ExamQuestion>,
}

impl Examiner<'_> {
    /// The clock goes on; what it changes is asked for right before and at that very instant.
    fn go_on(&mut self, world: &mut World, after: usize, to: Instant) {
        while let Some(at) = world.next_clock_instant().filter(|at| *at <= to) {
            let before = Instant::from_millis(at.as_millis() - 1).filter(|at| *at > world.now());
            if let Some(before) = before {
                world.advance(before, &mut |_| {});
            }
            let (mut widgets, mut agents) = (BTreeSet::new(), BTreeSet::new());
            let mut reached = world.clone();
            reached.advance(at, &mut |change| match change {
                Change::Widget { widget, .. } => drop(widgets.insert(widget)),
                Change::Agent { agent, .. } => drop(agents.insert(agent)),
            });
            if before.is_some() {
                self.ask(world, after, &widgets, &agents);
            }
            *world = reached;
            self.ask(world, after, &widgets, &agents);
        }
        world.advance(to, &mut |_| {});
    }

    fn visit(&mut self, world: &World, after: usize, visitor: &lamplighter_core::model::Visitor) {
        for (widget, ..) in self.case.widgets() {
            self.put(world, after, Question::Visitor(widget, visitor.clone()));
        }
    }

    /// All whom a step can concern: the agent and the widgets of all properties of the agent, or the
    /// widgets of the property.
    fn behind(&mut self, world: &World, after: usize, event: &Event, changed: &BTreeSet<WidgetId>) {
        let agents: BTreeSet<AgentId> = event.agent().into_iter().collect();
        let properties: BTreeSet<PropertyId> = match event {
            Event::Configure(widget, _) => [world.property_of(*widget)].into(),
            _ => agents.iter().flat_map(|agent| world.properties_of(*agent)).collect(),
        };
        let own = self.case.widgets().filter(|(_, property, _)| properties.contains(property));
        let widgets = own.map(|(widget, ..)| widget).chain(changed.iter().copied()).collect();
        self.ask(world, after, &widgets, &agents);
    }

    fn all(&mut self, world: &World, after: usize) {
        let widgets = self.case.widgets().map(|(widget, ..)| widget).collect();
        let agents = self.case.agents().collect();
        self.ask(world, after, &widgets, &agents);
    }

    fn ask(
        &mut self,
        world: &World,
        after: usize,
        widgets: &BTreeSet<WidgetId>,
        agents: &BTreeSet<AgentId>,
    ) {
        widgets.iter().for_each(|widget| self.put(world, after, Question::Widget(*widget)));
        // Who is a member of nothing has no name in a scenario.
        for agent in agents.iter().filter(|agent| !world.properties_of(**agent).is_empty()) {
            self.put(world, after, Question::Agent(*agent));
        }
    }

    fn put(&mut self, world: &World, after: usize, question: Question) {
        let expected = question.to_engine(world);
        self.asked.push(ExamQuestion { after, at: world.now(), question, expected });
    }

    /// All that was noted; of what is asked more than once at an instant the last.
    fn asked(self) -> Vec<ExamQuestion> {
        let mut kept: Vec<ExamQuestion> = Vec::with_capacity(self.asked.len());
        for one in self.asked {
            let same = |other: &ExamQuestion| other.at == one.at && other.question == one.question;
            let place = kept.iter().rposition(same);
            if let Some(place) = place {
                kept.remove(place);
            }
            kept.push(one);
        }
        // What is asked within an instant is asked behind all that happens in it.
        for index in (0..kept.len().saturating_sub(1)).rev() {
            if kept[index].at == kept[index + 1].at {
                kept[index].after = kept[index + 1].after;
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Swarm, draw, without_impossible};
    use super::*;
    use crate::language::parse;

    #[test]
    fn whatever_part_of_an_answer_is_wrong_is_asked_for_in_a_scenario_that_can_be_read() {
        let zones = Arc::new(Zones::bundled());
        let mut asked_of = BTreeSet::new();
        for seed in 0..6 {
            let swarm = Swarm::draw(seed, None);
            let case = without_impossible(&draw(seed, &swarm, &zones), &zones);
            let exam = exam("All", &case, &Aspect::ALL.into(), &zones).expect("known zones");
            assert_eq!(parse(exam.written.scenario.as_bytes()).diagnostics, [], "seed {seed}");
            for one in exam.asked.iter().take(40) {
                for aspect in Aspect::ALL {
                    let asked = (&one.question, &one.expected);
                    let small = case.until(one.at, one.after);
                    let written = write_question(("One", "one"), &small, asked, &[aspect].into());
                    let text = &written.scenario;
                    assert_eq!(parse(text.as_bytes()).diagnostics, [], "seed {seed}:\n{text}");
                    if text.contains("  expect ") {
                        asked_of.insert(aspect);
                    }
                }
            }
        }
        assert_eq!(asked_of, Aspect::ALL.into(), "each of them alone");
    }
}
