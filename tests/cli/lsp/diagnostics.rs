//! What is wrong, as an editor is told of it: the same as the command line tells.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::editor::{Editor, root, scenarios, uri};

/// Something that is wrong: where, what kind of it, and in which words.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Wrong {
    path: String,
    line: u64,
    column: u64,
    end_column: u64,
    severity: u64,
    code: Option<String>,
    message: String,
}

/// A report of the command line as JSON.
fn reported(command: &str, paths: &[PathBuf]) -> Value {
    let mut program = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
    let ran = program.arg(command).args(paths).args(["--json", "-"]).output().expect("runs");
    serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| {
        panic!("{command}: {error}: {}", String::from_utf8_lossy(&ran.stderr))
    })
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// All that the command line has to say of files.
fn told_by_commands(paths: &[PathBuf]) -> Vec<Wrong> {
    let mut all = Vec::new();
    for found in reported("check", paths)["findings"].as_array().expect("findings") {
        let mut message = format!("{}: {}", text(&found["message"]), text(&found["label"]));
        if let Some(help) = found["help"].as_str() {
            message.push_str(&format!("\n{help}"));
        }
        match found["more"].as_u64().expect("a number") {
            0 => {}
            1 => message.push_str("\n1 more row has such a fault"),
            more => message.push_str(&format!("\n{more} more rows have such a fault")),
        }
        all.push(Wrong {
            path: text(&found["path"]),
            line: found["line"].as_u64().expect("a number"),
            column: found["column"].as_u64().expect("a number"),
            end_column: found["end_column"].as_u64().expect("a number"),
            severity: if found["severity"] == "error" { 1 } else { 2 },
            code: Some(text(&found["code"])),
            message,
        });
    }
    for scenario in reported("scenario", paths)["scenarios"].as_array().expect("scenarios") {
        for failure in scenario["failures"].as_array().expect("failures") {
            let (expected, found) = (text(&failure["expected"]), text(&failure["found"]));
            let notes = failure["notes"].as_array().expect("notes").iter().map(text);
            let notes: Vec<String> = notes.collect();
            let rule = found
                .split("rule ")
                .nth(1)
                .map(|behind| behind.chars().take_while(char::is_ascii_alphanumeric).collect());
            all.push(Wrong {
                path: text(&scenario["path"]),
                line: failure["line"].as_u64().expect("a number"),
                column: failure["column"].as_u64().expect("a number"),
                end_column: failure["end_column"].as_u64().expect("a number"),
                severity: 1,
                code: rule,
                message: format!("expected {expected}\nfound {found}\n{}", notes.join("\n")),
            });
        }
    }
    all.sort();
    all
}

/// The column in characters of a column in units of UTF-16.
fn in_chars(line: &str, units: u64) -> u64 {
    let mut left = units as usize;
    let chars = line.chars().take_while(|c| {
        let is_before = left > 0;
        left = left.saturating_sub(c.len_utf16());
        is_before
    });
    chars.count() as u64 + 1
}

/// Where lines begin to an editor, whom a carriage return alone ends one, too.
fn lines_of_editors(file: &str) -> Vec<usize> {
    let bytes = file.as_bytes();
    let ends = |at: &usize| match bytes[*at] {
        b'\n' => true,
        b'\r' => bytes.get(*at + 1) != Some(&b'\n'),
        _ => false,
    };
    std::iter::once(0).chain((0..bytes.len()).filter(ends).map(|at| at + 1)).collect()
}

