//! A wrong answer, with what shows that it is wrong: what was asked and answered, what could have been,
//! and what lay around it.

use serde::{Deserialize, Serialize};

use super::class::Class;

/// What a file of rules is called that lies beside the scenarios of a run.
pub const RULES_FILE: &str = "rules.toml";

/// A wrong answer, and what shows that it is wrong.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// In which way the answer is wrong.
    pub class: Class,
    /// The widget, or the property, by its name.
    pub about: String,
    /// What is meant on the service by names of the plan: the widget or the property first, then the
    /// agents whom it is about, or all members.
    #[serde(default)]
    pub names: Vec<ServiceName>,
    /// Who was answered: `a visitor on https://www.example.com/pricing, from DE, on a desktop`.
    #[serde(default)]
    pub who: String,
    /// The id that the request was sent with, as `X-Request-Id`; `None` where none was sent, as of
    /// agents.
    #[serde(default)]
    pub request_id: Option<String>,
    /// When it was asked for, in microseconds of the run; of a push since when it may have been so.
    pub sent_us: i64,
    /// When it was answered, in microseconds of the run.
    pub answered_us: i64,
    /// The answer's instant on the target's clock, RFC 3339.
    pub at: String,
    /// What was answered: `away, chat possible (version 17)`.
    pub answered: String,
    /// What could have been answered: `online, chat possible`.
    pub admissible: Vec<String>,
    /// In a sentence: by how much it is wrong, and why.
    pub why: String,
    /// How many wrong answers there were of its kind, this one included.
    #[serde(default)]
    pub alike: u64,
    /// The request as it was sent; `None` where it was not kept.
    #[serde(default)]
    pub request: Option<SentRequest>,
    /// What came back; `None` where it was not kept.
    #[serde(default)]
    pub answer: Option<ReceivedAnswer>,
    /// What lay around it, the nearest of it at most: writes, edges, graces, in the order of their
    /// begin.
    pub around: Vec<EvidenceSpan>,
    /// What the service had been told, as a scenario with what the rules say at that instant.
    pub scenario: String,
    /// The file of rules that the scenario names as [`RULES_FILE`], and that lies beside it; `None` where
    /// the target goes by the rule book, or by those of a built-in product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
}

impl Evidence {
    /// What its files are called but for their ending, where it is the one at this place: `001-stale`.
    pub fn file_stem(&self, index: usize) -> String {
        format!("{:03}-{}", index + 1, self.class)
    }
}

/// A name in the plan, and what goes by it on the service, where names are made anew by each run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ServiceName {
    /// The name in the plan.
    pub planned: String,
    /// The name on the service.
    pub there: String,
}

/// A request as it was sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SentRequest {
    /// The HTTP method, such as `GET`.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The header fields, secrets masked, `x-request-id` left out: it stands beside.
    pub headers: Vec<(String, String)>,
    /// The body; empty where there was none.
    pub body: String,
}

/// The answer to a request, or an event of a stream, as it came.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReceivedAnswer {
    /// The HTTP status of the answer.
    pub status: u16,
    /// The header fields, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body, or of a stream the event; what is longer than some kilobytes is cut short.
    pub body: String,
}

/// A stretch of time in which something happened.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EvidenceSpan {
    /// What: `ann.3 goes away on laptop`, `scheduler closes`, `this answer`.
    pub what: String,
    /// From when, in microseconds of the run.
    pub from_us: i64,
    /// Until when; `None` where it never ended.
    pub to_us: Option<i64>,
    /// What it is: a write, an edge, a grace, or an answer.
    pub kind: SpanKind,
}

/// What a stretch of time is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpanKind {
    /// A write, from its sending to its answer.
    Write,
    /// An edge of a scheduler, with the time in which it may show.
    Edge,
    /// The end of a grace, with the time in which it may show.
    Grace,
    /// The answer that is wrong.
    Answer,
}
