//! A mapping file into a [`Mapping`].

use toml::de::DeTable;

use super::table::{Diagnostics, Table, span_of};
use super::{Called, Columns, Devices, Gap, Kind, Mapping, Properties, Shape, Step, Time, Word};
use crate::clock::{Format, Unit};
use lamplighter_core::model::Millis;
use lamplighter_core::model::text::TextError;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::{Source, Span, Spanned};

const SECTIONS: &[&str] =
    &["format", "name", "source", "tried", "log", "time", "agent", "device", "property", "action"];
const LOG: &[&str] = &["kind", "separator", "quotes", "columns", "rows", "order"];
const TIME: &[&str] =
    &["at", "from", "to", "duration", "duration_unit", "format", "zone", "gap", "gap_min"];
const CALLED: &[&str] = &["column", "columns", "or"];
const DEVICE: &[&str] = &["column", "columns", "or", "name", "all"];
const PROPERTY: &[&str] = &["column", "columns", "or", "none", "only"];

/// Reads a mapping file. Whether its parts make a whole is for [`check`](super::check) to see.
///
/// # Errors
/// Everything that is wrong with it, in the order of the lines.
pub fn read(source: &Source) -> Result<Mapping, Vec<Diagnostic>> {
    let document = DeTable::parse(source.text()).map_err(|error| vec![no_toml(source, &error)])?;
    let mut found = Diagnostics::new();
    let mapping = mapping(document.get_ref(), &mut found);
    found.extend(super::check(&mapping));
    found.sort_by_key(|diagnostic| diagnostic.span);
    if found.is_empty() { Ok(mapping) } else { Err(found) }
}

fn no_toml(source: &Source, error: &toml::de::Error) -> Diagnostic {
    let end = source.text().len();
    let span = error.span().map_or(Span::new(end, end), span_of);
    let message = error.message().lines().collect::<Vec<_>>().join(", ");
    Diagnostic::new(span, format!("this is no TOML: {message}"), "here")
        .help("a mapping file is TOML: `key = \"text\"`, `[section]`, `[[action]]`")
}

fn mapping(document: &DeTable<'_>, found: &mut Diagnostics) -> Mapping {
    let top = Table::new(document, Span::default(), SECTIONS, found);
    format_of_file(&top, found);
    let text = |key: &str, found: &mut Diagnostics| top.text(key, found).map(|text| text.node);
    let nodes = |texts: Columns| texts.into_iter().map(|text| text.node).collect();
    let mut mapping = Mapping::new(Kind::Csv { separator: b',', quotes: true, columns: None });
    mapping.name = text("name", found).unwrap_or_default();
    mapping.source = text("source", found);
    mapping.tried = top.flag("tried", found).unwrap_or(true);
    if let Some(log) = top.table("log", LOG, found) {
        mapping.log = shape(&log, found);
    }
    if let Some(times) = top.table("time", TIME, found) {
        mapping.time = time(&times, found);
    }
    if let Some(agent) = top.table("agent", CALLED, found) {
        mapping.agent = called(&agent, found);
    }
    if let Some(device) = top.table("device", DEVICE, found) {
        let named = device.text("name", found);
        mapping.device = Devices {
            called: called(&device, found),
            name: named.unwrap_or(mapping.device.name),
            all: nodes(device.texts("all", found)),
        };
    }
    if let Some(property) = top.table("property", PROPERTY, found) {
        mapping.property = Properties {
            called: called(&property, found),
            none: nodes(property.texts("none", found)),
            only: nodes(property.texts("only", found)),
        };
    }
    let keys: Vec<&str> =
        ["column", "other"].into_iter().chain(Word::WORDS.iter().map(|(key, _)| *key)).collect();
    let steps = top.tables("action", &keys, found);
    mapping.actions = steps.iter().filter_map(|step| self::step(step, found)).collect();
    mapping
}

/// `format = 1`, so that a file of another day is not misread.
fn format_of_file(top: &Table<'_>, found: &mut Diagnostics) {
    const FORMAT: &str = "1";
    let (span, said) = match top.get("format") {
        None => (Span::default(), None),
        Some((_, value)) => {
            let number = value.get_ref().as_integer().map(|number| number.as_str().to_owned());
            (span_of(value.span()), number)
        }
    };
    if said.as_deref() != Some(FORMAT) {
        let message = "the format of the file is not known";
        found.push(Diagnostic::new(span, message, "expected `format = 1`"));
    }
}

