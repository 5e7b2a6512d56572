//! What team-mates and visitors see, messages, what is pushed, clocks (rules T24, T36 to T40, T43, T47
//! of target files).

use lamplighter_core::model::{Instant, Settings, Visitor};
use lamplighter_core::world::Timing;
use lamplighter_target::driver::{CreatedObjects, Member};

use super::driver;
use super::fake::{Fake, Reply, ok};

/// Somebody and something that are there beforehand.
const THERE: &str = r#"
accounts = [{ agent = "ann", password = "pw-of-ann" }]
properties = [{ property = "acme" }]
"#;

const DEVICE: &str = r#"
[device]
login = { as = "visitor", post = "/login" }
status = { put = "/status" }
logout = { post = "/logout" }
"#;

#[tokio::test]
async fn t36_a_team_that_is_one_call_a_member_is_one_read_and_folds_into_a_widget() {
    let fake = Fake::start(|seen, _| match &*seen.path {
        "/presence/ann" => ok("away since noon"),
        _ => ok("dnd"),
    })
    .await;
    let text = format!(
        r#"accounts = [{{ agent = "ann", password = "pw-of-ann" }}, {{ agent = "bob", password = "pw-of-bob" }}]
{DEVICE}
[team]
for = "member"
read = {{ get = "/presence/{{{{agent}}}}", keep.said = {{ regex = "^(\\w+)" }} }}
values = {{ online = "online", dnd = ["away", "online"], away = "away" }}
[widget]
from = "team"
"#
    );
    let driver = driver(&fake, &text);
    let mut made = CreatedObjects::default();
    let property = driver.make_property(&Settings::default(), Timing::default(), &mut made).await;
    let property = property.expect("made").expect("there");
    assert_eq!(driver.make_agents(3, &mut made).await.expect("goes on").map(|all| all.len()), None);
    let agents = driver.make_agents(2, &mut made).await.expect("goes on").expect("there");
    let members: Vec<Member> = agents.iter().map(|one| Member::new(one, &property)).collect();
    let team = driver.read_team(&property, &members).await.expect("goes on");
    let statuses: Vec<String> = team.what.expect("read").iter().map(ToString::to_string).collect();
    assert_eq!(statuses, ["away", "online or away"]);
    let widget = driver.read_widget(&property.own_widget(), &members, &Visitor::default()).await;
    let seen = widget.expect("goes on").what.expect("read");
    assert_eq!(seen.status.expect("one").to_string(), "online or away");
    assert_eq!(fake.lines().len(), 4);
    driver.clear(&mut made).await;
    assert!(driver.make_agents(2, &mut made).await.expect("goes on").is_some());
}

#[tokio::test]
async fn t40_what_is_pushed_is_read_by_the_same_table() {
    let stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n\
                  data: {\"status\":\"online\"}\n\ndata: {\"status\":\"asleep\"}\n\n\
                  data: {\"status\":\"offline\"}\n\n";
    let fake = Fake::start(move |seen, _| match &*seen.path {
        "/events?page=https%3A%2F%2Facme.example%2F" => Reply::Raw(stream.as_bytes().to_vec()),
        _ => Reply::Close,
    })
    .await;
    let text = format!(
        r#"{THERE}{DEVICE}
[widget]
read = {{ get = "/widget", keep.status = {{ json = "/status" }} }}
push = {{ stream = "/events", query = {{ page = "{{{{page}}}}", country = "{{{{country}}}}" }}, keep.status = {{ json = "/status" }} }}
says = [{{ status = "{{{{status}}}}" }}]
"#
    );
    let driver = driver(&fake, &text);
    let property = driver
        .make_property(&Settings::default(), Timing::default(), &mut CreatedObjects::default())
        .await;
    let widget = property.expect("made").expect("there").own_widget();
    let visitor = Visitor { page: Some("https://acme.example/".to_owned()), ..Visitor::default() };
    let mut pushes = driver.listen(&widget, &visitor, None).await.expect("goes on");
    let mut said = Vec::new();
    while let Some(pushed) = pushes.next().await {
        said.push(match pushed.what {
            Ok(seen) => seen.status.expect("one").to_string(),
            Err(fault) => fault.to_string(),
        });
    }
    assert_eq!(said, ["online", "`asleep` is no `status`", "offline"]);
}

#[tokio::test]
async fn t47_a_clock_is_put_and_messages_are_left_and_listed() {
    let fake = Fake::start(|seen, _| match (&*seen.method, &*seen.path) {
        ("GET", "/messages") => ok(r#"[{"text":"one"},{"text":"two"}]"#),
        ("GET", "/now") => ok(r#"{"now":"2026-03-09T13:55:00Z"}"#),
        _ => ok(""),
    })
    .await;
    let text = format!(
        r#"{THERE}{DEVICE}
[widget]
read = {{ get = "/widget", keep.status = {{ json = "/status" }} }}
says = [{{ status = "{{{{status}}}}" }}]
[message]
leave = {{ post = "/messages", json = {{ text = "{{{{text}}}}", from = "{{{{email}}}}" }} }}
list = {{ get = "/messages", keep.said = {{ json = "/*/text" }} }}
[timing]
clock = {{ get = "/now", keep.now = {{ json = "/now" }} }}
[clock]
kind = "manual"
set = {{ put = "/clock", json = {{ now = "{{{{now}}}}" }} }}
"#
    );
    let driver = driver(&fake, &text);
    let at: Instant = "2026-03-09T13:55:00Z".parse().expect("an instant");
    driver.put_clock(at).await.expect("put");
    assert_eq!(driver.read_clock().await.expect("goes on").what, Ok(at));
    let property = driver
        .make_property(&Settings::default(), Timing::default(), &mut CreatedObjects::default())
        .await;
    let widget = property.expect("made").expect("there").own_widget();
    assert!(driver.leave_message(&widget, "three").await.expect("goes on").is_done());
    let listed = driver.list_messages(&widget).await.expect("goes on");
    assert_eq!(listed.what.expect("read"), ["one", "two"]);
    let calls = fake.calls();
    assert_eq!(calls[0].body, r#"{"now":"2026-03-09T13:55:00.000Z"}"#);
    assert_eq!(calls[2].body, r#"{"text":"three","from":"visitor@lamplighter.invalid"}"#);
}
