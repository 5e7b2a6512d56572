//! Who calls: the admin, devices, visitors, the observer; cookies, counters, secrets (rules T4, T12,
//! T16, T17, T19, T26, T30, T48 of target files).

use std::sync::Arc;

use lamplighter_core::model::{Chosen, Settings, Visitor};
use lamplighter_core::world::Timing;
use lamplighter_target::driver::{
    CreatedObjects, Device, Driver, DriverOptions, Leftovers, Member, RunError, SessionEnd,
};

use super::fake::{Fake, Reply, Seen, ok, status};
use super::{Heard, driver, driver_that};

const WHOLE: &str = r#"
[http]
gone = { status = 401 }
[admin]
headers = { Authorization = "Bearer {{admin_token}}" }
login = { post = "/admin", json = { password = "{{admin_password}}" }, keep.admin_token = { json = "/token" } }
[vars]
admin_password = "hunter2hunter2"
[agent]
make = { post = "/agents", json = { name = "{{agent}}", password = "{{password}}" }, keep.id = { json = "/id" } }
delete = { delete = "/agents/{{id}}" }
[property]
make = { post = "/properties", form = { name = "{{property}}" }, keep.room = { json = "/id" } }
delete = { delete = "/properties/{{room}}" }
[member]
add = { put = "/properties/{{room}}/members/{{id}}" }
remove = { delete = "/properties/{{room}}/members/{{id}}" }
[device]
login = { as = "visitor", post = "/login", json = { agent = "{{agent}}", device = "{{device}}" }, keep.token = { json = "/token" } }
status = { put = "/status/{{+n}}", for = "property", json = { status = "{{value}}", room = "{{room}}" } }
logout = { post = "/logout" }
headers = { Authorization = "Bearer {{token}}" }
[team]
read = { as = "admin", get = "/properties/{{room}}/team" }
name = "/name"
said = "/status"
values = { online = "online", away = "away", offline = "offline" }
[widget]
from = "team"
"#;

