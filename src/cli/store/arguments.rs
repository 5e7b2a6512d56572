//! Arguments of `store` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `lamplighter store` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  lamplighter store check lamplighter.db                     # every page, and the sum of every row
  lamplighter store backup lamplighter.db monday.db          # while the service runs, too
  lamplighter store restore monday.db lamplighter.db --replace")]
pub struct StoreArguments {
    #[command(subcommand)]
    pub command: StoreCommand,
}

/// What is to be done with a store.
#[derive(Subcommand, Debug)]
pub enum StoreCommand {
    /// Look through all of a store; a service may use it meanwhile. Ends with 1 where it is not what was written
    Check {
        /// The store's file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Copy a store as it is at one moment; a service may use it meanwhile
    Backup {
        /// The store's file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The copy, which must not be there yet
        #[arg(value_name = "COPY")]
        copy: PathBuf,
    },
    /// Put a copy back, where it is sound and no service uses the store
    Restore {
        /// The copy
        #[arg(value_name = "COPY")]
        copy: PathBuf,
        /// The store's file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Put a store that is there aside, as FILE.before
        #[arg(long)]
        replace: bool,
    },
}
