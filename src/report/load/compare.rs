//! Load tests beside each other, in the terminal.

use std::io::{self, Write};

use crate::report::Paint;
use crate::report::format::clean;
use lamplighter_load::compare::{Comparison, ComparisonLine, Judgement};

/// No line is longer.
const COLUMNS: usize = 120;
/// A figure's name, which a product may choose, takes so many columns at most,
const NAME_COLUMNS: usize = 24;
/// and its value so many.
const VALUE_COLUMNS: usize = 19;
/// What stands under a note that goes on.
const INDENT: &str = "  ";

/// Writes a comparison: a line for each figure, then the noise, and what it comes to. `quiet` leaves out
/// what did not change.
///
/// # Errors
/// When `out` does not take it.
pub fn comparison(out: &mut dyn Write, comparison: &Comparison, quiet: bool) -> io::Result<()> {
    for unlike in &comparison.unlike {
        let told = format!("not alike: {}", clean(unlike));
        for (place, line) in wrapped(&told).into_iter().enumerate() {
            match line.strip_prefix("not alike:").filter(|_| place == 0) {
                Some(rest) => writeln!(out, "{}:{rest}", Paint::Warn.on("not alike"))?,
                None => writeln!(out, "{line}")?,
            }
        }
    }
    if !comparison.unlike.is_empty() {
        writeln!(out, "what differs below may come from this, and not from the target\n")?;
    }
    let shown: Vec<_> = comparison
        .lines
        .iter()
        .filter(|line| !quiet || matches!(line.verdict, Judgement::Worse | Judgement::Better))
        .collect();
    let text = |text: &str, columns| cut(&clean(text), columns);
    let width = |of: fn(&ComparisonLine) -> &String, most: usize| {
        shown.iter().map(|line| text(of(line), most).chars().count()).max().unwrap_or(0)
    };
    let what = width(|line| &line.what, NAME_COLUMNS);
    let before = width(|line| &line.before, VALUE_COLUMNS);
    let after = width(|line| &line.after, VALUE_COLUMNS);
    for line in &shown {
        let paint = match line.verdict {
            Judgement::Worse => Paint::Bad,
            Judgement::Better => Paint::Good,
            _ => Paint::Faint,
        };
        let told = cut(&line.told(), COLUMNS - what - before - after - 7);
        writeln!(
            out,
            "{:<what$}  {:>before$} → {:<after$}  {}",
            text(&line.what, NAME_COLUMNS),
            text(&line.before, VALUE_COLUMNS),
            text(&line.after, VALUE_COLUMNS),
            paint.on(told)
        )?;
    }
    if !shown.is_empty() {
        writeln!(out)?;
    }
    for noise in comparison.noise.iter().take(if quiet { 1 } else { usize::MAX }) {
        for line in wrapped(&clean(noise)) {
            writeln!(out, "{}", Paint::Faint.on(line))?;
        }
    }
    let count =
        |wanted: Judgement| comparison.lines.iter().filter(|line| line.verdict == wanted).count();
    let (worse, better) = (count(Judgement::Worse), count(Judgement::Better));
    let paint = match (worse, better) {
        (1.., _) => Paint::Bad,
        (0, 1..) => Paint::Good,
        (0, 0) => Paint::Strong,
    };
    let told = format!("{worse} worse, {better} better");
    writeln!(out, "{} of {} figures", paint.on(told), comparison.lines.len())
}

/// A text of so many columns at most.
fn cut(text: &str, columns: usize) -> String {
    match text.chars().count() <= columns {
        true => text.to_owned(),
        false => text.chars().take(columns - 1).chain(['…']).collect(),
    }
}

/// A text in lines, broken between words; a word that is longer than a line is broken, too.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut letters: Vec<char> = word.chars().collect();
        loop {
            let line = lines.last_mut().expect("there is always one");
            let is_empty = line.trim().is_empty();
            let taken = line.chars().count() + usize::from(!is_empty);
            let room = COLUMNS.saturating_sub(taken);
            if letters.len() <= room || is_empty {
                let rest = letters.split_off(letters.len().min(room));
                if !is_empty {
                    line.push(' ');
                }
                line.extend(letters);
                letters = rest;
            }
            if letters.is_empty() {
                break;
            }
            lines.push(INDENT.to_owned());
        }
    }
    lines
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use lamplighter_load::compare::{Thresholds, compare};
    use lamplighter_load::sample::{Sample, operation};

    fn told(comparison: &Comparison) -> String {
        let mut out = Vec::new();
        super::comparison(&mut out, comparison, false).expect("memory takes it");
        // Colours take no columns.
        let mut plain = anstream::StripStream::new(Vec::new());
        plain.write_all(&out).expect("memory takes it");
        String::from_utf8(plain.into_inner()).expect("text")
    }

    #[test]
    fn no_line_is_longer_than_120_columns_whatever_is_compared() {
        let mut one = Sample { seconds: 30, ..Sample::default() }.whole();
        let mut other = Sample { is_bad: true, seconds: 20, seed: 9, ..Sample::default() }.whole();
        let name = "reads-all-conversations-of-everyone-in-the-whole-organisation";
        for (run, us) in [(&mut one, 1), (&mut other, 6_000_000_000)] {
            run.operations.insert(name.to_owned(), operation(us, 9_000, 5_000));
            run.rate.asked = u64::MAX / 1_000_000;
            run.judged.reads = u64::MAX / 8;
        }
        other.about.arguments = format!("--world /srv/{} --seed 1", "x".repeat(300));
        other.about.ended_early = Some("a gate failed: errors > 1%".repeat(9));
        other.judged.wrong.insert(lamplighter_load::result::Class::NonMonotonicRead, u64::MAX / 9);
        for (before, after) in [(&one, &other), (&other, &one)] {
            let (before, after) = (vec![before.clone()], vec![after.clone()]);
            let comparison = compare(&before, &after, Thresholds::default()).expect("runs");
            let told = told(&comparison);
            let longest = told.lines().max_by_key(|line| line.chars().count()).expect("lines");
            assert!(longest.chars().count() <= COLUMNS, "{}: {longest}", longest.chars().count());
            assert!(told.contains("…"), "{told}");
            assert!(told.lines().any(|line| line.starts_with("noise: ")), "{told}");
        }
    }

    #[test]
    fn a_note_is_broken_between_words() {
        let text = format!("{} {} end", "a".repeat(70), "b".repeat(60));
        let lines = ["a".repeat(70), format!("  {} end", "b".repeat(60))];
        assert_eq!(wrapped(&text), lines);
        let long = wrapped(&"c".repeat(300));
        assert_eq!(long.iter().map(|line| line.len()).collect::<Vec<_>>(), [120, 120, 64]);
    }
}
