//! `check` on several threads: what it finds, and in which order, does not depend on how many there are.

use std::path::Path;
use std::process::{Command, Output};

fn lamplighter(arguments: &[&str], folder: &Path) -> Output {
    let mut lamplighter = Command::new(env!("CARGO_BIN_EXE_lamplighter"));
    lamplighter.current_dir(folder).args(arguments).output().expect("the program")
}

/// What `check` says with so many jobs, which must end with `code`.
fn checked(paths: &[&str], jobs: &str, folder: &Path, code: i32) -> Output {
    let arguments = [&["check"][..], paths, &["--jobs", jobs, "--json", "-"]].concat();
    let ran = lamplighter(&arguments, folder);
    assert_eq!(ran.status.code(), Some(code), "{}", String::from_utf8_lossy(&ran.stderr));
    ran
}

#[test]
fn many_files_are_told_in_their_order() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paths = ["tests/invalid", "tests/warned", "scenarios"];
    let alone = checked(&paths, "1", folder, 2);
    assert!(String::from_utf8_lossy(&alone.stderr).matches("error").count() > 100);
    assert!(checked(&paths, "5", folder, 2) == alone);
}

#[test]
fn a_row_that_is_no_row_is_found_where_it_stands_in_a_long_trace() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("checked");
    std::fs::create_dir_all(&folder).expect("a folder");
    let folder = folder.as_path();
    let made = lamplighter(
        &["generate", "--properties", "1000", "--days", "1", "--out", ".", "--quiet"],
        folder,
    );
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let whole = checked(&["world.scenario"], "1", folder, 0);
    assert!(checked(&["world.scenario"], "4", folder, 0) == whole);
    let trace = std::fs::read_to_string(folder.join("trace.csv")).expect("is written");
    let lines = trace.lines().count();
    let broken = lines * 9 / 10;
    let rows = trace.lines().enumerate().map(|(index, row)| match index + 1 == broken {
        true => "at nine,ann,laptop,login\n".to_owned(),
        false => format!("{row}\n"),
    });
    std::fs::write(folder.join("trace.csv"), rows.collect::<String>()).expect("is written");
    let alone = checked(&["world.scenario"], "1", folder, 2);
    let told = String::from_utf8_lossy(&alone.stderr);
    assert!(told.contains(&format!("trace.csv:{broken}:")), "{told}");
    assert!(checked(&["world.scenario"], "4", folder, 2) == alone);
}
