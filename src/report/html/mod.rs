//! For a browser: one page that holds everything, needs no network and no script, and can be shown
//! to a colleague.

mod picture;
mod scenario;
mod shown;

use std::collections::HashSet;
use std::io::Write;
use std::time::Duration;

use minijinja::Value;
use serde::Serialize;

use super::format::{counted, thousands};
use super::summary::Summary;
use super::template::{PageError, Templates};
use super::tested::{Reason, Skipped, TestedRow, TestedTotals};
use lamplighter_scenario::play::{Outcome, Verdict};

const PAGE: &str = "page.html";
const SCENARIO: &str = "scenario.html";
const PICTURE: &str = "picture.html";

/// The style of pictures, and the colours of all pages, by day and by night.
pub const PICTURE_STYLE: &str = include_str!("picture.css");
/// What the shapes of pictures are filled in with: it stands once on a page that shows some.
pub const PATTERNS: &str = include_str!("patterns.html");
/// How to read the pictures.
pub const LEGEND: &str = include_str!("legend.html");

pub use shown::{Pictures, ShownPicture, Stop};

/// Up to so many scenarios are shown in full from the start; of more only those that did not pass.
const OPEN_MAX: usize = 4;
/// More scenarios than these stand in folders.
const FLAT_MAX: usize = 12;

/// What the whole page says.
#[derive(Serialize)]
struct Page {
    picture_style: Value,
    style: Value,
    script: Value,
    patterns: Value,
    legend: Value,
    scenario_count: u64,
    passed: u64,
    failed: u64,
    invalid: u64,
    all: String,
    facts: Vec<Fact>,
    has_pictures: bool,
    folders: Vec<Folder>,
    /// What was tested on a target, by what was asked for.
    tested: Vec<TestedRow>,
    not_tested: Vec<Reason>,
    skipped: Vec<SkippedScenario>,
}

/// The scenarios of a folder, which opens where one of them did not pass.
#[derive(Serialize)]
struct Folder {
    /// The folder's path; `None` where there are too few scenarios to be put into folders.
    path: Option<String>,
    is_open: bool,
    count: String,
    failed: usize,
    invalid: usize,
    scenarios: Vec<Value>,
}

/// A scenario that was not played on a target.
#[derive(Serialize)]
struct SkippedScenario {
    path: String,
    why: String,
}

/// A number and what it counts.
#[derive(Serialize)]
struct Fact {
    number: String,
    noun: String,
}

/// Writes the page of a run: the summary, then every scenario with its picture; those that failed
/// come first, then the invalid ones.
///
/// Pictures are drawn where the verdicts hold them.
///
/// # Errors
/// When `out` does not take it.
pub fn page(
    out: &mut dyn Write,
    verdicts: &[Verdict],
    skipped: &[Skipped],
    summary: &Summary,
    took: Duration,
) -> Result<(), PageError> {
    let templates = Templates::new(&[
        (PAGE, include_str!("page.html")),
        (SCENARIO, include_str!("scenario.html")),
        (PICTURE, include_str!("picture.html")),
    ])?;
    let mut has_pictures = false;
    let mut folders: Vec<Folder> = Vec::new();
    for (index, (verdict, group)) in order(verdicts).into_iter().enumerate() {
        let picture = match picture::draw(verdict, index + 1, picture::SPACE) {
            None => None,
            Some(drawing) => {
                has_pictures = true;
                Some(templates.part(PICTURE, &drawing)?)
            }
        };
        let is_open = verdicts.len() <= OPEN_MAX || verdict.outcome() != Outcome::Passed;
        let mut scenario = scenario::tell(verdict, index + 1, is_open, picture);
        scenario.group = group;
        let path = (verdicts.len() > FLAT_MAX).then(|| folder_of(verdict));
        if folders.last().is_none_or(|folder| folder.path != path) {
            folders.push(Folder::new(path));
        }
        let folder = folders.last_mut().expect("it was put there");
        folder.add(verdict.outcome(), templates.part(SCENARIO, &scenario)?);
    }
    let totals = TestedTotals::of(verdicts);
    let scenario_count = summary.passed + summary.failed + summary.invalid;
    let page = Page {
        picture_style: as_it_is(PICTURE_STYLE),
        style: as_it_is(include_str!("style.css")),
        script: as_it_is(include_str!("script.js")),
        patterns: as_it_is(PATTERNS),
        legend: as_it_is(LEGEND),
        scenario_count,
        passed: summary.passed,
        failed: summary.failed,
        invalid: summary.invalid,
        all: counted(scenario_count, "scenario"),
        facts: facts(summary, took),
        has_pictures,
        folders,
        tested: totals.rows(),
        not_tested: totals.reasons(),
        skipped: skipped
            .iter()
            .map(|one| SkippedScenario {
                path: one.path.display().to_string(),
                why: one.why.clone(),
            })
            .collect(),
    };
    templates.page(out, PAGE, &page)
}

