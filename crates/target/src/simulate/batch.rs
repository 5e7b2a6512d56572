//! Worlds played together on a target: each as a scenario that asks for all that shows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lamplighter_core::model::Instant;
use lamplighter_scenario::language::ast::{Clause, Line, Part};
use lamplighter_scenario::language::parse;
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::play::{Capability, Failure, Verdict};
use lamplighter_scenario::simulate::{
    Aspect, Case, Exam, ExamQuestion, Question, Reply, Written, exam,
};

use crate::driver::{Leftovers, RunError};
use crate::play::{MadeWhen, PlayClock, PlaySettings, ScenarioInput, SkipReason, play_within};

/// A world that was answered wrong.
pub struct FailingWorld {
    /// The world, up to the wrong answer.
    pub case: Case,
    /// What was asked, and what the rules answer.
    pub question: Question,
    /// The answer that the rules give.
    pub expected: Reply,
    /// The parts of the answer that are wrong.
    pub aspects: BTreeSet<Aspect>,
    /// What the target says instead, in words.
    pub found: String,
    /// The instant on a clock that is put at which its properties were made there: all that are played
    /// together are made first, so that clocks may have changed up to the start of the world.
    pub made: Option<Instant>,
}

/// What worlds on a target came to, beside what was wrong.
#[derive(Clone, Debug, Default)]
pub struct SimulationCounts {
    /// How many worlds were played to their end.
    pub played: u64,
    /// How many clauses held, by what they ask for.
    pub held: BTreeMap<Capability, u64>,
    /// How many clauses were not tested, by why.
    pub untested: BTreeMap<String, u64>,
    /// How many worlds were not played, by why.
    pub left_out: BTreeMap<String, u64>,
}

impl SimulationCounts {
    fn take(&mut self, verdict: &Verdict) {
        self.played += 1;
        for (capability, count) in &verdict.tested.held {
            *self.held.entry(*capability).or_default() += *count as u64;
        }
        for not in &verdict.tested.untested {
            *self.untested.entry(not.why.0.clone()).or_default() += 1;
        }
    }

    fn leave_out(&mut self, why: &SkipReason) {
        let why = match why {
            SkipReason::NothingLeft { .. } => "nothing in it can be tested there".to_owned(),
            SkipReason::TooLong { waits_for, .. } => format!("it would wait too long {waits_for}"),
            other => other.to_string(),
        };
        *self.left_out.entry(why).or_default() += 1;
    }
}

/// What became of a world.
pub enum WorldOutcome {
    /// All that was tested holds.
    Passed,
    /// Something was answered wrong.
    Failed(Box<FailingWorld>),
    /// The world was not played.
    Skipped,
}

/// Where a world can be played on a target's clock: from the instant on that it has reached.
pub fn placed(playing: &PlaySettings<'_>, case: &Case) -> Option<Case> {
    match playing.clock {
        PlayClock::Real => Some(case.clone()),
        _ if playing.goes_back => Some(case.clone()),
        _ => {
            let reached = playing.driver.now();
            let next = Instant::from_millis(reached.as_millis() + 1)?;
            case.not_before(next, playing.zones)
        }
    }
}

/// Plays worlds, all of the same grace and auto-away; what became of each, in their order. Those behind
/// the stop of a run are left out.
///
/// # Errors
/// When the target cannot be used any more.
pub fn play_batch(
    playing: &PlaySettings<'_>,
    cases: &[Case],
    folder: &Path,
    tally: &mut SimulationCounts,
    left: &mut Leftovers,
) -> Result<Vec<WorldOutcome>, RunError> {
    let every: BTreeSet<Aspect> = Aspect::ALL.into();
    let mut exams: Vec<Exam> = Vec::with_capacity(cases.len());
    let mut inputs = Vec::with_capacity(cases.len());
    for case in cases {
        let exam = exam("A random world", case, &every, playing.zones).unwrap_or_else(|_| Exam {
            written: Written { scenario: String::new(), rules: None },
            asked: Vec::new(),
        });
        inputs.push(input(folder, "exam", &exam.written));
        exams.push(exam);
    }
    let made = (!matches!(playing.clock, PlayClock::Real)).then(|| playing.driver.now());
    let mut outcomes: Vec<WorldOutcome> = cases.iter().map(|_| WorldOutcome::Skipped).collect();
    let mut take = |index: usize, ended: Result<Verdict, SkipReason>| match ended {
        Ok(verdict) => {
            tally.take(&verdict);
            outcomes[index] = match wrong(&cases[index], &exams[index], &verdict, made) {
                Some(wrong) => WorldOutcome::Failed(Box::new(wrong)),
                None => WorldOutcome::Passed,
            };
        }
        Err(why) => tally.leave_out(&why),
    };
    play_within(playing, &inputs, MadeWhen::TheFirstBegins, &mut take, left)?;
    Ok(outcomes)
}

