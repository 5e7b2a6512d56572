//! A product's rules as a table `[rules]`, in a file of its own or in another one, and by the names of
//! what is built in.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::code::Code;
use super::diagnostic::{Diagnostic, Elsewhere, Suggestion, any_of, nearest};
use super::span::Span;
use lamplighter_core::model::products::{PRODUCTS, Product};
use lamplighter_core::model::{Knob, RuleSet};

/// A table `[rules]`, read with all that it extends.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RulesTable {
    /// The rules that it comes to.
    pub rules: RuleSet,
    /// The place of each position that the table itself says.
    pub places: BTreeMap<Knob, Span>,
}

/// Reads what stands in a file beside the one that is read; `Err` says why it cannot.
pub type ReadFile<'f> = &'f dyn Fn(&str) -> Result<String, String>;

/// Whether rules are named by a file rather than by the name of what is built in.
pub fn is_file(name: &str) -> bool {
    name.ends_with(".toml")
}

/// Reads a table `[rules]` that stands at a place; what is wrong with it goes to the diagnostics.
pub fn read_table(
    table: &DeTable<'_>,
    span: Span,
    beside: ReadFile<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> RulesTable {
    let read = RulesReader { beside, way: Vec::new(), diagnostics }.table(table);
    if let Err(error) = read.rules.check() {
        let span = read.places.get(&Knob::Merge).copied().unwrap_or(span);
        let label = "with one status there is nothing to merge";
        diagnostics.push(Diagnostic::new(span, error.to_string(), label).code(Code::FaultyRules));
    }
    read
}

/// The rules of a name or a file that stands at a place of another file.
///
/// # Errors
/// When nothing of that name is built in, or the file cannot be read or holds no rules.
pub fn named(name: &str, span: Span, beside: ReadFile<'_>) -> Result<RuleSet, Diagnostic> {
    let mut reader = RulesReader { beside, way: Vec::new(), diagnostics: &mut Vec::new() };
    reader.named(name, span, "holds no rules that can be read")
}

struct RulesReader<'a> {
    beside: ReadFile<'a>,
    /// The files that lead to the one that is read.
    way: Vec<String>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl RulesReader<'_> {
    fn table(&mut self, table: &DeTable<'_>) -> RulesTable {
        let mut read = RulesTable::default();
        if let Some((key, value)) = table.get_key_value("extend")
            && let Some(name) = self.text(key.get_ref(), value)
        {
            match self.named(name, span_of(value.span()), CANNOT_EXTEND) {
                Ok(rules) => read.rules = rules,
                Err(diagnostic) => self.diagnostics.push(diagnostic),
            }
        }
        for (key, value) in table.iter().filter(|(key, _)| key.get_ref() != "extend") {
            let Some(knob) = Knob::of(key.get_ref()) else {
                self.diagnostics.push(no_knob(key.get_ref(), span_of(key.span())));
                continue;
            };
            let Some(position) = self.text(knob.name(), value) else { continue };
            let span = span_of(value.span());
            match read.rules.put(knob, position) {
                Ok(()) => {
                    read.places.insert(knob, span);
                }
                Err(_) => self.diagnostics.push(no_position(knob, position, span)),
            }
        }
        read
    }

    fn text<'t>(&mut self, key: &str, value: &'t toml::Spanned<DeValue<'_>>) -> Option<&'t str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            let span = span_of(value.span());
            let message = format!("`{key}` takes a text");
            let label = "positions are written in quotes";
            self.diagnostics.push(Diagnostic::new(span, message, label).code(Code::FaultyRules));
        }
        text
    }

    fn named(&mut self, name: &str, span: Span, cannot: &str) -> Result<RuleSet, Diagnostic> {
        if !is_file(name) {
            return Product::of(name).map(Product::rules).ok_or_else(|| no_rules(name, span));
        }
        // What a file extends lies relative to that file.
        let folder = self.way.last().and_then(|file| Path::new(file).parent());
        let path = folder.map_or_else(|| PathBuf::from(name), |folder| folder.join(name));
        let path = path.to_string_lossy().into_owned();
        if self.way.contains(&path) {
            return Err(Diagnostic::new(span, format!("`{name}` extends itself"), LEADS_BACK)
                .code(Code::FaultyRules));
        }
        self.way.push(path.clone());
        let read = (self.beside)(&path).map_err(Unread::from);
        let read = read.and_then(|text| self.file(name, &path, &text));
        self.way.pop();
        read.map_err(|Unread { why, help, suggestions }| {
            let message = format!("`{name}` {cannot}");
            let found = Diagnostic::new(span, message, why).code(Code::FaultyRules);
            Diagnostic { help, suggestions, ..found }
        })
    }

    /// The rules of a whole file, which holds nothing else.
    fn file(&mut self, name: &str, path: &str, text: &str) -> Result<RuleSet, Unread> {
        let at = |place: usize, why: &str| {
            let line = text[..place].matches('\n').count() + 1;
            format!("{name}:{line}: {why}")
        };
        let parsed = DeTable::parse(text)
            .map_err(|error| at(error.span().map_or(0, |span| span.start), error.message()))?;
        let mut found = Vec::new();
        for key in parsed.get_ref().keys().filter(|key| key.get_ref() != "rules") {
            let message = format!("there is no key `{}` here", key.get_ref());
            let label = "a file of rules has a table `[rules]` alone";
            found
                .push(Diagnostic::new(span_of(key.span()), message, label).code(Code::FaultyRules));
        }
        let table = parsed.get_ref().get("rules");
        let Some(DeValue::Table(table)) = table.map(toml::Spanned::get_ref) else {
            return Err(format!("{name}: there is no table `[rules]` in it").into());
        };
        let way = std::mem::take(&mut self.way);
        let mut inner = RulesReader { beside: self.beside, way, diagnostics: &mut found };
        let rules = inner.table(table).rules;
        self.way = std::mem::take(&mut inner.way);
        if let Err(error) = rules.check() {
            return Err(format!("{name}: {error}").into());
        }
        found.sort_by_key(|diagnostic| diagnostic.span.start);
        let Some(first) = found.into_iter().next() else { return Ok(rules) };
        // What cannot be extended says why beside it; elsewhere what would be right stands there.
        let is_beside = first.message.ends_with(CANNOT_EXTEND);
        let why = match (is_beside, first.label.as_str()) {
            (true, label) => label.to_owned(),
            (false, UNKNOWN | LEADS_BACK) => first.message,
            (false, label) => format!("{}: {label}", first.message),
        };
        let why = at(first.span.start, &why);
        let suggestions = first.suggestions.into_iter().map(|meant| in_file(path, text, meant));
        Err(Unread { why, help: first.help, suggestions: suggestions.collect() })
    }
}

