//! What an editor asks about a place, and what it is answered.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::editor::{Editor, root, uri};

/// A text in which `^` marks a place: the text without it, and the place.
pub fn marked(text: &str) -> (String, u32, u32) {
    let at = text.find('^').expect("a mark");
    let line = text[..at].matches('\n').count();
    let column = text[..at].rsplit('\n').next().expect("a line").encode_utf16().count();
    (text.replacen('^', "", 1), line as u32, column as u32)
}

pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lsp").join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// What stands above each of the lines that are asked about.
pub const TEAM: &str = "\
scenario A team
timezone America/New_York
property acme
  members ann bob
  scheduler Europe/London
    mon-fri 09:00-17:00
    date *-12-25 closed
  countries only FR
widget acme/shop
at 2026-03-09 08:55
  ann logs in on laptop
  expect acme online until 13:00
";

/// Asks about a place of a text, in a session of its own.
fn ask(editor: &mut Editor, name: &str, method: &str, text: &str) -> Value {
    let (text, line, column) = marked(text);
    let path = folder("asked").join(format!("{name}.scenario"));
    editor.open(&path, &text);
    let answer = editor.ask_at(method, &path, line, column);
    editor.close(&path);
    answer
}

/// The team with a mark in front of the words.
fn at(words: &str) -> String {
    assert!(TEAM.contains(words), "{words}");
    TEAM.replacen(words, &format!("^{words}"), 1)
}

#[test]
fn a_word_says_what_it_means_there() {
    let mut editor = Editor::start();
    for (text, wanted) in [
        (at("America/New_York"), vec!["UTC-04:00", "Next clock change: 2026-11-01T06:00:00Z"]),
        (at("mon-fri"), vec!["Hours of `acme` in Europe/London", "- Mon 2026-03-09: 09:00-17:00"]),
        (at("date *-12-25"), vec!["- Fri 2026-12-25: closed"]),
        (
            at("at 2026-03-09 08:55"),
            vec!["Mon 2026-03-09 08:55 America/New_York", "2026-03-09T12:55:00Z"],
        ),
        (
            at("13:00"),
            vec!["Mon 2026-03-09 13:00 America/New_York (UTC-04:00)", "2026-03-09T17:00:00Z"],
        ),
        (at("FR"), vec!["`FR`: France"]),
        (at("ann logs"), vec!["Agent **ann**, member of acme"]),
        (
            at("acme online"),
            vec!["Property and widget **acme**", "members ann bob", "By the rules here: online"],
        ),
        (at("laptop"), vec!["Device **laptop** of ann"]),
        (at("countries"), vec!["**Rule V2**"]),
        (at("logs in"), vec!["**Rule P1**"]),
        (TEAM.replace("until 13:00", "because ^agent-online"), vec!["**Rule W2**"]),
        (
            format!("{TEAM}  # by rule ^W6\n"),
            vec!["**Rule W6** (Status of a widget)", "From the help"],
        ),
        (format!("{TEAM}# allow ^never-open\n"), vec!["**never-open**", "```lamplighter"]),
    ] {
        let answer = ask(&mut editor, "hover", "textDocument/hover", &text);
        let page =
            answer["contents"]["value"].as_str().unwrap_or_else(|| panic!("{text}: {answer}"));
        for words in wanted {
            assert!(page.contains(words), "{text}\n{page}");
        }
    }
    let nothing = ask(&mut editor, "hover", "textDocument/hover", &at("A team"));
    assert_eq!(nothing, Value::Null);
    assert!(editor.end().success());
}

