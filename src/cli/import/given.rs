//! Options that stand in place of what a mapping says.

use std::path::Path;

use clap::Args;

use lamplighter_import::clock::Format;
use lamplighter_import::mapping::{Columns, Kind, Mapping, Step, Time, Word};
use lamplighter_scenario::language::span::{Span, Spanned};

/// What is given in place of what a mapping says.
#[derive(Args, Debug)]
#[command(next_help_heading = "In place of what the mapping says")]
pub struct GivenArguments {
    /// The zone of local times
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// Which column says what: `at`, or `from` and `to` or `duration`; `agent`, `device`, `property`,
    /// `action`. One named twice is put together from both. In JSON, pointers: agent=/user/name
    #[arg(long, value_name = "WHAT=COLUMN", value_delimiter = ',', value_parser = column_of)]
    pub columns: Vec<ColumnOf>,
    /// What words mean: `online`, `away`, `invisible`, `login`, `logout`, `disconnect`, `reconnect`,
    /// `active` or `ignore`; `*` is every other word
    #[arg(long, value_name = "MEANING=WORD,...", value_parser = words_for)]
    pub action: Vec<WordsFor>,
    /// How times are written: `iso`, `epoch`, `epoch-ms`, or as strftime: '%d/%m/%Y %H:%M:%S'
    #[arg(long, value_name = "FORMAT", value_parser = Format::parse)]
    pub at_format: Vec<Format>,
    /// What stands between the fields: a character, or `tab`
    #[arg(long, value_name = "CHAR", value_parser = separator)]
    pub separator: Option<u8>,
    /// Take only rows of this property, and those of its people that name none
    #[arg(long, value_name = "PROPERTY")]
    pub only: Vec<String>,
}

/// A column and what it says.
#[derive(Clone, Debug)]
pub struct ColumnOf {
    role: Role,
    column: String,
}

/// What a column can say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Role {
    At,
    From,
    To,
    Duration,
    Agent,
    Device,
    Property,
    Action,
}

const ROLES: [(&str, Role); 8] = [
    ("at", Role::At),
    ("from", Role::From),
    ("to", Role::To),
    ("duration", Role::Duration),
    ("agent", Role::Agent),
    ("device", Role::Device),
    ("property", Role::Property),
    ("action", Role::Action),
];

/// Words and what they mean.
#[derive(Clone, Debug)]
pub struct WordsFor {
    meaning: Word,
    words: Vec<String>,
}

/// Reads which column has the names of what, such as `agent=User name`.
pub fn column_of(text: &str) -> Result<ColumnOf, String> {
    let names = ROLES.map(|(name, _)| name).join(", ");
    let Some((role, column)) = text.split_once('=').filter(|(_, column)| !column.is_empty()) else {
        return Err(format!("expected `agent=COLUMN`, and so for {names}"));
    };
    let found = ROLES.iter().find(|(name, _)| *name == role);
    let (_, role) = found.ok_or_else(|| format!("`{role}` is none of {names}"))?;
    Ok(ColumnOf { role: *role, column: column.to_owned() })
}

/// Reads the words of a log for a status or an action, such as `away=Break,Lunch`.
pub fn words_for(text: &str) -> Result<WordsFor, String> {
    let known = || Word::WORDS.iter().filter(|(_, word)| *word != Word::Next);
    let names = || known().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let Some((meaning, words)) = text.split_once('=').filter(|(_, words)| !words.is_empty()) else {
        return Err(format!("expected `away=Break`, and so for {}", names()));
    };
    let found = known().find(|(name, _)| *name == meaning);
    let (_, meaning) = found.ok_or_else(|| format!("`{meaning}` is none of {}", names()))?;
    Ok(WordsFor { meaning: *meaning, words: words.split(',').map(str::to_owned).collect() })
}

/// Reads a character, or `tab`.
pub fn separator(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        _ if matches!(text, "tab" | "\\t") => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
        _ => Err("expected one character of ASCII, e.g. `;`, or `tab`".to_owned()),
    }
}

/// The mapping of a log of which nothing is known but options: columns that they name, or those of a
/// trace.
pub fn own(log: &Path, given: &GivenArguments) -> Mapping {
    if given.columns.is_empty() {
        return Mapping::of_traces();
    }
    let is_json =
        log.extension().is_some_and(|end| end == "json" || end == "ndjson" || end == "jsonl")
            || given.columns.iter().any(|column| column.column.starts_with('/'));
    let mut mapping = Mapping::new(match is_json {
        true => Kind::Json { rows: vec![said("/*"), said("")] },
        false => Kind::Csv { separator: b',', quotes: true, columns: None },
    });
    mapping.name = "said by options".to_owned();
    mapping
}

/// Puts what is given in place of what a mapping says.
pub fn give(mapping: &mut Mapping, given: &GivenArguments) {
    for role in ROLES.map(|(_, role)| role) {
        let of_role = given.columns.iter().filter(|column| column.role == role);
        let columns: Columns = of_role.map(|column| said(&column.column)).collect();
        if !columns.is_empty() {
            put(mapping, role, columns);
        }
    }
    if let Some(step) = mapping.actions.last_mut() {
        for WordsFor { meaning, words } in &given.action {
            words.iter().for_each(|word| mean(step, word, *meaning));
        }
    }
    if !given.at_format.is_empty() {
        mapping.time.formats.clone_from(&given.at_format);
    }
    if let Some(zone) = &given.zone {
        mapping.time.zone = Some(said(zone));
    }
    if let (Some(given), Kind::Csv { separator, .. }) = (given.separator, &mut mapping.log.kind) {
        *separator = given;
    }
    if !given.only.is_empty() {
        mapping.property.only.clone_from(&given.only);
    }
}