fn shape(log: &Table<'_>, found: &mut Diagnostics) -> Shape {
    const KINDS: &[(&str, bool)] = &[("csv", false), ("json", true)];
    const ORDERS: &[(&str, bool)] =
        &[("any", false), ("oldest-first", false), ("newest-first", true)];
    let is_json = log.word("kind", KINDS, found).is_some_and(|kind| kind.node);
    let order = log.word("order", ORDERS, found);
    let of_other_kind: &[&str] =
        if is_json { &["separator", "quotes", "columns"] } else { &["rows"] };
    for key in of_other_kind {
        if let Some((span, _)) = log.get(key) {
            let (is, other) = if is_json { ("JSON", "csv") } else { ("CSV", "json") };
            let message = format!("a log of {is} has no `{key}`");
            found.push(Diagnostic::new(span, message, format!("only with `kind = \"{other}\"`")));
        }
    }
    let kind = match is_json {
        true => Kind::Json { rows: log.texts("rows", found) },
        false => Kind::Csv {
            separator: log.text("separator", found).map_or(b',', |text| separator(&text, found)),
            quotes: log.flag("quotes", found).unwrap_or(true),
            columns: log.get("columns").map(|_| log.texts("columns", found)),
        },
    };
    Shape { kind, newest_first: order.is_some_and(|order| order.node) }
}

fn separator(text: &Spanned<String>, found: &mut Diagnostics) -> u8 {
    match *text.node.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => byte,
        _ => {
            let message = "this cannot separate fields";
            let label = "expected one character of ASCII, e.g. `\";\"` or `\"\\t\"`";
            found.push(Diagnostic::new(text.span, message, label));
            b','
        }
    }
}

fn time(times: &Table<'_>, found: &mut Diagnostics) -> Time {
    const UNITS: &[(&str, Unit)] = &[("s", Unit::Seconds), ("ms", Unit::Millis)];
    let mut formats = Vec::new();
    for text in times.texts("format", found) {
        match Format::parse(&text.node) {
            Ok(format) => formats.push(format),
            Err(error) => {
                let message = format!("`{}` is no format of times", text.node);
                found.push(Diagnostic::new(text.span, message, error.to_string()));
            }
        }
    }
    if times.get("format").is_none() {
        formats.push(Format::Iso);
    }
    let gap_min = times.text("gap_min", found).map(|text| {
        text.node.parse().unwrap_or_else(|error: TextError| {
            let diagnostic = Diagnostic::new(text.span, error.message, error.expected);
            found.push(Diagnostic { help: error.help, ..diagnostic });
            Millis::ZERO
        })
    });
    Time {
        at: times.texts("at", found),
        from: times.texts("from", found),
        to: times.texts("to", found),
        duration: times.texts("duration", found),
        duration_unit: times.word("duration_unit", UNITS, found).map(|unit| unit.node),
        formats,
        zone: times.text("zone", found),
        gap: times.word("gap", &Gap::WORDS, found).map(|gap| gap.node).unwrap_or_default(),
        gap_min: gap_min.unwrap_or_default(),
    }
}

/// `column = "…"`, or `columns = ["…", "…"]` with a blank between them; and `or`.
fn called(table: &Table<'_>, found: &mut Diagnostics) -> Called {
    let mut columns = table.texts("columns", found);
    if let Some(column) = table.text("column", found) {
        if let Some((span, _)) = table.get("columns") {
            let message = "`column` and `columns` say the same";
            found.push(Diagnostic::new(span, message, "expected one of the two"));
        }
        columns = vec![column];
    }
    Called { columns, or: table.texts("or", found) }
}

fn step(table: &Table<'_>, found: &mut Diagnostics) -> Option<Step> {
    let mut words = Vec::new();
    for (key, word) in Word::WORDS {
        words.extend(table.texts(key, found).into_iter().map(|text| (text, word)));
    }
    let other = table.word("other", &Word::WORDS, found).map(|other| other.node);
    let Some(column) = table.text("column", found) else {
        if table.get("column").is_none() {
            let message = "this action has no column";
            let label = "expected `column = \"…\"` and its words, e.g. `online = \"Ready\"`";
            found.push(Diagnostic::new(table.span, message, label));
        }
        return None;
    };
    Some(Step { column, words, other })
}
