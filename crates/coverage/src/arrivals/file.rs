//! Arrivals as a file recorded them: `at,widget`, and any of `page,device,country`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::arrival::Arrival;
use crate::text_file::NoText;
use lamplighter_core::model::text::Country;
use lamplighter_core::model::{DeviceKind, Instant, Names, Visitor, WidgetId};
use lamplighter_core::trace::{RowStart, Watched, line_at};
use lamplighter_scenario::language::diagnostic::nearest;

/// Why arrivals cannot be read.
#[derive(Debug, Error)]
pub enum ArrivalsError {
    /// It is not there, or a folder.
    #[error(transparent)]
    NoText(#[from] NoText),
    /// The file cannot be opened.
    #[error("cannot open {}", .0.display())]
    Unopened(PathBuf, #[source] std::io::Error),
    /// It cannot be read on.
    #[error("cannot read {}", .0.display())]
    Unreadable(PathBuf, #[source] csv::Error),
    /// A field is not what its column holds, or a column is none or missing.
    #[error("{}:{line}: {message}", path.display())]
    Wrong {
        /// The file of arrivals, as it was named.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong there, and what was expected.
        message: String,
    },
}

/// The columns that a file may have, in any order.
const COLUMNS: [&str; 5] = ["at", "widget", "page", "device", "country"];

/// A file of arrivals, one ahead.
pub struct FileArrivals {
    path: PathBuf,
    reader: csv::Reader<Watched<File>>,
    record: csv::StringRecord,
    widgets: Names<WidgetId>,
    /// Where each of [`COLUMNS`] stands.
    places: [Option<usize>; COLUMNS.len()],
    next: Option<Arrival>,
}

/// Opens a file; a folder can be opened, too, and not read.
fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    match file.metadata()?.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(file),
    }
}

impl FileArrivals {
    /// Opens a file whose widgets have these names, and reads up to its first visitor.
    ///
    /// # Errors
    /// When there is no such file, or its first lines have a fault.
    pub fn open(path: &Path, widgets: &Names<WidgetId>) -> Result<Self, ArrivalsError> {
        let file = open(path).map_err(|error| match NoText::of(path, error) {
            Ok(no_text) => no_text.into(),
            Err(error) => ArrivalsError::Unopened(path.to_owned(), error),
        })?;
        let mut builder = csv::ReaderBuilder::new();
        let watched = Watched::new(file, b',', RowStart::new(0, 1));
        let mut arrivals = Self {
            path: path.to_owned(),
            reader: builder.trim(csv::Trim::All).from_reader(watched),
            record: csv::StringRecord::new(),
            widgets: widgets.clone(),
            places: [None; COLUMNS.len()],
            next: None,
        };
        let header = arrivals.reader.headers().cloned();
        let header = header.map_err(|error| arrivals.fault(error))?;
        arrivals.all_quotes_are_closed()?;
        arrivals.put_columns(&header)?;
        arrivals.read_on(Instant::MIN)?;
        Ok(arrivals)
    }

    /// When the next one comes.
    pub fn next_at(&self) -> Option<Instant> {
        self.next.as_ref().map(|arrival| arrival.at)
    }

    /// The next one.
    ///
    /// # Errors
    /// When the row behind it has a fault.
    pub fn take_next(&mut self) -> Result<Option<Arrival>, ArrivalsError> {
        let Some(arrival) = self.next.take() else { return Ok(None) };
        self.read_on(arrival.at)?;
        Ok(Some(arrival))
    }

    fn put_columns(&mut self, header: &csv::StringRecord) -> Result<(), ArrivalsError> {
        for (place, name) in header.iter().enumerate() {
            let name = name.trim_start_matches('\u{feff}');
            let Some(column) = COLUMNS.iter().position(|column| *column == name) else {
                let message = format!(
                    "there is no column `{name}`; expected at,widget and any of page,device,country"
                );
                return Err(self.wrong(1, message));
            };
            if self.places[column].replace(place).is_some() {
                return Err(self.wrong(1, format!("the column `{name}` stands twice")));
            }
        }
        for (column, name) in COLUMNS.iter().enumerate().take(2) {
            if self.places[column].is_none() {
                let message = format!(
                    "the column `{name}` is missing; expected at,widget and any of page,device,country"
                );
                return Err(self.wrong(1, message));
            }
        }
        Ok(())
    }

