//! Connections: kept alive, closed by the other side, too few, refused, silent.

use std::time::{Duration, Instant as MachineTime};

use super::server::{Act, Server, chunk, chunked, whole};
use super::{HELLO, PATIENCE, acme, answer, looks, looks_at_once, one_by_one, ran, visitors};
use crate::tally::WIDGET;
use crate::visitors::CONNECTIONS_FROM;

/// An answer that says no status.
const NO_STATUS: &str = "unreadable answer: the answer has no `status` to keep (by `json`)";

/// Nothing need be so of connections.
fn anyhow(_: usize, _: u64) -> bool {
    true
}

#[test]
fn one_after_the_other_takes_the_same_connection() {
    let server = Server::new(|asked| {
        assert_eq!((asked.connection, asked.line.as_str()), (0, "GET /v1/widgets/acme HTTP/1.1"));
        vec![whole("200 OK", &acme(asked.request as u64))]
    });
    let ran = one_by_one(visitors(&server), looks_at_once(20), anyhow);
    assert_eq!(ran.calls(WIDGET), (20, vec![]));
    assert_eq!(ran.sessions(), [CONNECTIONS_FROM; 20], "one connection is one session");
    assert_eq!(ran.versions(), (0..20).map(Some).collect::<Vec<_>>());
    let mut before = 0;
    for (sent, answered) in ran.times() {
        assert!(before <= sent && sent < answered, "{before}: sent {sent}, answered {answered}");
        before = answered;
    }
}

#[test]
fn bodies_come_whole_in_chunks_and_in_shreds() {
    let server = Server::new(|asked| {
        let body = acme(7);
        let whole = whole("200 OK", &body);
        let Act::Write(bytes) = whole.clone() else { unreachable!("it writes") };
        let pause = Act::Sleep(Duration::from_millis(2));
        match asked.request % 3 {
            0 => vec![whole],
            1 => {
                let pieces = body.as_bytes().chunks(50).flat_map(|p| [chunk(p), pause.clone()]);
                let mut acts = vec![chunked("application/json")];
                acts.extend(pieces);
                acts.push(chunk(b""));
                acts
            }
            _ => bytes.chunks(40).flat_map(|p| [Act::Write(p.to_vec()), pause.clone()]).collect(),
        }
    });
    let ran = one_by_one(visitors(&server), looks_at_once(9), anyhow);
    assert_eq!(ran.calls(WIDGET), (9, vec![]));
    assert_eq!(ran.versions(), [Some(7); 9]);
    assert_eq!(ran.mismatches(), [None; 9]);
}

#[test]
fn a_connection_that_was_closed_while_idle_costs_nobody_an_error() {
    // Closed at once behind an answer; or when the next request comes, as a race would have it.
    let server = Server::new(|asked| match (asked.connection, asked.request) {
        (0, 0) => vec![whole("200 OK", &acme(1)), Act::Close],
        (1, 2) => vec![Act::Close],
        (2, 1) => vec![whole("200 OK", "\"connection: close\""), Act::Close],
        _ => vec![whole("200 OK", &acme(2))],
    });
    // The second comes once the first connection is seen to be closed, the others whenever they can.
    let is_quiet = |number: usize, open: u64| number != 1 || open == 0;
    let ran = one_by_one(visitors(&server), looks_at_once(6), is_quiet);
    assert_eq!(ran.calls(WIDGET), (5, vec![(NO_STATUS, 1)]));
    assert_eq!(ran.counts.rate.sent, 6, "nobody is counted twice");
}

#[test]
fn a_fresh_connection_that_is_closed_is_an_error_and_not_tried_again() {
    let server = Server::new(|_| vec![Act::Close]);
    let ran = one_by_one(visitors(&server), looks_at_once(3), anyhow);
    assert_eq!(ran.calls(WIDGET), (0, vec![("closed before the answer", 3)]));
}

#[test]
fn more_visitors_than_connections_wait_in_line_and_their_wait_counts() {
    let server = Server::new(|asked| {
        assert!(asked.connection < 2, "two connections are allowed");
        vec![Act::Sleep(Duration::from_millis(50)), whole("200 OK", &acme(1))]
    });
    let mut visitors = visitors(&server);
    visitors.connections_max = 2;
    let ran = ran(visitors, looks_at_once(8));
    assert_eq!(ran.calls(WIDGET), (8, vec![]));
    let widget = &ran.counts.operations[WIDGET];
    // Four rounds of two: the last have waited for three rounds before theirs, and all together for
    // twelve. A histogram tells a length to a thousandth.
    assert!(widget.intended.max() >= 199_000, "{}", widget.intended.max());
    let (intended, service) = (widget.intended.mean(), widget.service.mean());
    assert!(
        intended - service >= 74_000.0,
        "{intended} from the intended instant, {service} alone"
    );
    // That is no doing of the generator, which woke up for all of them at once.
    let (late, own) = (ran.counts.rate.late.max(), ran.counts.rate.generator_late.max());
    assert!(late - own >= 149_000, "late by {late}, of it the generator's own {own}");
}

