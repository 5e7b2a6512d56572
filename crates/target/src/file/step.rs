//! One call: what is sent, and what its answer must say (rules T1 to T10 of target files).

use lamplighter_scenario::language::diagnostic::{Diagnostic, any_of};
use lamplighter_scenario::language::span::Span;

use super::condition::Condition;
use super::header::Headers;
use super::keep::{Keep, Origin};
use super::node::{Node, Table};
use super::section::{Caller, Repeat, Section};
use super::template::{Json, NameUse, Template};

/// What is done to a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
    /// GET, answered by server-sent events: `widget.push` alone.
    Stream,
    /// GET, answered by a WebSocket: `widget.push` alone.
    Socket,
}

impl Method {
    /// Every verb by its key in a step.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("get", Self::Get),
        ("post", Self::Post),
        ("put", Self::Put),
        ("patch", Self::Patch),
        ("delete", Self::Delete),
        ("stream", Self::Stream),
        ("socket", Self::Socket),
    ];

    /// Its key in a step.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// The method of HTTP.
    pub fn method(self) -> &'static str {
        match self {
            Self::Get | Self::Stream | Self::Socket => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it stays open and says more than once.
    pub fn is_push(self) -> bool {
        matches!(self, Self::Stream | Self::Socket)
    }
}

/// What a call carries.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Body {
    /// The call has no body.
    #[default]
    None,
    /// A value as JSON, with templates in its texts.
    Json(Json),
    /// A form, `application/x-www-form-urlencoded`, in the order written.
    Form(Vec<(Template, Json)>),
    /// A text as it is.
    Text(Template),
}

/// One call of a list: where it goes, who makes it, what it carries and what its answer means.
#[derive(Clone, Debug)]
pub struct Step {
    /// The place in the file by which runs name the step.
    pub span: Span,
    /// What is done to the path.
    pub method: Method,
    /// The path with templates in it; may hold a query of its own.
    pub path: Template,
    /// Who makes the call: that decides its headers, cookies and connection.
    pub caller: Caller,
    /// What the step is repeated for: each weekday, interval, date or property; `None` for one
    /// call.
    pub each: Option<Repeat>,
    /// What is added to the path's query, in the order written; empty values are left out.
    pub query: Vec<(Template, Json)>,
    /// The headers of this step, on top of those of every call and of the caller.
    pub headers: Headers,
    /// The body that the call carries.
    pub body: Body,
    /// The step's own condition for done, in place of the general one (rule T1).
    pub done: Option<Condition>,
    /// The step's own condition for refused, which is tried before the general ones.
    pub refused: Option<Condition>,
    /// The step's own condition for gone, likewise.
    pub gone: Option<Condition>,
    /// What is remembered once it is done.
    pub keep: Vec<Keep>,
}

impl Step {
    /// Reads a list of steps; one table is a list of one (T5).
    pub fn read_all(node: Node<'_>, section: Section) -> Vec<Self> {
        node.one_or_more().into_iter().filter_map(|node| Self::read(node, section)).collect()
    }

    /// Reads one step; what is wrong with it goes to the findings.
    pub fn read(node: Node<'_>, section: Section) -> Option<Self> {
        let mut table = node.table()?;
        let Verb { method, path, is_said } = read_verb(&mut table, section);
        let caller = read_caller(&mut table, section);
        let each = table.get("for").and_then(|node| read_each(node, section));
        let query = table.get("query").and_then(Json::read_members).unwrap_or_default();
        let headers = table.get("headers").map(Headers::read).unwrap_or_default();
        let body = read_body(&mut table, is_said.then_some(method));
        let done = table.get("done").map(Condition::read_done);
        let refused = table.get("refused").map(Condition::read);
        let gone = table.get("gone").map(Condition::read);
        let keep = table.get("keep").map(Keep::read_all).unwrap_or_default();
        let span = table.span();
        table.finish();
        Some(Self {
            span,
            method,
            path,
            caller,
            each,
            query,
            headers,
            body,
            done,
            refused,
            gone,
            keep,
        })
    }

    /// The opening of a device's WebSocket, whose only word is its path.
    pub fn of_socket(path: Template) -> Self {
        Self {
            span: path.span(),
            method: Method::Socket,
            path,
            caller: Caller::Device,
            each: None,
            query: Vec::new(),
            headers: Headers::NONE,
            body: Body::None,
            done: None,
            refused: None,
            gone: None,
            keep: Vec::new(),
        }
    }

    /// Every name that it keeps.
    pub fn keeps(&self) -> impl Iterator<Item = &str> {
        self.keep.iter().map(|keep| keep.name.as_str())
    }

    /// Whether it keeps a header of the answer, by any name.
    pub fn keeps_header(&self, header: &str) -> bool {
        self.keep.iter().any(|keep| match &keep.from {
            Origin::Header(name) => name.eq_ignore_ascii_case(header),
            _ => false,
        })
    }

