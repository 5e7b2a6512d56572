//! A step with its names put in: what goes out on the wire (rules T7 to T9 of target files).

use serde_json::Value;
use thiserror::Error;

use super::header::Headers;
use super::step::{Body, Method, Step};
use super::template::{Json, Names, RenderError, Template};
use super::value::as_text;

/// A call, ready to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// What is done to the path.
    pub method: Method,
    /// The path on the host with its query.
    pub path: String,
    /// All headers but those that HTTP itself needs; `Host` and `Cookie` stand here only where the file
    /// says them.
    pub headers: Vec<(String, String)>,
    /// The bytes that the call carries, empty for none.
    pub body: Vec<u8>,
}

/// What stands around every step.
#[derive(Clone, Copy, Debug)]
pub struct RequestContext<'a> {
    /// The path of `base`, without a slash at its end.
    pub base_path: &'a str,
    /// The headers of the section `[http]`, which go on every call.
    pub of_every_call: &'a Headers,
    /// The headers of the caller's section, such as `[device]`, which come on top of those.
    pub of_caller: &'a Headers,
}

/// Why a step cannot be sent: the run ends with 3 and names the step.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum RequestError {
    /// A name without a value, or with one that a filter cannot read.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A value with a line break, which would begin another header (T8).
    #[error("the header `{name}` would have a line break in it")]
    LineBreak {
        /// The name of the header whose value has the line break.
        name: String,
    },
    /// A path that does not begin with `/` (T7).
    #[error("the path `{path}` does not begin with `/`")]
    Path {
        /// The path that the template came to.
        path: String,
    },
}

impl Request {
    /// Puts names into a step. Counters are taken in the order path, query, headers, body.
    ///
    /// # Errors
    /// When a name has no value, or what comes of it cannot be sent.
    pub fn of(
        step: &Step,
        around: RequestContext<'_>,
        names: &mut Names<'_>,
    ) -> Result<Self, RequestError> {
        let mut names = names.of_step_that_keeps(step.keeps());
        let path = path_of(step, around.base_path, &mut names)?;
        let layered = headers_of(step, around, &mut names)?;
        let (content_type, body) = match &step.body {
            Body::None => ("", String::new()),
            Body::Json(json) => {
                let mut text = String::new();
                json.write(&mut names, &mut text)?;
                ("application/json", text)
            }
            Body::Form(members) => {
                ("application/x-www-form-urlencoded", urlencoded(members, true, &mut names)?)
            }
            Body::Text(text) => ("text/plain; charset=utf-8", text.text(&mut names)?),
        };
        let mut headers: Vec<(String, String)> = Vec::new();
        if !content_type.is_empty() && !layered.iter().any(|(n, _)| is_content_type(n)) {
            headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        }
        // An empty one takes away what is below it, the body's own type, too.
        headers.extend(layered.into_iter().filter(|(_, value)| !value.is_empty()));
        Ok(Self { method: step.method, path, headers, body: body.into_bytes() })
    }
}

fn is_content_type(name: &str) -> bool {
    name.eq_ignore_ascii_case("content-type")
}

fn path_of(step: &Step, base_path: &str, names: &mut Names<'_>) -> Result<String, RequestError> {
    let path = step.path.text(names)?;
    if !path.starts_with('/') {
        return Err(RequestError::Path { path });
    }
    let mut path = base_path.to_owned() + &in_a_path(&path);
    let query = urlencoded(&step.query, false, names)?;
    if !query.is_empty() {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(&query);
    }
    Ok(path)
}

/// A path as it was written, but for what cannot stand in a request line.
fn in_a_path(path: &str) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const NEVER: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'<')
        .add(b'>')
        .add(b'\\')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    utf8_percent_encode(path, NEVER).to_string()
}

/// Lays the headers over each other, the nearest last; empty values stay, to be taken away.
fn headers_of(
    step: &Step,
    around: RequestContext<'_>,
    names: &mut Names<'_>,
) -> Result<Vec<(String, String)>, RequestError> {
    let mut layered: Vec<(String, String)> = Vec::new();
    let layers = [around.of_every_call, around.of_caller, &step.headers];
    for (index, headers) in layers.iter().enumerate() {
        let (nearer, is_of_step) = (&layers[index + 1..], index + 1 == layers.len());
        for header in headers.iter() {
            // What a nearer layer replaces is not made: it may need names that are not there yet.
            if nearer.iter().any(|nearer| nearer.has(&header.name)) {
                continue;
            }
            let value = match is_of_step {
                true => header.value.text(names)?,
                false => header.value.text(&mut names.of_caller())?,
            };
            if value.contains(['\r', '\n']) {
                return Err(RequestError::LineBreak { name: header.name.clone() });
            }
            layered.push((header.name.clone(), value));
        }
    }
    Ok(layered)
}

/// `application/x-www-form-urlencoded`: a list repeats its key, a table is its JSON text (T9).
fn urlencoded(
    members: &[(Template, Json)],
    keeps_empty: bool,
    names: &mut Names<'_>,
) -> Result<String, RenderError> {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (key, value) in members {
        let key = key.text(names)?;
        let values = match value {
            // Its members in the order written.
            Json::Table(_) => {
                let mut text = String::new();
                value.write(names, &mut text)?;
                vec![Value::String(text)]
            }
            value => match value.value(names)? {
                Value::Array(values) => values,
                value => vec![value],
            },
        };
        for value in values {
            let text = match value {
                Value::Null => String::new(),
                value => as_text(&value),
            };
            if keeps_empty || !text.is_empty() {
                out.append_pair(&key, &text);
            }
        }
    }
    Ok(out.finish())
}