/// What an editor was told of files that are open, in the measure of the command line.
fn told_to_editor(editor: &Editor) -> Vec<Wrong> {
    let mut all = Vec::new();
    for (uri, (_, diagnostics)) in &editor.published {
        let path = uri.strip_prefix("file://").expect("a file");
        let file = std::fs::read(path).expect("a file");
        let file = String::from_utf8_lossy(&file).into_owned();
        let file = file.trim_start_matches('\u{feff}');
        for one in diagnostics {
            let place = |end: &str| {
                let place = &one["range"][end];
                let line = place["line"].as_u64().expect("a number");
                let begins = lines_of_editors(file)[line as usize];
                let units = place["character"].as_u64().expect("a number");
                let chars = in_chars(&file[begins..], units) as usize - 1;
                let before: String =
                    file[..begins].chars().chain(file[begins..].chars().take(chars)).collect();
                let behind_line = before.rsplit('\n').next().expect("one at least");
                let line = before.matches('\n').count() as u64 + 1;
                (line, behind_line.chars().count() as u64 + 1)
            };
            let ((line, column), (end_line, end_column)) = (place("start"), place("end"));
            assert_eq!(line, end_line, "{one}");
            // The command line names the row of a table below.
            let message = text(&one["message"]);
            let kept = match one["code"].as_str() {
                Some(code) if code.contains('-') => {
                    let lines = message.lines().filter(|line| !line.starts_with("row "));
                    lines.collect::<Vec<_>>().join("\n")
                }
                _ => message,
            };
            all.push(Wrong {
                path: path.to_owned(),
                line,
                column,
                end_column,
                severity: one["severity"].as_u64().expect("a number"),
                code: one["code"].as_str().map(str::to_owned),
                message: kept,
            });
        }
    }
    all.sort();
    all
}

/// Opens each of the files alone, and compares what it has with what commands say of all.
fn compare(paths: &[PathBuf]) -> usize {
    let mut expected = told_by_commands(paths);
    let mut editor = Editor::start();
    let mut told = Vec::new();
    for path in paths {
        let bytes = std::fs::read(path).expect("a scenario");
        // An editor that opens a file in another encoding has decoded it, or has refused it.
        let Ok(text) = String::from_utf8(bytes) else {
            let shown = path.display().to_string();
            expected.retain(|wrong| wrong.path != shown);
            continue;
        };
        editor.open(path, text.trim_start_matches('\u{feff}'));
        editor.diagnostics(path, 1);
        told.extend(told_to_editor(&editor));
        editor.close(path);
        editor.wait_until("nothing is left of it", |editor| {
            editor.published.values().all(|(_, found)| found.is_empty())
        });
        editor.published.clear();
    }
    told.sort();
    for (told, expected) in told.iter().zip(&expected) {
        assert_eq!(told, expected);
    }
    assert_eq!(told.len(), expected.len());
    assert!(editor.end().success());
    told.len()
}

#[test]
fn faulty_files_have_the_messages_of_the_command_line() {
    assert!(compare(&scenarios("tests/invalid")) > 250);
}

#[test]
fn files_that_are_warned_of_have_the_messages_of_the_command_line() {
    assert!(compare(&scenarios("tests/warned")) > 30);
}

#[test]
fn the_corpus_has_the_messages_of_the_command_line() {
    compare(&scenarios("scenarios"));
}

#[test]
fn false_expectations_and_wrong_rows_have_the_messages_of_the_command_line() {
    let mut paths = scenarios("tests/commands");
    // What a service said is told apart in the report: see the test of recordings.
    paths.retain(|path| !path.ends_with("seen.scenario") && !path.ends_with("never.scenario"));
    assert!(compare(&paths) > 5);
}

/// A folder of the test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lsp").join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

const WORLD: &str = "property acme\n  members ann\n";
const INCLUDING: &str = "scenario A\nsource S\ninclude \"acme.world\"\nat 2026-03-09 09:00\n  \
                         ann logs in on laptop\n  expect acme online\n";

#[test]
fn an_open_world_wins_over_the_disk_and_concerns_all_that_include_it() {
    let folder = folder("worlds");
    let [world, one, two] = ["acme.world", "one.scenario", "two.scenario"].map(|n| folder.join(n));
    for (path, text) in [(&world, WORLD), (&one, INCLUDING), (&two, INCLUDING)] {
        std::fs::write(path, text).expect("a file");
    }
    let mut editor = Editor::start();
    for path in [&one, &two] {
        editor.open(path, INCLUDING);
        assert_eq!(editor.diagnostics(path, 1), [] as [Value; 0]);
    }
    // A fault of the world stands in the world, once, and what it leads to in those that include it.
    editor.open(&world, "property acme\n  membrs bob\n");
    let has = |path: &Path, text: &'static str, count: usize| {
        let uri = uri(path);
        move |editor: &Editor| {
            let told = editor.published.get(&uri).map_or(&[][..], |(_, found)| found);
            told.iter().filter(|one| one["message"].to_string().contains(text)).count() == count
        }
    };
    editor.wait_until("the world's fault", has(&world, "`membrs` does not begin", 1));
    editor.wait_until("no agent", has(&one, "`ann` is not an agent", 1));
    editor.wait_until("no agent", has(&two, "`ann` is not an agent", 1));
    // Corrected, all are well again; closed, the disk counts.
    editor.change(&world, 2, None, WORLD);
    for path in [&world, &one, &two] {
        editor.wait_until("all well", has(path, "", 0));
    }
    editor.change(&world, 3, None, "property acme\n");
    editor.wait_until("no agent", has(&two, "`ann` is not an agent", 1));
    editor.close(&world);
    for path in [&world, &one, &two] {
        editor.wait_until("all well", has(path, "", 0));
    }
    assert!(editor.end().success());
}

