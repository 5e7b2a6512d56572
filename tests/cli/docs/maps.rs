//! The maps at the head of `lib.rs` and `mod.rs`: they name every file beside them, and no other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{cells, quoted, root};

/// The files with which a folder of sources begins.
fn heads(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("tests") {
            heads(&path, found);
        } else if ["lib.rs", "mod.rs"].iter().any(|name| path.ends_with(name)) {
            found.push(path);
        }
    }
}

/// The modules beside a file: those that are files, and those that are folders.
fn beside(head: &Path) -> BTreeSet<String> {
    let folder = head.parent().expect("a folder");
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let modules = entries.map(|entry| entry.path()).filter(|path| match path.is_dir() {
        true => path.join("mod.rs").exists(),
        false => path.extension().is_some_and(|extension| extension == "rs"),
    });
    let names = modules.map(|path| path.file_stem().expect("a name").display().to_string());
    names.filter(|name| !matches!(name.as_str(), "lib" | "mod" | "main" | "tests")).collect()
}

/// The names in the maps of a file; `None` where it has none.
fn on_the_map(text: &str) -> Option<BTreeSet<String>> {
    let head = text.lines().take_while(|line| line.starts_with("//!"));
    let head =
        head.map(|line| line.trim_start_matches("//!").trim()).collect::<Vec<_>>().join("\n");
    let maps = ["| file |", "| module |"].into_iter().flat_map(|begin| head.split(begin).skip(1));
    let rows = maps.flat_map(|map| map.lines().skip(2).take_while(|line| line.starts_with('|')));
    let names = rows.flat_map(|row| quoted(cells(row)[0]));
    let names: BTreeSet<String> =
        names.map(|name| name.trim_end_matches(".rs").to_owned()).collect();
    (!names.is_empty()).then_some(names)
}

#[test]
fn every_map_names_the_files_beside_it_and_no_other() {
    let mut files = Vec::new();
    for folder in ["crates", "src"] {
        heads(&root().join(folder), &mut files);
    }
    let mut wrong = Vec::new();
    let mut maps = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source file");
        let beside = beside(&file);
        let name = file.strip_prefix(root()).expect("below it").display().to_string();
        match on_the_map(&text) {
            // A few files need none.
            None if beside.len() <= 5 => {}
            None => wrong.push(format!("{name} has no map of its {} files", beside.len())),
            Some(map) => {
                maps += 1;
                let missing =
                    beside.difference(&map).map(|file| format!("{name} leaves {file} out"));
                let gone = map
                    .difference(&beside)
                    .map(|file| format!("{name} names {file}, which is not there"));
                wrong.extend(missing.chain(gone));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(maps > 10, "{maps} maps");
}
