//! A running service, as typed: which target file, where, and what the file is given.

use std::path::PathBuf;

use clap::Args;
use lamplighter_core::model::Millis;

/// The heading of what concerns a service alone.
pub const SERVICE: &str = match cfg!(feature = "target") {
    true => "Against a service",
    false => "Against a service (not in this build)",
};

/// A service to play on, as typed.
#[derive(Args, Debug)]
pub struct ServiceArguments {
    /// Play on a running service instead, and hold what it shows against the rules; without --target
    /// it is the reference service, whose clock must be manual and stand before the first instant
    #[arg(long, value_name = "URL", help_heading = SERVICE)]
    pub host: Option<String>,
    /// How to speak to the service: a target file, or the name of a built-in one; what it cannot
    /// tell is not tested, and counted
    #[arg(long, value_name = "FILE", help_heading = SERVICE)]
    pub target: Option<String>,
    /// A variable or secret of the target file; LAMPLIGHTER_VAR_name does as well
    #[arg(long = "var", value_name = "NAME=VALUE", requires = "target", help_heading = SERVICE)]
    pub vars: Vec<String>,
    /// A file of its variables and secrets, a line `name=value` each
    #[arg(long, value_name = "FILE", requires = "target", help_heading = SERVICE)]
    pub var_file: Option<PathBuf>,
    /// How long a scenario may wait on a real clock; what waits longer is skipped [default: 5m]
    #[arg(long, value_name = "DURATION", requires = "target", help_heading = SERVICE)]
    pub real_time: Option<Millis>,
    /// Leave all that is made on the target
    #[arg(long, requires = "target", help_heading = SERVICE)]
    pub keep: bool,
    /// A file with its admin key; LAMPLIGHTER_ADMIN_KEY does as well
    #[arg(long, value_name = "FILE", help_heading = SERVICE)]
    pub admin_key_file: Option<PathBuf>,
    /// Authorities to trust with https, as PEM, instead of the machine's
    #[arg(long, visible_alias = "cacert", value_name = "FILE", help_heading = SERVICE)]
    pub ca_file: Option<PathBuf>,
}

impl ServiceArguments {
    /// Whether a service was named at all.
    pub fn is_any(&self) -> bool {
        self.target.is_some() || self.host.is_some()
    }
}
