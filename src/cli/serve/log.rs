//! The log on stderr. It costs the service nothing where it cannot be written: lines go through a bounded
//! queue to a thread of their own, and what is lost is counted.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use tracing_subscriber::filter::LevelFilter;

use super::arguments::{LogFormat, LogLevel};
use lamplighter_service::LostLines;

/// So many lines may wait to be written; more are lost, and counted.
const WAITING_MAX: usize = 4_096;
/// A line is cut there.
const LINE_BYTES_MAX: usize = 8 * 1_024;
/// So much of texts that are not short stands in a line of JSON, which leaves room for the rest of it.
const VALUES_BYTES_MAX: usize = LINE_BYTES_MAX / 2;
/// A text of no more than that is short, and never cut.
const SHORT_BYTES: usize = 64;
/// How long the last lines may take to be written.
const FLUSH_WITHIN: Duration = Duration::from_secs(1);

enum Message {
    Line(Vec<u8>),
    /// All before it are to be written; told by dropping.
    Flush(SyncSender<()>),
}

/// Where lines go.
static LINES: OnceLock<SyncSender<Message>> = OnceLock::new();

/// Begins the log. Lines that it loses are counted.
pub fn begin(format: LogFormat, level: LogLevel, quiet: bool, lost: &LostLines) {
    let level = match level {
        _ if quiet => LevelFilter::ERROR,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let (lines, waiting) = sync_channel(WAITING_MAX);
    let not_written = lost.clone();
    let thread = std::thread::Builder::new().name("log".to_owned());
    // Without a thread every line is lost, and counted.
    drop(thread.spawn(move || write_all(&waiting, io::stderr(), &not_written)));
    let writer = LineWriter { lines: lines.clone(), lost: lost.clone(), format };
    drop(LINES.set(lines));
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .log_internal_errors(false)
        .with_writer(move || writer.clone());
    // Should there be a log already, that one is as good.
    drop(match format {
        LogFormat::Text => log.with_ansi(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    });
}

/// Waits until what was logged is written, or for a second.
pub fn flush() {
    let Some(lines) = LINES.get() else { return };
    let (tell, told) = sync_channel(0);
    if lines.try_send(Message::Flush(tell)).is_ok() {
        // Nothing is ever sent: the end is dropped once its turn has come.
        let _: Result<(), RecvTimeoutError> = told.recv_timeout(FLUSH_WITHIN);
    }
}

fn write_all(waiting: &Receiver<Message>, mut to: impl Write, lost: &LostLines) {
    for message in waiting {
        match message {
            Message::Line(line) if to.write_all(&line).is_err() => lost.count(),
            Message::Line(_) => {}
            Message::Flush(tell) => drop(tell),
        }
    }
}

/// Takes a line, without its writer's ever waiting or failing.
#[derive(Clone)]
struct LineWriter {
    lines: SyncSender<Message>,
    lost: LostLines,
    /// By it a line is escaped.
    format: LogFormat,
}

impl Write for LineWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let line_of = match self.format {
            LogFormat::Text => plain,
            LogFormat::Json => plain_json,
        };
        let whole = line_of(text) + "\n";
        if self.lines.try_send(Message::Line(whole.into_bytes())).is_err() {
            self.lost.count();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a character moves or hides what a terminal shows: controls, ends of lines, and what turns the direction
/// of writing.
fn disturbs(c: char) -> bool {
    let turns = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    turns || c.is_control()
}

/// One line, whatever names and errors in it hold: what disturbs is escaped, and it has an end.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        if plain.len() >= LINE_BYTES_MAX {
            plain.push('…');
            break;
        }
        match disturbs(character) {
            true => plain.extend(character.escape_default()),
            false => plain.push(character),
        }
    }
    plain
}

/// The same of a line that is a JSON object, and stays one: escapes are those of JSON, and what is cut are the
/// texts in it.
fn plain_json(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 1);
    let (mut rest, mut left, mut before) = (text, VALUES_BYTES_MAX, ' ');
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        plain.push(character);
        if character != '"' {
            before = character;
            continue;
        }
        let content = &rest[..content_len(rest)];
        // Names of members are the program's own.
        let (short, mut more) = if before == ':' { (SHORT_BYTES, left) } else { (usize::MAX, 0) };
        push_content(&mut plain, content, short, &mut more);
        if before == ':' {
            left = more;
        }
        rest = &rest[content.len()..];
        if let Some(behind) = rest.strip_prefix('"') {
            plain.push('"');
            rest = behind;
        }
        before = '"';
    }
    plain
}

