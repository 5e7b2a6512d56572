//! Fixes of what was found: words that were meant, and what is allowed where it stands.

use std::path::Path;

use serde_json::{Value, json};

use super::answers::{edited, folder};
use super::editor::{Editor, scenarios, uri};

/// Applies the first fix of each message that says "did you mean", one file at a time: the message is gone.
#[test]
fn every_did_you_mean_of_a_scenario_is_a_fix_that_mends_it() {
    let mut editor = Editor::start();
    let mut fixed = 0;
    for path in [scenarios("tests/invalid"), scenarios("tests/warned")].concat() {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let text = text.trim_start_matches('\u{feff}');
        editor.open(&path, text);
        let mut version = 1;
        let own = editor.diagnostics(&path, version);
        // What a table puts in is not for one row to change.
        let is_of_row = |one: &Value| one["message"].to_string().contains("\\nrow ");
        for found in own
            .iter()
            .filter(|one| one["message"].to_string().contains("id you mean `") && !is_of_row(one))
        {
            let params = json!({
                "textDocument": {"uri": uri(&path)}, "range": found["range"], "context": {"diagnostics": []},
            });
            let actions = editor.ask("textDocument/codeAction", params).expect("actions");
            let mends = |one: &&Value| {
                one["diagnostics"][0] == *found && one["title"].to_string().contains("write `")
            };
            let action = actions.as_array().expect("a list").iter().find(mends);
            let action = action.unwrap_or_else(|| panic!("{}: {found}\n{actions}", path.display()));
            let mended = edited(text, &action["edit"]["changes"][uri(&path)]);
            version += 1;
            editor.change(&path, version, None, &mended);
            let left = editor.diagnostics(&path, version);
            let still = left.iter().any(|one| {
                one["message"] == found["message"]
                    && one["range"]["start"] == found["range"]["start"]
            });
            assert!(!still, "{}: {action}\n{mended}", path.display());
            fixed += 1;
            version += 1;
            editor.change(&path, version, None, text);
            editor.diagnostics(&path, version);
        }
        editor.close(&path);
    }
    assert!(fixed > 40, "{fixed}");
    assert!(editor.end().success());
}

#[test]
fn a_warning_can_be_allowed_where_it_stands() {
    let path = folder("allow").join("a.scenario");
    let text = "scenario A\nproperty acme\n  members ann\n  scheduler UTC\n    mon 09:00-12:00 12:01-17:00\n\
                at 2026-03-09 09:00\n  expect acme online\n";
    let mut editor = Editor::start();
    editor.open(&path, text);
    let found = editor.diagnostics(&path, 1);
    let gap = found.iter().find(|one| one["code"] == "gap-of-a-minute").expect("a gap");
    let params = json!({
        "textDocument": {"uri": uri(&path)}, "range": gap["range"], "context": {"diagnostics": []},
    });
    let actions = editor.ask("textDocument/codeAction", params).expect("actions");
    let titles = |one: &&Value| one["title"] == "allow it here: `# allow gap-of-a-minute`";
    let action = actions.as_array().expect("a list").iter().find(titles).expect("a fix");
    let allowed = edited(text, &action["edit"]["changes"][uri(&path)]);
    assert!(allowed.contains("\n    # allow gap-of-a-minute\n    mon 09:00"), "{allowed}");
    editor.change(&path, 2, None, &allowed);
    let left = editor.diagnostics(&path, 2);
    assert!(left.iter().all(|one| one["code"] != "gap-of-a-minute"), "{left:?}");
    assert!(editor.end().success());
}

/// What a text is after the fix with a title of something that is found in it.
fn mended(editor: &mut Editor, path: &Path, text: &str, title: &str) -> String {
    editor.open(path, text);
    let found = editor.diagnostics(path, 1);
    let params = json!({
        "textDocument": {"uri": uri(path)},
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}},
        "context": {"diagnostics": []},
    });
    let actions = editor.ask("textDocument/codeAction", params).expect("actions");
    let action = actions.as_array().expect("a list").iter().find(|one| one["title"] == title);
    let action = action.unwrap_or_else(|| panic!("{title}: {actions}\n{found:?}"));
    editor.close(path);
    editor.published.clear();
    edited(text, &action["edit"]["changes"][uri(path)])
}

#[test]
fn braces_are_written_as_the_file_needs_them() {
    let path = folder("braces").join("a.scenario");
    let mut editor = Editor::start();
    let table = "scenario A {zne}\nexamples\n  | zone |\n  | UTC |\nproperty acme\n  \
                 members \"Jo {{x}\"\nat 2026-03-09 09:00\n  expect acme offline\n";
    for (text, title, wrong, right) in [
        (table.to_owned(), "write `{zone}`", "{zne}", "{zone}"),
        (table.replace("A {zne}", "A").replace("offline", "offline, greeting \"{{ {zne}\""), "write `{zone}`", "{zne}", "{zone}"),
        (table.replace("{zne}", "{zone}") + "  expect \"Jo x}\" offline\n", "write `\"Jo {{x}\"`", "Jo x}", "Jo {{x}"),
        ("scenario A\nproperty acme\n  members \"Jo {x}\"\nat 2026-03-09 09:00\n  expect \"Jo x}\" offline\n".to_owned(), "write `\"Jo {x}\"`", "Jo x}", "Jo {x}"),
    ] {
        assert_eq!(mended(&mut editor, &path, &text, title), text.replace(wrong, right));
    }
    assert!(editor.end().success());
}

#[test]
fn a_line_that_is_put_in_ends_as_its_neighbours_do() {
    let path = folder("ends").join("a.scenario");
    let mut editor = Editor::start();
    let text = "scenario A\nproperty acme\n  members ann\n  scheduler UTC\n    mon 09:00-12:00 12:01-17:00";
    let title = "allow it here: `# allow gap-of-a-minute`";
    for text in [text.to_owned(), format!("{text}\n")] {
        let wanted = text.replace("    mon", "    # allow gap-of-a-minute\n    mon");
        assert_eq!(mended(&mut editor, &path, &text, title), wanted);
        let [text, wanted] = [text, wanted].map(|text| text.replace('\n', "\r\n"));
        assert_eq!(mended(&mut editor, &path, &text, title), wanted);
    }
    assert!(editor.end().success());
}
