//! What a form changes, as a unified diff.

use std::fmt::Write;

use super::{BOM, Formatted, FormattedLine};

/// So many lines around a change are shown.
const CONTEXT: usize = 3;

impl FormattedLine {
    fn is_changed(&self) -> bool {
        self.end != self.end_after || self.after.as_ref() != Some(&self.before)
    }
}

impl Formatted {
    /// What is changed of a file of that name, as `patch` takes it, to the byte; empty where nothing is.
    pub fn diff(&self, name: &str) -> String {
        let mut diff = String::new();
        let mut after = 0;
        let mut at = 0;
        while let Some(first) = self.lines[at..].iter().position(FormattedLine::is_changed) {
            let first = at + first;
            let from = first.saturating_sub(CONTEXT).max(at);
            let to = self.end_of_hunk(first);
            if diff.is_empty() {
                diff = format!("--- {name}\n+++ {name}\n");
            }
            after += count(&self.lines[at..from]);
            self.push_hunk(&mut diff, (from, to), after);
            after += count(&self.lines[from..to]);
            at = to;
        }
        diff
    }

    /// Where the changes from a line on end, with the lines around them: two whose lines around touch
    /// are one.
    fn end_of_hunk(&self, first: usize) -> usize {
        let mut last = first;
        while let Some(more) =
            self.lines[last + 1..].iter().take(2 * CONTEXT + 1).position(FormattedLine::is_changed)
        {
            last += 1 + more;
        }
        (last + 1 + CONTEXT).min(self.lines.len())
    }

    fn push_hunk(&self, diff: &mut String, (from, to): (usize, usize), after: usize) {
        let lines = &self.lines[from..to];
        // Of no lines the place is the one before them.
        let place = |at: usize, count: usize| if count == 0 { at } else { at + 1 };
        let (old, new) = (lines.len(), count(lines));
        let (before, after) = (place(from, old), place(after, new));
        // Writing to a string cannot fail.
        let _ = writeln!(diff, "@@ -{before},{old} +{after},{new} @@");
        let mark = if from == 0 && self.bytes.starts_with(BOM) { "\u{feff}" } else { "" };
        let mut at = 0;
        while at < lines.len() {
            let mark = if at == 0 { mark } else { "" };
            let changed = lines[at..].iter().take_while(|line| line.is_changed()).count();
            if changed == 0 {
                diff.extend([" ", mark, &lines[at].before, &lines[at].end]);
                at += 1;
                continue;
            }
            let run = &lines[at..at + changed];
            for (line, mark) in run.iter().zip(once_then_none(mark)) {
                diff.extend(["-", mark, &line.before, &line.end]);
                if line.end.is_empty() {
                    diff.push_str("\n\\ No newline at end of file\n");
                }
            }
            let stay = run.iter().filter_map(|line| Some((line.after.as_ref()?, &line.end_after)));
            for ((after, end), mark) in stay.zip(once_then_none(mark)) {
                diff.extend(["+", mark, after, end]);
            }
            at += changed;
        }
    }
}

/// The byte order mark stands before the first line alone.
fn once_then_none(mark: &str) -> impl Iterator<Item = &str> {
    std::iter::once(mark).chain(std::iter::repeat(""))
}

/// How many of the lines stay.
fn count(lines: &[FormattedLine]) -> usize {
    lines.iter().filter(|line| line.after.is_some()).count()
}
