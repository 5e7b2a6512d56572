//! The floors of the house: a module imports only from floors below its own, and no two files import
//! each other, be it by a detour. Between crates the compiler sees to it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

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
            &["calendar", "class"],
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

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

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

/// A file's text without its comments and its unit tests.
fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).expect("a source file");
    let lines = text.lines().take_while(|line| *line != "mod tests {");
    lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// A module's path within its crate; the crate's own is empty.
type Module = Vec<String>;

/// The modules of a crate that are files, each with its code.
fn modules(krate: &str) -> BTreeMap<Module, String> {
    let src = root().join(krate).join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    let module = |file: &Path| -> Module {
        let inside = file.strip_prefix(&src).expect("below src").with_extension("");
        let mut parts: Module =
            inside.iter().map(|part| part.to_str().expect("a name").to_owned()).collect();
        if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            parts.pop();
        }
        parts
    };
    let is_test = |module: &Module| module.iter().any(|part| part == "tests");
    let pairs = files.iter().map(|file| (module(file), code(file)));
    pairs.filter(|(module, _)| !is_test(module)).collect()
}

/// Every path that a `use` names, with what stands in braces taken apart.
fn used_paths(code: &str) -> Vec<String> {
    fn take_apart(prefix: &str, tree: &str, found: &mut Vec<String>) {
        let (mut depth, mut from) = (0, 0);
        for (at, c) in tree.char_indices().chain([(tree.len(), ',')]) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    let part = tree[from..at].trim();
                    from = at + 1;
                    match part.split_once('{') {
                        Some((head, rest)) => {
                            let inner = rest.trim_end().strip_suffix('}').unwrap_or(rest);
                            take_apart(&format!("{prefix}{head}"), inner, found);
                        }
                        None if part.is_empty() => {}
                        None => found.push(format!("{prefix}{part}")),
                    }
                }
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    for statement in use_statements(code) {
        take_apart("", &code[statement.start + "use ".len()..statement.end], &mut found);
    }
    found
}

/// Where the `use` statements of a file stand, each without its visibility and its semicolon.
fn use_statements(code: &str) -> Vec<Range<usize>> {
    let statement = |(at, _): (usize, &str)| {
        let before = code[..at].rsplit('\n').next().unwrap_or("").trim();
        let is_statement =
            matches!(before, "" | "pub") || before.starts_with("pub(") && before.ends_with(')');
        let length = code[at..].find(';')?;
        is_statement.then_some(at..at + length)
    };
    code.match_indices("use ").filter_map(statement).collect()
}

/// Every path that a file spells out where it needs it, instead of in a `use`.
fn inline_paths(code: &str) -> Vec<String> {
    let statements = use_statements(code);
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let heads = ["crate::", "super::"].into_iter().flat_map(|head| code.match_indices(head));
    heads
        .map(|(at, _)| at)
        // Within a longer path it is no beginning, and what a `use` names is known already.
        .filter(|at| !code[..*at].ends_with(is_part))
        .filter(|at| !statements.iter().any(|statement| statement.contains(at)))
        .map(|at| {
            let path = code[at..].split(|c| !is_part(c)).next().unwrap_or("");
            path.trim_end_matches(':').to_owned()
        })
        .collect()
}

/// The module that a path of one module leads to, through what other modules hand on by `pub use`.
fn leads_to(modules: &BTreeMap<Module, String>, from: &Module, path: &str) -> Option<Module> {
    let path = path.split(" as ").next().unwrap_or(path);
    let mut at = from.clone();
    let mut parts = path.split("::").map(str::trim).peekable();
    match *parts.peek()? {
        "crate" => at.clear(),
        "super" | "self" => {}
        first => {
            at.push(first.to_owned());
            let is_child = modules.contains_key(&at);
            at.pop();
            if !is_child {
                return None;
            }
        }
    }
    for part in parts {
        match part {
            "crate" | "self" => {}
            "super" => drop(at.pop()),
            part => {
                let child: Module = at.iter().cloned().chain([part.to_owned()]).collect();
                if modules.contains_key(&child) {
                    at = child;
                    continue;
                }
                // Not a file: something that this module has, or hands on.
                let handed = used_paths(modules.get(&at)?)
                    .into_iter()
                    .find(|used| used.rsplit("::").next() == Some(part) && *used != path);
                return handed.and_then(|used| leads_to(modules, &at, &used)).or(Some(at));
            }
        }
    }
    Some(at)
}

/// Who imports whom, of the files of a crate. A module and those below it are one thing seen from
/// near and from afar: what it hands on and what they take from it makes no circle.
fn imports(modules: &BTreeMap<Module, String>) -> BTreeMap<&Module, BTreeSet<Module>> {
    let of = |(module, code): (&Module, &String)| {
        let paths = used_paths(code).into_iter().chain(inline_paths(code));
        let led = paths.filter_map(|path| leads_to(modules, module, &path));
        led.filter(|other| !module.starts_with(other) && !other.starts_with(module)).collect()
    };
    modules.iter().map(|(module, code)| (module, of((module, code)))).collect()
}

/// A way from a module back to itself.
fn circle(graph: &BTreeMap<&Module, BTreeSet<Module>>) -> Option<Vec<Module>> {
    fn walk(
        graph: &BTreeMap<&Module, BTreeSet<Module>>,
        at: &Module,
        way: &mut Vec<Module>,
        done: &mut BTreeSet<Module>,
    ) -> Option<Vec<Module>> {
        if let Some(first) = way.iter().position(|module| module == at) {
            return Some(way[first..].iter().chain([at]).cloned().collect());
        }
        if !done.insert(at.clone()) {
            return None;
        }
        way.push(at.clone());
        let found = graph[at].iter().find_map(|next| walk(graph, next, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|module| walk(graph, module, &mut Vec::new(), &mut done))
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut looked_at = 0;
    let mut circles = Vec::new();
    for krate in CRATES {
        let modules = modules(krate);
        let mut graph = imports(&modules);
        looked_at += graph.values().map(BTreeSet::len).sum::<usize>();
        while let Some(found) = circle(&graph) {
            let names: Vec<String> = found.iter().map(|module| module.join("::")).collect();
            circles.push(format!("{krate}: {}", names.join(" → ")));
            // Without this one: the next.
            let (from, to) = (&found[found.len() - 2], &found[found.len() - 1]);
            graph.get_mut(from).expect("a module").remove(to);
        }
    }
    assert!(circles.is_empty(), "{}", circles.join("\n"));
    assert!(looked_at > 500, "imports were not found: {looked_at}");
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
