//! Arguments as typed: the commands, and what each of them takes.

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::path::Path;

use clap::builder::styling::{AnsiColor, Styles};
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use super::check::CheckArguments;
use super::common::Common;
use super::completions::CompletionsArguments;
use super::coverage::CoverageArguments;
use super::explain::ExplainArguments;
use super::fmt::FmtArguments;
use super::generate::GenerateArguments;
use super::import::ImportArguments;
use super::load::LoadArguments;
use super::lsp::LspArguments;
use super::man::ManArguments;
#[cfg(not(all(feature = "serve", feature = "load", feature = "target", feature = "lsp")))]
use super::not_built;
use super::play::PlayArguments;
use super::rule::RuleArguments;
use super::rules::RulesArguments;
use super::scenario::ScenarioArguments;
use super::serve::ServeArguments;
use super::simulate::SimulateArguments;
use super::store::StoreArguments;
use super::target::TargetArguments;
use lamplighter_scenario::play::named_row;

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

/// The commands, in the order in which the help lists them.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run scenarios in virtual time and say where a widget is not what it must be
    Scenario(ScenarioArguments),
    /// Say why a widget is as it is at an instant
    Explain(ExplainArguments),
    /// Read scenarios without judging them, and look for hours that are probably not meant
    Check(CheckArguments),
    /// Put scenario files into one form, with their comments
    Fmt(FmtArguments),
    /// Say how long widgets kept what their light promises, what other hours would do, and how many
    /// people it takes
    Coverage(Box<CoverageArguments>),
    /// Make a synthetic world with its working days: world.scenario and trace.csv
    Generate(GenerateArguments),
    /// Turn a log of another product into a trace, and into a first world
    Import(Box<ImportArguments>),
    /// Play random worlds through the engine and the rule book, and compare everything
    Simulate(SimulateArguments),
    #[command(about = about("Write a scenario in a page that draws it, judges it and says why while you type", cfg!(feature = "serve")))]
    #[cfg_attr(not(feature = "serve"), command(override_help = not_built::help("serve", "play")))]
    Play(PlayArguments),
    #[command(about = about("Serve the rules over HTTP: log in, look at it, break it, load it", cfg!(feature = "serve")))]
    #[cfg_attr(not(feature = "serve"), command(override_help = not_built::help("serve", "serve")))]
    Serve(ServeArguments),
    #[command(about = about("Look through, copy and put back what the service keeps", cfg!(feature = "serve")))]
    #[cfg_attr(not(feature = "serve"), command(override_help = not_built::help("serve", "store")))]
    Store(StoreArguments),
    #[command(about = about("Put a service under load and judge every answer; merge and compare results", cfg!(feature = "load")))]
    #[cfg_attr(not(feature = "load"), command(override_help = not_built::help("load", "load")))]
    Load(Box<LoadArguments>),
    #[command(about = about("Describe a chat service in a file, check it, and try it", cfg!(feature = "target")))]
    #[cfg_attr(not(feature = "target"), command(override_help = not_built::help("target", "target")))]
    Target(Box<TargetArguments>),
    #[command(about = about("Answer an editor: what is wrong while one types, what a word means, what the rules say there", cfg!(feature = "lsp")))]
    #[cfg_attr(not(feature = "lsp"), command(override_help = not_built::help("lsp", "lsp")))]
    Lsp(LspArguments),
    /// Say what a rule of the rule book says, where it comes from, and show it at work
    Rule(RuleArguments),
    /// The rules of products: those that are built in, and what would be another by them
    Rules(RulesArguments),
    /// Print the completions of a shell: what it needs to complete commands and options
    Completions(CompletionsArguments),
    /// Write manual pages: one for the program, and one for each of its commands
    Man(ManArguments),
}

/// What the list of commands says of one that not every build has.
fn about(text: &str, is_built: bool) -> String {
    let word = if is_built { "" } else { " (not in this build)" };
    format!("{text}{word}")
}

impl Arguments {
    /// Reads a command line, the program's name first.
    ///
    /// # Errors
    /// When it is none, or asks for help: what to say then.
    pub fn read(words: impl Iterator<Item = OsString>) -> Result<Self, clap::Error> {
        // Once, and not dropped, since the process ends soon: all commands with their options take most of
        // the time of a small run.
        let mut commands = ManuallyDrop::new(Self::command());
        let words = with_default_command(words, &commands);
        let mut matches = commands.try_get_matches_from_mut(words).map_err(with_file_hint)?;
        Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut commands))
    }
}

/// A word that is no command and is a file is meant to be played.
fn with_file_hint(mut refused: clap::Error) -> clap::Error {
    if let Some(ContextValue::String(word)) = refused.get(ContextKind::InvalidSubcommand)
        && Path::new(word).exists()
    {
        let tip = format!(
            "{word} is a file: `lamplighter scenario {word}` plays it; alone it can stand if its name \
             ends in .scenario"
        );
        refused.remove(ContextKind::SuggestedSubcommand);
        refused.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    refused
}

/// `lamplighter FILE.scenario` is short for `lamplighter scenario FILE.scenario`, and so for folders.
fn with_default_command(
    words: impl Iterator<Item = OsString>,
    commands: &clap::Command,
) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.collect();
    let is_command = |word: &OsString| {
        let commands = commands.get_subcommands().map(clap::Command::get_name);
        commands.chain(["help"]).any(|name| word == name)
    };
    let given = &words[1.min(words.len())..];
    let is_scenario = |word: &OsString| {
        named_row(Path::new(word)).0.extension().is_some_and(|extension| extension == "scenario")
    };
    // A folder without a command means the same, and so does standard input.
    let is_folder = given.first().is_some_and(|first| Path::new(first).is_dir() || first == "-");
    if (given.iter().any(is_scenario) || is_folder) && !given.iter().any(is_command) {
        words.insert(1, "scenario".into());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_scenario_file_alone_is_run() {
        let given = |line: &str| {
            let words = line.split(' ').map(OsString::from);
            let words = with_default_command(words, &Arguments::command()).into_iter();
            words.map(|word| word.into_string().expect("ascii")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(given("lamplighter a.scenario"), "lamplighter scenario a.scenario");
        assert_eq!(
            given("lamplighter --chart a.scenario"),
            "lamplighter scenario --chart a.scenario"
        );
        assert_eq!(given("lamplighter check a.scenario"), "lamplighter check a.scenario");
        assert_eq!(given("lamplighter nonsense"), "lamplighter nonsense");
    }
}
