//! Reads a gate from left to right: what is measured, the operator, the limit.

use super::condition::{ALL, Limit, Operator, Quantity, Statistic, Timed};
use super::error::{GateError, GateErrorKind, GateFileError};
use super::gate::Gate;
use crate::result::Class;
use crate::tally::{CONNECT, EVENTS, LOGIN, LOGOUT, MESSAGE, STATUS, TEAM, WIDGET};
use lamplighter_scenario::language::diagnostic::{any_of, nearest};

/// Every operation that a run may have.
pub(super) const OPERATIONS: [&str; 8] =
    [WIDGET, EVENTS, MESSAGE, LOGIN, STATUS, LOGOUT, CONNECT, TEAM];
/// What is timed beside operations.
pub(super) const OTHERS: [&str; 6] =
    ["propagation", "propagation.poll", "edge", "edge.poll", "sending", "generator"];
/// What was called otherwise before, with what it is called now.
const RENAMED: [(&str, &str); 4] = [
    ("light", "propagation"),
    ("light.push", "propagation.push"),
    ("light.poll", "propagation.poll"),
    ("inversion", "non-monotonic-read"),
];
/// What a gate may begin with.
pub(super) const QUANTITIES: [&str; 10] =
    ["p99", "max", "mean", "late", "service.p99", "wrong", "errors", "rate", "decisive", "within"];
/// In front of a statistic that is of service times.
const SERVICE: &str = "service.";

/// A place in the text of a gate.
struct GateReader<'t> {
    text: &'t str,
    /// Where it is read on, in bytes.
    at: usize,
}

impl Gate {
    /// Reads a gate as people write it, `QUANTITY OPERATOR LIMIT`: `p99(widget) > 50ms`.
    ///
    /// # Errors
    /// The first thing that is wrong in the text, with its column and what may have been meant.
    pub fn parse(text: &str) -> Result<Self, GateError> {
        let mut reader = GateReader { text, at: 0 };
        let quantity = reader.quantity()?;
        let operator = reader.operator()?;
        let limit = reader.limit(&quantity)?;
        Ok(Self { text: text.trim().to_owned(), quantity, operator, limit })
    }

    /// Reads a file of gates: one a line; `#` begins a comment, empty lines are nothing.
    ///
    /// # Errors
    /// The first line that is no gate. The name of the file is for the caller to say.
    pub fn parse_file(text: &str) -> Result<Vec<Self>, GateFileError> {
        let mut gates = Vec::new();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            // No part of a gate has this sign.
            let gate = line.split_once('#').map_or(line, |(gate, _)| gate);
            if !gate.trim().is_empty() {
                let gate = Self::parse(gate);
                gates.push(gate.map_err(|error| GateFileError { line: index + 1, error })?);
            }
        }
        Ok(gates)
    }
}

