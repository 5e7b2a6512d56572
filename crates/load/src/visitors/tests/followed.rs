//! Products unlike the reference service: reads of several steps, of the team, of pictures; limits;
//! answers that are too long, or not whole; what is pushed over a socket.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::server::{Act, Server, chunk, chunked, whole};
use super::{
    PATIENCE, Ran, looks, looks_at_once, one_by_one, plan, ran, ran_until, visitors_of, watch,
};
use crate::plan::RequestId;
use crate::tally::{EVENTS, WIDGET};
use crate::visitors::CONNECTIONS_FROM;

/// A widget that says one word, read in one call.
const WORD: &str = r#"
[widget]
read = { get = "/w", keep.status = { regex = "^(\\w+)" } }
says = [{ status = "{{status}}" }]
"#;

/// What each read shows, as far as presence goes.
fn shown(ran: &Ran) -> Vec<String> {
    ran.seen().map(|(_, seen)| seen.shown.to_string()).collect()
}

#[test]
fn a_read_of_two_steps_with_a_cookie_is_one_read_of_one_visitor() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    let server = Server::new(move |asked| {
        let path = asked.line.split(' ').nth(1).unwrap_or_default().to_owned();
        heard.lock().expect("no panic").push((path.clone(), asked.id.clone(), asked.cookie));
        match path.as_str() {
            "/page" => {
                let head = "HTTP/1.1 200 OK\r\nset-cookie: visit=v7; Path=/\r\ncontent-length: 2";
                vec![Act::Write(format!("{head}\r\n\r\nok").into())]
            }
            _ => vec![whole("200 OK", "away")],
        }
    });
    let lines = r#"
[widget]
read = [{ get = "/page" }, { get = "/w", keep.status = { regex = "^(\\w+)" } }]
says = [{ status = "{{status}}" }]
"#;
    let ran = one_by_one(visitors_of(&server, lines), looks_at_once(2), |_, _| true);
    assert_eq!(ran.calls(WIDGET), (2, vec![]));
    assert_eq!((ran.counts.rate.sent, ran.counts.rate.answered), (2, 2));
    assert_eq!(shown(&ran), ["away", "away"]);
    assert_eq!(ran.sessions(), [CONNECTIONS_FROM; 2]);
    let told =
        |path: &str, id: &str, cookie: &str| (path.to_owned(), id.to_owned(), cookie.to_owned());
    assert_eq!(
        *asked.lock().expect("no panic"),
        [
            told("/page", "t-7-1", ""),
            told("/w", "t-7-1", "visit=v7"),
            told("/page", "t-7-2", ""),
            told("/w", "t-7-2", "visit=v7"),
        ]
    );
    let (observation, _) = ran.seen().next().expect("it was seen");
    assert_eq!(observation.request, Some(RequestId::Visit(1)));
    let exchange = observation.exchange.as_ref().expect("it was kept");
    let request = exchange.request();
    assert_eq!(request.path, "/w");
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["host", "user-agent", "cookie"], "the id stands beside it");
    let cookie = &request.headers[2].1;
    assert_eq!(cookie, "***cookie***");
    assert_eq!(exchange.answer().body, "away");
    for (sent, answered) in ran.times() {
        assert!(0 < sent && sent < answered);
    }
}

/// A widget that is what its members are.
const FOLDED: &str = r#"
[team]
for    = "member"
read   = { get = "/presence/{{agent}}", keep.said = { regex = "^(\\w+)" } }
values = { online = "online", away = "away", dnd = ["away", "online"], off = "offline" }
[widget]
from = "team"
"#;

#[test]
fn a_widget_that_is_the_team_is_folded_by_the_rules() {
    let server = Server::new(|asked| match asked.line.contains("ann") {
        true => vec![whole("200 OK", "away")],
        false => vec![whole("200 OK", "dnd")],
    });
    let ran = one_by_one(visitors_of(&server, FOLDED), looks_at_once(1), |_, _| true);
    assert_eq!(ran.calls(WIDGET), (1, vec![]));
    assert_eq!(shown(&ran), ["online or away"]);
    assert_eq!(ran.versions(), [None]);
    assert_eq!(ran.mismatches(), [None]);
}

