//! What is wrong with a trace, and where.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::RowStart;
use super::hint::{self, Hint};
use super::quotes::Quotes;

/// A kind of fault, of which a trace can have very many.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// The first line is not the header of a trace.
    Header,
    /// The file cannot be read on.
    Unreadable,
    /// A quote is not closed, or stands where none can.
    Quote,
    /// The row is not UTF-8.
    Encoding,
    /// The row has more or fewer fields than a trace.
    Fields,
    /// The first field is no instant.
    Instant,
    /// The row is before the one before it.
    Order,
    /// The agent's name cannot be one.
    Agent,
    /// The agent is nobody whom the scenario knows.
    Stranger,
    /// The device's name cannot be one, or is missing.
    Device,
    /// The action is none.
    Action,
    /// A field is none of the words of its column.
    Word,
    /// The row is before the run begins.
    BeforeRun,
}

impl Fault {
    /// How many kinds there are.
    pub(super) const COUNT: usize = Self::BeforeRun as usize + 1;
}

/// One thing that is wrong with a trace, and the line that has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Which kind of fault it is.
    pub fault: Fault,
    /// The word that is at fault, where rows with the same one are told together: of an action, or of any
    /// other that is one of a few.
    pub word: Option<String>,
    /// How many more rows have the same fault, none of which is told by itself.
    pub more: u64,
    /// The path of the trace, as it was opened.
    pub path: PathBuf,
    /// The number of the faulty line, from 1, the header included.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: usize,
    /// How many characters are at fault.
    pub width: usize,
    /// The text of that line, so that a message can underline the fault in it.
    pub text: String,
    /// What is wrong with the line, in one sentence.
    pub message: String,
    /// What was expected at the underlined characters, written beside them.
    pub label: String,
    /// What to write instead; `None` where there is no advice.
    pub help: Option<String>,
    /// What to put in the place of the underlined characters, as it is written in a file: for those who
    /// change the text for its author. `None` where the advice is not of one thing.
    pub meant: Option<String>,
}

/// Why a trace cannot be opened.
#[derive(Debug, Error)]
#[error("cannot read the trace {}: {source}", path.display())]
pub struct OpenTraceError {
    /// The path of the trace that was asked for.
    pub path: PathBuf,
    /// The operating system's reason for not opening it.
    pub source: std::io::Error,
}

impl Diagnostic {
    /// A fault of a row, at one of its fields or as a whole.
    pub(super) fn of_row(
        path: &Path,
        place: RowStart,
        (fault, field): (Fault, Option<usize>),
        message: impl Into<String>,
        label: &str,
    ) -> Box<Self> {
        let (line, text) = line_at(path, place);
        let fields = raw_fields(&text);
        let (start, end) =
            field.and_then(|field| fields.get(field).copied()).unwrap_or((0, text.len()));
        Box::new(Self {
            fault,
            word: None,
            more: 0,
            path: path.to_owned(),
            line,
            column: text[..start].chars().count() + 1,
            width: text[start..end].chars().count(),
            text,
            message: message.into(),
            label: label.to_owned(),
            help: None,
            meant: None,
        })
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self: Box<Self>, help: impl Into<String>) -> Box<Self> {
        self.help = Some(help.into());
        self
    }

    /// Adds the word by which it is told together with others.
    #[must_use]
    pub(super) fn of_word(mut self: Box<Self>, word: Option<&str>) -> Box<Self> {
        self.word = word.map(str::to_owned);
        self
    }

    /// Adds "did you mean", of what may have been meant in the place of the underlined field.
    #[must_use]
    pub fn did_you_mean(mut self: Box<Self>, near: &str) -> Box<Self> {
        self.meant = Some(hint::written(near).into_owned());
        self.help(format!("did you mean `{near}`?"))
    }

    /// Adds what to do about the underlined field, where anything is known.
    pub(super) fn hinted(mut self: Box<Self>, hint: Option<Hint>) -> Box<Self> {
        if let Some(Hint { help, meant }) = hint {
            self.meant = meant.map(|meant| hint::written(&meant).into_owned());
            self.help = Some(help);
        }
        self
    }

