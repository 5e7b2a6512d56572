//! What became of a log that was imported: for people in a terminal.

use std::io::{self, Write};
use std::path::Path;

use super::Paint;
use super::format::{clean, counted, thousands};
use super::snippet::Snippet;
use lamplighter_import::Imported;
use lamplighter_import::log::Shown;
use lamplighter_import::mapping::Mapping;
use lamplighter_import::take::{Fault, FaultKind};

/// What there is to tell.
pub struct Told<'a> {
    /// The path of the log, as it was given.
    pub log: &'a Path,
    /// The path that the trace was written to.
    pub trace: &'a Path,
    /// The mapping by which the log was read, for notes of how far it can be trusted.
    pub mapping: &'a Mapping,
    /// The rows, faults, devices and counts that the import came to.
    pub imported: &'a Imported,
    /// How many rows may be left over before the import counts as failed.
    pub faults_max: u64,
    /// Whether names are replaced, so that no line of the log is shown.
    pub is_pseudonymous: bool,
}

impl Told<'_> {
    /// Whether more was left over than may be, or all of it.
    pub fn is_too_faulty(&self) -> bool {
        self.imported.taken.faults.count() > self.faults_max || self.is_of_nothing()
    }

    /// Whether the log has rows, and none of them says anything.
    fn is_of_nothing(&self) -> bool {
        self.imported.trace_rows == 0 && self.imported.taken.rows > 0
    }
}

/// Words of one kind that are told; of more only the number.
const WORDS_TOLD_MAX: usize = 8;

/// Writes what could not be taken, by kind, with the first of each.
///
/// # Errors
/// When `out` does not take it.
pub fn faults(out: &mut dyn Write, told: &Told<'_>) -> io::Result<()> {
    for fault in told.imported.taken.faults.iter() {
        self::fault(out, told, fault)?;
        writeln!(out)?;
    }
    let faults = told.imported.taken.faults.count();
    if told.is_of_nothing() && faults == 0 {
        let rows = counted(told.imported.taken.rows, "row");
        let error = Paint::Bad.on("error");
        writeln!(
            out,
            "{error}: none of the log's {rows} says that somebody comes, goes or changes"
        )?;
    }
    if faults > 0 && faults + told.imported.taken.ignored == told.imported.taken.rows {
        let hint = "is it a log of the kind that the mapping is for, with this separator?";
        writeln!(out, "{}: {hint}", Paint::Good.on("hint"))?;
    }
    if faults > told.faults_max {
        let (error, most) = (Paint::Bad.on("error"), thousands(told.faults_max));
        let faults = counted(faults, "row");
        writeln!(
            out,
            "{error}: {faults} could not be taken; at most {most} may be (--faults-max)"
        )?;
    }
    Ok(())
}

fn fault(out: &mut dyn Write, told: &Told<'_>, fault: &Fault) -> io::Result<()> {
    let mut notes = Vec::new();
    if fault.kind == FaultKind::Word {
        let words = words(&told.imported.taken.unknown_words);
        notes.push(format!("without a meaning: {words}"));
    } else if fault.count > 1 {
        let more = counted(fault.count - 1, "more row");
        notes.push(format!("the first of its kind; {more} like it could not be taken"));
    }
    notes.extend(fault.help.iter().map(|help| format!("help: {help}")));
    writeln!(out, "{}: {}", Paint::Bad.on("error"), Paint::Strong.on(clean(&fault.message)))?;
    shown(out, &fault.shown, &fault.label, &notes, told.is_pseudonymous)
}

fn shown(
    out: &mut dyn Write,
    shown: &Shown,
    label: &str,
    notes: &[String],
    is_hidden: bool,
) -> io::Result<()> {
    const HIDDEN: &str = "(not shown: it has names)";
    let all = 0..HIDDEN.len();
    Snippet {
        path: &shown.path.display().to_string(),
        line: shown.line,
        column: shown.underlined.start + 1,
        text: if is_hidden { HIDDEN } else { &shown.text },
        underlined: if is_hidden { all } else { shown.underlined.clone() },
        label: &[clean(label)],
        notes,
        paint: Paint::Bad,
    }
    .write(out)
}

/// `Lunch (10), Coaching (2) and 3 more`
fn words(words: &[(String, u64)]) -> String {
    let told = words.iter().take(WORDS_TOLD_MAX).map(|(word, count)| {
        let word = if word.trim().is_empty() { "an empty word" } else { word.trim() };
        format!("{} ({})", clean(word), thousands(*count))
    });
    let told = told.collect::<Vec<_>>().join(", ");
    match words.len().checked_sub(WORDS_TOLD_MAX) {
        Some(more @ 1..) => format!("{told} and {more} more"),
        _ => told,
    }
}

