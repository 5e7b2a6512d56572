//! Faults that are not judged while they happen: what went through the proxy is recorded, and afterwards held against
//! the rules by `observed`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_scenario::language::{push_property, push_widget};
use lamplighter_target::wire::{PropertyDocument, TimingDocument, WidgetDocument};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::clock::now_ms;
use super::fault::Fault;
use super::process::{self, KEY, LoadSize};
use super::proxy::Proxy;
use super::recorder::{AGENTS, Recorded, Recorder, TRACE, WIDGETS};

/// How far an answer may be from an instant at which it is right: what load tests hold the service to.
const WITHIN: &str = "1s";

/// What was found in a recording.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordedOutcome {
    /// The fault that was put in.
    pub fault: Fault,
    /// How often.
    pub put_in: u64,
    /// Rows of the recordings.
    pub rows: u64,
    /// Rows that are wrong, by class.
    pub wrong: BTreeMap<String, u64>,
}

impl RecordedOutcome {
    fn wrong_count(&self) -> u64 {
        self.wrong.values().sum()
    }

    /// Whether it is as it should be: a fault that shows in answers found, no false alarm without one.
    pub fn is_right(&self) -> bool {
        match self.fault {
            Fault::None => self.wrong_count() == 0 && self.rows > 0,
            fault => self.wrong_count() > 0 || !fault.shows_in_answers(),
        }
    }
}

/// Plays one fault, and looks at its recording; all that was recorded stays in a folder.
pub fn play(fault: Fault, size: &LoadSize, folder: &Path) -> Result<RecordedOutcome, String> {
    let program = process::lamplighter()?;
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let folder = &folder.canonicalize().map_err(|error| error.to_string())?;
    let work = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (service, upstream) = process::serve(&program, work.path())?;
    let recorder = Arc::new(Recorder::new(folder).map_err(|error| error.to_string())?);
    let proxy = Proxy::recording(upstream, fault, size.seed, &recorder);
    let proxy = proxy.map_err(|error| error.to_string())?;
    let began = now_ms();
    process::load(&program, work.path(), size, proxy.address)?;
    let TimingDocument { grace, .. } = get(upstream, "/v1/settings")?;
    let recorded = recorder.finish(folder, grace).map_err(|error| error.to_string())?;
    let (put_in, ended) = (proxy.counts().put_in, now_ms());
    drop(proxy);
    let text = scenario((fault, grace), upstream, &recorded, (began, ended))?;
    drop(service);
    let scenario = folder.join("seen.scenario");
    std::fs::write(&scenario, text).map_err(|error| error.to_string())?;
    let wrong = judged(&program, &scenario)?;
    Ok(RecordedOutcome { fault, put_in, rows: recorded.rows, wrong })
}

/// What was put on the service, with all that was recorded.
fn scenario(
    (fault, grace): (Fault, Millis),
    upstream: SocketAddr,
    recorded: &Recorded,
    (began, ended): (i64, i64),
) -> Result<String, String> {
    let zones = Zones::bundled();
    let instant = |ms: i64| Instant::from_millis(ms).ok_or("a clock out of all times");
    let mut text = format!(
        "scenario What went through a proxy with the fault {fault}\nsource   a recording of a load test\ngrace    {grace}\n\n"
    );
    let settings = |document: &WidgetDocument| {
        document
            .settings(&zones)
            .map_err(|field| format!("a setting that cannot be read: {field:?}"))
    };
    for (property, widgets) in &recorded.properties {
        let path = format!("/v1/properties/{}", written(property));
        let document: PropertyDocument = get(upstream, &path)?;
        let (members, suspended) = (names(&document.members), names(&document.suspended));
        let (all, some) = (members.iter(), suspended.iter());
        let (all, some) = (all.map(String::as_str), some.map(String::as_str));
        push_property(property, all, some, &settings(&document.widget())?, &mut text);
        for widget in widgets {
            let document: WidgetDocument =
                get(upstream, &format!("{path}/widgets/{}", written(widget)))?;
            push_widget(&format!("{property}/{widget}"), &settings(&document)?, &mut text);
        }
    }
    text.push_str(&format!(
        "\nat {}\nreplay \"{TRACE}\"\nobserved \"{WIDGETS}\" within {WITHIN}\nobserved \"{AGENTS}\" within {WITHIN}\nuntil {}\n",
        instant(began)?,
        instant(ended)?
    ));
    Ok(text)
}

fn names<T: serde::Serialize>(names: &[T]) -> Vec<String> {
    let text = |name: &T| serde_json::to_value(name).ok()?.as_str().map(str::to_owned);
    names.iter().filter_map(text).collect()
}

/// A name as it stands in a path.
fn written(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect()
}

/// Asks the service, past the proxy.
fn get<T: DeserializeOwned>(upstream: SocketAddr, path: &str) -> Result<T, String> {
    let asked = ureq::get(format!("http://{upstream}{path}"));
    let told = asked.header("authorization", format!("Bearer {KEY}")).call();
    let mut told = told.map_err(|error| format!("{path}: {error}"))?;
    let told = told.body_mut().read_to_string().map_err(|error| format!("{path}: {error}"))?;
    serde_json::from_str(&told).map_err(|error| format!("{path}: {error}"))
}

/// Holds a recording against the rules; gives the rows that are wrong, by class.
fn judged(program: &Path, scenario: &Path) -> Result<BTreeMap<String, u64>, String> {
    let mut command = Command::new(program);
    command.arg("scenario").arg(scenario).args(["--json", "-", "--quiet"]).stderr(Stdio::piped());
    let ran = command.output().map_err(|error| error.to_string())?;
    let said = || String::from_utf8_lossy(&ran.stderr).into_owned();
    let report: Value = serde_json::from_slice(&ran.stdout).map_err(|_| said())?;
    if !matches!(ran.status.code(), Some(0 | 1)) {
        return Err(format!("{} cannot be played:\n{}", scenario.display(), said()));
    }
    let classes = report["scenarios"][0]["observed"]["wrong"].as_object();
    let counted = classes.into_iter().flatten();
    Ok(counted
        .filter_map(|(class, count)| Some((class.clone(), count.as_u64()?)))
        .filter(|(_, count)| *count > 0)
        .collect())
}

/// The head of the table.
pub const HEAD: &str = "\
| fault | what it does | | wrong rows | put in | rows |
| --- | --- | --- | --- | --- | --- |
";

/// A row of it.
pub fn row(outcome: &RecordedOutcome) -> String {
    let RecordedOutcome { fault, put_in, rows, wrong } = outcome;
    let verdict = match (fault, outcome.wrong_count(), fault.shows_in_answers()) {
        (Fault::None, 0, _) => "no false alarm",
        (Fault::None, _, _) => "**FALSE ALARM**",
        (_, 1.., _) => "found",
        (_, 0, true) => "**missed**",
        (_, 0, false) => "shows in no row",
    };
    let classes: Vec<String> =
        wrong.iter().map(|(class, count)| format!("{count} {class}")).collect();
    let classes = if classes.is_empty() { "none".to_owned() } else { classes.join(", ") };
    let put_in = if *fault == Fault::None { String::new() } else { put_in.to_string() };
    format!("| `{fault}` | {} | {verdict} | {classes} | {put_in} | {rows} |\n", fault.what())
}
