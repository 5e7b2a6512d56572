//! Words that a table of examples puts something into: where what they say is written.

use std::ops::Range;

use lamplighter_core::model::is_name;
use lamplighter_scenario::language::span::{Source, Span, Spanned};
use lamplighter_scenario::language::{ExampleRow, cells_of_line, quote_word, words_of_line};

/// The cells of a row of a file, beside the names of their columns.
pub struct Cells<'a> {
    source: &'a Source,
    row: &'a ExampleRow,
    cells: Vec<Spanned<String>>,
}

/// Where a part of a word is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Written {
    /// In the word itself, letter by letter.
    There(Span),
    /// In the cell of a column, all of it.
    Cell(usize, Span),
    /// In a part of the cell of a column, letter by letter.
    InCell(usize, Span),
    /// In no one place.
    Mixed,
}

/// A piece of a word: so many bytes of what it says, and where they are written.
struct Piece {
    said: Range<usize>,
    from: From,
}

enum From {
    /// They begin at a byte of the file.
    Letters(usize),
    /// They are the cell of a column.
    Column(usize),
}

impl<'a> Cells<'a> {
    /// The cells of a row.
    pub fn new(source: &'a Source, row: &'a ExampleRow) -> Self {
        let (start, line) = source.line(row.line);
        Self { source, row, cells: cells_of_line(line, start) }
    }

    /// Where a part of a word is written that says `text` by this row; `None` where it has no cell in it.
    pub fn written(&self, word: Span, text: &str, part: Range<usize>) -> Option<Written> {
        let (pieces, said) = self.pieces(word);
        if !pieces.iter().any(|piece| matches!(piece.from, From::Column(_))) {
            return None;
        }
        let has_part =
            |piece: &&Piece| piece.said.start <= part.start && part.end <= piece.said.end;
        let piece = pieces.iter().find(has_part).filter(|_| said == text);
        let Some(Piece { said, from }) = piece else { return Some(Written::Mixed) };
        let within = part.start - said.start..part.end - said.start;
        let at = |start: usize| Span::new(start + within.start, start + within.end);
        Some(match *from {
            From::Letters(start) => Written::There(at(start)),
            From::Column(column) => {
                let cell = &self.cells[column];
                match (within.len() == cell.node.len(), self.letters_of(cell.span, &cell.node)) {
                    (true, _) => Written::Cell(column, cell.span),
                    (false, Some(start)) => Written::InCell(column, at(start)),
                    (false, None) => Written::Mixed,
                }
            }
        })
    }

    /// Where the letters of a word begin that is written as it reads, in quotes or not.
    fn letters_of(&self, span: Span, text: &str) -> Option<usize> {
        let written = self.source.slice(span);
        if written == text {
            return Some(span.start);
        }
        let quoted = written.strip_prefix('"')?.strip_suffix('"')?;
        (quoted == text).then_some(span.start + 1)
    }

    /// The pieces of a word, and what it says.
    fn pieces(&self, span: Span) -> (Vec<Piece>, String) {
        let words = words_of_line(self.source.slice(span), span.start);
        let [word] = &words[..] else { return (Vec::new(), String::new()) };
        // Where letters are written otherwise, no place but the cells is known.
        let start = self.letters_of(span, &word.text);
        let (mut pieces, mut said): (Vec<Piece>, String) = (Vec::new(), String::new());
        for (at, part) in parts(&word.text) {
            let (text, from) = match part {
                Part::Letters(text) => (text, start.map(|start| From::Letters(start + at))),
                Part::Column(name) => {
                    let column = self.row.values.iter().position(|(column, _)| column == name);
                    let cell = column.and_then(|column| self.cells.get(column));
                    (cell.map_or("", |cell| cell.node.as_str()), column.map(From::Column))
                }
            };
            let from_byte = said.len();
            said.push_str(text);
            pieces.extend(from.map(|from| Piece { said: from_byte..said.len(), from }));
        }
        (pieces, said)
    }

    /// The name of a column.
    pub fn column(&self, number: usize) -> &str {
        self.row.values.get(number).map_or("", |(name, _)| name)
    }

    /// The words of the file into which a column is put, but for its title, which is for people.
    pub fn uses(&self, column: &str) -> Vec<Span> {
        let lines = (1..=self.source.line_count()).map(|number| self.source.line(number));
        let is_statement = |line: &str| {
            let first = line.trim_start_matches([' ', '\t']);
            !first.starts_with('|') && first.split([' ', '\t']).next() != Some("scenario")
        };
        let words = lines
            .filter(|(_, line)| line.contains('{') && is_statement(line))
            .flat_map(|(start, line)| words_of_line(line, start));
        let has_column = |text: &str| {
            parts(text).any(|(_, part)| matches!(part, Part::Column(name) if name == column))
        };
        words.filter(|word| has_column(&word.text)).map(|word| word.span).collect()
    }
}

enum Part<'t> {
    Letters(&'t str),
    Column(&'t str),
}

/// The parts of a word as it is written in a file with a table, each with where it begins: `{{` is a brace.
fn parts(text: &str) -> impl Iterator<Item = (usize, Part<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let named = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let (part, start, len) = match named.filter(|(name, _)| is_name(name)) {
            Some((name, _)) => (Part::Column(name), at, name.len() + 2),
            None if rest.starts_with("{{") => (Part::Letters("{"), at, 2),
            None => {
                let len = rest[1..].find('{').map_or(rest.len(), |end| end + 1);
                (Part::Letters(&rest[..len]), at, len)
            }
        };
        at += len;
        Some((start, part))
    })
}

/// A text as a cell of its own.
pub fn write_cell(text: &str) -> String {
    let is_plain = !text.contains(['|', '#']) && !text.starts_with('"') && text.trim() == text;
    if is_plain { text.to_owned() } else { quote_word(text) }
}