fn answers(seen: &Seen, place: usize) -> Reply {
    let cookie = ("Set-Cookie", format!("sid=cookie-{place}-secret; Path=/"));
    match (&*seen.method, &*seen.path) {
        ("POST", "/login") => {
            Reply::Plain(201, vec![cookie], br#"{"token":"token-of-a-device"}"#.to_vec())
        }
        ("POST", "/admin") => ok(r#"{"token":"token-of-admin"}"#),
        ("POST", "/agents") => ok(format!(r#"{{"id":"a{place}"}}"#)),
        ("POST", "/properties") => ok(format!(r#"{{"id":"p{place}"}}"#)),
        ("GET", _) => ok("[]"),
        _ => ok(""),
    }
}

async fn acme(driver: &Arc<Driver>, made: &mut CreatedObjects) -> (Arc<Device>, Member) {
    driver.begin(made).await.expect("begun");
    let property = driver.make_property(&Settings::default(), Timing::default(), made).await;
    let property = property.expect("made").expect("there");
    let agent = driver.make_agents(1, made).await.expect("made").expect("there").remove(0);
    let member = driver.add_member(&agent, &property, made).await.expect("added");
    let device = Device::new(&agent, 1);
    device.is_member_of(std::slice::from_ref(&member));
    (device, member)
}

#[tokio::test]
async fn a_life_is_the_calls_of_its_sections_with_what_was_kept_and_clears_up() {
    let fake = Fake::start(answers).await;
    let driver = driver(&fake, WHOLE);
    let mut made = CreatedObjects::default();
    let (device, member) = acme(&driver, &mut made).await;
    assert!(driver.log_in(&device).await.expect("goes on").is_done());
    for chosen in [Chosen::Away, Chosen::Online] {
        assert!(driver.set_status(&device, chosen, None).await.expect("goes on").is_done());
    }
    let members = [member];
    let team = driver.read_team(&members[0].property, &members).await.expect("goes on");
    assert_eq!(team.what.expect("read")[0].to_string(), "offline");
    assert!(driver.log_out(&device).await.expect("goes on").is_done());
    let left = driver.clear(&mut made).await;
    assert_eq!(left, Default::default());
    assert_eq!(
        fake.lines(),
        [
            "POST /admin",
            "POST /properties",
            "POST /agents",
            "PUT /properties/p1/members/a2",
            "POST /login",
            "PUT /status/1",
            "PUT /status/2",
            "GET /properties/p1/team",
            "POST /logout",
            "DELETE /properties/p1/members/a2",
            "DELETE /properties/p1",
            "DELETE /agents/a2",
        ]
    );
    let calls = fake.calls();
    assert_eq!(calls[5].body, r#"{"status":"away","room":"p1"}"#);
    assert_eq!(calls[5].header("authorization"), "Bearer token-of-a-device");
    assert_eq!(calls[5].header("cookie"), "sid=cookie-4-secret");
    assert_eq!((calls[4].header("authorization"), calls[4].header("cookie")), ("", ""));
    assert_eq!(calls[7].header("authorization"), "Bearer token-of-admin");
    assert!(calls[1].body.starts_with("name=ll"), "{}", calls[1].body);
}

#[tokio::test]
async fn t12_a_login_empties_the_jar_and_begins_counters_anew() {
    let fake = Fake::start(answers).await;
    let driver = driver(&fake, WHOLE);
    let (device, _) = acme(&driver, &mut CreatedObjects::default()).await;
    for _ in 0..2 {
        driver.log_in(&device).await.expect("goes on");
        driver.set_status(&device, Chosen::Away, None).await.expect("goes on");
    }
    let calls = fake.calls();
    let login = &calls[calls.len() - 2];
    assert_eq!((&*login.path, login.header("cookie")), ("/login", ""));
    assert_eq!(calls.last().expect("some").path, "/status/1");
}

#[tokio::test]
async fn t26_no_secret_is_told_whoever_sent_it() {
    let fake = Fake::start(answers).await;
    let heard = Arc::new(Heard::default());
    let options = DriverOptions { listener: Some(heard.clone()), ..DriverOptions::default() };
    let driver = driver_that(&fake, WHOLE, options);
    let (device, _) = acme(&driver, &mut CreatedObjects::default()).await;
    driver.log_in(&device).await.expect("goes on");
    driver.set_status(&device, Chosen::Away, None).await.expect("goes on");
    let told = format!("{:?}", heard.all());
    let sent = fake.calls();
    let password = sent.iter().find(|call| call.path == "/agents").expect("made").body.clone();
    let password = password.split('"').rev().nth(1).expect("a password").to_owned();
    for secret in ["hunter2hunter2", "token-of-admin", "token-of-a-device", "cookie-4", &password] {
        assert!(!told.contains(secret), "{secret} is told: {told}");
        assert!(format!("{sent:?}").contains(secret) || secret == "cookie-4", "{secret}");
    }
    assert!(told.contains("***password***") && told.contains("***token***"), "{told}");
}

#[tokio::test]
async fn t4_the_admin_logs_in_again_once_and_twice_ends_the_run() {
    let fake = Fake::start(|seen, place| match (&*seen.path, place) {
        ("/properties", 1) => status(401),
        ("/agents", 5..) => status(401),
        _ => answers(seen, place),
    })
    .await;
    let driver = driver(&fake, WHOLE);
    let mut made = CreatedObjects::default();
    driver.begin(&mut made).await.expect("begun");
    let property = driver.make_property(&Settings::default(), Timing::default(), &mut made).await;
    assert!(property.expect("made").is_some());
    assert_eq!(
        fake.lines(),
        ["POST /admin", "POST /properties", "POST /admin", "POST /properties"]
    );
    driver.make_agents(1, &mut made).await.expect("made");
    let error = driver.make_agents(1, &mut made).await.expect_err("gone twice");
    assert!(matches!(error, RunError::GoneAgain { caller: "admin", .. }), "{error:?}");
}

#[tokio::test]
async fn t4_a_device_whose_session_is_gone_is_not_logged_in_again() {
    let fake = Fake::start(|seen, place| match &*seen.path {
        "/status/1" => status(401),
        _ => answers(seen, place),
    })
    .await;
    let driver = driver(&fake, WHOLE);
    let (device, _) = acme(&driver, &mut CreatedObjects::default()).await;
    driver.log_in(&device).await.expect("goes on");
    let write = driver.set_status(&device, Chosen::Away, None).await.expect("goes on");
    assert_eq!(write.why_not.as_deref(), Some("gone"));
    assert!(!device.is_logged_in());
    assert_eq!(fake.lines().iter().filter(|line| *line == "POST /login").count(), 1);
}

#[tokio::test]
async fn t45_a_session_that_is_gone_after_session_max_is_taken_up_by_a_login() {
    let fake = Fake::start(|seen, place| match (&*seen.path, place) {
        ("/status/1", 5) => status(401),
        _ => answers(seen, place),
    })
    .await;
    let text = format!("{WHOLE}[timing]\nsession_max = 0\n");
    let driver = driver(&fake, &text);
    let (device, _) = acme(&driver, &mut CreatedObjects::default()).await;
    driver.log_in(&device).await.expect("goes on");
    let write = driver.set_status(&device, Chosen::Away, None).await.expect("goes on");
    assert!(write.is_done() && device.is_logged_in());
    assert_eq!(fake.lines()[4..], ["POST /login", "PUT /status/1", "POST /login", "PUT /status/1"]);
    // The login has a value of its own, and the status that was asked for comes behind it.
    assert_eq!(fake.calls()[7].body, r#"{"status":"away","room":"p1"}"#);
}

#[tokio::test]
async fn t45_a_logout_of_a_session_that_is_gone_after_session_max_is_done() {
    for (max, is_done) in [("0", true), ("60", false)] {
        let fake = Fake::start(|seen, place| match &*seen.path {
            "/logout" => status(401),
            _ => answers(seen, place),
        })
        .await;
        let driver = driver(&fake, &format!("{WHOLE}[timing]\nsession_max = {max}\n"));
        let (device, _) = acme(&driver, &mut CreatedObjects::default()).await;
        driver.log_in(&device).await.expect("goes on");
        let write = driver.log_out(&device).await.expect("goes on");
        assert_eq!((write.is_done(), device.is_logged_in()), (is_done, false), "{max}");
        assert_eq!(device.take_ended().is_none(), is_done, "{max}");
    }
}

#[tokio::test]
async fn t22_a_status_that_is_refused_behind_another_login_leaves_what_that_gave() {
    let fake = Fake::start(|seen, place| match (&*seen.path, place) {
        ("/status/1", 6) => status(401),
        ("/status/1", 8) => status(422),
        _ => answers(seen, place),
    })
    .await;
    let login = "json = { agent = \"{{agent}}\", device = \"{{device}}\" }";
    let text = WHOLE.replace(login, "json = { gives = \"{{value}}\" }");
    let text = text.replace("put = \"/status/{{+n}}\"", "put = \"/status/1\"");
    let text = format!("{text}[rules]\nlogin = \"keeps\"\n[timing]\nsession_max = 0\n");
    let driver = driver(&fake, &text);
    let (device, _) = acme(&driver, &mut CreatedObjects::default()).await;
    driver.log_in(&device).await.expect("goes on");
    driver.set_status(&device, Chosen::Away, None).await.expect("goes on");
    let write = driver.set_status(&device, Chosen::Invisible, None).await.expect("goes on");
    assert_eq!(write.why_not.as_deref(), Some("refused (status 422)"));
    // The login gives the status that was there before, and that one stays.
    assert_eq!(fake.calls()[7].body, r#"{"gives":"away"}"#);
    driver.log_in(&device).await.expect("goes on");
    assert_eq!(fake.calls()[9].body, r#"{"gives":"away"}"#);
}

#[tokio::test]
async fn t45_a_session_that_is_not_taken_up_again_is_lost() {
    let fake = Fake::start(|seen, place| match (&*seen.path, place) {
        ("/status/1", _) => status(401),
        ("/login", 6) => status(403),
        _ => answers(seen, place),
    })
    .await;
    let text = format!("{WHOLE}[timing]\nsession_max = 0\n");
    let driver = driver(&fake, &text);
    let (device, _) = acme(&driver, &mut CreatedObjects::default()).await;
    driver.log_in(&device).await.expect("goes on");
    assert!(!driver.set_status(&device, Chosen::Away, None).await.expect("goes on").is_done());
    let why = SessionEnd::HoldFailed("logging in again is refused (status 403)".to_owned());
    assert_eq!((device.is_logged_in(), device.take_ended()), (false, Some(why)));
}

#[tokio::test]
async fn t30_the_observer_is_a_member_of_each_property_and_reads_what_members_see() {
    let fake = Fake::start(answers).await;
    let text = WHOLE.replace("as = \"admin\", get", "as = \"observer\", get").replace(
        "[team]",
        "[observer]\nheaders = { Authorization = \"Seen-By {{token}}\" }\n[team]",
    );
    let text = format!("{text}[timing]\npoll_every_min = 0\n");
    let fake_text = text.replacen("[http]", "observer = true\n[http]", 1);
    let driver = driver(&fake, &fake_text);
    let (_, member) = acme(&driver, &mut CreatedObjects::default()).await;
    driver.read_team(&member.property, std::slice::from_ref(&member)).await.expect("goes on");
    assert_eq!(
        fake.lines(),
        [
            "POST /admin",
            "POST /agents",
            "POST /properties",
            "PUT /properties/p2/members/a1",
            "POST /login",
            "POST /agents",
            "PUT /properties/p2/members/a5",
            "GET /properties/p2/team",
        ]
    );
    let team = fake.calls().pop().expect("some");
    assert_eq!(team.header("authorization"), "Seen-By token-of-a-device");
    assert_eq!(team.header("cookie"), "sid=cookie-4-secret");
}

#[tokio::test]
async fn t22_a_status_that_is_refused_leaves_the_value_as_it_was() {
    let fake = Fake::start(|seen, place| match &*seen.path {
        "/status/1" => status(422),
        _ => answers(seen, place),
    })
    .await;
    let text = WHOLE.replace(
        "[team]",
        "[device.hold]\ncall = { get = \"/hold/{{value}}\" }\nevery = 0.02\n[team]",
    );
    let driver = driver(&fake, &text);
    let (device, member) = acme(&driver, &mut CreatedObjects::default()).await;
    driver.log_in(&device).await.expect("goes on");
    let write = driver.set_status(&device, Chosen::Away, None).await.expect("goes on");
    assert_eq!(write.why_not.as_deref(), Some("refused (status 422)"));
    let count = fake.lines().len();
    super::fake::until("held on", || fake.lines().len() > count + 3).await;
    let last = fake.lines().pop().expect("some");
    assert_eq!(last, "GET /hold/online");
    let widget = member.property.own_widget();
    let read = driver.read_widget(&widget, &[member], &Visitor::default()).await;
    let seen = read.expect("goes on").what.expect("read");
    assert_eq!(seen.status.expect("one").to_string(), "offline");
}

#[tokio::test]
async fn t48_a_membership_is_left_where_it_was_made_and_nothing_takes_it_along() {
    let (remove, agents, properties) = (
        "remove = { ",
        "delete = { delete = \"/agents",
        "delete = { delete = \"/properties/{{room}}\"",
    );
    for (without, accounts, rooms, memberships) in [
        (&[remove, agents, properties][..], 1, 1, 1),
        (&[remove, properties], 0, 1, 0),
        (&[remove, agents], 1, 0, 0),
        (&[remove, agents, properties, "[member]", "add = { "], 1, 1, 0),
    ] {
        let is_kept = |line: &&str| !without.iter().any(|begin| line.starts_with(begin));
        let text: Vec<&str> = WHOLE.lines().filter(is_kept).collect();
        let fake = Fake::start(answers).await;
        let driver = driver(&fake, &text.join("\n"));
        let mut made = CreatedObjects::default();
        acme(&driver, &mut made).await;
        let left = driver.clear(&mut made).await;
        assert_eq!(
            (left.agents, left.properties, left.members),
            (accounts, rooms, memberships),
            "{without:?}"
        );
    }
}

#[tokio::test]
async fn t48_what_is_not_deleted_though_there_are_steps_is_told_apart_with_the_first_reason() {
    let fake = Fake::start(|seen, place| match (&*seen.method, &*seen.path) {
        ("DELETE", "/agents/a2") => status(500),
        ("DELETE", _) if seen.path.contains("/members/") => status(403),
        _ => answers(seen, place),
    })
    .await;
    let driver = driver(&fake, WHOLE);
    let mut made = CreatedObjects::default();
    acme(&driver, &mut made).await;
    let left = driver.clear(&mut made).await;
    // The membership goes with its property.
    let why =
        "`agent.delete` is unknown: the answer 500 is neither done, refused nor gone (status 500)";
    assert_eq!(left, Leftovers { refused: 1, why: Some(why.to_owned()), ..Leftovers::default() });
}

#[tokio::test]
async fn t48_a_service_that_has_no_time_to_delete_is_asked_again() {
    let fake = Fake::start(|seen, place| match (&*seen.method, &*seen.path, place) {
        ("DELETE", "/properties/p1", 5) => status(429),
        ("DELETE", "/properties/p1", 6) => status(503),
        _ => answers(seen, place),
    })
    .await;
    let driver = driver(&fake, WHOLE);
    let mut made = CreatedObjects::default();
    acme(&driver, &mut made).await;
    assert_eq!(driver.clear(&mut made).await, Leftovers::default());
    let deleted = fake.lines().iter().filter(|line| *line == "DELETE /properties/p1").count();
    assert_eq!(deleted, 3);
}
