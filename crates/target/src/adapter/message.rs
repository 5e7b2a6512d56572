//! What an adapter says, taken apart.

use serde_json::{Map, Value};

/// Under which name a list is kept that an adapter answers, where others answer an object.
pub const ROWS: &str = "rows";

/// A line that an adapter wrote.
#[derive(Clone, PartialEq, Debug)]
pub enum AdapterMessage {
    /// An answer to what was asked.
    Answer {
        /// To which request, by its number.
        id: u64,
        /// What became of it.
        reply: Reply,
        /// When the real call went out, in nanoseconds of CLOCK_MONOTONIC.
        sent: Option<u64>,
        /// When its answer was there.
        got: Option<u64>,
    },
    /// Something that a widget tells by itself.
    Push {
        /// The widget, by its made name.
        widget: String,
        /// The cells of `says`.
        said: Map<String, Value>,
        /// When it was there, in nanoseconds of CLOCK_MONOTONIC.
        got: Option<u64>,
    },
}

/// What became of a request.
#[derive(Clone, PartialEq, Debug)]
pub enum Reply {
    /// It has happened, with what is told of it.
    Done(Value),
    /// It has not happened, and why.
    Refused(String),
    /// The session is over.
    Gone,
    /// It may have happened or not, and why nobody knows.
    Unknown(String),
}

/// A reply with the window in which the product was called.
#[derive(Clone, PartialEq, Debug)]
pub struct TimedReply {
    /// What became of the request.
    pub reply: Reply,
    /// When the product was called, at the earliest.
    pub sent: crate::timestamp::Timestamp,
    /// When it had answered, at the latest.
    pub answered: crate::timestamp::Timestamp,
}

impl AdapterMessage {
    /// Takes a line apart.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(line: &[u8]) -> Result<Self, String> {
        let value = serde_json::from_slice(line).map_err(|error| format!("no JSON: {error}"))?;
        let Value::Object(mut line) = value else { return Err("no JSON object".to_owned()) };
        let mut time = |name: &str| line.remove(name).and_then(|time| time.as_u64());
        let (sent, got) = (time("sent"), time("got"));
        if let Some(kind) = line.remove("push") {
            if kind != "widget" {
                return Err("only `\"push\":\"widget\"` is known".to_owned());
            }
            let Some(Value::String(widget)) = line.remove("widget") else {
                return Err("a push without `widget`".to_owned());
            };
            let Some(Value::Object(said)) = line.remove("said") else {
                return Err("a push without `said`, an object".to_owned());
            };
            return Ok(Self::Push { widget, said, got });
        }
        let id = line.remove("id").and_then(|id| id.as_u64());
        let id = id.ok_or("neither `id`, a whole number, nor `push`")?;
        Ok(Self::Answer { id, reply: Reply::read(line), sent, got })
    }
}

impl Reply {
    fn read(mut line: Map<String, Value>) -> Self {
        let text = |value: Value| match value {
            Value::String(text) => text,
            value => value.to_string(),
        };
        if let Some(done) = line.remove("done") {
            return Self::Done(done);
        }
        if let Some(why) = line.remove("refused") {
            return Self::Refused(text(why));
        }
        if line.remove("gone").is_some_and(|gone| gone != false) {
            return Self::Gone;
        }
        match line.remove("unknown") {
            Some(why) => Self::Unknown(text(why)),
            None => Self::Unknown(
                "the adapter's answer is none of `done`, `refused`, `gone`, `unknown`".to_owned(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(reply: Reply) -> Result<AdapterMessage, String> {
        Ok(AdapterMessage::Answer { id: 3, reply, sent: None, got: None })
    }

    #[test]
    fn t53_each_answer_of_an_adapter_is_told_apart() {
        let silent = "the adapter's answer is none of `done`, `refused`, `gone`, `unknown`";
        for (line, said) in [
            (r#"{"id":3,"done":{"session":"7"}}"#, answer(Reply::Done(json!({ "session": "7" })))),
            (r#"{"id":3,"done":null}"#, answer(Reply::Done(Value::Null))),
            (r#"{"id":3,"refused":"why"}"#, answer(Reply::Refused("why".to_owned()))),
            (r#"{"id":3,"refused":17}"#, answer(Reply::Refused("17".to_owned()))),
            (r#"{"id":3,"gone":true}"#, answer(Reply::Gone)),
            (r#"{"id":3,"gone":false}"#, answer(Reply::Unknown(silent.to_owned()))),
            (r#"{"id":3,"unknown":"timed out"}"#, answer(Reply::Unknown("timed out".to_owned()))),
            (r#"{"id":3}"#, answer(Reply::Unknown(silent.to_owned()))),
            ("[1]", Err("no JSON object".to_owned())),
            (r#"{"done":{}}"#, Err("neither `id`, a whole number, nor `push`".to_owned())),
            (r#"{"push":"team","said":{}}"#, Err("only `\"push\":\"widget\"` is known".to_owned())),
            (r#"{"push":"widget","said":{}}"#, Err("a push without `widget`".to_owned())),
        ] {
            assert_eq!(AdapterMessage::read(line.as_bytes()), said, "{line}");
        }
        assert!(
            AdapterMessage::read(b"Connecting...").is_err_and(|why| why.starts_with("no JSON: "))
        );
        let push = br#"{"push":"widget","widget":"acme","said":{"status":"away"},"got":5}"#;
        let said = json!({ "status": "away" }).as_object().cloned().expect("a table");
        let wanted = AdapterMessage::Push { widget: "acme".to_owned(), said, got: Some(5) };
        assert_eq!(AdapterMessage::read(push), Ok(wanted));
    }
}
