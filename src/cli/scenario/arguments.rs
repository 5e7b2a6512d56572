//! Arguments of `scenario` as typed.

use std::path::PathBuf;

use clap::Args;

const SERVICE: &str = match cfg!(feature = "target") {
    true => "Against a service",
    false => "Against a service (not in this build)",
};

/// `lamplighter scenario` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  lamplighter scenario scenarios --junit reports/junit.xml --html reports/scenarios.html
  lamplighter scenario night.scenario --timeline - | head
  lamplighter scenario tests/chat --github --quiet        # annotations in a pull request
  lamplighter scenario team.scenario --bless              # after a rule was changed on purpose
  lamplighter serve --clock manual:2026-01-01T00:00:00Z --admin-key-file key &
  lamplighter scenario team.scenario --host http://127.0.0.1:8080 --admin-key-file key")]
pub struct ScenarioArguments {
    /// Scenario files, or folders with *.scenario files below them
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write the timeline of one scenario as CSV (at,widget,status,chat,reason); `-` is stdout
    #[arg(long, value_name = "FILE.csv", help_heading = "Reports")]
    pub timeline: Option<PathBuf>,
    /// Draw each scenario in the terminal: devices and widgets against time
    #[arg(long, help_heading = "Reports")]
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
    #[arg(long)]
    pub bless: bool,
    /// How many scenarios to run at once (default: one for each core)
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Play them on a running service instead, through its HTTP API, and hold all that it says
    /// against the rules; its clock must be manual, and stand before the first instant
    #[arg(long, value_name = "URL", help_heading = SERVICE)]
    #[arg(conflicts_with_all = ["bless", "timeline", "chart", "jobs"])]
    pub host: Option<String>,
    /// A file with its admin key; LAMPLIGHTER_ADMIN_KEY does as well
    #[arg(long, value_name = "FILE", requires = "host", help_heading = SERVICE)]
    pub admin_key_file: Option<PathBuf>,
    /// Authorities to trust with https, as PEM, instead of the machine's
    #[arg(long, value_name = "FILE", requires = "host", help_heading = SERVICE)]
    pub ca_file: Option<PathBuf>,
}
