//! Arguments of `load` as typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::target::GivenArguments;
use lamplighter_core::model::text::TextError;
use lamplighter_core::model::{Instant, Millis, is_name};
use lamplighter_load::gates::{Gate, GateError};
use lamplighter_load::plan::Shard;
use lamplighter_load::plan::knobs::{Stage, Storm};

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
A working day of agents and visitors is laid around now and played; every answer is judged. Without
--host and --target a service is started for it on this machine. See docs/ for many generators, and
for target files, which describe other products.

A run fails if wrong > 0, errors > 1% or rate < 95%, unless another gate on the same thing is given.

Examples:
  lamplighter load --duration 30s
  lamplighter load --host http://staging:8080 --admin-key-file key --visitors 30s:0/s..2000/s,2000/s
  lamplighter load --target ours.toml --host http://chat.example:8008 --visitors 20/s
  lamplighter load --storm 20s:50% --fail-if 'p99(widget) > 50ms' --fail-if 'errors(login) > 0.1%'
  lamplighter load --fail-if 'late(edge) > 1s' --fail-if 'p99(propagation) > 300ms'
  lamplighter load --fail-if 'rate < 99%' --fail-if 'errors > 0.1%'
  lamplighter load merge part-*.json --json whole.json --html whole.html
  lamplighter load gather --parts 4 --abort-on-fail
  lamplighter load compare before.json after.json
  lamplighter load explain reports/wrong/001-stale.scenario")]
pub struct LoadArguments {
    #[command(subcommand)]
    pub command: Option<LoadCommand>,
    #[command(flatten)]
    pub run: RunArguments,
    #[command(flatten)]
    pub gates: GateArguments,
    #[command(flatten)]
    pub export: ExportArguments,
    #[command(flatten)]
    pub reports: ReportArguments,
}

/// What is played, and where.
#[derive(Args, Debug)]
pub struct RunArguments {
    /// How to speak to the service: a target file, or the name of a built-in one; without it that of
    /// `lamplighter serve`. What it cannot tell is not tested, and said
    #[arg(long, value_name = "FILE")]
    pub target: Option<String>,
    #[command(flatten)]
    pub given: GivenArguments,
    /// How long the run lasts
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = duration)]
    pub duration: Millis,
    /// Visitors: a rate, or `LENGTH:RATE,LENGTH:RATE..RATE`
    #[arg(long, value_name = "RATE", default_value = "200/s", value_parser = stages)]
    pub visitors: Stages,
    /// How they come
    #[arg(long, value_name = "HOW", default_value = "poisson")]
    pub arrivals: ArrivalsChoice,
    /// Above 2,000/s so many begin at one instant on average
    #[arg(long, value_name = "N", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub together: u32,
    /// Event streams that are held
    #[arg(long, value_name = "N", default_value_t = 100)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub streams: u32,
    /// Visitors in a thousand who leave a message
    #[arg(long, value_name = "N", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_000))]
    pub messages: u32,
    /// How soon edges, ends of graces and pushes must show
    #[arg(long, value_name = "TIME", default_value = "250ms", value_parser = duration)]
    pub within: Millis,
    /// Leave what was put on the target there
    #[arg(long)]
    pub keep: bool,
    /// End the run once it is sure to fail
    #[arg(long)]
    pub abort_on_fail: bool,
    /// Properties
    #[arg(long, value_name = "N", default_value_t = 50, help_heading = "World")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub properties: u32,
    /// That of a scenario instead: DIR with a world.scenario, or a file
    #[arg(long, value_name = "DIR", conflicts_with_all = ["properties", "agents"])]
    #[arg(help_heading = "World")]
    pub world: Option<PathBuf>,
    /// Agents a property; some work for others as well
    #[arg(long, value_name = "N", default_value_t = 5, help_heading = "World")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub agents: u32,
    /// Devices of those agents who use more than one
    #[arg(long, value_name = "N", default_value_t = 2, help_heading = "World")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=8))]
    pub devices: u32,
    /// What everything is drawn from
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "World")]
    pub seed: u64,
    /// The grace of the service for the run (rule P7); by default a tenth of it
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "World")]
    pub grace: Option<Millis>,
    /// How often agents do something; by default 1/8 of the run, 45s at most
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "World")]
    pub pace: Option<Millis>,
    /// In front of every name in reports, and of the ids of requests
    #[arg(long, value_name = "WORD", default_value = "load", value_parser = prefix)]
    #[arg(help_heading = "World")]
    pub prefix: String,
    /// How often connections are lost (30: one deed in 12)
    #[arg(long, value_name = "N", default_value_t = 30, help_heading = "Faults of clients")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_000))]
    pub flakiness: u32,
    /// When connections drop at once, and how many of 100; repeatable
    #[arg(long, value_name = "TIME:PERCENT", value_parser = Storm::parse)]
    #[arg(help_heading = "Faults of clients")]
    pub storm: Vec<Storm>,
    /// Statuses in a thousand that are sent twice at once
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = "Faults of clients")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_000))]
    pub duplicates: u32,
    /// Statuses in a thousand that others may overtake
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = "Faults of clients")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_000))]
    pub late: u32,
    /// Event streams in a hundred that are read slowly
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Faults of clients")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=100))]
    pub slow_readers: u32,
    /// Play a part of the plan, `2/4`; all parts make one run
    #[arg(long, value_name = "I/N", default_value = "1/1", value_parser = Shard::parse)]
    #[arg(help_heading = "Many generators")]
    pub shard: Shard,
    /// The first instant, the same for all parts; by default once all is set
    #[arg(long, value_name = "INSTANT")]
    #[arg(help_heading = "Many generators")]
    pub start_at: Option<Instant>,
    #[command(flatten)]
    pub gathered: GatheredArguments,
    /// Connections of visitors at most, streams not counted
    #[arg(long, value_name = "N", default_value_t = 4_096, help_heading = "Many generators")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub connections: u32,
    /// Without the gates `errors > 1%` and `rate < 95%`; `wrong > 0` stays
    #[arg(long, help_heading = "Gates")]
    pub no_default_gates: bool,
}