/// The first character of a string in JSON, or the escape that stands for it.
fn token(text: &str) -> &str {
    let length = match text.as_bytes() {
        [b'\\', b'u', ..] => 6,
        [b'\\', ..] => 2,
        _ => text.chars().next().map_or(0, char::len_utf8),
    };
    text.get(..length).unwrap_or(text)
}

/// How long a string in JSON is until the quote that ends it.
fn content_len(text: &str) -> usize {
    let mut length = 0;
    while length < text.len() && !text[length..].starts_with('"') {
        length += token(&text[length..]).len();
    }
    length
}

/// Writes what stands in a string, cut where it is longer than a short one and `left` is used up.
fn push_content(plain: &mut String, mut content: &str, short: usize, left: &mut usize) {
    let begun = plain.len();
    while !content.is_empty() {
        let token = token(content);
        content = &content[token.len()..];
        let mut units = [0; 2];
        let escaped = match token.chars().next() {
            Some(c) if disturbs(c) => {
                c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
            }
            _ => token.to_owned(),
        };
        if plain.len() - begun + escaped.len() > short {
            let Some(less) = left.checked_sub(escaped.len()) else {
                plain.push('…');
                return;
            };
            *left = less;
        }
        plain.push_str(&escaped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_is_one_line_and_no_longer_than_it_may_be() {
        assert_eq!(plain("a login"), "a login");
        assert_eq!(plain("a\nready\r\u{1b}[2J\u{85}b"), "a\\nready\\r\\u{1b}[2J\\u{85}b");
        assert_eq!(plain("ä\u{202e}"), "ä\\u{202e}");
        assert!(plain(&"x".repeat(1 << 20)).len() < LINE_BYTES_MAX + 8);
    }

    #[test]
    fn a_line_of_json_is_json_whatever_stands_in_it() {
        use tracing_subscriber::fmt::MakeWriter;

        #[derive(Clone)]
        struct Lines(SyncSender<Message>);
        impl<'a> MakeWriter<'a> for Lines {
            type Writer = LineWriter;
            fn make_writer(&'a self) -> LineWriter {
                let lost = LostLines::default();
                LineWriter { lines: self.0.clone(), lost, format: LogFormat::Json }
            }
        }

        let (lines, waiting) = sync_channel(9);
        let log = tracing_subscriber::fmt().json().with_writer(Lines(lines)).finish();
        let long = ["\u{85}\"\\ä", &"\u{1}😀".repeat(9_000)].concat();
        let said = ["a\nb\u{85}\u{9b}31m", "\u{202e}a\u{2066}\u{200f}\u{7f}\u{2028}", &long];
        tracing::subscriber::with_default(log, || {
            for agent in said {
                tracing::info!(%agent, "a login");
            }
        });
        for agent in said {
            let Ok(Message::Line(line)) = waiting.recv() else { panic!("no line") };
            let line = String::from_utf8(line).expect("text");
            assert!(line.len() <= LINE_BYTES_MAX, "{} bytes", line.len());
            let text = line.strip_suffix('\n').expect("an end");
            let hides = |c: char| c.is_control() || "\u{202e}\u{2066}\u{200f}\u{2028}".contains(c);
            assert!(!text.contains(hides), "{text:?}");
            let read: serde_json::Value = serde_json::from_str(text).expect(text);
            assert_eq!(read["level"], "INFO", "{text}");
            let told = read["fields"]["agent"].as_str().expect("a text");
            let begun = told.trim_end_matches('…');
            assert!(agent.starts_with(begun) && !begun.is_empty(), "{told:?}");
            assert_eq!(told == begun, agent == begun, "what was cut says so");
        }
    }

    #[test]
    fn lines_that_cannot_be_written_are_counted_and_nobody_waits() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let lost = LostLines::default();
        let (lines, waiting) = sync_channel(2);
        let mut writer = LineWriter { lines, lost: lost.clone(), format: LogFormat::Text };
        for _ in 0..5 {
            assert_eq!(writer.write(b"a line\n").expect("never fails"), 7);
        }
        assert_eq!(lost.so_far(), 3, "two wait");
        drop(writer);
        write_all(&waiting, Full, &lost);
        assert_eq!(lost.so_far(), 5);
    }
}
