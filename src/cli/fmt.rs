//! `lamplighter fmt`: scenario files, and worlds that they include, in their form.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Error, anyhow};
use clap::Args;

use super::atomic_file::replace_file;
use super::common::Common;
use super::exit::{Exit, Stop};
use super::files;
use super::terminal::{print_out, printed};
use crate::report::format::counted;
use crate::report::{Paint, text};
use lamplighter_scenario::language::Parsed;
use lamplighter_scenario::language::format::{FormatError, format, format_world};
use lamplighter_scenario::play::named_row;

/// `lamplighter fmt` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Blocks at the edge, their lines indented by two, hours by four; hours, greetings, rows of tables and
comments in columns; one blank line in place of several. Comments stay, and so do line ends and a byte
order mark. A file with errors is left alone, and the command ends with 2.

Examples:
  lamplighter fmt scenarios
  lamplighter fmt scenarios --check         # in CI
  lamplighter fmt - < team.scenario")]
pub struct FmtArguments {
    /// Files, or folders with *.scenario and *.world files below them; `-` is a scenario on standard input,
    /// formatted to standard output
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write nothing; print what would be changed, and end with 1 if anything would
    #[arg(long)]
    pub check: bool,
}

/// How many files came to what.
#[derive(Default)]
struct Count {
    changed: u64,
    unchanged: u64,
    faulty: u64,
}

/// Runs `lamplighter fmt` with its arguments as typed, and gives the exit code.
pub fn run(arguments: FmtArguments, common: &Common) -> Result<Exit, Stop> {
    let files::Files { found: paths, refused } = files::scenario_and_world_files(&arguments.paths);
    refused.iter().for_each(Stop::print);
    let mut worst = refused.iter().map(Stop::exit).max().unwrap_or(Exit::AllWell);
    let mut count = Count::default();
    for path in &paths {
        // The other files are formatted all the same.
        match one(path, &arguments, common, &mut count) {
            Ok(exit) => worst = worst.max(exit),
            Err(stop) => {
                worst = worst.max(stop.exit());
                stop.print();
            }
        }
    }
    let is_filter = !arguments.check && paths.iter().any(|path| files::is_stdin(path));
    if !common.quiet && !is_filter {
        let Count { changed, unchanged, faulty } = count;
        let word = if arguments.check { "to be formatted" } else { "formatted" };
        let files = counted(paths.len() as u64, "file");
        print_out(format_args!(
            "{files}: {changed} {word}, {unchanged} in their form, {faulty} with errors\n"
        ))?;
    }
    Ok(worst)
}

fn one(
    path: &Path,
    arguments: &FmtArguments,
    common: &Common,
    count: &mut Count,
) -> Result<Exit, Stop> {
    // A row of its table stands for the file that it is in.
    let (path, _) = named_row(path);
    let bytes = files::read(&path)?;
    let shown = path.display();
    let is_world = path.extension().is_some_and(|ending| ending == files::WORLD);
    let formatted = match if is_world { format_world(&bytes) } else { format(&bytes) } {
        Ok(formatted) => formatted,
        Err(FormatError::Faulty(parsed)) => {
            count.faulty += 1;
            tell_faults(&shown.to_string(), &parsed)?;
            let stop = Stop::invalid(anyhow!("{shown} is not formatted: it has errors"));
            return Err(stop);
        }
        Err(error @ FormatError::Different) => {
            let error = Error::new(error).context(format!("{shown} is left as it is"));
            return Err(Stop::machine(error).hint("please report this, with the file"));
        }
    };
    let is_changed = formatted.bytes != bytes;
    *if is_changed { &mut count.changed } else { &mut count.unchanged } += 1;
    if arguments.check {
        print_out(format_args!("{}", formatted.diff(&shown.to_string())))?;
        return Ok(if is_changed { Exit::Failed } else { Exit::AllWell });
    }
    if files::is_stdin(&path) {
        let mut out = std::io::stdout().lock();
        printed(out.write_all(&formatted.bytes).and_then(|()| out.flush()))?;
    } else if is_changed {
        // A link leads to the file that is to be replaced.
        let file = path.canonicalize().unwrap_or_else(|_| path.clone());
        replace_file(&file, &formatted.bytes)?;
        if !common.quiet {
            print_out(format_args!("{}   {shown}  formatted\n", Paint::Warn.on("ok")))?;
        }
    }
    Ok(Exit::AllWell)
}

fn tell_faults(shown: &str, parsed: &Parsed) -> Result<(), Stop> {
    let mut err = anstream::stderr().lock();
    for fault in &parsed.diagnostics {
        let told = text::coded_diagnostic(&mut err, shown, &parsed.source, fault);
        printed(told.and_then(|()| writeln!(err)))?;
    }
    Ok(())
}
