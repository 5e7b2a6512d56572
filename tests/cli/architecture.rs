//! The floors of the house: a module imports only from floors below its own, and no two files import
//! each other, be it by a detour; a `mod.rs` and a file below it are two. Between crates the compiler
//! sees to it, and the table of `ARCHITECTURE.md` says what their manifests say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::docs::{quoted, rows};
use super::imports::{Module, circles, code, imports, modules_below, source_files};

/// Lowest first, of each crate that has rooms; modules of one floor don't import each other.
const FLOORS: [(&str, &[&[&str]]); 8] = [
    (
        "crates/core",
        &[
            &["model", "mutations"],
            &["hours", "pages"],
            &["rules"],
            &["world", "oracle"],
            &["trace"],
        ],
    ),
    (
        "crates/scenario",
        &[&["figures", "language", "shard", "window"], &["synth", "play"], &["simulate"]],
    ),
    (
        "crates/import",
        &[
            &["clock", "pseudonym"],
            &["mapping", "names", "sort", "trace"],
            &["log"],
            &["take"],
            &["follow", "presence"],
            &["import"],
            &["world"],
        ],
    ),
    (
        "crates/coverage",
        &[
            &["calendar", "class", "text_file"],
            &["figures"],
            &["words"],
            &["arrivals", "json"],
            &["many", "staffing"],
            &["fold"],
            &["play"],
        ],
    ),
    (
        "crates/target",
        &[
            &["error", "timestamp", "transport", "wire"],
            &["file", "host"],
            &["adapter", "websocket"],
            &["driver"],
            &["play", "trial"],
            &["simulate"],
        ],
    ),
    (
        "crates/service",
        &[
            &[
                "accounts", "address", "clock", "json", "objects", "pages", "proxies", "quota",
                "tls", "volume",
            ],
            &["metrics", "places", "store", "widgets"],
            &["config", "outbox"],
            &["hub"],
            &["core"],
            &["coverage", "demo"],
            &["http"],
            &["listen", "listen_metrics"],
        ],
    ),
    (
        "crates/load",
        &[
            &["clock", "draw", "error_labels", "figures", "latencies", "wait_budget"],
            &["plan", "result"],
            &["exchange", "service"],
            &["observation", "provision"],
            &["history"],
            &["outages"],
            &["tally"],
            &["compare", "context", "gates", "judge", "sample"],
            &["agents", "merge", "visitors"],
            &["gather", "skew"],
            &["metrics", "run"],
        ],
    ),
    (".", &[&["report"], &["editor"], &["cli"]]),
];

const CRATES: [&str; 8] = [
    "crates/core",
    "crates/scenario",
    "crates/import",
    "crates/coverage",
    "crates/target",
    "crates/service",
    "crates/load",
    ".",
];

/// The folders of benches with several files.
const BENCHES: [&str; 6] = ["fleet", "goals", "instructions", "load/bite", "naive", "service"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a crate, as modules with their code.
fn modules(krate: &str) -> BTreeMap<Module, String> {
    modules_below(&root().join(krate).join("src"))
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut looked_at = 0;
    let mut found = Vec::new();
    for krate in CRATES {
        let modules = modules(krate);
        let graph = imports(&modules);
        looked_at += graph.values().map(BTreeSet::len).sum::<usize>();
        found.extend(circles(graph).into_iter().map(|circle| format!("{krate}: {circle}")));
    }
    for bench in BENCHES {
        let folder = root().join("benches").join(bench);
        let mut modules = modules_below(&folder);
        if folder.join("mod.rs").exists() {
            // Several benches have it as a module, so what begins at their root leads out of it.
            modules.values_mut().for_each(|code| *code = code.replace("crate::", "bench::"));
        }
        let circles = circles(imports(&modules));
        found.extend(circles.into_iter().map(|circle| format!("benches/{bench}: {circle}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(looked_at > 1_000, "imports were not found: {looked_at}");
}

#[test]
fn a_module_imports_only_from_floors_below_its_own() {
    for (krate, floors) in FLOORS {
        let floor_of = |room: &String| floors.iter().position(|rooms| rooms.contains(&&room[..]));
        let modules = modules(krate);
        for (module, others) in imports(&modules) {
            let Some(room) = module.first() else { continue };
            let floor = floor_of(room).unwrap_or_else(|| panic!("{room} stands on no floor"));
            for other in others.iter().filter_map(|other| other.first()).filter(|o| *o != room) {
                let below = floor_of(other).is_some_and(|other| other < floor);
                assert!(below, "{krate}: {} imports {other}", module.join("::"));
            }
        }
    }
}

#[test]
fn the_map_lists_the_rooms_in_the_order_of_their_floors() {
    for (krate, floors) in FLOORS {
        let map = std::fs::read_to_string(root().join(krate).join("src/lib.rs")).expect("a map");
        let listed: Vec<usize> = map
            .lines()
            .filter_map(|line| {
                line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?.strip_suffix(';')
            })
            .map(|room| floors.iter().position(|rooms| rooms.contains(&room)).expect(room))
            .collect();
        assert!(listed.is_sorted(), "{krate}: {listed:?}");
        assert_eq!(listed.len(), floors.concat().len(), "{krate}");
    }
}

/// The crates of ours that a manifest has as dependencies, whatever the feature.
fn known_by(krate: &str) -> BTreeSet<String> {
    let path = root().join(krate).join("Cargo.toml");
    let manifest = std::fs::read_to_string(path).expect("a manifest");
    let (_, dependencies) = manifest.split_once("\n[dependencies]\n").expect("dependencies");
    let lines = dependencies.lines().take_while(|line| !line.starts_with('['));
    let ours = lines.filter_map(|line| line.strip_prefix("lamplighter-")?.split(['.', ' ']).next());
    ours.map(str::to_owned).collect()
}

#[test]
fn the_table_of_crates_says_whom_each_knows_by_its_manifest() {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the page");
    let rows = rows(&page, "| crate | what it is | knows |");
    let named = |row: &Vec<&str>| quoted(row[0])[0].replace("src", ".");
    assert_eq!(rows.iter().map(named).collect::<Vec<_>>(), CRATES);
    for (row, krate) in rows.iter().zip(CRATES) {
        let told: Vec<&str> = match row[2].starts_with("all") {
            true => CRATES.iter().filter_map(|other| other.strip_prefix("crates/")).collect(),
            false => quoted(row[2]),
        };
        let told: BTreeSet<String> = told.into_iter().map(str::to_owned).collect();
        assert_eq!(told, known_by(krate), "{krate}: the table, and the manifest");
    }
}

/// Crates that one room alone may know; that the others have none of them is the compiler's to say.
#[test]
fn each_heavy_crate_has_one_door() {
    let doors = [
        ("jiff::", "crates/core/src/hours"),
        ("rand::", "crates/scenario/src/synth/random.rs"),
        ("rustls_native_certs::", "crates/target/src"),
        ("rusqlite::", "crates/service/src/store"),
        ("argon2::", "crates/service/src"),
        ("goose::", "crates/load/src/agents/goose_users.rs"),
        ("hdrhistogram::", "crates/load/src/latencies.rs"),
        ("clap::", "src/cli"),
        ("anyhow::", "src/cli"),
        ("indicatif::", "src/cli"),
    ];
    let mut files = Vec::new();
    for krate in CRATES {
        source_files(&root().join(krate).join("src"), &mut files);
    }
    for file in files {
        let code = code(&file);
        for (name, room) in doors {
            let is_inside =
                file.with_extension("").starts_with(root().join(room).with_extension(""));
            assert!(is_inside || !code.contains(name), "{} uses {name}", file.display());
        }
    }
}
