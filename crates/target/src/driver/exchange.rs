//! What is told of a call, with every secret masked.

use std::time::Duration;

use crate::file::section::Section;

/// Is told of every call and its response.
pub trait ExchangeListener: Send + Sync {
    /// A call is over. Whoever is slow here slows the run.
    fn on_exchange(&self, exchange: &Exchange);

    /// An adapter wrote a line into its log; it is masked.
    fn on_log(&self, line: &str) {
        let _ = line;
    }
}

/// A call and what came of it. All texts are masked.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What it was for.
    pub section: Section,
    /// Which step of the section it is, from 1.
    pub step: usize,
    /// About whom it is, by made names.
    pub whom: String,
    /// The method of HTTP.
    pub method: &'static str,
    /// The path with its query.
    pub path: String,
    /// What was sent as headers, but for those that HTTP itself needs.
    pub headers: Vec<(String, String)>,
    /// What was sent as body.
    pub body: String,
    /// What came back.
    pub result: ExchangeResult,
    /// What that means: `done`, `refused`, `gone`, or why nobody knows.
    pub outcome: String,
    /// The headers of the answer that decide what it means; nothing for one that is not there.
    pub looked_at: Vec<(String, Option<String>)>,
    /// What was kept of the answer.
    pub kept: Vec<(String, String)>,
    /// From the call's going out to its answer.
    pub took: Duration,
}

impl Exchange {
    /// Whether what was asked for has happened, or is open.
    pub fn is_done(&self) -> bool {
        matches!(self.outcome.as_str(), "done" | "open")
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub enum ExchangeResult {
    /// An answer, whole.
    Answer(MaskedResponse),
    /// What an adapter tells of it.
    Adapter(String),
    /// None that can be read, and why.
    Nothing(String),
}

/// A response, with its secrets masked.
#[derive(Clone, Debug)]
pub struct MaskedResponse {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body as text.
    pub body: String,
}
