//! What is written of gates for users names all that the parser knows.

use super::parse::{OPERATIONS, OTHERS, QUANTITIES};
use crate::result::Class;

/// The page for users.
const PAGE: &str = include_str!("../../../../docs/load.md");

#[test]
fn the_page_names_every_metric_operation_and_class_that_the_parser_knows() {
    let gates = PAGE.split("\n## Gates").nth(1).expect("a section of gates");
    let gates = gates.split("\n## ").next().expect("its text");
    let is_named = |word: &str| {
        let ends = |c: char| !c.is_alphanumeric() && !matches!(c, '-' | '.');
        gates.match_indices(word).any(|(at, _)| {
            let (before, after) = (&gates[..at], &gates[at + word.len()..]);
            before.ends_with(['`', '(']) && after.starts_with(ends)
        })
    };
    let known = QUANTITIES.into_iter().chain(OPERATIONS).chain(OTHERS);
    for word in known.chain(Class::ALL.map(Class::word)).chain(["propagation.push", "edge.push"]) {
        assert!(is_named(word), "`{word}` is not in docs/load.md, section Gates");
    }
    assert!(!is_named("nothing-of-the-kind"));
}
