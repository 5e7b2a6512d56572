//! Which words are offered where, and what they replace.

use serde_json::{Value, json};

use super::answers::{TEAM, edited, folder, marked};
use super::editor::Editor;

/// What is offered at a mark in a text.
fn offered(editor: &mut Editor, name: &str, text: &str) -> Vec<Value> {
    let (text, line, column) = marked(text);
    let path = folder("completed").join(name);
    editor.open(&path, &text);
    let answer = editor.ask_at("textDocument/completion", &path, line, column);
    editor.close(&path);
    answer.as_array().unwrap_or_else(|| panic!("{text}: {answer}")).clone()
}

fn labels(items: &[Value]) -> Vec<&str> {
    items.iter().map(|one| one["label"].as_str().expect("a word")).collect()
}

const QUOTED: &str = "members ann bob \"Zo\u{eb} \u{1f600}\"";

#[test]
fn where_little_can_stand_little_is_offered() {
    let team = TEAM.replace("members ann bob", QUOTED);
    let mut editor = Editor::start();
    let verbs = ["logs", "goes", "loses", "reconnects", "is"];
    let statuses = ["online", "away", "invisible", "offline", "until"];
    for (more, wanted) in [
        ("  expect no ^", &["anomalies"][..]),
        ("  expect no anomalies ^", &[]),
        ("  expect acme changes ^", &["at most", "at least", "exactly"]),
        ("  expect acme changes at ^", &["most", "least"]),
        ("  expect acme changes at most ^", &[]),
        ("  expect acme changes at most 3 ^", &["times"]),
        ("  expect acme changes exactly 3 ^", &["times"]),
        ("  expect acme changes at most 3 times ^", &["until"]),
        ("  expect acme changes at most 3 times until 10:00 ^", &[]),
        ("  expect acme next 10:00 ^", &[]),
        ("  expect acme next never ^", &[]),
        ("  expect acme next 2026-03-10 ^", &[]),
        ("  expect acme greeting ^", &[]),
        ("  expect acme online on ^", &[]),
        ("  expect acme shown ^", &["to", "in", "on", "until"]),
        (
            "  expect acme online, because agent-online ^",
            &["chat", "no", "form", "greeting", "until"],
        ),
        ("  expect ann ^", &statuses),
        ("  expect \"Zo\u{eb} \u{1f600}\" ^", &statuses),
        ("  expect ann online ^", &["until"]),
        ("  ann ^", &verbs),
        ("  \"Zo\u{eb} \u{1f600}\" ^", &verbs),
        ("  \"ann\" ^", &verbs),
        ("  ann goes away ^", &["on", "for"]),
        ("  ann goes away for ^", &[]),
        ("  ann goes away for 30m ^", &["on"]),
        ("  ann goes away on laptop ^", &["for"]),
        ("  ann logs in on laptop ^", &[]),
        ("  set acme off hide-on ^", &["desktop", "mobile"]),
        ("  set acme scheduler UTC\n    mon 09:00-17:00 ^", &["every"]),
        ("observed \"a.csv\" ^", &["within"]),
        ("replay ^", &[]),
        ("until 2026-03-10 09:00 ^", &[]),
        ("at +1m # ^", &[]),
    ] {
        let items = offered(&mut editor, "a.scenario", &format!("{team}{more}"));
        assert_eq!(labels(&items), wanted, "{more}");
    }
    for (text, wanted) in [
        ("tags ^", &[][..]),
        ("source ^", &[]),
        ("grace ^", &[]),
        ("include ^", &[]),
        ("timezone UTC ^", &[]),
        ("examples\n  | ^", &[]),
        ("examples\n  | a | ^b |", &[]),
        ("property acme\n  scheduler UTC\n    dates ^", &[]),
        ("property acme\n  scheduler UTC\n    dates \"x.ics\" ^", &["closed"]),
        ("property acme\n  scheduler UTC\n    mon ^", &["closed"]),
        ("property acme\n  scheduler UTC\n    mon 09:00-17:00 ^", &["every"]),
        ("property acme\n  scheduler UTC\n    mon closed every 2 ^", &["weeks"]),
        ("property acme\n  scheduler UTC\n    date 2026-03-09 closed ^", &[]),
    ] {
        let items = offered(&mut editor, "a.scenario", &format!("scenario A\n{text}"));
        assert_eq!(labels(&items), wanted, "{text}");
    }
    assert!(editor.end().success());
}

