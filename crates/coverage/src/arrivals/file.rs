//! Arrivals as a file recorded them: `at,widget`, and any of `page,device,country`.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::arrival::Arrival;
use lamplighter_core::model::text::Country;
use lamplighter_core::model::{DeviceKind, Instant, Names, Visitor, WidgetId};
use lamplighter_scenario::language::diagnostic::nearest;

/// Why arrivals cannot be read.
#[derive(Debug, Error)]
pub enum ArrivalsError {
    /// The file cannot be opened.
    #[error("cannot open {}", .0.display())]
    Unopened(PathBuf, #[source] std::io::Error),
    /// It cannot be read, or is no CSV.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The file of arrivals, as it was named.
        path: PathBuf,
        /// What is wrong with it.
        error: csv::Error,
    },
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
    reader: csv::Reader<BufReader<File>>,
    record: csv::StringRecord,
    widgets: Names<WidgetId>,
    /// Where each of [`COLUMNS`] stands.
    places: [Option<usize>; COLUMNS.len()],
    next: Option<Arrival>,
}

impl FileArrivals {
    /// Opens a file whose widgets have these names, and reads up to its first visitor.
    ///
    /// # Errors
    /// When there is no such file, or its first lines have a fault.
    pub fn open(path: &Path, widgets: &Names<WidgetId>) -> Result<Self, ArrivalsError> {
        let file = File::open(path);
        let file = file.map_err(|error| ArrivalsError::Unopened(path.to_owned(), error))?;
        let mut builder = csv::ReaderBuilder::new();
        let mut reader = builder.trim(csv::Trim::All).from_reader(BufReader::new(file));
        let path = path.to_owned();
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => return Err(ArrivalsError::Unreadable { path, error }),
        };
        let mut arrivals = Self {
            path,
            reader,
            record: csv::StringRecord::new(),
            widgets: widgets.clone(),
            places: [None; COLUMNS.len()],
            next: None,
        };
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

    fn field(&self, column: usize) -> &str {
        self.places[column].and_then(|place| self.record.get(place)).unwrap_or_default()
    }

    /// Reads the next row, which is not before an instant.
    fn read_on(&mut self, last: Instant) -> Result<(), ArrivalsError> {
        match self.reader.read_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => {
                return Err(ArrivalsError::Unreadable { path: self.path.clone(), error });
            }
        }
        let line = self.record.position().map_or(0, csv::Position::line);
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
