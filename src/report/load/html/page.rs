//! What the page says, in words and figures.

use minijinja::Value;
use serde::Serialize;

use super::heading::{Heading, RunState};
use crate::report::load::outages::{self, OutageTold};
use crate::report::load::story::meaning;
use crate::report::load::warnings::{not_met, warnings, warnings_so_far};
use crate::report::load::{PERCENTS, at_least, words};
use lamplighter_load::figures::{counted, duration, rate, share, thousands};
use lamplighter_load::latencies::Latencies;
use lamplighter_load::result::{Class, GateVerdict, Goal, GoalCount, LoadResult, OperationStats};
use lamplighter_load::tally::WIDGET;

/// All that the page's template says of a run, ready as texts.
#[derive(Serialize)]
pub struct LoadPage<'r> {
    style: Value,
    target: &'r str,
    heading: Heading,
    wrong: u64,
    facts: Vec<PageFact>,
    warnings: Vec<String>,
    /// That it says nothing of edges and graces.
    not_met: Option<&'static str>,
    outages: Vec<PageOutage>,
    gates: &'r [GateVerdict],
    about: Vec<PageFact>,
    latencies: Vec<LatencyRow>,
    propagation: Vec<LatencyRow>,
    errors: Vec<PageFact>,
    classes: Vec<ClassCount>,
    judged: Vec<PageFact>,
    goals: Vec<GoalRow>,
    coverage_goals: Vec<PageFact>,
    columns: [Column; 7],
    /// What each number means, each once, in the order of the page.
    meanings: Vec<PageFact>,
    goose: &'r str,
    more_wrong: u64,
    /// The parts of a run that is gathered, as markup that needs no escaping: the page is drawn anew while
    /// it goes on. `None` of a page that stays as it is.
    pub parts: Option<Value>,
    /// The charts over the width of the page, as markup that needs no escaping.
    pub charts: Vec<Value>,
    /// The charts of which several stand beside each other, as markup likewise.
    pub small_charts: Vec<Value>,
    /// The wrong answers with their timelines, as markup likewise.
    pub violations: Vec<Value>,
}

/// A number, or a text, what it is of, and what that means.
#[derive(Clone, Serialize)]
struct PageFact {
    number: String,
    noun: String,
    means: String,
}

/// A goal, and how much of it was planned and met.
#[derive(Serialize)]
struct GoalRow {
    noun: &'static str,
    planned: String,
    met: String,
    badge: &'static str,
    tone: &'static str,
    means: &'static str,
}

/// A time in which the target gave no right answer.
#[derive(Serialize)]
struct PageOutage {
    when: String,
    what: String,
    after: Vec<String>,
    is_bad: bool,
}

impl From<OutageTold> for PageOutage {
    fn from(OutageTold { when, what, after, is_bad }: OutageTold) -> Self {
        Self { when, what, after, is_bad }
    }
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
    means: String,
}

/// A column of a table of latencies.
#[derive(Serialize)]
struct Column {
    name: &'static str,
    means: &'static str,
}

const COLUMNS: [Column; 7] = [
    Column { name: "count", means: words::COUNT },
    Column { name: "p50", means: "Half of the calls took no longer." },
    Column { name: "p90", means: "Nine calls of ten took no longer." },
    Column { name: "p99", means: "99 calls of 100 took no longer." },
    Column { name: "p99.9", means: "999 calls of 1,000 took no longer." },
    Column { name: "p99.99", means: "9,999 calls of 10,000 took no longer." },
    Column { name: "max", means: "The longest of all." },
];

fn fact(number: impl Into<String>, noun: impl Into<String>, means: impl Into<String>) -> PageFact {
    PageFact { number: number.into(), noun: noun.into(), means: means.into() }
}

