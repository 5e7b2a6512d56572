//! The page about load tests: its gates are read, and its classes are the judge's.

use lamplighter_load::gates::Gate;
use lamplighter_load::result::Class;

const PAGE: &str = include_str!("../../docs/load.md");

/// The rows below a table's head, each as its cells.
fn rows(head: &str) -> Vec<Vec<&'static str>> {
    let (_, table) = PAGE.split_once(&format!("{head}\n")).expect(head);
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn every_gate_of_the_page_is_one_and_a_run_has_the_first_of_them() {
    let rows = rows("| metric | what is measured | unit | default | such as |");
    assert!(rows.len() > 8, "{}", rows.len());
    for row in rows {
        let gate = row[4].trim_matches('`');
        Gate::parse(gate).unwrap_or_else(|error| panic!("{gate}: {error}"));
        // Whatever else the row names, with the same limit.
        let limit = &gate[gate.find(['>', '<']).expect("an operator")..];
        for name in row[0].split('`').skip(1).step_by(2).filter(|name| !name.contains("OPERATION"))
        {
            let name = name.replace("CLASS", "stale");
            let of = if matches!(name.as_str(), "max" | "mean") { "(widget)" } else { "" };
            let gate = format!("{name}{of} {limit}");
            Gate::parse(&gate).unwrap_or_else(|error| panic!("{gate}: {error}"));
        }
    }
    let page = PAGE.replace('\n', " ");
    assert!(page.contains(&format!("`{}` is one always", Gate::nothing_wrong())));
    let [errors, rate] = Gate::defaults();
    assert!(page.contains(&format!("`{errors}` and `{rate}` are gates of every run")));
}

#[test]
fn the_page_has_every_operation_that_a_gate_can_name() {
    let (_, operations) = PAGE.split_once("an `OPERATION` is one of ").expect("operations");
    let operations: Vec<&str> =
        operations.lines().next().expect("a line").split('`').skip(1).step_by(2).collect();
    for operation in &operations {
        let gate = format!("p99({operation}) > 1s");
        Gate::parse(&gate).unwrap_or_else(|error| panic!("{gate}: {error}"));
    }
    let error = Gate::parse("errors(nothing-like-it) > 0").expect_err("no operation").to_string();
    for known in error.split('`').skip(3).step_by(2) {
        assert!(operations.contains(&known), "{known}: {error}");
    }
    assert_eq!(operations.len(), 8);
}

#[test]
fn the_page_has_every_class_of_wrong_answers() {
    let told: Vec<&str> =
        rows("| class | what is wrong |").iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(told, Class::ALL.map(Class::word));
}