    /// Everything that is put into it, but for the headers of others.
    pub fn uses(&self) -> Vec<&NameUse> {
        let mut uses: Vec<&NameUse> = self.path.uses().collect();
        for (key, value) in &self.query {
            uses.extend(key.uses().chain(value.uses()));
        }
        uses.extend(self.headers.iter().flat_map(|header| header.value.uses()));
        match &self.body {
            Body::None => {}
            Body::Json(json) => uses.extend(json.uses()),
            Body::Form(members) => {
                for (key, value) in members {
                    uses.extend(key.uses().chain(value.uses()));
                }
            }
            Body::Text(text) => uses.extend(text.uses()),
        }
        let conditions = [&self.done, &self.refused, &self.gone];
        uses.extend(conditions.into_iter().flatten().flat_map(Condition::uses));
        let otherwise = self.keep.iter().filter_map(|keep| keep.otherwise.as_ref());
        uses.extend(otherwise.flat_map(Json::uses));
        uses
    }
}

/// What a step does to which path.
struct Verb {
    method: Method,
    path: Template,
    /// Whether it is what the file says: of a step that does not say one thing, another stands here, so that
    /// nothing else is said to be missing for it.
    is_said: bool,
}

/// The one verb of a step, with its path.
fn read_verb(table: &mut Table<'_>, section: Section) -> Verb {
    let mut found = Vec::new();
    for (word, method) in Method::WORDS {
        if method.is_push() && section != Section::WidgetPush {
            continue;
        }
        found.extend(table.get(word).map(|node| (method, node)));
    }
    let is_wanted = |method: &Method| method.is_push() == (section == Section::WidgetPush);
    let wanted =
        Method::WORDS.iter().filter(|(_, method)| is_wanted(method)).map(|(word, _)| *word);
    let span = table.span();
    let verb = |method: Method, node: Option<&Node<'_>>, is_one: bool| {
        let text = node.and_then(|node| Some((node.text()?, node.findings())));
        let is_said = is_one && text.is_some();
        let path = text.map(|(text, findings)| Template::read(text, findings));
        Verb { method, path: path.unwrap_or_else(|| Template::plain("/", span)), is_said }
    };
    match &found[..] {
        [(method, node)] if is_wanted(method) => verb(*method, Some(node), true),
        [] | [_] => {
            let wanted: Vec<&str> = wanted.collect();
            let label = format!("one of {}", any_of(wanted.iter().copied()));
            let diagnostic = Diagnostic::new(table.span(), "this step calls nothing", label);
            table.findings().missing(&wanted, diagnostic);
            let is_push = section == Section::WidgetPush;
            verb(if is_push { Method::Stream } else { Method::Get }, None, false)
        }
        [(method, first), (_, second), ..] => {
            let label = format!("`{}` stands there already", method.word());
            let diagnostic = Diagnostic::new(second.span(), "a step is one call", label);
            table.findings().error(diagnostic.help("make two steps of it: `[[…]]` for each"));
            verb(*method, Some(first), false)
        }
    }
}

fn read_caller(table: &mut Table<'_>, section: Section) -> Caller {
    let Some(node) = table.get("as") else { return section.caller() };
    let Some(caller) = node.word(&Caller::WORDS) else { return section.caller() };
    if caller == Caller::Device && !section.is_of_device() {
        let message = format!("no device calls in `{}`", section.address());
        let diagnostic =
            Diagnostic::new(node.span(), message, "only the steps of `[device]` have one");
        node.findings().error(diagnostic.help("who reads what members see is the `observer`"));
        return section.caller();
    }
    caller
}

fn read_each(node: Node<'_>, section: Section) -> Option<Repeat> {
    let words: Vec<(&'static str, Repeat)> =
        Repeat::WORDS.into_iter().filter(|(_, each)| section.can_repeat(*each)).collect();
    if words.is_empty() {
        let message = format!("a step of `{}` is not repeated", section.address());
        let diagnostic = Diagnostic::new(node.span(), message, "it is called once");
        node.findings().error(match section {
            Section::TeamRead => {
                diagnostic.help("`for = \"member\"` stands in `[team]`, beside `read`")
            }
            _ => diagnostic,
        });
        return None;
    }
    node.word(&words)
}

fn read_body(table: &mut Table<'_>, method: Option<Method>) -> Body {
    let bodies = ["json", "form", "text"].map(|key| table.get(key));
    let found: Vec<Node<'_>> = bodies.iter().flatten().copied().collect();
    let [node] = found[..] else {
        if let [first, second, ..] = found[..] {
            let label = format!("`{}` stands there already", first.key());
            second.findings().error(Diagnostic::new(second.span(), "a call has one body", label));
        }
        return Body::None;
    };
    if matches!(method, Some(Method::Get | Method::Stream | Method::Socket)) {
        let diagnostic =
            Diagnostic::new(node.span(), "a `get` has no body", "nothing can be sent here");
        node.findings().error(diagnostic.help("put it into `query`"));
    }
    match node.key() {
        "json" => Json::read(node).map_or(Body::None, Body::Json),
        "form" => Json::read_members(node).map_or(Body::None, Body::Form),
        _ => match node.text() {
            Some(text) => Body::Text(Template::read(text, node.findings())),
            None => Body::None,
        },
    }
}
