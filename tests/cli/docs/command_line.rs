//! The page about the command line: what it says of each command is what the command says of itself.
//!
//! `LAMPLIGHTER_BLESS=1 cargo test --all-features --test cli command_line` writes it anew from the
//! program's help; read the difference before you commit it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::Command;

use super::root;

pub const PAGE: &str = "docs/command-line.md";

/// What a command prints, each paragraph and each option in one line; `None` where this build was made
/// without it.
fn help(command: &str) -> Option<String> {
    let words = command.split(' ').skip(1).chain(["--help"]);
    let ran = Command::new(env!("CARGO_BIN_EXE_lamplighter"))
        .args(words)
        .env("COLUMNS", "10000")
        .output()
        .expect("the program");
    let err = String::from_utf8_lossy(&ran.stderr);
    if err.starts_with("error: built without") {
        return None;
    }
    assert!(ran.status.success(), "{command}: {err}");
    Some(String::from_utf8(ran.stdout).expect("UTF-8"))
}

/// A part of a help text: what stands in front of its colon, and its lines. Text between them has no
/// heading.
struct Section<'a> {
    heading: &'a str,
    lines: Vec<&'a str>,
}

fn sections(help: &str) -> Vec<Section<'_>> {
    let mut sections = Vec::new();
    for paragraph in help.split("\n\n") {
        let mut lines = paragraph.lines().peekable();
        let heading = lines.next_if(|line| line.ends_with(':') && !line.starts_with(' '));
        let heading = heading.map_or("", |line| &line[..line.len() - 1]);
        sections.push(Section { heading, lines: lines.collect() });
    }
    sections
}

/// The name and the meaning of an argument, an option or a command, out of its line.
fn entry(line: &str) -> (&str, &str) {
    line.trim().split_once("  ").map_or((line.trim(), ""), |(name, text)| (name, text.trim()))
}

/// A name such as `-j, --jobs <N>`, each of its forms as code.
fn as_code(name: &str) -> String {
    let forms = name.split(", ").map(|form| format!("`{}`", form.replace('|', "\\|")));
    forms.collect::<Vec<_>>().join(", ")
}

fn table(page: &mut String, of: &str, lines: &[&str]) {
    let entries = lines.iter().map(|line| entry(line));
    let entries: Vec<_> =
        entries.filter(|(name, _)| !matches!(*name, "-h, --help" | "help")).collect();
    if entries.is_empty() {
        return;
    }
    let _ = write!(page, "| {of} | what it does |\n| --- | --- |\n");
    for (name, text) in entries {
        let _ = writeln!(page, "| {} | {} |", as_code(name), text.replace('|', "\\|"));
    }
    page.push('\n');
}

/// What the page says of a command, from its help. Options that all commands share are told once.
fn written(command: &str, help: &str) -> String {
    let mut page = String::new();
    for Section { heading, lines } in sections(help) {
        match heading {
            "Common options" if command != "lamplighter" => {}
            "Commands" => table(&mut page, "command", &lines),
            "Arguments" => table(&mut page, "argument", &lines),
            "Options" => table(&mut page, "option", &lines),
            "Examples" => {
                let lines: Vec<&str> = lines.iter().map(|line| line.trim_start()).collect();
                let _ = write!(page, "```text\n{}\n```\n\n", lines.join("\n"));
            }
            "" if lines.first().is_some_and(|line| line.starts_with("Usage: ")) => {
                let lines =
                    lines.iter().map(|line| line.trim_start_matches("Usage: ").trim_start());
                let _ = write!(page, "```text\n{}\n```\n\n", lines.collect::<Vec<_>>().join("\n"));
            }
            "" | "Exit codes" => {
                let text = lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
                let stop = if text.ends_with('.') || heading == "Exit codes" { "" } else { "." };
                let colon = if heading.is_empty() { "" } else { ": " };
                let _ = write!(page, "{heading}{colon}{text}{stop}\n\n");
            }
            other => {
                let _ = write!(page, "**{other}**\n\n");
                table(&mut page, "option", &lines);
            }
        }
    }
    page
}

/// The commands that a help text lists.
fn commands_of(command: &str, help: &str) -> Vec<String> {
    let sections = sections(help);
    let listed = sections.iter().filter(|section| section.heading == "Commands");
    let names = listed.flat_map(|section| &section.lines).map(|line| entry(line).0);
    names.filter(|name| *name != "help").map(|name| format!("{command} {name}")).collect()
}

pub const END: &str = "<!-- end of the help -->";

fn beginning(command: &str) -> String {
    format!("<!-- from the help of {command} -->\n\n")
}

/// Where in the page the part stands that comes from a command's help.
fn place(page: &str, command: &str) -> std::ops::Range<usize> {
    let beginning = beginning(command);
    let start = page.find(&beginning).unwrap_or_else(|| panic!("`{command}` is not on the page"));
    let start = start + beginning.len();
    let end = page[start..].find(END).expect("the end of a part");
    start..start + end
}

#[test]
fn each_command_and_option_is_on_the_page_as_its_help_has_it() {
    let path = root().join(PAGE);
    let bless = std::env::var_os("LAMPLIGHTER_BLESS").is_some();
    let mut page = std::fs::read_to_string(&path).expect("the page");
    let mut met = BTreeSet::new();
    let mut left_out = Vec::new();
    let mut next = vec!["lamplighter".to_owned()];
    while let Some(command) = next.pop() {
        met.insert(command.clone());
        let Some(help) = help(&command) else {
            left_out.push(command);
            continue;
        };
        // The page is of all features.
        let written = written(&command, &help).replace(" (not in this build)", "");
        let place = place(&page, &command);
        match bless {
            true => page.replace_range(place, &written),
            false => assert_eq!(&page[place], written, "{command}"),
        }
        next.extend(commands_of(&command, &help));
    }
    // And no other, but below those that this build was made without.
    for rest in page.split("<!-- from the help of ").skip(1) {
        let command = rest.split(" -->").next().expect("its name");
        let is_left_out = left_out.iter().any(|above| command.starts_with(above.as_str()));
        assert!(met.contains(command) || is_left_out, "there is no command `{command}`");
    }
    if bless {
        std::fs::write(path, page).expect("writes");
    }
}