/// Why a file holds no rules.
struct Unread {
    /// The reason.
    why: String,
    /// What to do about it.
    help: Option<String>,
    /// What may have been meant there, or in a file that it extends.
    suggestions: Vec<Suggestion>,
}

impl From<String> for Unread {
    fn from(why: String) -> Self {
        Self { why, help: None, suggestions: Vec::new() }
    }
}

/// What may have been meant in a file of rules: positions are written in quotes, knobs as they are. That of a
/// file that it extends stays there.
fn in_file(path: &str, file: &str, meant: Suggestion) -> Suggestion {
    let Suggestion { elsewhere: None, span, text } = meant else { return meant };
    let quote = file[span.start..].chars().next().filter(|first| matches!(first, '"' | '\''));
    let quote = quote.map(String::from).unwrap_or_default();
    let elsewhere = Elsewhere { path: path.into(), text: file.to_owned() };
    Suggestion { elsewhere: Some(Box::new(elsewhere)), span, text: format!("{quote}{text}{quote}") }
}

const CANNOT_EXTEND: &str = "cannot be extended";
/// Labels that say no more than their messages.
const UNKNOWN: &str = "unknown";
const LEADS_BACK: &str = "it leads back to itself";

fn span_of(range: Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

fn no_knob(name: &str, span: Span) -> Diagnostic {
    let known = || Knob::ALL.iter().map(|knob| knob.name()).chain(["extend"]);
    let diagnostic = Diagnostic::new(span, format!("there is no knob `{name}`"), UNKNOWN)
        .code(Code::FaultyRules);
    diagnostic.help(format!("knobs are {}", any_of(known()))).did_you_mean(name, known())
}

fn no_position(knob: Knob, position: &str, span: Span) -> Diagnostic {
    let expected = match knob {
        Knob::Grace => knob.expected(),
        _ => any_of(knob.positions()),
    };
    let message = format!("`{}` cannot be `{position}`", knob.name());
    let diagnostic =
        Diagnostic::new(span, message, format!("expected {expected}")).code(Code::FaultyRules);
    match nearest(position, knob.positions()) {
        Some(near) => diagnostic.meant(span, near),
        None => diagnostic,
    }
}

fn no_rules(name: &str, span: Span) -> Diagnostic {
    let known = || PRODUCTS.iter().map(|product| product.name);
    let diagnostic = Diagnostic::new(span, format!("there are no rules `{name}`"), UNKNOWN)
        .code(Code::FaultyRules);
    let built_in = any_of(known());
    diagnostic
        .help(format!("built in are {built_in}; a file ends in `.toml`"))
        .did_you_mean(name, known())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplighter_core::model::knobs::{AwayIs, Devices, HoursAre};

    fn beside(name: &str) -> Result<String, String> {
        let text = match name {
            "ours.toml" => "[rules]\nextend = \"livehelperchat\"\naway_is = \"away\"\n",
            "theirs.toml" => "[rules]\nextend = \"ours.toml\"\nhours = \"none\"\n",
            "circle.toml" => "[rules]\nextend = \"round.toml\"\n",
            "round.toml" => "[rules]\nextend = \"circle.toml\"\n",
            "wrong.toml" => "[rules]\n\nhours = \"gates\"\n",
            "no.toml" => "rules = 1\n",
            "both.toml" => "[rules]\ndevices = \"one-status\"\nmerge = \"newest\"\n",
            "more.toml" => "[rules]\n[target]\n",
            "broken.toml" => "[rules]\nhours = \n",
            "sub/near.toml" => "[rules]\nextend = \"far.toml\"\n",
            "sub/far.toml" => "[rules]\naway_is = \"online\"\n",
            "sub/typo.toml" => "[rules]\nextend = \"replaced.toml\"\n",
            "sub/replaced.toml" => "[rules]\nhours = 'replaced'\n",
            "number.toml" => "[rules]\ngrace = 30\n",
            _ => return Err(format!("{name}: there is no such file")),
        };
        Ok(text.to_owned())
    }

    #[test]
    fn rules_are_those_of_a_product_or_a_file_that_extends_others() {
        let named = |name| named(name, Span::default(), &beside);
        assert_eq!(named("tawk"), Ok(RuleSet::BOOK));
        let theirs = named("theirs.toml").expect("rules");
        assert_eq!((theirs.devices, theirs.away_is), (Devices::OneStatus, AwayIs::Away));
        assert_eq!(theirs.hours, HoursAre::None);
        let near = named("sub/near.toml").expect("what it extends lies beside it");
        assert_eq!(near.away_is, AwayIs::Online);
        for (name, message, label) in [
            ("tawg", "there are no rules `tawg`", "unknown"),
            (
                "circle.toml",
                "`circle.toml` holds no rules that can be read",
                "circle.toml:2: round.toml:2: `circle.toml` extends itself",
            ),
            (
                "wrong.toml",
                "`wrong.toml` holds no rules that can be read",
                "wrong.toml:3: `hours` cannot be `gates`: expected `gate`, `or-present`, `replace` or `none`",
            ),
            (
                "no.toml",
                "`no.toml` holds no rules that can be read",
                "no.toml: there is no table `[rules]` in it",
            ),
            (
                "both.toml",
                "`both.toml` holds no rules that can be read",
                "both.toml: `merge = \"newest\"` does not go together with `devices = \"one-status\"`",
            ),
            (
                "more.toml",
                "`more.toml` holds no rules that can be read",
                "more.toml:2: there is no key `target` here: a file of rules has a table `[rules]` alone",
            ),
            (
                "number.toml",
                "`number.toml` holds no rules that can be read",
                "number.toml:2: `grace` takes a text: positions are written in quotes",
            ),
            (
                "none.toml",
                "`none.toml` holds no rules that can be read",
                "none.toml: there is no such file",
            ),
        ] {
            let error = named(name).expect_err(name);
            assert_eq!((error.message.as_str(), error.label.as_str()), (message, label));
        }
        assert!(named("broken.toml").expect_err("no TOML").label.starts_with("broken.toml:2: "));
        let near = named("sub/typo.toml").expect_err("a file that it extends has a wrong position");
        assert_eq!(near.help.as_deref(), Some("did you mean `replace`?"));
        let [Suggestion { elsewhere: Some(elsewhere), span, text }] = &near.suggestions[..] else {
            panic!("it can be mended there: {near:?}")
        };
        assert_eq!(elsewhere.path, Path::new("sub/replaced.toml"));
        let was = &elsewhere.text[span.start..span.end];
        assert_eq!((was, text.as_str()), ("'replaced'", "'replace'"));
        let help = named("tawg").expect_err("unknown").help;
        assert_eq!(help.as_deref(), Some("did you mean `tawk`?"));
    }

    #[test]
    fn a_table_says_where_each_fault_is_and_goes_on() {
        let text = "[rules]\nhuors = \"gate\"\nhours = \"replaced\"\nidle = \"away\"\n\
                    devices = \"one-status\"\nmerge = \"newest\"\n";
        let parsed = DeTable::parse(text).expect("TOML");
        let Some(DeValue::Table(table)) = parsed.get_ref().get("rules").map(toml::Spanned::get_ref)
        else {
            panic!("there is a table")
        };
        let mut found = Vec::new();
        let read = read_table(table, Span::default(), &beside, &mut found);
        let shown = |span: Span| &text[span.start..span.end];
        assert_eq!(shown(read.places[&Knob::Idle]), "\"away\"");
        let mut faults: Vec<(&str, Option<&str>)> =
            found.iter().map(|fault| (shown(fault.span), fault.help.as_deref())).collect();
        faults.sort_unstable();
        assert_eq!(
            faults,
            [
                ("\"newest\"", None),
                ("\"replaced\"", Some("did you mean `replace`?")),
                ("huors", Some("did you mean `hours`?")),
            ]
        );
    }
}
