//! A service that stands still is seen to do so by everyone who arrived meanwhile.

use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant as MachineTime};

use super::server::{Act, Server, whole};
use super::{acme, looks, ran, visitors};
use crate::tally::WIDGET;

/// How often it is tried: a machine that does other things meanwhile adds pauses of its own.
const TRIES: usize = 6;

#[test]
fn percentiles_show_a_pause_as_arithmetic_says_they_must() {
    let told: Vec<String> = (0..TRIES).map_while(|_| run_with_a_pause().err()).collect();
    assert!(told.len() < TRIES, "{told:#?}");
}

/// How a percentile differs from what it must be, by a hundredth or more and by more than the machine
/// adds. That it shows too little is no doing of the machine, and fails at once.
fn run_with_a_pause() -> Result<(), String> {
    let (every_ms, count, pause) = (4_i64, 1_000_i64, Duration::from_millis(1_600));
    let lasts_us = (every_ms * count * 1_000) as f64;
    // The pause begins with the first request behind 1.2 s, as SIGSTOP would begin it.
    let (began, when) = channel::<MachineTime>();
    let paused: Mutex<Option<MachineTime>> = Mutex::new(None);
    let from = Mutex::new(None::<MachineTime>);
    let body = acme(1);
    let server = Server::new(move |_| {
        let now = MachineTime::now();
        let first = *from.lock().expect("one thread").get_or_insert(now);
        let mut paused = paused.lock().expect("one thread");
        if paused.is_none() && now > first + Duration::from_millis(1_200) {
            *paused = Some(now);
            began.send(now).expect("is awaited");
        }
        match *paused {
            Some(at) if now < at + pause => vec![Act::Until(at + pause), whole("200 OK", &body)],
            _ => vec![whole("200 OK", &body)],
        }
    });
    let mut visitors = visitors(&server);
    // Fewer connections than visitors who wait: those in line count all the same.
    visitors.connections_max = 100;
    let clock = visitors.run.clock;
    let ran = ran(visitors, looks((0..count).map(|n| n * every_ms)));
    assert_eq!(ran.calls(WIDGET), (count as u64, vec![]));
    let rate = &ran.counts.rate;
    assert_eq!((rate.asked, rate.sent, rate.answered), (1_000, 1_000, 1_000));
    let widget = &ran.counts.operations[WIDGET];
    // Whoever arrives when it began waits for all of it, and each later one so much less: of all
    // visitors a share of p waits for longer than the pause less p times the run. It may have lasted
    // longer than it should: until the first answer behind it.
    let began = clock.micros_of(when.recv().expect("it paused"));
    let pause_us = pause.as_micros() as i64;
    let behind = ran.times().into_iter().map(|(_, answered)| answered);
    let ended = behind.filter(|answered| *answered >= began + pause_us).min();
    let ended = ended.expect("it ended");
    let lasted_us = ended - began;
    // What the machine adds to it: as much as to those who came when nothing stood still.
    let is_apart = |(sent, answered): &(i64, i64)| *answered < began || *sent > ended + 500_000;
    let apart = ran.times().into_iter().filter(is_apart).map(|(sent, answered)| answered - sent);
    let machine_us = apart.max().unwrap_or(0) as u64 + rate.generator_late.max();
    for (percent, share) in [(99.9, 0.001), (99.0, 0.01), (90.0, 0.1)] {
        let must = |pause_us: i64| pause_us as f64 - share * lasts_us;
        let shown = widget.intended.percentile(percent) as f64;
        assert!(shown >= must(pause_us) * 0.99, "p{percent}: {shown} us, not {}", must(pause_us));
        if shown >= must(lasted_us) * 1.01 + machine_us as f64 {
            let must = must(lasted_us);
            return Err(format!("p{percent}: {shown} us, not {must} us and {machine_us} us more"));
        }
    }
    // What a closed loop would have told: those in line were quickly served once they were sent.
    let closed = widget.service.percentile(85.0) as f64;
    if closed >= 0.2 * pause_us as f64 {
        return Err(format!("those in line waited for {closed} us more"));
    }
    match rate.generator_late.percentile(50.0) {
        ..5_000 => Ok(()),
        late => Err(format!("the generator was late itself, by {late} us")),
    }
}
