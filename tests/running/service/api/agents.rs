//! Accounts, logins and what a device says of itself.

use serde_json::{Value, json};

use super::calls::{Calls, wrong_bodies};
use crate::client::KEY;

/// The probes and the metrics; accounts put, and by whom and with what not.
pub fn probes_and_accounts(c: &mut Calls<'_>) {
    let admin = Some(KEY);
    for call in ["GET /healthz", "GET /readyz", "GET /metrics"] {
        c.call(call, None, Value::Null, 200);
    }
    c.call("PUT /v1/agents/{agent=ann}", admin, json!({"password": "correct horse"}), 201);
    c.call("PUT /v1/agents/{agent=ann}", admin, json!({"password": "correct horse"}), 200);
    c.call("PUT /v1/agents/{agent=bob}", admin, json!({"password": "correct horse"}), 201);
    c.call("PUT /v1/agents/{agent=eve}", admin, json!({"password": "correct horse"}), 201);
    c.call("PUT /v1/agents/{agent=ann}", None, json!({"password": "correct horse"}), 401);
    wrong_bodies(c, "PUT /v1/agents/{agent=ann}", admin);
    let problem = c.call("PUT /v1/agents/{agent=a@b}", admin, json!({"password": "12345678"}), 422);
    assert_eq!(problem["field"], "agent");
}

/// Logins, refused ones and one too many; the tokens of a member and of somebody else.
pub fn logins(c: &mut Calls<'_>) -> (String, String) {
    wrong_bodies(c, "POST /v1/login", None);
    let login = |agent: &str, device: &str, password: &str| json!({"agent": agent, "device": device, "password": password});
    let ann = c.call("POST /v1/login", None, login("ann", "laptop", "correct horse"), 201);
    let token = |answer: &Value| answer["token"].as_str().expect("a token").to_owned();
    assert_eq!(ann["properties"], json!(["acme"]));
    c.call("POST /v1/login", None, login("ann", "phone", "correct horse"), 201);
    c.call("POST /v1/login", None, login("ann", "watch", "correct horse"), 409);
    for _ in 0..3 {
        c.call("POST /v1/login", None, login("bob", "desk", "wrong horse"), 401);
    }
    c.call("POST /v1/login", None, login("bob", "desk", "correct horse"), 429);
    let eve = c.call("POST /v1/login", None, login("eve", "desk", "correct horse"), 201);
    (token(&ann), token(&eve))
}

/// What a device says of itself.
pub fn statuses(c: &mut Calls<'_>, token: Option<&str>) {
    c.call("PUT /v1/status", token, json!({"status": "away", "everywhere": true}), 200);
    let timed = c.call("PUT /v1/status", token, json!({"status": "away", "for": "30m"}), 200);
    assert!(timed["until"].is_string(), "{timed}");
    let set = c.call("PUT /v1/status", token, json!({"status": "online"}), 200);
    assert_eq!(set["status"], "online");
    c.call("PUT /v1/status", None, json!({"status": "online"}), 401);
    wrong_bodies(c, "PUT /v1/status", token);
    let problem = c.call("PUT /v1/status", token, json!({"status": "busy"}), 422);
    assert_eq!(problem["field"], "status");
    c.call("POST /v1/activity", token, Value::Null, 200);
    c.call("POST /v1/activity", Some("nobody's"), Value::Null, 401);
    c.call("GET /v1/connect", None, Value::Null, 400);
}

/// Sessions, accounts and messages that end; in the end there is one message less, and no `eve`.
pub fn accounts_and_messages(
    c: &mut Calls<'_>,
    admin: Option<&str>,
    token: Option<&str>,
    eve: &str,
) {
    let devices = "/v1/agents/{agent=ann}/devices";
    let seen = c.call(&format!("GET {devices}"), token, Value::Null, 200);
    assert_eq!(seen[1]["device"], "phone");
    c.call(&format!("GET {devices}"), None, Value::Null, 401);
    c.call(&format!("GET {devices}"), Some(eve), Value::Null, 403);
    c.call("GET /v1/agents/{agent=none}/devices", admin, Value::Null, 404);
    let rename = format!("PATCH {devices}/{{device=phone}}");
    c.call(&rename, token, json!({"device": "phone"}), 200);
    c.call(&rename, token, json!({"device": "laptop"}), 409);
    c.call(&rename, None, json!({"device": "tablet"}), 401);
    c.call(&rename, Some(eve), json!({"device": "tablet"}), 403);
    c.call(&rename.replace("phone", "watch"), token, json!({"device": "tablet"}), 404);
    let problem = c.call(&rename, token, json!({"device": "a/b"}), 422);
    assert_eq!(problem["field"], "device");
    wrong_bodies(c, &rename, token);
    let phone = format!("DELETE {devices}/{{device=phone}}");
    c.call(&phone, None, Value::Null, 401);
    c.call(&phone, Some(eve), Value::Null, 403);
    c.call(&phone, token, Value::Null, 200);
    c.call(&phone.replace("phone", "tablet"), token, Value::Null, 404);

    let wrong = json!({"password": "another horse", "current": "a wrong horse"});
    c.call("PUT /v1/agents/{agent=ann}", Some(eve), wrong.clone(), 403);
    for _ in 0..3 {
        c.call("PUT /v1/agents/{agent=eve}", Some(eve), wrong.clone(), 403);
    }
    c.call("PUT /v1/agents/{agent=eve}", Some(eve), wrong, 429);
    c.call("DELETE /v1/agents/{agent=eve}", None, Value::Null, 401);
    c.call("DELETE /v1/agents/{agent=eve}", admin, Value::Null, 200);
    c.call("DELETE /v1/agents/{agent=eve}", admin, Value::Null, 404);

    let messages = c.call("GET /v1/messages/{property=acme}", admin, Value::Null, 200);
    let id = &messages["messages"][0]["id"];
    let message = format!("DELETE /v1/messages/{{property=acme}}/{{id={id}}}");
    c.call(&message, None, Value::Null, 401);
    c.call(&message, admin, Value::Null, 200);
    c.call(&message, admin, Value::Null, 404);
    c.call("DELETE /v1/messages?email=nobody@example.com", admin, Value::Null, 200);
    c.call("DELETE /v1/messages?email=nobody@example.com", None, Value::Null, 401);
    c.call("DELETE /v1/messages?email=nobody", admin, Value::Null, 422);
    let audit = c.call("GET /v1/audit?limit=1", admin, Value::Null, 200);
    assert_eq!(audit["entries"][0]["path"], "/v1/messages");
    c.call("GET /v1/audit", None, Value::Null, 401);
    for list in ["GET /v1/properties", "GET /v1/agents"] {
        c.call(list, admin, Value::Null, 200);
        c.call(list, None, Value::Null, 401);
    }
    for page in [
        "GET /v1/properties",
        "GET /v1/agents",
        "GET /v1/audit",
        "GET /v1/messages/{property=acme}",
    ] {
        let problem = c.call(&format!("{page}?limit=many"), admin, Value::Null, 422);
        assert_eq!(problem["field"], "limit", "{page}");
    }
    c.call("DELETE /v1/messages/{property=acme}/{id=first}", admin, Value::Null, 422);
}
