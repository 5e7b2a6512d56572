//! The texts that are open in an editor: they win over what is on the disk.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::text::Text;
/// A path without detours, by which a file is known here.
pub use crate::report::repository::without_detours as plain;

/// The open texts by their paths. A copy of it shares them, so that it costs little to hand one to whoever
/// looks at a moment of it.
#[derive(Clone, Debug, Default)]
pub struct Buffers(Arc<BTreeMap<PathBuf, Arc<Text>>>);

impl Buffers {
    /// Opens a text, or puts it in the place of one that is open.
    pub fn put(&mut self, path: &Path, text: Arc<Text>) {
        Arc::make_mut(&mut self.0).insert(plain(path), text);
    }

    /// Closes a text, so that the file counts as it is on disk.
    pub fn close(&mut self, path: &Path) {
        Arc::make_mut(&mut self.0).remove(&plain(path));
    }

    /// The text of a file that is open.
    pub fn get(&self, path: &Path) -> Option<&Arc<Text>> {
        self.0.get(path).or_else(|| self.0.get(&plain(path)))
    }

    /// The files that are open, by name.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// The text of a file: as it is open, or as it is on the disk.
    ///
    /// # Errors
    /// When it is not open and cannot be read: why, in words.
    pub fn read(&self, path: &Path) -> Result<String, String> {
        match self.get(path) {
            Some(text) => Ok(text.as_str().to_owned()),
            None => std::fs::read_to_string(path).map_err(|error| error.to_string()),
        }
    }
}

/// Reads files beside a scenario, and remembers which were asked for.
pub struct BuffersOrDisk<'a> {
    folder: PathBuf,
    buffers: &'a Buffers,
    asked: RefCell<BTreeSet<PathBuf>>,
}

impl<'a> BuffersOrDisk<'a> {
    /// Beside the file of a scenario.
    pub fn new(path: &Path, buffers: &'a Buffers) -> Self {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Self { folder, buffers, asked: RefCell::default() }
    }

    /// The text of a file by its name relative to the scenario, or why it cannot be read, in the words of
    /// the command line.
    ///
    /// # Errors
    /// See [`Buffers::read`].
    pub fn read(&self, name: &str) -> Result<String, String> {
        let file = self.folder.join(name);
        self.asked.borrow_mut().insert(plain(&file));
        self.buffers.read(&file).map_err(|error| format!("{}: {error}", file.display()))
    }

    /// The files that were asked for, whether they could be read or not.
    pub fn into_asked(self) -> BTreeSet<PathBuf> {
        self.asked.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_text_wins_over_the_disk_by_whatever_name_it_is_asked_for() {
        let mut buffers = Buffers::default();
        let path = Path::new("/there/is/none.world");
        buffers.put(path, Arc::new(Text::new("property acme".to_owned())));
        let beside = BuffersOrDisk::new(Path::new("/there/was/a.scenario"), &buffers);
        assert_eq!(beside.read("../is/./none.world").as_deref(), Ok("property acme"));
        let refused = beside.read("b.world").expect_err("nothing is there");
        assert!(refused.starts_with("/there/was/b.world: "), "{refused}");
        let asked: Vec<PathBuf> = beside.into_asked().into_iter().collect();
        assert_eq!(asked, [path, Path::new("/there/was/b.world")]);
        buffers.close(path);
        assert!(buffers.read(path).is_err());
    }
}
