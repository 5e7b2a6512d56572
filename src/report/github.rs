//! Annotations for GitHub Actions: workflow commands, one a line.

use std::io::{self, Write};
use std::path::Path;

use super::repository::Repository;
use super::told;
use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::play::Verdict;

/// Writes an annotation for each fault, each false expectation and each wrong row that is told.
///
/// # Errors
/// When `out` does not take it.
pub fn annotations(
    out: &mut dyn Write,
    verdicts: &[Verdict],
    repository: &Repository,
) -> io::Result<()> {
    let in_repository = |path: &Path| repository.name(path).display().to_string();
    for verdict in verdicts {
        let file = in_repository(&verdict.file.path);
        for diagnostic in &verdict.diagnostics {
            let file = in_repository(verdict.file.path_of(diagnostic.span));
            let from = verdict.file.source.position(diagnostic.span.start);
            let to = verdict.file.source.position(diagnostic.span.end);
            annotation(
                out,
                &file,
                from.line,
                from.column,
                to.column,
                &format!("error in a scenario ({})", diagnostic.code),
                &told::fault(diagnostic),
            )?;
        }
        for diagnostic in &verdict.trace_diagnostics {
            let text = told::fault_of_trace(diagnostic);
            let (file, line) = (in_repository(&diagnostic.path), diagnostic.line as usize);
            let end = diagnostic.column + diagnostic.width;
            let title = format!("error in a trace ({})", Code::of_fault(diagnostic.fault));
            annotation(out, &file, line, diagnostic.column, end, &title, &text)?;
        }
        for failure in &verdict.failures {
            let text = told::failure(verdict, failure);
            let from = verdict.file.source.position(failure.words.start);
            let to = verdict.file.source.position(failure.words.end);
            annotation(out, &file, from.line, from.column, to.column, &verdict.file.title, &text)?;
        }
        for row in &verdict.observations.false_rows {
            let text = told::false_row(verdict, row);
            let (file, line) = (in_repository(&row.path), row.line as usize);
            let end = 1 + row.text.chars().count();
            annotation(out, &file, line, 1, end, &verdict.file.title, &text)?;
        }
    }
    Ok(())
}

fn annotation(
    out: &mut dyn Write,
    file: &str,
    line: usize,
    column: usize,
    end: usize,
    title: &str,
    text: &str,
) -> io::Result<()> {
    // The end column is the last one, not the one behind it.
    let end = end.saturating_sub(1).max(column);
    writeln!(
        out,
        "::error file={},line={line},col={column},endColumn={end},title={}::{}",
        property(file),
        property(title),
        message(text)
    )
}

/// Escapes as the runner undoes it; what would move a terminal's cursor or its colours is shown as it is written.
fn message(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '%' => escaped.push_str("%25"),
            '\r' => escaped.push_str("%0D"),
            '\n' => escaped.push_str("%0A"),
            '\t' => escaped.push('\t'),
            _ if character.is_control() => escaped.extend(character.escape_unicode()),
            _ => escaped.push(character),
        }
    }
    escaped
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_that_moves_no_terminal() {
        assert_eq!(message("50 %\r\n\tnot \u{1b}[31mred"), "50 %25%0D%0A\tnot \\u{1b}[31mred");
        assert_eq!(property("a: b, c"), "a%3A b%2C c");
    }
}