#[test]
fn who_gets_no_answer_is_let_go_after_the_timeout() {
    let server = Server::new(|asked| match asked.connection {
        0 => vec![Act::Sleep(2 * PATIENCE), whole("200 OK", &acme(1))],
        _ => vec![whole("200 OK", &acme(1))],
    });
    let mut visitors = visitors(&server);
    visitors.timeout = Duration::from_millis(1_000);
    visitors.connections_max = 1;
    // The others come when the first has waited for almost as long, and take the place of its
    // connection.
    let ran = ran(visitors, looks([0, 950, 990]));
    assert_eq!(ran.calls(WIDGET), (2, vec![("timed out", 1)]));
    let longest = ran.counts.operations[WIDGET].intended.max();
    assert!(longest >= 999_000, "{longest}");
}

#[test]
fn who_waits_for_a_connection_for_too_long_leaves() {
    let server = Server::new(|_| vec![Act::Sleep(2 * PATIENCE)]);
    let mut visitors = visitors(&server);
    visitors.timeout = Duration::from_millis(200);
    visitors.connections_max = 1;
    let ran = ran(visitors, looks([0, 10, 20]));
    let (ok, errors) = ran.calls(WIDGET);
    assert_eq!((ok, errors.iter().map(|(_, count)| count).sum::<u64>()), (0, 3), "{errors:?}");
    assert!(ran.counts.rate.sent < 3);
}

#[test]
fn statuses_and_refusals_are_errors_by_their_name() {
    let server = Server::new(|asked| match asked.request {
        0 => vec![whole("503 Service Unavailable", "{}")],
        1 => vec![whole("200 OK", "{\"widget\":")],
        _ => vec![Act::Write(b"gibberish\r\n\r\n".to_vec())],
    });
    let answered = one_by_one(visitors(&server), looks_at_once(3), anyhow);
    let no_json =
        "unreadable answer: the answer has no `status` to keep (by `json`: it is no JSON)";
    let errors = vec![("503", 1), ("unreadable HTTP", 1), (no_json, 1)];
    assert_eq!(answered.calls(WIDGET), (0, errors));
    let nobody = visitors(&server);
    drop(server);
    let refused = ran(nobody, looks([0]));
    assert_eq!(refused.calls(WIDGET), (0, vec![("connection refused", 1)]));
}

#[test]
fn what_is_wrong_beside_presence_is_said_in_words() {
    let bodies = [
        answer("acme", "Bye", "none", "null", 1),
        answer("acme", HELLO, "pre-chat", "null", 1),
        answer("acme", HELLO, "none", "\"page\"", 1),
        acme(1),
    ];
    let server = Server::new(move |asked| vec![whole("200 OK", &bodies[asked.request])]);
    let ran = one_by_one(visitors(&server), looks_at_once(4), anyhow);
    assert_eq!(
        ran.mismatches(),
        [
            Some("its greeting is \"Bye\", but for `online` \"Hello!\" is set (rule C1)"),
            Some("its form is `pre-chat`, but `none` goes with `online` (rule C3)"),
            Some("it is hidden because of `page` (rule V1), but must be shown for this visitor"),
            None,
        ]
    );
}

#[test]
fn what_hides_a_widget_depends_on_the_visitor() {
    let server = Server::new(|asked| {
        let body = match asked.line.contains("checkout") {
            true => answer("acme", HELLO, "none", "\"page\"", 1),
            false => acme(1),
        };
        vec![whole("200 OK", &body)]
    });
    let mut arrivals = looks_at_once(2);
    arrivals[1].visitor = 1;
    let ran = one_by_one(visitors(&server), arrivals, anyhow);
    assert_eq!(ran.mismatches(), [None; 2]);
}

#[test]
fn nobody_arrives_any_more_once_it_is_stopped() {
    let server = Server::new(|_| vec![whole("200 OK", &acme(1))]);
    let visitors = visitors(&server);
    let (signals, tally) = (visitors.signals.clone(), visitors.run.tally.clone());
    std::thread::spawn(move || {
        let began = MachineTime::now();
        while tally.look(|counts| counts.rate.answered) < 3 && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
        }
        signals.stop();
    });
    // They would come for ten minutes.
    let ran = ran(visitors, looks((0..60_000).map(|n| n * 10)));
    let (ok, errors) = ran.calls(WIDGET);
    assert!((3..30_000).contains(&ok) && errors.is_empty(), "{ok}, {errors:?}");
    assert_eq!(ran.counts.rate.asked, ok);
}