    fn wrong(&self, line: u64, message: String) -> ArrivalsError {
        ArrivalsError::Wrong { path: self.path.clone(), line, message }
    }

    /// What is wrong with a record that the csv crate does not take.
    fn fault(&mut self, error: csv::Error) -> ArrivalsError {
        if let Err(open_quote) = self.all_quotes_are_closed() {
            return open_quote;
        }
        match error.kind() {
            csv::ErrorKind::Utf8 { pos: Some(place), .. } => {
                self.wrong(self.line(place), "this row is not UTF-8; save the file as UTF-8".into())
            }
            csv::ErrorKind::UnequalLengths { pos: Some(place), expected_len, len } => {
                let message =
                    format!("expected {expected_len} fields, as the header has, and found {len}");
                self.wrong(self.line(place), message)
            }
            _ => ArrivalsError::Unreadable(self.path.clone(), error),
        }
    }

    /// The csv crate takes whatever a quote takes in that is not closed for a text.
    fn all_quotes_are_closed(&mut self) -> Result<(), ArrivalsError> {
        let behind = self.reader.position().byte();
        let quote = self.reader.get_mut().take_open_quote(behind);
        let Some(quote) = quote else { return Ok(()) };
        let lines = match quote.lines {
            1 => "the rest of its line".to_owned(),
            lines => format!("{lines} lines"),
        };
        let message = format!("a quote is not closed, and takes in {lines}; close it");
        Err(self.wrong(quote.line, message))
    }

    /// The line of a record. The csv crate counts the end of the line before to it, and blank lines; what is
    /// no file on a disk cannot be read anew.
    fn line(&self, place: &csv::Position) -> u64 {
        match self.path.is_file() {
            true => line_at(&self.path, RowStart::new(place.byte(), place.line())).0,
            false => place.line(),
        }
    }

    fn field(&self, column: usize) -> &str {
        self.places[column].and_then(|place| self.record.get(place)).unwrap_or_default()
    }

    /// Reads the next row, which is not before an instant.
    fn read_on(&mut self, last: Instant) -> Result<(), ArrivalsError> {
        match self.reader.read_record(&mut self.record) {
            Ok(true) => self.all_quotes_are_closed()?,
            Ok(false) => return Ok(()),
            Err(error) => return Err(self.fault(error)),
        }
        let line = self.record.position().map_or(0, |place| self.line(place));
        let [at, widget, page, device, country] = [0, 1, 2, 3, 4].map(|column| self.field(column));
        let Ok(arrived) = at.parse::<Instant>() else {
            let message = format!(
                "`{at}` is no instant; expected one such as 2026-03-09T13:55:00Z or \
                 2026-03-09T09:55:00-04:00"
            );
            return Err(self.wrong(line, message));
        };
        if arrived < last {
            let message =
                format!("{at} is earlier than the row before; rows stand in the order of time");
            return Err(self.wrong(line, message));
        }
        let Some(id) = self.widgets.get(widget) else {
            let near = nearest(widget, self.widgets.iter());
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let message = format!("there is no widget `{widget}` in the scenario{near}");
            return Err(self.wrong(line, message));
        };
        let kind = DeviceKind::from_word(device);
        if kind.is_none() && !device.is_empty() {
            let message =
                format!("`{device}` is no kind of device; expected desktop, mobile or nothing");
            return Err(self.wrong(line, message));
        }
        let from = country.parse::<Country>().ok();
        if from.is_none() && !country.is_empty() {
            let message = format!(
                "`{country}` is no country; expected two capital letters such as FR, or nothing"
            );
            return Err(self.wrong(line, message));
        }
        let page = (!page.is_empty()).then(|| page.to_owned());
        let visitor = Visitor { page, device: kind, country: from };
        self.next = Some(Arrival { at: arrived, widget: id, visitor });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// How many visitors a file has, or what is wrong with it, without its path.
    fn read(bytes: &[u8]) -> Result<usize, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lamplighter-visitors-{}-{count}.csv", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).expect("a scratch file");
        let mut widgets = Names::default();
        widgets.intern("acme");
        let mut found = FileArrivals::open(&path, &widgets);
        let mut count = 0;
        let read = loop {
            match found.as_mut().map(FileArrivals::take_next) {
                Ok(Ok(Some(_))) => count += 1,
                Ok(Ok(None)) => break Ok(count),
                Ok(Err(error)) => break Err(error.to_string()),
                Err(error) => break Err(error.to_string()),
            }
        };
        let _ = std::fs::remove_file(&path);
        read.map_err(|said| said.replace(&path.display().to_string(), ""))
    }

