//! Commands and what they print: those of the README, and a tour of every message of the rim.
//!
//! `TRYCMD=overwrite cargo test --test cli` writes the outputs anew; read the difference
//! before you commit it.

#[test]
fn commands_print_what_is_written_beside_them() {
    trycmd::TestCases::new().env("COLUMNS", "100").case("tests/commands/*.md").case("README.md");
}
