//! What a form changes, as a unified diff.

use std::fmt::Write;

use super::{Formatted, FormattedLine};

/// So many lines around a change are shown.
const CONTEXT: usize = 3;

impl FormattedLine {
    fn is_changed(&self) -> bool {
        !self.has_end || self.after.as_ref() != Some(&self.before)
    }
}

impl Formatted {
    /// What is changed of a file of that name, as `patch` takes it; empty where nothing is.
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
            push_hunk(&mut diff, from, after, &self.lines[from..to]);
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
}

/// How many of the lines stay.
fn count(lines: &[FormattedLine]) -> usize {
    lines.iter().filter(|line| line.after.is_some()).count()
}

fn push_hunk(diff: &mut String, before: usize, after: usize, lines: &[FormattedLine]) {
    // Of no lines the place is the one before them.
    let place = |at: usize, count: usize| if count == 0 { at } else { at + 1 };
    let (old, new) = (lines.len(), count(lines));
    let (from, to) = (place(before, old), place(after, new));
    // Writing to a string cannot fail.
    let _ = writeln!(diff, "@@ -{from},{old} +{to},{new} @@");
    let mut at = 0;
    while at < lines.len() {
        let changed = lines[at..].iter().take_while(|line| line.is_changed()).count();
        if changed == 0 {
            let _ = writeln!(diff, " {}", lines[at].before);
            at += 1;
            continue;
        }
        let run = &lines[at..at + changed];
        for line in run {
            let _ = writeln!(diff, "-{}", line.before);
            if !line.has_end {
                diff.push_str("\\ No newline at end of file\n");
            }
        }
        for line in run.iter().filter_map(|line| line.after.as_ref()) {
            let _ = writeln!(diff, "+{line}");
        }
        at += changed;
    }
}
