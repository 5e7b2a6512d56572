//! `lamplighter lsp`: answers an editor over standard input and output, by the Language Server Protocol
//! (3.17).
//!
//! | file | what it does |
//! | --- | --- |
//! | `server` | takes messages in, and hands each to who answers it |
//! | `client` | what is sent to the editor |
//! | `session`, `wanted` | what editor and server have agreed on; what the server asks for beyond that |
//! | `open`, `analysis`, `open_files` | a file as it is open; what looking at it gave; all files as they are open |
//! | `answers` | answers that need no playing |
//! | `places`, `outline`, `fixes` | names over all files; parts of a file; what mends what was found |
//! | `checker` | a thread that looks at open files, the newest text of each |
//! | `played` | what playing a file says |
//! | `published` | what every file was said to have, and by which others |
//! | `convert` | places, findings and files as the protocol has them |

mod analysis;
mod answers;
mod checker;
mod client;
mod convert;
mod fixes;
mod open;
mod open_files;
mod outline;
mod places;
mod played;
mod published;
mod server;
mod session;
mod wanted;

use std::sync::Arc;

use anyhow::{Error, anyhow};
use clap::Args;
use lsp_server::Connection;

use super::exit::{Exit, Stop};
use client::Client;
use lamplighter_core::hours::Zones;
use server::Server;
use session::Session;

/// `lamplighter lsp` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
For an editor to start; by hand it waits for messages of the Language Server Protocol. What is wrong
with a scenario is shown while one types, in the words of `lamplighter check` and `lamplighter
scenario`; a scenario with traces of more than a mebibyte is played when it is opened or saved.
How editors are set up is written in editors/README.md.")]
pub struct LspArguments {
    /// Speak over standard input and output, as it does without it: some editors say so
    #[arg(long)]
    pub stdio: bool,
}

/// Runs the command until the editor ends it.
pub fn run(_: LspArguments, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let (connection, threads) = Connection::stdio();
    let begun = connection.initialize_start();
    let exit = match begun {
        Ok((id, params)) => {
            let session = Session::new(&params).map_err(|error| {
                Stop::invalid(
                    Error::new(error).context("the editor's `initialize` is not understood"),
                )
            })?;
            let client = Client::new(connection);
            client.answer(id, &session.agreed());
            Server::new(client, session, Arc::clone(zones)).run()
        }
        // The editor has gone before it began.
        Err(error) => {
            drop(connection);
            Err(anyhow!("the editor did not begin with `initialize`: {error}"))
        }
    };
    match threads.join() {
        Ok(()) => exit.map_err(Stop::machine),
        Err(error) => {
            Err(Stop::machine(Error::new(error).context("the connection to the editor broke")))
        }
    }
}
