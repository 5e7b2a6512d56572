//! `lamplighter man`: a manual page for the program and for each of its commands.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::anyhow;
use clap::{Args, Command};
use clap_mangen::Man;

use super::atomic_file::{cannot_write, replace_file};
use super::common::Common;
use super::exit::{Exit, Stop};
use super::terminal::printed;
use crate::report::format::counted;

/// `lamplighter man` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  lamplighter man ~/.local/share/man/man1 && man lamplighter-scenario")]
pub struct ManArguments {
    /// The folder for the pages; made if need be
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// Runs the command; `program` is what the pages are of.
pub fn run(arguments: ManArguments, common: &Common, program: Command) -> Result<Exit, Stop> {
    if arguments.folder.exists() && !arguments.folder.is_dir() {
        let message = anyhow!("{} is not a folder", arguments.folder.display());
        return Err(Stop::invalid(message).hint("name a folder, new or old, for the pages"));
    }
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let mut count = 0;
    let mut open = vec![program];
    while let Some(command) = open.pop() {
        open.extend(command.get_subcommands().cloned());
        let page = Man::new(command).source(concat!("lamplighter ", env!("CARGO_PKG_VERSION")));
        let path = arguments.folder.join(page.get_filename());
        let mut bytes = Vec::new();
        page.render(&mut bytes).map_err(|error: io::Error| cannot_write(&path, error))?;
        replace_file(&path, &bytes)?;
        count += 1;
    }
    if !common.quiet {
        let (count, folder) = (counted(count, "page"), arguments.folder.display());
        printed(writeln!(anstream::stderr(), "{folder}: {count}"))?;
    }
    Ok(Exit::AllWell)
}
