//! Warnings as they are found, and as they are told.

use crate::language::diagnostic::Diagnostic;
use crate::language::span::Source;

/// What a warning is of: many of one kind are told as one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// No line expects anything.
    ExpectsNothing,
    /// A line says what is so already, or what comes too late.
    Unchanged,
    /// Nobody works in a property.
    Nobody,
    /// A pattern of pages means something else than it looks like.
    Pages,
    /// A code that names no country.
    Country,
    /// A widget that nobody can see.
    Hidden,
    /// A zone that is not what its name looks like.
    ZoneName,
    /// A scheduler that never opens.
    NeverOpen,
    /// Hours that the product's rules do not look at, or never open.
    OtherRules,
    /// A minute that is left out.
    MinuteGap,
    /// A night that is longer than a night.
    LongNight,
    /// Intervals of one day that overlap.
    Overlap,
    /// Hours that run into a date that is closed.
    EveningIntoClosed,
    /// Hours that a clock change skips or doubles.
    ClockChange,
    /// A date in the past.
    PastDate,
    /// Hours in which nobody was, or hardly anybody.
    NobodyPresent,
}

/// The warnings of a file.
#[derive(Default)]
pub struct Warnings(Vec<(Kind, Diagnostic)>);

/// Of one kind so many are told one by one.
const TOLD_MAX: usize = 5;

impl Warnings {
    /// Adds one.
    pub fn push(&mut self, kind: Kind, warning: Diagnostic) {
        self.0.push((kind, warning));
    }

    /// The warnings in the order of the file. Where one kind has very many, the first of them says
    /// how many more there are, and where the last one is.
    pub fn finish(mut self, source: &Source) -> Vec<Diagnostic> {
        self.0.sort_by_key(|(kind, warning)| (*kind, warning.span));
        let mut told = Vec::new();
        for same in self.0.chunk_by(|(one, _), (other, _)| one == other) {
            let all = same.iter().map(|(_, warning)| warning.clone());
            match same {
                [(_, first), .., (_, last)] if same.len() > TOLD_MAX => {
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
                _ => told.extend(all),
            }
        }
        told.sort_by_key(|warning| warning.span);
        told
    }
}
