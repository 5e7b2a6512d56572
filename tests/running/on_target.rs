//! Scenarios on the reference service by its target file: the verdicts are those of a run in process,
//! and a service that lies is found out.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::client::{KEY, Running, limits, start_with};
use crate::common::ZONES;
use crate::over_http::{instant, liar};
use lamplighter_core::model::Instant;
use lamplighter_scenario::play::Verdict;
use lamplighter_service::Clock;
use lamplighter_target::Trust;
use lamplighter_target::driver::{Driver, DriverOptions, Endpoint, RunError};
use lamplighter_target::file::{builtin, check};
use lamplighter_target::play::{PlayClock, PlaySettings, ScenarioInput, SkipReason, play};

/// What became of scenarios on the service at an address, in their order.
pub fn played(
    address: &str,
    inputs: &[ScenarioInput],
) -> Result<Vec<Option<Result<Verdict, SkipReason>>>, RunError> {
    played_with(KEY, address, inputs)
}

/// The same with a key that may be another.
pub fn played_with(
    key: &str,
    address: &str,
    inputs: &[ScenarioInput],
) -> Result<Vec<Option<Result<Verdict, SkipReason>>>, RunError> {
    let text = builtin::built_in("reference").expect("built in");
    let checked = check(text.as_bytes(), &|path| Err(format!("no file {path}")));
    let mut file = checked.file.expect("no errors");
    file.vars.set("admin_key", key).expect("a secret");
    let endpoint = Endpoint::new(address, &Trust::Machine).expect("an address");
    let driver = Driver::new(file, endpoint, DriverOptions::default()).expect("a driver");
    played_by(Arc::new(driver), inputs)
}

/// What runs a test's calls.
pub fn runtime() -> tokio::runtime::Runtime {
    let mut building = tokio::runtime::Builder::new_multi_thread();
    building.worker_threads(2).enable_all().build().expect("a runtime")
}

/// The same on whatever a driver follows, whose clock can be put.
pub fn played_by(
    driver: Arc<Driver>,
    inputs: &[ScenarioInput],
) -> Result<Vec<Option<Result<Verdict, SkipReason>>>, RunError> {
    let runtime = runtime();
    let playing = PlaySettings {
        driver,
        clock: PlayClock::Manual,
        goes_back: false,
        real_time_max: Duration::from_secs(300),
        keeps: false,
        looks_around: true,
        runtime: runtime.handle().clone(),
        zones: &ZONES,
        stop: &AtomicBool::new(false),
    };
    let mut ended: Vec<Option<Result<Verdict, SkipReason>>> = inputs.iter().map(|_| None).collect();
    play(&playing, inputs, &mut |index, end| ended[index] = Some(end))?;
    Ok(ended)
}

fn start(at: Instant) -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().expect("a folder");
    let service = start_with(folder.path(), Clock::manual(at), limits());
    (folder, service)
}

/// The verdicts of all, on as many services as it takes: grace and auto-away are of a whole service.
pub fn play_all(inputs: Vec<ScenarioInput>) -> Vec<(ScenarioInput, Verdict)> {
    let (mut verdicts, mut rest) = (Vec::new(), inputs);
    while !rest.is_empty() {
        let (_folder, service) = start(Instant::MIN);
        let ended = played(&format!("http://{}", service.address), &rest).expect("it is there");
        let count = rest.len();
        let mut left_out = Vec::new();
        for (input, end) in rest.into_iter().zip(ended) {
            match end.expect("an end") {
                Ok(verdict) => verdicts.push((input, verdict)),
                Err(SkipReason::OtherTiming { .. }) => left_out.push(input),
                // Of such a one nothing that visitors see is asked.
                Err(SkipReason::NothingLeft { .. }) => {}
                Err(why) => panic!("{}: {why}", input.path.display()),
            }
        }
        rest = left_out;
        assert!(rest.len() < count, "no service plays what is left");
    }
    verdicts
}

const ONE_DAY: &str = "\
scenario Ann has a day
property acme
  members ann
  pre-chat-form
at 2026-03-09 09:00
  ann logs in on laptop
  expect acme online, form pre-chat, until 12:00
at 12:00
  ann goes away
  expect acme away
";

fn one_day() -> [ScenarioInput; 1] {
    [ScenarioInput { path: PathBuf::from("one.scenario"), bytes: ONE_DAY.into() }]
}

#[test]
fn a_service_that_lies_is_found_out_by_its_target_file() {
    for (from, to, expected, found) in [
        (&br#""status":"online""#[..], &br#""status":"away"  "#[..], "online", "away"),
        (br#""form":"pre-chat""#, br#""form":"offline" "#, "form pre-chat", "form offline"),
        (
            br#""form":"pre-chat""#,
            br#""form":17        "#,
            "online",
            "unreadable: `17` is no `form`",
        ),
    ] {
        let (_folder, service) = start(instant("2026-03-09T08:00:00Z"));
        let liar = liar(service.address, from, to);
        let mut ended = played(&format!("http://{liar}"), &one_day()).expect("it is there");
        let verdict = ended.remove(0).expect("an end").expect("played");
        let failure = verdict.failures.first().expect("a lie");
        assert_eq!(failure.expected.split(" until").next(), Some(expected));
        assert!(failure.found.starts_with(found), "{}", failure.found);
    }
}

#[test]
fn a_clock_that_is_not_put_leaves_scenarios_out_and_says_so() {
    let (_folder, service) = start(instant("2026-03-10T00:00:00Z"));
    let mut ended = played(&format!("http://{}", service.address), &one_day()).expect("there");
    let why = ended.remove(0).expect("an end").expect_err("it is past");
    assert!(matches!(why, SkipReason::ClockNotPut { .. }), "{why}");
    assert!(why.to_string().contains("`clock.set` is refused (status 409)"), "{why}");
}
