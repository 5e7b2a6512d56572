//! Commands that this build was made without: they are listed all the same, and say how to build with
//! them.

use std::ffi::OsString;
use std::sync::Arc;

use clap::Args;

use super::built_without::built_without;
use super::exit::{Exit, Stop};
use lamplighter_core::hours::Zones;

/// Whatever stands behind a command that is not there.
#[derive(Args, Debug)]
#[command(disable_help_flag = true)]
pub struct Anything {
    /// Its own arguments, in a build with it
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    words: Vec<OsString>,
}

/// The help of a command that is not there: how to build with it.
pub fn help(feature: &str, command: &str) -> String {
    format!(
        "This build of lamplighter was made without `{feature}`. With it:\n\n  \
         cargo run --release --features {feature} -- help {command}\n"
    )
}

#[cfg(not(feature = "load"))]
pub mod load {
    use super::super::common::Common;
    use super::{Anything, Arc, Exit, Stop, Zones, built_without};

    pub type LoadArguments = Anything;

    pub fn run(_: Anything, _: &Common, _: &Arc<Zones>) -> Result<Exit, Stop> {
        Err(built_without("load"))
    }
}

#[cfg(not(feature = "lsp"))]
pub mod lsp {
    use super::{Anything, Arc, Exit, Stop, Zones, built_without};

    pub type LspArguments = Anything;

    pub fn run(_: Anything, _: &Arc<Zones>) -> Result<Exit, Stop> {
        Err(built_without("lsp"))
    }
}

#[cfg(not(feature = "serve"))]
pub mod play {
    use super::super::common::Common;
    use super::{Anything, Arc, Exit, Stop, Zones, built_without};

    pub type PlayArguments = Anything;

    pub fn run(_: Anything, _: &Common, _: &Arc<Zones>) -> Result<Exit, Stop> {
        Err(built_without("serve"))
    }
}

#[cfg(not(feature = "serve"))]
pub mod serve {
    use super::super::common::Common;
    use super::{Anything, Arc, Exit, Stop, Zones, built_without};

    pub type ServeArguments = Anything;

    pub fn run(_: Anything, _: &Common, _: &Arc<Zones>) -> Result<Exit, Stop> {
        Err(built_without("serve"))
    }
}

#[cfg(not(feature = "serve"))]
pub mod store {
    use super::super::common::Common;
    use super::{Anything, Exit, Stop, built_without};

    pub type StoreArguments = Anything;

    pub fn run(_: Anything, _: &Common) -> Result<Exit, Stop> {
        Err(built_without("serve"))
    }
}

#[cfg(not(feature = "target"))]
pub mod target {
    use super::super::common::Common;
    use super::{Anything, Exit, Stop, built_without};

    pub type TargetArguments = Anything;

    pub fn run(_: Anything, _: &Common) -> Result<Exit, Stop> {
        Err(built_without("target"))
    }
}
