//! What of a file can be folded, and what it is made of.

use std::ops::Range;

use super::text::Text;
use lamplighter_scenario::language::{StatementContext, statements};

/// Lines that can be folded into the first of them, from 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fold {
    /// The lines, the last one excluded.
    pub lines: Range<usize>,
    /// Whether they are comments.
    pub is_comment: bool,
}

/// What kind of thing a part of a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// A property or a widget, by its block.
    Block,
    /// A table of examples.
    Table,
    /// An instant at which something happens.
    At,
}

/// A part of a file, for its outline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outlined {
    /// The kind of part that it is.
    pub part: Part,
    /// Its first line, without blanks around and without a comment.
    pub name: String,
    /// Its lines, the last one excluded.
    pub lines: Range<usize>,
}

/// The parts of a file: each begins with a line at which one begins, and ends before the next, without blank
/// lines and comments that belong to that.
pub fn outline(text: &Text) -> Vec<Outlined> {
    let mut parts: Vec<Outlined> = Vec::new();
    let mut behind = None;
    for number in 0..text.line_count() {
        let line = &text.as_str()[text.line(number)];
        let trimmed = line.trim_matches([' ', '\t', '\u{feff}']);
        let word = trimmed.split([' ', '\t', '#']).next().unwrap_or_default();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let part = match word {
            "property" | "widget" => Some(Part::Block),
            "examples" => Some(Part::Table),
            "at" => Some(Part::At),
            _ => None,
        };
        // What stands alone ends what stands before it.
        let is_alone = ["replay", "observed", "until", "include"].contains(&word)
            || statements(StatementContext::Header).any(|keyword| keyword == word);
        if let Some(part) = part {
            let name = trimmed.split(" #").next().unwrap_or_default().trim_end().to_owned();
            parts.push(Outlined { part, name, lines: number..number + 1 });
            behind = Some(parts.len() - 1);
        } else if is_alone {
            behind = None;
        } else if let Some(part) = behind {
            parts[part].lines.end = number + 1;
        }
    }
    parts
}

/// What can be folded: the parts of a file, and comments of several lines.
pub fn folds(text: &Text) -> Vec<Fold> {
    let parts = outline(text).into_iter().map(|part| Fold { lines: part.lines, is_comment: false });
    let is_comment = |number: &usize| {
        text.as_str()[text.line(*number)].trim_start_matches([' ', '\t']).starts_with('#')
    };
    let mut folds: Vec<Fold> = parts.collect();
    let mut number = 0;
    while number < text.line_count() {
        let count = (number..text.line_count()).take_while(is_comment).count();
        folds.push(Fold { lines: number..number + count, is_comment: true });
        number += count.max(1);
    }
    folds.retain(|fold| fold.lines.len() > 1);
    folds
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# A file
# of some kind.
scenario A
examples
  | a |
  | 1 |

include \"x.world\"
property acme  # ours
  scheduler UTC
    mon 09:00-17:00

# The next day.
at 2026-03-09 09:00
  expect acme online
until 17:00
";

    #[test]
    fn a_part_ends_before_what_belongs_to_the_next() {
        let text = Text::new(TEXT.to_owned());
        let parts: Vec<_> = outline(&text).into_iter().map(|p| (p.part, p.name, p.lines)).collect();
        let part = |part, name: &str, lines| (part, name.to_owned(), lines);
        assert_eq!(
            parts,
            [
                part(Part::Table, "examples", 3..6),
                part(Part::Block, "property acme", 8..11),
                part(Part::At, "at 2026-03-09 09:00", 13..15),
            ]
        );
        let comments: Vec<_> =
            folds(&text).into_iter().filter(|fold| fold.is_comment).map(|f| f.lines).collect();
        assert_eq!(comments, [Range { start: 0, end: 2 }]);
        assert_eq!(folds(&text).len(), 4);
    }
}
