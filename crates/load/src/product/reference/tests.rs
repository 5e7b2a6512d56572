//! Answers as the service gives them, letter for letter.

use std::borrow::Cow;

use super::*;
use lamplighter_core::model::{DeviceKind, Form, HiddenBecause, WidgetStatus};

#[path = "../../../../target/tests/recorded/mod.rs"]
mod recorded;

const SHOWN: &str = r#"{"widget":"acme","status":"online","chat":true,"shown":true,"hidden_because":null,"greeting":"Ask us!","form":"pre-chat","next_change":"2026-03-09T21:00:00Z","version":7}"#;

#[test]
fn a_widget_is_read_without_copying_its_texts() {
    let said = Reference.read_widget(SHOWN.as_bytes()).expect("an answer");
    let expected = WidgetReading {
        widget: "acme".into(),
        greeting: "Ask us!".into(),
        status: WidgetStatus::Online,
        chat: true,
        hidden_because: None,
        form: Form::PreChat,
        version: Some(7),
    };
    assert_eq!(said, expected);
    assert!(matches!((said.widget, said.greeting), (Cow::Borrowed(_), Cow::Borrowed(_))));
}

#[test]
fn a_hidden_widget_says_why_and_escapes_are_read() {
    let text = SHOWN
        .replace(
            r#""shown":true,"hidden_because":null"#,
            r#""shown":false,"hidden_because":"page""#,
        )
        .replace("Ask us!", r#"\"Grüß\" \u00e9"#);
    let said = Reference.read_widget(text.as_bytes()).expect("an answer");
    assert_eq!(said.hidden_because, Some(HiddenBecause::Page));
    assert_eq!(said.greeting, "\"Grüß\" é");
}

#[test]
fn what_is_no_answer_of_a_widget_is_unreadable() {
    let twofold = SHOWN.replace(r#""hidden_because":null"#, r#""hidden_because":"page""#);
    let hidden = SHOWN.replace(r#""shown":true"#, r#""shown":false"#);
    let status = SHOWN.replace(r#""status":"online""#, r#""status":"invisible""#);
    let versionless = SHOWN.replace(r#","version":7"#, "");
    for text in [&twofold, &hidden, &status, &versionless, "", "{}", "[]", &SHOWN[1..]] {
        assert!(Reference.read_widget(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn a_login_says_its_token_and_its_versions() {
    let answer = br#"{"token":"t0k3n","agent":"ann","device":"laptop","status":"online","properties":["acme","zoo"],"version":{"acme":3,"zoo":12}}"#;
    let versions = vec![("acme".to_owned(), 3), ("zoo".to_owned(), 12)];
    let expected = DeviceLogin { token: "t0k3n".to_owned(), versions };
    assert_eq!(Reference.read_login(answer), Ok(expected));
}

#[test]
fn a_status_and_a_logout_say_their_versions() {
    let status =
        br#"{"agent":"ann","device":"laptop","status":"away","version":{"acme":4}}"#.as_slice();
    let logout = br#"{"version":{"acme":5}}"#.as_slice();
    let nowhere = br#"{"version":{}}"#.as_slice();
    assert_eq!(Reference.read_versions(status), Ok(vec![("acme".to_owned(), 4)]));
    assert_eq!(Reference.read_versions(logout), Ok(vec![("acme".to_owned(), 5)]));
    assert_eq!(Reference.read_versions(nowhere), Ok(vec![]));
    assert!(Reference.read_versions(br#"{"versions":{}}"#).is_err());
}

#[test]
fn a_socket_says_teams_statuses_and_what_is_not_judged() {
    let team = r#"{"type":"team","property":"acme","team":[{"agent":"ann","status":"invisible"},{"agent":"bob","status":"offline"}],"version":9}"#;
    let said = SocketNews::Team {
        property: "acme".to_owned(),
        team: vec![
            ("ann".to_owned(), AgentStatus::Invisible),
            ("bob".to_owned(), AgentStatus::Offline),
        ],
        version: Some(9),
    };
    assert_eq!(Reference.read_socket(team), Ok(said));
    let status =
        r#"{"type":"status","property":"acme","agent":"bob","status":"away","version":10}"#;
    let said = SocketNews::Status {
        property: "acme".to_owned(),
        agent: "bob".to_owned(),
        status: AgentStatus::Away,
        version: Some(10),
    };
    assert_eq!(Reference.read_socket(status), Ok(said));
    let device = r#"{"type":"device","device":"laptop","status":"logged out"}"#;
    assert_eq!(Reference.read_socket(device), Ok(SocketNews::Other));
    assert!(Reference.read_socket(r#"{"type":"team","property":"acme"}"#).is_err());
}

#[test]
fn a_team_and_messages_are_read_in_their_order() {
    let team = br#"[{"agent":"bob","status":"online"},{"agent":"ann","status":"away"}]"#;
    let members =
        vec![("bob".to_owned(), AgentStatus::Online), ("ann".to_owned(), AgentStatus::Away)];
    assert_eq!(Reference.read_team(team), Ok(members));
    let page = br#"{"messages":[{"id":8,"at":"2026-03-09T16:00:00Z","widget":"acme","name":"V","email":"v@example.com","message":"hello"}],"next":8}"#;
    let (said, next) = Reference.read_messages(page).expect("a page");
    let message = LeftMessage {
        name: "V".to_owned(),
        email: "v@example.com".to_owned(),
        message: "hello".to_owned(),
    };
    assert_eq!((said, next.as_deref()), (vec![message], Some("8")));
    assert_eq!(Reference.messages("acme", Some("8")).path, "/v1/messages/acme?limit=200&before=8");
    let last = br#"{"messages":[],"next":null}"#;
    assert_eq!(Reference.read_messages(last), Ok((vec![], None)));
}

#[test]
fn the_timing_that_was_is_put_back_as_it_was() {
    for was in [r#"{"grace":"2m","auto_away":null}"#, r#"{"grace":"1m30s","auto_away":"10m"}"#] {
        let call = Reference.put_timing_back(was.as_bytes()).expect("a timing");
        assert_eq!((call.method, call.path.as_str()), (Method::Put, "/v1/settings"));
        let body: Value = serde_json::from_str(&call.body.expect("a body")).expect("JSON");
        assert_eq!(body, serde_json::from_str::<Value>(was).expect("JSON"));
    }
    assert!(Reference.put_timing_back(b"<html>").is_err());
    let body = Reference.put_timing(1_500).body;
    assert_eq!(body.as_deref(), Some(r#"{"auto_away":null,"grace":"1s500ms"}"#));
}

#[test]
fn names_of_any_script_stand_in_paths() {
    let visitor = Visitor {
        page: Some("https://example.com/a?b".to_owned()),
        country: "DE".parse().ok(),
        device: Some(DeviceKind::Mobile),
    };
    let paths = [
        (
            Reference.widget("lt-é/chat", &visitor).path,
            "/v1/widgets/lt-%C3%A9/chat?page=https%3A%2F%2Fexample.com%2Fa%3Fb&device=mobile&country=DE",
        ),
        (Reference.events("acme", &Visitor::default()).path, "/v1/widgets/acme/events"),
        (
            Reference.put_widget("acme/chat", &Settings::default()).path,
            "/v1/properties/acme/widgets/chat",
        ),
        (Reference.delete_property("é").path, "/v1/properties/%C3%A9"),
        (Reference.team("acme", None).path, "/v1/team/acme"),
        (Reference.put_agent("ann.3", "secret").path, "/v1/agents/ann.3"),
    ];
    for (path, expected) in paths {
        assert_eq!(path, expected);
    }
}

#[test]
fn calls_of_a_device_have_its_token_and_those_of_an_admin_have_none() {
    let status = Reference.status("t0k3n", Chosen::Away, true);
    assert_eq!(status.bearer.as_deref(), Some("t0k3n"));
    assert_eq!(status.body.as_deref(), Some(r#"{"everywhere":true,"status":"away"}"#));
    let logout = Reference.logout("t0k3n", false);
    assert_eq!(logout.body.as_deref(), Some(r#"{"everywhere":false}"#));
    assert_eq!(Reference.socket("t0k3n").bearer.as_deref(), Some("t0k3n"));
    assert_eq!(Reference.get_timing().bearer, None);
    let members = ["ann".to_owned(), "bob".to_owned()];
    let property = Reference.put_property("acme", &members, &members[1..], &Settings::default());
    assert_eq!(property.bearer, None);
    let body: Value = serde_json::from_str(&property.body.expect("a body")).expect("JSON");
    assert_eq!(body["members"], json!(["ann", "bob"]));
    assert_eq!(body["suspended"], json!(["bob"]));
    assert_eq!(body["scheduler"], Value::Null);
}

/// What the service really says (`tests/running/service/recorded.rs` sees to it) is understood.
#[test]
fn the_recorded_answers_of_the_service_are_read() {
    let mut read = 0;
    for exchange in recorded::exchanges().iter().filter(|exchange| exchange.status < 300) {
        let path = exchange.path.split('?').next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').skip(2).collect();
        for said in &exchange.says {
            let answer = said.as_bytes();
            let understood = match (exchange.method, &segments[..]) {
                ("HEARS", _) | ("GET", ["connect"]) => {
                    Reference.read_socket(said).map(|said| format!("{said:?}"))
                }
                ("GET", ["widgets", ..]) => {
                    Reference.read_widget(answer).map(|said| format!("{said:?}"))
                }
                ("GET", ["team", _]) => Reference.read_team(answer).map(|t| format!("{t:?}")),
                ("GET", ["messages", _]) => {
                    Reference.read_messages(answer).map(|page| format!("{page:?}"))
                }
                (_, ["login"]) => Reference.read_login(answer).map(|login| format!("{login:?}")),
                ("GET", ["settings"]) => {
                    Reference.put_timing_back(answer).map(|call| format!("{call:?}"))
                }
                ("PUT", ["status"]) | ("POST", ["logout"]) => {
                    Reference.read_versions(answer).map(|versions| format!("{versions:?}"))
                }
                _ => continue,
            };
            assert!(understood.is_ok(), "{exchange:?}: {understood:?}");
            read += 1;
        }
    }
    assert!(read > 15, "{read}");
}
