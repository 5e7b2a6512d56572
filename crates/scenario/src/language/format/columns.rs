//! What stands below one another: hours, rows of tables, comments.

use super::line::{Kind, Line};

/// Where comments behind statements begin, if nothing is in the way.
const COMMENT_COLUMN: usize = 40;
/// They begin further right by steps of this, all of a file at the same column.
const COMMENT_STEP: usize = 4;
/// A statement longer than this moves no comment but its own.
const LONG: usize = 64;
/// At least so many blanks stand before a comment; behind a long statement exactly so many.
const GAP_MIN: usize = 3;

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Puts the cells of lines of one kind that follow each other below one another.
pub fn align(lines: &mut [Line<'_>]) {
    let mut at = 0;
    while at < lines.len() {
        let kind = lines[at].kind;
        if !matches!(kind, Kind::Days | Kind::Dates | Kind::Greeting | Kind::Row) {
            at += 1;
            continue;
        }
        // Comments may stand between, and between the rows of a table blank lines, too.
        let belongs = |line: &Line<'_>| {
            line.kind == kind
                || line.kind == Kind::Comment
                || line.kind == Kind::Blank && kind == Kind::Row
        };
        let count = lines[at..].iter().take_while(|line| belongs(line)).count();
        let mut group: Vec<&mut Line<'_>> =
            lines[at..at + count].iter_mut().filter(|line| line.kind == kind).collect();
        put_below(&mut group, kind == Kind::Row);
        at += count;
    }
}

/// Pads each cell to the widest of its column; the last of a line only where something closes it.
fn put_below(lines: &mut [&mut Line<'_>], is_closed: bool) {
    let columns = lines.iter().map(|line| line.cells.len()).max().unwrap_or(0);
    for column in 0..columns {
        let padded = |line: &Line<'_>| line.cells.len() > column + usize::from(!is_closed);
        let cells = lines.iter().filter(|line| padded(line));
        let widest = cells.map(|line| width(&line.cells[column])).max().unwrap_or(0);
        for line in lines.iter_mut().filter(|line| padded(line)) {
            let cell = &mut line.cells[column];
            let blanks = widest - width(cell);
            cell.extend(std::iter::repeat_n(' ', blanks));
        }
    }
}

/// Puts the comments behind statements below one another, all of a file at one column.
pub fn put_comments(lines: &mut [Line<'_>]) {
    let commented = |line: &Line<'_>| line.is_statement() && line.comment.is_some();
    let widths = lines.iter().filter(|line| commented(line)).map(|line| width(&line.statement()));
    let widest = widths.filter(|width| *width <= LONG).max().unwrap_or(0) + GAP_MIN;
    let column = widest.next_multiple_of(COMMENT_STEP).max(COMMENT_COLUMN);
    for line in lines.iter_mut().filter(|line| commented(line)) {
        line.gap = match width(&line.statement()) {
            width @ ..=LONG => column - width,
            _ => GAP_MIN,
        };
    }
}
