//! The metrics of load tests: the page has each of them as it is told, and the dashboard asks for none that there
//! is not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lamplighter::report::load::openmetrics;
use lamplighter_load::gather::{PartState, PartStatus};
use lamplighter_load::metrics::{Labels, MetricUnit, Points, Snapshot};
use lamplighter_load::sample::Sample;
use serde_json::Value;

use super::{quoted, rows};

/// A run with everything that there can be.
fn snapshot() -> Snapshot {
    let mut result = Sample { is_bad: true, ..Sample::default() }.whole();
    let gate = lamplighter_load::gates::Gate::parse("wrong > 0").expect("a gate");
    result.gates = vec![gate.verdict(&result)];
    let part = PartStatus {
        shard: "1/1".to_owned(),
        state: Some(PartState::Playing),
        clock: Default::default(),
        lasted_ms: 0,
        sent: 0,
        wrong: 0,
    };
    Snapshot { result: Some(result), parts: vec![part] }
}

#[test]
fn the_page_has_every_metric_as_it_is_told() {
    let snapshot = snapshot();
    let page = include_str!("../../../docs/load-metrics.md");
    let mut rows = rows(page, "| metric | kind | unit | labels | what it is |").into_iter();
    for metric in snapshot.metrics() {
        fn names<'l>(all: impl Iterator<Item = &'l Labels>) -> BTreeSet<&'static str> {
            all.flatten().map(|(name, _)| *name).collect()
        }
        let (kind, labels) = match &metric.points {
            Points::Counters(all) => ("counter", names(all.iter().map(|counter| &counter.labels))),
            Points::Gauges(all) => ("gauge", names(all.iter().map(|(labels, _)| labels))),
            Points::Histograms(all) => ("histogram", names(all.iter().map(|(labels, _)| labels))),
        };
        let unit = match metric.unit {
            MetricUnit::Count => "",
            MetricUnit::Seconds => "seconds",
            MetricUnit::Bytes => "bytes",
        };
        let row = rows.next().unwrap_or_else(|| panic!("no row of {}", metric.name));
        assert_eq!(quoted(row[0]), [metric.name]);
        assert_eq!((row[1], row[2], row[4]), (kind, unit, metric.help), "{}", metric.name);
        let told: BTreeSet<&str> = quoted(row[3]).into_iter().collect();
        assert_eq!(told, labels, "{}", metric.name);
    }
    assert_eq!(rows.next(), None, "there is no such metric");
}

/// The names of all series as Prometheus has them, each with its labels.
fn series(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut series = BTreeMap::<&str, BTreeSet<&str>>::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let line = line.split(" # ").next().expect("a line");
        let name = line.split(['{', ' ']).next().expect("a name");
        let labels = line.split_once('{').map_or("", |(_, rest)| rest);
        let names = labels.split("=\"").filter_map(|before| before.rsplit(['"', ',', '{']).next());
        let is_name = |name: &&str| !name.is_empty() && !name.contains(['}', ' ']);
        series.entry(name).or_default().extend(names.filter(is_name));
    }
    series
}

/// What a query asks for: series by their names, and labels by theirs.
fn asked(query: &str) -> (Vec<&str>, Vec<&str>) {
    let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = query.split(|c: char| !is_of_a_name(c));
    let names = words.filter(|word| word.starts_with("lamplighter_load_")).collect();
    let braces = query.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let labels = braces.flat_map(|inside| inside.split(','));
    let labels = labels.filter_map(|pair| Some(pair.split_once(['=', '!'])?.0.trim()));
    let by = query.split("by (").skip(1).filter_map(|rest| rest.split(')').next());
    let by = by.flat_map(|inside| inside.split(',')).map(str::trim);
    (names, labels.chain(by).collect())
}

#[test]
fn the_dashboard_asks_for_what_there_is() {
    let text = openmetrics::text(Arc::new(snapshot()));
    let series = series(&text);
    assert!(series["lamplighter_load_latency_seconds_bucket"].contains("le"), "{series:?}");
    let dashboard: Value =
        serde_json::from_str(include_str!("../../../docs/grafana.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().expect("targets"));
    let mut names_asked = BTreeSet::new();
    for query in targets.map(|target| target["expr"].as_str().expect("a query")) {
        let (names, labels) = asked(query);
        assert!(!names.is_empty(), "{query}");
        for name in &names {
            assert!(series.contains_key(name), "there is no {name}: {query}");
            names_asked.insert((*name).to_owned());
        }
        for label in labels {
            // What Prometheus adds of its own.
            let is_there = label == "instance" || names.iter().all(|n| series[n].contains(label));
            assert!(is_there, "nothing has {label}: {query}");
        }
    }
    assert!(names_asked.len() > 15, "{names_asked:?}");
    // And a query for what there is not is found out.
    let (names, labels) = asked("sum by (klass) (lamplighter_load_nothing{of=\"x\"})");
    assert_eq!((names, labels), (vec!["lamplighter_load_nothing"], vec!["of", "klass"]));
}
