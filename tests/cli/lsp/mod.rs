//! `lamplighter lsp`, driven over standard input and output as an editor drives it.

mod answers;
mod completed;
mod diagnostics;
mod editor;
mod edits;
mod mended;
mod named;
mod renamed;
