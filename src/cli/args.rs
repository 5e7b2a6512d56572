//! Arguments as typed.

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::knobs::KnobArguments;
use super::load::LoadArguments;
use super::serve::ServeArguments;
use super::simulate;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Blue.on_default().bold())
    .usage(AnsiColor::Blue.on_default().bold())
    .literal(AnsiColor::Green.on_default())
    .placeholder(AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "\
Examples:
  lamplighter scenario scenarios            run every scenario below a folder
  lamplighter team.scenario --chart         run one, and draw it
  lamplighter explain team.scenario --at '2026-03-09 17:02' --widget acme

Exit codes:
  0 all well · 1 an expectation is false · 2 invalid input or usage · 3 the machine failed";

/// Finds out whether the light in the window tells the truth: what a live-chat widget must show,
/// given who is logged in where, its scheduler and its settings.
#[derive(Parser, Debug)]
#[command(name = "lamplighter", styles = STYLES, after_help = EXAMPLES, disable_version_flag = true)]
#[command(subcommand_required = false, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub common: Common,
    /// Print the version and the release of the zone data in use
    #[arg(short = 'V', long)]
    pub version: bool,
}

/// What every command takes.
#[derive(Args, Debug)]
pub struct Common {
    /// Read zone data from a folder of compiled zone files instead of the bundled release
    #[arg(long, value_name = "DIR", global = true, help_heading = "Common options")]
    pub tzdata: Option<PathBuf>,
    /// Say only what is wrong
    #[arg(short, long, global = true, help_heading = "Common options")]
    pub quiet: bool,
    /// When to use colours; `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    #[arg(help_heading = "Common options")]
    pub color: Color,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Color {
    // On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run scenarios in virtual time and say where a widget is not what it must be
    Scenario(ScenarioArguments),
    /// Say why a widget is as it is at an instant
    Explain(ExplainArguments),
    /// Read scenarios without judging them, and look for hours that are probably not meant
    Check(CheckArguments),
    /// Make a synthetic world with its working days: world.scenario and trace.csv
    Generate(GenerateArguments),
    /// Play random worlds through the engine and through the rule book, and compare everything
    Simulate(SimulateArguments),
    /// Serve the rules over HTTP: log in, look at it, break it, load it
    Serve(ServeArguments),
    /// Put a service under load and judge every answer; merge and compare results
    Load(Box<LoadArguments>),
}

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
    #[arg(long, value_name = "URL", help_heading = "Against a service")]
    #[arg(conflicts_with_all = ["bless", "timeline", "chart", "jobs"])]
    pub host: Option<String>,
    /// A file with its admin key; LAMPLIGHTER_ADMIN_KEY does as well
    #[arg(long, value_name = "FILE", requires = "host", help_heading = "Against a service")]
    pub admin_key_file: Option<PathBuf>,
    /// Authorities to trust with https, as PEM, instead of the machine's
    #[arg(long, value_name = "FILE", requires = "host", help_heading = "Against a service")]
    pub ca_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  lamplighter explain team.scenario --at '2026-03-09 17:02' --widget acme
  lamplighter explain team.scenario --at 2026-03-09T21:02:00Z
  lamplighter explain team.scenario --at +90m --widget acme/sales --on /pricing --in FR --to mobile")]
pub struct ExplainArguments {
    /// The scenario
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// When: a local time in the file's zone, an instant, or relative to the start of the run
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: String,
    /// Which widget (not needed where there is only one)
    #[arg(long, value_name = "NAME")]
    pub widget: Option<String>,
    /// The page that a visitor is on
    #[arg(long, value_name = "URL", help_heading = "Visitor")]
    pub on: Option<String>,
    /// The visitor's country
    #[arg(long = "in", value_name = "CC", help_heading = "Visitor", value_parser = country)]
    pub country: Option<String>,
    /// The visitor's kind of device: desktop or mobile
    #[arg(long, value_name = "KIND", help_heading = "Visitor")]
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(["desktop", "mobile"]))]
    pub to: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Warnings are for: gaps of a minute between hours, hours that a clock change skips or doubles,
dated entries in the past, properties without members, hours in which nobody was ever present,
page patterns with a star that is no wildcard.

Examples:
  lamplighter check scenarios
  lamplighter check team.scenario --deny-warnings")]
pub struct CheckArguments {
    /// Scenario files, or folders with *.scenario files below them
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// End with 1 if there is a warning
    #[arg(long)]
    pub deny_warnings: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The same arguments give the same bytes, on every machine; the header of world.scenario has them all.

Examples:
  lamplighter generate --out town
  lamplighter generate --properties 1000 --days 1 --seed 7 --flakiness 200 --out flaky
  lamplighter scenario town/world.scenario --timeline town/timeline.csv")]
pub struct GenerateArguments {
    #[command(flatten)]
    pub knobs: KnobArguments,
    /// The folder for world.scenario and trace.csv; made if need be
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Every seed draws the options of a world, the world and its events. What the engine says is held
against the rule book followed word by word, minute by minute; what differs is made small and
written as a scenario. From 1,000 seeds on, every race that is listed must have been met, and all
small worlds are walked through, too. The same seeds give the same output, on any number of jobs.

Examples:
  lamplighter simulate                                # 2,000 seeds
  lamplighter simulate --seeds 17                     # one again
  lamplighter simulate --seeds 0..1000000 --minutes 60")]
pub struct SimulateArguments {
    /// The first seed and the one after the last, or one seed alone
    #[arg(long, value_name = "A..B", default_value = "0..2000", value_parser = simulate::seeds)]
    pub seeds: simulate::Seeds,
    /// Begin no further seed after so many minutes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub minutes: Option<u64>,
    /// How many seeds to play at once (default: one for each core)
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// The folder for the scenarios of failing seeds
    #[arg(long, value_name = "DIR", default_value = "reports/simulate")]
    pub out: PathBuf,
    /// Run against every deliberate fault instead, and say what caught it
    #[cfg(lamplighter_faults)]
    #[arg(long)]
    pub faults: bool,
    /// Run with one deliberate fault
    #[cfg(lamplighter_faults)]
    #[arg(long, value_parser = simulate::fault)]
    pub fault: Option<lamplighter_core::faults::Fault>,
}

/// Two capital letters, as in the language.
fn country(text: &str) -> Result<String, String> {
    match text.as_bytes() {
        [b'A'..=b'Z', b'A'..=b'Z'] => Ok(text.to_owned()),
        _ => Err("expected two capital letters (ISO 3166-1 alpha-2), e.g. `FR`".to_owned()),
    }
}
