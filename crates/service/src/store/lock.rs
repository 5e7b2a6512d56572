//! The file beside a store that keeps other processes out, and in which a service notes that it is there.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::error::StoreError;
use lamplighter_core::model::Instant;

/// Keeps other processes out: a second service would answer from a state that grows old. One that is
/// just ending, or a child of it that has not begun its own program yet, is waited for.
///
/// # Errors
/// [`StoreError::InUse`] where another process still has it after a second, and [`StoreError::Machine`]
/// where the file beside the store cannot be opened or locked.
pub fn lock(path: &Path) -> Result<File, StoreError> {
    const WAIT: Duration = Duration::from_secs(1);
    const PAUSE: Duration = Duration::from_millis(10);
    let machine =
        |error: io::Error| StoreError::Machine { path: path.to_owned(), why: error.to_string() };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let mut file = File::options();
    file.create(true).truncate(false).read(true).write(true);
    let file = file.open(&beside).map_err(machine)?;
    let begun = std::time::Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if begun.elapsed() < WAIT => thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { path: path.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(machine(error)),
        }
    }
}

/// Notes that a service is there. It is not waited for until it is on disk.
///
/// # Errors
/// When the file cannot be written.
pub fn note_alive(lock: &mut File, at: Instant) -> io::Result<()> {
    lock.seek(SeekFrom::Start(0))?;
    lock.write_all(format!("{:>20}\n", at.as_millis()).as_bytes())
}

/// When a service last noted that it is there.
pub fn read_alive(lock: &mut File) -> Option<Instant> {
    let mut noted = String::new();
    lock.take(64).read_to_string(&mut noted).ok()?;
    noted.trim().parse().ok().and_then(Instant::from_millis)
}
