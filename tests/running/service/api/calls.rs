//! Calls by their paths in the document, and against it.

use serde_json::Value;

use crate::client::{Client, KEY};
use crate::service::schema::Document;

/// Makes calls by their paths in the document.
pub struct Calls<'a> {
    pub client: &'a Client,
    pub document: Document,
    pub headers: &'static [(&'static str, &'static str)],
}

impl Calls<'_> {
    pub fn call(&mut self, call: &str, bearer: Option<&str>, body: Value, status: u16) -> Value {
        self.raw(call, bearer, (!body.is_null()).then(|| body.to_string()), status)
    }

    /// A write that goes by a version that is none of now.
    pub fn outdated(&mut self, call: &str, body: Value) {
        self.headers = &[("if-match", "\"0123456789abcdef\"")];
        let problem = self.call(call, Some(KEY), body, 412);
        assert!(problem["version"].is_string(), "{problem}");
        self.headers = &[];
    }

    /// `GET /v1/team/{property=acme}?x=y`: what stands behind `=` is put in.
    pub fn raw(
        &mut self,
        call: &str,
        bearer: Option<&str>,
        body: Option<String>,
        status: u16,
    ) -> Value {
        let (method, path) = call.split_once(' ').expect("a method and a path");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (mut template, mut concrete) = (String::new(), String::new());
        for segment in path.split('/').skip(1) {
            let named = segment.trim_matches(['{', '}']).split_once('=');
            let (name, value) = match named {
                Some((name, value)) => (format!("{{{name}}}"), value),
                None => (segment.to_owned(), segment),
            };
            template = format!("{template}/{name}");
            concrete = format!("{concrete}/{value}");
        }
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        let path = format!("{concrete}{query}");
        let answer =
            self.client.try_call_with(method, &path, bearer, self.headers, body.as_deref());
        let answer = answer.unwrap_or_else(|error| panic!("{call}: {error}"));
        assert_eq!(answer.status, status, "{call}: {}", answer.text);
        let kind =
            answer.headers.get("content-type").map_or("", |kind| kind.to_str().expect("ASCII"));
        self.document.check(method, &template, status, kind, &answer.body);
        answer.body
    }
}

/// Everything that can go wrong with any body.
pub fn wrong_bodies(calls: &mut Calls<'_>, call: &str, bearer: Option<&str>) {
    calls.raw(call, bearer, Some("{".to_owned()), 400);
    calls.raw(call, bearer, Some(format!("\"{}\"", "x".repeat(300 * 1_024))), 413);
    let problem = calls.raw(call, bearer, Some("{\"nonsense\": 1}".to_owned()), 422);
    assert_eq!(problem["field"], "nonsense");
}
