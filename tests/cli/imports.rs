//! Who imports whom, of the files of a crate, as their text says it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The files of Rust in a folder, and below it.
pub fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// A file's text without its comments and its unit tests. What a module within the file takes from
/// around it, it takes from the file.
pub fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).expect("a source file");
    let lines = text.lines().take_while(|line| *line != "mod tests {");
    let mut is_within = false;
    let mut code = String::new();
    for line in lines.filter(|line| !line.trim_start().starts_with("//")) {
        let is_module = ["mod ", "pub mod "].iter().any(|begin| line.starts_with(begin));
        is_within = is_module && line.ends_with('{') || is_within && line != "}";
        match is_within {
            true => code.push_str(&line.replace("super::", "self::")),
            false => code.push_str(line),
        }
        code.push('\n');
    }
    code
}

/// A module's path within its crate; the crate's own is empty.
pub type Module = Vec<String>;

/// The modules of a folder of sources that are files, each with its code.
pub fn modules_below(src: &Path) -> BTreeMap<Module, String> {
    let mut files = Vec::new();
    source_files(src, &mut files);
    // Where there is a library, the program is no more than a call of it.
    if src.join("lib.rs").exists() {
        files.retain(|file| *file != src.join("main.rs"));
    }
    let module = |file: &Path| -> Module {
        let inside = file.strip_prefix(src).expect("below src").with_extension("");
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

/// A `use` of a file.
struct Use {
    /// Where it stands, without its visibility and its semicolon.
    statement: Range<usize>,
    /// Whether it hands on what it names, as a `pub use` does.
    hands_on: bool,
}

/// A path that a `use` names.
struct UsedPath {
    path: String,
    hands_on: bool,
}

impl UsedPath {
    /// What it is called where it is used.
    fn name(&self) -> &str {
        match self.path.rsplit_once(" as ") {
            Some((_, name)) => name,
            None => self.path.rsplit("::").next().unwrap_or(&self.path),
        }
    }
}

/// Every path that a `use` names, with what stands in braces taken apart.
fn used_paths(code: &str) -> Vec<UsedPath> {
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
    let mut used = Vec::new();
    for Use { statement, hands_on } in uses(code) {
        let mut found = Vec::new();
        take_apart("", &code[statement.start + "use ".len()..statement.end], &mut found);
        used.extend(found.into_iter().map(|path| UsedPath { path, hands_on }));
    }
    used
}

/// The `use` statements of a file.
fn uses(code: &str) -> Vec<Use> {
    let of = |(at, _): (usize, &str)| {
        let before = code[..at].rsplit('\n').next().unwrap_or("").trim();
        let hands_on = before == "pub" || before.starts_with("pub(") && before.ends_with(')');
        let length = code[at..].find(';')?;
        let statement = at..at + length;
        (hands_on || before.is_empty()).then_some(Use { statement, hands_on })
    };
    code.match_indices("use ").filter_map(of).collect()
}

/// A file's code without its `use` statements.
fn without_uses(code: &str) -> String {
    let mut left = String::with_capacity(code.len());
    let mut from = 0;
    for Use { statement, .. } in uses(code) {
        left.push_str(&code[from..statement.start]);
        from = statement.end;
    }
    left + &code[from..]
}

/// Every path that code spells out where it needs it, instead of in a `use`: from one of these heads.
fn inline_paths(code: &str, heads: &[String]) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let heads = heads.iter().flat_map(|head| code.match_indices(&head[..]));
    heads
        .map(|(at, _)| at)
        // Within a longer path it is no beginning.
        .filter(|at| !code[..*at].ends_with(is_part))
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
                // Not a file: something that this module has, or hands on; or a file elsewhere.
                let code = modules.get(&at)?;
                if code.lines().any(|line| line.trim_end().ends_with(&format!("mod {part};"))) {
                    return None;
                }
                let handed = used_paths(code)
                    .into_iter()
                    .find(|used| used.name() == part && used.path != path);
                return handed.and_then(|used| leads_to(modules, &at, &used.path)).or(Some(at));
            }
        }
    }
    Some(at)
}

