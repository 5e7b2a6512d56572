//! Names that come out of a table, that cannot be, and that several files share.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::answers::{edited, folder, marked};
use super::editor::{Editor, uri};

/// Asks to rename what stands at a place of a file.
fn rename(
    editor: &mut Editor,
    path: &Path,
    (line, column): (u32, u32),
    new: &str,
) -> Result<Value, (i32, String)> {
    let params = json!({
        "textDocument": {"uri": uri(path)},
        "position": {"line": line, "character": column},
        "newName": new,
    });
    Ok(editor.ask("textDocument/rename", params)?["changes"].clone())
}

/// Renames what is marked in a text that is open alone: the text then, or why not.
fn renamed(editor: &mut Editor, text: &str, new: &str) -> Result<String, String> {
    let (text, line, column) = marked(text);
    let path = folder("renamed").join("a.scenario");
    editor.open(&path, &text);
    let changes = rename(editor, &path, (line, column), new);
    editor.close(&path);
    let changes = changes.map_err(|(_, why)| why)?;
    Ok(edited(&text, &changes[uri(&path)]))
}

const TABLE: &str = "\
scenario A {w} of {a}
examples
  | w          | a   |
  | acme/shop  | ann |
  | acme       | bob |
property acme
  members ann bob
widget acme/shop
at 2026-03-09 09:00
  {a} logs in on desk
  ann goes away
  expect {w} online because agent-online
  expect acme/shop online
  expect \"{w}\" away
";

/// A text with a mark within its words.
fn at(text: &str, words: &str) -> String {
    let plain = words.replace('^', "");
    assert!(text.contains(&plain), "{plain}");
    text.replacen(&plain, words, 1)
}

#[test]
fn what_comes_out_of_a_table_is_renamed_in_its_cell() {
    let mut editor = Editor::start();
    for (words, new, changed) in [
        ("expect acme/sh^op", "boutique", ["acme/shop", "acme/boutique"]),
        ("| acme/sh^op", "boutique", ["acme/shop", "acme/boutique"]),
        ("property ac^me", "shopping", ["acme", "shopping"]),
        ("an^n goes", "anna", ["ann", "anna"]),
        ("| an^n |", "An#n | {x}", ["ann", "\"An#n | {x}\""]),
    ] {
        // In the table braces mean themselves.
        let wanted = TABLE.replace(changed[0], changed[1]);
        let (table, below) = wanted.split_once("property ").expect("a block");
        let below = below.replace("{x}", "{{x}");
        let wanted = format!("{table}property {below}");
        assert_eq!(renamed(&mut editor, &at(TABLE, words), new), Ok(wanted), "{words}");
    }
    // The letters of a word that stand there are changed there, and the others in their cells.
    let text = TABLE.replace("expect {w} online because", "expect acme/{s} online because");
    let text = text.replace("| a   |", "| a | s |").replace("| ann |", "| ann | shop |");
    let text = text.replace("| bob |", "| bob | shop |");
    for (words, old, new) in
        [("expect acme/sh^op", "shop", "boutique"), ("property ac^me", "acme", "shopping")]
    {
        assert_eq!(renamed(&mut editor, &at(&text, words), new), Ok(text.replace(old, new)));
    }
    assert!(editor.end().success());
}

#[test]
fn what_no_one_cell_says_is_not_renamed() {
    let mut editor = Editor::start();
    let other = "`ann` stands in the table, in line 4, and `{a}` is something else in line 11: change \
                 the row first";
    let mixed = "by the row in line 4 `a{x}` in line 10 is `ann`: change the row first";
    for (text, why) in [
        (TABLE.replace("ann goes away", "ann logs in on {a}"), other),
        (TABLE.replace("ann goes away", "expect ann online until {a}9:00"), other),
        (
            TABLE
                .replace("{a} logs", "a{x} logs")
                .replace("| a   |", "| x |")
                .replace("| ann |", "| nn |")
                .replace("| bob |", "| nn |")
                .replace(" of {a}", ""),
            mixed,
        ),
    ] {
        let text = at(&text, "members an^n");
        assert_eq!(renamed(&mut editor, &text, "anna"), Err(why.to_owned()), "{text}");
    }
    assert!(editor.end().success());
}

#[test]
fn places_of_a_name_are_its_words_and_its_cells() {
    let mut editor = Editor::start();
    let (text, line, column) = marked(&at(TABLE, "expect acme/sh^op"));
    let path = folder("renamed").join("places.scenario");
    editor.open(&path, &text);
    let params = json!({
        "textDocument": {"uri": uri(&path)},
        "position": {"line": line, "character": column},
        "context": {"includeDeclaration": true},
    });
    for method in ["textDocument/references", "textDocument/documentHighlight"] {
        let places = editor.ask(method, params.clone()).expect("places");
        let of = |one: &Value| {
            let (start, end) = (&one["range"]["start"], &one["range"]["end"]);
            [&start["line"], &start["character"], &end["character"]].map(|n| n.as_u64().expect("n"))
        };
        let places: Vec<_> = places.as_array().expect("a list").iter().map(of).collect();
        assert_eq!(places, [[3, 9, 13], [7, 12, 16], [12, 14, 18]], "{method}");
    }
    assert!(editor.end().success());
}

