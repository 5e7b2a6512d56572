//! Files that appear whole or not at all: written under another name beside their place, then renamed
//! in one step, so that nobody ever finds half of one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Error;

use super::exit::Stop;

/// A file that is being written. What is not [put in place](Self::put_in_place) is removed.
pub struct AtomicFile {
    path: PathBuf,
    /// Where it is written meanwhile; `None` once it is in place, and for what is no plain file, such
    /// as `/dev/null` or a link, which is written through.
    temporary: Option<PathBuf>,
    file: File,
}

impl AtomicFile {
    /// Begins a file, with the folders that lead to it.
    pub fn create(path: &Path) -> Result<Self, Stop> {
        Self::open(path).map_err(|error| cannot_write(path, error))
    }

    fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        if std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
            return Ok(Self { path: path.into(), temporary: None, file: File::create(path)? });
        }
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(format!(".{}.tmp", std::process::id()));
        let temporary = PathBuf::from(temporary);
        let file = File::create(&temporary)?;
        Ok(Self { path: path.into(), temporary: Some(temporary), file })
    }

    /// Puts the file in its place, with the permissions of what was there.
    pub fn put_in_place(mut self) -> Result<(), Stop> {
        let Some(temporary) = self.temporary.as_deref() else { return Ok(()) };
        let placed = match std::fs::metadata(&self.path) {
            Ok(before) => std::fs::set_permissions(temporary, before.permissions()),
            Err(_) => Ok(()),
        }
        .and_then(|()| std::fs::rename(temporary, &self.path));
        match placed {
            Ok(()) => {
                self.temporary = None;
                Ok(())
            }
            Err(error) => Err(cannot_write(&self.path, error)),
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // What went wrong was told; that its leftover stays is nothing to add.
            let _ = std::fs::remove_file(temporary);
        }
    }
}

/// Puts new content into a file in one step.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(|error| cannot_write(path, error))?;
    file.put_in_place()
}

/// That a file cannot be written, and what the machine said.
pub fn cannot_write(path: &Path, error: io::Error) -> Stop {
    Stop::machine(Error::new(error).context(format!("cannot write {}", path.display())))
}