#[test]
fn what_can_stand_at_a_place_is_offered_there() {
    let mut editor = Editor::start();
    for (more, wanted, unwanted) in [
        ("^", "expect", "members"),
        ("  ^", "ann", "scenario"),
        ("  expect ^", "acme/shop", "online"),
        ("  expect acme off^", "offline", "invisible"),
        ("  expect ann ^", "invisible", "because"),
        ("  expect acme online because ^", "scheduler-open", "page"),
        ("  expect acme hidden because ^", "page", "scheduler-open"),
        ("  expect acme shown in ^", "FR", "online"),
        ("  expect acme next ^", "never", "online"),
        ("  expect acme online, ^", "chat", "acme"),
        ("  ann ^", "goes", "acme"),
        ("  ann goes ^", "away", "logs"),
        ("  ann logs out on ^", "laptop", "out"),
        ("  ann is suspended in ^", "acme", "ann"),
        ("  set ^", "acme/shop", "ann"),
        ("  set acme ^", "hide-when-offline", "acme"),
        ("  set acme scheduler ^", "Asia/Kolkata", "online"),
        ("at ^", "+1d 09:00", "ann"),
        ("# allow ^", "gap-of-a-minute", "unknown-statement"),
    ] {
        let answer =
            ask(&mut editor, "complete", "textDocument/completion", &format!("{TEAM}{more}"));
        let labels: Vec<&str> = answer
            .as_array()
            .unwrap_or_else(|| panic!("{more}: {answer}"))
            .iter()
            .map(|one| one["label"].as_str().expect("a word"))
            .collect();
        assert!(labels.contains(&wanted), "{more}: {labels:?}");
        assert!(!labels.contains(&unwanted), "{more}: {labels:?}");
    }
    for (text, wanted) in [
        ("^", "scenario"),
        ("scenario A\ntimezone ^", "Europe/London"),
        ("scenario A\nrules ^", "zendesk"),
        ("scenario A\nproperty acme\n  ^", "hide-on"),
        ("scenario A\nproperty acme\n  scheduler UTC\n    date ^", "*-12-25"),
        ("scenario A\nproperty acme\nwidget ^", "acme/"),
    ] {
        let answer = ask(&mut editor, "complete", "textDocument/completion", text);
        assert!(
            answer.to_string().contains(&format!("\"label\":\"{wanted}\"")),
            "{text}: {answer}"
        );
    }
    // Every zone is one.
    let text = "scenario A\ntimezone ^";
    let zones = ask(&mut editor, "complete", "textDocument/completion", text);
    assert!(zones.as_array().is_some_and(|zones| zones.len() > 400));
    // Nothing of the language stands in a text.
    let text = format!("{TEAM}  set acme greeting online \"^");
    assert_eq!(ask(&mut editor, "complete", "textDocument/completion", &text), json!([]));
    assert!(editor.end().success());
}

const WORLD: &str = "property acme\n  members ann \"Ann O'Neil\"\nwidget acme/shop\n";
const FIRST: &str = "scenario A\ninclude \"acme.world\"\nat 2026-03-09 09:00\n  ann logs in on laptop\n  \
                     expect acme/shop online\n  \"Ann O'Neil\" logs in on laptop\n";
const SECOND: &str = "scenario B\ninclude \"acme.world\"\nat 2026-03-09 09:00\n  expect ann offline\n  \
                      expect acme offline\n";

/// Two scenarios that include one world, of which the second is closed.
fn shared(name: &str) -> (Editor, [PathBuf; 3]) {
    let folder = folder(name);
    let files = ["acme.world", "first.scenario", "second.scenario"].map(|name| folder.join(name));
    for (path, text) in files.iter().zip([WORLD, FIRST, SECOND]) {
        std::fs::write(path, text).expect("a file");
    }
    let folders = json!([{"uri": uri(&folder), "name": "shared"}]);
    let mut editor = Editor::start_with(json!({"capabilities": {}, "workspaceFolders": folders}));
    editor.open(&files[0], WORLD);
    editor.open(&files[1], FIRST);
    (editor, files)
}

#[test]
fn a_name_leads_to_where_it_is_declared() {
    let (mut editor, [world, first, _]) = shared("definition");
    for (line, column, path, to) in [
        (
            3,
            3,
            &world,
            json!({"start": {"line": 1, "character": 10}, "end": {"line": 1, "character": 13}}),
        ),
        (
            5,
            4,
            &world,
            json!({"start": {"line": 1, "character": 14}, "end": {"line": 1, "character": 26}}),
        ),
        (
            4,
            10,
            &world,
            json!({"start": {"line": 0, "character": 9}, "end": {"line": 0, "character": 13}}),
        ),
        (
            4,
            16,
            &world,
            json!({"start": {"line": 2, "character": 12}, "end": {"line": 2, "character": 16}}),
        ),
        (
            1,
            12,
            &world,
            json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}),
        ),
        (
            3,
            18,
            &first,
            json!({"start": {"line": 3, "character": 17}, "end": {"line": 3, "character": 23}}),
        ),
    ] {
        let found = editor.ask_at("textDocument/definition", &first, line, column);
        assert_eq!(found, json!([{"uri": uri(path), "range": to}]), "{line}:{column}");
    }
    assert_eq!(editor.ask_at("textDocument/definition", &first, 0, 3), json!([]));
    assert!(editor.end().success());
}

/// A text after the edits that a server wants in it.
pub fn edited(text: &str, edits: &Value) -> String {
    let mut edits = edits.as_array().cloned().unwrap_or_default();
    let place = |edit: &Value, end: &str| {
        let place = &edit["range"][end];
        let line = place["line"].as_u64().expect("a number") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + place["character"].as_u64().expect("a number") as usize
    };
    edits.sort_by_key(|edit| std::cmp::Reverse(place(edit, "start")));
    let mut new = text.to_owned();
    for edit in edits {
        let (start, end) = (place(&edit, "start"), place(&edit, "end"));
        new.replace_range(start..end, edit["newText"].as_str().expect("a text"));
    }
    new
}