/// Whether code says a name, as no field or method of something.
fn says(code: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        !before.ends_with(|c: char| is_part(c) || c == '.')
            && !before.ends_with("fn ")
            && !after.starts_with(is_part)
    })
}

/// Who imports whom, of the files of a crate. What a module hands on from a file below it, and does
/// not say itself, it does not import.
pub fn imports(modules: &BTreeMap<Module, String>) -> BTreeMap<&Module, BTreeSet<Module>> {
    let of = |(module, code): (&Module, &String)| {
        let is_below = |other: &Module| other.len() > module.len() && other.starts_with(module);
        let body = without_uses(code);
        let used = used_paths(code).into_iter().filter_map(|used| {
            let other = leads_to(modules, module, &used.path)?;
            let is_needed = !used.hands_on || !is_below(&other) || says(&body, used.name());
            is_needed.then_some(other)
        });
        let children =
            modules.keys().filter(|other| is_below(other)).map(|below| &below[module.len()]);
        let heads: Vec<String> = ["crate", "self", "super"]
            .into_iter()
            .chain(children.map(String::as_str))
            .map(|head| format!("{head}::"))
            .collect();
        let inline = inline_paths(&body, &heads);
        let inline = inline.iter().filter_map(|path| leads_to(modules, module, path));
        used.chain(inline).filter(|other| other != module).collect()
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

/// All circles of a graph, each told by the way that makes it.
pub fn circles(mut graph: BTreeMap<&Module, BTreeSet<Module>>) -> Vec<String> {
    let mut circles = Vec::new();
    while let Some(found) = circle(&graph) {
        let names: Vec<String> = found.iter().map(|module| module.join("::")).collect();
        circles.push(names.join(" → "));
        // Without this one: the next.
        let (from, to) = (&found[found.len() - 2], &found[found.len() - 1]);
        graph.get_mut(from).expect("a module").remove(to);
    }
    circles
}

/// Files of a crate, each by its module's path and with its code.
fn files(files: &[(&str, &str)]) -> BTreeMap<Module, String> {
    let module = |path: &str| path.split("::").map(str::to_owned).collect();
    files.iter().map(|(path, code)| (module(path), (*code).to_owned())).collect()
}

#[test]
fn a_module_and_a_file_below_it_are_two() {
    let below = ("a::b", "use super::A;\npub struct B;\npub fn f(_: A) {}");
    for (code, is_circle) in [
        ("mod b;\npub use b::B;\npub struct A;", false),
        ("mod b;\npub(crate) use b::{B as C, f};\npub struct A;", false),
        ("mod b;\npub use b::B;\npub struct A;\nimpl A { fn f(&self) { self.B(); } }", false),
        ("mod b;\npub use b::B;\npub struct A(B);", true),
        ("mod b;\npub use b::B as C;\npub struct A(C);", true),
        ("mod b;\nuse b::Told as _;\npub struct A;", true),
        ("mod b;\npub struct A;\nfn g() { b::f(A); }", true),
        ("mod b;\npub struct A;\nfn g() { self::b::f(A); }", true),
        ("mod b;\nmod c;\npub use c::A;\nuse b::B;\nfn g(_: B) {}", false),
    ] {
        let modules = files(&[("a", code), below, ("a::c", "pub struct A;")]);
        let found = circles(imports(&modules));
        assert_eq!(!found.is_empty(), is_circle, "{code}: {found:?}");
    }
}

#[test]
fn a_circle_is_found_by_whatever_detour() {
    let modules = files(&[
        ("a", "mod b;\nuse b::B;\npub struct A(B);"),
        ("a::b", "use crate::c::C;\npub struct B(C);"),
        ("c", "pub mod d;\npub use d::C;"),
        ("c::d", "pub struct C(crate::a::A);"),
    ]);
    assert_eq!(circles(imports(&modules)), ["a → a::b → c::d → a"]);
}