#[test]
fn p6_who_is_suspended_is_not_folded_into_a_widget() {
    let server = Server::new(|asked| match asked.line.contains("ann") {
        true => vec![whole("200 OK", "away")],
        false => vec![whole("200 OK", "online")],
    });
    let mut visitors = visitors_of(&server, FOLDED);
    let mut plan = plan();
    (plan.properties[0].members, plan.properties[0].suspended) = (vec![0, 1], vec![1]);
    visitors.run.plan = Arc::new(plan);
    let ran = one_by_one(visitors, looks_at_once(1), |_, _| true);
    assert_eq!(ran.calls(WIDGET), (1, vec![]));
    assert_eq!(shown(&ran), ["away"]);
}

#[test]
fn a_picture_of_two_lengths_says_one_of_several_statuses_and_nothing_else_is_compared() {
    let server = Server::new(|asked| match asked.request {
        0 | 1 => vec![whole("200 OK", "GIF89a.")],
        2 => vec![whole("200 OK", "GIF")],
        _ => vec![whole("200 OK", "GIF?")],
    });
    let lines = r#"
[widget]
read = { get = "/picture.gif", keep.size = { bytes = true } }
says = [{ when = { size = 7 }, status = ["online", "away"] }, { when = { size = 3 }, status = "offline" }]
"#;
    let ran = one_by_one(visitors_of(&server, lines), looks_at_once(4), |_, _| true);
    let unknown = "unreadable answer: no row of the table says what `size = 4` is";
    assert_eq!(ran.calls(WIDGET), (3, vec![(unknown, 1)]));
    assert_eq!(shown(&ran), ["online or away", "online or away", "offline"]);
    assert_eq!(ran.mismatches(), [None; 3], "no greeting, form or visibility is told");
}

/// Answers with a greeting and a form; what `can` says stands behind it.
const GREETING: &str = r#"
[widget]
make = { as = "admin", put = "/w/{{widget}}", json = { greetings = "{{greetings}}" } }
read = { get = "/w", keep = { greeting = { json = "/greeting" }, form = { json = "/form" }, shown = { json = "/shown" } } }
says = [{ status = ["online", "away"], greeting = "{{greeting}}", form = "{{form}}", shown = "{{shown}}" }]
[can]
settings = ["greetings"]
"#;

#[test]
fn of_several_statuses_those_count_with_which_the_rest_agrees() {
    let server = Server::new(|asked| {
        let greeting = ["Hello!", "", "Bye"][asked.request];
        let said = serde_json::json!({ "greeting": greeting, "form": "pre-chat", "shown": false });
        vec![whole("200 OK", &said.to_string())]
    });
    let ran = one_by_one(visitors_of(&server, GREETING), looks_at_once(3), |_, _| true);
    assert_eq!(shown(&ran), ["online", "away", "online or away"]);
    let wrong = "its greeting is \"Bye\", but for `online` \"Hello!\" is set (rule C1)";
    // Neither the form nor what hides a widget can be set there.
    assert_eq!(ran.mismatches(), [None, None, Some(wrong)]);
}

#[test]
fn what_a_target_tells_and_cannot_be_set_is_its_own() {
    let server = Server::new(|_| {
        let said = serde_json::json!({ "greeting": "Bye", "form": "pre-chat", "shown": false });
        vec![whole("200 OK", &said.to_string())]
    });
    let mute = GREETING.replace("settings = [\"greetings\"]", "");
    let mute = mute.replace("\"{{greetings}}\"", "1");
    let ran = one_by_one(visitors_of(&server, &mute), looks_at_once(1), |_, _| true);
    assert_eq!((shown(&ran), ran.mismatches()), (vec!["online or away".to_owned()], vec![None]));
    // All that hides a widget can be set, but for the pages that hide this one.
    let hides = mute.replace("[can]", "[can]\nvisibility = true");
    let ran = one_by_one(visitors_of(&server, &hides), looks_at_once(1), |_, _| true);
    assert_eq!(ran.mismatches(), [None]);
    let pages = hides
        .replace("[can]", "[can]\nsettings = [\"pages\"]")
        .replace("json = { greetings = 1 }", "json = { pages = \"{{pages}}\" }");
    let ran = one_by_one(visitors_of(&server, &pages), looks_at_once(1), |_, _| true);
    assert_eq!(ran.mismatches(), [Some("it is hidden, but must be shown for this visitor")]);
}

