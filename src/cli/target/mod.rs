//! `lamplighter target`: files that say how to speak to a service.
//!
//! | file | what it does |
//! | --- | --- |
//! | `arguments` | as typed |
//! | `given` | a file with the variables and secrets that a run gives it, and where the target is |
//! | `opened` | a service to play on, looked up, and its clock |
//! | `reading` | built-in files and others, checked, with what is wrong underlined |
//! | `trial` | one agent's life, told as it goes |
//! | `failed` | why a run cannot go on, and what it leaves behind |

mod arguments;
mod failed;
mod given;
mod opened;
mod reading;
mod trial;

use super::common::Common;
use super::exit::{Exit, Stop};
use super::terminal::print_out;
use lamplighter_target::file::builtin::BUILT_IN;

pub use arguments::TargetArguments;
use arguments::TargetCommand;
#[cfg(feature = "load")]
pub use failed::SAY_THE_CLOCK;
pub use failed::{cannot_go_on, say_left};
pub use given::{Given, GivenArguments};
pub use opened::{Opened, START_ONE};

/// Runs `lamplighter target` with its arguments as typed, and gives the exit code.
pub fn run(arguments: TargetArguments, common: &Common) -> Result<Exit, Stop> {
    match arguments.command {
        TargetCommand::List => list(),
        TargetCommand::Show(show) => {
            print_out(format_args!("{}", reading::built_in(&show.name)?))?;
            Ok(Exit::AllWell)
        }
        TargetCommand::Check(check) => reading::check_all(&check.files, common),
        TargetCommand::Try(attempt) => trial::run(&attempt, common),
    }
}

/// A line for each built-in file: what it is called, and the comment at its top.
fn list() -> Result<Exit, Stop> {
    let width = BUILT_IN.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, text) in BUILT_IN {
        let about: Vec<&str> =
            text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim).collect();
        let tried = match reading::is_tried(text) {
            true => "",
            false => " (not tried)",
        };
        // The first sentence: what stands behind it is for who writes one like it.
        let about = about.join(" ");
        let about = about.split_inclusive(". ").next().unwrap_or_default().trim_end();
        print_out(format_args!("{name:<width$}  {about}{tried}\n"))?;
    }
    Ok(Exit::AllWell)
}
