//! Files that scenarios name: what was meant in them is offered there.

use std::path::Path;

use serde_json::{Value, json};

use super::answers::{edited, folder};
use super::editor::{Editor, uri};

/// The actions that are offered where something was found.
fn actions(editor: &mut Editor, path: &Path, found: &Value) -> Vec<Value> {
    let params = json!({
        "textDocument": {"uri": uri(path)}, "range": found["range"], "context": {"diagnostics": []},
    });
    let actions = editor.ask("textDocument/codeAction", params).expect("actions");
    actions.as_array().expect("a list").clone()
}

/// A scenario that names a trace and a recording, with a fault in each row; and what mends each.
const TRACED: [(&str, &str); 3] = [
    (
        "a.scenario",
        "scenario A\nproperty acme\n  members ann \"Bo, the second\"\n\
         replay \"trace.csv\"\nobserved \"seen.csv\"\n",
    ),
    (
        "trace.csv",
        "at,agent,device,action\n2026-03-09T08:55:00+0100,ann,laptop,login\n\
         2026-03-09T09:00:00Z,an,laptop,away\n2026-03-09T09:01:00Z,ann,laptop,Available\n\
         2026-03-09T09:02:00Z,\"Bo, the secnd\",caf\u{e9},login\n",
    ),
    (
        "seen.csv",
        "at,widget,status,country\n2026-03-09T09:00:00Z,acm,away,\n2026-03-09T09:01:00Z,acme,Ready,\n\
         2026-03-09T09:01:30Z,acme,online,fr\n",
    ),
];

#[test]
fn what_was_meant_in_a_trace_or_a_recording_is_a_fix_there() {
    let folder = folder("traced");
    let paths = TRACED.map(|(name, text)| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        path
    });
    let mut editor = Editor::start();
    editor.open(&paths[0], TRACED[0].1);
    let mut fixed = Vec::new();
    // Of two faulty files the first one is told of: it is mended, and the other's turn comes.
    for (path, (_, text)) in paths.iter().zip(TRACED).skip(1) {
        editor.wait_until("faults", |editor| {
            editor.published.get(&uri(path)).is_some_and(|(_, found)| !found.is_empty())
        });
        let found = editor.published[&uri(path)].1.clone();
        editor.open(path, text);
        let mut mended = text.to_owned();
        for one in found.iter().rev() {
            let [action] = &actions(&mut editor, path, one)[..] else { panic!("{one}: one fix") };
            assert_eq!(action["diagnostics"][0], *one);
            mended = edited(&mended, &action["edit"]["changes"][uri(path)]);
            fixed.push(action["title"].as_str().expect("a title").to_owned());
        }
        // Nothing else is answered of such a file, and nothing is wrong with it by itself.
        assert_eq!(editor.ask_at("textDocument/hover", path, 0, 1), Value::Null);
        // Where the open text has something else there, nothing is put in its place.
        editor.change(path, 2, None, &text.replacen("at,", "\nat,", 1));
        assert_eq!(actions(&mut editor, path, &found[0]), Vec::<Value>::new());
        std::fs::write(path, &mended).expect("a file");
        editor.change(path, 3, None, &mended);
        editor.save(path);
        editor.wait_until(&mended, |editor| editor.published[&uri(path)].1.is_empty());
    }
    fixed.sort();
    let meant = ["FR", "acme", "ann", "online", "online", "2026-03-09T08:55:00+01:00"];
    let mut all: Vec<String> = meant.iter().map(|meant| format!("write `{meant}`")).collect();
    all.push("write `\"Bo, the second\"`".to_owned());
    all.sort();
    assert_eq!(fixed, all);
    assert!(editor.end().success());
}

#[test]
fn what_was_meant_in_a_file_of_rules_is_a_fix_where_the_scenario_names_it() {
    let folder = folder("ruled");
    let rules = folder.join("ours.toml");
    let text = "[rules]\naway_is = \"away\"\nhuors = \"gate\"\nhours = \"replaced\"\n";
    std::fs::write(&rules, text).expect("a file");
    let path = folder.join("a.scenario");
    let mut editor = Editor::start();
    let scenario = "scenario A\nrules \"ours.toml\"\nproperty acme\n  members ann\n\
                    at 2026-03-09 09:00\n  expect acme offline\n";
    editor.open(&path, scenario);
    let mut found = editor.diagnostics(&path, 1);
    let mut mended = text.to_owned();
    for written in ["hours = \"gate\"\n", "\nhours = \"replace\"\n"] {
        let message = found[0]["message"].as_str().expect("a message").to_owned();
        assert!(message.contains("did you mean `"), "{message}");
        let actions = actions(&mut editor, &path, &found[0]);
        mended = edited(&mended, &actions[0]["edit"]["changes"][uri(&rules)]);
        assert!(mended.contains(written), "{mended}");
        if written.contains("gate") {
            mended = mended.replace(written, "");
        }
        // The open text wins over the disk.
        editor.open(&rules, &mended);
        editor.wait_until(&mended, |editor| {
            let told = &editor.published[&uri(&path)].1;
            told.first().is_none_or(|one| one["message"] != message)
        });
        found = editor.published[&uri(&path)].1.clone();
        std::fs::write(&rules, &mended).expect("a file");
        editor.close(&rules);
    }
    assert_eq!(found, Vec::<Value>::new());
    assert!(editor.end().success());
}

#[test]
fn files_that_scenarios_name_are_asked_for_where_an_editor_lets_itself_be_asked() {
    let can = json!({"dynamicRegistration": true});
    let text = json!({"synchronization": can, "codeAction": can});
    let mut editor = Editor::start_with(json!({"capabilities": {"textDocument": text}}));
    editor.wait_until("registrations", |editor| !editor.heard.is_empty());
    let (method, asked) = editor.heard[0].clone();
    assert_eq!(method, "client/registerCapability");
    let registered = asked["registrations"].as_array().expect("a list");
    let methods: Vec<_> = registered.iter().map(|one| one["method"].as_str()).collect();
    let told = ["didOpen", "didChange", "didSave", "didClose", "codeAction"];
    let told = told.map(|told| format!("textDocument/{told}"));
    assert_eq!(methods, told.each_ref().map(|told| Some(told.as_str())));
    for one in registered {
        let files = &one["registerOptions"]["documentSelector"];
        let patterns: Vec<_> = (0..3).map(|number| files[number]["pattern"].clone()).collect();
        assert_eq!(patterns, ["**/*.csv", "**/*.ics", "**/*.toml"]);
    }
    assert_eq!(registered[1]["registerOptions"]["syncKind"], 2);
    assert_eq!(registered[4]["registerOptions"]["codeActionKinds"], json!(["quickfix"]));
    assert!(editor.end().success());
}
