//! `lamplighter store`: what is kept, looked through, copied, and put back.

mod arguments;

use super::common::Common;
use super::exit::{Exit, Stop};
use super::serve::cannot_use;
use super::terminal::print_out;
use lamplighter_service::{Checked, StoreError, back_up, check_store, restore};

pub use arguments::StoreArguments;
use arguments::StoreCommand;

/// Runs `lamplighter store` with its arguments as typed, and gives the exit code.
pub fn run(arguments: StoreArguments, _: &Common) -> Result<Exit, Stop> {
    match arguments.command {
        StoreCommand::Check { file } => match check_store(&file) {
            Ok(checked) => say(&format!("{} is sound", file.display()), &checked),
            // That is what was asked.
            Err(error @ StoreError::Damaged { .. }) => {
                print_out(format_args!("{error}\n"))?;
                Ok(Exit::Failed)
            }
            Err(error) => Err(cannot_use(error)),
        },
        StoreCommand::Backup { file, copy } => {
            let checked = back_up(&file, &copy).map_err(cannot_use)?;
            say(&format!("{} is a copy of {}", copy.display(), file.display()), &checked)
        }
        StoreCommand::Restore { copy, file, replace } => {
            let checked = restore(&copy, &file, replace).map_err(cannot_use)?;
            say(&format!("{} is what {} was", file.display(), copy.display()), &checked)
        }
    }
}

/// What was found, in two lines.
fn say(what: &str, Checked { rows, reached }: &Checked) -> Result<Exit, Stop> {
    let rows: Vec<String> = rows.iter().map(|(table, count)| format!("{count} {table}")).collect();
    let reached = reached.map_or("nothing has happened yet".to_owned(), |at| format!("until {at}"));
    print_out(format_args!("{what}, {reached}\n{}\n", rows.join(", ")))?;
    Ok(Exit::AllWell)
}
