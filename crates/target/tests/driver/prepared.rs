//! Visitors' calls that are put together once, and what their answers say (rules T1, T10, T16, T19, T37,
//! T38, T40 of target files).

use std::sync::Arc;

use lamplighter_core::model::{Settings, Visitor};
use lamplighter_core::world::Timing;
use lamplighter_target::driver::{
    CreatedObjects, Driver, PreparedRequest, ReadError, ReadOptions, Widget, WidgetReading,
};
use lamplighter_target::file::answer::Answer;

use super::driver;
use super::fake::{Fake, ok};

const FRONT: &str = r#"
accounts = [{ agent = "ann", password = "pw-of-ann" }]
properties = [{ property = "acme", site = "s 7" }]
[http]
headers = { User-Agent = "lamplighter" }
[vars]
when = "{{now}}"
where = "here"
[visitor]
headers = { X-Site = "{{where}}" }
[device]
login = { as = "visitor", post = "/login" }
status = { put = "/status" }
logout = { post = "/logout" }
[widget]
"#;

async fn widget_of(driver: &Arc<Driver>) -> Widget {
    let (settings, mut made) = (Settings::default(), CreatedObjects::default());
    let property = driver.make_property(&settings, Timing::default(), &mut made).await;
    property.expect("made").expect("there").own_widget()
}

/// A driver whose file has these lines, and its widget.
async fn with(fake: &Fake, widget: &str) -> (Arc<Driver>, Widget) {
    let text = format!("{FRONT}{widget}");
    let driver = driver(fake, &text);
    let widget = widget_of(&driver).await;
    (driver, widget)
}

fn visitor() -> Visitor {
    Visitor { page: Some("https://acme.example/".to_owned()), ..Visitor::default() }
}

async fn nobody() -> Fake {
    Fake::start(|_, _| ok("{}")).await
}

/// A read that is the same each time.
async fn prepared(widget: &str) -> PreparedRequest {
    let (driver, widget) = with(&nobody().await, widget).await;
    driver.prepare_read(&widget, &visitor()).expect("goes on").expect("the same each time")
}

fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let headers = headers.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    Answer::new(status, headers, body.to_vec(), 1_000).expect("unpacks")
}

fn told(read: Result<WidgetReading, ReadError>) -> String {
    match read {
        Ok(WidgetReading { seen, version }) => {
            let status = seen.status.map(|status| status.to_string()).unwrap_or_default();
            let version = version.map(|version| format!(" {version}")).unwrap_or_default();
            format!("{status}{version}")
        }
        Err(fault) => fault.to_string(),
    }
}

