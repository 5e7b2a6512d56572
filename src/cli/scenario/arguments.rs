//! Arguments of `scenario` as typed.

use std::path::PathBuf;

use clap::Args;
use lamplighter_core::model::Millis;

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
  lamplighter scenario scenarios --rules zendesk          # what would be another answer there
  lamplighter scenario team.scenario --bless              # after a rule was changed on purpose
  lamplighter serve --clock manual:2026-01-01T00:00:00Z --admin-key-file key &
  lamplighter scenario team.scenario --host http://127.0.0.1:8080 --admin-key-file key
  lamplighter scenario scenarios --target ours.toml --host http://chat.example:8008")]
pub struct ScenarioArguments {
    /// Scenario files, or folders with *.scenario files below them; `-` is standard input
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
    /// Play them by the rules of this product or file instead of those of their headers
    #[arg(long, value_name = "NAME")]
    #[arg(conflicts_with_all = ["bless", "host", "target"])]
    pub rules: Option<String>,
    /// How many scenarios to run at once (default: one for each core)
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Play them on a running service instead, and hold what it shows against the rules; without
    /// --target it is the reference service, whose clock must be manual and stand before the first
    /// instant
    #[arg(long, value_name = "URL", help_heading = SERVICE)]
    #[arg(conflicts_with_all = ["bless", "timeline", "chart", "jobs"])]
    pub host: Option<String>,
    /// How to speak to the service: a target file, or the name of a built-in one; what it cannot
    /// tell is not tested, and counted
    #[arg(long, value_name = "FILE", help_heading = SERVICE)]
    #[arg(conflicts_with_all = ["bless", "timeline", "chart", "jobs"])]
    pub target: Option<String>,
    /// A variable or secret of the target file; LAMPLIGHTER_VAR_name does as well
    #[arg(long = "var", value_name = "NAME=VALUE", requires = "target", help_heading = SERVICE)]
    pub vars: Vec<String>,
    /// A file of its variables and secrets, a line `name=value` each
    #[arg(long, value_name = "FILE", requires = "target", help_heading = SERVICE)]
    pub var_file: Option<PathBuf>,
    /// How long a scenario may wait on a real clock; what waits longer is skipped [default: 5m]
    #[arg(long, value_name = "DURATION", requires = "target", help_heading = SERVICE)]
    pub real_time: Option<Millis>,
    /// Leave all that is made on the target
    #[arg(long, requires = "target", help_heading = SERVICE)]
    pub keep: bool,
    /// A file with its admin key; LAMPLIGHTER_ADMIN_KEY does as well
    #[arg(long, value_name = "FILE", help_heading = SERVICE)]
    pub admin_key_file: Option<PathBuf>,
    /// Authorities to trust with https, as PEM, instead of the machine's
    #[arg(long, visible_alias = "cacert", value_name = "FILE", help_heading = SERVICE)]
    pub ca_file: Option<PathBuf>,
}
