//! Files that are something else than a scenario, and bytes that are no text: one fault for what has one
//! cause, not one for each line.

use super::keywords::keywords;
use super::parser::Kind;
use super::words::looks_like_days;
use crate::language::code::Code;
use crate::language::diagnostic::{Diagnostic, nearest};
use crate::language::span::{Source, Span, lines_of};

/// How many lines tell that a file is something else: in a scenario one of them begins a statement, however
/// it may be misspelt.
const LINES: usize = 10;
/// A text of fewer lines may be a scenario that somebody begins to write, but for a table.
const LINES_MIN: usize = 3;

/// A file in another encoding is one fault, not one for each of its lines.
pub fn utf_16(bytes: &[u8]) -> Option<Diagnostic> {
    (bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")).then(|| {
        let span = Span::new(0, '\u{fffd}'.len_utf8());
        Diagnostic::new(span, "the file is UTF-16", "a scenario is UTF-8")
            .code(Code::NotUtf8)
            .help("save the file as UTF-8")
    })
}

/// A carriage return alone, by which editors of old ended lines: here it ends none, and all behind it would be
/// taken for a part of its line.
///
/// The text stands behind `base` bytes of other files.
pub fn carriage_return(text: &str, base: usize) -> Option<Diagnostic> {
    let bytes = text.as_bytes();
    let is_alone = |at: &usize| bytes.get(at + 1).is_some_and(|next| *next != b'\n');
    let at = base + memchr::memchr_iter(b'\r', bytes).find(is_alone)?;
    let label = "lines end with LF, or with CR LF";
    let message = "a carriage return (CR) alone ends no line";
    let found = Diagnostic::new(Span::new(at, at + 1), message, label).code(Code::CarriageReturn);
    Some(found.help("save the file with the line ends of Unix (LF) or of Windows (CR LF)"))
}

/// A log, a calendar, a file of settings, prose: none of its first lines begins a statement.
///
/// The text stands behind `base` bytes of other files.
pub(super) fn no_scenario(text: &str, base: usize, kind: Kind) -> Option<Diagnostic> {
    let is_said = |line: &str| !line.is_empty() && !line.starts_with('#');
    let lines = lines_of(text).filter(|(_, line)| is_said(line.trim_start()));
    let (starts, first): (Vec<_>, Vec<_>) = lines.take(LINES).unzip();
    let what = What::of(&first)?;
    if what == What::Other && first.len() < LINES_MIN || first.iter().any(|line| is_near(line)) {
        return None;
    }
    let (wanted, label) = match kind {
        Kind::Scenario => ("a scenario", "expected a line such as `scenario A day at Acme`"),
        Kind::World => ("a file of blocks", "expected a line such as `property acme`"),
    };
    let start = base + starts[0];
    let span = Span::new(start, start + first[0].trim_end().len());
    let (is, help) = what.told();
    let diagnostic = Diagnostic::new(span, format!("the file is {is}not {wanted}"), label)
        .code(Code::UnknownStatement);
    Some(match help {
        "" => diagnostic,
        help => diagnostic.help(help),
    })
}

/// Whether a line begins a statement, or as if it did.
fn is_near(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let (Some(word), second) = (words.next(), words.next().unwrap_or_default()) else {
        return false;
    };
    let is_like = |word: &str| {
        keywords().any(|keyword| keyword == word) || nearest(word, keywords()).is_some()
    };
    // The second word says what an agent does; behind `=` stands a setting of some other program.
    second != "=" && (is_like(word) || looks_like_days(word) || is_like(second))
}

/// What can be done with what may be a log.
const IMPORT: &str =
    "`lamplighter import` makes a trace of a log, and a first scenario with `--world`";

/// What a file is that is no scenario.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Trace,
    Table,
    Json,
    Calendar,
    Other,
}

