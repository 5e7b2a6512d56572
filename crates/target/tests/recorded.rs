//! The clients' types read what the service really says, and write what it really takes. That the
//! service says it, its own tests see to (`tests/running/service/recorded.rs`).

#[path = "recorded/mod.rs"]
mod recorded;

use lamplighter_core::model::{AgentStatus, Form, HiddenBecause, Presence, WidgetStatus};
use lamplighter_target::wire::{
    Account, ClockAnswer, DeviceAnswer, ExplainAnswer, LoggedIn, Login, Logout, Messages,
    NewMessage, NewMessageAnswer, ProblemBody, PropertyDocument, PutClock, PutStatus,
    SocketMessage, TeamMember, TimingDocument, WidgetAnswer, WidgetDocument, Written,
};
use recorded::{Exchange, exchanges};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Reads a text, and gives what the same type writes of it.
fn again<'a, T: Deserialize<'a> + Serialize>(text: &'a str) -> String {
    let read: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    serde_json::to_string(&read).expect("JSON")
}

/// What the type of an answer makes of it.
fn answered(exchange: &Exchange<'_>, text: &str) -> String {
    let path = exchange.path.split('?').next().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    match (exchange.method, &segments[..]) {
        _ if exchange.status >= 400 => again::<ProblemBody>(text),
        ("HEARS", _) | ("GET", ["connect"]) => again::<SocketMessage<'_>>(text),
        ("GET", ["widgets", ..]) => again::<WidgetAnswer<'_>>(text),
        ("GET", ["properties", _]) => again::<PropertyDocument>(text),
        ("GET", ["properties", _, "widgets", _]) => again::<WidgetDocument>(text),
        ("GET", ["settings"]) => again::<TimingDocument>(text),
        ("GET", ["team", _]) => again::<Vec<TeamMember>>(text),
        ("GET", ["explain", ..]) => again::<ExplainAnswer>(text),
        ("GET", ["messages", _]) => again::<Messages>(text),
        (_, ["clock"]) => again::<ClockAnswer>(text),
        (_, ["login"]) => again::<LoggedIn>(text),
        (_, ["status" | "activity"]) => again::<DeviceAnswer>(text),
        ("POST", ["widgets", ..]) => again::<NewMessageAnswer>(text),
        ("PUT" | "DELETE", _) | ("POST", ["logout"]) => again::<Written>(text),
        other => panic!("no type for {other:?}"),
    }
}

/// What the type of a body makes of it.
fn asked(exchange: &Exchange<'_>, text: &str) -> String {
    let segments: Vec<&str> = exchange.path.split('/').skip(2).collect();
    match &segments[..] {
        ["agents", _] => again::<Account>(text),
        ["login"] => again::<Login>(text),
        ["status"] => again::<PutStatus>(text),
        ["logout"] => again::<Logout>(text),
        ["clock"] => again::<PutClock>(text),
        ["settings"] => again::<TimingDocument>(text),
        ["widgets", ..] => again::<NewMessage>(text),
        other => panic!("no type for {other:?}"),
    }
}

#[test]
fn every_answer_is_read_and_nothing_of_it_is_lost() {
    let mut read = 0;
    for exchange in &exchanges() {
        assert!(!exchange.says.is_empty(), "nothing is recorded of {exchange:?}");
        for text in &exchange.says {
            assert_eq!(answered(exchange, text), *text, "{exchange:?}");
            read += 1;
        }
    }
    assert!(read > 45, "{read}");
}

#[test]
fn every_body_that_is_taken_is_written_as_the_service_takes_it() {
    let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let mut written = 0;
    for exchange in exchanges().iter().filter(|exchange| exchange.status < 300) {
        let Some(text) = exchange.sends else { continue };
        // Documents of settings may leave out what is as it begins.
        if exchange.path.starts_with("/v1/properties/") {
            continue;
        }
        let mut all = value(&asked(exchange, text));
        // And a visitor may leave no words.
        if let (Some(all), Some(sent)) = (all.as_object_mut(), value(text).as_object()) {
            all.retain(|key, member| sent.contains_key(key) || *member != "");
        }
        assert_eq!(all, value(text), "{exchange:?}");
        written += 1;
    }
    assert!(written >= 10, "{written}");
}

/// The answer to a call, of all that are recorded the first from `place` on.
fn said<'a>(all: &'a [Exchange<'a>], caller: &str, method: &str, path: &str) -> &'a str {
    let found = all.iter().find(|exchange| {
        (exchange.caller, exchange.method, exchange.path) == (caller, method, path)
    });
    found.unwrap_or_else(|| panic!("{caller} {method} {path} is not recorded")).says[0]
}

#[test]
fn what_is_said_is_understood() {
    let all = exchanges();
    let widget = |path: &str| -> WidgetAnswer<'_> {
        serde_json::from_str(said(&all, "anyone", "GET", path)).expect("an answer")
    };
    let seen = "/v1/widgets/acme?page=https%3A%2F%2Fexample.com%2F&device=desktop&country=DE";
    let answer = widget(seen);
    assert_eq!((&*answer.widget, &*answer.greeting), ("acme", "Ask \"us\", é!"));
    assert_eq!((answer.status, answer.chat), (WidgetStatus::Online, true));
    assert_eq!((answer.form, answer.shown), (Form::PreChat, true));
    let next = answer.next_change.map(|at| at.to_string());
    assert_eq!(next.as_deref(), Some("2026-03-09T16:10:00Z"));
    for (path, because) in [
        ("/v1/widgets/acme?country=FR", HiddenBecause::Country),
        ("/v1/widgets/acme?device=mobile", HiddenBecause::Device),
        ("/v1/widgets/acme?page=https%3A%2F%2Fexample.com%2Fadmin%2Fusers", HiddenBecause::Page),
    ] {
        let answer = widget(path);
        assert_eq!((answer.shown, answer.hidden_because), (false, Some(because)), "{path}");
    }
    let explained = said(&all, "ann@laptop", "GET", "/v1/explain/acme");
    let explained: ExplainAnswer = serde_json::from_str(explained).expect("an explanation");
    assert_eq!((explained.rule.as_str(), explained.presence), ("W2", Presence::Online));
    let bob = &explained.members[1];
    assert_eq!((bob.agent.as_str(), bob.status, bob.suspended), ("bob", AgentStatus::Away, true));
    let team = said(&all, "ann@laptop", "GET", "/v1/team/acme");
    let team: Vec<TeamMember> = serde_json::from_str(team).expect("a team");
    assert_eq!(team[0], TeamMember { agent: "ann".to_owned(), status: AgentStatus::Online });
    let page = said(&all, "ann@laptop", "GET", "/v1/messages/acme?limit=1");
    let page: Messages = serde_json::from_str(page).expect("a page");
    assert_eq!((page.messages[0].id, page.next), (2, Some(2)));
    let refused = said(&all, "anyone", "GET", "/v1/widgets/acme?device=watch");
    let refused: ProblemBody = serde_json::from_str(refused).expect("a problem");
    assert_eq!((refused.status, refused.field.as_deref()), (422, Some("device")));
}
