//! A simulation whose seeds are divided says what one of all of them says, however they are divided.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

fn simulate(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
    command.arg("simulate").args(arguments).current_dir(folder);
    command.output().expect("runs")
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Plays all parts of some seeds; the names of their files.
fn parts(folder: &Path, seeds: &str, of: u32) -> Vec<String> {
    let part = |number: u32| {
        let (shard, file) = (format!("{number}/{of}"), format!("{number}-of-{of}.json"));
        let ran = simulate(folder, &["--seeds", seeds, "--shard", &shard, "--json", &file]);
        assert_eq!(ran.status.code(), Some(0), "{shard}: {}", text(&ran.stderr));
        file
    };
    (1..=of).map(part).collect()
}

fn merge(folder: &Path, parts: &[String]) -> Output {
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    simulate(folder, &[&["merge"], &parts[..]].concat())
}

#[test]
fn the_same_seeds_say_the_same_however_they_are_divided() {
    let folder = folder("simulate-parts");
    let whole = simulate(&folder, &["--seeds", "3..13"]);
    assert_eq!(whole.status.code(), Some(0), "{}", text(&whole.stderr));
    for of in [1, 3] {
        let mut parts = parts(&folder, "3..13", of);
        parts.reverse();
        let merged = merge(&folder, &parts);
        assert_eq!(text(&merged.stdout), text(&whole.stdout), "{of} parts");
        assert_eq!(merged.status.code(), Some(0));
    }
}

#[test]
fn what_a_part_has_found_is_told_in_the_order_of_seeds_and_fails_all_of_them() {
    let folder = folder("simulate-found");
    let parts = parts(&folder, "0..2", 2);
    for (file, seed) in parts.iter().zip([0, 1]) {
        let path = folder.join(file);
        let mut part: Value =
            serde_json::from_slice(&std::fs::read(&path).expect("a part")).expect("JSON");
        part["failed"] = json!(1);
        part["counterexamples"] = json!([{
            "seed": seed, "drawn": "devices", "difference": "acme is away", "tries": 7, "lines": 3,
            "scenario": "scenario Seed\n", "rules": ["seed.toml", "[rules]\n"], "shows": true,
        }]);
        std::fs::write(&path, part.to_string()).expect("is written");
    }
    let merged = merge(&folder, &[parts[1].clone(), parts[0].clone()]);
    let said = text(&merged.stdout);
    assert_eq!(merged.status.code(), Some(1), "{said}");
    let found: Vec<usize> =
        ["FAIL seed 0: acme is away", "FAIL seed 1: acme is away", "2 seeds with a difference"]
            .iter()
            .map(|told| said.find(told).unwrap_or_else(|| panic!("{told}: {said}")))
            .collect();
    assert!(found.is_sorted(), "{said}");
    for file in ["seed-0.scenario", "seed-1.scenario", "seed.toml"] {
        assert!(folder.join("reports/simulate").join(file).exists(), "{file}");
    }
}

#[test]
fn parts_that_are_not_all_of_one_simulation_are_refused_with_what_to_do() {
    let folder = folder("simulate-refused");
    let two = parts(&folder, "0..2", 2);
    let three = parts(&folder, "0..2", 3);
    let other = "other.json".to_owned();
    let shard = ["--seeds", "5..7", "--shard", "2/2", "--json", &other];
    assert_eq!(simulate(&folder, &shard).status.code(), Some(0));
    let not_one = "no-part.json".to_owned();
    std::fs::write(folder.join(&not_one), "{}").expect("is written");
    for (parts, told) in [
        (vec![two[0].clone()], "the part 2/2 is missing"),
        (vec![two[0].clone(), two[0].clone()], "the parts 1/2 and 1/2 overlap"),
        (vec![two[0].clone(), three[1].clone()], "the parts 1/2 and 2/3 overlap"),
        (
            vec![two[0].clone(), other],
            "the parts 1/2 and 2/2 are not of one simulation: the seeds are `0..2` in the one and `5..7` \
             in the other",
        ),
        (vec![not_one], "no-part.json is no part of a simulation"),
    ] {
        let merged = merge(&folder, &parts);
        let said = text(&merged.stderr);
        assert_eq!(merged.status.code(), Some(2), "{said}");
        assert!(said.contains(told) && said.contains("hint: "), "{told}: {said}");
    }
}