    /// A fault that is counted and not shown: its line is not read anew.
    pub(super) fn counted(path: &Path, fault: Fault, word: Option<&str>) -> Box<Self> {
        Box::new(Self {
            fault,
            word: word.map(str::to_owned),
            more: 0,
            path: path.to_owned(),
            line: 0,
            column: 1,
            width: 0,
            text: String::new(),
            message: String::new(),
            label: String::new(),
            help: None,
            meant: None,
        })
    }

    /// A quote in the first line of a row that swallows what stands behind it.
    pub(super) fn of_unclosed_quote(path: &Path, place: RowStart) -> Option<Box<Self>> {
        let (line, text) = line_at(path, place);
        let (_, opening) = quotes_of(&text, place);
        let said = ("a quote is not closed", "it begins here");
        Some(Self::of_quote(path, (line, text), opening?, said))
    }

    /// A quote where RFC 4180 has none: inside a plain field, with text behind it, or open at the end of its
    /// line.
    pub(super) fn of_misplaced_quote(path: &Path, place: RowStart) -> Box<Self> {
        let (line, text) = line_at(path, place);
        let (misplaced, opening) = quotes_of(&text, place);
        let (at, said) = match (misplaced, opening) {
            (None, Some(opening)) => (opening, ("a quote is not closed", "it begins here")),
            (misplaced, _) => {
                let label = "quotes begin and end a whole field; inside one write `\"\"`";
                (misplaced.unwrap_or(0).min(text.len()), ("a quote is misplaced", label))
            }
        };
        Self::of_quote(path, (line, text), at, said)
    }

    fn of_quote(
        path: &Path,
        (line, text): (u64, String),
        at: usize,
        (message, label): (&str, &str),
    ) -> Box<Self> {
        Box::new(Self {
            fault: Fault::Quote,
            word: None,
            more: 0,
            path: path.to_owned(),
            line,
            column: text.get(..at).unwrap_or(&text).chars().count() + 1,
            width: 1,
            text,
            message: message.to_owned(),
            label: label.to_owned(),
            help: None,
            meant: None,
        })
    }
}

/// Where in a line of a file its first misplaced quote stands, and the one that is open at its end.
fn quotes_of(text: &str, place: RowStart) -> (Option<usize>, Option<usize>) {
    // Where a line does not begin its file, it begins with no byte order mark.
    let mut quotes = Quotes::new(b',', place);
    let mut misplaced = None;
    quotes.watch(text.as_bytes(), |byte, _| {
        misplaced.get_or_insert((byte - place.byte) as usize);
    });
    let opening = quotes.open().map(|open| (open.byte - place.byte) as usize + open.column);
    (misplaced, opening)
}

/// The number and the text of the line at a place. Read anew: only faults need it.
pub fn line_at(path: &Path, place: RowStart) -> (u64, String) {
    /// More of a line than this helps nobody.
    const LONGEST_BYTES: u64 = 4_096;
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|mut file| {
        file.seek(SeekFrom::Start(place.byte))?;
        file.take(LONGEST_BYTES).read_to_end(&mut bytes)
    });
    let mut line = place.line;
    if read.is_err() {
        return (line, String::new());
    }
    // The csv crate counts blank lines to the row behind them.
    let mut rest = &bytes[..];
    while let [first @ (b'\r' | b'\n'), after @ ..] = rest {
        line += u64::from(*first == b'\n');
        rest = after;
    }
    let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
    (line, String::from_utf8_lossy(&rest[..end]).into_owned())
}

/// Where the fields of a line stand, quotes included.
fn raw_fields(text: &str) -> Vec<(usize, usize)> {
    let mut fields = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                fields.push((start, at));
                start = at + 1;
            }
            _ => {}
        }
    }
    fields.push((start, text.len()));
    fields
}
