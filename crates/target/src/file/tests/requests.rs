//! What goes out (T7 to T9, T12).

use serde_json::json;

use super::{kept, read_step, step, vars, with_names};
use crate::file::header::Headers;
use crate::file::request::{Request, RequestContext, RequestError};
use crate::file::section::{Caller, Section};
use crate::file::template::RenderError;

fn headers(text: &str) -> Headers {
    step(&format!("get = '/x'\n{text}")).headers
}

fn request_around(text: &str, every: &str, caller: &str) -> Result<Request, RequestError> {
    let names = kept(&[
        ("agent", json!("ann b")),
        ("tags", json!(["a", "b&c"])),
        ("none", json!([])),
        ("whole", json!({ "k": [1] })),
        ("n", json!(7)),
        ("off", json!(null)),
        ("key", json!("k1")),
        ("lines", json!("a\r\nX-Evil: 1")),
    ]);
    let of_caller = kept(&[("token", json!("t-1"))]);
    let vars = vars(&[("api", "/api/v2"), ("bad", "x"), ("q", "a b")]);
    let (every, caller) = (headers(every), headers(caller));
    let around = RequestContext { base_path: "/base", of_every_call: &every, of_caller: &caller };
    with_names(&names, &of_caller, &vars, |names| Request::of(&step(text), around, names))
}

fn request(text: &str) -> Request {
    request_around(text, "", "").unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn t7_the_path_is_joined_to_that_of_base_and_may_hold_a_query() {
    for (text, path) in [
        ("get = '/x'", "/base/x"),
        ("get = '{{api}}/x'", "/base/api/v2/x"),
        ("get = '/x/{{agent|path}}'", "/base/x/ann%20b"),
        ("get = '/x/{{agent}}'", "/base/x/ann%20b"),
        ("get = '/x?a=1'", "/base/x?a=1"),
        ("get = '/x?a=1'\nquery = { b = 'ü' }", "/base/x?a=1&b=%C3%BC"),
        ("get = '/x'\nquery = { b = '{{q}}' }", "/base/x?b=a+b"),
        ("get = '/x#y'", "/base/x%23y"),
    ] {
        assert_eq!(request(text).path, path, "{text}");
    }
    let error = request_around("get = '{{bad}}/x'", "", "").expect_err("no slash");
    assert_eq!(error, RequestError::Path { path: "x/x".to_owned() });
}

#[test]
fn t7_the_content_type_follows_from_the_body_unless_a_header_says_it() {
    let json = "post = '/x'\njson = { a = 1 }";
    for (text, every, caller, sent) in [
        (json, "", "", Some("application/json")),
        ("post = '/x'\nform = { a = 1 }", "", "", Some("application/x-www-form-urlencoded")),
        ("post = '/x'\ntext = 'a'", "", "", Some("text/plain; charset=utf-8")),
        ("post = '/x'", "", "", None),
        (json, "headers = { content-type = 'a/b' }", "", Some("a/b")),
        (json, "", "headers = { Content-Type = 'text/xml' }", Some("text/xml")),
        ("post = '/x'\ntext = ''\nheaders = { Content-Type = '' }", "", "", None),
    ] {
        let request = request_around(text, every, caller).expect("a request");
        let of_type =
            request.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case("content-type"));
        let found: Vec<&str> = of_type.map(|(_, value)| value.as_str()).collect();
        assert_eq!(found, Vec::from_iter(sent), "{text} {every} {caller}");
    }
}

#[test]
fn t8_headers_lie_over_each_other_and_an_empty_one_takes_away() {
    let pairs = |request: Request| -> Vec<String> {
        request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect()
    };
    for (every, caller, step, sent) in [
        ("A = '1'", "B = '2'", "C = '3'", vec!["A: 1", "B: 2", "C: 3"]),
        ("A = '1', B = '1'", "a = '2'", "b = '3'", vec!["a: 2", "b: 3"]),
        ("A = '1'", "a = ''", "", vec![]),
        ("A = '1'", "a = ''", "A = '3'", vec!["A: 3"]),
        ("Host = 'h'", "", "", vec!["Host: h"]),
        // The caller's headers see the caller's names, the step's those of whom it is about.
        ("", "A = 'Bearer {{token}}'", "B = '{{agent}}'", vec!["A: Bearer t-1", "B: ann b"]),
        // What is replaced is not made.
        ("", "A = '{{agent}}'", "a = 'own'", vec!["a: own"]),
    ] {
        let table = |inside: &str| format!("headers = {{ {inside} }}");
        let text = format!("get = '/x'\n{}", table(step));
        let request = request_around(&text, &table(every), &table(caller)).expect("a request");
        assert_eq!(pairs(request), sent, "{every} | {caller} | {step}");
    }
    let error =
        request_around("get = '/x'", "", "headers = { A = '{{agent}}' }").expect_err("theirs");
    let not_kept = RenderError::NotKept { name: "agent".to_owned() };
    assert_eq!(error, RequestError::Render(not_kept));
    let error = request_around("get = '/x'\nheaders = { A = '{{lines}}' }", "", "");
    assert_eq!(error, Err(RequestError::LineBreak { name: "A".to_owned() }));
}

