//! Thousands of edits of any kind: the server stands, and says in the end what a fresh one says.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::editor::{Editor, scenarios, uri};

/// Numbers without pattern, the same for the same seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// What is put in: letters that mean something, lines that do, and what no scenario has.
const PUT_IN: [&str; 24] = [
    "a",
    " ",
    "\n",
    "\"",
    "#",
    "{",
    "}",
    "|",
    ",",
    "\u{e9}",
    "\u{1f600}",
    "\u{feff}",
    "\r\n",
    "\t",
    "at +1m\n",
    "  expect acme online\n",
    "  ann logs in on laptop\n",
    "examples\n  | a |\n  | 1 |\n",
    "include \"acme.world\"\n",
    "property acme\n  members ann\n",
    "    mon-fri 09:00-17:00\n",
    "until 2026-03-10 09:00\n",
    "99999999999999999999",
    "date *-02-29 closed\n",
];

/// The lines of a text as editors count them, and the units of UTF-16 of each.
fn lines(text: &str) -> Vec<usize> {
    text.split('\n').map(|line| line.trim_end_matches('\r').encode_utf16().count()).collect()
}

/// The byte at a place.
fn byte(text: &str, (line, column): (usize, usize)) -> usize {
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut left = column;
    let inside = text[start..].char_indices().find(|(_, c)| {
        let is_there = left < c.len_utf16();
        left = left.saturating_sub(c.len_utf16());
        is_there
    });
    inside.map_or(text.len(), |(at, _)| start + at)
}

/// Edits the texts of the corpus at random; after every so many edits the server has to say what one says
/// that opens the text anew.
fn session(seed: u64, edits: usize) {
    let mut random = Random(seed);
    let corpus = scenarios("scenarios");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lsp/edits.scenario");
    let mut editor = Editor::start();
    let mut version = 1;
    editor.open(&path, "");
    let mut text = String::new();
    let mut log = String::new();
    for edit in 0..edits {
        version += 1;
        if edit % 250 == 0 {
            let file = &corpus[random.below(corpus.len())];
            // A lone carriage return ends a line for editors; here it would for nobody.
            text = std::fs::read_to_string(file).expect("a scenario").replace('\r', "");
            editor.change(&path, version, None, &text);
        } else {
            let all = lines(&text);
            let mut place = || {
                let line = random.below(all.len());
                (line, random.below(all[line] + 1))
            };
            let mut ends = [place(), place()];
            ends.sort_unstable();
            let [from, mut to] = ends;
            if random.below(3) > 0 {
                // Most edits are small.
                to = (from.0, (from.1 + random.below(4)).min(all[from.0]));
            } else if to.0 > from.0 + 3 {
                to = from;
            }
            let new = random.of(&PUT_IN);
            let (start, end) = (byte(&text, from), byte(&text, to));
            let range = json!({"start": {"line": from.0, "character": from.1},
                               "end": {"line": to.0, "character": to.1}});
            let _ = writeln!(log, "{range} {new:?}");
            text.replace_range(start..end.max(start), new);
            editor.change(&path, version, Some(range), new);
        }
        if edit % 50 == 49 || edit + 1 == edits {
            let told = editor.diagnostics(&path, version);
            let fresh = fresh(&path, &text);
            editor.wait_until(&format!("seed {seed}, edit {edit}: {fresh:#?}"), |editor| {
                editor.published[&uri(&path)].1 == fresh
            });
            drop(told);
        }
    }
    let faults = editor.heard.iter().filter(|(method, _)| method == "window/logMessage");
    assert_eq!(faults.count(), 0, "{:?}", editor.heard);
    assert!(editor.end().success());
}

/// What a server says that has never seen the text before.
fn fresh(path: &Path, text: &str) -> Vec<Value> {
    let mut editor = Editor::start();
    editor.open(path, text);
    let found = editor.diagnostics(path, 1);
    assert!(editor.end().success());
    found
}

#[test]
fn after_any_edits_the_server_says_what_a_fresh_one_says() {
    session(1, 500);
}

#[test]
#[ignore = "ten thousand edits take minutes in a build for debugging"]
fn after_ten_thousand_edits_the_server_says_what_a_fresh_one_says() {
    session(2, 10_000);
}
