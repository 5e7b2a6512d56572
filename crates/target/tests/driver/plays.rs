//! Scenarios on a product that nobody here wrote: what holds, what is false, what is not tested (rules
//! T41 to T47, T52, T55 of target files).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::{Capability, Outcome, Verdict};
use lamplighter_target::driver::Driver;
use lamplighter_target::play::{PlayClock, PlaySettings, ScenarioInput, SkipReason, play};

use super::driver;
use super::fake::{Fake, Reply, Seen, ok, status};

pub static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// A small product: agents have devices with statuses, team-mates see the highest.
#[derive(Default)]
pub struct Product {
    /// Status by `agent/device`.
    devices: BTreeMap<String, String>,
    /// What it shows instead of a status.
    lies: BTreeMap<String, String>,
    /// It does so while it has more properties than that.
    truthful_up_to: usize,
    properties: BTreeSet<String>,
}

impl Product {
    /// It shows online where somebody is away, while it has more properties than so many.
    pub fn lies_among(truthful_up_to: usize) -> Self {
        let lies = [("away".to_owned(), "online".to_owned())].into();
        Self { lies, truthful_up_to, ..Self::default() }
    }

    pub fn answer(&mut self, seen: &Seen) -> Reply {
        let path: Vec<&str> = seen.path.trim_start_matches('/').split('/').collect();
        match (&*seen.method, &path[..]) {
            ("POST", ["login", agent, device]) => {
                self.devices.insert(format!("{agent}/{device}"), "online".to_owned());
                ok("{}")
            }
            ("PUT", ["status", agent, device, value]) => {
                let device = self.devices.get_mut(&format!("{agent}/{device}"));
                device.map_or(status(404), |status| {
                    (*value).clone_into(status);
                    ok("{}")
                })
            }
            ("POST", ["logout", agent, device]) => {
                self.devices.remove(&format!("{agent}/{device}"));
                ok("{}")
            }
            ("GET", ["presence", agent]) => {
                let of_agent =
                    |(device, _): &(&String, &String)| device.starts_with(&format!("{agent}/"));
                let statuses: Vec<&str> =
                    self.devices.iter().filter(of_agent).map(|(_, status)| &**status).collect();
                let found = ["online", "away"].into_iter().find(|one| statuses.contains(one));
                let found = found.unwrap_or("offline");
                let lies = self.properties.len() > self.truthful_up_to || self.truthful_up_to == 0;
                let lie = self.lies.get(found).filter(|_| lies);
                ok(lie.cloned().unwrap_or_else(|| found.to_owned()))
            }
            ("PUT", ["property", property]) => {
                self.properties.insert((*property).to_owned());
                ok("{}")
            }
            ("DELETE", ["property", property]) => {
                self.properties.remove(*property);
                ok("{}")
            }
            _ => ok("{}"),
        }
    }
}

pub const FILE: &str = r#"
[agent]
make = { post = "/agents/{{agent}}" }
[device]
login = { as = "visitor", post = "/login/{{agent}}/{{device}}" }
status = { put = "/status/{{agent}}/{{device}}/{{value}}" }
logout = { post = "/logout/{{agent}}/{{device}}" }
values = { online = "online", away = "away" }
[team]
for = "member"
read = { get = "/presence/{{agent}}", keep.said = { regex = "^(\\w+)$" } }
values = { online = "online", away = "away", offline = "offline" }
[widget]
from = "team"
"#;

type Ended = Vec<Result<Verdict, SkipReason>>;

/// What becomes of scenarios on the product.
async fn played(product: Product, file: &str, scenarios: &[&str]) -> (Ended, Vec<String>) {
    let product = Mutex::new(product);
    let fake = Fake::start(move |seen, _| {
        product.lock().expect("no test panics while it holds this").answer(seen)
    })
    .await;
    let ended = ended(driver(&fake, file), scenarios).await;
    (ended, fake.lines())
}

/// The same by a driver.
async fn ended(driver: Arc<Driver>, scenarios: &[&str]) -> Ended {
    let inputs: Vec<ScenarioInput> = scenarios
        .iter()
        .enumerate()
        .map(|(number, text)| ScenarioInput {
            path: PathBuf::from(format!("{number}.scenario")),
            bytes: text.as_bytes().to_vec(),
        })
        .collect();
    let clock = match driver.file().clock {
        lamplighter_target::file::clock::Clock::Manual { .. } => PlayClock::Manual,
        _ => PlayClock::Real,
    };
    let runtime = tokio::runtime::Handle::current();
    let ended = tokio::task::spawn_blocking(move || {
        let stop = AtomicBool::new(false);
        let playing = PlaySettings {
            driver,
            clock,
            goes_back: false,
            real_time_max: Duration::from_secs(2),
            keeps: false,
            looks_around: true,
            runtime,
            zones: &ZONES,
            stop: &stop,
        };
        let mut ended: BTreeMap<usize, Result<Verdict, SkipReason>> = BTreeMap::new();
        let all = play(&playing, &inputs, &mut |index, end| drop(ended.insert(index, end)));
        all.expect("the target is there");
        ended.into_values().collect::<Ended>()
    });
    ended.await.expect("it ends")
}

