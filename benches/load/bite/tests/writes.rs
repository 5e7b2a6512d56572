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
        let put = StatusBody { status: status.to_owned() };
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
fn of_an_agents_devices_all_but_the_last_are_logged_out_in_words_alone() {
    let mut version = 0;
    let scripted = Scripted::new(move |asked| {
        version += 1;
        match device(asked, version) {
            // Each device has a token of its own.
            Does::Says(201, said) => {
                Does::Says(201, said.replace("\"t\"", &format!("\"{}\"", asked.body)))
            }
            does => does,
        }
    });
    let proxy = behind(&scripted, Fault::LogoutForgetsOne);
    let mut client = Client::new(proxy.address);
    client.ask("POST /v1/login", "desk");
    client.ask("POST /v1/login", "phone");
    let mut log_out = |device: &str| {
        client.send_by(device, "POST /v1/logout", "", "");
        message(&mut client.0).expect("an answer").1
    };
    assert_eq!(log_out("phone"), r#"{"version":{"acme":2}}"#, "as of the write before");
    assert_eq!(log_out("desk"), r#"{"version":{"acme":3}}"#);
    let counts = proxy.counts();
    assert_eq!((counts.put_in, counts.in_vain), (1, 1));
    assert_eq!(scripted.heard().len(), 3, "two logins, and the logout of the last device");
}

#[test]
fn invisible_reaches_the_service_as_away_and_is_acknowledged_as_invisible() {
    let scripted = counting();
    let proxy = behind(&scripted, Fault::InvisibleAsAway);
    let mut client = Client::new(proxy.address);
    let put = StatusBody { status: "invisible".to_owned() };
    let said: DeviceBody =
        serde_json::from_str(&client.ask("PUT /v1/status", &text(&put))).unwrap();
    assert_eq!(said.status, "invisible");
    assert_eq!(scripted.heard(), [r#"PUT /v1/status {"status":"away"}"#]);
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
    let put = text(&StatusBody { status: "away".to_owned() });
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
    let put = text(&StatusBody { status: "away".to_owned() });
    (0..50).for_each(|_| drop(client.ask("PUT /v1/status", &put)));
    assert_eq!(scripted.heard().len(), 50);
    thread::sleep(Duration::from_millis(2_500));
    let again = scripted.heard().len() as u64 - 50;
    assert!((2..=25).contains(&again), "{again}");
    assert_eq!(proxy.counts().put_in, again);
}
