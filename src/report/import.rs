//! What became of a log that was imported: for people in a terminal.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use super::Paint;
use super::format::{clean, counted, thousands};
use super::snippet::Snippet;
use lamplighter_import::Imported;
use lamplighter_import::log::Shown;
use lamplighter_import::mapping::Mapping;
use lamplighter_import::take::{self, Fault, FaultKind};
use lamplighter_scenario::language::diagnostic::nearest;

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

    /// Words of the log with their counts. Where names are replaced, those alone that the mapping says: in a
    /// column that is taken for another one they may be names.
    fn words(&self, all: &[(String, u64)]) -> String {
        if !self.is_pseudonymous {
            return words(all.iter());
        }
        let lower = |word: &str| word.trim().to_lowercase();
        let said = self.mapping.actions.iter().flat_map(|step| &step.words);
        let said: BTreeSet<String> = said.map(|(word, _)| lower(&word.node)).collect();
        let (said, others): (Vec<_>, Vec<_>) =
            all.iter().partition(|(word, _)| said.contains(&lower(word)));
        let others = (!others.is_empty())
            .then(|| format!("{} not shown", counted(others.len() as u64, "word")));
        let said = (!said.is_empty()).then(|| words(said.into_iter()));
        said.into_iter().chain(others).collect::<Vec<_>>().join(", ")
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
    match fault.kind {
        FaultKind::Word => {
            let words = told.words(&told.imported.taken.unknown_words);
            notes.push(format!("without a meaning: {words}"));
        }
        FaultKind::Quote => {
            let lines = counted(fault.count, "line");
            notes.push(format!("{lines} of the log could not be taken for that"));
        }
        _ if fault.count > 1 => {
            let more = counted(fault.count - 1, "more row");
            notes.push(format!("the first of its kind; {more} like it could not be taken"));
        }
        _ => {}
    }
    let hidden = fault.hidden.as_ref().filter(|_| told.is_pseudonymous);
    let (message, help) = match hidden {
        Some(hidden) => (hidden.message, &hidden.help),
        None => (fault.message.as_str(), &fault.help),
    };
    notes.extend(help.iter().map(|help| format!("help: {help}")));
    writeln!(out, "{}: {}", Paint::Bad.on("error"), Paint::Strong.on(clean(message)))?;
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
fn words<'a>(words: impl ExactSizeIterator<Item = &'a (String, u64)>) -> String {
    let count = words.len();
    let told = words.take(WORDS_TOLD_MAX).map(|(word, count)| {
        let word = if word.trim().is_empty() { "an empty word" } else { word.trim() };
        format!("{} ({})", clean(word), thousands(*count))
    });
    let told = told.collect::<Vec<_>>().join(", ");
    match count.checked_sub(WORDS_TOLD_MAX) {
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
    let of_others = taken.of_others + told.imported.counts.of_others;
    write!(out, ", {} taken", thousands(taken.rows - taken.ignored - of_others - left))?;
    if taken.ignored > 0 {
        write!(out, ", {} about something else", thousands(taken.ignored))?;
    }
    if of_others > 0 {
        write!(out, ", {} of other properties", thousands(of_others))?;
    }
    if left > 0 {
        write!(out, ", {} not taken", thousands(left))?;
    }
    writeln!(out)?;
    if !taken.ignored_words.is_empty() {
        writeln!(out, "  about something else: {}", told.words(&taken.ignored_words))?;
    }
    let trace = match told.trace.as_os_str() == "-" {
        true => "trace".to_owned(),
        false => clean(&told.trace.display().to_string()),
    };
    let people = told.imported.devices.iter().map(|device| device.agent);
    let agents = people.collect::<BTreeSet<_>>().len();
    write!(out, "{trace}: {}", counted(told.imported.trace_rows, "row"))?;
    write!(out, ", {}", counted(agents as u64, "agent"))?;
    write!(out, " on {}", counted(told.imported.devices.len() as u64, "device"))?;
    if let Some((first, last)) = told.imported.span {
        write!(out, ", from {first} to {last}")?;
    }
    writeln!(out)?;
    let met = &taken.met_properties;
    for wanted in told.mapping.property.only.iter().filter(|name| !met.wanted.contains(*name)) {
        let hint = other_properties(wanted, &met.others, told.is_pseudonymous);
        writeln!(out, "{}: no row is of `{wanted}`; {hint}", Paint::Warn.on("warning"))?;
    }
    for note in notes(told) {
        writeln!(out, "{}: {note}", Paint::Faint.on("note"))?;
    }
    Ok(())
}

/// What there is in place of a property that was asked for and that no row is of.
pub fn other_properties(wanted: &str, others: &BTreeSet<String>, is_hidden: bool) -> String {
    let names = || others.iter().map(String::as_str);
    let told = names().take(WORDS_TOLD_MAX).map(clean).collect::<Vec<_>>().join(", ");
    let more = others.len().saturating_sub(WORDS_TOLD_MAX);
    match nearest(wanted, names()) {
        _ if others.is_empty() => "no row names a property".to_owned(),
        _ if is_hidden => "those that there are have names that are not shown".to_owned(),
        Some(near) => format!("did you mean `{}`?", clean(near)),
        None if more > 0 => format!("other rows name {told} and {more} more"),
        None => format!("other rows name {told}"),
    }
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
pub fn no_column(
    out: &mut dyn Write,
    told: &NoColumn<'_>,
    at: &Shown,
    is_hidden: bool,
) -> io::Result<()> {
    let message = format!("the log has no column `{}`", told.column);
    writeln!(out, "{}: {}", Paint::Bad.on("error"), Paint::Strong.on(message))?;
    let label = format!("the mapping needs {}", told.needed.join(", "));
    // Without a header it is a row, and what is like a column may be a name.
    let help = match told.near.filter(|_| !is_hidden) {
        Some(near) => {
            format!("help: did you mean `{near}`? Say so with `--columns`, or in the mapping")
        }
        None => {
            "help: is the separator another one (`--separator ';'`), or are the columns called \
             otherwise (`--columns`)?"
                .to_owned()
        }
    };
    shown(out, at, &label, &[help], is_hidden)
}

/// Writes that a quote is not closed where a header should be.
///
/// # Errors
/// When `out` does not take it.
pub fn open_quote(out: &mut dyn Write, at: &Shown, is_hidden: bool) -> io::Result<()> {
    let take::Told { message, label, help, .. } = take::open_quote();
    writeln!(out, "{}: {}", Paint::Bad.on("error"), Paint::Strong.on(message))?;
    let help: Vec<String> = help.iter().map(|help| format!("help: {help}")).collect();
    shown(out, at, &label, &help, is_hidden)
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