#[test]
fn an_answer_like_the_last_says_the_same_by_its_status_body_and_charset_alone() {
    // The same bytes are another text by another charset.
    let server = Server::new(|asked| {
        let kind = if asked.request == 2 { "; charset=utf-16le" } else { "" };
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain{kind}\r\ncontent-length: 6");
        let body = if asked.request == 3 { "online" } else { "away  " };
        vec![Act::Write(format!("{head}\r\n\r\n{body}").into())]
    });
    let ran = one_by_one(visitors_of(&server, WORD), looks_at_once(5), |_, _| true);
    assert_eq!(shown(&ran), ["away", "away", "online", "away"]);
    assert_eq!(ran.calls(WIDGET).0, 4);
}

#[test]
fn visitors_wait_for_their_turn_and_that_counts() {
    let server = Server::new(|_| vec![whole("200 OK", "away")]);
    let timing = "[timing]\npoll_every_min = 0.1\n";
    let visitors = visitors_of(&server, &format!("{WORD}{timing}"));
    let began = std::time::Instant::now();
    let ran = ran(visitors, looks([0; 6]));
    assert!(began.elapsed() >= Duration::from_millis(500), "{:?}", began.elapsed());
    assert_eq!(ran.calls(WIDGET), (6, vec![]));
    let mut sent: Vec<i64> = ran.times().iter().map(|(sent, _)| *sent).collect();
    sent.sort_unstable();
    // None before its turn; on a busy machine behind it, and the next one in time all the same.
    for (turn, sent_us) in (0..).zip(&sent) {
        assert!(*sent_us >= turn * 100_000 - 1_000, "{sent:?}");
    }
    let widget = &ran.counts.operations[WIDGET];
    assert!(widget.intended.max() >= 490_000, "{}", widget.intended.max());
}

#[test]
fn who_would_wait_for_a_turn_for_longer_than_for_an_answer_is_not_sent() {
    let server = Server::new(|_| vec![whole("200 OK", "away")]);
    let timing = "[timing]\ncalls_per_second = 4\n";
    let mut visitors = visitors_of(&server, &format!("{WORD}{timing}"));
    visitors.timeout = Duration::from_millis(300);
    let ran = ran(visitors, looks([0; 5]));
    // One at once, one in a quarter of a second; there is no room for others.
    let (ok, errors) = ran.calls(WIDGET);
    assert_eq!((ok, errors), (2, vec![("no turn within the target's limits", 3)]));
}

