//! Faults of event streams and sockets.

use super::*;

#[test]
fn without_a_fault_each_event_comes_when_it_is_sent() {
    let (_proxy, mut client, put) = stream(Fault::None);
    for version in 1..=3 {
        let sent = event(&widget("acme", "online", version));
        put.send(sent.clone()).unwrap();
        assert_eq!(client.event(), sent);
    }
}

#[test]
fn without_a_fault_the_loss_of_a_socket_reaches_the_service() {
    let (_proxy, client, heard) = socket(Fault::None);
    drop(client);
    assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), "");
}

#[test]
fn a_grace_that_never_ends_keeps_the_socket_until_the_proxy_stops() {
    let (proxy, client, heard) = socket(Fault::GraceNeverEnds);
    drop(client);
    assert!(heard.recv_timeout(Duration::from_millis(500)).is_err());
    assert_eq!(proxy.counts().put_in, 1);
    drop(proxy);
    assert_eq!(heard.recv_timeout(PATIENCE).unwrap(), "");
}

#[test]
fn an_edge_is_pushed_three_seconds_late_unless_something_else_comes() {
    let (_proxy, mut client, put) = stream(Fault::EdgeLate);
    let edge_ms = now_ms() + 100;
    let events = [
        event(&changing("acme", "offline", 1, 100)),
        event(&changing("acme", "online", 2, 3_600)),
        event(&widget("acme", "away", 3)),
    ];
    put.send(events[0].clone()).unwrap();
    assert_eq!(client.event(), events[0]);
    thread::sleep(Duration::from_millis(200));
    put.send(events[1].clone()).unwrap();
    assert_eq!(client.event(), events[1]);
    assert!(now_ms() - edge_ms >= 3_000, "{}", now_ms() - edge_ms);
    thread::sleep(Duration::from_millis(u64::try_from(edge_ms + 3_700 - now_ms()).unwrap()));
    put.send(events[2].clone()).unwrap();
    put.send(": nothing\n\n".to_owned()).unwrap();
    put.send(event(&widget("acme", "online", 4))).unwrap();
    let first = now_ms();
    assert_eq!(client.event(), ": nothing\n\n", "a comment is nobody's news");
    assert_eq!(client.event(), events[2]);
    assert_eq!(client.event(), event(&widget("acme", "online", 4)));
    assert!(now_ms() - first < 2_000);
}

#[test]
fn one_event_in_fifty_is_left_out_and_none_twice() {
    let (proxy, mut client, put) = stream(Fault::LostPush);
    for version in 1..=500 {
        put.send(event(&widget("acme", "online", version))).unwrap();
    }
    put.send(": the end\n\n".to_owned()).unwrap();
    let mut came = Vec::new();
    loop {
        let next = client.event();
        if next == ": the end\n\n" {
            break;
        }
        came.push(next);
    }
    let lost = proxy.counts().put_in;
    assert!((1..=30).contains(&lost), "{lost}");
    assert_eq!(came.len() as u64, 500 - lost);
    assert_eq!(came[0], event(&widget("acme", "online", 1)));
    came.dedup();
    assert_eq!(came.len() as u64, 500 - lost);
}
