//! What the page says, in words and figures.

use minijinja::Value;
use serde::Serialize;

use crate::report::load::{PERCENTS, warnings};
use lamplighter_load::figures::{counted, duration, rate, share, thousands};
use lamplighter_load::latencies::Latencies;
use lamplighter_load::result::{Class, GateVerdict, LoadResult, OperationStats};
use lamplighter_load::tally::WIDGET;

/// All that the page's template says of a run, ready as texts.
#[derive(Serialize)]
pub struct LoadPage<'r> {
    style: Value,
    target: &'r str,
    gates_failed: usize,
    wrong: u64,
    wrong_told: String,
    facts: Vec<PageFact>,
    warnings: Vec<String>,
    gates: &'r [GateVerdict],
    about: Vec<PageFact>,
    latencies: Vec<LatencyRow>,
    propagation: Vec<LatencyRow>,
    errors: Vec<PageFact>,
    classes: Vec<ClassCount>,
    judged: Vec<PageFact>,
    races: Vec<PageFact>,
    goose: &'r str,
    more_wrong: u64,
    /// The charts over the width of the page, as markup that needs no escaping.
    pub charts: Vec<Value>,
    /// The charts of which several stand beside each other, as markup likewise.
    pub small_charts: Vec<Value>,
    /// The wrong answers with their timelines, as markup likewise.
    pub violations: Vec<Value>,
}

/// A number, or a text, and what it is of.
#[derive(Serialize)]
struct PageFact {
    number: String,
    noun: String,
}

#[derive(Serialize)]
struct ClassCount {
    word: &'static str,
    count: u64,
    told: String,
    means: &'static str,
}

/// A row of a table of latencies.
#[derive(Serialize)]
struct LatencyRow {
    what: String,
    is_service: bool,
    count: String,
    cells: Vec<String>,
}

fn fact(number: impl Into<String>, noun: impl Into<String>) -> PageFact {
    PageFact { number: number.into(), noun: noun.into() }
}

/// Puts a result into the words of the page.
pub fn tell(result: &LoadResult) -> LoadPage<'_> {
    let wrong = result.judged.wrong_count();
    let style = concat!(include_str!("../../html/style.css"), include_str!("style.css"));
    LoadPage {
        style: Value::from_safe_string(style.to_owned()),
        target: &result.about.target,
        gates_failed: result.gates.iter().filter(|gate| !gate.passed).count(),
        wrong,
        wrong_told: counted(wrong, "wrong answer"),
        facts: facts(result),
        warnings: warnings(result),
        gates: &result.gates,
        about: about(result),
        latencies: latencies(result),
        propagation: vec![
            row("from a status, by push", false, &result.propagation.push),
            row("by poll", true, &result.propagation.poll),
            row("from an edge, by push", false, &result.edges.push),
            row("by poll", true, &result.edges.poll),
        ],
        errors: errors(result),
        classes: classes(result),
        judged: judged(result),
        races: result
            .judged
            .races
            .iter()
            .map(|(race, count)| fact(thousands(*count), race.replace('-', " ")))
            .collect(),
        goose: &result.goose,
        more_wrong: wrong.saturating_sub(result.judged.evidence.len() as u64),
        charts: Vec::new(),
        small_charts: Vec::new(),
        violations: Vec::new(),
    }
}

fn facts(result: &LoadResult) -> Vec<PageFact> {
    let (asked, lasted_ms) = (&result.rate, result.about.lasted_ms);
    let mut facts = vec![
        fact(
            rate(asked.sent, lasted_ms),
            format!("visitors sent, of {} asked for", rate(asked.asked, lasted_ms)),
        ),
        fact(thousands(result.judged.reads), "answers to visitors judged"),
    ];
    if let Some(widget) = result.operations.get(WIDGET) {
        let at = |percent| duration(widget.intended.percentile(percent) as f64);
        facts.push(fact(at(50.0), "median"));
        facts.push(fact(at(99.0), "p99"));
        facts.push(fact(at(99.9), "p99.9"));
    }
    let pushed = &result.propagation.push;
    if pushed.count() > 0 {
        facts.push(fact(duration(pushed.percentile(99.0) as f64), "p99 of propagation"));
    }
    facts
}

