//! The program as a person meets it: its commands, its papers, its map.

mod architecture;
mod checked;
mod commands;
mod coverage_parts;
mod docs;
mod imports;
#[cfg(feature = "lsp")]
mod lsp;
mod packaging;
mod readme;
mod sarif;
mod simulate_parts;
#[cfg(feature = "target")]
mod targets;
mod watching;
