//! Arguments of `scenario` as typed.

use std::path::PathBuf;

use clap::Args;

use crate::cli::service::ServiceArguments;

/// `lamplighter scenario` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  lamplighter scenario scenarios --junit reports/junit.xml --html reports/scenarios.html
  lamplighter scenario night.scenario --timeline - | head
  lamplighter scenario tests/chat --github --quiet        # annotations in a pull request
  lamplighter scenario scenarios --tag dst --not-tag slow # those alone that are labelled so
  lamplighter scenario scenarios --rules zendesk          # what would be another answer there
  lamplighter scenario team.scenario --bless              # after a rule was changed on purpose
  lamplighter scenario scenarios --watch                  # runs again what a saved file concerns
  lamplighter serve --clock manual:2026-01-01T00:00:00Z --admin-key-file key &
  lamplighter scenario team.scenario --host http://127.0.0.1:8080 --admin-key-file key
  lamplighter scenario scenarios --target ours.toml --host http://chat.example:8008")]
pub struct ScenarioArguments {
    /// Scenario files, or folders with *.scenario files below them; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Run those alone that have this tag in their header; of several one is enough
    #[arg(long, value_name = "TAG", help_heading = "Choice")]
    pub tag: Vec<String>,
    /// Leave out those that have this tag
    #[arg(long, value_name = "TAG", help_heading = "Choice")]
    pub not_tag: Vec<String>,
    /// Run those alone that have this text in title or path; of several one is enough
    #[arg(long, value_name = "TEXT", help_heading = "Choice")]
    pub filter: Vec<String>,
    /// Write the timeline of one scenario as CSV (at,widget,status,chat,reason); `-` is stdout
    #[arg(long, value_name = "FILE.csv", help_heading = "Reports")]
    #[arg(conflicts_with_all = ["host", "target"])]
    pub timeline: Option<PathBuf>,
    /// Draw each scenario in the terminal: devices and widgets against time
    #[arg(long, help_heading = "Reports", conflicts_with_all = ["host", "target"])]
    pub chart: bool,
    /// Write a JUnit report; `-` is stdout
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub junit: Option<PathBuf>,
    /// Write everything as JSON; `-` is stdout
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub json: Option<PathBuf>,
    /// Write one self-contained page with verdicts and timeline pictures; `-` is stdout
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub html: Option<PathBuf>,
    /// Print annotations for GitHub Actions
    #[arg(long, help_heading = "Reports")]
    pub github: bool,
    /// Rewrite the words of false expectations in place, so that they say what is
    #[arg(long, conflicts_with_all = ["host", "target"])]
    pub bless: bool,
    /// Run again what a saved file concerns, and show only that, until Ctrl-C
    #[arg(long, conflicts_with_all = ["host", "target", "bless", "timeline", "junit", "json", "html", "github"])]
    pub watch: bool,
    /// Play them by the rules of this product or file instead of those of their headers
    #[arg(long, value_name = "NAME")]
    #[arg(conflicts_with_all = ["bless", "host", "target"])]
    pub rules: Option<String>,
    /// How many scenarios to run at once (default: one for each core)
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    #[arg(conflicts_with_all = ["host", "target"])]
    pub jobs: Option<u16>,
    #[command(flatten)]
    pub service: ServiceArguments,
}
