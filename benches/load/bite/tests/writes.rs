//! Faults of writes.

use super::*;

#[test]
fn a_lost_status_is_acknowledged_with_the_versions_of_the_write_before() {
    let scripted = counting();
    let proxy = behind(&scripted, Fault::LostStatus);
    let mut client = Client::new(proxy.address);
    client.ask("POST /v1/login", "desk");
    let (mut last, mut lost) = (1, 0);
    for turn in 0..200 {
        let status = if turn % 2 == 0 { "away" } else { "online" };
        let put = StatusBody { status: status.to_owned(), everywhere: false };
        let said: DeviceBody =
            serde_json::from_str(&client.ask("PUT /v1/status", &text(&put))).unwrap();
        assert_eq!((said.agent.as_str(), said.status.as_str()), ("ann", status));
        match said.version["acme"] == last {
            true => lost += 1,
            false => assert_eq!(said.version["acme"], last + 1),
        }
        last = said.version["acme"];
    }
    assert_eq!(lost, proxy.counts().put_in);
    assert!((1..=20).contains(&lost), "{lost}");
    assert_eq!(scripted.heard().len() as u64, 201 - lost);
}

#[test]
fn logging_out_everywhere_reaches_the_service_as_one_device_alone() {
    let scripted = counting();
    let proxy = behind(&scripted, Fault::LogoutForgetsOne);
    let mut client = Client::new(proxy.address);
    let said = client.ask("POST /v1/logout", &text(&LogoutBody { everywhere: true }));
    assert_eq!(said, r#"{"version":{"acme":1}}"#);
    client.ask("POST /v1/logout", "");
    assert_eq!(scripted.heard(), [r#"POST /v1/logout {"everywhere":false}"#, "POST /v1/logout"]);
}

#[test]
fn invisible_reaches_the_service_as_away_and_is_acknowledged_as_invisible() {
    let scripted = counting();
    let proxy = behind(&scripted, Fault::InvisibleAsAway);
    let mut client = Client::new(proxy.address);
    let put = StatusBody { status: "invisible".to_owned(), everywhere: true };
    let said: DeviceBody =
        serde_json::from_str(&client.ask("PUT /v1/status", &text(&put))).unwrap();
    assert_eq!(said.status, "invisible");
    assert_eq!(scripted.heard(), [r#"PUT /v1/status {"status":"away","everywhere":true}"#]);
}

#[test]
fn one_message_in_five_is_acknowledged_and_kept_nowhere() {
    let mut id = 0;
    let scripted = Scripted::new(move |_| {
        id += 1;
        Does::Says(201, format!("{{\"id\":{id}}}"))
    });
    let proxy = behind(&scripted, Fault::LostMessage);
    let mut client = Client::new(proxy.address);
    for _ in 0..100 {
        let (head, said) = client.answer("POST /v1/widgets/acme/messages", "{}");
        assert!(head.starts_with("HTTP/1.1 201") && said.starts_with("{\"id\":"), "{head}{said}");
    }
    let lost = proxy.counts().put_in;
    assert!((5..=40).contains(&lost), "{lost}");
    assert_eq!(scripted.heard().len() as u64, 100 - lost);
}

#[test]
fn a_login_brings_the_status_back_that_was_chosen_on_the_device() {
    let scripted = counting();
    let proxy = behind(&scripted, Fault::LoginRestores);
    let mut client = Client::new(proxy.address);
    let put = text(&StatusBody { status: "away".to_owned(), everywhere: false });
    for (line, body) in [
        ("POST /v1/login", "desk"),
        ("PUT /v1/status", &put),
        ("POST /v1/login", "phone"),
        ("POST /v1/login", "desk"),
    ] {
        client.ask(line, body);
    }
    let restored = format!("PUT /v1/status {put}");
    let heard = scripted.heard();
    assert_eq!(heard[3..], ["POST /v1/login desk".to_owned(), restored]);
    assert_eq!(proxy.counts().put_in, 1);
}

#[test]
fn one_status_in_five_is_sent_once_more_two_seconds_later() {
    let scripted = counting();
    let proxy = behind(&scripted, Fault::RetriedLate);
    let mut client = Client::new(proxy.address);
    let put = text(&StatusBody { status: "away".to_owned(), everywhere: false });
    (0..50).for_each(|_| drop(client.ask("PUT /v1/status", &put)));
    assert_eq!(scripted.heard().len(), 50);
    thread::sleep(Duration::from_millis(2_500));
    let again = scripted.heard().len() as u64 - 50;
    assert!((2..=25).contains(&again), "{again}");
    assert_eq!(proxy.counts().put_in, again);
}
