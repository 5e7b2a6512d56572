//! The example of an adapter, over the reference service: scenarios have the verdicts that they have in
//! process, and what is false is found.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant as Monotonic;

use crate::client::{KEY, Running, limits, start_with};
use crate::common::{rendered, run_bytes};
use crate::on_target::{played_by, runtime};
use crate::over_http::instant;
use lamplighter_core::model::{Chosen, Settings, Visitor};
use lamplighter_core::world::Timing;
use lamplighter_scenario::play::{Outcome, Verdict};
use lamplighter_service::Clock;
use lamplighter_target::Trust;
use lamplighter_target::driver::{CreatedObjects, Device, Driver, DriverOptions, Endpoint};
use lamplighter_target::file::{TargetFile, builtin, check};
use lamplighter_target::play::{ScenarioInput, SkipReason};

/// A service of the test's own, where it is, and its folder.
fn start() -> (tempfile::TempDir, String, Running) {
    let folder = tempfile::tempdir().expect("a folder");
    let service =
        start_with(folder.path(), Clock::manual(instant("2000-01-01T00:00:00Z")), limits());
    (folder, format!("http://{}", service.address), service)
}

const EXAMPLE: &str = include_str!("../../examples/adapter.toml");

fn read(text: &str) -> TargetFile {
    let checked = check(text.as_bytes(), &|path| Err(format!("no file {path}")));
    let found: Vec<&str> =
        checked.findings.iter().map(|one| one.diagnostic.message.as_str()).collect();
    assert!(found.is_empty(), "{found:?}");
    let mut file = checked.file.expect("no errors");
    file.vars.set("admin_key", KEY).expect("a secret");
    file
}

fn driver(text: &str, address: &str) -> Arc<Driver> {
    let endpoint = Endpoint::new(address, &Trust::Machine).expect("an address");
    let folder = PathBuf::from("examples");
    let options = DriverOptions { folder, ..DriverOptions::default() };
    Arc::new(Driver::new(read(text), endpoint, options).expect("a driver"))
}

/// What became of scenarios by the example, in their order.
fn played(address: &str, inputs: &[ScenarioInput]) -> Vec<Option<Result<Verdict, SkipReason>>> {
    played_by(driver(EXAMPLE, address), inputs).expect("it is there")
}

fn inputs(paths: &[&str]) -> Vec<ScenarioInput> {
    let input = |path: &&str| {
        let path = Path::new("scenarios").join(path);
        ScenarioInput { bytes: std::fs::read(&path).expect("a scenario"), path }
    };
    paths.iter().map(input).collect()
}

const DAY: &str = "\
scenario Ann and Bob have a day
timezone America/New_York
property acme
  members ann bob
  pre-chat-form
  scheduler America/New_York
    daily 09:00-17:00
at 2026-03-09 09:00
  ann logs in on laptop
  ann logs in on phone
  bob logs in on desk
  expect acme online, form pre-chat
at 10:00
  ann goes away
  bob logs out on desk
  expect acme away
at 11:00
  ann goes invisible
  expect ann invisible
at 12:00
  ann goes online on phone
  expect acme online
at 17:00
  expect acme offline
";

#[test]
fn scenarios_have_the_verdicts_by_the_example_of_an_adapter_that_they_have_in_process() {
    let mut inputs = inputs(&[
        "content/a-greeting-for-each-status.scenario",
        "content/the-offline-form.scenario",
        "presence/away-by-itself-after-silence.scenario",
        "presence/logging-out-of-one-device-or-of-all.scenario",
        "presence/lost-connection-keeps-its-status-for-the-grace.scenario",
        "presence/reconnecting-in-time-or-too-late.scenario",
        "presence/suspended-members-do-not-count.scenario",
    ]);
    inputs.push(ScenarioInput { path: PathBuf::from("day.scenario"), bytes: DAY.into() });
    for input in inputs {
        // Grace and auto-away are of the whole service.
        let (_folder, address, _service) = start();
        let shown = input.path.display().to_string();
        let end = played(&address, std::slice::from_ref(&input)).remove(0).expect("an end");
        let mut verdict = end.unwrap_or_else(|why| panic!("{shown}: {why}"));
        verdict.made.clear();
        let in_process = run_bytes(&input.path, &input.bytes);
        assert_eq!(rendered(&verdict), rendered(&in_process), "{shown}");
        assert_eq!(verdict.outcome(), Outcome::Passed, "{shown}");
        assert!(verdict.tested.clause_count() > 2, "{shown}");
        for one in &verdict.tested.untested {
            assert!(one.why.0.starts_with("no answer says"), "{shown}: {}", one.why.0);
        }
    }
}

#[test]
fn a_false_scenario_is_found_by_the_example_of_an_adapter() {
    let (_folder, address, _service) = start();
    let text = DAY.replace("expect acme away", "expect acme online");
    let input = ScenarioInput { path: PathBuf::from("false.scenario"), bytes: text.into() };
    let mut ended = played(&address, &[input]);
    let verdict = ended.remove(0).expect("an end").expect("played");
    let failure = verdict.failures.first().expect("it is false");
    assert_eq!((failure.expected.as_str(), &failure.found[..4]), ("online", "away"));
}

/// What an adapter costs: the same writes and reads by it and by HTTP, one after the other. The figure
/// stands in docs/targets.md.
#[test]
#[ignore = "measures: run it by name, with `--release --ignored --nocapture`"]
fn what_an_adapter_costs() {
    const ROUNDS: u32 = 500;
    let (_folder, address, _service) = start();
    let runtime = runtime();
    for (by, text) in
        [("an adapter", EXAMPLE), ("HTTP", builtin::built_in("reference").expect("built in"))]
    {
        let driver = driver(text, &address);
        let (write, read) = runtime.block_on(async {
            let mut made = CreatedObjects::default();
            driver.begin(&mut made).await.expect("it begins");
            let (settings, timing) = (Settings::default(), Timing::default());
            let property = driver.make_property(&settings, timing, &mut made).await;
            let property = property.expect("made").expect("there");
            let agents = driver.make_agents(1, &mut made).await.expect("made").expect("there");
            driver.add_member(&agents[0], &property, &mut made).await.expect("added");
            let (device, widget) = (Device::new(&agents[0], 1), property.own_widget());
            assert!(driver.log_in(&device).await.expect("it goes on").is_done());
            let began = Monotonic::now();
            for round in 0..ROUNDS {
                let chosen = if round % 2 == 0 { Chosen::Away } else { Chosen::Online };
                let write = driver.set_status(&device, chosen, None).await.expect("it goes on");
                assert!(write.is_done(), "{:?}", write.why_not);
            }
            let write = began.elapsed() / ROUNDS;
            let began = Monotonic::now();
            for _ in 0..ROUNDS {
                let read = driver.read_widget(&widget, &[], &Visitor::default()).await;
                assert!(read.expect("it goes on").what.is_ok());
            }
            let read = began.elapsed() / ROUNDS;
            driver.end().await.expect("it was there");
            (write, read)
        });
        println!("by {by}: a write {write:?}, a read {read:?}");
    }
}