#[test]
fn a_name_is_renamed_wherever_it_stands_in_files_that_are_open_or_not() {
    let (mut editor, [world, first, second]) = shared("rename");
    let mut rename = |path: &Path, line: u32, column: u32, new: &str| {
        let params = json!({
            "textDocument": {"uri": uri(path)},
            "position": {"line": line, "character": column},
            "newName": new,
        });
        editor.ask("textDocument/rename", params)
    };
    // From the scenario, and from the world itself.
    for (path, line, column) in [(&first, 3, 3), (&world, 1, 11)] {
        let changes = rename(path, line, column, "eve x").expect("a name")["changes"].clone();
        for (path, text, wanted) in [
            (&world, WORLD, WORLD.replace("ann ", "\"eve x\" ")),
            (&first, FIRST, FIRST.replace("  ann", "  \"eve x\"")),
            (&second, SECOND, SECOND.replace("ann", "\"eve x\"")),
        ] {
            assert_eq!(edited(text, &changes[uri(path)]), wanted);
        }
    }
    let changes = rename(&first, 4, 10, "zest").expect("a name")["changes"].clone();
    assert_eq!(edited(WORLD, &changes[uri(&world)]), WORLD.replace("acme", "zest"));
    assert_eq!(edited(FIRST, &changes[uri(&first)]), FIRST.replace("acme/", "zest/"));
    assert_eq!(edited(SECOND, &changes[uri(&second)]), SECOND.replace("acme off", "zest off"));
    // What cannot be, is refused with its reason.
    for (new, why) in [
        ("acme", "there is a `acme` already"),
        (
            "",
            "this cannot be the name of an agent: names in quotes are 1 to 64 printable \
             characters, with single blanks between",
        ),
    ] {
        assert_eq!(rename(&first, 3, 3, new), Err((-32803, why.to_owned())));
    }
    assert_eq!(rename(&first, 0, 0, "b"), Err((-32803, "no name stands here".to_owned())));
    let params = json!({
        "textDocument": {"uri": uri(&first)}, "position": {"line": 3, "character": 3},
        "context": {"includeDeclaration": true},
    });
    let places = editor.ask("textDocument/references", params).expect("places");
    assert_eq!(places.as_array().map(Vec::len), Some(3), "{places}");
    assert!(editor.end().success());
}

#[test]
fn a_text_is_put_into_its_form() {
    let path = folder("formatting").join("a.scenario");
    let text = "scenario A\n\n\nproperty acme\nmembers ann   # us\nat 2026-03-09 09:00\nexpect acme offline";
    let mut editor = Editor::start();
    editor.open(&path, text);
    let params = json!({
        "textDocument": {"uri": uri(&path)}, "options": {"tabSize": 2, "insertSpaces": true},
    });
    let edits = editor.ask("textDocument/formatting", params.clone()).expect("edits");
    let formatted = lamplighter_scenario::language::format::format(text.as_bytes()).expect("sound");
    let formatted = String::from_utf8(formatted.bytes).expect("UTF-8");
    assert_eq!(edited(text, &edits), formatted);
    editor.change(&path, 2, None, &formatted);
    assert_eq!(editor.ask("textDocument/formatting", params.clone()), Ok(json!([])));
    editor.change(&path, 3, None, "scenari A\n");
    let (code, why) = editor.ask("textDocument/formatting", params).expect_err("it has errors");
    assert_eq!(code, -32803);
    assert!(why.contains("errors, which come first"), "{why}");
    assert!(editor.end().success());
}

#[test]
fn the_rules_speak_at_the_end_of_each_expectation() {
    let path = folder("hints").join("a.scenario");
    let text = format!("{TEAM}  expect ann away\nat 14:00\n  expect acme next never # soon\n");
    let mut editor = Editor::start();
    editor.open(&path, &text);
    let params = json!({
        "textDocument": {"uri": uri(&path)},
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}},
    });
    let hints = editor.ask("textDocument/inlayHint", params).expect("hints");
    let hints: Vec<(u64, u64, &str)> = hints
        .as_array()
        .expect("a list")
        .iter()
        .map(|hint| {
            let place = |part: &str| hint["position"][part].as_u64().expect("a number");
            (place("line"), place("character"), hint["label"].as_str().expect("a text"))
        })
        .collect();
    assert_eq!(
        hints,
        [
            (11, 32, "online, chat possible, because agent-online (rule W2)"),
            (12, 17, "online"),
            (14, 24, "next 2026-03-10 05:00: online at 2026-03-10 05:00, scheduler opens"),
        ]
    );
    assert!(editor.end().success());
}

