//! Lines into words.

use super::code::Code;
use super::diagnostic::Diagnostic;
use super::span::Span;

pub use super::quote::{quote_word, write_name, write_word};

/// One word of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// What the word says, without quotes and with its escapes resolved.
    pub text: String,
    /// Where it stands, its quotes included.
    pub span: Span,
    /// Whether it was written in quotes, or has a cell of a table in it: then no sign in it means anything.
    pub quoted: bool,
    /// Whether it says something else than it is written, by a table of examples.
    pub is_put_in: bool,
}

/// What a line's words are parted by besides blanks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Commas {
    /// A comma is a word of its own: in `expect` lines.
    Part,
    /// A comma belongs to its word, which must then be quoted; the reader of `DAYS` takes it apart.
    Belong,
}

/// Parts one line, which begins at byte `start` of the file, into words; a comment is left out.
pub fn words(
    line: &str,
    start: usize,
    commas: Commas,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Word> {
    // Most lines have no more.
    let mut words = Vec::with_capacity(8);
    let mut rest = Rest { line, at: 0, start };
    loop {
        rest.skip_while(|byte| matches!(byte, b' ' | b'\t'));
        match rest.peek() {
            None | Some('#') => return words,
            Some('"') => words.extend(quoted_word(&mut rest, diagnostics)),
            Some(',') if commas == Commas::Part => {
                let from = rest.at;
                rest.next();
                words.push(Word {
                    text: ",".into(),
                    span: rest.span(from),
                    quoted: false,
                    is_put_in: false,
                });
            }
            Some(_) => words.push(plain_word(&mut rest, commas, diagnostics)),
        }
    }
}

/// The text of a `scenario` or `source` line behind its keyword: to the end of the line or to a
/// comment, or what stands in quotes if that is all.
pub fn text(line: &str, start: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<Word> {
    let mut rest = Rest { line, at: 0, start };
    rest.skip_while(|byte| matches!(byte, b' ' | b'\t'));
    let from = rest.at;
    let mut end = from;
    let mut only = None;
    let mut parts = 0;
    loop {
        rest.skip_while(|byte| matches!(byte, b' ' | b'\t'));
        match rest.peek() {
            None | Some('#') => break,
            Some('"') => only = Some(quoted_word(&mut rest, diagnostics)?),
            Some(_) => rest.skip_while(|byte| !matches!(byte, b' ' | b'\t' | b'#')),
        }
        parts += 1;
        end = rest.at;
    }
    match only {
        Some(word) if parts == 1 => Some(word),
        _ => Some(Word {
            text: line[from..end].to_owned(),
            span: Span::new(start + from, start + end),
            quoted: false,
            is_put_in: false,
        }),
    }
}

struct Rest<'a> {
    line: &'a str,
    at: usize,
    start: usize,
}

impl Rest<'_> {
    fn peek(&self) -> Option<char> {
        self.line[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Goes on to the first byte that is not wanted. Of characters beyond ASCII, whose bytes `wanted` takes
    /// alike, that is the first.
    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        let rest = &self.line.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len());
    }

    /// From a byte of the line to where the reader is.
    fn span(&self, from: usize) -> Span {
        Span::new(self.start + from, self.start + self.at)
    }
}

fn plain_word(rest: &mut Rest<'_>, commas: Commas, diagnostics: &mut Vec<Diagnostic>) -> Word {
    let from = rest.at;
    rest.skip_while(|byte| match byte {
        b' ' | b'\t' | b'#' => false,
        b',' => commas == Commas::Belong,
        _ => true,
    });
    let text = &rest.line[from..rest.at];
    if let Some(quote) = text.find('"') {
        let at = rest.start + from + quote;
        diagnostics.push(
            Diagnostic::new(
                Span::new(at, at + 1),
                "a quote stands inside a word",
                "quotes begin and end a whole word",
            )
            .code(Code::MisplacedQuote)
            .help(format!("write the whole word in quotes: {}", quote_word(text))),
        );
    }
    Word { text: text.to_owned(), span: rest.span(from), quoted: false, is_put_in: false }
}

fn quoted_word(rest: &mut Rest<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Word> {
    let from = rest.at;
    rest.next();
    let mut text = String::new();
    loop {
        let escape = rest.at;
        match rest.next() {
            None => {
                diagnostics.push(
                    Diagnostic::new(rest.span(from), "a quote is not closed", "it begins here")
                        .code(Code::UnclosedQuote)
                        .help("end it with `\"` on the same line; write `\\\"` for a quote inside"),
                );
                return None;
            }
            Some('"') => break,
            Some('\\') => match rest.next() {
                Some(c @ ('"' | '\\')) => text.push(c),
                _ => diagnostics.push(
                    Diagnostic::new(
                        rest.span(escape),
                        "there is no such escape",
                        "only `\\\"` and `\\\\` are escapes",
                    )
                    .code(Code::UnknownEscape)
                    .help("write `\\\\` for a backslash"),
                ),
            },
            Some(c) => text.push(c),
        }
    }
    let span = rest.span(from);
    if rest.peek().is_some_and(|c| !matches!(c, ' ' | '\t' | '#' | ',')) {
        diagnostics.push(
            Diagnostic::new(
                Span::new(span.end - 1, span.end),
                "a quoted word ends in the middle of a word",
                "a blank must follow",
            )
            .code(Code::MisplacedQuote)
            .help("quotes begin and end a whole word; write `\\\"` for a quote inside"),
        );
    }
    Some(Word { text, span, quoted: true, is_put_in: false })
}

/// The words of a line that begins at a byte of its file, as the language parts them, whatever is wrong with
/// them; a comment is left out.
pub fn words_of_line(line: &str, start: usize) -> Vec<Word> {
    let first = line.trim_start_matches(['\u{feff}', ' ', '\t']);
    let is_expect = first.strip_prefix("expect").is_some_and(|rest| rest.starts_with([' ', '\t']));
    let commas = if is_expect { Commas::Part } else { Commas::Belong };
    let skipped = line.len() - first.len();
    words(first, start + skipped, commas, &mut Vec::new())
}
