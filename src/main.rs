//! The one binary. Everything is in the library; this calls it and exits.

use std::process::ExitCode;

fn main() -> ExitCode {
    lamplighter::cli::main()
}
