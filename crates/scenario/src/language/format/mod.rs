//! One form for scenario files: lines indented by what they are, words a blank apart, hours, tables and
//! comments in columns. It goes by the words of each line, so that nothing of them is lost.
//!
//! | file | what it does |
//! | --- | --- |
//! | `line` | a line into its words and its comment, and what kind of line it is |
//! | `columns` | what stands below one another: hours, rows of tables, comments |
//! | `diff` | what is changed |

mod columns;
mod diff;
mod line;

use std::path::Path;

use thiserror::Error;

use super::parse::Parsed;
use super::suite::{Suite, parse_world};
use columns::{align, put_comments};
use line::{Kind, Line, lines_of};

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Why a file was not formatted; it is as it was.
#[derive(Debug, Error)]
pub enum FormatError {
    /// It has faults, and what its words mean is not known.
    #[error("the scenario has errors")]
    Faulty(Box<Parsed>),
    /// What came out would not say the same: a fault of the formatter.
    #[error("formatted it would not say the same")]
    Different,
}

/// A file in its form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Formatted {
    /// Its bytes, with the byte order mark and the line ends that it had.
    pub bytes: Vec<u8>,
    /// Its lines in their order, as they were and as they are.
    pub lines: Vec<FormattedLine>,
}

/// A line as it was and as it is, without its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormattedLine {
    /// The line of the file.
    pub before: String,
    /// The line in its form; `None` for a blank line that is left out.
    pub after: Option<String>,
    /// The end that it had, which it keeps: of one byte or of two; empty behind a last line without one.
    pub end: String,
    /// The end that it has in its form: a last line without one gets that of the others.
    pub end_after: String,
}

/// Puts a file into its form. Comments stay, and so do blank lines but for the second of several and
/// those at both ends; each line keeps its end, and a last line without one gets one.
///
/// # Errors
/// When the file has faults of its own, which come first.
pub fn format(bytes: &[u8]) -> Result<Formatted, FormatError> {
    formatted(bytes, rows)
}

/// The same with a file of blocks, such as scenarios include.
///
/// # Errors
/// When the file has faults of its own.
pub fn format_world(bytes: &[u8]) -> Result<Formatted, FormatError> {
    formatted(bytes, |bytes| vec![parse_world(bytes)])
}

/// Formats what can be read in one way or another.
fn formatted(bytes: &[u8], read: fn(&[u8]) -> Vec<Parsed>) -> Result<Formatted, FormatError> {
    let rows = read(bytes);
    if let Some(faulty) = rows.iter().find(|row| !row.diagnostics.is_empty()) {
        return Err(FormatError::Faulty(Box::new(faulty.clone())));
    }
    let mut lines = lines_of(&rows[0].source);
    leave_out_blank_lines(&mut lines);
    indent_comments(&mut lines);
    align(&mut lines);
    put_comments(&mut lines);
    let mut formatted = match bytes.starts_with(BOM) {
        true => BOM.to_vec(),
        false => Vec::new(),
    };
    let last_end = lines.iter().rev().map(|line| line.end).find(|end| !end.is_empty());
    let end_of = |line: &Line<'_>| match line.end {
        "" => last_end.unwrap_or("\n").to_owned(),
        end => end.to_owned(),
    };
    for line in lines.iter().filter(|line| !line.is_left_out) {
        formatted.extend(line.text().bytes().chain(end_of(line).bytes()));
    }
    // What a person wrote is not for guessing: it must say the same.
    let again = read(&formatted);
    let is_same = |(before, after): (&Parsed, &Parsed)| {
        before.document == after.document && after.diagnostics.is_empty()
    };
    if again.len() != rows.len() || !rows.iter().zip(&again).all(is_same) {
        return Err(FormatError::Different);
    }
    let lines = lines.iter().map(|line| FormattedLine {
        before: line.before.to_owned(),
        after: (!line.is_left_out).then(|| line.text()),
        end: line.end.to_owned(),
        end_after: end_of(line),
    });
    Ok(Formatted { lines: lines.collect(), bytes: formatted })
}

/// The file by each row of its table. What it includes is not of this file, and not looked at.
fn rows(bytes: &[u8]) -> Vec<Parsed> {
    let nothing = |_: &str| Ok(String::new());
    let mut suite = Suite::new(bytes, Path::new(""), &nothing);
    (0..suite.count().max(1)).map(|row| suite.read(row)).collect()
}

/// Of several blank lines one stays; at both ends of a file none.
fn leave_out_blank_lines(lines: &mut [Line<'_>]) {
    let mut is_behind_blank = true;
    for line in lines.iter_mut() {
        line.is_left_out = line.kind == Kind::Blank && is_behind_blank;
        is_behind_blank = line.kind == Kind::Blank;
    }
    for line in lines.iter_mut().rev().take_while(|line| line.kind == Kind::Blank) {
        line.is_left_out = true;
    }
}

/// A comment at the beginning of its line stays there; another stands as far in as the line that it is
/// about: the next one, or, at the end of a block, the one before.
fn indent_comments(lines: &mut [Line<'_>]) {
    for at in 0..lines.len() {
        if lines[at].kind != Kind::Comment || lines[at].indent == 0 {
            continue;
        }
        let is_there = |line: &&Line<'_>| line.kind != Kind::Comment;
        let next = lines[at + 1..].iter().find(is_there).filter(|line| line.kind != Kind::Blank);
        let before = || lines[..at].iter().rev().find(|line| line.is_statement());
        lines[at].indent = match next {
            Some(next) => next.indent,
            None => before().map_or(0, |line| line.indent.max(line::INDENT)),
        };
    }
}