/// Puts a result into the words of the page.
pub fn tell(result: &LoadResult, state: RunState) -> LoadPage<'_> {
    let mut page = LoadPage {
        style: style(),
        target: &result.about.target,
        heading: Heading::of(result, state),
        wrong: result.judged.wrong_count(),
        facts: facts(result),
        warnings: match state {
            RunState::Running => warnings_so_far(result),
            _ => warnings(result),
        },
        // What has not happened yet may happen still.
        not_met: not_met(result).filter(|_| state != RunState::Running),
        outages: outages::told(result).into_iter().map(PageOutage::from).collect(),
        gates: &result.gates,
        about: about(result),
        latencies: latencies(result),
        propagation: vec![
            row("from a status, by push", false, &result.propagation.push, words::PROPAGATION_PUSH),
            row("by poll", true, &result.propagation.poll, words::PROPAGATION_POLL),
            row("from an edge, by push", false, &result.edges.push, words::EDGES_PUSH),
            row("by poll", true, &result.edges.poll, words::EDGES_POLL),
        ],
        errors: errors(result),
        classes: classes(result),
        judged: judged(result),
        goals: goals(result, state),
        coverage_goals: result
            .judged
            .races
            .iter()
            .map(|(goal, count)| {
                fact(thousands(*count), goal.replace('-', " "), words::coverage_goal(goal))
            })
            .collect(),
        columns: COLUMNS,
        meanings: Vec::new(),
        goose: &result.goose,
        more_wrong: 0,
        parts: None,
        charts: Vec::new(),
        small_charts: Vec::new(),
        violations: Vec::new(),
    };
    page.meanings = meanings(&page);
    page
}

/// What pages of load tests look like.
pub fn style() -> Value {
    let style = concat!(
        include_str!("../../html/picture.css"),
        include_str!("../../html/style.css"),
        include_str!("style.css")
    );
    Value::from_safe_string(style.to_owned())
}

impl LoadPage<'_> {
    /// So many wrong answers are told on the page.
    pub fn told(&mut self, count: u64) {
        self.more_wrong = self.wrong.saturating_sub(count);
    }
}

/// What each number of a page means.
fn meanings(page: &LoadPage<'_>) -> Vec<PageFact> {
    let facts =
        page.facts.iter().chain(&page.errors).chain(&page.judged).chain(&page.coverage_goals);
    let facts = facts.chain(&page.about).map(|fact| (fact.noun.clone(), fact.means.clone()));
    let rows = page.latencies.iter().chain(&page.propagation);
    let rows = rows.map(|row| (row.what.clone(), row.means.clone()));
    let goals = page.goals.iter().map(|goal| (goal.noun.to_owned(), goal.means.to_owned()));
    let columns = COLUMNS.iter().map(|column| (column.name.to_owned(), column.means.to_owned()));
    let classes = page.classes.iter().map(|class| (class.word.to_owned(), class.means.to_owned()));
    let mut told: Vec<PageFact> = Vec::new();
    for (noun, means) in columns.chain(rows).chain(classes).chain(goals).chain(facts) {
        if !told.iter().any(|known| known.means == means) {
            told.push(PageFact { number: String::new(), noun, means });
        }
    }
    told
}

fn facts(result: &LoadResult) -> Vec<PageFact> {
    let (asked, lasted_ms) = (&result.rate, result.about.lasted_ms);
    let mut facts = vec![
        fact(
            rate(asked.sent, lasted_ms),
            format!("visitors sent, of {} asked for", rate(asked.asked, lasted_ms)),
            words::RATE,
        ),
        fact(thousands(result.judged.reads), "answers to visitors judged", words::READS),
    ];
    if let Some(widget) = result.operations.get(WIDGET) {
        let at = |percent| duration(widget.intended.percentile(percent) as f64);
        facts.push(fact(at(50.0), "median", words::WIDGET_P50));
        facts.push(fact(at(99.0), "p99", words::WIDGET_P99));
        facts.push(fact(at(99.9), "p99.9", words::WIDGET_P999));
    }
    let pushed = &result.propagation.push;
    if pushed.count() > 0 {
        let p99 = duration(pushed.percentile(99.0) as f64);
        facts.push(fact(p99, "p99 of propagation", words::PROPAGATION_PUSH));
    }
    facts
}

fn goals(result: &LoadResult, state: RunState) -> Vec<GoalRow> {
    let row = |(goal, count): (&Goal, &GoalCount)| {
        let (badge, tone) = match (count.is_met(*goal), state) {
            (true, _) => ("✓ met", "passed"),
            (false, RunState::Running) => ("not yet", "running"),
            (false, _) => ("✕ not met", "failed"),
        };
        GoalRow {
            noun: goal.noun(),
            planned: format!("{}{}", at_least(*goal), thousands(count.planned)),
            met: thousands(count.met),
            badge,
            tone,
            means: goal.means(),
        }
    };
    result.goals.iter().map(row).collect()
}