/// Each clause that was not tested, and why.
fn untested(verdict: &Verdict) -> Vec<String> {
    verdict.tested.untested.iter().map(|one| one.why.0.clone()).collect()
}

const DAY: &str = "\
scenario Ann has a day
property acme
  members ann bob
at 2026-03-09 09:00
  expect acme offline
  ann logs in on laptop
  expect acme online because agent-online
  expect ann online
at 12:00
  ann goes away
  bob logs in on phone
  expect acme online, chat possible
at 13:00
  bob logs out
  expect acme away
  expect bob offline
";

#[tokio::test(flavor = "multi_thread")]
async fn t41_a_scenario_holds_clause_by_clause_and_what_is_not_told_is_not_tested() {
    let (mut ended, _) = played(Product::default(), FILE, &[DAY]).await;
    let verdict = ended.remove(0).expect("played");
    assert_eq!(verdict.outcome(), Outcome::Passed, "{:?}", verdict.failures);
    assert_eq!(verdict.tested.held[&Capability::Status], 4);
    assert_eq!(verdict.tested.held[&Capability::Team], 2);
    assert_eq!(untested(&verdict), ["no answer says why", "chat: no row of `says` tells it"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_shows_another_status_is_found_out_in_its_own_words() {
    let lies = [("away".to_owned(), "online".to_owned())].into();
    let product = Product { lies, ..Product::default() };
    let (mut ended, _) = played(product, FILE, &[DAY]).await;
    let verdict = ended.remove(0).expect("played");
    let found: Vec<(&str, &str)> =
        verdict.failures.iter().map(|one| (&*one.expected, &*one.found)).collect();
    assert_eq!(found, [("away", "online")]);
    assert_eq!(verdict.tested.wrong[&Capability::Status], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn t6_what_is_unreadable_fails_a_scenario_and_is_never_a_status() {
    let lies = [("away".to_owned(), "do not disturb".to_owned())].into();
    let product = Product { lies, ..Product::default() };
    let (mut ended, _) = played(product, FILE, &[DAY]).await;
    let verdict = ended.remove(0).expect("played");
    // Bob is online at the first of them: who folds a team has to read all of it.
    assert_eq!(verdict.failures.len(), 2);
    for failure in &verdict.failures {
        let found = &failure.found;
        assert_eq!(found, "unreadable: the answer has no `said` to keep (by `regex`)");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t42_what_is_false_by_the_rules_is_false_whatever_the_product_shows() {
    let lies = [("offline".to_owned(), "online".to_owned())].into();
    let text = DAY.replacen("expect acme offline", "expect acme online", 1);
    let (mut ended, _) = played(Product { lies, ..Product::default() }, FILE, &[&text]).await;
    let verdict = ended.remove(0).expect("played");
    let first = &verdict.failures[0];
    assert_eq!((&*first.expected, verdict.outcome()), ("online", Outcome::Failed));
    assert!(first.found.starts_with("offline (nobody-present"), "{}", first.found);
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_what_the_product_cannot_do_takes_what_hangs_on_it_away_and_no_more() {
    let text = "\
scenario Ann hides, and comes back
property acme
  members ann
property shop
  members bob
  scheduler UTC
    daily 09:00-17:00
at 2026-03-09 09:00
  ann logs in on laptop
  ann goes invisible
  expect acme offline
  expect ann invisible
  expect shop online
at 10:00
  ann goes away
  expect acme away
";
    let (mut ended, calls) = played(Product::default(), FILE, &[text]).await;
    let verdict = ended.remove(0).expect("played");
    assert_eq!(verdict.outcome(), Outcome::Passed, "{:?}", verdict.failures);
    let invisible = "status invisible: not in `can.statuses`";
    assert_eq!(
        untested(&verdict),
        [invisible, invisible, "hours: the widget is folded from the team"]
    );
    assert_eq!(verdict.tested.held[&Capability::Status], 1);
    assert!(!calls.iter().any(|call| call.contains("invisible")), "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_a_scenario_of_which_nothing_is_left_is_not_played() {
    let text = "\
scenario Only hours
property acme
  members ann
  scheduler UTC
    daily 09:00-17:00
at 2026-03-09 08:00
  expect acme offline because scheduler-closed
";
    let (mut ended, calls) = played(Product::default(), FILE, &[text]).await;
    let why = ended.remove(0).expect_err("nothing is left");
    let SkipReason::NothingLeft { untested } = &why else { panic!("{why}") };
    assert_eq!(untested.len(), 2);
    assert_eq!(calls, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn t52_and_t55_more_memberships_or_devices_than_the_product_has_are_not_tested() {
    let text = "\
scenario Ann is in two places
property acme
  members ann
property shop
  members ann bob
at 2026-03-09 09:00
  bob logs in on laptop
  expect bob online
  bob logs in on phone
  expect bob online
  ann logs in on laptop
  expect acme online
";
    let file = format!("{FILE}[can]\nmemberships = 1\ndevices = 1\n");
    let (mut ended, _) = played(Product::default(), &file, &[text]).await;
    let verdict = ended.remove(0).expect("played");
    assert_eq!(
        untested(&verdict),
        [
            "devices: an agent can be on fewer at once (`can.devices`)",
            "memberships: an agent can be in fewer properties",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn t24_scenarios_wait_for_accounts_and_are_skipped_where_there_are_too_few() {
    let file = format!(
        "accounts = [{{ agent = \"a\", password = \"pw\" }}, {{ agent = \"b\", password = \"pw\" }}]\n{}",
        FILE.replace("[agent]\nmake = { post = \"/agents/{{agent}}\" }\n", "")
    );
    let crowd = DAY.replace("members ann bob", "members ann bob eve");
    let (ended, _) = played(Product::default(), &file, &[DAY, &crowd, DAY]).await;
    for (place, end) in ended.iter().enumerate() {
        match (place, end) {
            (1, Err(SkipReason::TooFew { what: "accounts", needs: 3, has: 2 })) => {}
            (0 | 2, Ok(verdict)) => {
                assert_eq!(verdict.outcome(), Outcome::Passed, "{:?}", verdict.failures);
            }
            (_, end) => panic!("{place}: {end:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_a_clock_is_put_before_each_block_and_around_edges_within_a_span() {
    let text = "\
scenario The clock goes on
property acme
  members ann
at 2026-03-09 09:00
  ann logs in on laptop
  expect acme online until 09:30
at 09:30
  ann goes away
  expect acme away
";
    let file =
        format!("{FILE}[clock]\nkind = \"manual\"\nset = {{ put = \"/clock/{{{{now}}}}\" }}\n");
    let (mut ended, calls) = played(Product::default(), &file, &[text]).await;
    let verdict = ended.remove(0).expect("played");
    assert_eq!(verdict.outcome(), Outcome::Passed, "{:?}", verdict.failures);
    let put: Vec<&str> =
        calls.iter().filter_map(|call| call.strip_prefix("PUT /clock/2026-03-09T")).collect();
    assert_eq!(put, ["09:00:00.000Z", "09:29:59.999Z", "09:30:00.000Z"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn t42_a_grace_that_is_the_products_own_is_another_rule() {
    let text = "\
scenario Ann's train goes through a tunnel
property acme
  members ann
at 2026-03-09 09:00
  ann logs in on laptop
  ann loses connection on laptop
  expect acme online
at +90s
  expect acme online
";
    let hold = "[device.hold]\ncall = { get = \"/hold\" }\nevery = 5\n[team]";
    let file = FILE.replace("[team]", hold);
    let file = format!("{file}[rules]\ngrace = \"60s\"\n[timing]\ngrace_min = 30\n");
    let (mut ended, _) = played(Product::default(), &file, &[text]).await;
    // It would have to wait for the grace, and may not for so long.
    let why = ended.remove(0).expect_err("too long");
    assert!(matches!(why, SkipReason::TooLong { .. }), "{why}");
    let file = file.replace("60s", "1s").replace("grace_min = 30", "grace_min = 1");
    let (mut ended, _) = played(Product::default(), &file, &[text]).await;
    let verdict = ended.remove(0).expect("played");
    assert_eq!(untested(&verdict), ["other rules: the target's grace or auto-away is another"]);
    assert_eq!(verdict.tested.held[&Capability::Status], 1);
}

/// What becomes of a scenario in which a status is answered 500, once; and whether it has happened.
async fn played_with_an_unknown_status(has_happened: bool, scenario: &str) -> Verdict {
    let (product, is_first) = (Mutex::new(Product::default()), AtomicBool::new(true));
    let fake = Fake::start(move |seen, _| {
        let answer = || product.lock().expect("no test panics while it holds this").answer(seen);
        let is_status = seen.path.starts_with("/status/");
        if is_status && is_first.swap(false, std::sync::atomic::Ordering::Relaxed) {
            if has_happened {
                answer();
            }
            return status(500);
        }
        answer()
    })
    .await;
    ended(driver(&fake, FILE), &[scenario]).await.remove(0).expect("played")
}

#[tokio::test(flavor = "multi_thread")]
async fn t2_what_hangs_on_a_write_of_which_nobody_knows_is_not_tested_until_another_settles_it() {
    let scenario = "\
scenario Ann's status is answered 500
property acme
  members ann
property shop
  members bob
at 2026-03-09 09:00
  ann logs in on laptop
  bob logs in on phone
  ann goes away
  expect acme away
  expect ann away
  expect bob online
  expect shop online
  ann goes away
  expect acme away
  expect ann away
";
    let why = "a status is unknown: the answer 500 is neither done, refused nor gone (status 500)";
    for has_happened in [true, false] {
        let verdict = played_with_an_unknown_status(has_happened, scenario).await;
        // The write itself is told, and no read is called wrong for it.
        let found: Vec<&str> = verdict.failures.iter().map(|one| &*one.found).collect();
        assert_eq!(found, [format!("what the service says: {}", &why["a status is ".len()..])]);
        assert_eq!(untested(&verdict), [why, why]);
        let held = |of| verdict.tested.held.get(&of).copied().unwrap_or_default();
        assert_eq!((held(Capability::Status), held(Capability::Team)), (2, 2));
    }
}