/// The gatherer that a part is told to.
#[derive(Args, Debug)]
#[command(next_help_heading = "Many generators")]
pub struct GatheredArguments {
    /// Start, be watched and end with the other parts: where `load gather` is
    #[arg(long, value_name = "URL", conflicts_with = "start_at")]
    pub gather: Option<String>,
    /// File with its token; LAMPLIGHTER_GATHER_TOKEN is the other way
    #[arg(long, value_name = "FILE", requires = "gather")]
    pub gather_token_file: Option<PathBuf>,
    /// Authorities to trust for it, as PEM, where it is https
    #[arg(long, value_name = "FILE", requires = "gather")]
    pub gather_ca_file: Option<PathBuf>,
}

/// Stages of a run, as one argument.
#[derive(Clone, Debug)]
pub struct Stages(pub Vec<Stage>);

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArrivalsChoice {
    // Independent of each other.
    Poisson,
    // The same time apart.
    Constant,
}

fn stages(text: &str) -> Result<Stages, String> {
    Stage::parse_all(text).map(Stages).map_err(|error| error.to_string())
}

/// A duration that is not nothing, and at most a month.
fn duration(text: &str) -> Result<Millis, String> {
    let length: Millis = text.parse().map_err(|error: TextError| error.to_string())?;
    match length.0 {
        1..=2_678_400_000 => Ok(length),
        _ => Err("expected more than nothing and at most 31d".to_owned()),
    }
}

fn prefix(text: &str) -> Result<String, String> {
    match is_name(text) && text.chars().count() <= 20 {
        true => Ok(text.to_owned()),
        false => Err("expected letters, digits, `.`, `_` and `-`, at most 20".to_owned()),
    }
}

#[derive(Subcommand, Debug)]
pub enum LoadCommand {
    /// Say what became worse or better from one result to another, and how certain that is
    Compare(CompareArguments),
    /// Add up the parts of a run that many generators made, exactly
    Merge(MergeArguments),
    /// Start many generators together, watch them as one test, and stop them all at once
    Gather(GatherArguments),
    /// Tell the story of a wrong answer: who was told what, what was right, and where to look
    Explain(ExplainArguments),
}

#[derive(Args, Debug)]
#[command(after_help = "\
Of a result with several wrong answers it lists them; --number or --request tells one.

Examples:
  lamplighter load explain reports/wrong/001-stale.scenario
  lamplighter load explain reports/load.json
  lamplighter load explain reports/load.json --number 2
  lamplighter load explain reports/load.json --request load-1-1234")]
pub struct ExplainArguments {
    /// A scenario or its JSON in reports/wrong, or a whole result
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// Which wrong answer of the result, from 1
    #[arg(long, value_name = "N")]
    pub number: Option<u64>,
    /// That of this request, by its X-Request-Id
    #[arg(long, value_name = "ID", conflicts_with = "number")]
    pub request: Option<String>,
}

