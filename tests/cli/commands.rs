//! Commands and what they print: those of the README and of the pages below `docs/`, and a tour of every
//! message of the rim.
//!
//! `TRYCMD=overwrite cargo test --test cli` writes the outputs anew; read the difference before you
//! commit it.

#[test]
fn commands_print_what_is_written_beside_them() {
    let cases = trycmd::TestCases::new();
    // Files are named from the folder of each page, also where a runner has checked the repository out.
    cases.env("COLUMNS", "100").env("GITHUB_WORKSPACE", "");
    cases.case("tests/commands/*.md").case("README.md").case("docs/*.md");
    // What standard input is given to.
    cases.case("tests/commands/*.toml");
    // What a build has depends on its features.
    #[cfg(feature = "full")]
    cases.case("tests/commands/full/*.md");
    #[cfg(not(any(feature = "target", feature = "serve", feature = "load", feature = "lsp")))]
    cases.case("tests/commands/default/*.md");
}
