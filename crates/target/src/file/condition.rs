//! What must hold of an answer for a step to be done, refused or gone (rules T1, T3, T10, T11 of target
//! files).

use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;
use regex::Regex;

use super::answer::Answer;
use super::node::{Node, SpannedText, Table};
use super::pointer::{Pointer, PointerMatch};
use super::template::{Json, NameUse, Names, RenderError};
use super::value::is_same;

/// One of several tests must hold; with none, it never does.
#[derive(Clone, Debug)]
pub struct Condition {
    tests: Vec<Test>,
    span: Span,
}

/// What must hold together.
#[derive(Clone, Debug, Default)]
struct Test {
    /// Any of these.
    status: Option<Vec<u16>>,
    json: Vec<(Pointer, Json)>,
    header: Vec<(String, Regex)>,
    regex: Option<Regex>,
}

impl Condition {
    /// Reads a table or a list of tables.
    pub fn read(node: Node<'_>) -> Self {
        let tables = node.one_or_more().into_iter().filter_map(|node| node.table());
        Self { tests: tables.map(Test::read).collect(), span: node.span() }
    }

    /// The same of what is done; an empty list goes to the findings, for nothing ever would be.
    pub fn read_done(node: Node<'_>) -> Self {
        if node.one_or_more().is_empty() {
            let diagnostic = Diagnostic::new(
                node.span(),
                "with an empty list nothing is ever done",
                "no condition is in it",
            );
            node.findings().error(diagnostic.help("`{}` is any 2xx"));
        }
        Self::read(node)
    }

    /// One of some statuses.
    pub fn of_statuses(statuses: &[u16]) -> Self {
        let test = Test { status: Some(statuses.to_vec()), ..Test::default() };
        Self { tests: vec![test], span: Span::default() }
    }

    /// What never holds.
    pub fn never() -> Self {
        Self { tests: Vec::new(), span: Span::default() }
    }

    /// What always holds, of whatever status it is asked.
    pub fn always() -> Self {
        Self { tests: vec![Test::default()], span: Span::default() }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Headers of an answer that decide, too, as they are written.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.tests.iter().flat_map(|test| &test.header).map(|(name, _)| name.as_str())
    }

    /// Whether headers of an answer decide, too.
    pub fn asks_headers(&self) -> bool {
        self.headers().next().is_some()
    }

    /// Whether it holds of an answer. `needs_2xx`: a test that names no status wants a 2xx (`done`).
    ///
    /// # Errors
    /// When a template in it gives no value.
    pub fn holds(
        &self,
        answer: &Answer,
        needs_2xx: bool,
        names: &mut Names<'_>,
    ) -> Result<bool, RenderError> {
        for test in &self.tests {
            if test.holds(answer, needs_2xx, names)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Everything that is put into it.
    pub fn uses(&self) -> impl Iterator<Item = &NameUse> {
        self.tests.iter().flat_map(|test| &test.json).flat_map(|(_, value)| value.uses())
    }
}

impl Test {
    fn read(mut table: Table<'_>) -> Self {
        let mut test = Self::default();
        if let Some(node) = table.get("status") {
            let statuses = node.one_or_more().into_iter();
            if statuses.len() == 0 {
                node.error("an empty list is no status", "this never holds");
            }
            let status = |node: Node<'_>| node.whole(100..=599).and_then(|n| u16::try_from(n).ok());
            test.status = Some(statuses.filter_map(status).collect());
        }
        if let Some(of) = table.get("json").and_then(|node| node.table()) {
            let pairs = of.entries().filter_map(|(key, value)| {
                Some((Pointer::read(key, table.findings())?, Json::read(value)?))
            });
            test.json = pairs.collect();
        }
        if let Some(of) = table.get("header").and_then(|node| node.table()) {
            let pairs = of.entries().filter_map(|(key, value)| {
                Some((key.text.to_owned(), read_regex(value.text()?, table.findings())?))
            });
            test.header = pairs.collect();
        }
        let regex = table.get("regex").and_then(|node| node.text());
        test.regex = regex.and_then(|text| read_regex(text, table.findings()));
        table.finish();
        test
    }

    fn holds(
        &self,
        answer: &Answer,
        needs_2xx: bool,
        names: &mut Names<'_>,
    ) -> Result<bool, RenderError> {
        let is_status = match &self.status {
            Some(statuses) => statuses.contains(&answer.status()),
            None => !needs_2xx || (200..300).contains(&answer.status()),
        };
        let is_header =
            |(name, regex): &(String, Regex)| answer.header_lines(name).any(|v| regex.is_match(v));
        let is_regex = |regex: &Regex| regex.is_match(answer.text());
        if !is_status || !self.header.iter().all(is_header) || !self.regex.iter().all(is_regex) {
            return Ok(false);
        }
        for (pointer, wanted) in &self.json {
            let found = answer.json().map_or(PointerMatch::Nothing, |json| pointer.find(json));
            let Some(found) = found.into_value() else { return Ok(false) };
            if !is_same(&found, &wanted.value(names)?) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Reads a regular expression of the crate `regex`; what is wrong with it goes to the findings.
pub fn read_regex(text: SpannedText<'_>, findings: &super::finding::Findings) -> Option<Regex> {
    let error = match Regex::new(text.text) {
        Ok(regex) => return Some(regex),
        Err(error) => error.to_string(),
    };
    // The crate draws the place over several lines; the last one says what is wrong.
    let why = error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let diagnostic = Diagnostic::new(text.span, "this is no regular expression", why);
    findings.error(match text.text.contains("{{") {
        true => diagnostic.help("templates do not stand in regular expressions; `\\{` is a brace"),
        false => diagnostic,
    });
    None
}
