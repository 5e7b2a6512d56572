//! The files that a text may name: those of one folder, and none where it stands in no file. What a page
//! sends is not trusted to read anything else of the machine.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// Files that are read whole are no longer than this, in bytes.
const WHOLE_BYTES_MAX: u64 = 1 << 20;
/// Traces and recordings are no longer than this, in bytes.
const ROWS_BYTES_MAX: u64 = 16 << 20;

/// A folder whose files may be read.
#[derive(Debug, Default)]
pub struct Folder(Option<FolderPaths>);

/// One folder, as it was named and as it is.
#[derive(Debug)]
struct FolderPaths {
    /// As it was named, for messages.
    named: PathBuf,
    /// The same without links, which every file that is read must lie in.
    real: PathBuf,
}

impl Folder {
    /// The folder in which a file stands.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn of(file: &Path) -> io::Result<Self> {
        let named = file.parent().unwrap_or(Path::new(""));
        let real = match named.as_os_str().is_empty() {
            true => Path::new(".").canonicalize()?,
            false => named.canonicalize()?,
        };
        Ok(Self(Some(FolderPaths { named: named.to_owned(), real })))
    }

    /// Reads a file that a text names, such as a world that it includes.
    ///
    /// # Errors
    /// Why it is not read, in words.
    pub fn read(&self, name: &str) -> Result<String, String> {
        let path = self.allowed(name, WHOLE_BYTES_MAX)?;
        let cannot = |error: io::Error| format!("{}: {error}", path.display());
        let mut text = String::new();
        // It may grow while it is read.
        File::open(&path)
            .map_err(cannot)?
            .take(WHOLE_BYTES_MAX)
            .read_to_string(&mut text)
            .map_err(cannot)?;
        Ok(text)
    }

    /// Whether a trace or a recording may be read that a text names; that there is none is said where it
    /// is opened.
    ///
    /// # Errors
    /// Why it may not, in words.
    pub fn may_replay(&self, name: &str) -> Result<(), String> {
        self.allowed(name, ROWS_BYTES_MAX).map(drop)
    }

    fn allowed(&self, name: &str, bytes_max: u64) -> Result<PathBuf, String> {
        let Some(paths) = &self.0 else {
            return Err("this text stands in no file, so none lies beside it: \
                        `lamplighter play FILE` opens one with its folder"
                .to_owned());
        };
        let outside = || format!("only files of the folder {} are read here", paths.real.display());
        // Of what lies outside nothing is told, not even whether it is there.
        if leads_out(Path::new(name)) {
            return Err(outside());
        }
        let path = paths.named.join(name);
        let Ok(real) = path.canonicalize() else { return Ok(path) };
        if !real.starts_with(&paths.real) {
            return Err(outside());
        }
        match std::fs::metadata(&real) {
            Ok(found) if !found.is_file() => Err(format!("{} is no plain file", path.display())),
            Ok(found) if found.len() > bytes_max => {
                let mib = bytes_max >> 20;
                Err(format!("{} is longer than the {mib} MiB that are read here", path.display()))
            }
            _ => Ok(path),
        }
    }
}

/// Whether a path leads out of the folder that it is relative to, whatever there is.
fn leads_out(path: &Path) -> bool {
    let mut depth = 0_usize;
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(_) => depth += 1,
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of the test's own, gone with it.
    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("lamplighter-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("inside/worlds")).expect("a folder");
        folder
    }

    #[test]
    fn a_text_without_a_file_reads_nothing() {
        let none = Folder::default();
        for name in ["Cargo.toml", "/etc/passwd", "../Cargo.toml"] {
            assert!(none.read(name).expect_err(name).contains("stands in no file"), "{name}");
            assert!(none.may_replay(name).is_err(), "{name}");
        }
    }

    #[test]
    fn only_what_lies_in_the_folder_is_read() {
        let root = folder("inside");
        let inside = root.join("inside");
        std::fs::write(root.join("secret.world"), "secret").expect("writes");
        std::fs::write(inside.join("worlds/acme.world"), "property acme").expect("writes");
        std::os::unix::fs::symlink(root.join("secret.world"), inside.join("link.world"))
            .expect("links");
        let folder = Folder::of(&inside.join("team.scenario")).expect("a folder");
        assert_eq!(folder.read("worlds/acme.world").expect("inside"), "property acme");
        assert_eq!(folder.read("worlds/../worlds/acme.world").expect("inside"), "property acme");
        let absolute = root.join("secret.world").display().to_string();
        for name in
            ["../secret.world", "link.world", "worlds/../../secret.world", &absolute, "../none"]
        {
            let why = folder.read(name).expect_err(name);
            assert!(why.starts_with("only files of the folder"), "{name}: {why}");
        }
        assert!(folder.read("worlds").expect_err("a folder").contains("no plain file"));
        assert!(
            folder.read("none.world").expect_err("missing").contains("none.world: No such file")
        );
        folder.may_replay("none.csv").expect("said where it is opened");
        std::fs::remove_dir_all(root).expect("removes");
    }

    #[test]
    fn long_files_are_refused_with_a_word() {
        let root = folder("long");
        let file = root.join("inside/long.world");
        File::create(&file).expect("a file").set_len(WHOLE_BYTES_MAX + 1).expect("long");
        let folder = Folder::of(&file).expect("a folder");
        assert!(folder.read("long.world").expect_err("long").contains("longer than the 1 MiB"));
        folder.may_replay("long.world").expect("short for a trace");
        std::fs::remove_dir_all(root).expect("removes");
    }
}
