//! Arguments of `coverage` as typed.

use std::path::PathBuf;

use clap::Args;
use lamplighter_core::model::Millis;

/// `lamplighter coverage` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  lamplighter coverage team.scenario                        # a screen a widget
  lamplighter coverage team.scenario --html monday.html     # one page for the meeting
  lamplighter coverage team.scenario --visitors 200/day --visitors-by week.csv
  lamplighter coverage team.scenario --what-if 'an hour longer: acme scheduler Europe/London; mon-fri 08:00-18:00'
  lamplighter coverage team.scenario --visitors visits.csv --handle 6m --concurrent 3 --patience 2m --staff '80% within 30s'")]
pub struct CoverageArguments {
    /// The scenario, with its traces; `-` is standard input
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// Where the report begins (default: with the scenario): a local time in the file's zone, an instant,
    /// or relative to the start of the run
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub from: Option<String>,
    /// Where it ends (default: with the scenario); behind the last event the clock alone goes on
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub to: Option<String>,
    /// Show these widgets in full (repeatable; default: the four that cost the most)
    #[arg(long, value_name = "NAME")]
    pub widget: Vec<String>,
    /// A device that keeps a widget lit alone for longer than this without any event is a ghost
    #[arg(long, value_name = "DURATION", default_value = "12h")]
    pub ghost: Millis,
    /// What everything random is drawn from
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// How many worlds to play at once (default: one for each core)
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,

    /// Who visits: a CSV file (at,widget and any of page,device,country), or so many at each widget, as
    /// 200/day
    #[arg(long, value_name = "FILE.csv|N/day", help_heading = "Visitors")]
    pub visitors: Option<String>,
    /// How N/day spread over the week: 168 weights, one for each hour from Monday 00:00
    #[arg(long, value_name = "FILE.csv", help_heading = "Visitors", requires = "visitors")]
    pub visitors_by: Option<PathBuf>,

    /// Play the same events with other settings: 'LABEL: LINE; LINE', with `set` lines without `set`,
    /// grace, auto-away, rules, and `everyone` for all widgets (repeatable)
    #[arg(long, value_name = "LABEL: LINE; LINE", help_heading = "What if")]
    pub what_if: Vec<String>,
    /// The same from a file: a line `LABEL: LINE; LINE` each, further LINEs below it, indented
    #[arg(long, value_name = "FILE", help_heading = "What if")]
    pub what_if_file: Vec<PathBuf>,

    /// Simulate chats: how long one takes, exponential around this
    #[arg(long, value_name = "DURATION", help_heading = "Staffing", requires = "visitors")]
    pub handle: Option<Millis>,
    /// How long chats took, one a line, in seconds or as 5m40s; instead of --handle
    #[arg(long, value_name = "FILE", help_heading = "Staffing", requires = "visitors")]
    #[arg(conflicts_with = "handle")]
    pub handle_times: Option<PathBuf>,
    #[command(flatten)]
    pub chats: ChatArguments,

    /// Write everything as JSON; `-` is stdout
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub json: Option<PathBuf>,
    /// Write a row for each widget and hour of the week; `-` is stdout
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub csv: Option<PathBuf>,
    /// Write one self-contained page; `-` is stdout
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub html: Option<PathBuf>,
}

/// What chats are like.
#[derive(Args, Debug)]
pub struct ChatArguments {
    /// How many chats a member has in hand at most
    #[arg(long, value_name = "N", help_heading = "Staffing", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub concurrent: u32,
    /// How long visitors wait before they leave, exponential around this (default: for ever)
    #[arg(long, value_name = "DURATION", help_heading = "Staffing")]
    pub patience: Option<Millis>,
    /// Members who are away answer, too
    #[arg(long, help_heading = "Staffing")]
    pub away_answers: bool,
    /// How many seeded repetitions
    #[arg(long, value_name = "N", help_heading = "Staffing", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub runs: u32,
    /// Within which time a chat is to be answered
    #[arg(long, value_name = "DURATION", help_heading = "Staffing", default_value = "30s")]
    pub answer_within: Millis,
    /// Say for each hour of the week how many members it takes: '80% within 30s'
    #[arg(long, value_name = "SHARE within DURATION", help_heading = "Staffing")]
    pub staff: Option<String>,
}
