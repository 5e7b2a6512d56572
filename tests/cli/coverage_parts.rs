//! The coverage of a folder whose scenarios are divided is what one machine says of all, to the byte.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn lamplighter(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
    command.args(arguments).current_dir(folder).output().expect("runs")
}

/// A folder with so many worlds below `worlds`.
fn worlds(name: &str, count: u32) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).expect("a folder");
    for seed in 1..=count {
        let (seed, out) = (seed.to_string(), format!("worlds/{seed}"));
        let world = ["--properties", "2", "--agents", "2", "--days", "2", "--start", "2026-03-09"];
        let of = ["generate", "--seed", &seed, "--out", &out, "--quiet"];
        let ran = lamplighter(&folder, &[&of[..], &world].concat());
        assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    }
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// What is asked of all: visitors are drawn, and chats estimated, so that there are numbers of any kind.
const ASKED: [&str; 6] = ["--visitors", "50/day", "--handle", "10m", "--runs", "3"];

/// Plays all parts; the names of their files.
fn parts(folder: &Path, of: u32) -> Vec<String> {
    let part = |number: u32| {
        let (shard, file) = (format!("{number}/{of}"), format!("{number}-of-{of}.json"));
        let part = ["coverage", "worlds", "--quiet", "--shard", &shard, "--json", &file];
        let ran = lamplighter(folder, &[&part[..], &ASKED].concat());
        assert_eq!(ran.status.code(), Some(0), "{shard}: {}", text(&ran.stderr));
        file
    };
    (1..=of).map(part).collect()
}

fn merge(folder: &Path, parts: &[String], more: &[&str]) -> Output {
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    lamplighter(folder, &[&["coverage", "merge"], &parts[..], more].concat())
}

#[test]
fn a_folder_says_the_same_however_it_is_divided() {
    let folder = worlds("coverage-parts", 5);
    let all = ["coverage", "worlds", "--json", "whole.json", "--jobs", "2"];
    let whole = lamplighter(&folder, &[&all[..], &ASKED].concat());
    assert_eq!(whole.status.code(), Some(0), "{}", text(&whole.stderr));
    let told = text(&whole.stdout);
    assert!(told.starts_with("Coverage of 5 scenarios, ") && told.contains("\n  all "), "{told}");
    let json = std::fs::read(folder.join("whole.json")).expect("is written");
    let lines: Vec<Value> =
        text(&json).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 7, "a line about all, one a file, and one of all together");
    // Each is the report that the file alone has.
    let alone = ["coverage", "worlds/3/world.scenario", "--json", "-"];
    let alone = lamplighter(&folder, &[&alone[..], &ASKED].concat());
    let alone: Value = serde_json::from_slice(&alone.stdout).expect("JSON");
    assert_eq!((&lines[3]["file"], &lines[3]["report"]), (&"3/world.scenario".into(), &alone));
    let empty = |line: &Value| line["report"]["totals"]["empty_ms"].as_u64().expect("a number");
    let sum: u64 = lines[1..6].iter().map(empty).sum();
    assert_eq!(lines[6]["totals"]["empty_ms"], sum);
    for of in [1, 2, 4, 7] {
        let mut parts = parts(&folder, of);
        parts.reverse();
        let merged = merge(&folder, &parts, &["--json", "merged.json"]);
        assert_eq!(text(&merged.stdout), told, "{of} parts");
        assert_eq!(merged.status.code(), Some(0));
        let merged = std::fs::read(folder.join("merged.json")).expect("is written");
        assert!(merged == json, "{of} parts");
    }
}

#[test]
fn a_faulty_scenario_is_told_and_the_others_count_all_the_same() {
    let folder = worlds("coverage-faulty", 2);
    std::fs::write(folder.join("worlds/none.scenario"), "scenario None\n  nonsense\n")
        .expect("writes");
    let whole = lamplighter(&folder, &["coverage", "worlds", "--json", "whole.json"]);
    let (told, said) = (text(&whole.stdout), text(&whole.stderr));
    assert_eq!(whole.status.code(), Some(2), "{said}");
    assert!(
        said.contains("none.scenario:2") && told.contains("none.scenario is faulty"),
        "{said}{told}"
    );
    assert!(told.contains("  1/world.scenario  ") && told.contains("  all "), "{told}");
    let part = |shard: &str, file: &str| {
        lamplighter(&folder, &["coverage", "worlds", "--shard", shard, "--json", file])
    };
    assert_eq!(part("1/2", "1.json").status.code(), Some(0));
    assert_eq!(part("2/2", "2.json").status.code(), Some(2));
    let merged = merge(&folder, &["1.json".to_owned(), "2.json".to_owned()], &[]);
    assert_eq!((text(&merged.stdout), merged.status.code()), (told, Some(2)));
}

#[test]
fn parts_that_are_not_all_of_one_folder_are_refused_with_what_to_do() {
    let folder = worlds("coverage-refused", 3);
    let (two, three) = (parts(&folder, 2), parts(&folder, 3));
    let other = ["coverage", "worlds", "--quiet", "--shard", "2/2", "--json", "other.json"];
    assert_eq!(lamplighter(&folder, &other).status.code(), Some(0));
    let cut = std::fs::read_to_string(folder.join(&two[1])).expect("a part");
    let lines: Vec<&str> = cut.lines().collect();
    std::fs::write(folder.join("cut.json"), format!("{}\n{}\n", lines[0], lines[lines.len() - 1]))
        .expect("writes");
    for (parts, told) in [
        (vec![&two[0]], "the part 2/2 is missing"),
        (vec![&three[1]], "the parts 1/3, 3/3 are missing"),
        (vec![&two[0], &two[0]], "the parts 1/2 and 1/2 overlap"),
        (
            vec![&two[0], &"other.json".to_owned()],
            "the parts 1/2 and 2/2 are not of one folder: they were asked for different things",
        ),
        (vec![&two[0], &"cut.json".to_owned()], "it has 0 files, and its part of the folder has 2"),
        (vec![&"worlds/1/world.scenario".to_owned()], "is no part of the coverage of a folder"),
    ] {
        let parts: Vec<String> = parts.into_iter().cloned().collect();
        let merged = merge(&folder, &parts, &[]);
        let said = text(&merged.stderr);
        assert_eq!(merged.status.code(), Some(2), "{said}");
        assert!(said.contains(told) && said.contains("hint: "), "{told}: {said}");
    }
    for (arguments, told) in [
        (vec!["worlds", "--html", "page.html"], "are of one scenario"),
        (vec!["worlds/1/world.scenario", "--shard", "1/2", "--json", "-"], "name a folder"),
    ] {
        let ran = lamplighter(&folder, &[&["coverage"][..], &arguments].concat());
        assert_eq!(ran.status.code(), Some(2));
        assert!(text(&ran.stderr).contains(told), "{}", text(&ran.stderr));
    }
}
