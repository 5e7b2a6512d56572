//! An answer that came back (rule T13 of target files).

use std::sync::OnceLock;

use serde_json::Value;

use super::decode;
use super::response_error::ResponseError;

/// An answer that arrived whole.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    text: OnceLock<String>,
    json: OnceLock<Option<Value>>,
}

impl Answer {
    /// An answer as it came, its body still packed.
    ///
    /// # Errors
    /// When the body does not unpack, or is longer than is read.
    pub fn new(
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        bytes_max: usize,
    ) -> Result<Self, ResponseError> {
        let mut answer =
            Self { status, headers, body, text: OnceLock::new(), json: OnceLock::new() };
        let encoding = answer.header("content-encoding").unwrap_or_default();
        answer.body = decode::unpack(std::mem::take(&mut answer.body), &encoding, bytes_max)?;
        Ok(answer)
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Every line of a header, names without regard to case.
    pub fn header_lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let lines = self.headers.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| value.as_str())
    }

    /// A header; several lines of it are one list (RFC 9110).
    pub fn header(&self, name: &str) -> Option<String> {
        let lines: Vec<&str> = self.header_lines(name).collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    /// All headers as they came.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body, unpacked.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| decode::text(&self.body, self.header("content-type").as_deref()))
    }

    /// The body as JSON, if it is any.
    pub fn json(&self) -> Option<&Value> {
        self.json.get_or_init(|| serde_json::from_str(self.text()).ok()).as_ref()
    }
}
