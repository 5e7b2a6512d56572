//! Lines as they may be written.

use super::Draws;
use lamplighter_scenario::language::quote_word;

/// A statement: its words as they must be written at least.
#[derive(Clone)]
pub struct Line {
    words: Vec<String>,
    form: Form,
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// Words between blanks.
    Words,
    /// A word and a text to the end of the line.
    Free,
    /// Cells between bars.
    Row,
}

impl Line {
    /// Words with blanks between.
    pub fn of(words: &str) -> Self {
        let words = words.split(' ').map(str::to_owned).collect();
        Self { words, form: Form::Words }
    }

    /// The same of words that may have blanks in them, in quotes.
    pub fn of_words(words: Vec<String>) -> Self {
        Self { words, form: Form::Words }
    }

    pub fn free(keyword: &str, text: &str) -> Self {
        Self { words: vec![keyword.to_owned(), text.to_owned()], form: Form::Free }
    }

    pub fn row(cells: &[String]) -> Self {
        Self { words: cells.to_vec(), form: Form::Row }
    }

    /// More words, each as it is written.
    pub fn and(mut self, words: impl IntoIterator<Item = String>) -> Self {
        self.words.extend(words);
        self
    }

    /// All words of another line behind its own.
    pub fn then(self, other: &Self) -> Self {
        self.and(other.words.clone())
    }

    fn plain(&self) -> String {
        match self.form {
            Form::Row => format!("| {} |", self.words.join(" | ")),
            _ => self.words.join(" "),
        }
    }

    fn otherwise(&self, draws: &mut Draws<'_>) -> String {
        let gap = |draws: &mut Draws<'_>| draws.pick(&[" ", "  ", "\t", " \t "]).to_owned();
        let mut out = draws.pick(&["", "  ", "\t"]).to_owned();
        for (index, word) in self.words.iter().enumerate() {
            match self.form {
                Form::Row => out.push_str(if index == 0 { "|" } else { "" }),
                _ if index > 0 && (word != "," || draws.one_in(2)) => out.push_str(&gap(draws)),
                _ => {}
            }
            let mut written = match self.may_be_quoted(index) && draws.one_in(4) {
                true => quote_word(word),
                false => word.clone(),
            };
            if self.form == Form::Row {
                written =
                    format!("{}{written}{}|", draws.pick(&["", " "]), draws.pick(&["", "\t"]));
            }
            out.push_str(&written);
        }
        out + draws.pick(&["", "", " ", "  # a \"comment\" | {", "\t#"])
    }

    /// Whether a word says the same in quotes. The first one would be none of the language, and neither would
    /// the few that are told by it from names and numbers; a file of rules is told so from a product.
    fn may_be_quoted(&self, index: usize) -> bool {
        let word = self.words[index].as_str();
        let is_told =
            matches!(word, "," | "as" | "no" | "anomalies" | "every") || word.starts_with('"');
        let is_any = self.form == Form::Words && self.words[0] != "rules";
        is_any && index > 0 && !is_told
    }
}

pub fn plain(lines: &[Line]) -> String {
    lines.iter().map(|line| line.plain() + "\n").collect()
}

pub fn otherwise(lines: &[Line], draws: &mut Draws<'_>) -> String {
    let mut out = draws.pick(&["", "\u{feff}"]).to_owned();
    for (index, line) in lines.iter().enumerate() {
        for _ in 0..draws.below(3) {
            out += draws.pick(&["\n", "# at the edge\n", "\r\n", "   # further in\n", " \t\n"]);
        }
        out += &line.otherwise(draws);
        let is_last = index + 1 == lines.len();
        out += draws.pick(if is_last { &["\n", "", "\r\n"] } else { &["\n", "\n", "\r\n"] });
    }
    out
}