#[test]
fn t9_queries_and_forms_are_urlencoded_in_the_order_written() {
    for (members, query, form) in [
        ("z = '1', a = 2, m = true", "?z=1&a=2&m=true", "z=1&a=2&m=true"),
        ("a = '', b = '{{off}}', c = 'x'", "?c=x", "a=&b=&c=x"),
        ("a = ['x', '', 'y z']", "?a=x&a=y+z", "a=x&a=&a=y+z"),
        ("a = '{{tags}}', b = '{{none}}'", "?a=a&a=b%26c", "a=a&a=b%26c"),
        (
            "p = { z = '{{n}}', a = [true] }",
            "?p=%7B%22z%22%3A7%2C%22a%22%3A%5Btrue%5D%7D",
            "p=%7B%22z%22%3A7%2C%22a%22%3A%5Btrue%5D%7D",
        ),
        ("p = '{{whole}}'", "?p=%7B%22k%22%3A%5B1%5D%7D", "p=%7B%22k%22%3A%5B1%5D%7D"),
        ("'user_{{n}}' = '{{agent}}'", "?user_7=ann+b", "user_7=ann+b"),
    ] {
        let asked = request(&format!("get = '/x'\nquery = {{ {members} }}"));
        assert_eq!(asked.path, format!("/base/x{query}"), "{members}");
        let sent = request(&format!("post = '/x'\nform = {{ {members} }}"));
        assert_eq!(String::from_utf8(sent.body).expect("ASCII"), form, "{members}");
    }
}

#[test]
fn t9_json_keeps_types_order_and_templates_in_keys() {
    for (body, sent) in [
        ("json = {}", "{}"),
        ("json = []", "[]"),
        ("json = { z = 1, a = 1.5, m = [true, 'x'] }", r#"{"z":1,"a":1.5,"m":[true,"x"]}"#),
        ("json = { n = '{{n}}', s = '{{n}}.', o = '{{off}}' }", r#"{"n":7,"s":"7.","o":null}"#),
        ("json = { '{{key}}' = '{{tags}}' }", r#"{"k1":["a","b&c"]}"#),
        ("json = { a = 'say \"{{agent}}\"' }", r#"{"a":"say \"ann b\""}"#),
        ("json = '{{whole}}'", r#"{"k":[1]}"#),
        (
            "json = { a = { b = { c = '{{missing}}' } } }\nkeep.missing = { status = true }",
            r#"{"a":{"b":{"c":""}}}"#,
        ),
        ("text = '<a>{{agent|xml}}</a>'", "<a>ann b</a>"),
        ("text = '{{{{n}}'", "{{n}}"),
    ] {
        let sent_body = request(&format!("post = '/x'\n{body}")).body;
        assert_eq!(String::from_utf8(sent_body).expect("UTF-8"), sent, "{body}");
    }
}

#[test]
fn t40_who_calls_is_the_sections_unless_as_says() {
    for (text, section, caller) in [
        ("get = '/x'", Section::DeviceStatus, Caller::Device),
        ("get = '/x'\nas = 'visitor'", Section::DeviceLogin, Caller::Visitor),
        ("get = '/x'", Section::AdminLogin, Caller::Visitor),
        ("get = '/x'", Section::AgentMake, Caller::Admin),
        ("get = '/x'\nas = 'observer'", Section::TeamRead, Caller::Observer),
        ("get = '/x'", Section::WidgetRead, Caller::Visitor),
    ] {
        let (step, errors) = read_step(text, section);
        assert_eq!((step.map(|step| step.caller), errors), (Some(caller), Vec::new()), "{text}");
    }
}

#[test]
fn t7_what_is_wrong_with_a_step_is_said() {
    for (text, section, error) in [
        (
            "as = 'admin'",
            Section::AgentMake,
            "this step calls nothing: one of `get`, `post`, `put`, `patch` or `delete`",
        ),
        (
            "get = '/x'\nput = '/y'",
            Section::AgentMake,
            "a step is one call: `get` stands there already",
        ),
        (
            "put = '/x'\njson = {}\ntext = ''",
            Section::AgentMake,
            "a call has one body: `json` stands there already",
        ),
        (
            "get = '/x'\njson = {}",
            Section::AgentMake,
            "a `get` has no body: nothing can be sent here",
        ),
        (
            "get = '/x'\nas = 'root'",
            Section::AgentMake,
            "`as` cannot be `root`: expected `admin`, `device`, `observer` or `visitor`",
        ),
        (
            "get = '/x'\nas = 'device'",
            Section::TeamRead,
            "no device calls in `team.read`: only the steps of `[device]` have one",
        ),
        (
            "get = '/x'\nfor = 'weekday'",
            Section::DeviceStatus,
            "`for` cannot be `weekday`: expected `property`",
        ),
        (
            "get = '/x'\nfor = 'member'",
            Section::TeamRead,
            "a step of `team.read` is not repeated: it is called once",
        ),
        (
            "stream = '/x'",
            Section::WidgetRead,
            "this step calls nothing: one of `get`, `post`, `put`, `patch` or `delete`",
        ),
        ("get = '/x'", Section::WidgetPush, "this step calls nothing: one of `stream` or `socket`"),
        (
            "get = '/x'\nheaders = { 'A B' = '1' }",
            Section::AgentMake,
            "`A B` cannot be the name of a header: letters, digits and `-`",
        ),
        (
            "get = '/x'\nheaders = { A = \"1\\n2\" }",
            Section::AgentMake,
            "a header has no line breaks: a line break within a value",
        ),
        (
            "get = '/x'\nheaders = { A = '1', a = '2' }",
            Section::AgentMake,
            "the header `a` stands here twice: names are compared without regard to case",
        ),
        ("get = '/x'\njsn = {}", Section::AgentMake, "`step` has no key `jsn`: unknown"),
        ("get = 7", Section::AgentMake, "`get` takes a text: this is a number"),
    ] {
        assert_eq!(read_step(text, section).1[..1], [error], "{text}");
    }
}
