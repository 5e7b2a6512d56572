//! What is of the whole service: its settings, its clock and its journal, and who is told what.

use serde_json::{Value, json};

use super::calls::{Calls, wrong_bodies};
use super::properties::FURTHER;
use crate::client::{KEY, NOON};

/// What holds for the whole service.
pub fn settings_of_the_service(c: &mut Calls<'_>) {
    let admin = Some(KEY);
    c.call("PUT /v1/settings", admin, json!({"grace": 90, "auto_away": 600.0}), 200);
    c.call("PUT /v1/settings", admin, json!({"grace": "90s", "auto_away": "10m"}), 200);
    c.call("PUT /v1/settings", None, json!({}), 401);
    wrong_bodies(c, "PUT /v1/settings", admin);
    let problem = c.call("PUT /v1/settings", admin, json!({"auto_away": "0s"}), 422);
    assert_eq!(problem["field"], "auto_away");
    let settings = c.call("GET /v1/settings", admin, Value::Null, 200);
    assert_eq!(settings, json!({"grace": "1m30s", "auto_away": "10m"}));
    c.call("GET /v1/settings", None, Value::Null, 401);
}

/// The manual clock.
pub fn manual_clock(c: &mut Calls<'_>) {
    let admin = Some(KEY);
    c.call("PUT /v1/clock", admin, json!({"now": "2026-03-09T16:00:30Z"}), 200);
    c.call("PUT /v1/clock", admin, json!({"now": "2026-03-09T16:00:00Z"}), 409);
    c.call("PUT /v1/clock", None, json!({"now": NOON}), 401);
    wrong_bodies(c, "PUT /v1/clock", admin);
    let problem = c.call("PUT /v1/clock", admin, json!({"now": "noon"}), 422);
    assert_eq!(problem["field"], "now");
    c.call("GET /v1/clock", admin, Value::Null, 200);
    c.call("GET /v1/clock", None, Value::Null, 401);
}

/// The journal as a trace, and what is reckoned by it.
pub fn journal(c: &mut Calls<'_>, token: Option<&str>) {
    let admin = Some(KEY);
    c.call("GET /v1/trace", admin, Value::Null, 200);
    c.call("GET /v1/trace", None, Value::Null, 401);
    c.call("GET /v1/trace?from=yesterday", admin, Value::Null, 422);
    let coverage = "GET /v1/coverage/{property=acme}";
    c.call(coverage, admin, Value::Null, 200);
    c.call(coverage, None, Value::Null, 401);
    c.call(coverage, token, Value::Null, 401);
    c.call("GET /v1/coverage/{property=none}", admin, Value::Null, 404);
    for wrong in ["from=yesterday", "to=now", "from=2025-03-08T16:00:00Z"] {
        let problem = c.call(&format!("{coverage}?{wrong}"), admin, Value::Null, 422);
        assert_eq!(problem["field"], wrong.split('=').next().expect("a field"));
    }
}

/// What the members of a property are told, and nobody else.
pub fn team_and_explanations(c: &mut Calls<'_>, token: Option<&str>, eve: &str) {
    let admin = Some(KEY);
    let team = c.call("GET /v1/team/{property=acme}", token, Value::Null, 200);
    assert_eq!(
        team,
        json!([{"agent": "ann", "status": "online"}, {"agent": "bob", "status": "offline"}])
    );
    c.call("GET /v1/team/{property=acme}", None, Value::Null, 401);
    c.call("GET /v1/team/{property=acme}", Some(eve), Value::Null, 403);
    c.call("GET /v1/team/{property=none}", admin, Value::Null, 404);
    let why = c.call("GET /v1/explain/{property=acme}", token, Value::Null, 200);
    assert_eq!((&why["reason"], &why["rule"]), (&json!("agent-online"), &json!("W2")));
    c.call("GET /v1/explain/{property=acme}/{widget=sales}", admin, Value::Null, 200);
    for explain in ["/v1/explain/{property=acme}", "/v1/explain/{property=acme}/{widget=sales}"] {
        c.call(&format!("GET {explain}"), None, Value::Null, 401);
        c.call(&format!("GET {explain}"), Some(eve), Value::Null, 403);
    }
    c.call("GET /v1/explain/{property=none}", admin, Value::Null, 404);
    c.call("GET /v1/explain/{property=acme}/{widget=none}", admin, Value::Null, 404);
}

/// Writes by a version of before, and everything deleted.
pub fn outdated_and_deleted(c: &mut Calls<'_>) {
    let admin = Some(KEY);
    for thing in ["/v1/properties/{property=acme}", FURTHER] {
        c.outdated(&format!("PUT {thing}"), json!({}));
        c.outdated(&format!("PATCH {thing}"), json!({}));
        c.outdated(&format!("DELETE {thing}"), Value::Null);
    }
    c.outdated("PUT /v1/settings", json!({}));
    c.outdated("PUT /v1/properties/{property=acme}/members/{agent=ann}", json!({}));
    c.outdated("DELETE /v1/properties/{property=acme}/members/{agent=ann}", Value::Null);
    c.call(&format!("DELETE {FURTHER}"), None, Value::Null, 401);
    c.call(&format!("DELETE {FURTHER}"), admin, Value::Null, 200);
    c.call(&format!("DELETE {FURTHER}"), admin, Value::Null, 404);
    c.call("DELETE /v1/properties/{property=acme}", None, Value::Null, 401);
    c.call("DELETE /v1/properties/{property=acme}", admin, Value::Null, 409);
    c.call("DELETE /v1/properties/{property=acme}?messages=some", admin, Value::Null, 422);
    c.call("DELETE /v1/properties/{property=acme}?messages=delete", admin, Value::Null, 200);
    c.call("DELETE /v1/properties/{property=acme}", admin, Value::Null, 404);
    assert_eq!(c.client.call("GET", "/v1/widgets/acme", None, Value::Null).status, 404);
    c.call("PUT /v1/properties/{property=acme}", admin, json!({}), 201);
    assert_eq!(c.client.status("acme"), "offline");
}
