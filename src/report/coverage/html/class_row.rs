//! Classes of time with their lengths, as bars and in numbers.

use serde::Serialize;

use super::super::words::{length, percent_or_dash};
use lamplighter_coverage::class::{Class, ClassTimes};
use lamplighter_coverage::figures::share;

/// A class of time with its length, as a bar and in numbers.
#[derive(Serialize)]
pub struct ClassRow {
    class: &'static str,
    meaning: &'static str,
    length: String,
    /// Of open time; `-` of a class of closed time.
    share: String,
    /// Of the whole, in percent, for the width of a bar.
    width: f64,
}

/// The rows of a widget's classes, or of all of them together.
pub fn class_rows(times: &ClassTimes) -> Vec<ClassRow> {
    let row = |class: Class| {
        let ms = times.of(class);
        let of_open = share(ms, times.open_ms()).filter(|_| class.is_open());
        ClassRow {
            class: class.word(),
            meaning: class.meaning(),
            length: length(ms),
            share: percent_or_dash(of_open),
            width: share(ms, times.whole_ms()).map_or(0.0, |share| (share * 1e4).round() / 100.0),
        }
    };
    Class::ALL.map(row).into()
}
