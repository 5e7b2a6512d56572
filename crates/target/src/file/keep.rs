//! What a step remembers of its answer (rule T10 of target files).

use std::fmt::Write;

use lamplighter_scenario::language::diagnostic::{Diagnostic, any_of};
use lamplighter_scenario::language::span::Span;
use regex::Regex;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::answer::Answer;
use super::condition::read_regex;
use super::node::{Node, SpannedText, Table};
use super::pointer::{Pointer, PointerMatch};
use super::template::{Json, is_name};

/// One name that is kept.
#[derive(Clone, Debug)]
pub struct Keep {
    /// The name under which templates find the value.
    pub name: String,
    /// Where the name stands, for messages about it.
    pub span: Span,
    /// The part of the answer that the value is taken from.
    pub from: Origin,
    /// The value where the answer has none; `None` makes that *unreadable* or *unknown* (T10).
    pub otherwise: Option<Json>,
}

/// Where in an answer a value stands.
#[derive(Clone, Debug)]
pub enum Origin {
    /// At a pointer in the JSON of the body; with its type.
    Json(Pointer),
    /// In the header of this name.
    Header(String),
    /// In the caller's jar, once the answer's cookies are in it.
    Cookie(String),
    /// In the one group of a regular expression over the body.
    Regex(Regex),
    /// The status, a number.
    Status,
    /// How long the body is, a number.
    Bytes,
    /// The SHA-256 of the body, in hexadecimal.
    Sha256,
}

const ORIGINS: [&str; 7] = ["json", "header", "cookie", "regex", "status", "bytes", "sha256"];

impl Keep {
    /// Reads the table of all names that a step keeps.
    pub fn read_all(node: Node<'_>) -> Vec<Self> {
        let table = node.table();
        let entries = table.iter().flat_map(Table::entries);
        let read = |(name, node): (SpannedText<'_>, Node<'_>)| {
            let keep = Self::read(name, node);
            if keep.is_none() {
                node.findings().unkept(name.text);
            }
            keep
        };
        entries.filter_map(read).collect()
    }

    fn read(name: SpannedText<'_>, node: Node<'_>) -> Option<Self> {
        if !is_name(name.text) {
            let message = format!("`{}` is no name", name.text);
            let label = "a letter, then letters, digits, `_` and `-`";
            node.findings().error(Diagnostic::new(name.span, message, label));
            return None;
        }
        let mut table = node.table()?;
        let mut origins = Vec::new();
        for word in ORIGINS {
            if let Some(node) = table.get(word) {
                origins.push(Self::read_origin(word, node));
            }
        }
        let otherwise = table.get("else").and_then(Json::read);
        table.finish();
        if origins.len() != 1 {
            let label = format!("one of {}", any_of(ORIGINS));
            if origins.is_empty() {
                let message = format!("`{}` is kept from nowhere", name.text);
                let diagnostic = Diagnostic::new(node.span(), message, label);
                node.findings().missing(&ORIGINS, diagnostic);
            } else {
                node.error(format!("`{}` is kept from several places", name.text), label);
            }
            return None;
        }
        let from = origins.pop()??;
        Some(Self { name: name.text.to_owned(), span: name.span, from, otherwise })
    }

    fn read_origin(word: &str, node: Node<'_>) -> Option<Origin> {
        let is_on = || match node.flag() {
            Some(false) => {
                node.error(format!("`{word}` takes `true`, or is left out"), "this keeps nothing");
                None
            }
            flag => flag,
        };
        Some(match word {
            "json" => Origin::Json(Pointer::read(node.text()?, node.findings())?),
            "header" => Origin::Header(node.text()?.text.to_owned()),
            "cookie" => Origin::Cookie(node.text()?.text.to_owned()),
            "regex" => {
                let regex = read_regex(node.text()?, node.findings())?;
                let groups = regex.captures_len() - 1;
                if groups != 1 {
                    let label = match groups {
                        0 => "it has no group".to_owned(),
                        _ => format!("it has {groups} groups"),
                    };
                    let message = "what is kept is the one group of its regular expression";
                    let diagnostic = Diagnostic::new(node.span(), message, label);
                    node.findings().error(diagnostic.help("`(…)` is a group, `(?:…)` is none"));
                    return None;
                }
                Origin::Regex(regex)
            }
            "status" => is_on().map(|_| Origin::Status)?,
            "bytes" => is_on().map(|_| Origin::Bytes)?,
            _ => is_on().map(|_| Origin::Sha256)?,
        })
    }
}

impl Origin {
    /// Whether the value stands neither in the body nor in the status.
    pub fn is_beside_body(&self) -> bool {
        matches!(self, Self::Header(_) | Self::Cookie(_))
    }

    /// The value in an answer; `cookie` looks into the caller's jar. Nothing where there is none.
    pub fn find(&self, answer: &Answer, cookie: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
        match self {
            Self::Json(pointer) => {
                answer.json().map_or(PointerMatch::Nothing, |json| pointer.find(json)).into_value()
            }
            Self::Header(name) => answer.header(name).map(Value::from),
            Self::Cookie(name) => cookie(name).map(Value::from),
            Self::Regex(regex) => {
                let group = regex.captures(answer.text())?.get(1)?;
                Some(Value::from(group.as_str()))
            }
            Self::Status => Some(Value::from(answer.status())),
            Self::Bytes => Some(Value::from(answer.body().len())),
            Self::Sha256 => {
                let digest = Sha256::digest(answer.body());
                let hexadecimal = digest.iter().fold(String::new(), |mut text, byte| {
                    // Writing into a text does not fail.
                    let _ = write!(text, "{byte:02x}");
                    text
                });
                Some(Value::from(hexadecimal))
            }
        }
    }

    /// What it is in words, for messages: `json "/a/b"`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::Header(_) => "header",
            Self::Cookie(_) => "cookie",
            Self::Regex(_) => "regex",
            Self::Status => "status",
            Self::Bytes => "bytes",
            Self::Sha256 => "sha256",
        }
    }
}
