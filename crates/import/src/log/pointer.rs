//! The way to a value of JSON: from the top of a value to its rows, and from a row to its columns.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

/// One step of a way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// To a member of an object.
    Member(String),
    /// To an element of a list.
    Element(usize),
}

/// Where rows are: a pointer of RFC 6901, in which `*` is every element of a list.
#[derive(Clone, Debug)]
pub struct RowsPointer(Vec<String>);

impl RowsPointer {
    /// Reads a pointer, such as `/rows/*`; empty is the value itself.
    pub fn new(text: &str) -> Self {
        Self(tokens(text))
    }

    /// The ways to all rows; `None` where it leads nowhere.
    pub fn ways(&self, value: &Value) -> Option<Vec<Vec<Step>>> {
        let mut ways = Vec::new();
        let leads = follow(&self.0, value, &mut Vec::new(), &mut ways);
        leads.then_some(ways)
    }
}

/// Whether the tokens lead somewhere; an empty list is somewhere, too.
fn follow(tokens: &[String], at: &Value, way: &mut Vec<Step>, ways: &mut Vec<Vec<Step>>) -> bool {
    let Some((token, rest)) = tokens.split_first() else {
        ways.push(way.clone());
        return true;
    };
    let mut go = |step: Step, to: &Value| {
        way.push(step);
        let leads = follow(rest, to, way, ways);
        way.pop();
        leads
    };
    match at {
        Value::Array(elements) if token == "*" => {
            let mut leads = elements.is_empty();
            for (index, element) in elements.iter().enumerate() {
                leads |= go(Step::Element(index), element);
            }
            leads
        }
        Value::Array(elements) => token
            .parse()
            .ok()
            .and_then(|index: usize| Some((index, elements.get(index)?)))
            .is_some_and(|(index, element)| go(Step::Element(index), element)),
        Value::Object(members) => {
            members.get(token).is_some_and(|member| go(Step::Member(token.clone()), member))
        }
        _ => false,
    }
}

/// The way from a row to one of its columns: some levels up, then down.
#[derive(Clone, Debug)]
pub struct ColumnPointer {
    up: usize,
    down: Vec<String>,
}

impl ColumnPointer {
    /// Reads a pointer, of which each leading `../` is a level up from the row.
    pub fn new(text: &str) -> Self {
        let mut rest = text;
        let mut up = 0;
        while let Some(above) = rest.strip_prefix("../") {
            up += 1;
            rest = above;
        }
        let down = if up > 0 { tokens(&format!("/{rest}")) } else { tokens(rest) };
        Self { up, down }
    }

    /// The column of a row: the value, and the way to it from the top.
    pub fn find<'a>(&self, top: &'a Value, row: &[Step]) -> Option<(&'a Value, Vec<Step>)> {
        let mut way = row[..row.len().checked_sub(self.up)?].to_vec();
        let mut at = top;
        for step in &way {
            at = match step {
                Step::Member(name) => at.get(name)?,
                Step::Element(index) => at.get(index)?,
            };
        }
        for token in &self.down {
            let (step, to) = match at {
                Value::Object(members) => (Step::Member(token.clone()), members.get(token)?),
                Value::Array(elements) => {
                    let index: usize = token.parse().ok()?;
                    (Step::Element(index), elements.get(index)?)
                }
                _ => return None,
            };
            way.push(step);
            at = to;
        }
        Some((at, way))
    }
}

/// The tokens of a pointer (RFC 6901).
fn tokens(text: &str) -> Vec<String> {
    let unescape = |token: &str| token.replace("~1", "/").replace("~0", "~");
    match text.strip_prefix('/') {
        None => Vec::new(),
        Some(rest) => rest.split('/').map(unescape).collect(),
    }
}

/// Where in a text of JSON a value begins, and how long it is written.
pub fn locate(text: &str, way: &[Step]) -> Option<std::ops::Range<usize>> {
    let mut at: &RawValue = serde_json::from_str(text).ok()?;
    for step in way {
        at = match step {
            Step::Member(name) => {
                let members: BTreeMap<String, &RawValue> = serde_json::from_str(at.get()).ok()?;
                *members.get(name)?
            }
            Step::Element(index) => {
                let elements: Vec<&RawValue> = serde_json::from_str(at.get()).ok()?;
                *elements.get(*index)?
            }
        };
    }
    let start = at.get().as_ptr() as usize - text.as_ptr() as usize;
    Some(start..start + at.get().len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn top() -> Value {
        json!({"users": [
            {"id": 7, "states": [{"a/b": "x"}, {"a/b": "y"}]},
            {"id": 8, "states": []},
            {"id": 9, "none": true},
        ], "count": 3})
    }

    fn rows(pointer: &str) -> Option<usize> {
        RowsPointer::new(pointer).ways(&top()).map(|ways| ways.len())
    }

    #[test]
    fn rows_are_every_element_on_the_way() {
        assert_eq!(rows("/users/*/states/*"), Some(2));
        assert_eq!(rows("/users/*"), Some(3));
        assert_eq!(rows("/users/1/states/*"), Some(0));
        assert_eq!(rows("/users/5"), None);
        assert_eq!(rows(""), Some(1));
        assert_eq!(rows("/agents/*"), None);
        assert_eq!(rows("/*"), None);
        assert_eq!(rows("/count/*"), None);
    }

    #[test]
    fn columns_are_below_the_row_or_above_it_and_have_a_place() {
        let top = top();
        let text = serde_json::to_string_pretty(&top).expect("JSON");
        let ways = RowsPointer::new("/users/*/states/*").ways(&top).expect("rows");
        for (column, found) in [
            ("/a~1b", Some("\"y\"")),
            ("../../id", Some("7")),
            ("../../../count", None),
            ("../../../../count", Some("3")),
            ("../0/a~1b", Some("\"x\"")),
            ("../../../../../count", None),
            ("/c", None),
        ] {
            let found_there = ColumnPointer::new(column).find(&top, &ways[1]).map(|(_, way)| way);
            let shown = found_there.map(|way| &text[locate(&text, &way).expect("a place")]);
            assert_eq!(shown, found, "{column}");
        }
    }
}