impl What {
    /// As its first lines tell; nothing of none.
    fn of(lines: &[&str]) -> Option<Self> {
        const TRACE: [&str; 4] = ["at", "agent", "device", "action"];
        const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];
        let header = *lines.first()?;
        let columns: Vec<_> =
            header.split(',').map(|column| column.trim().to_lowercase()).collect();
        let count = |line: &str, separator| line.matches(separator).count();
        let is_table = SEPARATORS.iter().any(|&separator| {
            let columns = count(header, separator);
            columns > 1 && lines.iter().all(|line| count(line, separator) == columns)
        });
        Some(match header {
            _ if columns == TRACE => Self::Trace,
            _ if header.starts_with("BEGIN:VCALENDAR") => Self::Calendar,
            _ if header.starts_with(['{', '[']) && header.contains(['"', '{']) => Self::Json,
            _ if is_table => Self::Table,
            _ => Self::Other,
        })
    }

    /// What it is, and what can be done with it.
    fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Trace => ("a trace, ", "a scenario plays it with a line `replay \"FILE.csv\"`"),
            Self::Table => ("a table, ", IMPORT),
            Self::Json => ("JSON, ", IMPORT),
            Self::Calendar => (
                "a calendar, ",
                "a scenario takes its days with a line `dates \"FILE.ics\" closed`",
            ),
            Self::Other => ("", ""),
        }
    }
}

/// Bytes that are not UTF-8: one fault a line, in place of what else its words would be blamed for.
pub fn not_utf8(bytes: &[u8], source: &Source, diagnostics: &mut Vec<Diagnostic>) {
    let mut at = 0;
    let mut last_line = 0;
    for chunk in bytes.utf8_chunks() {
        at += chunk.valid().len();
        if chunk.invalid().is_empty() {
            continue;
        }
        let line = source.position(at).line;
        if line != last_line {
            last_line = line;
            diagnostics.retain(|diagnostic| source.position(diagnostic.span.start).line != line);
            let bytes: Vec<String> = chunk.invalid().iter().map(|b| format!("0x{b:02x}")).collect();
            diagnostics.push(
                Diagnostic::new(
                    Span::new(at, at + '\u{fffd}'.len_utf8()),
                    "the file is not UTF-8 here",
                    format!("found the bytes {}", bytes.join(" ")),
                )
                .code(Code::NotUtf8)
                .help("save the file as UTF-8"),
            );
        }
        at += '\u{fffd}'.len_utf8();
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span);
}

#[cfg(test)]
mod tests {
    use super::super::super::parse;

    /// The messages of a text.
    fn messages(text: &str) -> Vec<String> {
        parse(text.as_bytes()).diagnostics.into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn a_file_that_is_something_else_is_one_fault_however_long_it_is() {
        let rows = "2026-03-09T08:00:00Z,ann,laptop,login\n";
        let trace = format!("at,agent,device,action\n{}", rows.repeat(100_000));
        assert_eq!(messages(&trace), ["the file is a trace, not a scenario"]);
        for (text, message) in [
            ("Agent;State;Start\nann;Online;08:00\n", "the file is a table, not a scenario"),
            ("{\"agent\": \"ann\"}\n", "the file is JSON, not a scenario"),
            ("BEGIN:VCALENDAR\nVERSION:2.0\n", "the file is a calendar, not a scenario"),
            ("# ours\nformat = 1\n\n[requests]\nurl = 2\n", "the file is not a scenario"),
        ] {
            assert_eq!(messages(text), [message], "{text}");
        }
    }

    /// One line that could be meant for one is enough.
    #[test]
    fn a_scenario_full_of_slips_is_read_line_by_line() {
        for text in [
            "scenrio A day\nhello, you, there\nand, who, else\n",
            "a,b,c\na,b,c\nann logs in on laptop\n",
            "x,y,z\nx,y,z\nmon-fri 09:00-17:00\n",
            "hello\nworld\n",
        ] {
            let messages = messages(text);
            assert!(messages.len() > 1, "{messages:?}");
            assert!(messages.iter().all(|message| !message.starts_with("the file is")), "{text}");
        }
    }
}
