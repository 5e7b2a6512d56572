//! Files that appear whole or not at all: written aside, then put in their place in one step.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Error;

use super::rim::Stop;

/// A file on its way. What is not [put in place](Self::put_in_place) is removed.
pub struct Aside {
    path: PathBuf,
    /// Where it is written; `None` once it is in place, and for what is no plain file, such as
    /// `/dev/null` or a link, which is written through.
    aside: Option<PathBuf>,
    file: File,
}

impl Aside {
    /// Begins a file, with the folders that lead to it.
    pub fn create(path: &Path) -> Result<Self, Stop> {
        Self::open(path).map_err(|error| cannot_write(path, error))
    }

    fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        if std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
            return Ok(Self { path: path.into(), aside: None, file: File::create(path)? });
        }
        let mut aside = path.as_os_str().to_owned();
        aside.push(format!(".{}.tmp", std::process::id()));
        let aside = PathBuf::from(aside);
        let file = File::create(&aside)?;
        Ok(Self { path: path.into(), aside: Some(aside), file })
    }

    /// Puts the file in its place, with the permissions of what was there.
    pub fn put_in_place(mut self) -> Result<(), Stop> {
        let Some(aside) = self.aside.as_deref() else { return Ok(()) };
        let placed = match std::fs::metadata(&self.path) {
            Ok(before) => std::fs::set_permissions(aside, before.permissions()),
            Err(_) => Ok(()),
        }
        .and_then(|()| std::fs::rename(aside, &self.path));
        match placed {
            Ok(()) => {
                self.aside = None;
                Ok(())
            }
            Err(error) => Err(cannot_write(&self.path, error)),
        }
    }
}

impl Write for Aside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Some(aside) = &self.aside {
            // What went wrong was told; that its leftover stays is nothing to add.
            let _ = std::fs::remove_file(aside);
        }
    }
}

/// That a file cannot be written, and what the machine said.
pub fn cannot_write(path: &Path, error: io::Error) -> Stop {
    Stop::machine(Error::new(error).context(format!("cannot write {}", path.display())))
}
