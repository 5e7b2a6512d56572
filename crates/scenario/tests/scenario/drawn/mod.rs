//! Whole files of the language, drawn: everything that it has may stand in them, in every order and form
//! that it allows, so that each is read without a fault.
//!
//! | file | what it draws |
//! | --- | --- |
//! | `blocks` | properties and widgets with what is set, and hours |
//! | `parts` | what happens, and what must then be true |
//! | `lines` | lines as they may be written: blanks, quotes, comments, line ends |

mod blocks;
mod lines;
mod parts;

use proptest::collection::vec;
use proptest::prelude::*;

use lamplighter_scenario::language::{quote_word, write_word};
use lines::Line;

/// What decides: numbers, used up one after the other. When none is left each choice is its first, which is the
/// plainest, so that what is made smaller is made plainer.
pub struct Draws<'a>(std::slice::Iter<'a, u16>);

impl<'a> Draws<'a> {
    pub fn new(numbers: &'a [u16]) -> Self {
        Self(numbers.iter())
    }

    /// From 0 to below a count.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % count
    }

    /// Once in so many times.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    pub fn pick<'b, T: ?Sized>(&mut self, from: &[&'b T]) -> &'b T {
        from[self.below(from.len())]
    }

    /// Some of a list, each once and in any order.
    pub fn some<T: Clone>(&mut self, from: &[T]) -> Vec<T> {
        let mut left = from.to_vec();
        let count = self.below(left.len() + 1);
        (0..count).map(|_| left.remove(self.below(left.len()))).collect()
    }
}

/// What a column of a table has, and so where its cells can be put in.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    Zone,
    Days,
    Hours,
    Dates,
    Status,
    Length,
    Name,
    Text,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Zone,
        Self::Days,
        Self::Hours,
        Self::Dates,
        Self::Status,
        Self::Length,
        Self::Name,
        Self::Text,
    ];

    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Zone => &["UTC", "America/New_York", "Asia/Kolkata", "+05:30", "Europe/London"],
            Self::Days => &["mon", "tue-thu", "sat,sun", "fri-mon", "daily", "mon-mon"],
            Self::Hours => &["09:00-17:00", "22:00-02:00", "18:00-09:00+3d", "00:00-24:00"],
            Self::Dates => &["2026-12-25", "*-12-24..*-01-01", "4th-thu-nov+1d", "easter-2d"],
            Self::Status => &["online", "away", "offline"],
            Self::Length => &["30m", "90s", "1h30m", "2d", "250ms"],
            Self::Name => {
                &["laptop", "phone", "PJSIP/2001", "the desk # 2", "on", "a,b", "|", "as", "at"]
            }
            Self::Text => {
                &["Hello", "a  \"b\" # c", "\\", "", "{{x}}", "it is open | closed", " x "]
            }
        }
    }
}

/// A drawn file, before it is written.
#[derive(Default)]
pub struct Drawn {
    /// Its statements.
    pub lines: Vec<Line>,
    /// The files of blocks that it includes, by their names.
    pub worlds: Vec<(String, Vec<Line>)>,
}

/// Any file.
pub fn files() -> impl Strategy<Value = Drawn> {
    vec(any::<u16>(), 0..400).prop_map(|numbers| draw(&numbers))
}

/// Its text, for messages: it says more than the numbers.
impl std::fmt::Debug for Drawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.plain())
    }
}

/// A calendar, for all that name one.
const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n\
    DTSTART;VALUE=DATE:20261103\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

impl Drawn {
    /// What stands in a file beside it.
    pub fn beside(&self, name: &str) -> Result<String, String> {
        if name.ends_with(".ics") {
            return Ok(CALENDAR.to_owned());
        }
        let found = self.worlds.iter().find(|(path, _)| path == name);
        found.map(|(_, lines)| lines::plain(lines)).ok_or_else(|| format!("{name}: not there"))
    }

    /// The file with one blank between words, and nothing else that says nothing.
    pub fn plain(&self) -> String {
        lines::plain(&self.lines)
    }

    /// The same with blanks, quotes, comments and line ends of any kind.
    pub fn otherwise(&self, draws: &mut Draws<'_>) -> String {
        lines::otherwise(&self.lines, draws)
    }
}

/// What is known while a file is drawn.
struct Drawing<'a, 'b> {
    draws: &'a mut Draws<'b>,
    /// The columns of its table: their names, and what is in them.
    columns: Vec<(String, Kind)>,
    /// Whether a brace is one of a table.
    has_table: bool,
    /// The widgets declared so far, those of properties among them; each with whether it has hours.
    widgets: Vec<(String, bool)>,
    properties: Vec<String>,
    agents: Vec<String>,
}

/// Draws a file.
pub fn draw(numbers: &[u16]) -> Drawn {
    let mut draws = Draws::new(numbers);
    let mut drawing = Drawing {
        draws: &mut draws,
        columns: Vec::new(),
        has_table: false,
        widgets: Vec::new(),
        properties: Vec::new(),
        agents: Vec::new(),
    };
    let mut drawn = Drawn::default();
    let table = drawing.table();
    drawn.lines = drawing.header();
    drawn.lines.extend(table);
    drawing.all_blocks(&mut drawn);
    let parts = drawing.parts();
    drawn.lines.extend(parts);
    drawn
}

