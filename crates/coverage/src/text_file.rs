//! Small files of text that are read at once, and what a person did wrong about one.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a file is no text, which is for the person to mend who named it.
#[derive(Debug, Error)]
pub enum NoText {
    /// There is none of this name.
    #[error("there is no file {}", .0.display())]
    Missing(PathBuf),
    /// It is a folder.
    #[error("{} is a folder", .0.display())]
    Folder(PathBuf),
    /// A line is not UTF-8.
    #[error("{}:{line}: this line is not UTF-8; save the file as UTF-8", path.display())]
    NotUtf8 {
        /// The file, as it was named.
        path: PathBuf,
        /// The first such line, from 1.
        line: usize,
    },
}

impl NoText {
    /// Why a file cannot be opened or read.
    ///
    /// # Errors
    /// That of the machine, where nobody named the wrong file.
    pub fn of(path: &Path, error: io::Error) -> Result<Self, io::Error> {
        match error.kind() {
            io::ErrorKind::NotFound => Ok(Self::Missing(path.to_owned())),
            io::ErrorKind::IsADirectory => Ok(Self::Folder(path.to_owned())),
            _ => Err(error),
        }
    }
}

/// Reads a file of text.
///
/// # Errors
/// What `unreadable` makes of the machine's, and [`NoText`].
pub fn read<E: From<NoText>>(
    path: &Path,
    unreadable: impl FnOnce(PathBuf, io::Error) -> E,
) -> Result<String, E> {
    let bytes = std::fs::read(path).map_err(|error| match NoText::of(path, error) {
        Ok(no_text) => no_text.into(),
        Err(error) => unreadable(path.to_owned(), error),
    })?;
    Ok(text(path, bytes)?)
}

/// What was read of a file, as text.
///
/// # Errors
/// [`NoText::NotUtf8`], with the line.
pub fn text(path: &Path, bytes: Vec<u8>) -> Result<String, NoText> {
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        NoText::NotUtf8 { path: path.to_owned(), line }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_did_wrong_is_told_with_its_line() {
        let said = |path: &Path| {
            let read = read(path, |_, error| panic!("the machine: {error}"));
            let error: NoText = read.expect_err("it is no text");
            error.to_string().replace(&path.display().to_string(), "FILE")
        };
        let folder = std::env::temp_dir();
        assert_eq!(said(&folder), "FILE is a folder");
        let path = folder.join(format!("lamplighter-text-{}.csv", std::process::id()));
        assert_eq!(said(&path), "there is no file FILE");
        std::fs::write(&path, b"340\r\n\n5m\xe9\n").expect("a scratch file");
        let not_utf8 = said(&path);
        std::fs::remove_file(&path).expect("the scratch file");
        assert_eq!(not_utf8, "FILE:3: this line is not UTF-8; save the file as UTF-8");
    }
}
