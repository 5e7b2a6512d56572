//! Messages: left, acknowledged, looked for while the run goes on and at its end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::server::{Act, Asked, Server, whole};
use super::{PATIENCE, Ran, acme, looks_at_once, one_by_one, plan, visitors, visitors_of};
use crate::history::Record;
use crate::observation::{Observation, Observed};
use crate::plan::{Arrival, VisitorAction};
use crate::tally::MESSAGE;
use crate::visitors::acknowledged::{MessageCheck, text};
use crate::visitors::messages::MessageCheckResult;
use crate::visitors::{Visitors, check_messages};
use crate::wait_budget::WaitBudget;

/// A message with this number.
fn leave(number: u64) -> Arrival {
    Arrival { at: 0, widget: 0, visitor: 0, number, what: VisitorAction::Message }
}

/// What was left on a service, in order.
type Left = Arc<Mutex<Vec<String>>>;

/// The text of a message that was left.
fn text_of(asked: &Asked) -> String {
    let body: serde_json::Value = serde_json::from_str(&asked.body).expect("JSON");
    body["message"].as_str().expect("a text").to_owned()
}

/// A service that keeps what is left, but for what it loses, and lists so many, the latest first.
fn keeping(listed: usize, loses: fn(&str) -> bool) -> (Server, Left) {
    let left = Left::default();
    let kept = Arc::clone(&left);
    let server = Server::new(move |asked| {
        let mut kept = kept.lock().expect("no panic");
        if asked.line.starts_with("POST") {
            let text = text_of(&asked);
            if !loses(&text) {
                kept.push(text);
            }
            return vec![whole("201 Created", "{}")];
        }
        assert_eq!(asked.line, "GET /v1/messages/acme HTTP/1.1");
        let latest = kept.iter().rev().take(listed);
        let messages: Vec<_> = latest.map(|text| serde_json::json!({ "message": text })).collect();
        vec![whole("200 OK", &serde_json::json!({ "messages": messages }).to_string())]
    });
    (server, left)
}

/// Looks for what was left; what is missing, and why.
fn looked_for(visitors: &Visitors, ran: &Ran) -> (MessageCheckResult, Vec<(String, String)>) {
    let mut budget = WaitBudget::of(PATIENCE);
    let came = check_messages(visitors, &ran.kept, &mut budget, Duration::ZERO);
    let missing = visitors.run.history.take().into_iter().map(|record| match record {
        Record::Observed(Observation {
            property: 0,
            seen: Observed::MissingMessage { text, why },
            ..
        }) => (text.into(), why.into()),
        other => panic!("{other:?}"),
    });
    (came, missing.collect())
}

#[test]
fn messages_are_left_recorded_and_looked_for() {
    // The fourth is refused; of the others one is lost, and one there twice.
    let server = Server::new(|asked: Asked| {
        let said = |number: u64| serde_json::json!({ "message": text(&plan(), number) });
        let body = match asked.line.as_str() {
            "POST /v1/widgets/acme/messages HTTP/1.1" if asked.body.contains("message 4 ") => {
                return vec![whole("429 Too Many Requests", "{}")];
            }
            "POST /v1/widgets/acme/messages HTTP/1.1" => return vec![whole("201 Created", "{}")],
            "GET /v1/messages/acme HTTP/1.1" => {
                serde_json::json!({ "messages": [said(2), said(5), said(1), said(2)] }).to_string()
            }
            line => panic!("{line}"),
        };
        vec![whole("200 OK", &body)]
    });
    let visitors = visitors(&server);
    let arrivals = (1..=5).map(leave).collect();
    let ran = one_by_one(visitors.clone(), arrivals, |_, _| true);
    assert_eq!(ran.calls(MESSAGE), (4, vec![("429", 1)]));
    assert_eq!(ran.kept.iter().map(|kept| kept.number).collect::<Vec<_>>(), [1, 2, 3, 5]);
    let is_kept = |record: &&Record| matches!(record, Record::MessageKept { .. });
    assert_eq!(ran.records.iter().filter(is_kept).count(), 4);
    let (came, missing) = looked_for(&visitors, &ran);
    assert_eq!((came.looked_for, came.unknown, came.unfinished()), (4, 0, None));
    let told = |number, why: &str| (text(&plan(), number), why.to_owned());
    assert_eq!(missing, [told(2, "it is there 2 times"), told(3, "it is not there")]);
}