fn about(result: &LoadResult) -> Vec<PageFact> {
    let about = &result.about;
    let ms = |ms: u64| duration(ms as f64 * 1e3);
    let mut facts = vec![
        fact(about.start.as_str(), "began"),
        fact(
            match about.lasted_ms == about.duration_ms {
                true => ms(about.lasted_ms),
                false => format!("{} of {}", ms(about.lasted_ms), ms(about.duration_ms)),
            },
            "lasted",
        ),
        fact(
            format!(
                "{} properties, {}, {} on {}",
                thousands(about.properties),
                counted(about.widgets, "widget"),
                counted(about.agents, "agent"),
                counted(about.devices, "device")
            ),
            "world",
        ),
        fact(ms(about.within_ms), "promised within"),
        fact(ms(about.grace_ms), "grace"),
        fact(
            format!(
                "{} {} ± {}",
                duration(about.skew_ms.abs() * 1e3),
                if about.skew_ms < 0.0 { "behind" } else { "ahead" },
                duration(about.skew_uncertain_ms * 1e3)
            ),
            "target’s clock",
        ),
        fact(about.product.as_str(), "product"),
        fact(about.shards.join(", "), "part"),
        fact(about.plan.as_str(), "plan"),
        fact(about.arguments.as_str(), "arguments"),
        fact(about.lamplighter.as_str(), "Lamplighter"),
        fact(
            format!(
                "{} of processors, {} MiB at most",
                duration(result.generator.cpu_us as f64),
                thousands(result.generator.memory_bytes_max >> 20)
            ),
            "generator",
        ),
    ];
    if result.rate.late.count() > 0 {
        let late = |all: &Latencies| {
            let at = |percent| duration(all.percentile(percent) as f64);
            format!("p50 {}, p99 {}, max {}", at(50.0), at(99.0), duration(all.max() as f64))
        };
        facts.push(fact(late(&result.rate.late), "visitors sent late by"));
        facts.push(fact(late(&result.rate.generator_late), "of it the generator’s own"));
    }
    facts
}

fn latencies(result: &LoadResult) -> Vec<LatencyRow> {
    let mut names: Vec<&String> = result.operations.keys().collect();
    names.sort_by_key(|name| (*name != WIDGET, *name));
    names
        .into_iter()
        .flat_map(|name| {
            let operation = &result.operations[name];
            [row(name, false, &operation.intended), row("service time", true, &operation.service)]
        })
        .collect()
}

fn row(what: &str, is_service: bool, latencies: &Latencies) -> LatencyRow {
    let percents = PERCENTS.map(|percent| latencies.percentile(percent));
    let told = |us: u64| match latencies.count() {
        0 => "–".to_owned(),
        _ => duration(us as f64),
    };
    LatencyRow {
        what: what.to_owned(),
        is_service,
        count: thousands(latencies.count()),
        cells: percents.into_iter().chain([latencies.max()]).map(told).collect(),
    }
}

fn errors(result: &LoadResult) -> Vec<PageFact> {
    let of = |(name, operation): (&String, &OperationStats)| {
        let calls = operation.ok + operation.errors.values().sum::<u64>();
        let told = |(why, count): (&String, &u64)| {
            let count = format!("{} ({})", thousands(*count), share(*count, calls));
            fact(count, format!("{name}: {why}"))
        };
        operation.errors.iter().map(told).collect::<Vec<_>>()
    };
    result.operations.iter().flat_map(of).collect()
}

fn classes(result: &LoadResult) -> Vec<ClassCount> {
    Class::ALL
        .into_iter()
        .map(|class| {
            let count = result.judged.wrong.get(&class).copied().unwrap_or(0);
            let means = match class {
                Class::Stale => "true before, and not any more",
                Class::Phantom => "never true",
                Class::EdgeEarly => "hours or a grace ended too soon",
                Class::EdgeLate => "hours or a grace ended too late",
                Class::NonMonotonicRead => "older than what was known before",
                Class::LostMessage => "acknowledged, and not there",
                Class::TeamStatusWrong => "a team-mate is otherwise",
            };
            ClassCount { word: class.word(), count, told: thousands(count), means }
        })
        .collect()
}

fn judged(result: &LoadResult) -> Vec<PageFact> {
    let judged = &result.judged;
    vec![
        fact(thousands(judged.reads), "reads"),
        fact(share(judged.decisive, judged.reads), "of them decisive"),
        fact(thousands(judged.pushes), "pushes"),
        fact(thousands(judged.teams), "statuses of teams"),
        fact(thousands(judged.messages), "messages"),
        fact(thousands(result.edges.schedulers), "edges of schedulers"),
        fact(thousands(result.edges.graces), "graces that ran out"),
        fact(
            match judged.within_enough_ms {
                None => "none".to_owned(),
                Some(ms) => duration(ms * 1e3),
            },
            "smallest promise that would do",
        ),
        fact(share(judged.cpu_us, result.generator.cpu_us), "of the generator’s processor time"),
    ]
}
