//! Arguments of `play` as typed.

use std::path::PathBuf;

use clap::Args;

/// `lamplighter play` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
The page is served on 127.0.0.1 alone, to this machine's browser. Ctrl-C ends it.

Examples:
  lamplighter play                            # examples to start from, and links that hold a text
  lamplighter play team.scenario              # what is saved on either side is seen on the other
  lamplighter play team.scenario --no-open    # prints the address, and opens nothing")]
pub struct PlayArguments {
    /// The scenario to show, to change and to save; files beside it can be included and replayed
    #[arg(value_name = "FILE")]
    pub path: Option<PathBuf>,
    /// The port to listen on; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
    /// Print the address alone, and open no browser
    #[arg(long)]
    pub no_open: bool,
}