impl Drawing<'_, '_> {
    /// A word of a kind as it is written: by a cell, if there is such a column.
    fn word(&mut self, kind: Kind) -> String {
        if !self.draws.one_in(4)
            && let Some(cell) = self.cell(kind)
        {
            return cell;
        }
        let word = self.draws_word(kind);
        self.written(word)
    }

    /// What asks for a cell of a kind; nothing without such a column, and in a file that is included.
    fn cell(&mut self, kind: Kind) -> Option<String> {
        let columns = self.columns.iter().filter(|(_, of)| self.has_table && *of == kind);
        let names: Vec<&str> = columns.map(|(name, _)| &**name).collect();
        (!names.is_empty()).then(|| format!("{{{}}}", self.draws.pick(&names)))
    }

    fn draws_word(&mut self, kind: Kind) -> &'static str {
        self.draws.pick(kind.words())
    }

    /// A name, or once in a while a cell: names are any words until they are planned.
    fn or_cell(&mut self, name: String) -> String {
        match self.draws.one_in(4) {
            true => self.cell(Kind::Name).unwrap_or(name),
            false => name,
        }
    }

    /// A word that says no more than it is: quoted where it needs it, its braces doubled below a table.
    fn written(&self, word: &str) -> String {
        write_word(&self.braced(word))
    }

    fn braced(&self, text: &str) -> String {
        if self.has_table { text.replace('{', "{{") } else { text.to_owned() }
    }

    /// A text in quotes, which may have a cell in it.
    fn text(&mut self) -> String {
        let text = self.draws_word(Kind::Text);
        let mut text = self.braced(text);
        if self.has_table && self.draws.one_in(2) {
            let (name, _) = &self.columns[self.draws.below(self.columns.len())];
            text = format!("{text}{{{name}}}");
        }
        quote_word(&text)
    }

    /// `examples` and its rows, or nothing.
    fn table(&mut self) -> Vec<Line> {
        if !self.draws.one_in(2) {
            return Vec::new();
        }
        self.has_table = true;
        let count = 1 + self.draws.below(4);
        for index in 0..count {
            let kind = Kind::ALL[self.draws.below(Kind::ALL.len())];
            self.columns
                .push((format!("{}{index}", self.draws.pick(&["x", "é", "at", "-"])), kind));
        }
        let row = |cells: Vec<String>| Line::row(&cells);
        let mut lines = vec![Line::of("examples")];
        lines.push(row(self.columns.iter().map(|(name, _)| name.clone()).collect()));
        for _ in 0..1 + self.draws.below(3) {
            let kinds: Vec<Kind> = self.columns.iter().map(|(_, kind)| *kind).collect();
            let cells = kinds.into_iter().map(|kind| {
                let cell = self.draws_word(kind);
                let needs_quotes = cell.contains(['|', '#', '"']) || cell.trim() != cell;
                if needs_quotes || self.draws.one_in(3) {
                    quote_word(cell)
                } else {
                    cell.to_owned()
                }
            });
            lines.push(row(cells.collect()));
        }
        lines
    }

    /// The lines before the table, in any order behind the title, which asks for every column.
    fn header(&mut self) -> Vec<Line> {
        let asked: Vec<String> =
            self.columns.iter().map(|(name, _)| format!("{{{name}}}")).collect();
        let title =
            self.draws.pick(&["A title", "Ünits  of \"two\" words", "\"quoted # sign\" x", "{"]);
        let title = format!("{} {}", self.braced(title), asked.join(" "));
        let mut rest = Vec::new();
        for _ in 0..self.draws.below(3) {
            let text = self.text();
            rest.push(match text.starts_with("\"\"") || text.starts_with("\"{") {
                // It may be empty, and then says nothing.
                true => Line::free("source", "rule W1, the  page"),
                false => Line::free("source", &text),
            });
        }
        let mut tags = self.draws.some(&["dst", "slow", "a b", "#1", "no,", "tags", "{", "é"]);
        while !tags.is_empty() {
            let count = 1 + self.draws.below(tags.len());
            let words: Vec<String> = tags.drain(..count).map(|tag| self.written(tag)).collect();
            rest.push(Line::of("tags").and(words));
        }
        if self.draws.one_in(2) {
            rest.push(Line::of("timezone").and([self.word(Kind::Zone)]));
        }
        if self.draws.one_in(4) {
            let rules = ["rules zendesk", "rules tawk", "rules \"own.toml\""];
            rest.push(Line::of(self.draws.pick(&rules)));
        }
        if self.draws.one_in(3) {
            rest.push(Line::of("grace").and([self.word(Kind::Length)]));
        }
        if self.draws.one_in(3) {
            let length =
                if self.draws.one_in(2) { "off".to_owned() } else { self.word(Kind::Length) };
            rest.push(Line::of("auto-away").and([length]));
        }
        let mut lines = vec![Line::free("scenario", title.trim())];
        while !rest.is_empty() {
            lines.push(rest.remove(self.draws.below(rest.len())));
        }
        lines
    }
}
