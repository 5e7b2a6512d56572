//! Arguments of `coverage` as typed.

use std::path::{Path, PathBuf};

use crate::cli::same_file::each;
use clap::{Args, Subcommand};
use lamplighter_core::model::Millis;
use lamplighter_scenario::shard::Shard;

/// How long a chat takes, be it told or recorded: without it there are none.
const CHAT_LENGTH: &str = "chat-length";

/// `lamplighter coverage` as typed.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
Examples:
  lamplighter coverage team.scenario                        # a screen a widget
  lamplighter coverage team.scenario --html monday.html     # one page for the meeting
  lamplighter coverage team.scenario --visitors 200/day --visitors-by week.csv
  lamplighter coverage team.scenario --what-if 'an hour longer: acme scheduler Europe/London; mon-fri 08:00-18:00'
  lamplighter coverage team.scenario --visitors visits.csv --handle 6m --concurrent 3 --patience 2m --staff '80% within 30s'
  lamplighter coverage worlds                               # a line a scenario of a folder
  lamplighter coverage worlds --shard 2/4 --json part-2.json
  lamplighter coverage merge part-*.json")]
pub struct CoverageArguments {
    #[command(subcommand)]
    pub command: Option<CoverageCommand>,
    /// The scenario, with its traces; `-` is standard input. Of a folder all its scenarios, each by itself
    #[arg(value_name = "FILE", required = true)]
    pub path: Option<PathBuf>,
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
    #[arg(group = CHAT_LENGTH)]
    pub handle: Option<Millis>,
    /// How long chats took, one a line, in seconds or as 5m40s; instead of --handle
    #[arg(long, value_name = "FILE", help_heading = "Staffing", requires = "visitors")]
    #[arg(group = CHAT_LENGTH)]
    pub handle_times: Option<PathBuf>,
    #[command(flatten)]
    pub chats: ChatArguments,

    /// Play a part of a folder's scenarios, `2/4`; all parts make one report
    #[arg(long, value_name = "I/N", value_parser = Shard::parse, requires = "json")]
    #[arg(help_heading = "Many machines")]
    pub shard: Option<Shard>,

    /// Write everything as JSON, of a folder an object a line; `-` is stdout
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub json: Option<PathBuf>,
    /// Write a row for each widget and hour of the week; `-` is stdout
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub csv: Option<PathBuf>,
    /// Write one self-contained page; `-` is stdout
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub html: Option<PathBuf>,
}

impl CoverageArguments {
    /// The files that are read beside scenarios, each with what it has.
    pub fn read(&self) -> Vec<(&'static str, &Path)> {
        let Self { visitors, visitors_by, handle_times, what_if_file, .. } = self;
        let mut read = each("the alternatives", what_if_file);
        read.extend(visitors.as_deref().map(|path| ("the visitors", Path::new(path))));
        read.extend(visitors_by.as_deref().map(|path| ("the curve of visitors", path)));
        read.extend(handle_times.as_deref().map(|path| ("the times of chats", path)));
        read
    }

    /// The arguments by which reports differ, as one text.
    pub fn that_count(&self) -> String {
        let nowhere = Self { path: None, jobs: None, shard: None, json: None, ..self.clone() };
        format!("{nowhere:?}")
    }
}

/// What is made of parts.
#[derive(Subcommand, Clone, Debug)]
pub enum CoverageCommand {
    /// Put the parts of a folder together whose scenarios were divided
    Merge(MergeArguments),
}

/// `lamplighter coverage merge` as typed.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
However the scenarios are divided, what is printed and written is what one machine prints and writes.

Examples:
  lamplighter coverage worlds --shard 2/4 --json part-2.json
  lamplighter coverage merge part-*.json --json whole.json")]
pub struct MergeArguments {
    /// What the parts have written
    #[arg(required = true, value_name = "PART.json")]
    pub parts: Vec<PathBuf>,
    /// Write all of it, a JSON object a line; `-` is stdout
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// What chats are like.
#[derive(Args, Clone, Debug)]
pub struct ChatArguments {
    /// How many chats a member has in hand at most
    #[arg(long, value_name = "N", help_heading = "Staffing", default_value_t = 1)]
    #[arg(requires = CHAT_LENGTH)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub concurrent: u32,
    /// How long visitors wait before they leave, exponential around this (default: for ever)
    #[arg(long, value_name = "DURATION", help_heading = "Staffing", requires = CHAT_LENGTH)]
    pub patience: Option<Millis>,
    /// Members who are away answer, too
    #[arg(long, help_heading = "Staffing", requires = CHAT_LENGTH)]
    pub away_answers: bool,
    /// How many seeded repetitions
    #[arg(long, value_name = "N", help_heading = "Staffing", default_value_t = 20)]
    #[arg(requires = CHAT_LENGTH)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub runs: u32,
    /// Within which time a chat is to be answered
    #[arg(long, value_name = "DURATION", help_heading = "Staffing", default_value = "30s")]
    #[arg(requires = CHAT_LENGTH)]
    pub answer_within: Millis,
    /// Say for each hour of the week how many members it takes: '80% within 30s'
    #[arg(long, value_name = "SHARE within DURATION", help_heading = "Staffing")]
    pub staff: Option<String>,
}
