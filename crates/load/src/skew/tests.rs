//! How far clocks are found to be ahead.

use super::*;
use lamplighter_core::model::Instant;
use lamplighter_target::Trust;

/// What a search finds, and how long it takes: the target's clock is ahead by what `ahead` says
/// at a moment; the ways there and back take what `way` draws.
fn find(
    began: Micros,
    ahead: impl Fn(Micros) -> Micros,
    mut way: impl FnMut() -> Micros,
) -> Result<(Skew, Micros), SkewError> {
    let mut now = began;
    let mut search = Search::new(now);
    while let Some(next) = search.next(now) {
        // Whoever sleeps wakes late, too.
        let sent = next.max(now) + way() / 4;
        let read = sent + way();
        let date = (read + ahead(read)).div_euclid(SECOND_US) * SECOND_US;
        now = read + way();
        search.add(DateSample { sent, received: now, date })?;
        assert!(search.answers < 10_000, "it comes to an end");
    }
    Ok((search.skew(), now - began))
}

/// Numbers below a bound, the same in each run.
fn draws(bound: Micros) -> impl FnMut() -> Micros {
    let mut state = 88_172_645_463_325_252_u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % bound as u64) as Micros
    }
}

const BEGAN: Micros = 1_773_061_200_123_456;

#[test]
fn it_is_found_within_two_milliseconds_wherever_it_is() {
    for ahead in (-2_500_000..2_500_000).step_by(99_991).chain([0, 1, 999_999, -1, 500_000]) {
        for began in [BEGAN, BEGAN + 777_000] {
            let (skew, took) = find(began, |_| ahead, || 120).expect("it is found");
            let off = (skew.ahead_us - ahead).abs();
            assert!(off <= skew.uncertain_us && skew.uncertain_us <= 1_000, "{ahead}: {skew:?}");
            assert!(took < 3 * SECOND_US, "{ahead}: took {took} us");
            assert!(!skew.was_contradicted);
        }
    }
}

#[test]
fn ways_of_changing_length_widen_it_and_never_make_it_wrong() {
    let mut uncertain = Vec::new();
    // Mostly short, and now and then as long as a scheduler's turn.
    let (mut short, mut rare) = (draws(400), draws(1_000));
    for ahead in (-700_000..700_000).step_by(9_999) {
        let (short, rare) = (&mut short, &mut rare);
        let way = || short() + if rare() < 50 { 20_000 } else { 0 };
        let (skew, took) = find(BEGAN, |_| ahead, way).expect("it is found");
        assert!((skew.ahead_us - ahead).abs() <= skew.uncertain_us, "{ahead}: {skew:?}");
        assert!(took < 5 * SECOND_US, "{ahead}: took {took} us");
        uncertain.push(skew.uncertain_us);
    }
    uncertain.sort_unstable();
    // A long way at the flip of the second costs some milliseconds; half are spared that.
    assert!(uncertain[uncertain.len() / 2] <= 1_000, "{uncertain:?}");
}

#[test]
fn long_ways_leave_it_uncertain_and_it_ends_all_the_same() {
    let (skew, took) = find(BEGAN, |_| 123_000, || 40_000).expect("it is found");
    assert!((skew.ahead_us - 123_000).abs() <= skew.uncertain_us, "{skew:?}");
    assert!(took < 5 * SECOND_US && skew.uncertain_us > 2_000, "{skew:?}, {took}");
}

#[test]
fn a_clock_that_is_put_meanwhile_is_told() {
    let put = |at: Micros| if at > BEGAN + 1_200_000 { 3_000_000 } else { 200_000 };
    assert!(matches!(find(BEGAN, put, || 100), Err(SkewError::Stepped(ms)) if ms > 1_000));
}

#[test]
fn a_clock_that_is_slewed_by_some_milliseconds_is_known_less_well() {
    let slewed = |at: Micros| if at > BEGAN + 1_400_000 { 212_000 } else { 200_000 };
    let (skew, _) = find(BEGAN, slewed, || 100).expect("it is found");
    let reaches = |ahead: Micros| (skew.ahead_us - ahead).abs() <= skew.uncertain_us + 600;
    assert!(reaches(212_000) || reaches(200_000), "{skew:?}");
}