/// Writes what was taken, and what was done to it.
///
/// # Errors
/// When `out` does not take it.
pub fn summary(out: &mut dyn Write, told: &Told<'_>) -> io::Result<()> {
    let (taken, log) = (&told.imported.taken, told.log.display().to_string());
    let left = taken.faults.count();
    write!(out, "{}: {}", clean(&log), counted(taken.rows, "row"))?;
    write!(out, ", {} taken", thousands(taken.rows - taken.ignored - taken.of_others - left))?;
    if taken.ignored > 0 {
        write!(out, ", {} about something else", thousands(taken.ignored))?;
    }
    if taken.of_others > 0 {
        write!(out, ", {} of other properties", thousands(taken.of_others))?;
    }
    if left > 0 {
        write!(out, ", {} not taken", thousands(left))?;
    }
    writeln!(out)?;
    if !taken.ignored_words.is_empty() {
        writeln!(out, "  about something else: {}", words(&taken.ignored_words))?;
    }
    let trace = match told.trace.as_os_str() == "-" {
        true => "trace".to_owned(),
        false => clean(&told.trace.display().to_string()),
    };
    let people = told.imported.devices.iter().map(|device| device.agent);
    let agents = people.collect::<std::collections::BTreeSet<_>>().len();
    write!(out, "{trace}: {}", counted(told.imported.trace_rows, "row"))?;
    write!(out, ", {}", counted(agents as u64, "agent"))?;
    write!(out, " on {}", counted(told.imported.devices.len() as u64, "device"))?;
    if let Some((first, last)) = told.imported.span {
        write!(out, ", from {first} to {last}")?;
    }
    writeln!(out)?;
    for note in notes(told) {
        writeln!(out, "{}: {note}", Paint::Faint.on("note"))?;
    }
    Ok(())
}

/// What was done to the log's rows that their reader should know.
fn notes(told: &Told<'_>) -> Vec<String> {
    let (taken, counts) = (&told.imported.taken, told.imported.counts);
    let mut notes = Vec::new();
    let mut note = |count: u64, text: &dyn Fn(String) -> String| {
        if count > 0 {
            notes.push(text(thousands(count)));
        }
    };
    let is_of_intervals = told.mapping.is_of_intervals();
    note(taken.skipped_times, &|count| {
        format!("local times that the clock skipped, taken by the offset before the jump: {count}")
    });
    note(taken.repeated_times, &|count| {
        format!("local times that the clock read twice, taken for the first: {count}")
    });
    note(if is_of_intervals { 0 } else { counts.mid_shift }, &|count| {
        format!("states of someone who was not logged in, which logged them in: {count}")
    });
    note(if is_of_intervals { 0 } else { counts.not_logged_in }, &|count| {
        format!("logouts and the like of someone who was not logged in, left out: {count}")
    });
    note(if is_of_intervals { 0 } else { counts.so_already }, &|count| {
        format!("rows that said what was so already, left out: {count}")
    });
    note(counts.overlapping, &|count| {
        format!(
            "intervals that began within another of the same device, which counted again behind them: {count}"
        )
    });
    note(taken.empty_intervals, &|count| {
        format!("intervals that ended as soon as they began, left out: {count}")
    });
    for (source, name) in taken.agents.renamed() {
        notes.push(format!(
            "`{source}` is called `{name}`: no agent of a scenario can be called `{source}`"
        ));
    }
    if let (false, Some(source)) = (told.mapping.tried, &told.mapping.source) {
        notes.push(format!(
            "this mapping was written from documents and not tried on a real log; hold the trace against one: {source}"
        ));
    }
    notes
}

/// A column that a log has not.
pub struct NoColumn<'a> {
    /// The name of the column, as the mapping has it.
    pub column: &'a str,
    /// The log's column that is most like it; `None` where none is.
    pub near: Option<&'a str>,
    /// The columns that the mapping needs, this one included.
    pub needed: &'a [String],
}

/// Writes that a log has no such column.
///
/// # Errors
/// When `out` does not take it.
pub fn no_column(out: &mut dyn Write, told: &NoColumn<'_>, at: &Shown) -> io::Result<()> {
    let message = format!("the log has no column `{}`", told.column);
    writeln!(out, "{}: {}", Paint::Bad.on("error"), Paint::Strong.on(message))?;
    let label = format!("the mapping needs {}", told.needed.join(", "));
    let help = match told.near {
        Some(near) => {
            format!("help: did you mean `{near}`? Say so with `--columns`, or in the mapping")
        }
        None => {
            "help: is the separator another one (`--separator ';'`), or are the columns called \
             otherwise (`--columns`)?"
                .to_owned()
        }
    };
    shown(out, at, &label, &[help], false)
}

/// Writes that a log has local times, and that nobody said of which zone.
///
/// # Errors
/// When `out` does not take it.
pub fn without_zone(
    out: &mut dyn Write,
    text: &str,
    at: &Shown,
    is_hidden: bool,
) -> io::Result<()> {
    let message = format!("`{}` is a local time, and nothing says of which zone", clean(text));
    writeln!(out, "{}: {}", Paint::Bad.on("error"), Paint::Strong.on(message))?;
    let help = ["help: say it with `--zone`, e.g. `--zone America/New_York`".to_owned()];
    shown(out, at, "it has no offset", &help, is_hidden)
}