#[test]
fn what_changes_on_the_disk_is_looked_at_where_the_editor_tells_of_it() {
    let folder = folder("watched");
    let (trace, path) = (folder.join("day.csv"), folder.join("a.scenario"));
    std::fs::write(&trace, "at,agent,device,action\n2026-03-09T09:00:00Z,ann,laptop,logon\n")
        .expect("a file");
    let text = "scenario A\nproperty acme\n  members ann\nreplay \"day.csv\"\nat 2026-03-09 10:00\n  \
                expect acme online\n";
    let watches = json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}});
    let mut editor = Editor::start_with(json!({"capabilities": watches}));
    editor.wait_until("it asks to be told", |editor| {
        editor.heard.iter().any(|(method, params)| {
            method == "client/registerCapability" && params.to_string().contains("**/*.csv")
        })
    });
    editor.open(&path, text);
    let is_faulty = |editor: &Editor| {
        let found = editor.published.get(&uri(&trace)).map_or(&[][..], |told| &told.1);
        found.iter().any(|one| one["code"] == "trace-row")
    };
    editor.wait_until("the trace has a fault", is_faulty);
    std::fs::write(&trace, "at,agent,device,action\n2026-03-09T09:00:00Z,ann,laptop,login\n")
        .expect("a file");
    let changes = json!({"changes": [{"uri": uri(&trace), "type": 2}]});
    editor.tell("workspace/didChangeWatchedFiles", changes);
    editor.wait_until("it has none any more", |editor| !is_faulty(editor));
    assert!(editor.end().success());
}

#[test]
fn places_count_what_was_agreed_on() {
    let path = folder("units").join("a.scenario");
    let text = "scenario A\nproperty caf\u{e9}-\u{1f600}! more\n";
    let mut columns = BTreeMap::new();
    for (encodings, counts) in [
        (json!(null), "utf-16"),
        (json!(["utf-16"]), "utf-16"),
        (json!(["utf-16", "utf-8"]), "utf-8"),
    ] {
        let general = json!({"general": {"positionEncodings": encodings}});
        let mut editor = Editor::start_with(json!({"capabilities": general}));
        assert_eq!(editor.agreed["capabilities"]["positionEncoding"], counts);
        editor.open(&path, text);
        let found = editor.diagnostics(&path, 1);
        let ends = found.iter().map(|one| one["range"]["end"]["character"].as_u64());
        columns.insert(counts, ends.max().flatten().expect("a fault"));
        // An edit behind the smiling face is put where it belongs: the fault is gone.
        let end = columns[counts];
        let range = json!({"start": {"line": 1, "character": 9},
                           "end": {"line": 1, "character": end}});
        editor.change(&path, 2, Some(range), "acme");
        let left = editor.diagnostics(&path, 2);
        assert!(left.iter().all(|one| one["severity"] == 2), "{left:?}");
        assert!(editor.end().success());
    }
    let (bytes, units) = (text.lines().nth(1).expect("a line").len(), 9 + 5 + 2 + 6);
    assert_eq!(columns, BTreeMap::from([("utf-8", bytes as u64), ("utf-16", units)]));
}