fn put(mapping: &mut Mapping, role: Role, columns: Columns) {
    match role {
        Role::At => mapping.time = Time { at: columns, ..without_times(mapping) },
        Role::From => {
            mapping.time.at.clear();
            mapping.time.from = columns;
        }
        Role::To => {
            mapping.time.duration.clear();
            mapping.time.to = columns;
        }
        Role::Duration => {
            mapping.time.to.clear();
            mapping.time.duration = columns;
        }
        Role::Agent => mapping.agent.columns = columns,
        Role::Device => mapping.device.called.columns = columns,
        Role::Property => mapping.property.called.columns = columns,
        Role::Action => {
            let column = columns.into_iter().next_back();
            match (column, mapping.actions.last_mut()) {
                (Some(column), Some(step)) => step.column = column,
                (Some(column), None) => {
                    let step = Step::of_own_words(&column.node, mapping.is_of_intervals());
                    mapping.actions.push(step);
                }
                (None, _) => {}
            }
        }
    }
}

/// How times are read, without the columns that have them: what is given stands in place of all of them.
fn without_times(mapping: &Mapping) -> Time {
    let time = mapping.time.clone();
    Time { at: vec![], from: vec![], to: vec![], duration: vec![], ..time }
}

/// Lets a word mean this in a column, whatever it meant; `*` is every other word.
fn mean(step: &mut Step, word: &str, meaning: Word) {
    if word == "*" {
        step.other = Some(meaning);
        return;
    }
    let lower = |text: &str| text.trim().to_lowercase();
    step.words.retain(|(text, _)| lower(&text.node) != lower(word));
    step.words.push((said(word), meaning));
}

/// What options say stands at no place of a file.
fn said(text: &str) -> Spanned<String> {
    Spanned::new(text.to_owned(), Span::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use lamplighter_core::model::{Action, Chosen};
    use lamplighter_import::mapping::{built_in, check};

    #[derive(Parser)]
    struct Given {
        #[command(flatten)]
        given: GivenArguments,
    }

    fn status(chosen: Chosen) -> Option<Word> {
        Some(Word::Action(Action::SetStatus(chosen)))
    }

    fn given(words: &[&str]) -> GivenArguments {
        let words = [&["import"], words].concat();
        Given::try_parse_from(words).expect("options").given
    }

    #[test]
    fn options_alone_make_a_mapping() {
        let options = given(&[
            "--columns",
            "at=Date,at=Time,agent=User",
            "--columns",
            "action=State",
            "--action",
            "online=Ready,Busy",
            "--action",
            "away=*",
            "--separator",
            ";",
            "--at-format",
            "%d/%m/%Y %H:%M:%S",
            "--zone",
            "Europe/London",
        ]);
        let mut mapping = own(Path::new("a.csv"), &options);
        give(&mut mapping, &options);
        assert_eq!(check(&mapping), []);
        assert_eq!(mapping.time.at.len(), 2);
        assert!(matches!(mapping.log.kind, Kind::Csv { separator: b';', .. }));
        let step = &mapping.actions[0];
        assert!(step.other == status(Chosen::Away) && step.words.len() == 10);
    }

    #[test]
    fn pointers_or_the_file_s_name_make_it_json() {
        let pointers = given(&["--columns", "at=/at,agent=/who,action=/what"]);
        for (log, options) in [("a.log", &pointers), ("a.jsonl", &given(&["--columns", "at=at"]))] {
            assert!(matches!(own(Path::new(log), options).log.kind, Kind::Json { .. }), "{log}");
        }
        let names = given(&["--columns", "at=at"]);
        assert!(matches!(own(Path::new("a.csv"), &names).log.kind, Kind::Csv { .. }));
    }

    #[test]
    fn without_columns_it_is_a_trace() {
        let nothing = given(&[]);
        let mut mapping = own(Path::new("a.json"), &nothing);
        give(&mut mapping, &nothing);
        assert_eq!((check(&mapping), mapping), (vec![], Mapping::of_traces()));
    }

    #[test]
    fn a_given_word_wins_over_the_mapping_s_own() {
        let mut mapping = built_in("five9").expect("it is built in").mapping();
        give(&mut mapping, &given(&["--action", "invisible=not ready,Coaching"]));
        assert_eq!(check(&mapping), []);
        let meaning = |word: &str| {
            let step = mapping.actions.last().expect("a step");
            step.words.iter().find(|(text, _)| text.node == word).map(|(_, word)| *word)
        };
        assert_eq!(meaning("not ready"), status(Chosen::Invisible));
        assert_eq!(meaning("Coaching"), status(Chosen::Invisible));
        assert_eq!(meaning("Not Ready"), None);
        assert_eq!(meaning("Ready"), status(Chosen::Online));
    }
}