#[test]
fn a_name_that_cannot_be_is_refused_in_the_words_of_the_parser() {
    const TEXT: &str = "scenario A\nproperty acme\n  members ann bob\nwidget acme/shop\n\
                        at 2026-03-09 09:00\n  ann logs in on desk\n  bob logs in on desk\n  \
                        set acme hide-when-offline\n  expect acme/shop online\n";
    let mut editor = Editor::start();
    for new in [
        "at", "set", "expect", "mon", "mon-fri", "daily", "date", "dates", "sat,sun", "replay",
        "until", "observed",
    ] {
        let why = format!("an agent cannot be called `{new}`: a statement begins with this word");
        assert_eq!(renamed(&mut editor, &at(TEXT, "an^n logs"), new), Err(why));
    }
    for (words, new, why) in [
        ("an^n logs", " ann", "this cannot be the name of an agent: names in quotes are"),
        ("an^n logs", "a\nb", "this cannot be the name of an agent: names in quotes are"),
        ("set ac^me", "x y", "this cannot be the name of a property: "),
        ("acme/sh^op", "x/y", "this cannot be the name of a widget: "),
        ("on de^sk", "a\tb", "this cannot be the name of a device: "),
        ("an^n logs", "bob", "there is a `bob` already"),
    ] {
        let refused = renamed(&mut editor, &at(TEXT, words), new).expect_err(words);
        assert!(refused.starts_with(why), "{refused}");
    }
    // A device can be called so, and in a file with a table a brace is written twice.
    let on_at = TEXT.replacen("on desk", "on at", 1);
    assert_eq!(renamed(&mut editor, &at(TEXT, "ann logs in on de^sk"), "at"), Ok(on_at));
    let same = renamed(&mut editor, &at(TEXT, "an^n logs"), "ann");
    assert_eq!(same.as_deref(), Ok(TEXT));
    for (text, written) in [
        (TEXT.to_owned(), "\"Jo {x}\""),
        (
            TEXT.replace("property acme", "examples\n  | x |\n  | {x} |\nproperty acme"),
            "\"Jo {{x}\"",
        ),
    ] {
        let wanted = text.replace("ann", written);
        assert_eq!(renamed(&mut editor, &at(&text, "an^n logs"), "Jo {x}"), Ok(wanted));
    }
    assert!(editor.end().success());
}

/// Files of a folder of their own, the first of which is open in an editor that has the folder open.
fn opened(name: &str, files: &[(&str, &str)]) -> (Editor, Vec<PathBuf>) {
    let folder = folder(name);
    let write = |(name, text): &(&str, &str)| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        path
    };
    let paths: Vec<PathBuf> = files.iter().map(write).collect();
    let folders = json!([{"uri": uri(&folder), "name": "shared"}]);
    let mut editor = Editor::start_with(json!({"capabilities": {}, "workspaceFolders": folders}));
    editor.open(&paths[0], files[0].1);
    (editor, paths)
}

#[test]
fn files_that_lead_to_a_world_by_any_path_are_renamed_with_it() {
    let below = "scenario B\ninclude \"../mid.world\"\nat 2026-03-09 09:00\n  expect ann offline\n";
    let files = [
        (
            "a.scenario",
            "scenario A\ninclude \"sub/../mid.world\"\nat 2026-03-09 09:00\n  expect ann offline\n",
        ),
        ("sub/b.scenario", below),
        ("mid.world", "include \"sub/./in.world\"\nproperty two\n  members ann\n"),
        ("sub/in.world", "property one\n  members ann\n"),
    ];
    let (mut editor, paths) = opened("detours", &files);
    editor.open(&paths[2], files[2].1);
    editor.open(&paths[1], files[1].1);
    let mut all: Vec<String> = paths.iter().map(|path| uri(path)).collect();
    all.sort();
    for (path, at) in [(&paths[0], (3, 10)), (&paths[1], (3, 10)), (&paths[2], (2, 11))] {
        let changes = rename(&mut editor, path, at, "anna").expect("a name");
        let mut changed: Vec<_> = changes.as_object().expect("files").keys().cloned().collect();
        changed.sort();
        assert_eq!(changed, all, "{}", path.display());
        for (path, (_, text)) in paths.iter().zip(files) {
            assert_eq!(edited(text, &changes[uri(path)]), text.replace("ann", "anna"));
        }
    }
    for (path, to) in [(&paths[1], &paths[3]), (&paths[0], &paths[3])] {
        let found = editor.ask_at("textDocument/definition", path, 3, 10);
        assert_eq!(found[0]["uri"], uri(to), "{found}");
    }
    assert!(editor.end().success());
}

#[test]
fn a_name_that_is_taken_in_another_file_is_refused() {
    let files = [
        (
            "a.scenario",
            "scenario A\ninclude \"mid.world\"\nat 2026-03-09 09:00\n  expect ann offline\n",
        ),
        ("mid.world", "property two\n  members ann\n"),
        ("b.scenario", "scenario B\ninclude \"mid.world\"\nproperty x\n  members zoe\n"),
        ("own.scenario", "scenario C\nproperty two\n  members eve\n"),
    ];
    let (mut editor, paths) = opened("taken", &files);
    let why = "there is a `zoe` already in b.scenario".to_owned();
    assert_eq!(rename(&mut editor, &paths[0], (3, 10), "zoe"), Err((-32803, why)));
    // Who is of another world is no one here.
    assert!(rename(&mut editor, &paths[0], (3, 10), "eve").is_ok());
    assert!(editor.end().success());
}