#[test]
fn a_list_that_ends_early_loses_nothing_and_what_is_lost_among_many_is_found() {
    let (server, left) = keeping(120, |text| text.contains("message 77 "));
    let visitors = visitors(&server);
    let ran = one_by_one(visitors.clone(), (1..=300).map(leave).collect(), |_, _| true);
    assert_eq!(ran.calls(MESSAGE), (300, vec![]));
    assert_eq!(size_of_val(&ran.kept[0]), 24, "the manual says what a message takes");
    let looked = |what| ran.kept.iter().filter(|kept| kept.looked == what).count();
    assert_eq!(looked(MessageCheck::Missing), 1, "it was seen to be missing while the run went on");
    assert!(looked(MessageCheck::There) >= 159, "{}", looked(MessageCheck::There));
    let (came, missing) = looked_for(&visitors, &ran);
    assert_eq!((came.looked_for, came.unfinished()), (300, None));
    let text = text(&plan(), 77);
    assert_eq!(missing, [(text, "it is not there".to_owned())]);
    assert_eq!(left.lock().expect("no panic").len(), 299);
}

#[test]
fn what_no_list_reaches_back_to_is_not_known_rather_than_lost() {
    let (server, _) = keeping(12, |_| false);
    let visitors = visitors(&server);
    let ran = one_by_one(visitors.clone(), (1..=79).map(leave).collect(), |_, _| true);
    let (came, missing) = looked_for(&visitors, &ran);
    assert_eq!(missing, []);
    assert_eq!(came.looked_for + came.unknown, 79);
    assert!(came.unknown > 0, "a list of twelve cannot show all of 39");
    let told = came.unfinished().expect("something is not known");
    assert!(told.ends_with("the list of `acme` does not reach back to them"), "{told}");
}

#[test]
fn a_message_may_show_as_late_as_the_target_says() {
    let left = Left::default();
    let looks = Arc::new(Mutex::new(0));
    let (kept, count) = (Arc::clone(&left), Arc::clone(&looks));
    let server = Server::new(move |asked| {
        if asked.line.starts_with("POST") {
            kept.lock().expect("no panic").push(text_of(&asked));
            return vec![whole("201 Created", "{}")];
        }
        let mut count = count.lock().expect("no panic");
        *count += 1;
        // At first it shows nothing.
        let shown = if *count == 1 { 0 } else { 1 };
        let kept = kept.lock().expect("no panic");
        let shown: Vec<&String> = kept.iter().take(shown).collect();
        let messages: Vec<_> =
            shown.iter().map(|text| serde_json::json!({ "message": text })).collect();
        vec![whole("200 OK", &serde_json::json!({ "messages": messages }).to_string())]
    });
    for (within, missing) in [("1", 1), ("0", 2)] {
        *looks.lock().expect("no panic") = 0;
        left.lock().expect("no panic").clear();
        let timing = format!("{}[timing]\nshows_within = {within}\n", super::LIKE_REFERENCE);
        let visitors = visitors_of(&server, &timing);
        let ran = one_by_one(visitors.clone(), (1..=2).map(leave).collect(), |_, _| true);
        let (_, found) = looked_for(&visitors, &ran);
        assert_eq!(found.len(), missing, "within {within} s");
    }
}

#[test]
fn a_message_is_never_sent_twice_although_the_connection_broke() {
    let server = Server::new(|asked| match asked.line.starts_with("POST") {
        true => vec![Act::Close],
        false => vec![whole("200 OK", &acme(1))],
    });
    let mut arrivals = looks_at_once(1);
    arrivals.push(leave(1));
    let ran = one_by_one(visitors(&server), arrivals, |_, _| true);
    assert_eq!(ran.calls(MESSAGE), (0, vec![("closed before the answer", 1)]));
    assert!(ran.kept.is_empty());
}
