//! Why a log could not be imported, and what to do about it.

use anyhow::anyhow;

use crate::cli::exit::{Exit, Stop};
use crate::cli::terminal::printed;
use crate::report::import as report;
use lamplighter_core::hours::UnknownZone;
use lamplighter_import::ImportError;
use lamplighter_import::log::OpenLogError;
use lamplighter_import::take::TakeError;

/// Why the log could not be imported, with its line where there is one.
pub fn failed(error: ImportError, is_pseudonymous: bool) -> Result<Exit, Stop> {
    let mut err = anstream::stderr().lock();
    match error {
        ImportError::Open(OpenLogError::NoColumn { column, near, needed, shown }) => {
            let told = report::NoColumn { column: &column, near: near.as_deref(), needed: &needed };
            printed(report::no_column(&mut err, &told, &shown, is_pseudonymous))?;
            Ok(Exit::Invalid)
        }
        ImportError::Open(OpenLogError::OpenQuote { shown }) => {
            printed(report::open_quote(&mut err, &shown, is_pseudonymous))?;
            Ok(Exit::Invalid)
        }
        ImportError::Take(TakeError::WithoutZone { text, shown }) => {
            printed(report::without_zone(&mut err, &text, &shown, is_pseudonymous))?;
            Ok(Exit::Invalid)
        }
        ImportError::Take(TakeError::Zone(unknown)) => Err(unknown_zone(unknown)),
        ImportError::Open(error @ OpenLogError::Utf16 { .. }) => {
            Err(Stop::invalid(error.into()).hint("save it as UTF-8, or as CSV (UTF-8)"))
        }
        ImportError::Open(error @ OpenLogError::Packed { .. }) => {
            let hint = "unpack it first, or give what `zcat` and the like print to `import -`; of a spreadsheet save the table as CSV";
            Err(Stop::invalid(error.into()).hint(hint))
        }
        ImportError::Open(error @ OpenLogError::Empty { .. }) => Err(Stop::invalid(error.into())),
        ImportError::Read(error @ lamplighter_import::log::ReadLogError::TooLong { .. }) => {
            let hint = "write its rows one a line first, e.g. with `jq -c '.[]'`";
            Err(Stop::invalid(error.into()).hint(hint))
        }
        ImportError::NoProperty { ref wanted, ref others } => {
            let hint = report::other_properties(&wanted[0], others, is_pseudonymous);
            Err(Stop::invalid(error.into()).hint(hint))
        }
        ImportError::Stopped => Err(Stop::machine(anyhow!("stopped: no trace was written"))),
        other => Err(Stop::machine(other.into())),
    }
}

/// A zone that the zone data lack, with the one that is perhaps meant.
pub fn unknown_zone(error: UnknownZone) -> Stop {
    let help = error.help();
    help.into_iter().fold(Stop::invalid(error.into()), Stop::hint)
}