#[test]
fn hours_columns_and_blocks_are_offered_where_they_can_stand() {
    let mut editor = Editor::start();
    let table = "scenario A {w^ho}\nexamples\n  | who | at |\n  | ann | 9 |\nproperty acme\n";
    for (name, text, wanted, unwanted) in [
        ("a.scenario", format!("{TEAM}  set acme scheduler UTC\n  ^"), "mon-fri", "members"),
        (
            "a.scenario",
            format!("{TEAM}  set acme scheduler UTC\n    daily closed\n  ^"),
            "date",
            "members",
        ),
        ("a.scenario", format!("{TEAM}  set acme scheduler as acme\n  ^"), "expect", "date"),
        ("a.scenario", format!("{TEAM}  set acme pages show \"x\"\n  ^"), "expect", "mon"),
        (
            "a.scenario",
            "scenario A\nproperty acme\n  scheduler UTC\n  mon,^".to_owned(),
            "tue",
            "members",
        ),
        ("a.world", "^".to_owned(), "property", "scenario"),
        ("a.world", "property acme\n^".to_owned(), "widget", "at"),
        ("a.scenario", table.to_owned(), "who", "at 9"),
        ("a.scenario", table.replace('^', "") + "at 2026-03-09 {^\n", "at", "17:00"),
        (
            "a.scenario",
            table.replace('^', "") + "at 2026-03-09 09:00\n  set acme greeting online \"Hi {^\"\n",
            "who",
            "acme",
        ),
    ] {
        let items = offered(&mut editor, name, &text);
        let labels = labels(&items);
        assert!(labels.contains(&wanted), "{text}: {labels:?}");
        assert!(!labels.contains(&unwanted), "{text}: {labels:?}");
    }
    // Without a table, and where two of them are one, a brace is a brace.
    for text in ["scenario A\ntags {^", &table.replace("w^ho}", "{^")] {
        assert_eq!(offered(&mut editor, "a.scenario", text), Vec::<Value>::new(), "{text}");
    }
    assert!(editor.end().success());
}

#[test]
fn what_is_offered_replaces_the_word_that_is_being_written() {
    let team = TEAM.replace("members ann bob", QUOTED);
    let mut editor = Editor::start();
    for (more, label, wanted) in [
        (
            "  expect acme online because agent-o^nline # x",
            "agent-away",
            "  expect acme online because agent-away # x",
        ),
        ("at 2026-03-^", "2026-03-09 17:00", "at 2026-03-09 17:00"),
        ("  expect acme/s^", "acme/shop", "  expect acme/shop"),
        ("  expect ac^me online", "acme/shop", "  expect acme/shop online"),
        ("  expect acme onl^, no chat", "online", "  expect acme online, no chat"),
        ("  \"Zo\u{eb} \u{1f600}\" lo^", "logs", "  \"Zo\u{eb} \u{1f600}\" logs"),
        ("  expect ^online", "acme", "  expect acmeonline"),
    ] {
        let (text, line, _) = marked(&format!("{team}{more}"));
        let items = offered(&mut editor, "a.scenario", &format!("{team}{more}"));
        let item = items.iter().find(|one| one["label"] == label);
        let edit = item.unwrap_or_else(|| panic!("{more}: {items:?}"))["textEdit"].clone();
        assert_eq!(edit["range"]["start"]["line"], line);
        // The columns are those of UTF-16.
        let last = text.lines().last().expect("a line");
        let units: Vec<u16> = last.encode_utf16().collect();
        let at = |end: &str| edit["range"][end]["character"].as_u64().expect("a number") as usize;
        let part = |units: &[u16]| String::from_utf16(units).expect("whole letters");
        let new = edit["newText"].as_str().expect("a text");
        let done = format!("{}{new}{}", part(&units[..at("start")]), part(&units[at("end")..]));
        assert_eq!(done, wanted, "{more}");
    }
    let text = "scenario A\nexamples\n  | who |\n  | ann |\nproperty {w^\n";
    for (text, wanted) in [(text.to_owned(), "{who}"), (text.replace("w^", "^wx}"), "{who}")] {
        let items = offered(&mut editor, "a.scenario", &text);
        let done = edited(&text.replace('^', ""), &json!([items[0]["textEdit"]]));
        assert!(done.ends_with(&format!("property {wanted}\n")), "{done}");
    }
    assert!(editor.end().success());
}
