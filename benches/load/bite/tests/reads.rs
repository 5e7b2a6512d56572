//! Faults of reads and of looks at teams.

use super::*;

#[test]
fn without_a_fault_everything_comes_through_as_it_is() {
    let scripted = Scripted::new(|asked| match asked.line.as_str() {
        "GET /v1/widgets/gone" => Does::Says(404, "{\"detail\": \"no\"}".to_owned()),
        _ => Does::Says(200, format!("{{  \"said\" : \"{}\" }}\n", asked.body)),
    });
    let proxy = behind(&scripted, Fault::None);
    let (mut direct, mut through) = (Client::new(scripted.address), Client::new(proxy.address));
    let calls = [
        ("GET /v1/widgets/acme?page=https%3A%2F%2Fx.org%2Fa&device=mobile", ""),
        ("GET /v1/widgets/gone", ""),
        ("PUT /v1/status", "{\"status\": \"invisible\"}"),
        ("POST /v1/logout", "{ }"),
        ("POST /v1/widgets/acme/messages", "{}"),
        ("POST /v1/login", "{}"),
        ("GET /v1/team/acme", ""),
        ("GET /v1/trace?from=2026-03-09T00:00:00Z", ""),
    ];
    for (line, body) in calls {
        let ((head, said), (head_through, said_through)) =
            (direct.answer(line, body), through.answer(line, body));
        assert_eq!(said, said_through, "{line}");
        assert_eq!(head.split(' ').nth(1), head_through.split(' ').nth(1), "{line}");
        for name in ["content-type", "content-length", "date", "x-extra"] {
            assert_eq!(header(&head, name), header(&head_through, name), "{line}: {name}");
        }
    }
    let asked = scripted.asked.lock().unwrap();
    for pair in asked.chunks(2) {
        assert_eq!((&pair[0].line, &pair[0].body), (&pair[1].line, &pair[1].body));
        assert_eq!(header(&pair[1].head, "authorization"), Some("Bearer t"));
        assert_eq!(header(&pair[1].head, "host"), Some("chat"));
    }
    assert_eq!(proxy.counts().put_in, 0);
}

#[test]
fn a_stale_cache_gives_copies_of_half_a_second_at_most() {
    let scripted = growing("online");
    let proxy = behind(&scripted, Fault::StaleCache);
    let mut client = Client::new(proxy.address);
    let mut given = Vec::new();
    for _ in 0..1_000 {
        given.push(client.read("acme").version);
    }
    let old = given.windows(2).filter(|two| two[1] < two[0]).count() as u64;
    let put_in = proxy.counts().put_in;
    assert!((1..=30).contains(&put_in), "{put_in}");
    assert_eq!(old, put_in);
    // What was not answered from a copy was asked for.
    assert_eq!(scripted.heard().len() as u64, 1_000 - put_in);
    thread::sleep(Duration::from_millis(600));
    let newest = *given.iter().max().unwrap();
    assert_eq!(client.read("acme").version, newest + 1);
}

#[test]
fn another_property_answers_under_the_name_that_was_asked_for_or_its_own() {
    for (fault, name) in [(Fault::OtherProperty, "acme"), (Fault::OtherPropertyNamed, "zoo")] {
        let scripted = growing("online");
        let proxy = behind(&scripted, fault);
        let mut client = Client::new(proxy.address);
        assert_eq!(client.read("zoo").widget, "zoo");
        let answers: Vec<WidgetBody> = (0..500).map(|_| client.read("acme")).collect();
        let wrong: Vec<_> =
            answers.iter().filter(|answer| answer.greeting == "zoo is online").collect();
        assert_eq!(wrong.len() as u64, proxy.counts().put_in);
        assert!((1..=20).contains(&wrong.len()), "{}", wrong.len());
        assert!(wrong.iter().all(|answer| answer.widget == name));
    }
}

#[test]
fn a_version_goes_back_on_its_connection_with_the_new_answer_or_the_old_one() {
    for fault in [Fault::VersionBack, Fault::VersionBackOld] {
        let mut version = 100;
        let scripted = Scripted::new(move |_| {
            version += 1;
            says(&WidgetBody { greeting: version.to_string(), ..widget("acme", "online", version) })
        });
        let proxy = behind(&scripted, fault);
        let mut client = Client::new(proxy.address);
        let answers: Vec<WidgetBody> = (0..500).map(|_| client.read("acme")).collect();
        let mut back = 0;
        for two in answers.windows(2).filter(|two| two[1].version < two[0].version) {
            back += 1;
            let is_old = two[1].greeting == two[1].version.to_string();
            assert_eq!(is_old, fault == Fault::VersionBackOld);
        }
        assert_eq!(back, proxy.counts().put_in);
        assert!((1..=20).contains(&back), "{back}");
        // A connection on which nothing was given has nothing to go back from.
        for _ in 0..200 {
            let fresh = Client::new(proxy.address).read("acme");
            assert_eq!(fresh.greeting, fresh.version.to_string());
        }
    }
}

#[test]
fn an_edge_shows_three_seconds_late_by_reads_with_its_old_version_or_the_new_one() {
    for (fault, version) in [(Fault::EdgeLate, 1), (Fault::EdgeLateRelabelled, 2)] {
        let edge_ms = now_ms() + 200;
        let before = changing("acme", "offline", 1, 200);
        let scripted = Scripted::new(move |_| match now_ms() < edge_ms {
            true => says(&before),
            false => says(&widget("acme", "online", 2)),
        });
        let proxy = behind(&scripted, fault);
        let mut client = Client::new(proxy.address);
        assert_eq!(client.read("acme").status, "offline");
        thread::sleep(Duration::from_millis(600));
        let late = client.read("acme");
        assert_eq!((late.status.as_str(), late.version), ("offline", version));
        // A visitor of whom nothing is known gets the truth.
        assert_eq!(client.read("acme?device=mobile").status, "online");
        thread::sleep(Duration::from_millis(2_800));
        assert_eq!(client.read("acme").status, "online");
        assert_eq!(proxy.counts().put_in, 1);
    }
}

#[test]
fn a_write_after_an_edge_shows_at_once() {
    let edge_ms = now_ms() + 200;
    let before = changing("acme", "offline", 1, 200);
    let scripted = Scripted::new(move |asked| match (asked.line.as_str(), now_ms() < edge_ms) {
        ("PUT /v1/status", _) => device(asked, 3),
        (_, true) => says(&before),
        (_, false) => says(&widget("acme", "away", 3)),
    });
    let proxy = behind(&scripted, Fault::EdgeLate);
    let mut client = Client::new(proxy.address);
    client.read("acme");
    thread::sleep(Duration::from_millis(400));
    assert_eq!(client.read("acme").status, "offline");
    client.ask("PUT /v1/status", &text(&StatusBody { status: "away".into() }));
    assert_eq!(client.read("acme").status, "away");
}

#[test]
fn a_team_hides_who_is_invisible() {
    let team = r#"[{"agent":"ann","status":"invisible"},{"agent":"bob","status":"away"}]"#;
    let scripted = Scripted::new(move |_| Does::Says(200, team.to_owned()));
    let proxy = behind(&scripted, Fault::TeamHidesInvisible);
    let said = Client::new(proxy.address).ask("GET /v1/team/acme", "");
    assert_eq!(said, team.replace("invisible", "offline"));
}
