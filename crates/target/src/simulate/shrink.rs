//! Whether a smaller world fails on the target, too: it is played there, with new names each time.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant as Monotonic;

use lamplighter_core::model::RuleSet;
use lamplighter_scenario::play::Outcome;
use lamplighter_scenario::simulate::{
    Aspect, Case, Finding, Inquirer, Inquiry, Question, Reply, Written, write_question,
};

use super::batch::{input, placed};
use crate::driver::{Leftovers, RunError};
use crate::play::{MadeWhen, PlaySettings, play_within};

/// Plays smaller worlds on a target.
pub struct TargetInquirer<'a, 'b> {
    /// How they are played.
    pub playing: &'a PlaySettings<'b>,
    /// The parts of the answer that are wrong.
    pub aspects: BTreeSet<Aspect>,
    /// The title of the scenarios.
    pub title: String,
    /// What they are called, without `.scenario`.
    pub stem: String,
    /// Where a file of rules that they name lies.
    pub folder: &'a Path,
    /// The rules of the target, which every smaller world keeps.
    pub rules: RuleSet,
    /// No world is begun after that.
    pub until: Monotonic,
    /// So often in a row a world must fail: more than once where what came before may have a part in it.
    pub times: u32,
    /// The last one that failed, as it was played.
    pub failed: Option<Written>,
    /// Why the target cannot be used any more.
    pub gone: Option<RunError>,
    /// What could not be deleted there.
    pub left: Leftovers,
}

impl TargetInquirer<'_, '_> {
    /// What the rules answer at the end of a case; `None` where something in it cannot happen.
    fn by_the_rules(&self, case: &Case, question: &Question) -> Option<Reply> {
        let mut oracle = case.oracle(self.playing.zones).ok()?;
        for step in &case.steps {
            oracle.advance(step.at);
            oracle.apply(&step.event).ok()?;
        }
        oracle.advance(case.end);
        Some(question.to_oracle(&oracle))
    }

    /// Plays a case once, at a time that the clock there has not reached; and the scenario, if it failed.
    fn ask_once(&mut self, case: &Case, question: &Question) -> (Inquiry, Option<Written>) {
        let none = (Inquiry::NoScenario, None);
        let Some(case) = placed(self.playing, case) else { return none };
        let Some(expected) = self.by_the_rules(&case, question) else { return none };
        let (title, stem) = (self.title.as_str(), self.stem.as_str());
        let asked = (question, &expected);
        let written = write_question((title, stem), &case, asked, &self.aspects);
        let input = input(self.folder, stem, &written);
        let mut found = None;
        let mut take = |_, ended: Result<lamplighter_scenario::play::Verdict, _>| {
            let Ok(verdict) = ended else { return };
            if verdict.outcome() == Outcome::Failed {
                found = verdict.failures.first().map(|failure| failure.found.clone());
            }
        };
        if let Err(error) =
            play_within(self.playing, &[input], MadeWhen::ItBegins, &mut take, &mut self.left)
        {
            self.gone = Some(error);
            return none;
        }
        let Some(found) = found else { return (Inquiry::Same, None) };
        let (question, found) = (question.clone(), Reply::Told(found));
        (Inquiry::Differs(Finding { question, expected, found }), Some(written))
    }
}

impl Inquirer for TargetInquirer<'_, '_> {
    fn ask(&mut self, case: &Case, question: &Question) -> Inquiry {
        if case.rules != self.rules {
            return Inquiry::NoScenario;
        }
        let mut asked = (Inquiry::NoScenario, None);
        for _ in 0..self.times {
            asked = self.ask_once(case, question);
            if !matches!(asked.0, Inquiry::Differs(_)) {
                return asked.0;
            }
        }
        self.failed = asked.1;
        asked.0
    }

    fn notice(&mut self, _: &Case) -> Option<String> {
        None
    }

    fn goes_on(&self) -> bool {
        let is_stopped = self.playing.stop.load(std::sync::atomic::Ordering::Relaxed);
        !is_stopped && self.gone.is_none() && Monotonic::now() < self.until
    }
}
