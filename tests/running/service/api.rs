//! Every call of the API: what it answers, and that its document says so.

use serde_json::{Value, json};

use super::schema::Document;
use crate::client::{Client, KEY, NOON, start, start_with};
use lamplighter_service::{Clock, FailuresMax, Limits};

/// Makes calls by their paths in the document.
struct Calls<'a> {
    client: &'a Client,
    document: Document,
    headers: &'static [(&'static str, &'static str)],
}

impl Calls<'_> {
    fn call(&mut self, call: &str, bearer: Option<&str>, body: Value, status: u16) -> Value {
        self.raw(call, bearer, (!body.is_null()).then(|| body.to_string()), status)
    }

    /// A write that goes by a version that is none of now.
    fn outdated(&mut self, call: &str, body: Value) {
        self.headers = &[("if-match", "\"0123456789abcdef\"")];
        let problem = self.call(call, Some(KEY), body, 412);
        assert!(problem["version"].is_string(), "{problem}");
        self.headers = &[];
    }

    /// `GET /v1/team/{property=acme}?x=y`: what stands behind `=` is put in.
    fn raw(
        &mut self,
        call: &str,
        bearer: Option<&str>,
        body: Option<String>,
        status: u16,
    ) -> Value {
        let (method, path) = call.split_once(' ').expect("a method and a path");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (mut template, mut concrete) = (String::new(), String::new());
        for segment in path.split('/').skip(1) {
            let named = segment.trim_matches(['{', '}']).split_once('=');
            let (name, value) = match named {
                Some((name, value)) => (format!("{{{name}}}"), value),
                None => (segment.to_owned(), segment),
            };
            template = format!("{template}/{name}");
            concrete = format!("{concrete}/{value}");
        }
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        let path = format!("{concrete}{query}");
        let answer =
            self.client.try_call_with(method, &path, bearer, self.headers, body.as_deref());
        let answer = answer.unwrap_or_else(|error| panic!("{call}: {error}"));
        assert_eq!(answer.status, status, "{call}: {}", answer.text);
        let kind =
            answer.headers.get("content-type").map_or("", |kind| kind.to_str().expect("ASCII"));
        self.document.check(method, &template, status, kind, &answer.body);
        answer.body
    }
}

/// Everything that can go wrong with any body.
fn wrong_bodies(calls: &mut Calls<'_>, call: &str, bearer: Option<&str>) {
    calls.raw(call, bearer, Some("{".to_owned()), 400);
    calls.raw(call, bearer, Some(format!("\"{}\"", "x".repeat(300 * 1_024))), 413);
    let problem = calls.raw(call, bearer, Some("{\"nonsense\": 1}".to_owned()), 422);
    assert_eq!(problem["field"], "nonsense");
}

/// Members one by one, and settings without the rest of the document; in the end all is as before.
fn changes_of_a_part(c: &mut Calls<'_>, admin: Option<&str>, acme: &Value) {
    let property = "/v1/properties/{property=acme}";
    let get = |c: &mut Calls<'_>| c.call(&format!("GET {property}"), admin, Value::Null, 200);
    let patch = format!("PATCH {property}");
    c.call(&patch, admin, json!({"pre_chat_form": false, "hide_on": []}), 200);
    let mut changed = acme.clone();
    (changed["pre_chat_form"], changed["hide_on"]) = (json!(false), json!([]));
    assert_eq!(get(c), changed);
    c.call(&patch, admin, json!({"pre_chat_form": true, "hide_on": ["mobile"]}), 200);
    for (field, wrong) in [
        ("hide_on[0]", json!({"hide_on": ["fridge"]})),
        ("members[0]", json!({"members": ["anm"]})),
        ("colour", json!({"colour": "red"})),
        ("scheduler.timezone", json!({"scheduler": {"timezone": "America/NewYork"}})),
    ] {
        let problem = c.call(&patch, admin, wrong, 422);
        assert_eq!(problem["field"], field, "{problem}");
    }
    c.call(&patch, None, json!({}), 401);
    c.call("PATCH /v1/properties/{property=none}", admin, json!({}), 404);
    wrong_bodies(c, &patch, admin);

    let further = format!("PATCH {property}/widgets/{{widget=sales}}");
    c.call(&further, admin, json!({"hide_when_offline": true}), 200);
    let kept = c.call(&further.replace("PATCH", "GET"), admin, Value::Null, 200);
    assert_eq!((&kept["pre_chat_form"], &kept["hide_when_offline"]), (&json!(true), &json!(true)));
    c.call(&further, None, json!({}), 401);
    c.call(&further.replace("sales", "none"), admin, json!({}), 404);
    c.call(&further, admin, json!({"members": []}), 422);
    wrong_bodies(c, &further, admin);

    let member = |agent: &str| format!("{property}/members/{{agent={agent}}}");
    c.call(&format!("PUT {}", member("eve")), admin, json!({"suspended": true}), 201);
    assert_eq!(get(c)["suspended"], json!(["bob", "eve"]));
    c.call(&format!("PUT {}", member("eve")), admin, json!({"suspended": false}), 200);
    let known = get(c);
    assert_eq!(known["members"], json!(["ann", "bob", "eve"]));
    assert_eq!(known["suspended"], json!(["bob"]));
    c.call(&format!("PUT {}", member("nobody")), admin, json!({}), 404);
    c.call(&format!("PUT {}", member("eve")), None, json!({}), 401);
    wrong_bodies(c, &format!("PUT {}", member("eve")), admin);
    c.call(&format!("DELETE {}", member("eve")), None, Value::Null, 401);
    c.call(&format!("DELETE {}", member("eve")), admin, Value::Null, 200);
    c.call(&format!("DELETE {}", member("eve")), admin, Value::Null, 404);
    assert_eq!(get(c), *acme);
}

