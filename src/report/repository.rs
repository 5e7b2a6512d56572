//! Files as the repository names them in which a command runs: hosts of code find a file by its path from the
//! repository's root, and know neither `./` nor `..`.

use std::path::{Component, Path, PathBuf};

/// Where files are named from.
pub struct Repository {
    /// The folder in which the command runs.
    here: PathBuf,
    root: PathBuf,
}

impl Repository {
    /// The repository with this root, if the command runs within it; else the folder in which it runs is
    /// taken for the root.
    pub fn new(here: &Path, root: Option<&Path>) -> Self {
        let here = without_detours(here);
        let root = root.map(without_detours).filter(|root| here.starts_with(root));
        let root = root.unwrap_or_else(|| here.clone());
        Self { here, root }
    }

    /// A file from the root on, or with its absolute path where it lies elsewhere.
    pub fn name(&self, path: &Path) -> PathBuf {
        let path = without_detours(&self.here.join(path));
        path.strip_prefix(&self.root).map(Path::to_owned).unwrap_or(path)
    }
}

/// A path without `.`, and without each `..` that leads back from a folder of it, so that one file has one
/// name, unless by links.
pub fn without_detours(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match (part, plain.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => drop(plain.pop()),
            _ => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(here: &str, root: Option<&str>, path: &str) -> String {
        let repository = Repository::new(Path::new(here), root.map(Path::new));
        repository.name(Path::new(path)).display().to_string()
    }

    #[test]
    fn a_file_is_named_from_the_root_of_its_repository() {
        for (here, root, path, named) in [
            ("/r", Some("/r"), "./chat/team.scenario", "chat/team.scenario"),
            ("/r", Some("/r"), "w/sub/../t.csv", "w/t.csv"),
            ("/r", Some("/r"), "w/./sub/../../t.csv", "t.csv"),
            ("/r", Some("/r"), "/r/w/x.scenario", "w/x.scenario"),
            ("/r/w", Some("/r"), "x.scenario", "w/x.scenario"),
            ("/r/w", Some("/r/"), "../y/x.scenario", "y/x.scenario"),
            ("/r/w", Some("/elsewhere"), "x.scenario", "x.scenario"),
            ("/r/w", None, "x.scenario", "x.scenario"),
            ("/r/w", None, "../x.scenario", "/r/x.scenario"),
            ("/r", Some("/r"), "../../../x.scenario", "/x.scenario"),
            ("", None, "a/../b/x.scenario", "b/x.scenario"),
            ("", None, "../x.scenario", "../x.scenario"),
        ] {
            assert_eq!(name(here, root, path), named, "{path} in {here} of {root:?}");
        }
    }
}
