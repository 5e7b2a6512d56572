//! `lamplighter lsp`, driven over standard input and output as an editor drives it.

mod diagnostics;
mod editor;
mod edits;
