//! Many worlds on one clock: all are there before the first begins, and what is wrong only among many is made
//! small among few.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lamplighter_target::driver::Driver;
use lamplighter_target::play::{
    MadeWhen, PlayClock, PlaySettings, ScenarioInput, play_within, within_run,
};
use lamplighter_target::simulate::{Simulated, Simulation, simulate};

use super::driver;
use super::fake::Fake;
use super::plays::{FILE, Product, ZONES};

const PUT_CLOCK: &str = r#"
[clock]
kind = "manual"
set = { put = "/clock/{{now}}" }
[property]
make = { put = "/property/{{property}}" }
delete = { delete = "/property/{{property}}" }
"#;

/// Does something on a product with a clock that is put, and gives what it was called.
async fn on<T: Send + 'static>(
    product: Product,
    run: impl FnOnce(&PlaySettings<'_>) -> T + Send + 'static,
) -> (T, Vec<String>) {
    let product = Mutex::new(product);
    let fake = Fake::start(move |seen, _| {
        product.lock().expect("no test panics while it holds this").answer(seen)
    })
    .await;
    let driver: Arc<Driver> = driver(&fake, &format!("{FILE}{PUT_CLOCK}"));
    let runtime = tokio::runtime::Handle::current();
    let ran = tokio::task::spawn_blocking(move || {
        let stop = AtomicBool::new(false);
        run(&PlaySettings {
            driver,
            clock: PlayClock::Manual,
            goes_back: false,
            real_time_max: Duration::from_secs(2),
            keeps: false,
            looks_around: false,
            runtime,
            zones: &ZONES,
            stop: &stop,
        })
    });
    (ran.await.expect("it ends"), fake.lines())
}

/// Where the properties are made among the times to which the clock is put.
async fn made(when: MadeWhen) -> Vec<String> {
    let day = |name: &str, date: &str| {
        ScenarioInput {
        path: PathBuf::from(format!("{name}.scenario")),
        bytes: format!(
            "scenario A day\nproperty {name}\n  members ann\nat {date} 09:00\n  expect {name} offline\n"
        )
        .into_bytes(),
    }
    };
    let inputs = [day("acme", "2026-03-09"), day("globex", "2027-03-09")];
    let run = move |playing: &PlaySettings<'_>| {
        let mut passed = 0;
        let mut take = |_, ended: Result<_, _>| passed += u32::from(ended.is_ok());
        within_run(playing, |left| play_within(playing, &inputs, when, &mut take, left))
            .expect("the target is there");
        passed
    };
    let (passed, lines) = on(Product::default(), run).await;
    assert_eq!(passed, 2);
    let is_wanted = |line: &&String| line.starts_with("PUT /property") || line.contains("/clock/");
    let said = |line: &String| match line.strip_prefix("PUT /clock/") {
        Some(at) => at[..4].to_owned(),
        None => "make".to_owned(),
    };
    let mut all: Vec<String> = lines.iter().filter(is_wanted).map(said).collect();
    all.dedup();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn worlds_on_one_clock_are_made_when_each_begins_or_all_before_the_first() {
    assert_eq!(made(MadeWhen::ItBegins).await, ["2026", "make", "2027", "make"]);
    assert_eq!(made(MadeWhen::TheFirstBegins).await, ["make", "2026", "2027"]);
}

async fn simulated(product: Product) -> Simulated {
    let run = |playing: &PlaySettings<'_>| {
        let folder = tempfile::tempdir().expect("a folder");
        let simulation = Simulation {
            playing,
            // Of one grace and auto-away, so that all are there together.
            seeds: 64..80,
            until: None,
            folder: folder.path(),
            shrink_for: Duration::from_secs(60),
            stops_at_first: true,
            done: &|_, _| {},
        };
        simulate(&simulation).expect("it is there")
    };
    on(product, run).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_only_among_many_is_made_small_among_as_few_as_will_do() {
    let ran = simulated(Product::lies_among(3)).await;
    let group = ran.groups.iter().find(|group| group.scenario.is_some()).expect("it fails again");
    assert!(group.kind.to_string().ends_with("by the rules away (rule P4), there online"));
    let text = &group.scenario.as_ref().expect("it fails again").scenario;
    let properties = text.lines().filter(|line| line.starts_with("property ")).count();
    assert_eq!(properties, 4, "{text}");
    assert!(group.lines <= 4, "{text}");
}
