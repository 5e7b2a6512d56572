//! Faulty scenarios, each beside the exact message that it must give.
//!
//! `LAMPLIGHTER_BLESS=1 cargo test --test invalid` writes the messages anew; read the difference
//! before you commit it.

mod common;

use std::path::Path;

use common::{rendered, run};
use lamplighter::scenario::Outcome;

fn the_message_is_as_it_was(path: &Path) -> datatest_stable::Result<()> {
    let verdict = run(path);
    if verdict.outcome() != Outcome::Invalid {
        return Err("it is not found faulty".into());
    }
    let found = rendered(&verdict);
    let message = path.with_extension("err");
    if std::env::var_os("LAMPLIGHTER_BLESS").is_some() {
        return Ok(std::fs::write(message, found)?);
    }
    let expected = std::fs::read_to_string(message)?;
    if found != expected {
        return Err(format!("expected:\n{expected}\nfound:\n{found}").into());
    }
    Ok(())
}

datatest_stable::harness! {
    { test = the_message_is_as_it_was, root = "tests/invalid", pattern = r"\.scenario$" },
}
