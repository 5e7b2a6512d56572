//! What is wrong with a row, in words for the person whose log it is.

use lamplighter_core::hours::Zone;
use lamplighter_core::model::text::INSTANT_YEARS;
use lamplighter_core::model::{Action, Instant};

use super::columns::NoText;
use super::fault::{FaultKind, Told};
use crate::clock::{Clock, Format, NoTime, Unit};
use crate::log::NotARow;
use crate::names::NoName;

/// What stands in the log and is no row.
pub fn not_a_row(why: NotARow) -> (FaultKind, Told) {
    match why {
        NotARow::NoJson(said) => {
            (FaultKind::NoJson, Told::new(format!("this is no JSON: {said}"), "here"))
        }
        NotARow::NoRows => {
            let message = "this value has no rows where they should be";
            let told = Told::new(message, "none of the ways of `rows` leads anywhere");
            (FaultKind::NoRows, told.help("see `rows` in the mapping's section `[log]`"))
        }
    }
}

/// A row of which a column cannot be had, and which of its columns.
pub fn no_text(why: NoText) -> (FaultKind, Option<usize>, Told) {
    match why {
        NoText::Missing => {
            let told =
                Told::new("the row has too few fields", "it ends before a column that is needed");
            (FaultKind::Missing, None, told)
        }
        NoText::NotUtf8(column) => {
            let told = Told::new("the row is not UTF-8", "these bytes are no text");
            (FaultKind::NotUtf8, Some(column), told.help("save the log as UTF-8"))
        }
    }
}

/// A quote that is not closed.
pub fn open_quote() -> Told {
    let label = "it takes in what stands behind it, up to another field in quotes or to the end";
    Told::new("a quote is not closed", label).help(
        "close it; if quotes mean nothing in this log, say `quotes = false` in the mapping's section `[log]`",
    )
}

/// A word that the mapping does not know.
pub fn unknown_word(word: &str) -> Told {
    const HELP: &str = "say what it means, e.g. `--action away=";
    match word.trim() {
        "" => Told::new("nothing says what happens", "the word is empty"),
        // Of a trace of Lamplighter's own. A word for it would say that the status is for good.
        word if matches!(Action::from_text(word), Some(Action::SetStatusFor(..))) => {
            let message =
                format!("`{word}` is a status for a time (rule P9), which no import keeps");
            let help = "a trace of Lamplighter's own need not be imported: `replay` it as it is in a scenario";
            Told::new(message, "only a status for good is kept").help(help)
        }
        word => {
            let message = format!("`{word}` means nothing in this mapping");
            let quoted = if word.contains(' ') { format!("'{word}'") } else { word.to_owned() };
            Told::new(message, "no word of this column")
                .help(format!("{HELP}{quoted}`"))
                .hidden("a word means nothing in this mapping", Some(format!("{HELP}WORD`")))
        }
    }
}

/// A text that cannot be the name of an agent, a device or a property.
pub fn no_name(of: &str, why: NoName) -> Told {
    match why {
        NoName::Empty => Told::new(format!("the name of {of} is missing"), why.to_string()),
        _ => Told::new(format!("this cannot be the name of {of}"), why.to_string()),
    }
}

/// A text that is no length of time.
pub fn no_length(written: &str) -> Told {
    let message = format!("`{written}` is no length of time");
    Told::new(message, "expected a number, or hours, minutes and seconds as `1:02:03`")
        .hidden("this is no length of time", None)
}

/// A length of time that ends beyond the year 9999 (rule T4).
pub fn too_long(written: &str) -> Told {
    let message = format!("an interval of `{written}` ends beyond the year 9999");
    Told::new(message, INSTANT_YEARS)
}

/// An interval that ends before it begins.
pub fn backwards(from: Instant, to: Instant) -> Told {
    let label = format!("it begins at {from} and ends at {to}");
    Told::new("the interval ends before it begins", label)
}

/// A text that is no time in a format of the mapping, or no instant of the zone.
pub fn no_time(written: &str, why: NoTime) -> Told {
    let told = no_time_shown(written, why);
    let help = told.help.clone();
    match written {
        "" => told,
        _ => told.hidden("this is no time in a format of this mapping", help),
    }
}

fn no_time_shown(written: &str, why: NoTime) -> Told {
    let message = match written {
        "" => "the time is missing".to_owned(),
        written => format!("`{written}` is no time in a format of this mapping"),
    };
    match why {
        NoTime::InUnit(unit) => {
            let units = match unit {
                Unit::Seconds => "seconds",
                Unit::Millis => "milliseconds",
                Unit::Micros => "microseconds",
            };
            let word = unit.word();
            Told::new(message, format!("it looks like {units} since 1970"))
                .help(format!("read it so with `--at-format {word}`, or `format = \"{word}\"`"))
        }
        NoTime::OutOfRange => Told::new(message, INSTANT_YEARS),
        NoTime::Unreadable | NoTime::WithoutZone => {
            let told = Told::new(message, "it is written otherwise");
            match &likely_formats(written)[..] {
                [] => told,
                [format] => told.help(format!("read it so with `--at-format '{format}'`")),
                [first, second, ..] => told.help(format!(
                    "`--at-format '{first}'` fits, and `'{second}'`, too: which is meant?"
                )),
            }
        }
    }
}

/// Formats that many logs have, one of which may be meant where none of a mapping's fits.
const LIKELY: [&str; 21] = [
    "iso",
    "epoch",
    "epoch-ms",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y %I:%M:%S %p",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%d/%m/%y %H:%M:%S",
    "%m/%d/%y %H:%M:%S",
    "%d/%m/%y %H:%M",
    "%m/%d/%y %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d-%b-%Y %H:%M:%S",
    "%b %d, %Y %I:%M:%S %p",
    "%a %b %d %H:%M:%S %Y",
];

/// The likely formats that fit a time.
fn likely_formats(written: &str) -> Vec<&'static str> {
    let utc = || Some(std::sync::Arc::new(Zone::utc()));
    let fits = |text: &&&str| {
        let format = Format::parse(text).ok();
        format.is_some_and(|format| Clock::new(vec![format], utc()).read(written).is_ok())
    };
    LIKELY.iter().filter(fits).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_for_a_time_is_not_to_be_taken_for_one_for_good() {
        let help = |word| unknown_word(word).help.expect("there is something to do");
        assert!(!help("away for 30m").contains("--action"), "{}", help("away for 30m"));
        assert!(help("away for good").contains("--action away='away for good'"));
    }

    #[test]
    fn a_likely_format_is_one_and_each_is_found() {
        for format in LIKELY {
            assert!(Format::parse(format).is_ok(), "{format}");
        }
        for (written, formats) in [
            ("2026-03-09 08:55:00", &["iso"][..]),
            ("1773064500", &["epoch"]),
            ("24/03/2026 08:55:00", &["%d/%m/%Y %H:%M:%S"]),
            ("03/04/2026 08:55:00", &["%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"]),
            ("03/24/2026 08:55:00 PM", &["%m/%d/%Y %I:%M:%S %p"]),
            ("24.03.2026 08:55", &["%d.%m.%Y %H:%M"]),
            ("Total", &[]),
            ("", &[]),
        ] {
            assert_eq!(likely_formats(written), formats, "{written}");
        }
    }
}
