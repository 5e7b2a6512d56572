//! Each report has a place of its own: nothing is written over what is read, or where another report goes.

use std::fs::{Metadata, metadata, read_link};
use std::path::{Component, Path, PathBuf};

use anyhow::anyhow;

use super::exit::Stop;
use super::output::is_stdout;
use lamplighter_scenario::play::named_row;

/// Refuses reports, each by its option, that would go where something is read, which has a name, too, or where
/// another report goes.
pub fn apart(written: &[(&str, Option<&Path>)], read: &[(&str, &Path)]) -> Result<(), Stop> {
    let named = || written.iter().filter_map(|(option, path)| Some((*option, (*path)?)));
    if named().filter(|(_, path)| is_stdout(path)).count() > 1 {
        let error = anyhow!("only one report can go to stdout");
        return Err(Stop::invalid(error).hint("name a file for the others"));
    }
    let files: Vec<(&str, &Path)> = named().filter(|(_, path)| !is_stdout(path)).collect();
    for (index, (option, path)) in files.iter().enumerate() {
        let what = |what: &str| what.to_owned();
        let over = read.iter().find(|(_, other)| lead_to_one_file(path, other));
        let twice = files[..index].iter().find(|(_, other)| lead_to_one_file(path, other));
        let over = over.map(|(name, _)| what(name));
        if let Some(over) = over.or_else(|| twice.map(|(other, _)| format!("what {other} writes")))
        {
            let error = anyhow!("{option} {} would be written over {over}", path.display());
            return Err(Stop::invalid(error).hint("name another file"));
        }
    }
    Ok(())
}

/// Whether two paths lead to one plain file, by whatever links, or would if it were there. What else is at
/// the end of both, such as `/dev/null`, keeps nothing that could be lost.
fn lead_to_one_file(one: &Path, other: &Path) -> bool {
    match (metadata(one), metadata(other)) {
        (Ok(of_one), Ok(of_other)) => {
            of_one.is_file() && of_other.is_file() && is_one((one, &of_one), (other, &of_other))
        }
        (Err(_), Err(_)) => end_of_links(one) == end_of_links(other),
        _ => false,
    }
}

/// The files of scenarios, which may be named by a row.
pub fn scenario_files_of(paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().map(|path| named_row(path).0).collect()
}

/// Files that are read, all by one name.
pub fn each<'a>(what: &'static str, paths: &'a [PathBuf]) -> Vec<(&'static str, &'a Path)> {
    paths.iter().map(|path| (what, &**path)).collect()
}

#[cfg(unix)]
fn is_one((_, one): (&Path, &Metadata), (_, other): (&Path, &Metadata)) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_one((one, _): (&Path, &Metadata), (other, _): (&Path, &Metadata)) -> bool {
    let ends = (one.canonicalize(), other.canonicalize());
    matches!(ends, (Ok(one), Ok(other)) if one == other)
}

/// More links than these, one behind the other, lead round in circles.
const LINKS_MAX: usize = 40;

/// Where a path leads to at which nothing is, maybe in folders that are yet to be made.
fn end_of_links(path: &Path) -> PathBuf {
    let mut links_left = LINKS_MAX;
    follow(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()), &mut links_left)
}

fn follow(path: &Path, links_left: &mut usize) -> PathBuf {
    let mut at = PathBuf::new();
    for component in path.components() {
        if component == Component::ParentDir {
            at.pop();
            continue;
        }
        let next = at.join(component);
        at = match read_link(&next) {
            Ok(to) if *links_left > 0 => {
                *links_left -= 1;
                follow(&at.join(to), links_left)
            }
            _ => next,
        };
    }
    at
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{create_dir, hard_link, write};
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn paths_lead_to_one_file_by_links_and_where_nothing_is_yet() {
        let folder = std::env::temp_dir().join(format!("lamplighter-same-{}", std::process::id()));
        create_dir(&folder).expect("a folder");
        let at = |name: &str| folder.join(name);
        for name in ["log", "other"] {
            write(at(name), "log").expect("a file");
        }
        symlink("log", at("soft")).expect("a link");
        symlink("new", at("dangling")).expect("a link");
        symlink("yet", at("folder")).expect("a link");
        symlink("round", at("round")).expect("a link");
        hard_link(at("log"), at("hard")).expect("a link");
        let expected = [
            ("log", "log", true),
            ("log", "soft", true),
            ("hard", "soft", true),
            ("log", "./log", true),
            ("log", "other", false),
            ("log", "new", false),
            ("new", "new", true),
            ("new", "dangling", true),
            ("yet/new", "yet/../yet/./new", true),
            ("yet/new", "yet/../new", false),
            ("folder/new", "yet/new", true),
            ("other", "dangling", false),
            ("new", "newer", false),
            ("round", "new", false),
        ];
        let found =
            expected.map(|(one, other, _)| (one, other, lead_to_one_file(&at(one), &at(other))));
        std::fs::remove_dir_all(&folder).expect("the folder");
        assert_eq!(found, expected);
        let null = Path::new("/dev/null");
        assert!(!lead_to_one_file(null, null));
    }
}
