//! Arguments of `load` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::load::gates::{Gate, GateError};

/// The run's own options come here.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Examples:
  lamplighter load merge part-*.json --json whole.json --html whole.html
  lamplighter load compare before.json after.json")]
pub struct LoadArguments {
    #[command(subcommand)]
    pub command: Option<LoadCommand>,
    #[command(flatten)]
    pub gates: GateArguments,
    #[command(flatten)]
    pub reports: ReportArguments,
}

#[derive(Subcommand, Debug)]
pub enum LoadCommand {
    /// Say what became worse or better from one result to another, and how certain that is
    Compare(CompareArguments),
    /// Add up the parts of a run that many generators made, exactly
    Merge(MergeArguments),
}

#[derive(Args, Debug)]
#[command(after_help = "\
Ends with 1 where something is worse by more than the margin, with certainty. Requests of one moment
fare alike and count as few witnesses; the certainty is that of all lines together. What another
machine or another day would give is not in it.

Examples:
  lamplighter load compare main.json branch.json
  lamplighter load compare main.json branch.json --margin 10% --quiet")]
pub struct CompareArguments {
    /// The result from before
    #[arg(value_name = "A.json")]
    pub before: PathBuf,
    /// The result from after
    #[arg(value_name = "B.json")]
    pub after: PathBuf,
    /// What changes by less is as it was
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = percent)]
    pub margin: f64,
    /// How certain a verdict must be
    #[arg(long, value_name = "PERCENT", default_value = "99%", value_parser = percent)]
    pub certainty: f64,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Histograms are added, not averaged; every gate of a part is held against the whole. A part alone is
taken, too: so reports are made from a result that is there already.

Examples:
  lamplighter load merge part-*.json --json whole.json --html whole.html
  lamplighter load merge whole.json --fail-if 'p99(widget) > 50ms' --junit gates.xml")]
pub struct MergeArguments {
    /// The results of the parts
    #[arg(required = true, value_name = "PART.json")]
    pub parts: Vec<PathBuf>,
    #[command(flatten)]
    pub gates: GateArguments,
    #[command(flatten)]
    pub reports: ReportArguments,
}

/// When a run fails.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Gates")]
pub struct GateArguments {
    /// Fail the run if this is so, e.g. 'p99(widget) > 50ms', 'errors(login) > 0.1%', 'wrong > 0'
    /// (which every run has), 'late(edge) > 1s', 'p99(light) > 300ms', 'rate < 99%'; repeatable
    #[arg(long, value_name = "GATE", value_parser = gate)]
    pub fail_if: Vec<Gate>,
    /// A file with such gates, one a line; `#` begins a comment
    #[arg(long, value_name = "FILE")]
    pub gates: Vec<PathBuf>,
}

/// Where reports go. With none of these they go to reports/load.json and reports/load.html.
#[derive(Args, Clone, Debug, Default)]
#[command(
    next_help_heading = "Reports (with none of these: reports/load.json and reports/load.html)"
)]
pub struct ReportArguments {
    /// Write the whole result as JSON, to merge and to compare; `-` is stdout
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write how things went over time as CSV, and percentiles beside it into FILE-percentiles.csv;
    /// `-` is stdout, with the first alone
    #[arg(long, value_name = "FILE.csv")]
    pub csv: Option<PathBuf>,
    /// Write a JUnit report: a case for each gate and each class of wrong answers; `-` is stdout
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write one self-contained page with pictures; `-` is stdout
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// The folder for a scenario of each wrong answer
    #[arg(long, value_name = "DIR", default_value = "reports/wrong")]
    pub wrong: PathBuf,
}

fn gate(text: &str) -> Result<Gate, GateError> {
    Gate::parse(text)
}

/// `5%`, as a part of one.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').trim_end().parse::<f64>();
    match number {
        Ok(percent) if (0.0..100.0).contains(&percent) => Ok(percent / 100.0),
        _ => Err("expected a percentage from 0 to below 100, e.g. `5%`".to_owned()),
    }
}
