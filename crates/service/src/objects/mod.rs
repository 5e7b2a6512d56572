//! JSON in which an object is an object. What `serde` derives takes a list in its place, too, with the
//! members in the order of their declaration: `[]` would then be all of a property set anew.

mod deserializer;

use serde::de::DeserializeOwned;

use deserializer::Objects;
use lamplighter_target::wire::InvalidField;

/// Why bytes are not what they should be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReadError {
    /// They are no JSON, or something stands behind it.
    #[error("{0}")]
    NoJson(String),
    /// A field says something that cannot be.
    #[error(transparent)]
    Field(#[from] InvalidField),
}

/// Reads JSON whose objects are objects.
///
/// # Errors
/// What is wrong with it, and in which field.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ReadError> {
    // Where something is wrong is worth a second look only where something is.
    let mut json = serde_json::Deserializer::from_slice(bytes);
    match T::deserialize(Objects(&mut json)) {
        Ok(value) if json.end().is_ok() => Ok(value),
        _ => read_and_explain(bytes),
    }
}

fn read_and_explain<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ReadError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(Objects(&mut json)).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_syntax() || inner.is_eof() {
            return ReadError::NoJson(format!("the body is no JSON: {inner}"));
        }
        // What is missing or unknown is named by the message alone.
        let named = inner.to_string().split('`').nth(1).map(str::to_owned);
        let is_of_field = ["missing field", "unknown field", "duplicate field"]
            .iter()
            .any(|begin| inner.to_string().starts_with(begin));
        let field = match (path.as_str(), named.filter(|_| is_of_field)) {
            (".", Some(name)) => name,
            (_, Some(name)) if !path.ends_with(&name) => format!("{path}.{name}"),
            _ => path,
        };
        InvalidField { field, detail: without_place(&inner.to_string()) }.into()
    })?;
    json.end().map_err(|error| ReadError::NoJson(format!("behind the JSON: {error}")))?;
    Ok(value)
}

/// The field says where; the line and column within a body help nobody, and neither do words of Rust.
fn without_place(message: &str) -> String {
    let message = &message[..message.rfind(" at line ").unwrap_or(message.len())];
    let is_of_kind =
        message.starts_with("invalid type: ") || message.starts_with("invalid value: ");
    match message.rsplit_once(", expected ").filter(|_| is_of_kind) {
        Some((found, expected)) => {
            let found = found.replacen("type: sequence", "type: array", 1);
            let found = found.replacen("type: map", "type: object", 1);
            format!("{found}, expected {}", in_words_of_json(expected))
        }
        None => message.to_owned(),
    }
}

/// What `serde` says that it expected.
fn in_words_of_json(expected: &str) -> &str {
    let is_number = |letter: char| {
        let bits = expected.strip_prefix(letter);
        bits.is_some_and(|bits| bits == "size" || bits.parse::<u8>().is_ok())
    };
    match expected {
        "a map" => "an object",
        "a sequence" => "an array",
        "u8" => "a whole number from 0 to 255",
        "f32" | "f64" => "a number",
        _ if expected.starts_with("struct ") => "an object",
        _ if is_number('u') => "a whole number from 0",
        _ if is_number('i') => "a whole number",
        _ => expected,
    }
}

#[cfg(test)]
mod tests {
    use lamplighter_target::wire::{
        Login, MemberDocument, NewMessage, PropertyDocument, PutStatus, TimingDocument,
        WidgetDocument,
    };
    use serde_json::{Value, json};

    use super::*;

    /// A document with something in each of its members.
    fn whole() -> Value {
        let entries = json!([
            {"dates": "2026-12-25", "hours": ["10:00-12:00"]},
            {"ics": "BEGIN:VCALENDAR\nEND:VCALENDAR"},
        ]);
        json!({
            "members": ["ann"], "suspended": ["ann"],
            "scheduler": {
                "timezone": "UTC", "hours": {"mon": ["09:00-17:00"]},
                "every": [{"days": "sat", "hours": ["09:00-12:00"], "weeks": 2, "from": "2026-01-03"}],
                "dates": entries, "cuts": [{"dates": "*-12-24", "hours": ["13:00-16:00"]}],
            },
            "offline_when_all_agents_offline": true, "hide_when_offline": true, "hide_on": ["mobile"],
            "pages": {"show": ["/a"], "hide": ["/b"]}, "countries": {"only": ["DE"]},
            "greetings": {"online": "a", "away": "b", "offline": "c"}, "pre_chat_form": true,
        })
    }