#[test]
fn rows_of_tables_and_pages_about_codes_and_rules_are_linked() {
    let path = folder("links").join("a.scenario");
    let text = "scenario {who} is there\nexamples\n  | who |\n  | ann |\nproperty acme\n  members ann\n\
                at 2026-03-09 09:00\n  {who} logs in on laptop\n  expect acme offline\n";
    let mut editor = Editor::start_with(json!({
        "capabilities": {"textDocument": {"publishDiagnostics": {"relatedInformation": true}}},
        "initializationOptions": {"docs": "https://example.com/docs/"},
    }));
    editor.open(&path, text);
    let found = editor.diagnostics(&path, 1);
    let [failure] = &found[..] else { panic!("{found:?}") };
    assert_eq!(failure["code"], "W2");
    assert_eq!(failure["codeDescription"]["href"], "https://example.com/docs/rules.md#w2");
    let related = &failure["relatedInformation"][0];
    assert_eq!(related["location"]["range"]["start"]["line"], 3);
    assert_eq!(related["message"], "row 4: who ann");
    for (version, text, line) in [
        (10, "scenario A\nproperty acme\nproperty acme\n", 1),
        (11, "scenario A\ngrace 1m\ngrace 2m\n", 1),
        (12, "scenario A\nproperty acme\n  countries only FR\n  countries only DE\n", 2),
        (13, "scenario A\nproperty ann\nproperty acme\n  members ann\n", 1),
    ] {
        editor.change(&path, version, None, text);
        let found = editor.diagnostics(&path, version);
        let again = found.iter().find(|one| one["severity"] == 1).expect("a fault");
        let first = &again["relatedInformation"][0];
        assert_eq!(first["location"]["range"]["start"]["line"], line, "{found:?}");
        assert_eq!(first["message"], "it is said first here");
    }
    editor.change(&path, 2, None, "scenari A\n");
    let found = editor.diagnostics(&path, 2);
    let page = "https://example.com/docs/diagnostics.md#unknown-statement";
    assert_eq!(found[0]["codeDescription"]["href"], page);
    assert!(editor.end().success());
}

#[test]
fn traces_that_are_large_are_played_when_the_file_is_saved() {
    let folder = folder("large");
    let path = folder.join("a.scenario");
    let mut trace = "at,agent,device,action\n".to_owned();
    for second in 0..40_000 {
        let (minute, second) = (second / 60, second % 60);
        let action = if second % 2 == 0 { "online" } else { "away" };
        let at = format!("2026-03-09T{:02}:{:02}:{second:02}Z", 9 + minute / 60, minute % 60);
        trace.push_str(&format!("{at},ann,laptop,{action}\n"));
    }
    let trace = trace.replacen("online", "login", 1);
    assert!(trace.len() > 1 << 20);
    std::fs::write(folder.join("day.csv"), trace).expect("a file");
    let text = "scenario A\nproperty acme\n  members ann\nreplay \"day.csv\"\nat 2026-03-10 10:00\n  \
                expect acme offline\n";
    let mut editor = Editor::start();
    editor.open(&path, text);
    let found = editor.diagnostics(&path, 1);
    assert_eq!(found[0]["message"].as_str().map(|told| told.starts_with("expected")), Some(true));
    editor.change(&path, 2, None, &format!("{text} # more\n"));
    let found = editor.diagnostics(&path, 2);
    let [note] = &found[..] else { panic!("{found:?}") };
    assert_eq!((&note["severity"], &note["range"]["start"]["line"]), (&json!(3), &json!(3)));
    assert!(note["message"].to_string().contains("when the file is saved"), "{note}");
    editor.save(&path);
    let is_played = |editor: &Editor| {
        let found = &editor.published[&uri(&path)].1;
        found.len() == 1 && found[0]["severity"] == 1
    };
    editor.wait_until("it is played", is_played);
    assert!(editor.end().success());
}

#[test]
fn what_cannot_be_served_is_an_error_and_the_server_goes_on() {
    let path = root().join("scenarios/none.scenario");
    let mut editor = Editor::start();
    let (code, why) = editor.ask("textDocument/none", json!({})).expect_err("there is none");
    assert_eq!(
        (code, why.as_str()),
        (-32601, "`textDocument/none` is nothing that this server does")
    );
    // What makes no sense is told in the log, and changes nothing.
    editor.tell("textDocument/didOpen", json!({"textDocument": 1}));
    editor.change(&path, 2, None, "of a file that nobody has opened");
    editor.wait_until("it is logged", |editor| {
        editor.heard.iter().any(|(method, _)| method == "window/logMessage")
    });
    editor.open(&path, "scenario A\n");
    assert_eq!(editor.diagnostics(&path, 1).len(), 1);
    assert!(editor.end().success());
    // An editor that goes without a word has not ended it well.
    assert_eq!(Editor::start().vanish().code(), Some(1));
}
