//! Random worlds on the reference service by its target file: none differs, and what a target gets wrong
//! is found and made small there.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::client::{KEY, limits, start_with};
use crate::common::ZONES;
use crate::on_target::runtime;
use crate::over_http::instant;
use lamplighter_scenario::simulate::fails;
use lamplighter_service::Clock;
use lamplighter_target::Trust;
use lamplighter_target::driver::{Driver, DriverOptions, Endpoint};
use lamplighter_target::file::{builtin, check};
use lamplighter_target::play::{PlayClock, PlaySettings};
use lamplighter_target::simulate::{Simulated, Simulation, simulate};

/// Plays seeds on a service of its own, by the reference's file after so many words of it were replaced.
fn simulated(seeds: std::ops::Range<u64>, replaced: &[(&str, &str)]) -> Simulated {
    let folder = tempfile::tempdir().expect("a folder");
    let begins = instant("2026-01-01T00:00:00Z");
    let service = start_with(folder.path(), Clock::manual(begins), limits());
    let mut text = builtin::built_in("reference").expect("built in").to_owned();
    for (words, others) in replaced {
        assert!(text.contains(words), "{words}");
        text = text.replace(words, others);
    }
    let checked = check(text.as_bytes(), &|path| Err(format!("no file {path}")));
    let mut file = checked.file.expect("no errors");
    file.vars.set("admin_key", KEY).expect("a secret");
    let endpoint = Endpoint::new(&format!("http://{}", service.address), &Trust::Machine)
        .expect("an endpoint");
    let driver = Driver::new(file, endpoint, DriverOptions::default()).expect("a driver");
    let runtime = runtime();
    let stop = AtomicBool::new(false);
    let playing = PlaySettings {
        driver: Arc::new(driver),
        clock: PlayClock::Manual,
        goes_back: false,
        real_time_max: Duration::from_secs(300),
        keeps: false,
        looks_around: false,
        runtime: runtime.handle().clone(),
        zones: &ZONES,
        stop: &stop,
    };
    let simulation = Simulation {
        playing: &playing,
        seeds,
        until: None,
        folder: folder.path(),
        shrink_for: Duration::from_secs(60),
        stops_at_first: true,
        done: &|_, _| {},
    };
    simulate(&simulation).expect("it is there")
}

#[test]
fn a_service_that_follows_the_rules_differs_in_no_world() {
    let ran = simulated(0..12, &[]);
    assert_eq!((ran.wrong, ran.tally.played), (0, 12), "{:?} {:?}", ran.groups, ran.tally);
    assert!(ran.tally.held.values().sum::<u64>() > 500, "{:?}", ran.tally);
}

#[test]
fn a_target_that_shows_away_as_online_is_found_and_what_shows_it_is_small() {
    let ran = simulated(0..64, &[(r#"away = "away", invisible"#, r#"away = "online", invisible"#)]);
    let [group] = &ran.groups[..] else { panic!("{:?}", ran.groups) };
    let kind = group.kind.to_string();
    assert_eq!(kind, "team status: by the rules away (rule P4), there online");
    let written = group.scenario.as_ref().expect("it fails there again");
    let scenario = &written.scenario;
    assert!(group.lines <= 4, "{scenario}");
    assert!(scenario.contains("expect ") && !fails(written, &ZONES), "{scenario}");
}
