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
    let writer = LineWriter { lines: lines.clone(), lost: lost.clone() };
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
}

impl Write for LineWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.lines.try_send(Message::Line(plain(line))).is_err() {
            self.lost.count();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One line, whatever names and errors in it hold: control characters are escaped, and it has an end.
fn plain(line: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(line);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let mut plain = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        if plain.len() >= LINE_BYTES_MAX {
            plain.push('…');
            break;
        }
        match character.is_control() {
            true => plain.extend(character.escape_default()),
            false => plain.push(character),
        }
    }
    plain.push('\n');
    plain.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_is_one_line_and_no_longer_than_it_may_be() {
        let logged = |line: &str| String::from_utf8(plain(line.as_bytes())).expect("text");
        assert_eq!(logged("a login\n"), "a login\n");
        assert_eq!(logged("a\nready\r\u{1b}[2J\u{85}b\n"), "a\\nready\\r\\u{1b}[2J\\u{85}b\n");
        assert_eq!(logged("ä"), "ä\n");
        assert!(plain(&vec![b'x'; 1 << 20]).len() < LINE_BYTES_MAX + 8);
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
        let mut writer = LineWriter { lines, lost: lost.clone() };
        for _ in 0..5 {
            assert_eq!(writer.write(b"a line\n").expect("never fails"), 7);
        }
        assert_eq!(lost.so_far(), 3, "two wait");
        drop(writer);
        write_all(&waiting, Full, &lost);
        assert_eq!(lost.so_far(), 5);
    }
}