#[tokio::test]
async fn a_prepared_read_sends_and_says_what_the_driver_s_own_does() {
    let fake = Fake::start(|_, _| ok(r#"{"status":"away","version":7}"#)).await;
    let (driver, widget) = with(
        &fake,
        r#"
read = { get = "/w/{{site|path}}", query = { page = "{{page}}", country = "{{country}}" }, keep = { status = { json = "/status" }, version = { json = "/version" } } }
says = [{ status = "{{status}}" }]
[can]
versions = "version"
"#,
    )
    .await;
    let prepared = driver.prepare_read(&widget, &visitor()).expect("goes on").expect("the same");
    let along = ReadOptions { header: Some(("X-Request-Id", "r-1")), ..ReadOptions::default() };
    let read = driver.read_widget_along(&widget, &[], &visitor(), along).await.expect("goes on");
    let calls = fake.calls();
    let request = prepared.request();
    assert_eq!(calls[0].path, request.path);
    assert_eq!(request.path, "/w/s%207?page=https%3A%2F%2Facme.example%2F");
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["User-Agent", "X-Site"]);
    for (name, value) in &request.headers {
        assert_eq!(calls[0].header(name), value);
    }
    assert_eq!(calls[0].header("x-request-id"), "r-1", "what goes along comes on top");
    let (asked, answered) = read.last.clone();
    assert_eq!(asked.expect("it went out").path, request.path);
    let said = prepared.read(&answered.expect("it came"));
    let own = read.what.map(|seen| WidgetReading { seen, version: driver.version(&read.kept) });
    assert_eq!(said, own);
    assert_eq!(told(said), "away 7");
    assert!(prepared.is_told_by_body());
}

#[tokio::test]
async fn what_changes_from_read_to_read_is_not_prepared() {
    let keep = r#"keep.status = { json = "/status" }"#;
    let says = r#"says = [{ status = "{{status}}" }]"#;
    for (read, is_same) in [
        (format!(r#"{{ get = "/w", {keep} }}"#), true),
        (format!(r#"{{ get = "/w/{{{{+n}}}}", {keep} }}"#), false),
        (format!(r#"{{ get = "/w", query = {{ at = "{{{{now}}}}" }}, {keep} }}"#), false),
        (format!(r#"{{ get = "/w", headers = {{ X-At = "{{{{when}}}}" }}, {keep} }}"#), false),
        (format!(r#"{{ as = "admin", get = "/w", {keep} }}"#), false),
        (format!(r#"[{{ get = "/page" }}, {{ get = "/w", {keep} }}]"#), false),
        (format!(r#"{{ post = "/w", json = {{ page = "{{{{page}}}}" }}, {keep} }}"#), true),
    ] {
        let (driver, widget) = with(&nobody().await, &format!("read = {read}\n{says}")).await;
        let prepared = driver.prepare_read(&widget, &visitor()).expect("goes on");
        assert_eq!(prepared.is_some(), is_same, "{read}");
    }
}

#[tokio::test]
async fn t1_an_answer_is_judged_before_it_is_read() {
    let prepared = prepared(
        r#"
read = { get = "/w", done = { json = { "/ok" = true } }, keep.status = { json = "/status" } }
says = [{ when = { status = "on" }, status = "online" }, { when = { status = "off" }, status = "offline" }]
"#,
    )
    .await;
    for (status, body, said) in [
        (200, r#"{"ok":true,"status":"on"}"#, "online"),
        (200, r#"{"ok":false,"status":"on"}"#, "the read is refused (status 200)"),
        (404, r#"{"ok":true,"status":"on"}"#, "the read is refused (status 404)"),
        (
            503,
            "",
            "the read is unknown: the answer 503 is neither done, refused nor gone (status 503)",
        ),
        (200, r#"{"ok":true}"#, "the answer has no `status` to keep (by `json`)"),
        (
            200,
            r#"{"ok":true,"status":"asleep"}"#,
            "no row of the table says what `status = asleep` is",
        ),
    ] {
        assert_eq!(told(prepared.read(&answer(status, &[], body.as_bytes()))), said, "{body}");
    }
}

#[tokio::test]
async fn t38_a_picture_of_two_lengths_may_be_one_of_several_statuses() {
    let prepared = prepared(
        r#"
read = { get = "/picture.gif", keep.size = { bytes = true } }
says = [{ when = { size = 7 }, status = ["online", "away"] }, { when = { size = [3, 4] }, status = "offline" }]
"#,
    )
    .await;
    assert!(prepared.is_told_by_body());
    for (body, said) in
        [(&b"GIF\0\xff\xfe7"[..], "online or away"), (b"GIF", "offline"), (b"GIF8", "offline")]
    {
        assert_eq!(told(prepared.read(&answer(200, &[], body))), said);
    }
    let said = told(prepared.read(&answer(200, &[], b"")));
    assert_eq!(said, "no row of the table says what `size = 0` is");
}

#[tokio::test]
async fn t12_what_stands_in_headers_and_cookies_is_read_each_time() {
    let prepared = prepared(
        r#"
read = { get = "/w", keep = { status = { cookie = "status" }, seen = { header = "X-Seen" } } }
says = [{ when = { seen = "yes" }, status = "{{status}}" }]
"#,
    )
    .await;
    assert!(!prepared.is_told_by_body());
    for status in ["away", "online"] {
        let set = format!("status={status}; Path=/");
        let headers = [("set-cookie", set.as_str()), ("x-seen", "yes")];
        assert_eq!(told(prepared.read(&answer(200, &headers, b""))), status);
    }
    let said = told(prepared.read(&answer(200, &[("x-seen", "yes")], b"")));
    assert_eq!(
        said, "the answer has no `status` to keep (by `cookie`)",
        "each read has its own jar"
    );
    let (driver, widget) = with(
        &nobody().await,
        r#"
read = { get = "/w", refused = { header = { X-Why = "." } }, keep.status = { json = "/s" } }
says = [{ status = "{{status}}" }]
"#,
    )
    .await;
    let prepared = driver.prepare_read(&widget, &visitor()).expect("goes on").expect("the same");
    assert!(!prepared.is_told_by_body());
}

#[tokio::test]
async fn t40_events_are_read_by_the_table_and_what_meets_no_condition_is_passed_over() {
    let (driver, widget) = with(
        &nobody().await,
        r#"
read = { get = "/w", keep.status = { json = "/status" } }
push = { stream = "/events", done = { json = { "/type" = "widget" } }, keep.status = { json = "/status" } }
says = [{ status = "{{status}}" }]
"#,
    )
    .await;
    let prepared = driver.prepare_stream(&widget, &visitor()).expect("goes on").expect("a stream");
    assert_eq!(prepared.request().path, "/events");
    let event = |data: &str| prepared.event(data.as_bytes().to_vec()).map(told);
    assert_eq!(event(r#"{"type":"widget","status":"away"}"#).as_deref(), Some("away"));
    assert_eq!(event(r#"{"type":"ping"}"#), None);
    assert_eq!(
        event(r#"{"type":"widget"}"#).as_deref(),
        Some("the answer has no `status` to keep (by `json`)")
    );
}

#[tokio::test(start_paused = true)]
async fn t43_prepared_reads_keep_to_the_product_s_limits() {
    let (driver, widget) = with(
        &nobody().await,
        r#"
read = { get = "/w", keep.status = { json = "/status" } }
says = [{ status = "{{status}}" }]
[timing]
poll_every_min = 2
"#,
    )
    .await;
    let prepared = driver.prepare_read(&widget, &visitor()).expect("goes on").expect("the same");
    let began = tokio::time::Instant::now();
    let second = std::time::Duration::from_secs(1);
    assert!(prepared.turn(second).await);
    assert!(!prepared.turn(second).await, "it would have to wait for two seconds");
    assert!(prepared.turn(3 * second).await);
    assert_eq!(began.elapsed(), 2 * second);
}
