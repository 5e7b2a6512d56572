//! What visitors see, and what they leave.

use serde_json::{Value, json};

use super::calls::{Calls, wrong_bodies};
use crate::client::KEY;

/// What visitors see, and why they see nothing.
pub fn what_visitors_see(c: &mut Calls<'_>) {
    let shop = "page=https://example.com/shop/lamps&device=desktop&country=DE";
    let seen = c.call(&format!("GET /v1/widgets/{{property=acme}}?{shop}"), None, Value::Null, 200);
    assert_eq!(
        (&seen["status"], &seen["shown"], &seen["greeting"], &seen["form"]),
        (&json!("online"), &json!(true), &json!("Hello"), &json!("pre-chat"))
    );
    assert_eq!(seen["next_change"], "2026-03-09T16:10:00Z", "auto-away comes first");
    for (query, because) in [
        ("", "page"),
        ("page=/shop/jobs&country=DE", "page"),
        ("page=/shop/x&country=AQ", "country"),
        ("page=/shop/x&country=DE&device=mobile", "device"),
    ] {
        let hidden = c.client.get(&format!("/v1/widgets/acme?{query}"));
        assert_eq!((&hidden["shown"], &hidden["hidden_because"]), (&json!(false), &json!(because)));
    }
}

/// Widgets that there are and are not, and visitors who cannot be.
pub fn widgets_that_are_not(c: &mut Calls<'_>) {
    c.call("GET /v1/widgets/{property=acme}/{widget=sales}", None, Value::Null, 200);
    c.call("GET /v1/widgets/{property=none}", None, Value::Null, 404);
    c.call("GET /v1/widgets/{property=acme}/{widget=none}", None, Value::Null, 404);
    let wrong = c.call("GET /v1/widgets/{property=acme}?device=fridge", None, Value::Null, 422);
    assert_eq!(wrong["field"], "device");
    c.call("GET /v1/widgets/{property=acme}/{widget=sales}?device=tv", None, Value::Null, 422);
    c.call("GET /v1/widgets/{property=none}/events", None, Value::Null, 404);
    c.call("GET /v1/widgets/{property=acme}/events?device=tv", None, Value::Null, 422);
    c.call("GET /v1/widgets/{property=acme}/{widget=none}/events", None, Value::Null, 404);
    c.call(
        "GET /v1/widgets/{property=acme}/{widget=sales}/events?device=tv",
        None,
        Value::Null,
        422,
    );
}

/// Messages left and read, by whom not, and one too many.
pub fn messages_of_visitors(c: &mut Calls<'_>, token: Option<&str>, eve: &str) {
    let admin = Some(KEY);
    let left = json!({"name": "Vi", "email": "vi@example.com", "message": "Is it lit?"});
    let leave = "POST /v1/widgets/{property=acme}/messages";
    let leave_further = "POST /v1/widgets/{property=acme}/{widget=sales}/messages";
    wrong_bodies(c, leave, None);
    wrong_bodies(c, leave_further, None);
    for (field, value) in [("name", ""), ("email", "nowhere"), ("email", "a@b c")] {
        let mut wrong = left.clone();
        wrong[field] = json!(value);
        assert_eq!(c.call(leave, None, wrong, 422)["field"], field);
    }
    c.call(leave, None, left.clone(), 201);
    c.call(leave_further, None, left.clone(), 201);
    c.call("POST /v1/widgets/{property=none}/messages", None, left.clone(), 404);
    c.call("POST /v1/widgets/{property=acme}/{widget=none}/messages", None, left.clone(), 404);
    c.call(leave, None, left.clone(), 429);
    c.call(leave_further, None, left, 429);
    let messages = "GET /v1/messages/{property=acme}";
    let page = c.call(&format!("{messages}?limit=1"), token, Value::Null, 200);
    assert_eq!(page["messages"][0]["widget"], "acme/sales");
    let next = page["next"].as_i64().expect("a further page");
    let page = c.call(&format!("{messages}?before={next}"), admin, Value::Null, 200);
    assert_eq!(page["messages"][0]["widget"], "acme");
    assert_eq!(page["next"], Value::Null);
    c.call(messages, None, Value::Null, 401);
    c.call(messages, Some(eve), Value::Null, 403);
    c.call("GET /v1/messages/{property=none}", admin, Value::Null, 404);
}
