//! Properties and their widgets: put, read and changed, and what is refused of them.

use serde_json::{Value, json};

use super::calls::{Calls, wrong_bodies};
use crate::client::KEY;

/// A further widget of the property that is called about.
pub const FURTHER: &str = "/v1/properties/{property=acme}/widgets/{widget=sales}";

/// A property on which as much as can be is set.
pub fn acme() -> Value {
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
pub fn properties(c: &mut Calls<'_>, acme: &Value) {
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
pub fn wrong_properties(c: &mut Calls<'_>) {
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
pub fn further_widgets(c: &mut Calls<'_>) {
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

/// Members one by one, and settings without the rest of the document; in the end all is as before.
pub fn changes_of_a_part(c: &mut Calls<'_>, admin: Option<&str>, acme: &Value) {
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