impl<'t> GateReader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Goes on while characters are so, and gives them.
    fn take_while(&mut self, is_so: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c: char| !is_so(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn error(&self, at: usize, kind: GateErrorKind, help: impl Into<String>) -> GateError {
        GateError { column: self.text[..at].chars().count() + 1, kind, help: help.into() }
    }

    fn quantity(&mut self) -> Result<Quantity, GateError> {
        self.skip_blanks();
        let begin = self.at;
        let word = self.take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if word.is_empty() {
            let kind = match self.rest().is_empty() {
                true => GateErrorKind::Empty,
                false => GateErrorKind::Quantity(self.next_word()),
            };
            return Err(self.error(begin, kind, "write for instance `p99(widget) > 50ms`"));
        }
        let of = self.parentheses()?;
        match (word, of) {
            ("wrong", of) => Ok(Quantity::Wrong(of.map(|of| self.class(of)).transpose()?)),
            ("errors", of) => Ok(Quantity::Errors(of.map(|of| self.operation(of)).transpose()?)),
            ("rate" | "decisive" | "within", Some((at, _))) => {
                let help = format!("write `{word}` alone");
                Err(self.error(at - 1, GateErrorKind::Parentheses(word.to_owned()), help))
            }
            ("rate", None) => Ok(Quantity::Rate),
            ("decisive", None) => Ok(Quantity::Decisive),
            ("within", None) => Ok(Quantity::Within),
            (word, of) => self.time(begin, word, of),
        }
    }

    /// What stands in parentheses, with where it begins, if there are any.
    fn parentheses(&mut self) -> Result<Option<(usize, &'t str)>, GateError> {
        self.skip_blanks();
        if !self.rest().starts_with('(') {
            return Ok(None);
        }
        let open = self.at;
        self.at += 1;
        self.skip_blanks();
        let begin = self.at;
        let inside = self.take_while(|c| !"()<>=".contains(c));
        if !self.rest().starts_with(')') {
            let help = format!("write `({})`", inside.trim());
            return Err(self.error(open, GateErrorKind::Unclosed, help));
        }
        self.at += 1;
        Ok(Some((begin, inside.trim_end())))
    }

    fn time(
        &self,
        begin: usize,
        word: &str,
        of: Option<(usize, &str)>,
    ) -> Result<Quantity, GateError> {
        let (is_service, name) = match word.strip_prefix(SERVICE) {
            Some(name) => (true, name),
            None => (false, word),
        };
        let statistic = match name {
            // Of lateness, people ask for the worst.
            "max" | "late" => Statistic::Max,
            "mean" => Statistic::Mean,
            _ => self.percentile(begin, word, name)?,
        };
        let Some((at, of)) = of else {
            let help = format!("write for instance `{word}(widget)`");
            return Err(self.error(self.at, GateErrorKind::Of(word.to_owned()), help));
        };
        let timed = match of {
            _ if is_service => Timed::Service(self.operation((at, of))?),
            "propagation" | "propagation.push" => Timed::PropagationPush,
            "propagation.poll" => Timed::PropagationPoll,
            "edge" | "edge.push" => Timed::EdgePush,
            "edge.poll" => Timed::EdgePoll,
            "sending" => Timed::Sending,
            "generator" => Timed::Generator,
            _ if OPERATIONS.contains(&of) => Timed::Operation(of.to_owned()),
            _ => {
                let known = || OPERATIONS.into_iter().chain(OTHERS);
                let help = did_you_mean(of, known(), "there are");
                return Err(self.error(at, GateErrorKind::Timed(of.to_owned()), help));
            }
        };
        Ok(Quantity::Time(statistic, timed))
    }

    /// `p99`, `p99.9`
    fn percentile(&self, begin: usize, word: &str, name: &str) -> Result<Statistic, GateError> {
        let number = name.strip_prefix('p').filter(|n| n.starts_with(|c: char| c.is_ascii_digit()));
        let Some(number) = number else {
            let help = did_you_mean(word, QUANTITIES, "a gate begins with");
            return Err(self.error(begin, GateErrorKind::Quantity(word.to_owned()), help));
        };
        let share = decimal(number, 5).and_then(|share| u32::try_from(share).ok());
        match share.filter(|share| *share <= ALL) {
            Some(share) => Ok(Statistic::Percentile(share)),
            None => {
                let kind = GateErrorKind::Percentile(word.to_owned());
                Err(self.error(begin, kind, "write `p50`, `p99`, `p99.9`; `p100` is the longest"))
            }
        }
    }

    fn operation(&self, (at, of): (usize, &str)) -> Result<String, GateError> {
        match OPERATIONS.contains(&of) {
            true => Ok(of.to_owned()),
            false => {
                let help = did_you_mean(of, OPERATIONS, "there are");
                Err(self.error(at, GateErrorKind::Operation(of.to_owned()), help))
            }
        }
    }

    fn class(&self, (at, of): (usize, &str)) -> Result<Class, GateError> {
        Class::ALL.into_iter().find(|class| class.word() == of).ok_or_else(|| {
            let help = did_you_mean(of, Class::ALL.map(Class::word), "there are");
            self.error(at, GateErrorKind::Class(of.to_owned()), help)
        })
    }

    fn operator(&mut self) -> Result<Operator, GateError> {
        self.skip_blanks();
        let begin = self.at;
        match self.take_while(|c| "<>=!≥≤".contains(c)) {
            ">" => Ok(Operator::Above),
            ">=" | "≥" => Ok(Operator::AtLeast),
            "<" => Ok(Operator::Below),
            "<=" | "≤" => Ok(Operator::AtMost),
            other => {
                let found = match other {
                    "" => self.found(),
                    other => format!("`{other}`"),
                };
                let help = "a gate says when the run fails, with `>`, `>=`, `<` or `<=`";
                Err(self.error(begin, GateErrorKind::Operator(found), help))
            }
        }
    }

    fn limit(&mut self, of: &Quantity) -> Result<Limit, GateError> {
        self.skip_blanks();
        let begin = self.at;
        let help = of.limits();
        let number = self.take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '_'));
        if number.is_empty() {
            return Err(self.error(begin, GateErrorKind::Limit(self.found()), help));
        }
        self.skip_blanks();
        let unit = self.rest().trim_end();
        let whole = self.text[begin..].trim_end();
        let digits = number.replace([',', '_'], "");
        let limit = match unit {
            "" => decimal(&digits, 0).map(Limit::Count),
            "us" | "µs" | "μs" => decimal(&digits, 3).map(Limit::Nanos),
            "ms" => decimal(&digits, 6).map(Limit::Nanos),
            "s" => decimal(&digits, 9).map(Limit::Nanos),
            "m" | "min" => decimal(&digits, 9).and_then(|n| n.checked_mul(60)).map(Limit::Nanos),
            "%" => decimal(&digits, 6).map(Limit::MicroPercent),
            "/s" => decimal(&digits, 3).map(Limit::PerThousandSeconds),
            _ => None,
        };
        let Some(limit) = limit else {
            return Err(self.error(begin, GateErrorKind::Limit(format!("`{whole}`")), help));
        };
        match of.takes(limit) {
            true => Ok(limit),
            false => {
                let kind = GateErrorKind::Unit(whole.to_owned(), of.kind());
                Err(self.error(begin, kind, help))
            }
        }
    }

    fn next_word(&self) -> String {
        self.rest().split_whitespace().next().unwrap_or_default().to_owned()
    }

    fn found(&self) -> String {
        match self.rest().trim().is_empty() {
            true => "the end".to_owned(),
            false => format!("`{}`", self.next_word()),
        }
    }
}