/// A scenario that was written, to be played. The file of rules that it names lies in the folder.
pub fn input(folder: &Path, stem: &str, written: &Written) -> ScenarioInput {
    if let Some((name, text)) = &written.rules {
        // Where it cannot be written the scenario says that it cannot be read.
        let _ = std::fs::create_dir_all(folder);
        let _ = std::fs::write(folder.join(name), text);
    }
    let path = folder.join(format!("{stem}.scenario"));
    ScenarioInput { path, bytes: written.scenario.clone().into_bytes() }
}

/// The first wrong answer of a world, as a question at its end.
fn wrong(
    case: &Case,
    exam: &Exam,
    verdict: &Verdict,
    made: Option<Instant>,
) -> Option<FailingWorld> {
    let failure = verdict.failures.iter().min_by_key(|failure| (failure.at, failure.statement))?;
    let mut exam_lines = exam_lines(&exam.written.scenario);
    let line = exam_lines.find(|line| line.statement == failure.statement)?;
    let asked = line.asked.and_then(|index| exam.asked.get(index));
    Some(match asked {
        Some(ExamQuestion { after, at, question, expected }) => FailingWorld {
            case: case.until(*at, *after),
            question: question.clone(),
            expected: expected.clone(),
            aspects: wrong_aspects(&line, failure),
            found: failure.found.clone(),
            made,
        },
        // It did something else than it was told.
        None => FailingWorld {
            case: case.until(failure.at, line.steps),
            question: Question::LastEvent,
            expected: Reply::Event(Ok(())),
            aspects: BTreeSet::new(),
            found: failure.found.clone(),
            made,
        },
    })
}

/// The parts of an expectation that are false: those whose words are underlined, else all.
fn wrong_aspects(line: &ExamLine, failure: &Failure) -> BTreeSet<Aspect> {
    let is_false = |span: &Span| failure.words.start <= span.start && span.end <= failure.words.end;
    let first: BTreeSet<Aspect> = line
        .clauses
        .iter()
        .filter(|(span, _)| is_false(span))
        .filter_map(|(_, clause)| Aspect::of(clause))
        .collect();
    match first.is_empty() {
        true => line.clauses.iter().filter_map(|(_, clause)| Aspect::of(clause)).collect(),
        false => first,
    }
}

/// A line of what happens in an exam.
struct ExamLine {
    statement: Span,
    clauses: Vec<(Span, Clause)>,
    /// Which expectation it is, if it is one.
    asked: Option<usize>,
    /// How many steps there are up to it, this one included.
    steps: usize,
}

fn exam_lines(text: &str) -> impl Iterator<Item = ExamLine> {
    let document = parse(text.as_bytes()).document;
    let lines = document.parts.into_iter().flat_map(|part| match part {
        Part::At(block) => block.lines,
        _ => Vec::new(),
    });
    let (mut asked, mut steps) = (0, 0);
    lines.map(move |line| {
        let (own, clauses) = match line.node {
            Line::Expect(expect) => {
                asked += 1;
                let clauses = expect.clauses.into_iter().map(|clause| (clause.span, clause.node));
                (Some(asked - 1), clauses.collect())
            }
            _ => {
                steps += 1;
                (None, Vec::new())
            }
        };
        ExamLine { statement: line.span, clauses, asked: own, steps }
    })
}

/// Cases by their grace and auto-away, which are of all of a target.
pub fn by_timing(cases: Vec<(u64, Case)>) -> Vec<Vec<(u64, Case)>> {
    let mut groups: BTreeMap<_, Vec<(u64, Case)>> = BTreeMap::new();
    for (seed, case) in cases {
        groups
            .entry((case.grace.0, case.auto_away.map(|one| one.0)))
            .or_default()
            .push((seed, case));
    }
    groups.into_values().collect()
}
