//! Every word that means something, and where.

use super::expect;
use super::first_words::{BLOCK_LINES, BLOCKS, HEADER, SETTINGS, SHARED};
use super::steps::{self, KEYWORDS as STEP_KEYWORDS};

/// Every word that means something in the place where it stands: the first words of statements, what
/// agents do, and clauses of expectations. The documentation of the language is held against them.
pub fn keywords() -> impl Iterator<Item = &'static str> {
    let before =
        [HEADER, SHARED, BLOCKS, BLOCK_LINES, SETTINGS, STEP_KEYWORDS].into_iter().flatten();
    before.copied().chain(steps::verbs()).chain(expect::CLAUSES.iter().copied())
}

/// Where a statement can stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StatementContext {
    /// Before the first block.
    Header,
    /// In a `property` or `widget` block.
    Block,
    /// In an `at` block, or behind one.
    Step,
}

/// The first words of statements that can stand at a place, besides days and the names of agents.
pub fn statements(place: StatementContext) -> impl Iterator<Item = &'static str> {
    let all: [&[&str]; 3] = match place {
        StatementContext::Header => [HEADER, SHARED, BLOCKS],
        StatementContext::Block => [BLOCK_LINES, SETTINGS, &[]],
        StatementContext::Step => [STEP_KEYWORDS, &[], &[]],
    };
    all.into_iter().flatten().copied()
}

/// What clauses of expectations begin with.
pub fn clauses() -> &'static [&'static str] {
    expect::CLAUSES
}

/// Whether a first word belongs in scenarios alone, and not in files that they include.
pub fn is_of_scenarios(keyword: &str) -> bool {
    HEADER.contains(&keyword) || keyword == "examples" || STEP_KEYWORDS.contains(&keyword)
}