#[test]
fn the_parts_of_a_file_are_its_outline_and_fold() {
    let path = folder("parts").join("a.scenario");
    let mut editor = Editor::start();
    editor.open(&path, TEAM);
    let params = json!({"textDocument": {"uri": uri(&path)}});
    let symbols = editor.ask("textDocument/documentSymbol", params.clone()).expect("an outline");
    let names: Vec<&str> =
        symbols.as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["property acme", "widget acme/shop", "at 2026-03-09 08:55"]);
    let folds = editor.ask("textDocument/foldingRange", params).expect("folds");
    let lines: Vec<_> = folds
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (&one["startLine"], &one["endLine"]))
        .collect();
    assert_eq!(lines, [(&json!(2), &json!(7)), (&json!(9), &json!(11))]);
    assert!(editor.end().success());
}

#[test]
fn a_file_is_run_and_blessed_by_what_stands_above_its_title() {
    let path = folder("lenses").join("a.scenario");
    let text =
        "scenario A\nproperty acme\n  members ann\nat 2026-03-09 09:00\n  expect acme online\n";
    let mut editor = Editor::start();
    editor.open(&path, text);
    let params = json!({"textDocument": {"uri": uri(&path)}});
    let lenses = editor.ask("textDocument/codeLens", params).expect("lenses");
    let commands: Vec<Value> =
        lenses.as_array().expect("a list").iter().map(|lens| lens["command"].clone()).collect();
    let titles: Vec<_> = commands.iter().map(|command| command["title"].as_str()).collect();
    assert_eq!(titles, [Some("run"), Some("bless")]);
    let execute = |editor: &mut Editor, command: &Value| {
        editor.heard.clear();
        let params = json!({"command": command["command"], "arguments": command["arguments"]});
        assert_eq!(editor.ask("workspace/executeCommand", params), Ok(Value::Null));
        editor.wait_until("it is told", |editor| {
            editor.heard.iter().any(|(method, _)| method == "window/showMessage")
        });
        editor.heard.clone()
    };
    let told = execute(&mut editor, &commands[0]);
    assert!(
        told[0].1.to_string().contains("a.scenario: failed: 1 of 1 expectation false"),
        "{told:?}"
    );
    let told = execute(&mut editor, &commands[1]);
    let [(method, edit), (_, message)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(method, "workspace/applyEdit");
    let blessed = edited(text, &edit["edit"]["changes"][uri(&path)]);
    assert_eq!(blessed, text.replace("acme online", "acme offline"));
    assert!(message.to_string().contains("1 expectation rewritten"), "{message}");
    editor.change(&path, 2, None, &blessed);
    let told = execute(&mut editor, &commands[0]);
    assert!(told[0].1.to_string().contains("a.scenario: passed: 1 expectation"), "{told:?}");
    assert!(editor.end().success());
}

#[test]
fn what_is_not_blessed_is_told_with_its_reason() {
    let path = folder("unblessed").join("a.scenario");
    let plain = "scenario A\nproperty acme\n  members ann\nat 2026-03-09 09:00\n  \
                 expect acme changes at least 1 time until 10:00\n  expect acme online\n";
    let row = plain.replace("scenario A\n", "scenario A {is}\nexamples\n  | is |\n  | away |\n");
    let by_row = row.replace("acme online", "acme {is}");
    let meant = "1 left alone: `at most`, `at least` and `no anomalies` say what is meant";
    let rows = "1 left alone: not by all rows of the table the same words would be true";
    let mut editor = Editor::start();
    for (text, told) in [
        (plain.to_owned(), format!("1 expectation rewritten, {meant}")),
        (by_row, format!("0 expectations rewritten, {rows}, {meant}")),
    ] {
        editor.open(&path, &text);
        editor.heard.clear();
        let params = json!({"command": "lamplighter.bless", "arguments": [uri(&path)]});
        editor.ask("workspace/executeCommand", params).expect("it is done");
        editor.wait_until("it is told", |editor| {
            editor.heard.iter().any(|(method, _)| method == "window/showMessage")
        });
        let (_, shown) = editor.heard.last().expect("a message");
        assert_eq!(shown["message"], format!("a.scenario: {told}"));
        editor.close(&path);
    }
    assert!(editor.end().success());
}

#[test]
fn every_word_of_the_language_has_its_colour() {
    let grammar = root().join("editors/vscode/syntaxes/lamplighter.tmLanguage.json");
    let grammar = std::fs::read_to_string(grammar).expect("the grammar");
    let is_in = |word: &&str| {
        let parts = ["(", "|", "?", "^", " ", ":"];
        parts.iter().any(|before| {
            [")", "|", "\"", "(", "\\", "?"]
                .iter()
                .any(|behind| grammar.contains(&format!("{before}{word}{behind}")))
        })
    };
    let without: Vec<&str> =
        lamplighter_scenario::language::keywords().filter(|word| !is_in(word)).collect();
    assert_eq!(without, [] as [&str; 0]);
}