/// What becomes of reads of answers that are too long, or not whole, by either way.
fn of_nonsense(lines: &str) {
    let server = Server::new(|asked| {
        let piece = vec![b'x'; 64 * 1_024];
        let length = |bytes: usize| {
            Act::Write(format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n").into())
        };
        match asked.line.split(' ').nth(1).unwrap_or_default() {
            "/page" => vec![whole("200 OK", "")],
            path if path.ends_with("1") => {
                let chunk = [b"10000\r\n", &piece[..], b"\r\n"].concat();
                vec![chunked("text/plain"), Act::Forever(chunk)]
            }
            path if path.ends_with("2") => vec![length(10_000_000), Act::Forever(piece)],
            path if path.ends_with("3") => {
                vec![length(1_000), Act::Write(b"away".to_vec()), Act::Close]
            }
            path if path.ends_with("4") => vec![chunked("text/plain"), chunk(b"away"), Act::Close],
            path if path.ends_with("5") => {
                let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4";
                vec![Act::Write(format!("{head}\r\n\r\naway").into())]
            }
            _ => vec![whole("200 OK", "away")],
        }
    });
    let mut all = std::collections::BTreeMap::new();
    for place in 1..=6 {
        let lines = lines.replace("PLACE", &place.to_string());
        let visitors = visitors_of(&server, &lines);
        let ran = one_by_one(visitors, looks_at_once(1), |_, _| true);
        let (ok, errors) = ran.calls(WIDGET);
        let told: Vec<String> = errors.iter().map(|(why, _)| (*why).to_owned()).collect();
        all.insert(place, if ok == 1 { shown(&ran) } else { told });
    }
    let all: Vec<String> = all.into_values().flatten().collect();
    let garbled = "unreadable answer: the answer does not unpack as `gzip`";
    let (long, cut) = ("answer too large", "closed before the answer");
    assert_eq!(all, [long, long, cut, cut, garbled, "away"]);
}

#[test]
fn t6_an_endless_answer_one_of_ten_megabytes_and_a_cut_one_are_errors() {
    of_nonsense(
        r#"
[widget]
read = { get = "/PLACE", keep.status = { regex = "^(\\w+)" } }
says = [{ status = "{{status}}" }]
"#,
    );
}

#[test]
fn t6_so_they_are_in_a_read_of_several_steps() {
    of_nonsense(
        r#"
[widget]
read = [{ get = "/page" }, { get = "/PLACE", keep.status = { regex = "^(\\w+)" } }]
says = [{ status = "{{status}}" }]
"#,
    );
}

/// A frame of a WebSocket with a text.
fn frame(text: &str) -> Act {
    let length = u8::try_from(text.len()).expect("short");
    assert!(length < 126);
    Act::Write([&[0x81, length], text.as_bytes()].concat())
}

#[test]
fn what_is_pushed_over_a_socket_is_read_like_the_widget() {
    let server = Server::new(|asked| {
        assert_eq!((asked.line.as_str(), asked.request), ("GET /live HTTP/1.1", 0));
        if asked.connection == 0 {
            return vec![whole("503 Service Unavailable", "")];
        }
        assert_eq!(asked.id, "t-7-s3.1");
        let key = derive_accept_key(asked.socket_key.as_bytes());
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: {key}\r\n\r\n"
        );
        vec![
            Act::Write(head.into()),
            frame(r#"{"status":"away","n":4}"#),
            frame(r#"{"type":"ping"}"#),
            frame(r#"{"status":"asleep","n":5}"#),
            frame(r#"{"status":"online","n":6}"#),
            Act::Sleep(2 * PATIENCE),
        ]
    });
    let lines = r#"
[widget]
read = { get = "/w", keep = { status = { json = "/status" }, n = { json = "/n" } } }
push = { socket = "/live", refused = { json = { "/type" = "ping" } }, keep = { status = { json = "/status" }, n = { json = "/n" } } }
says = [{ status = "{{status}}" }]
[can]
versions = "n"
"#;
    let mut visitors = visitors_of(&server, lines);
    visitors.watches = vec![watch(0, 60_000)];
    let ran = ran_until(visitors, Vec::new(), |ran| ran.seen().count() == 2);
    assert_eq!(shown(&ran), ["away", "online"]);
    assert_eq!(ran.versions(), [Some(4), Some(6)]);
    let asleep = "unreadable answer: `asleep` is no `status`";
    assert_eq!(ran.calls(EVENTS), (1, vec![("503", 1), (asleep, 1)]));
    let (observation, _) = ran.seen().nth(1).expect("it was seen");
    let exchange = observation.exchange.as_ref().expect("it was kept");
    assert_eq!(
        (exchange.status, exchange.answer().body),
        (101, r#"{"status":"online","n":6}"#.into())
    );
    assert_eq!(exchange.request().path, "/live");
}
