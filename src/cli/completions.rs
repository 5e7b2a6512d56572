//! `lamplighter completions`: what a shell needs to complete commands and options.

use std::io::Write;

use clap::{Args, Command};
use clap_complete::Shell;

use super::exit::{Exit, Stop};
use super::terminal::printed;

/// `lamplighter completions` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  lamplighter completions bash > ~/.local/share/bash-completion/completions/lamplighter
  lamplighter completions zsh > ~/.zfunc/_lamplighter          # with ~/.zfunc in $fpath
  lamplighter completions fish > ~/.config/fish/completions/lamplighter.fish")]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Runs the command; `program` is what it completes.
pub fn run(arguments: CompletionsArguments, mut program: Command) -> Result<Exit, Stop> {
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, name, &mut script);
    printed(anstream::stdout().lock().write_all(&script))?;
    Ok(Exit::AllWell)
}
