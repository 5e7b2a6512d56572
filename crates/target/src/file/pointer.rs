//! JSON pointers (RFC 6901) in which `*` is every member (rule T10 of target files).

use serde_json::Value;

use super::node::SpannedText;
use lamplighter_scenario::language::diagnostic::Diagnostic;

/// Where in a JSON document something stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pointer {
    tokens: Vec<Token>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
    Member(String),
    Every,
}

/// What a pointer points at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PointerMatch<'v> {
    /// One value, for a pointer without `*`; never null.
    One(&'v Value),
    /// All values for a pointer with `*`, in their order; nulls are none.
    All(Vec<&'v Value>),
    /// There is nothing at the place, or null (rule T10).
    Nothing,
}

impl PointerMatch<'_> {
    /// The value: a list for a pointer with `*`.
    pub fn into_value(self) -> Option<Value> {
        match self {
            Self::One(value) => Some(value.clone()),
            Self::All(values) => Some(Value::Array(values.into_iter().cloned().collect())),
            Self::Nothing => None,
        }
    }
}

/// Why a text is no pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum PointerError {
    NoSlash,
    Escape,
    Template,
}

impl Pointer {
    /// Reads a pointer; what is wrong with it goes to the findings.
    pub fn read(text: SpannedText<'_>, findings: &super::finding::Findings) -> Option<Self> {
        let wrong = match parse(text.text) {
            Ok(pointer) => return Some(pointer),
            Err(wrong) => wrong,
        };
        let message = format!("`{}` is no JSON pointer", text.text);
        let diagnostic = match wrong {
            PointerError::NoSlash => {
                let near = format!("/{}", text.text.trim_start_matches("$.").replace('.', "/"));
                Diagnostic::new(text.span, message, "it begins with `/`, or is empty")
                    .help(format!("did you mean `{near}`?"))
            }
            PointerError::Escape => {
                Diagnostic::new(text.span, message, "`~` is followed by `0` or `1`")
                    .help("`~0` is `~`, `~1` is `/` within a name")
            }
            PointerError::Template => {
                Diagnostic::new(text.span, message, "templates do not stand in pointers")
                    .help("`*` is every member: keep them all, and choose in `says`")
            }
        };
        findings.error(diagnostic);
        None
    }

    /// Whether it has a `*`, and so gives a list.
    pub fn is_many(&self) -> bool {
        self.tokens.contains(&Token::Every)
    }

    /// What it points at.
    pub fn find<'v>(&self, document: &'v Value) -> PointerMatch<'v> {
        let mut at = vec![document];
        for token in &self.tokens {
            at = match token {
                Token::Every => at.into_iter().flat_map(members).collect(),
                Token::Member(name) => at.into_iter().filter_map(|v| member(v, name)).collect(),
            };
        }
        at.retain(|value| !value.is_null());
        match (self.is_many(), at.first()) {
            (true, _) => PointerMatch::All(at),
            (false, Some(one)) => PointerMatch::One(one),
            (false, None) => PointerMatch::Nothing,
        }
    }
}

/// The members of a list or a table.
fn members(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(table) => table.values().collect(),
        _ => Vec::new(),
    }
}

fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(table) => table.get(name),
        Value::Array(list) => {
            let is_index =
                name == "0" || (!name.starts_with('0') && name.bytes().all(|b| b.is_ascii_digit()));
            name.parse().ok().filter(|_| is_index).and_then(|index: usize| list.get(index))
        }
        _ => None,
    }
}

fn parse(text: &str) -> Result<Pointer, PointerError> {
    if text.contains("{{") {
        return Err(PointerError::Template);
    }
    let Some(rest) = text.strip_prefix('/') else {
        return if text.is_empty() { Ok(Pointer::default()) } else { Err(PointerError::NoSlash) };
    };
    let token = |token: &str| {
        let mut after_tildes = token.split('~').skip(1);
        match token {
            "*" => Ok(Token::Every),
            _ if after_tildes.all(|rest| rest.starts_with(['0', '1'])) => {
                Ok(Token::Member(token.replace("~1", "/").replace("~0", "~")))
            }
            _ => Err(PointerError::Escape),
        }
    };
    Ok(Pointer { tokens: rest.split('/').map(token).collect::<Result<_, _>>()? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn t10_a_pointer_finds_one_value_and_with_a_star_a_list() {
        let document = json!({
            "a": [{ "b": 1 }, { "b": null }, { "c": 3 }, { "b": [4] }],
            "x/y": { "~": true }, "null": null, "": "empty", "t": { "k": 1, "l": 2 },
        });
        for (pointer, found) in [
            ("/a/0/b", json!(1)),
            ("/a/*/b", json!([1, [4]])),
            ("/a/*/b/*", json!([4])),
            ("/a/*/z", json!([])),
            ("/none/*", json!([])),
            ("/t/*", json!([1, 2])),
            ("/x~1y/~0", json!(true)),
            ("/", json!("empty")),
            ("/a/1/b", Value::Null),
            ("/a/01", Value::Null),
            ("/a/-", Value::Null),
            ("/a/4", Value::Null),
            ("/null", Value::Null),
        ] {
            let pointer = parse(pointer).expect("a pointer");
            let value = pointer.find(&document).into_value().unwrap_or(Value::Null);
            assert_eq!(value, found, "{pointer:?}");
        }
        assert_eq!(parse("").expect("the whole").find(&document), PointerMatch::One(&document));
    }

    #[test]
    fn t49_a_pointer_is_empty_or_begins_with_a_slash_and_escapes_by_two_signs_alone() {
        for (text, wrong) in [
            ("a/b", PointerError::NoSlash),
            ("$.a", PointerError::NoSlash),
            ("/a~2", PointerError::Escape),
            ("/a~", PointerError::Escape),
            ("/a/{{b}}", PointerError::Template),
        ] {
            assert_eq!(parse(text), Err(wrong), "{text}");
        }
    }
}