/// Sessions, accounts and messages that end; in the end there is one message less, and no `eve`.
fn accounts_and_messages(c: &mut Calls<'_>, admin: Option<&str>, token: Option<&str>, eve: &str) {
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

/// A further widget of the property that is called about.
const FURTHER: &str = "/v1/properties/{property=acme}/widgets/{widget=sales}";

/// The probes and the metrics; accounts put, and by whom and with what not.
fn probes_and_accounts(c: &mut Calls<'_>) {
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

/// A property on which as much as can be is set.
fn acme() -> Value {
    json!({
        "members": ["ann", "bob"], "suspended": ["bob"],
        "scheduler": {"timezone": "America/New_York", "hours": {"mon": ["09:00-17:00"]},
            "every": [{"days": "sat", "hours": ["09:00-12:00"], "weeks": 2, "from": "2026-01-03"}],
            "dates": {"2026-12-25": []},
            "cuts": [{"dates": "2026-06-19", "hours": ["13:00-16:00"]}]},
        "hide_on": ["mobile"], "pages": {"show": ["/shop/*"], "hide": ["/shop/jobs"]},
        "countries": {"except": ["AQ"]},
        "greetings": {"online": "Hello", "away": "Soon", "offline": "Later"},
        "pre_chat_form": true, "offline_when_all_agents_offline": true, "hide_when_offline": true
    })
}

/// A property put and read, and by whom not; what is wrong changes nothing.
fn properties(c: &mut Calls<'_>, acme: &Value) {
    let admin = Some(KEY);
    c.call("PUT /v1/properties/{property=acme}", admin, acme.clone(), 201);
    c.call("PUT /v1/properties/{property=acme}", admin, acme.clone(), 200);
    assert_eq!(c.call("GET /v1/properties/{property=acme}", admin, Value::Null, 200), *acme);
    c.call("GET /v1/properties/{property=none}", admin, Value::Null, 404);
    c.call("PUT /v1/properties/{property=acme}", None, json!({}), 401);
    c.call("GET /v1/properties/{property=acme}", None, Value::Null, 401);
    wrong_bodies(c, "PUT /v1/properties/{property=acme}", admin);
    wrong_properties(c);
    assert_eq!(c.call("GET /v1/properties/{property=acme}", admin, Value::Null, 200), *acme);
}

/// Bodies of a property that are refused, each with the field at fault.
fn wrong_properties(c: &mut Calls<'_>) {
    for (field, wrong) in [
        (
            "scheduler.hours.mon[1]",
            json!({"scheduler": {"timezone": "UTC",
            "hours": {"mon": ["09:00-10:00", "9-10"]}}}),
        ),
        ("scheduler.hours.mo", json!({"scheduler": {"timezone": "UTC", "hours": {"mo": []}}})),
        (
            "scheduler.dates.2026-02-30",
            json!({"scheduler": {"timezone": "UTC",
            "dates": {"2026-02-30": []}}}),
        ),
        ("scheduler.timezone", json!({"scheduler": {"timezone": "America/NewYork"}})),
        ("scheduler.timezone", json!({"scheduler": {}})),
        ("members[1]", json!({"members": ["ann", "anm"]})),
        ("members[1]", json!({"members": ["ann", "ann"]})),
        ("members[0]", json!({"members": ["a b"]})),
        ("suspended[0]", json!({"members": ["ann"], "suspended": ["bob"]})),
        ("pages.show[0]", json!({"pages": {"show": [""]}})),
        ("countries.only[0]", json!({"countries": {"only": ["de"]}})),
        ("hide_on[0]", json!({"hide_on": ["fridge"]})),
        ("hide_when_offline", json!({"hide_when_offline": "yes"})),
    ] {
        let problem = c.call("PUT /v1/properties/{property=acme}", Some(KEY), wrong, 422);
        assert_eq!(problem["field"], field, "{problem}");
    }
}

/// A further widget put and read, by whom and under which names not.
fn further_widgets(c: &mut Calls<'_>) {
    let admin = Some(KEY);
    c.call(&format!("PUT {FURTHER}"), admin, json!({}), 201);
    c.call(&format!("PUT {FURTHER}"), admin, json!({"pre_chat_form": true}), 200);
    c.call(&format!("PUT {FURTHER}"), None, json!({}), 401);
    c.call("PUT /v1/properties/{property=none}/widgets/{widget=sales}", admin, json!({}), 404);
    wrong_bodies(c, &format!("PUT {FURTHER}"), admin);
    c.call("PUT /v1/properties/{property=acme}/widgets/{widget=events}", admin, json!({}), 422);
    let kept = c.call(&format!("GET {FURTHER}"), admin, Value::Null, 200);
    assert_eq!(kept["pre_chat_form"], true);
    c.call(&format!("GET {FURTHER}"), None, Value::Null, 401);
    let none = "/v1/properties/{property=acme}/widgets/{widget=none}";
    c.call(&format!("GET {none}"), admin, Value::Null, 404);
}

/// What holds for the whole service.
fn settings_of_the_service(c: &mut Calls<'_>) {
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

/// Logins, refused ones and one too many; the tokens of a member and of somebody else.
fn logins(c: &mut Calls<'_>) -> (String, String) {
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
fn statuses(c: &mut Calls<'_>, token: Option<&str>) {
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

/// What visitors see, and why they see nothing.
fn what_visitors_see(c: &mut Calls<'_>) {
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
fn widgets_that_are_not(c: &mut Calls<'_>) {
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
fn messages_of_visitors(c: &mut Calls<'_>, token: Option<&str>, eve: &str) {
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

/// What the members of a property are told, and nobody else.
fn team_and_explanations(c: &mut Calls<'_>, token: Option<&str>, eve: &str) {
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

/// The manual clock.
fn manual_clock(c: &mut Calls<'_>) {
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
fn journal(c: &mut Calls<'_>, token: Option<&str>) {
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

/// Writes by a version of before, and everything deleted.
fn outdated_and_deleted(c: &mut Calls<'_>) {
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

/// Whether every answer and every field of the document was met here, but for those that other tests meet.
fn nothing_was_missed(document: &Document) {
    let met_elsewhere = |answer: &(String, String, String)| {
        let (_, path, status) = answer;
        // Sockets and streams: `live`, and too many of them: `bounded`. Slow bodies and services that
        // stop or are full: `hardened`.
        let is_live = path == "/v1/connect"
            || path.ends_with("/events") && ["200", "429"].contains(&status.as_str());
        // Metrics on an address of their own: `accounts`.
        let is_apart = path == "/metrics" && status == "404";
        is_live || is_apart || status == "408" || status == "503"
    };
    let missed: Vec<_> =
        document.missed_answers().into_iter().filter(|answer| !met_elsewhere(answer)).collect();
    assert!(missed.is_empty(), "in the document, but never met: {missed:#?}");
    assert_eq!(document.missed_fields(), [""; 0], "in the document, but never met");
}

#[test]
fn every_call_answers_as_its_document_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits {
        failures_max: FailuresMax { of_address: 100, ..FailuresMax::of(3) },
        messages_max: 4,
        devices_max: 2,
        ..crate::client::limits()
    };
    let manual = Clock::manual(NOON.parse().expect("an instant"));
    let service = start_with(folder.path(), manual, limits);
    let client = service.client();
    let document = client.get("/openapi.json");
    let mut calls = Calls { client: &client, document: Document::new(document), headers: &[] };
    let c = &mut calls;
    let admin = Some(KEY);

    probes_and_accounts(c);
    let acme = acme();
    properties(c, &acme);
    further_widgets(c);
    changes_of_a_part(c, admin, &acme);
    settings_of_the_service(c);
    let (ann, eve) = logins(c);
    let token = Some(ann.as_str());
    statuses(c, token);
    what_visitors_see(c);
    widgets_that_are_not(c);
    messages_of_visitors(c, token, &eve);
    team_and_explanations(c, token, &eve);
    accounts_and_messages(c, admin, token, &eve);
    manual_clock(c);
    wrong_bodies(c, "POST /v1/logout", token);
    c.call("POST /v1/logout", token, json!({"everywhere": true}), 200);
    c.call("POST /v1/logout", token, Value::Null, 401);
    journal(c, token);
    outdated_and_deleted(c);

    // A machine's clock cannot be put.
    let other = tempfile::tempdir().expect("a folder");
    let by_machine = start_with(other.path(), Clock::system(), crate::client::limits());
    let by_machine = by_machine.client();
    let calls_there = &mut Calls { client: &by_machine, document: calls.document, headers: &[] };
    calls_there.call("PUT /v1/clock", admin, json!({"now": NOON}), 404);
    calls_there.call("GET /v1/clock", admin, Value::Null, 404);

    nothing_was_missed(&calls_there.document);
}

#[test]
fn what_there_is_not_and_how_it_is_not_asked_are_problems_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    for (method, path, status) in [
        ("GET", "/v1/nothing", 404),
        ("DELETE", "/v1/login", 405),
        ("GET", "/v1/team/%FF", 400),
        ("GET", "/v1/widgets/%FF", 400),
        ("GET", "/v1/widgets/", 404),
        ("GET", "/assets/nothing.js", 404),
    ] {
        let answer = client.call(method, path, Some(KEY), Value::Null);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}");
        assert_eq!(answer.body["status"], status);
    }
}

#[test]
fn visitors_calls_are_for_scripts_of_any_page_and_no_others_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    let origin = |method: &str, path: &str| {
        let answer = client.call(method, path, Some(KEY), Value::Null);
        answer.headers.get("access-control-allow-origin").cloned()
    };
    for (method, path) in [
        ("GET", "/v1/widgets/acme"),
        ("GET", "/v1/widgets/none"),
        ("GET", "/v1/widgets/none/events"),
        ("OPTIONS", "/v1/widgets/acme/messages"),
        ("GET", "/widget.js"),
    ] {
        assert_eq!(origin(method, path).expect("for any page"), "*", "{method} {path}");
    }
    for path in ["/v1/team/acme", "/v1/settings", "/v1/properties/acme", "/metrics", "/"] {
        assert_eq!(origin("GET", path), None, "{path}");
        let answer = client.call("GET", path, Some(KEY), Value::Null);
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert!(answer.headers.contains_key("content-security-policy"), "{path}");
    }
}

#[test]
fn visitors_learn_nothing_internal() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    client.acme(&["ann"], json!({}));
    client.log_in("ann", "laptop");
    let answer = client.call("GET", "/v1/widgets/acme", None, Value::Null);
    for internal in ["ann", "laptop", "agent", "reason"] {
        assert!(!answer.text.contains(internal), "{}", answer.text);
    }
}

#[test]
fn versions_grow_with_every_change_and_answers_tell_what_they_knew() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start(folder.path());
    let client = service.client();
    let hours = json!({"timezone": "UTC", "hours": {"mon": ["09:00-17:00"]}});
    client.acme(&["ann"], json!({"scheduler": hours}));
    let seen = || client.get("/v1/widgets/acme")["version"].as_u64().expect("a version");
    let mut last = seen();
    let mut grown = |what: &str, written: &Value| {
        let written = written["version"]["acme"].as_u64().unwrap_or(last + 1);
        let now = seen();
        assert!(last < written && written <= now, "{what}: {last}, {written}, {now}");
        last = now;
    };
    let body = json!({"agent": "ann", "password": "correct horse", "device": "laptop"});
    let login = client.call("POST", "/v1/login", None, body).body;
    grown("login", &login);
    let token = login["token"].as_str().expect("a token");
    let set = client.call("PUT", "/v1/status", Some(token), json!({"status": "away"})).body;
    grown("status", &set);
    grown("settings", &client.admin("PUT", "/v1/settings", json!({"grace": "1m"})));
    grown("edge", &client.admin("PUT", "/v1/clock", json!({"now": "2026-03-09T17:00:00Z"})));
    let put = client.admin("PUT", "/v1/properties/acme", json!({"members": ["ann"]}));
    grown("property", &put);
}
