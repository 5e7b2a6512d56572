//! The timestamp file of a server that runs under libfaketime (rule T51 of target files).

use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration};
use lamplighter_core::hours::Zone;
use lamplighter_core::model::Instant;
use thiserror::Error;

/// Why a clock cannot be put.
#[derive(Debug, Error)]
pub enum ClockError {
    /// The timestamp file cannot be written.
    #[error("the timestamp file {path} cannot be written: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the machine says.
        why: String,
    },
}

/// What a timestamp file says of an instant: its local time, to the second.
pub fn timestamp(at: Instant, zone: &Zone) -> String {
    let utc = DateTime::from_timestamp_millis(at.as_millis()).unwrap_or_default().naive_utc();
    let local = utc + Duration::seconds(i64::from(zone.offset_s(at)));
    local.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Writes what libfaketime reads, by rename: nobody sees half a file.
///
/// # Errors
/// [`ClockError::File`]
pub fn write_timestamp(path: &Path, local: &str) -> Result<(), ClockError> {
    let cannot =
        |error: std::io::Error| ClockError::File { path: path.to_owned(), why: error.to_string() };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    std::fs::write(&beside, format!("{local}\n")).map_err(cannot)?;
    std::fs::rename(&beside, path).map_err(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t51_the_timestamp_file_is_replaced_whole() {
        let folder = std::env::temp_dir().join(format!("lamplighter-clock-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("now");
        write_timestamp(&file, "2026-03-09 13:55:00").expect("written");
        write_timestamp(&file, "2026-03-09 13:56:00").expect("written");
        let left: Vec<_> = std::fs::read_dir(&folder).expect("there").flatten().collect();
        assert_eq!(std::fs::read_to_string(&file).expect("there"), "2026-03-09 13:56:00\n");
        assert_eq!(left.len(), 1);
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
