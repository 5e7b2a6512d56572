//! Paths as typed into files to read.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::rim::Stop;

/// The files of a command: files as named, and every `*.scenario` below folders, by name. A file
/// named twice is taken once.
pub fn scenario_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Stop> {
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    for path in paths {
        let mut found = Vec::new();
        if path.is_dir() {
            below(path, &mut found).map_err(|error| {
                let error = anyhow::Error::new(error);
                Stop::machine(error.context(format!("cannot read the folder {}", path.display())))
            })?;
            if found.is_empty() {
                let message = anyhow!("there is no *.scenario file below {}", path.display());
                return Err(
                    Stop::invalid(message).hint("name the folder that holds your scenarios")
                );
            }
            found.sort();
        } else if path.exists() {
            found.push(path.clone());
        } else {
            return Err(missing(path));
        }
        files.extend(found.into_iter().filter(|file| seen.insert(file.clone())));
    }
    Ok(files)
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // A link to a folder could lead round in circles.
        if entry.file_type()?.is_dir() {
            below(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "scenario") {
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
    let near = crate::scenario::fault::nearest(&wanted, neighbours.iter().map(String::as_str));
    match near {
        Some(near) => {
            let near = folder.map_or_else(|| PathBuf::from(near), |folder| folder.join(near));
            stop.hint(format!("did you mean {}?", near.display()))
        }
        None => stop.hint("paths are relative to the folder that the command runs in"),
    }
}

/// Reads a file that was named by the user.
pub fn read(path: &Path) -> Result<Vec<u8>, Stop> {
    if !path.exists() {
        return Err(missing(path));
    }
    std::fs::read(path).map_err(|error| {
        let error = anyhow::Error::new(error);
        Stop::machine(error.context(format!("cannot read {}", path.display())))
    })
}