impl Quantity {
    /// Whether limits of this unit are for it.
    fn takes(&self, limit: Limit) -> bool {
        match self {
            Self::Time(..) | Self::Within => matches!(limit, Limit::Nanos(_)),
            Self::Wrong(_) | Self::Errors(_) => {
                matches!(limit, Limit::Count(_) | Limit::MicroPercent(_))
            }
            Self::Rate => matches!(limit, Limit::MicroPercent(_) | Limit::PerThousandSeconds(_)),
            Self::Decisive => matches!(limit, Limit::MicroPercent(_)),
        }
    }

    fn limits(&self) -> &'static str {
        match self {
            Self::Time(..) | Self::Within => {
                "write a length of time with `us`, `ms`, `s` or `m`, e.g. `50ms`"
            }
            Self::Wrong(_) | Self::Errors(_) => {
                "write a number or a percentage, e.g. `0` or `0.1%`"
            }
            Self::Rate => {
                "write a percentage of the rate asked for, or a rate, e.g. `99%` or `950/s`"
            }
            Self::Decisive => "write a percentage, e.g. `50%`",
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Time(..) | Self::Within => "a length of time",
            Self::Wrong(_) => "wrong answers",
            Self::Errors(_) => "errors",
            Self::Rate => "a rate",
            Self::Decisive => "a share of the reads",
        }
    }
}

/// A decimal number, as how many of its units with so many digits behind the point; `None` where it
/// is no number, has more digits than that, or is too large.
fn decimal(text: &str, digits: usize) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_digits = !whole.is_empty() && text.ends_with(|c: char| c.is_ascii_digit());
    if !has_digits || !is_number(whole) || !is_number(fraction) || fraction.len() > digits {
        return None;
    }
    format!("{whole}{fraction:0<digits$}").parse().ok()
}

fn did_you_mean<'w>(
    word: &str,
    known: impl IntoIterator<Item = &'w str> + Clone,
    there_are: &str,
) -> String {
    let renamed = RENAMED.into_iter().find(|(before, _)| *before == word);
    match (renamed, nearest(word, known.clone())) {
        (Some((_, now)), _) if known.clone().into_iter().any(|known| now.starts_with(known)) => {
            format!("it is called `{now}` now")
        }
        (_, Some(near)) => format!("did you mean `{near}`?"),
        (_, None) => format!("{there_are} {}", any_of(known)),
    }
}