    /// The pointers of a value and of all within it.
    fn pointers(value: &Value, at: &str) -> Vec<String> {
        let within: Vec<String> = match value {
            Value::Object(members) => members
                .iter()
                .flat_map(|(name, value)| pointers(value, &format!("{at}/{name}")))
                .collect(),
            Value::Array(list) => {
                let all = list.iter().enumerate();
                all.flat_map(|(place, one)| pointers(one, &format!("{at}/{place}"))).collect()
            }
            _ => Vec::new(),
        };
        [at.to_owned()].into_iter().chain(within).collect()
    }

    fn said_of<T: DeserializeOwned>(document: &Value) -> Option<InvalidField> {
        match read::<T>(document.to_string().as_bytes()) {
            Ok(_) => None,
            Err(ReadError::Field(wrong)) => Some(wrong),
            Err(error @ ReadError::NoJson(_)) => panic!("{document} is JSON: {error}"),
        }
    }

    /// Puts wrong values in every place, and holds that what is said of them is for people.
    fn hold<T: DeserializeOwned>(document: &Value) -> usize {
        assert_eq!(said_of::<T>(document), None, "{document}");
        let mut wrong = 0;
        for pointer in pointers(document, "") {
            for value in [
                json!(null),
                json!(true),
                json!(-1),
                json!(1.5),
                json!(300),
                json!("?!"),
                json!([]),
                json!([7]),
                json!([[]]),
                json!({}),
                json!({"colour": 1}),
                json!({"": []}),
            ] {
                let mut with = document.clone();
                *with.pointer_mut(&pointer).expect("a place") = value.clone();
                let Some(InvalidField { field, detail }) = said_of::<T>(&with) else { continue };
                let of_rust = [
                    "untagged", "variant", "struct", "enum ", "Document", "Forms", "sequence",
                    "a map", "u8", "u64", "i64", "f64", "tuple", "::", " line ",
                ];
                let said = of_rust.iter().find(|word| detail.contains(**word));
                assert_eq!(said, None, "{pointer} = {value}: {field}: {detail}");
                let member = pointer.split('/').nth(1).unwrap_or_default();
                assert!(field.starts_with(member), "{pointer} = {value}: {field}: {detail}");
                wrong += 1;
            }
        }
        wrong
    }

    #[test]
    fn whatever_is_wrong_with_a_member_is_said_in_words_for_people() {
        let mut widget = whole();
        let members = widget.as_object_mut().expect("an object");
        members.retain(|name, _| !["members", "suspended"].contains(&name.as_str()));
        assert!(hold::<PropertyDocument>(&whole()) > 250);
        assert!(hold::<WidgetDocument>(&widget) > 200);
        hold::<TimingDocument>(&json!({"grace": "2m", "auto_away": 600}));
        hold::<PutStatus>(&json!({"status": "away", "everywhere": true, "for": "30m"}));
        hold::<MemberDocument>(&json!({"suspended": true}));
        hold::<Login>(&json!({"agent": "ann", "password": "secret", "device": "phone"}));
        hold::<NewMessage>(&json!({"name": "Joe", "email": "joe@example.com", "message": "hello"}));
    }

    #[test]
    fn what_is_wrong_with_a_dated_entry_is_told_of_its_own_member() {
        for (entry, field, begin) in [
            (
                json!({"dates": "2026-13-25", "hours": []}),
                "scheduler.dates[0].dates",
                "`2026-13-25`",
            ),
            (
                json!({"dates": "2026-12-25", "hours": ["9-5"]}),
                "scheduler.dates[0].hours[0]",
                "`9-5`",
            ),
            (
                json!({"dates": "2026-12-25", "hours": 7}),
                "scheduler.dates[0].hours",
                "invalid type: integer `7`, expected an array",
            ),
            (json!({"dates": "2026-12-25"}), "scheduler.dates[0]", "`hours` is missing"),
            (json!({"hours": []}), "scheduler.dates[0]", "`dates` is missing"),
            (
                json!({"ics": 7}),
                "scheduler.dates[0].ics",
                "invalid type: integer `7`, expected a string",
            ),
            (
                json!({"ics": "", "hours": []}),
                "scheduler.dates[0]",
                "say `dates` and `hours`, or `ics`, not both",
            ),
            (json!({}), "scheduler.dates[0]", "say `dates` and `hours`, or `ics`"),
            (
                json!({"dates": "2026-12-25", "hour": []}),
                "scheduler.dates[0].hour",
                "unknown field `hour`",
            ),
            (json!(7), "scheduler.dates[0]", "invalid type: integer `7`, expected an object"),
        ] {
            let document = json!({"scheduler": {"timezone": "UTC", "dates": [entry]}});
            let wrong = said_of::<PropertyDocument>(&document).expect("wrong");
            assert_eq!(wrong.field, field, "{entry}: {}", wrong.detail);
            assert!(wrong.detail.starts_with(begin), "{entry}: {}", wrong.detail);
        }
    }
}