    const ROW: &str = "2026-03-09T13:55:00Z,acme,";

    #[test]
    fn a_quote_that_is_not_closed_is_told_and_takes_in_nobody_unseen() {
        let header = "at,widget,page";
        let whole = format!("{header}\n{ROW}\"/a\"\n{ROW}/b\"\n");
        assert_eq!(read(whole.as_bytes()), Ok(2));
        let said = |line, lines| {
            Err(format!(":{line}: a quote is not closed, and takes in {lines}; close it"))
        };
        let open = format!("{header}\n{ROW}/a\n{ROW}\"/b\n{ROW}/c\n{ROW}/d\n");
        assert_eq!(read(open.as_bytes()), said(3, "3 lines"));
        assert_eq!(
            read(format!("{header}\n{ROW}\"/a").as_bytes()),
            said(2, "the rest of its line")
        );
        let closed_below = format!("{header}\n{ROW}\"/a\n{ROW}/b\n{ROW}\"/c\"\n{ROW}/d\n");
        assert_eq!(read(closed_below.as_bytes()), said(2, "3 lines"));
        // Nor is it what makes the row one of too few fields, or the header one of a strange column.
        let too_few = format!("{header}\n\"2026-03-09T13:55:00Z,acme,\n{ROW}\n");
        assert_eq!(read(too_few.as_bytes()), said(2, "2 lines"));
        assert_eq!(read(format!("at,\"widget\n{ROW}\n").as_bytes()), said(1, "2 lines"));
    }

    #[test]
    fn a_row_is_named_by_its_own_line_whatever_ends_lines() {
        for end in ["\n", "\r\n", "\r\n\r\n"] {
            let lines = end.matches('\n').count();
            let with = |row: &[u8]| {
                let begin = format!("at,widget{end}2026-03-09T13:55:00Z,acme{end}");
                read(&[begin.as_bytes(), row, end.as_bytes()].concat()).expect_err("it is faulty")
            };
            let line = 2 * lines + 1;
            let fields = "expected 2 fields, as the header has, and found 3";
            assert_eq!(with(b"2026-03-09T13:56:00Z,acme,x"), format!(":{line}: {fields}"));
            let nobody = with(b"2026-03-09T13:56:00Z,shop");
            assert!(nobody.starts_with(&format!(":{line}: there is no widget")), "{nobody}");
            let bytes = with(b"2026-03-09T13:56:00Z,acm\xff");
            assert!(bytes.starts_with(&format!(":{line}: this row is not UTF-8")), "{bytes}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_told_as_one() {
        let path = std::env::temp_dir().join("lamplighter-no-such-visitors.csv");
        let said = FileArrivals::open(&path, &Names::default()).err().expect("it is not there");
        assert!(said.to_string().starts_with("there is no file "), "{said}");
        let folder = FileArrivals::open(&std::env::temp_dir(), &Names::default());
        assert!(folder.err().expect("it is one").to_string().ends_with(" is a folder"));
    }
}