#[derive(Args, Debug)]
#[command(override_usage = "\
lamplighter load compare [OPTIONS] <A.json> <B.json>
       lamplighter load compare [OPTIONS] --before <A.json>... --after <B.json>...")]
#[command(after_help = "\
Ends with 1 where something is worse by more than the smallest effect that matters, with
certainty; the certainty is that of all lines together. Requests of one moment fare alike: blocks
of some seconds are the witnesses, and what they differ by stands for what two runs of one service
differ by. That noise is told beside each figure; with three runs a side or more it is told by
them. When a run started makes no difference.

Examples:
  lamplighter load compare main.json branch.json
  lamplighter load compare main.json branch.json --min-effect 20% --quiet
  lamplighter load compare --before main-*.json --after branch-*.json")]
pub struct CompareArguments {
    /// The result from before
    #[arg(value_name = "A.json", required_unless_present = "before")]
    pub one: Option<PathBuf>,
    /// The result from after
    #[arg(value_name = "B.json", required_unless_present = "before")]
    pub other: Option<PathBuf>,
    /// Results from before, several runs of the same
    #[arg(long, value_name = "A.json", num_args = 1.., requires = "after")]
    #[arg(conflicts_with_all = ["one", "other"])]
    pub before: Vec<PathBuf>,
    /// Results from after, several runs of the same
    #[arg(long, value_name = "B.json", num_args = 1.., requires = "before")]
    #[arg(conflicts_with_all = ["one", "other"])]
    pub after: Vec<PathBuf>,
    /// The smallest effect that matters: what changes by less is as it was
    #[arg(long, alias = "margin", value_name = "PERCENT", default_value = "10%")]
    #[arg(value_parser = percent)]
    pub min_effect: f64,
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

#[derive(Args, Debug)]
#[command(after_help = "\
The generators are started by whatever starts processes on many machines, each with --gather URL and
its --shard I/N. Once all are ready they start at one instant. The test is seen here, at the address in
a browser (its token goes behind it: /?token=...), and as JSON at /v1/result. The reports are what
`load merge` makes of the parts' own files. A part that dies is named, and the end is 3.

Examples:
  lamplighter load gather --parts 4
  lamplighter load gather --parts 4 --listen 0.0.0.0:7400 --token-file token --abort-on-fail
  lamplighter load --gather http://127.0.0.1:7400 --shard 1/4 --host http://chat.staging:8080")]
pub struct GatherArguments {
    /// How many parts the plan is divided into
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub parts: u32,
    /// Where the parts, and browsers, find it
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7400")]
    pub listen: SocketAddr,
    /// File with what the parts and browsers must know; LAMPLIGHTER_GATHER_TOKEN is the other way.
    /// Without either it listens on this machine alone
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// A part is lost once nothing was heard of it for so long
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub lost_after: Millis,
    /// End all parts once the test is sure to fail
    #[arg(long)]
    pub abort_on_fail: bool,
    #[command(flatten)]
    pub gates: GateArguments,
    #[command(flatten)]
    pub export: ExportArguments,
    #[command(flatten)]
    pub reports: ReportArguments,
}

/// Where metrics go while it goes on.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Metrics meanwhile")]
pub struct ExportArguments {
    /// Have them read at http://ADDR/metrics, by Prometheus say
    #[arg(long, value_name = "ADDR")]
    pub prometheus: Option<SocketAddr>,
    /// Send them every 5s by OTLP over HTTP, with the headers of OTEL_EXPORTER_OTLP_HEADERS
    #[arg(long, value_name = "URL")]
    pub otlp: Option<String>,
    /// Authorities to trust for that, as PEM, where it is https
    #[arg(long, value_name = "FILE", requires = "otlp")]
    pub otlp_ca_file: Option<PathBuf>,
}

/// When a run fails.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Gates")]
pub struct GateArguments {
    /// Fail the run if this is so, as in the examples; repeatable
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
    /// The whole result, to merge and to compare; `-` is stdout
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Over time as CSV, with FILE-percentiles.csv beside it; `-` is stdout
    #[arg(long, value_name = "FILE.csv")]
    pub csv: Option<PathBuf>,
    /// A case for each gate and class of wrong answers; `-` is stdout
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// One self-contained page with pictures; `-` is stdout
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Folder for wrong answers: a list, each kind in full
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
