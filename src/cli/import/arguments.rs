//! `lamplighter import` as typed.

use std::path::PathBuf;

use clap::Args;

use super::given::GivenArguments;

/// `lamplighter import` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
A log of another product becomes a trace: who logs in and out where, and with which status. A mapping says
which columns say what, and what the log's words mean; options change it, or stand in its place. The trace
is written whatever could not be taken of the log; that is counted by kind, with the first of each.

Examples:
  lamplighter import queue_log --as asterisk --out trace.csv --world world.scenario
  lamplighter import states.csv --as five9 --zone America/Denver --action away=Coaching
  lamplighter import export.csv --columns at=Time,agent=User,action=State --action online=Ready
  lamplighter import --show zoom > ours.toml              # a mapping to start one's own from
  lamplighter import export.json --map ours.toml --pseudonymise key | head")]
pub struct ImportArguments {
    /// The log; `-` is standard input
    #[arg(value_name = "LOG", required_unless_present_any = ["list", "show"])]
    pub log: Option<PathBuf>,
    /// Where the trace goes; `-` is stdout
    #[arg(long, value_name = "FILE.csv", default_value = "-")]
    pub out: PathBuf,
    /// Write a first world, too: members, devices, zone, and hours guessed from when people were there
    #[arg(long, value_name = "FILE.scenario", requires = "log")]
    pub world: Option<PathBuf>,
    /// What the world's property is called, where the log names none (default: as the log's file)
    #[arg(long, value_name = "NAME", requires = "world")]
    pub property: Option<String>,
    /// Replace names by pseudonyms: the same for the same name and key, and nobody's without the key
    #[arg(long, value_name = "KEYFILE", alias = "pseudonymize")]
    pub pseudonymise: Option<PathBuf>,
    /// End with 1 if more rows than these cannot be taken
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub faults_max: u64,
    /// Read the log by a built-in mapping
    #[arg(long = "as", value_name = "NAME", conflicts_with = "map", help_heading = "Mapping")]
    pub built_in: Option<String>,
    /// Read the log by a mapping file of one's own
    #[arg(long, value_name = "FILE.toml", help_heading = "Mapping")]
    pub map: Option<PathBuf>,
    /// List the built-in mappings
    #[arg(long, help_heading = "Mapping", conflicts_with_all = ["log", "show"])]
    pub list: bool,
    /// Print a built-in mapping
    #[arg(long, value_name = "NAME", help_heading = "Mapping", conflicts_with = "log")]
    pub show: Option<String>,
    #[command(flatten)]
    pub given: GivenArguments,
}
