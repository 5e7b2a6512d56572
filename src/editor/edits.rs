//! What would change a text so that it is in its form.

use super::look::Kind;
use super::text::{Text, TextPosition, TextRange, Units};
use lamplighter_scenario::language::format::{FormatError, format, format_world};

/// A text in the place of another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// The range of the text that is replaced; empty where something is put in.
    pub at: TextRange,
    /// What is to stand there.
    pub text: String,
}

/// What puts a text into its form, line by line: nothing where it is in it.
///
/// # Errors
/// When the text has errors.
pub fn formatting(text: &Text, kind: Kind, units: Units) -> Result<Vec<Edit>, FormatError> {
    let bytes = text.as_str().as_bytes();
    let formatted = match kind {
        Kind::Scenario => format(bytes)?,
        Kind::World => format_world(bytes)?,
    };
    let whole = String::from_utf8_lossy(&formatted.bytes).into_owned();
    if whole == text.as_str() {
        return Ok(Vec::new());
    }
    let changed = formatted.lines.iter().enumerate().filter(|(_, line)| {
        line.after.as_deref() != Some(line.before.as_str()) || line.end != line.end_after
    });
    let of_line =
        |(number, line): (usize, &lamplighter_scenario::language::format::FormattedLine)| {
            let bytes = text.line(number);
            let end = if line.end.is_empty() { &line.end_after } else { "" };
            match &line.after {
                Some(after) => Edit { at: text.range(bytes, units), text: format!("{after}{end}") },
                None => {
                    let next = TextPosition { line: number + 1, column: 0 };
                    Edit { at: text.place(bytes.start, units)..next, text: String::new() }
                }
            }
        };
    let edits: Vec<Edit> = changed.map(of_line).collect();
    // Where an editor sees other lines than the language does, all of it is replaced.
    let mut tried = text.clone();
    for edit in edits.iter().rev() {
        tried.replace(edit.at.clone(), units, &edit.text);
    }
    if tried.as_str() == whole {
        return Ok(edits);
    }
    let all = text.range(0..text.as_str().len(), units);
    Ok(vec![Edit { at: all, text: whole }])
}
