//! `lamplighter rules`: the rules of products, and what would be another by them.
//!
//! | file | what it does |
//! | --- | --- |
//! | `given` | rules by a name or out of a file, as typed |
//! | `diff` | scenarios played by two sets of rules, side by side |

mod diff;
mod given;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::exit::{Exit, Stop};
use super::terminal::printed;
use crate::report::Paint;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::products::{Known, PRODUCTS, Product};
use lamplighter_core::model::{Knob, RuleSet};

pub use given::given_rules;

/// `lamplighter rules` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
NAME is what is built in, or a file that ends in .toml and has a table [rules].

Examples:
  lamplighter rules list
  lamplighter rules show livehelperchat
  lamplighter rules diff tawk zendesk team.scenario
  lamplighter rules diff tawk ours.toml scenarios         # a line for each file")]
pub struct RulesArguments {
    /// What is asked for
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// What is asked of rules.
#[derive(Subcommand, Debug)]
pub enum RulesCommand {
    /// Name what is built in
    List,
    /// Print rules knob by knob, with their sources
    Show {
        /// A product that is built in, or a file
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Play scenarios by two sets of rules, and say where what widgets show first differs
    Diff {
        /// The rules to begin with
        #[arg(value_name = "A")]
        before: String,
        /// The rules to compare them with
        #[arg(value_name = "B")]
        after: String,
        /// Scenario files, or folders with *.scenario files below them
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}

/// Runs `lamplighter rules` with its arguments as typed, and gives the exit code.
pub fn run(arguments: RulesArguments, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let mut out = anstream::stdout().lock();
    match arguments.command {
        RulesCommand::List => {
            printed(list(&mut out).and_then(|()| out.flush()))?;
            Ok(Exit::AllWell)
        }
        RulesCommand::Show { name } => {
            let rules = given_rules(&name)?;
            let shown = show(&mut out, &name, &rules);
            printed(shown.and_then(|()| out.flush()))?;
            Ok(Exit::AllWell)
        }
        RulesCommand::Diff { before, after, paths } => diff::run(&before, &after, &paths, zones),
    }
}

fn list(out: &mut dyn Write) -> io::Result<()> {
    let width = PRODUCTS.iter().map(|product| product.name.len()).max().unwrap_or(0);
    for product in PRODUCTS {
        let rules = match product.known {
            Known::RuleBook => "the rule book, where nothing else is said".to_owned(),
            _ => product.rules().to_string(),
        };
        let name = format!("{:width$}", product.name);
        writeln!(out, "{}  {rules}", Paint::Strong.on(name))?;
    }
    Ok(())
}

/// All knobs with their positions, those of the rule book without emphasis, and what is known of a
/// product that is built in: a file of rules that can be kept.
fn show(out: &mut dyn Write, name: &str, rules: &RuleSet) -> io::Result<()> {
    let product = Product::of(name);
    if let Some(product) = product {
        writeln!(out, "# {}: {}", Paint::Strong.on(name), product.known.words())?;
        for source in product.sources {
            writeln!(out, "# source: {source}")?;
        }
        for beyond in product.beyond {
            writeln!(out, "# beside the knobs: {beyond}")?;
        }
        writeln!(out)?;
    }
    let others: Vec<Knob> = rules.unlike(&RuleSet::BOOK).collect();
    writeln!(out, "[rules]")?;
    for &knob in Knob::ALL {
        let line = format!("{} = \"{}\"", knob.name(), rules.position(knob));
        let padding = " ".repeat(34_usize.saturating_sub(line.len()));
        let line = match others.contains(&knob) {
            true => Paint::Strong.on(line).to_string(),
            false => line,
        };
        writeln!(out, "{line}{padding} # {}", knob.doc())?;
    }
    Ok(())
}