#[test]
fn dates_of_http_are_read() {
    assert_eq!(second_of("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777 * SECOND_US));
    assert_eq!(second_of("1994-11-06"), None);
}

/// How often it is tried: a machine that does other things meanwhile makes ways long.
const TRIES: usize = 12;

#[test]
fn the_clock_of_a_server_on_this_machine_is_as_ours() {
    let address = clock_server();
    let host = Host::new(&format!("http://{address}"), "", &Trust::Machine).expect("an address");
    let mut uncertain_us = Vec::new();
    for _ in 0..TRIES {
        let (clock, off_us) = our_clock();
        let skew = measure(&host, "/", &clock).expect("it is found");
        // However long the ways were, it is not farther off than it says.
        assert!(skew.ahead_us.abs() <= skew.uncertain_us + off_us, "{skew:?}");
        uncertain_us.push(skew.uncertain_us);
        if skew.uncertain_us < 20_000 {
            return;
        }
    }
    panic!("it is never known well: {uncertain_us:?}");
}

/// A server whose answers have a `Date`, on any number of connections.
fn clock_server() -> std::net::SocketAddr {
    answering(|| {
        (format!("date: {}\r\n", now().format("%a, %d %b %Y %H:%M:%S GMT")), String::new())
    })
}

fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from(std::time::SystemTime::now())
}

/// A server whose answers have these header fields and this body, on any number of connections.
fn answering(says: impl Fn() -> (String, String) + Clone + Send + 'static) -> std::net::SocketAddr {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let says = says.clone();
            std::thread::spawn(move || {
                let mut bytes = [0; 1_024];
                while stream.read(&mut bytes).is_ok_and(|count| count > 0) {
                    let (header, body) = says();
                    let length = body.len();
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\n{header}content-length: {length}\r\n\r\n{body}"
                    );
                    stream.write_all(answer.as_bytes()).expect("writes");
                }
            });
        }
    });
    address
}

/// How far a clock is found to be ahead that steps read, whose answer is what is given.
fn read_by_steps(
    says: impl Fn() -> String + Clone + Send + 'static,
) -> (Result<Skew, SkewError>, Micros) {
    const FILE: &str = r#"
        format = 1
        [target]
        name = "clocked"
        base = "http://127.0.0.1:1"
        accounts = [{ agent = "a", password = "p" }]
        properties = [{ property = "one" }]
        [device]
        login = { post = "/in" }
        logout = { post = "/out" }
        status = { post = "/status" }
        [widget]
        read = { get = "/w", keep.size = { bytes = true } }
        says = [{ when = { size = 7 }, status = "online" }, { status = "offline" }]
        [timing]
        clock = { get = "/time", keep.now = { json = "/now" } }
    "#;
    let address = answering(move || (String::new(), says()));
    let driver = crate::service::driver_of(FILE, &format!("http://{address}"), |_| ());
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (clock, off_us) = our_clock();
    (of_target(&driver, &threads.expect("a runtime"), &clock), off_us)
}

#[test]
fn t43_a_clock_is_read_by_steps_to_the_millisecond_or_to_the_second_that_they_tell() {
    const AHEAD_MS: i64 = 90_000;
    let in_text = || {
        let ahead = now() + chrono::Duration::milliseconds(AHEAD_MS);
        format!(r#"{{"now":"{}"}}"#, ahead.format("%Y-%m-%dT%H:%M:%S%.3fZ"))
    };
    let in_ms = || format!(r#"{{"now":{}}}"#, now().timestamp_millis() + AHEAD_MS);
    let in_s = || format!(r#"{{"now":{}}}"#, now().timestamp() + AHEAD_MS / 1_000);
    let says: [(fn() -> String, Micros); 3] =
        [(in_text, TICK_US), (in_ms, TICK_US), (in_s, SECOND_US)];
    for (says, tick_us) in says {
        let (skew, off_us) = read_by_steps(says);
        let skew = skew.expect("it is read");
        let off = (skew.ahead_us - AHEAD_MS * 1_000).abs();
        assert!(off <= skew.uncertain_us + off_us, "{skew:?} is off by {off}");
        assert!(skew.uncertain_us >= tick_us / 2, "{skew:?}");
        assert!(skew.uncertain_us < tick_us / 2 + SECOND_US / 4, "{skew:?}");
    }
}

#[test]
fn t43_a_clock_that_steps_cannot_read_is_told() {
    let (told, _) = read_by_steps(|| r#"{"now":"soon"}"#.to_owned());
    let told = told.expect_err("it is none").to_string();
    assert!(told.starts_with("the target's clock cannot be read by the steps"), "{told}");
}

/// A clock that begins now, and by how much it may be off: our wall clock is told to the
/// millisecond, and the machine may do something else while it is read.
fn our_clock() -> (RunClock, Micros) {
    let before = std::time::Instant::now();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let ms = i64::try_from(since.expect("after 1970").as_millis()).expect("fits");
    let now = Instant::from_millis(ms).expect("a year that there is");
    let clock = RunClock::new(now, now);
    (clock, 1_000 + Micros::try_from(before.elapsed().as_micros()).expect("fits"))
}
