//! Included files: their blocks stand as if they were written in the scenario, and what is wrong in them is
//! named in them.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::{Suite, print};
use lamplighter_scenario::play::Prepared;

const DAY: &str = "at 2026-03-09 10:00\n  ann logs in on laptop\n  expect acme online\n";

/// Reads files out of a list, and notes which.
struct Files<'a> {
    files: &'a [(&'a str, &'a str)],
    asked: RefCell<Vec<String>>,
}

impl<'a> Files<'a> {
    fn new(files: &'a [(&'a str, &'a str)]) -> Self {
        Self { files, asked: RefCell::default() }
    }

    fn read(&self, name: &str) -> Result<String, String> {
        self.asked.borrow_mut().push(name.to_owned());
        let found = self.files.iter().find(|(path, _)| *path == name);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| format!("{name}: not there"))
    }
}

/// What is wrong with a scenario beside files: `path:line:column: message`.
fn faults(text: &str, files: &[(&str, &str)]) -> Vec<String> {
    let zones = Arc::new(Zones::bundled());
    let files = Files::new(files);
    let beside = |name: &str| files.read(name);
    let read = Prepared::reading(Path::new("b/a.scenario"), text.as_bytes(), &zones, &beside);
    let told = read.diagnostics.iter().map(|found| {
        let at = read.file.source.position(found.span.start);
        let path = read.file.path_of(found.span).display();
        format!("{path}:{}:{}: {}", at.line, at.column, found.message)
    });
    told.collect()
}

#[test]
fn blocks_stand_as_if_they_were_written_in_the_scenario() {
    let files = [
        (
            "acme.world",
            "# shared\r\ninclude \"w/lamps.world\"\r\nproperty acme\r\n  members ann\r\n",
        ),
        ("w/lamps.world", "\u{feff}property lamps\n  members ann\ninclude \"../empty.world\"\n"),
        ("empty.world", ""),
    ];
    let text = format!(
        "scenario Shared\ninclude \"acme.world\"\nwidget acme/shop\n  pre-chat-form\n{DAY}"
    );
    assert_eq!(faults(&text, &files), [""; 0]);
    let files = Files::new(&files);
    let beside = |name: &str| files.read(name);
    let mut suite = Suite::new(text.as_bytes(), Path::new(""), &beside);
    let printed = print(&suite.read(0).document);
    let names: Vec<_> =
        printed.lines().filter(|line| !line.starts_with(' ') && line.contains(' ')).collect();
    assert_eq!(names[1..4], ["property lamps", "property acme", "widget acme/shop"]);
}

#[test]
fn a_fault_is_named_where_it_is_in_the_file_that_has_it() {
    let text = format!("scenario Shared\ninclude \"acme.world\"\n{DAY}");
    let files = [("acme.world", "\nproperty acme\n  memers bob\n  members ann\n")];
    assert_eq!(faults(&text, &files), ["b/acme.world:3:3: `memers` does not begin a statement"]);
    // What planning finds, too.
    let files = [("acme.world", "property acme\n  members ann\n  scheduler Amrica/New_York\n")];
    let found = faults(&text, &files);
    assert_eq!(found, ["b/acme.world:3:13: there is no time zone `Amrica/New_York`"]);
}

#[test]
fn what_cannot_be_included_is_named_at_the_line_that_asks_for_it() {
    let include = |path: &str| format!("scenario Shared\ninclude \"{path}\"\nproperty acme\n");
    for (path, files, expected) in [
        ("no.world", &[][..], "b/a.scenario:2:9: `no.world` cannot be included"),
        (
            "a.world",
            &[("a.world", "include \"./b.world\""), ("b.world", "\ninclude \"a.world\"")],
            "b/b.world:2:9: `a.world` includes itself",
        ),
        (
            "a.world",
            &[
                ("a.world", "include \"b.world\"\ninclude \"x/../b.world\""),
                ("b.world", "property b"),
            ],
            "b/a.world:2:9: `x/../b.world` is included twice",
        ),
        (
            "a.world",
            &[("a.world", "property b\ntimezone UTC\nat 09:00\n  nobody does this")],
            "b/a.world:2:1: `timezone` does not stand in an included file",
        ),
        (
            "a.world",
            &[("a.world", "scenario Not a world")],
            "b/a.world:1:1: `scenario` does not stand in an included file",
        ),
        (
            "a.world",
            &[("a.world", "property acme")],
            "b/a.scenario:3:10: property `acme` is declared twice",
        ),
    ] {
        assert_eq!(faults(&include(path), files), [expected]);
    }
}

#[test]
fn an_include_ends_the_block_before_it() {
    let text = "scenario Shared\nproperty acme\ninclude \"lamps.world\"\n  members ann\n";
    let found = faults(text, &[("lamps.world", "property lamps\n")]);
    assert_eq!(found, ["b/a.scenario:4:3: `members` belongs in a block"]);
    let text = "scenario Shared\nproperty acme\nat 2026-03-09 10:00\ninclude \"lamps.world\"\n";
    assert_eq!(faults(text, &[]), ["b/a.scenario:4:1: `include` comes too late"]);
}

#[test]
fn a_file_is_read_once_whatever_asks_for_it_and_its_braces_mean_themselves() {
    let text = format!(
        "scenario {{n}}\nexamples\n| n |\n| 1 |\n| 2 |\n| 3 |\ninclude \"acme.world\"\n{DAY}"
    );
    let files =
        Files::new(&[("acme.world", "property acme\n  members ann\n  greeting online \"{n}\"\n")]);
    let beside = |name: &str| files.read(name);
    let mut suite = Suite::new(text.as_bytes(), Path::new(""), &beside);
    for row in 0..suite.count() {
        let parsed = suite.read(row);
        assert_eq!(parsed.diagnostics, []);
        assert!(print(&parsed.document).contains("greeting online \"{n}\""));
    }
    assert_eq!(*files.asked.borrow(), ["acme.world"]);
}
