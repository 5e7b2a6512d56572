//! Makes a case small that shows a difference: whatever can be left out or made plainer without
//! losing it, is. What remains is what matters.

mod less;
mod plainer;

use std::sync::Arc;

use super::case::Case;
use super::difference::{Difference, DifferenceKind, noticed_by};
use super::play::play;
use super::question::{Finding, Inquiry, Question, ask, without_impossible};
use lamplighter_core::hours::Zones;

/// A small case, and what it shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shrunken {
    /// The smallest case that still shows the difference.
    pub case: Case,
    /// What engine and rule book answer at its end; `None` where no scenario can ask for it.
    pub finding: Option<Finding>,
    /// How many smaller cases were tried.
    pub tries: usize,
}

/// Trying is over after so many cases.
const TRIES_MAX: usize = 20_000;
/// And after so many where each must be looked at minute by minute.
const HIDDEN_TRIES_MAX: usize = 400;

/// Who is asked whether a smaller case still shows something wrong.
pub trait Inquirer {
    /// Plays a case to its end and asks there.
    fn ask(&mut self, case: &Case, question: &Question) -> Inquiry;

    /// What notices a difference in a case that no question shows; `None` where nothing does.
    fn notice(&mut self, case: &Case) -> Option<String>;

    /// Whether there is time for more.
    fn goes_on(&self) -> bool {
        true
    }
}

/// The engine is asked, beside the oracle.
struct Engine<'a>(&'a Arc<Zones>);

impl Inquirer for Engine<'_> {
    fn ask(&mut self, case: &Case, question: &Question) -> Inquiry {
        ask(case, question, self.0)
    }

    fn notice(&mut self, case: &Case) -> Option<String> {
        let difference = play(case, self.0).ok()?.difference?;
        Some(noticed_by(&difference.kind).to_owned())
    }
}

/// Shrinks a case that has a difference.
pub fn shrink(case: &Case, difference: &Difference, zones: &Arc<Zones>) -> Shrunken {
    let shown = case.until(difference.at, difference.after);
    let mut engine = Engine(zones);
    if let DifferenceKind::Finding(finding) = &difference.kind {
        let possible = without_impossible(&shown, zones);
        for start in [possible, shown.clone()] {
            if let Inquiry::Differs(finding) = ask(&start, &finding.question, zones) {
                return shrink_finding(start, finding, &mut engine);
            }
        }
    }
    let shows = Shows::Hidden(noticed_by(&difference.kind).to_owned());
    let case = Case { end: case.end, ..shown };
    let inquirer = &mut engine;
    let mut shrinker = Shrinker { inquirer, case, shows, tries: 0, tries_max: HIDDEN_TRIES_MAX };
    shrinker.run();
    shrinker.done()
}

/// Shrinks a case at whose end something is answered wrong, as whoever is asked says.
pub fn shrink_finding(case: Case, finding: Finding, inquirer: &mut dyn Inquirer) -> Shrunken {
    let shows = Shows::Finding(finding);
    let mut shrinker = Shrinker { inquirer, case, shows, tries: 0, tries_max: TRIES_MAX };
    shrinker.run();
    shrinker.done()
}

/// What must not be lost.
enum Shows {
    Finding(Finding),
    /// A difference that is noticed in the same way.
    Hidden(String),
}

struct Shrinker<'a> {
    inquirer: &'a mut dyn Inquirer,
    case: Case,
    shows: Shows,
    tries: usize,
    tries_max: usize,
}

impl Shrinker<'_> {
    fn done(self) -> Shrunken {
        let finding = match self.shows {
            Shows::Finding(finding) => Some(finding),
            Shows::Hidden(_) => None,
        };
        Shrunken { case: self.case, finding, tries: self.tries }
    }

    fn is_over(&self) -> bool {
        self.tries >= self.tries_max || !self.inquirer.goes_on()
    }

    /// Everything in turn, until nothing helps any more.
    fn run(&mut self) {
        loop {
            let before = (self.case.clone(), self.question());
            self.leave_out_steps();
            self.leave_out_properties();
            self.leave_out_widgets();
            self.leave_out_agents();
            self.leave_out_members();
            self.one_device_less();
            self.plainer_rules();
            self.plainer_timing();
            self.plainer_settings();
            self.plainer_steps();
            self.plainer_visitor();
            self.plainer_times();
            if (self.case.clone(), self.question()) == before || self.is_over() {
                return;
            }
        }
    }

    fn question(&self) -> Option<Question> {
        match &self.shows {
            Shows::Finding(finding) => Some(finding.question.clone()),
            Shows::Hidden(_) => None,
        }
    }

    /// Takes a case instead if it still shows a difference.
    fn take(&mut self, case: Case) -> bool {
        let question = self.question();
        self.take_with(case, question)
    }

    fn take_with(&mut self, mut case: Case, question: Option<Question>) -> bool {
        case.number_devices();
        case.visits.retain(|visit| (case.start..=case.end).contains(&visit.at));
        if (case == self.case && question == self.question()) || self.is_over() {
            return false;
        }
        let asked = question.as_ref().and_then(Question::agent);
        if case.rules.check().is_err() || !case.is_in_order() || !case.everybody_is_a_member(asked)
        {
            return false;
        }
        self.tries += 1;
        let shows = match question {
            Some(question) => match self.inquirer.ask(&case, &question) {
                Inquiry::Differs(finding) => Shows::Finding(finding),
                Inquiry::Same | Inquiry::NoScenario => return false,
            },
            None => {
                let Some(noticed_by) = self.inquirer.notice(&case) else { return false };
                match &self.shows {
                    Shows::Hidden(before) if *before == noticed_by => {}
                    _ => return false,
                }
                Shows::Hidden(noticed_by)
            }
        };
        self.case = case;
        self.shows = shows;
        true
    }
}