fn about(result: &LoadResult) -> Vec<PageFact> {
    let about = &result.about;
    let ms = |ms: u64| duration(ms as f64 * 1e3);
    let lasted = match about.lasted_ms == about.duration_ms {
        true => ms(about.lasted_ms),
        false => format!("{} of {}", ms(about.lasted_ms), ms(about.duration_ms)),
    };
    let world = format!(
        "{} properties, {}, {} on {}",
        thousands(about.properties),
        counted(about.widgets, "widget"),
        counted(about.agents, "agent"),
        counted(about.devices, "device")
    );
    let clock = format!(
        "{} {} ± {}",
        duration(about.skew_ms.abs() * 1e3),
        if about.skew_ms < 0.0 { "behind" } else { "ahead" },
        duration(about.skew_uncertain_ms * 1e3)
    );
    let took = format!(
        "{} of processors, {} MiB at most",
        duration(result.generator.cpu_us as f64),
        thousands(result.generator.memory_bytes_max >> 20)
    );
    let mut facts = vec![
        fact(about.start.as_str(), "began", words::BEGAN),
        fact(lasted, "lasted", words::LASTED),
        fact(world, "world", words::WORLD),
        fact(ms(about.within_ms), "promised within", words::WITHIN),
        fact(ms(about.grace_ms), "grace", words::GRACE),
        fact(clock, "target’s clock", words::CLOCK),
        fact(about.product.as_str(), "product", words::PRODUCT),
        fact(about.shards.join(", "), "part", words::PART),
        fact(about.plan.as_str(), "plan", words::PLAN),
        fact(about.arguments.as_str(), "arguments", words::ARGUMENTS),
        fact(about.lamplighter.as_str(), "Lamplighter", words::LAMPLIGHTER),
        fact(took, "generator", words::GENERATOR),
    ];
    if result.rate.late.count() > 0 {
        let late = |all: &Latencies| {
            let at = |percent| duration(all.percentile(percent) as f64);
            format!("p50 {}, p99 {}, max {}", at(50.0), at(99.0), duration(all.max() as f64))
        };
        let (all, own) = (late(&result.rate.late), late(&result.rate.generator_late));
        facts.push(fact(all, "visitors sent late by", words::LATE));
        facts.push(fact(own, "of it the generator’s own", words::GENERATOR_LATE));
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
            let means = words::operation(name);
            [
                row(name, false, &operation.intended, means),
                row("service time", true, &operation.service, words::SERVICE),
            ]
        })
        .collect()
}

fn row(what: &str, is_service: bool, latencies: &Latencies, means: &str) -> LatencyRow {
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
        means: means.to_owned(),
    }
}

fn errors(result: &LoadResult) -> Vec<PageFact> {
    let of = |(name, operation): (&String, &OperationStats)| {
        let calls = operation.ok + operation.errors.values().sum::<u64>();
        let told = |(why, count): (&String, &u64)| {
            let count = format!("{} ({})", thousands(*count), share(*count, calls));
            fact(count, format!("{name}: {why}"), words::ERRORS)
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
            let means = meaning(class);
            ClassCount { word: class.word(), count, told: thousands(count), means }
        })
        .collect()
}

fn judged(result: &LoadResult) -> Vec<PageFact> {
    let judged = &result.judged;
    let enough = match judged.within_enough_ms {
        None => "none".to_owned(),
        Some(ms) => duration(ms * 1e3),
    };
    vec![
        fact(thousands(judged.reads), "reads", words::READS),
        fact(share(judged.decisive, judged.reads), "of them decisive", words::DECISIVE),
        fact(thousands(judged.pushes), "pushes", words::PUSHES),
        fact(thousands(judged.teams), "statuses of teams", words::TEAMS),
        fact(thousands(judged.messages), "messages", words::MESSAGES),
        fact(thousands(result.edges.schedulers), "edges of schedulers", words::EDGES),
        fact(thousands(result.edges.graces), "graces that ran out", words::GRACES),
        fact(enough, "smallest promise that would do", words::WITHIN_ENOUGH),
        fact(
            share(judged.cpu_us, result.generator.cpu_us),
            "of the generator’s processor time",
            words::JUDGING,
        ),
    ]
}
