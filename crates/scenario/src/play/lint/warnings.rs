//! Warnings as they are found, and as they are told.

use crate::language::diagnostic::Diagnostic;
use crate::language::span::Source;

/// The warnings of a file.
#[derive(Default)]
pub struct Warnings(Vec<Diagnostic>);

/// Of one code so many are told one by one.
const TOLD_MAX: usize = 5;

impl Warnings {
    /// Adds a warning behind the others.
    pub fn push(&mut self, warning: Diagnostic) {
        self.0.push(warning);
    }

    /// Leaves out those of which this is false.
    pub fn retain(&mut self, is_told: impl FnMut(&Diagnostic) -> bool) {
        self.0.retain(is_told);
    }

    /// The warnings in the order of the file. Where one code has very many, the first of them says
    /// how many more there are, and where the last one is.
    pub fn finish(mut self, source: &Source) -> Vec<Diagnostic> {
        self.0.sort_by_key(|warning| (warning.code, warning.span));
        let mut told = Vec::new();
        for same in self.0.chunk_by(|one, other| one.code == other.code) {
            match same {
                [first, .., last] if same.len() > TOLD_MAX => {
                    let mut first = first.clone();
                    let more = format!(
                        "{} more like this, the last in line {}",
                        same.len() - 1,
                        source.position(last.span.start).line
                    );
                    first.help = Some(match first.help {
                        Some(help) => format!("{help}; {more}"),
                        None => more,
                    });
                    told.push(first);
                }
                _ => told.extend_from_slice(same),
            }
        }
        told.sort_by_key(|warning| warning.span);
        told
    }
}
