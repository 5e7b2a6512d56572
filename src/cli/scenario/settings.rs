//! Arguments of `scenario` as typed into settings as used.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::anyhow;

use super::arguments::ScenarioArguments;
use super::choice::Choice;
use super::timeline::TimelineReport;
use crate::cli::exit::{Exit, Stop};
use crate::cli::files::{Files, scenario_files};
use crate::cli::output::is_stdout;
use crate::cli::process;
use crate::cli::rules::given_rules;
use crate::cli::same_file::{apart, each, scenario_files_of};
use crate::cli::side_by_side::Threads;
use lamplighter_core::model::RuleSet;

/// What is run, and how.
pub struct Settings {
    /// The scenarios, each once, in the order in which their verdicts are told.
    pub files: Vec<PathBuf>,
    /// Which of the scenarios in them.
    pub choice: Choice,
    /// Whether a report draws what the devices and widgets were.
    pub has_pictures: bool,
    /// Takes the rows of the one scenario that there then is.
    pub timeline: Option<Mutex<TimelineReport>>,
    /// The rules that all of them go by, instead of those of their headers.
    pub rules: Option<RuleSet>,
    /// How many scenarios run at once, and what each of them has.
    pub threads: Threads,
    /// Whether a report goes to stdout, so that talk must not.
    pub stdout_is_taken: bool,
}

impl Settings {
    /// The settings, and how bad it is what was refused of the paths, which is told here.
    pub fn new(arguments: &ScenarioArguments) -> Result<(Self, Exit), Stop> {
        let Files { found: files, refused } = scenario_files(&arguments.paths);
        refused.iter().for_each(Stop::print);
        let refused = refused.iter().map(Stop::exit).max().unwrap_or(Exit::AllWell);
        if arguments.timeline.is_some() && files.len() > 1 {
            let message = anyhow!("--timeline takes one scenario, and there are {}", files.len());
            return Err(Stop::invalid(message).hint("name one file"));
        }
        let github = arguments.github.then_some(Path::new("-"));
        let ScenarioArguments { timeline, junit, json, html, .. } = arguments;
        let written = [
            ("--github", github),
            ("--timeline", timeline.as_deref()),
            ("--junit", junit.as_deref()),
            ("--json", json.as_deref()),
            ("--html", html.as_deref()),
        ];
        let scenarios = scenario_files_of(&files);
        let mut read = each("a scenario", &scenarios);
        read.extend(arguments.rules.as_deref().map(|rules| ("the rules", Path::new(rules))));
        apart(&written, &read)?;
        let stdout_is_taken = written[1..].iter().any(|(_, path)| path.is_some_and(is_stdout));
        let rules = arguments.rules.as_deref().map(given_rules).transpose()?;
        let settings = Self {
            choice: Choice::new(arguments),
            rules,
            has_pictures: arguments.chart || arguments.html.is_some(),
            timeline: arguments.timeline.clone().map(|path| Mutex::new(TimelineReport::new(path))),
            threads: Threads::shared(process::jobs(arguments.jobs), files.len()),
            files,
            stdout_is_taken,
        };
        Ok((settings, refused))
    }
}
