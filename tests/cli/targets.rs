//! Faulty target files, each beside the exact message that it must give.
//!
//! `LAMPLIGHTER_BLESS=1 cargo test --features target --test cli targets` writes the messages anew; read
//! the difference before you commit it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use lamplighter::report::{Paint, text};
use lamplighter_target::file::{Severity, check};

/// Everything that `target check` says of a file.
fn said_of(path: &Path) -> String {
    let beside = |name: &str| {
        let path = path.with_file_name(name);
        std::fs::read_to_string(path).map_err(|_| "there is no such file".to_owned())
    };
    let checked = check(&std::fs::read(path).expect("a file"), &beside);
    let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("in the repository");
    let shown = shown.display().to_string();
    let mut bytes = Vec::new();
    let mut said = anstream::StripStream::new(&mut bytes);
    for finding in &checked.findings {
        let (kind, paint) = match finding.severity {
            Severity::Error => ("error", Paint::Bad),
            Severity::Warning => ("warning", Paint::Warn),
        };
        text::diagnostic(&mut said, kind, paint, &shown, &checked.source, &finding.diagnostic)
            .expect("into memory");
        said.write_all(b"\n").expect("into memory");
    }
    let mut said = String::from_utf8(bytes).expect("UTF-8");
    let count = checked.findings.len();
    writeln!(said, "{count} finding{}", if count == 1 { "" } else { "s" }).expect("into memory");
    assert_eq!(checked.file.is_none(), checked.has_errors(), "{shown}");
    said
}

#[test]
fn every_message_of_a_faulty_target_file_is_as_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/targets");
    let mut differ = Vec::new();
    let mut count = 0;
    let entries = std::fs::read_dir(folder).expect("the folder").flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let message = path.with_extension("err");
        // What others extend is no target file.
        let is_rules = path.to_string_lossy().ends_with("-rules.toml");
        if path.extension().is_none_or(|extension| extension != "toml") || is_rules {
            continue;
        }
        count += 1;
        let said = said_of(&path);
        if std::env::var_os("LAMPLIGHTER_BLESS").is_some() {
            std::fs::write(message, said).expect("to write");
        } else if std::fs::read_to_string(message).unwrap_or_default() != said {
            differ.push(format!("{}:\n{said}", path.display()));
        }
    }
    assert!(count > 20, "{count}");
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
