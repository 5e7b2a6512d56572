//! Paths as typed into files to read.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::exit::Stop;
use crate::report::repository::Repository;
use lamplighter_scenario::play::named_row;

/// The files of a command, and why some of its paths gave none.
pub struct Files {
    /// Files as named, and all of their kind below folders, by name; each once.
    pub found: Vec<PathBuf>,
    /// What was named and cannot be taken. The other files run all the same.
    pub refused: Vec<Stop>,
}

/// Where files are named from for code hosts: the root of the repository where a runner of GitHub Actions
/// tells it, else this folder.
pub fn repository() -> Repository {
    let here = std::env::current_dir().unwrap_or_default();
    let root = std::env::var_os("GITHUB_WORKSPACE").filter(|root| !root.is_empty());
    let root = root.map(PathBuf::from);
    Repository::new(&here, root.as_deref())
}

/// The scenarios that paths stand for.
pub fn scenario_files(paths: &[PathBuf]) -> Files {
    files_with(paths, &["scenario"])
}

/// The scenarios that paths stand for, and the worlds that they may include.
pub fn scenario_and_world_files(paths: &[PathBuf]) -> Files {
    files_with(paths, &["scenario", WORLD])
}

/// How the name of a file ends that scenarios include.
pub const WORLD: &str = "world";

/// The files that paths stand for; below folders those whose names end so.
fn files_with(paths: &[PathBuf], endings: &[&str]) -> Files {
    let mut files = Files { found: Vec::new(), refused: Vec::new() };
    let mut seen = BTreeSet::new();
    for path in paths {
        match files_of(path, endings) {
            Ok(found) => files.found.extend(found.into_iter().filter(|file| {
                // One file under two names is one file.
                let (path, row) = named_row(file);
                seen.insert((path.canonicalize().unwrap_or(path), row))
            })),
            Err(stop) => files.refused.push(stop),
        }
    }
    files
}

/// Whether a path stands for standard input: a lone `-`.
pub fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn files_of(path: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, Stop> {
    let (file, _) = named_row(path);
    if is_stdin(&file) {
        return Ok(vec![path.to_owned()]);
    }
    if !path.is_dir() {
        return if file.exists() { Ok(vec![path.to_owned()]) } else { Err(missing(path)) };
    }
    let mut found = Vec::new();
    below(path, endings, &mut found).map_err(|error| {
        let error = anyhow::Error::new(error);
        Stop::machine(error.context(format!("cannot read the folder {}", path.display())))
    })?;
    if found.is_empty() {
        let kinds: Vec<String> = endings.iter().map(|ending| format!("*.{ending}")).collect();
        let kinds = kinds.join(" or ");
        let message = anyhow!("there is no {kinds} file below {}", path.display());
        return Err(Stop::invalid(message).hint("name the folder that holds your scenarios"));
    }
    found.sort();
    Ok(found)
}

fn below(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // A link to a folder could lead round in circles.
        if entry.file_type()?.is_dir() {
            below(&path, endings, found)?;
        } else if path.extension().is_some_and(|ending| endings.iter().any(|one| ending == *one)) {
            found.push(path);
        }
    }
    Ok(())
}

fn missing(path: &Path) -> Stop {
    let stop = Stop::invalid(anyhow!("there is no file or folder {}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let wanted = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let neighbours: Vec<String> = std::fs::read_dir(folder.unwrap_or(Path::new(".")))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let near = lamplighter_scenario::language::diagnostic::nearest(
        &wanted,
        neighbours.iter().map(String::as_str),
    );
    match near {
        Some(near) => {
            let near = folder.map_or_else(|| PathBuf::from(near), |folder| folder.join(near));
            stop.hint(format!("did you mean {}?", near.display()))
        }
        None => stop.hint("paths are relative to the folder that the command runs in"),
    }
}

/// Reads a file that was named by the user, or by the line of one of its rows; `-` is standard input, to
/// its end.
pub fn read(path: &Path) -> Result<Vec<u8>, Stop> {
    let path = &named_row(path).0;
    if is_stdin(path) {
        let mut bytes = Vec::new();
        return match io::stdin().lock().read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => {
                Err(Stop::machine(anyhow::Error::new(error).context("cannot read standard input")))
            }
        };
    }
    if path.is_dir() {
        let message = anyhow!("{} is a folder", path.display());
        return Err(Stop::invalid(message).hint("name one scenario file"));
    }
    std::fs::read(path).map_err(|error| unreadable(path, error))
}

/// Why a file that was named cannot be read: there is none, or the machine does not let us.
pub fn unreadable(path: &Path, error: io::Error) -> Stop {
    if error.kind() == io::ErrorKind::NotFound {
        return missing(path);
    }
    let error = anyhow::Error::new(error);
    Stop::machine(error.context(format!("cannot read {}", path.display())))
}
