//! Secrets that are written into a file: warnings (rule T26 of target files).

use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;

use crate::file::finding::Findings;
use crate::file::header::{Headers, is_secret};
use crate::file::mask::is_like_a_secret;
use crate::file::section::Caller;
use crate::file::step::Body;
use crate::file::target::TargetFile;
use crate::file::template::{Json, Template};

/// Warns of each secret that is written into the file.
pub fn check(file: &TargetFile, findings: &Findings) {
    let secrets = SecretsCheck { findings };
    for (name, text) in file.vars.texts() {
        if is_like_a_secret(name) {
            secrets.written(text, &format!("the variable `{name}`"));
        }
    }
    secrets.headers(&file.http.headers);
    for (_, caller) in Caller::WORDS {
        secrets.headers(file.headers(caller));
    }
    for step in file.sections().flat_map(|(_, steps)| steps) {
        secrets.headers(&step.headers);
        match &step.body {
            Body::Json(json) => secrets.fields(json),
            Body::Form(members) => secrets.members(members),
            Body::None | Body::Text(_) => {}
        }
    }
}

struct SecretsCheck<'f> {
    findings: &'f Findings,
}

impl SecretsCheck<'_> {
    fn written(&self, text: &Template, what: &str) {
        if text.as_plain().is_some_and(|text| !text.is_empty()) {
            self.warn(text.span(), what);
        }
    }

    fn warn(&self, span: Span, what: &str) {
        let message = format!("{what} is written into the file");
        let diagnostic = Diagnostic::new(span, message, "whoever has the file has it");
        self.findings.warning(diagnostic.help(
            "name it in `[target] secrets`, and give it by `--var`, the environment or `--var-file`",
        ));
    }

    fn headers(&self, headers: &Headers) {
        for header in headers.iter().filter(|header| is_secret(&header.name)) {
            self.written(&header.value, &format!("the header `{}`", header.name));
        }
    }

    fn fields(&self, json: &Json) {
        match json {
            Json::Flag(_) | Json::Number(_) | Json::Text(_) => {}
            Json::List(list) => list.iter().for_each(|one| self.fields(one)),
            Json::Table(members) => self.members(members),
        }
    }

    fn members(&self, members: &[(Template, Json)]) {
        for (key, value) in members {
            let named = key.as_plain().filter(|name| is_like_a_secret(name));
            match (named, value) {
                (Some(name), Json::Text(text)) => {
                    self.written(text, &format!("the field `{name}`"))
                }
                _ => self.fields(value),
            }
        }
    }
}