/// A text of ours, which is markup already.
fn as_it_is(text: &str) -> Value {
    Value::from_safe_string(text.to_owned())
}

impl Folder {
    fn new(path: Option<String>) -> Self {
        let is_open = path.is_none();
        Self { path, is_open, count: String::new(), failed: 0, invalid: 0, scenarios: Vec::new() }
    }

    fn add(&mut self, outcome: Outcome, scenario: Value) {
        match outcome {
            Outcome::Failed => self.failed += 1,
            Outcome::Invalid => self.invalid += 1,
            Outcome::Passed => {}
        }
        self.scenarios.push(scenario);
        self.is_open = self.path.is_none() || self.failed + self.invalid > 0;
        self.count = counted(self.scenarios.len() as u64, "scenario");
    }
}

/// The folder that a scenario's file is in.
fn folder_of(verdict: &Verdict) -> String {
    let folder = verdict.file.path.parent().map(|folder| folder.display().to_string());
    folder.filter(|folder| !folder.is_empty()).unwrap_or_else(|| ".".to_owned())
}

/// The verdicts in the order of the page, by how bad they are; the rows of a file stay together, and the
/// first of them has a heading. More than a few stand folder by folder, those first in which one is bad.
fn order(verdicts: &[Verdict]) -> Vec<(&Verdict, Option<String>)> {
    let place = |verdict: &Verdict| match verdict.outcome() {
        Outcome::Failed => 0,
        Outcome::Invalid => 1,
        Outcome::Passed => 2,
    };
    let groups = verdicts.chunk_by(|before, next| {
        before.file.row.is_some() && next.file.row.is_some() && before.file.path == next.file.path
    });
    let mut groups: Vec<&[Verdict]> = groups.collect();
    groups.sort_by_key(|group| group.iter().map(place).min());
    if verdicts.len() > FLAT_MAX {
        let mut folders: Vec<String> = groups.iter().map(|group| folder_of(&group[0])).collect();
        let mut known = HashSet::new();
        folders.retain(|folder| known.insert(folder.clone()));
        // In the order of their worst, which `groups` has by now.
        let rank = |group: &&[Verdict]| {
            let folder = folder_of(&group[0]);
            folders.iter().position(|known| *known == folder)
        };
        groups.sort_by_key(rank);
    }
    let mut order = Vec::with_capacity(verdicts.len());
    for group in groups {
        let passed = group.iter().filter(|verdict| verdict.outcome() == Outcome::Passed).count();
        let heading = (group.len() > 1).then(|| {
            let path = group[0].file.path.display();
            let rows = counted(group.len() as u64, "row");
            format!("{path}: {rows}, {} passed", thousands(passed as u64))
        });
        let headings = std::iter::once(heading).chain(std::iter::repeat(None));
        let start = order.len();
        order.extend(group.iter().zip(headings));
        // Of one file, too, what is wrong comes first; the heading stays in front.
        let heading = order[start].1.take();
        order[start..].sort_by_key(|(verdict, _)| place(verdict));
        order[start].1 = heading;
    }
    order
}

fn facts(summary: &Summary, took: Duration) -> Vec<Fact> {
    let fact = |count: u64, one: &str, many: &str| Fact {
        number: thousands(count),
        noun: if count == 1 { one.to_owned() } else { many.to_owned() },
    };
    let days = summary.simulated.as_days();
    let mut facts = vec![
        fact(summary.expectations, "expectation", "expectations"),
        fact(summary.expectations_false, "of them false", "of them false"),
        fact(summary.events, "event", "events"),
        match days {
            100.0.. => fact(days.round() as u64, "simulated day", "simulated days"),
            _ => Fact { number: format!("{days:.1}"), noun: "simulated days".to_owned() },
        },
        Fact { number: format!("{:.3} s", took.as_secs_f64()), noun: "of real time".to_owned() },
    ];
    if summary.anomalies > 0 {
        let rows = fact(summary.anomalies, "row cannot happen", "rows cannot happen");
        facts.insert(3, rows);
    }
    if summary.left_out > 0 {
        facts.push(fact(summary.left_out, "scenario left out", "scenarios left out"));
    }
    facts
}

#[cfg(test)]
mod tests;
