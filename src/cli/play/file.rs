//! The file that the page shows and saves. Its byte order mark and its line ends are no business of the
//! page, and stay as they are.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use crate::cli::atomic_file::replace_file;

const BOM: &str = "\u{feff}";

/// The scenario file that was named.
#[derive(Clone, Debug)]
pub struct OpenFile {
    path: PathBuf,
}

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Content {
    /// As it was named.
    pub path: String,
    /// The text, lines ended by LF alone.
    pub text: String,
    /// Another one for other bytes.
    pub version: String,
    /// Why it cannot be saved from the page; `None` where it can.
    pub read_only: Option<&'static str>,
}

/// Why a file was not saved.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SaveError {
    /// Somebody else wrote it meanwhile: nothing was overwritten.
    #[error(
        "{0} has changed on disk since it was read here: nothing was saved. Look at what is there first"
    )]
    Changed(String),
    /// Saving what is shown would lose what is not.
    #[error(
        "{0} is not UTF-8, and saving it would change more than you have: mend it in an editor that knows its encoding"
    )]
    NotUtf8(String),
    /// The machine says no.
    #[error("{0}")]
    Machine(String),
}

impl OpenFile {
    /// The file of a path that was looked at.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The path as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it.
    ///
    /// # Errors
    /// What the machine says, with the path.
    pub fn read(&self) -> Result<Content, String> {
        let bytes = self.bytes()?;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.strip_prefix(BOM).unwrap_or(&text).replace("\r\n", "\n");
        let is_utf8 = std::str::from_utf8(&bytes).is_ok();
        let read_only = (!is_utf8).then_some("it is not UTF-8");
        Ok(Content {
            path: self.path.display().to_string(),
            text,
            version: version(&bytes),
            read_only,
        })
    }

    /// Saves a text, if the file still holds what was read as `version`; the new version.
    ///
    /// # Errors
    /// When the file has changed, is not UTF-8, or cannot be written.
    pub fn save(&self, text: &str, version_read: &str) -> Result<String, SaveError> {
        let before = self.bytes().map_err(SaveError::Machine)?;
        let path = || self.path.display().to_string();
        if version(&before) != version_read {
            return Err(SaveError::Changed(path()));
        }
        let Ok(before) = std::str::from_utf8(&before) else {
            return Err(SaveError::NotUtf8(path()));
        };
        let mut after = String::from(if before.starts_with(BOM) { BOM } else { "" });
        match before.contains("\r\n") {
            true => after.push_str(&text.replace('\n', "\r\n")),
            false => after.push_str(text),
        }
        let saved = replace_file(&self.path, after.as_bytes());
        saved.map_err(|stop| SaveError::Machine(stop.told()))?;
        Ok(version(after.as_bytes()))
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.path)
            .map_err(|error| format!("cannot read {}: {error}", self.path.display()))
    }
}

/// Tells bytes apart as long as the program runs.
fn version(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: &[u8]) -> OpenFile {
        let path = std::env::temp_dir()
            .join(format!("lamplighter-{name}-{}.scenario", std::process::id()));
        std::fs::write(&path, bytes).expect("writes");
        OpenFile::new(&path)
    }

    #[test]
    fn a_file_keeps_its_mark_and_its_line_ends() {
        let file = file("ends", b"\xef\xbb\xbfscenario a\r\n");
        let read = file.read().expect("reads");
        assert_eq!(read.text, "scenario a\n");
        let saved = file.save("scenario b\nat noon\n", &read.version).expect("saves");
        assert_eq!(file.bytes().expect("reads"), b"\xef\xbb\xbfscenario b\r\nat noon\r\n");
        assert_eq!(file.read().expect("reads").version, saved);
        std::fs::remove_file(file.path()).expect("removes");
    }

    #[test]
    fn what_changed_meanwhile_is_not_overwritten() {
        let file = file("meanwhile", b"scenario a\n");
        let read = file.read().expect("reads");
        std::fs::write(file.path(), "scenario of somebody else\n").expect("writes");
        let refused = file.save("scenario b\n", &read.version).expect_err("refused");
        assert!(refused.to_string().contains("has changed on disk"), "{refused}");
        assert_eq!(file.read().expect("reads").text, "scenario of somebody else\n");
        std::fs::remove_file(file.path()).expect("removes");
    }

    #[test]
    fn what_is_not_utf_8_is_shown_and_not_saved() {
        let file = file("latin-1", b"scenario Caf\xe9\n");
        let read = file.read().expect("reads");
        assert_eq!(
            (read.text.as_str(), read.read_only),
            ("scenario Caf\u{fffd}\n", Some("it is not UTF-8"))
        );
        let refused = file.save("scenario b\n", &read.version).expect_err("refused");
        assert!(matches!(refused, SaveError::NotUtf8(_)), "{refused}");
        std::fs::remove_file(file.path()).expect("removes");
    }
}
