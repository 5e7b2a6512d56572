//! A load test's summary in the terminal.

use std::io::{self, Write};

use super::outages::OutageTold;
use super::{at_least, evidence, not_met, warnings};
use crate::report::Paint;
use crate::report::format::clean;
use lamplighter_load::figures::{counted, duration, rate, share, thousands};
use lamplighter_load::latencies::Latencies;
use lamplighter_load::result::{AboutRun, Class, LoadResult, OperationStats};

/// So many wrong answers are told in full; of all others there is the count.
const EVIDENCE_SHOWN_MAX: usize = 5;

/// Writes the summary. `quiet` leaves only what is wrong.
///
/// # Errors
/// When `out` does not take it.
pub fn summary(out: &mut dyn Write, result: &LoadResult, quiet: bool) -> io::Result<()> {
    if !quiet {
        about(out, &result.about)?;
        sent(out, result)?;
        latencies(out, result)?;
        judged(out, result)?;
        goals(out, result)?;
    }
    wrong(out, result)?;
    outages(out, result)?;
    for warning in warnings(result) {
        writeln!(out, "{}: {}", Paint::Warn.on("warning"), clean(&warning))?;
    }
    gates(out, result, quiet)
}

fn about(out: &mut dyn Write, about: &AboutRun) -> io::Result<()> {
    let ms = |ms: u64| duration(ms as f64 * 1e3);
    writeln!(
        out,
        "{} {} ({}), {}",
        Paint::Strong.on("load test of"),
        Paint::Strong.on(clean(&about.target)),
        clean(&about.product),
        match about.lasted_ms == about.duration_ms {
            true => ms(about.lasted_ms),
            false => format!("{} of {}", ms(about.lasted_ms), ms(about.duration_ms)),
        }
    )?;
    writeln!(
        out,
        "  {}, {}, {} on {}",
        match about.properties {
            1 => "1 property".to_owned(),
            many => format!("{} properties", thousands(many)),
        },
        counted(about.widgets, "widget"),
        counted(about.agents, "agent"),
        counted(about.devices, "device"),
    )?;
    writeln!(
        out,
        "  from {}; grace {}, promised within {}, clock {} by {} ± {}",
        clean(&about.start),
        ms(about.grace_ms),
        ms(about.within_ms),
        if about.skew_ms < 0.0 { "behind" } else { "ahead" },
        duration(about.skew_ms.abs() * 1e3),
        duration(about.skew_uncertain_ms * 1e3),
    )?;
    writeln!(out, "  plan {}: {}\n", clean(&about.plan), clean(&about.arguments))
}

fn sent(out: &mut dyn Write, result: &LoadResult) -> io::Result<()> {
    let asked = &result.rate;
    let lasted_ms = result.about.lasted_ms;
    let told = format!(
        "{} of {} asked for ({})",
        rate(asked.sent, lasted_ms),
        rate(asked.asked, lasted_ms),
        share(asked.sent, asked.asked)
    );
    let paint = if asked.is_kept() { Paint::Strong } else { Paint::Bad };
    writeln!(
        out,
        "visitors       {}, {} answered of {} sent",
        paint.on(told),
        thousands(asked.answered),
        thousands(asked.sent)
    )?;
    let late = |latencies: &Latencies| {
        let at = |percent| duration(latencies.percentile(percent) as f64);
        format!("p50 {}, p99 {}, max {}", at(50.0), at(99.0), duration(latencies.max() as f64))
    };
    if asked.late.count() > 0 {
        writeln!(out, "  sent late by {}", late(&asked.late))?;
        writeln!(out, "  of it the generator's own {}", late(&asked.generator_late))?;
    }
    writeln!(out)
}

const COLUMNS: [&str; 8] = ["", "count", "p50", "p90", "p99", "p99.9", "p99.99", "max"];

fn latencies(out: &mut dyn Write, result: &LoadResult) -> io::Result<()> {
    let mut names: Vec<&String> = result.operations.keys().collect();
    names.sort_by_key(|name| (*name != lamplighter_load::tally::WIDGET, *name));
    heading(out, "latency")?;
    for name in names {
        let OperationStats { intended, service, errors, .. } = &result.operations[name];
        row(out, &clean(name), intended)?;
        row(out, "  service", service)?;
        if !errors.is_empty() {
            let told: Vec<String> = errors
                .iter()
                .map(|(why, n)| format!("{} ({})", clean(why), thousands(*n)))
                .collect();
            let count = counted(errors.values().sum(), "error");
            writeln!(out, "  {}: {}", Paint::Bad.on(count), told.join(", "))?;
        }
    }
    writeln!(out)?;
    heading(out, "propagation")?;
    row(out, "by push", &result.propagation.push)?;
    row(out, "by poll", &result.propagation.poll)?;
    writeln!(out)?;
    heading(out, "edges, late")?;
    row(out, "by push", &result.edges.push)?;
    row(out, "by poll", &result.edges.poll)?;
    writeln!(
        out,
        "  {}, {}\n",
        match result.edges.schedulers {
            1 => "1 edge of a scheduler".to_owned(),
            many => format!("{} edges of schedulers", thousands(many)),
        },
        match result.edges.graces {
            1 => "1 grace that ran out".to_owned(),
            many => format!("{} graces that ran out", thousands(many)),
        }
    )
}

fn heading(out: &mut dyn Write, what: &str) -> io::Result<()> {
    let mut line = format!("{what:<14}");
    for column in &COLUMNS[1..] {
        line.push_str(&format!("{column:>9}"));
    }
    writeln!(out, "{}", Paint::Strong.on(line))
}

fn row(out: &mut dyn Write, what: &str, latencies: &Latencies) -> io::Result<()> {
    write!(out, "{what:<14}{:>9}", thousands(latencies.count()))?;
    let percents = super::PERCENTS.map(|percent| latencies.percentile(percent));
    for us in percents.into_iter().chain([latencies.max()]) {
        match latencies.count() {
            0 => write!(out, "{:>9}", "–")?,
            _ => write!(out, "{:>9}", duration(us as f64))?,
        }
    }
    writeln!(out)
}

fn judged(out: &mut dyn Write, result: &LoadResult) -> io::Result<()> {
    let judged = &result.judged;
    writeln!(
        out,
        "{}         {} ({} decisive), {}, {} of teams, {}",
        Paint::Strong.on("judged"),
        counted(judged.reads, "read"),
        share(judged.decisive, judged.reads),
        match judged.pushes {
            1 => "1 push".to_owned(),
            many => format!("{} pushes", thousands(many)),
        },
        match judged.teams {
            1 => "1 status".to_owned(),
            many => format!("{} statuses", thousands(many)),
        },
        counted(judged.messages, "message"),
    )?;
    for class in Class::ALL {
        let count = judged.wrong.get(&class).copied().unwrap_or(0);
        let told = format!("{:>9}  {class}", thousands(count));
        match count {
            0 => writeln!(out, "{}", Paint::Faint.on(told))?,
            _ => writeln!(out, "{}", Paint::Bad.on(told))?,
        }
    }
    let promise = duration(result.about.within_ms as f64 * 1e3);
    match judged.within_enough_ms {
        None => writeln!(out, "  no promise would have been enough (promised: {promise})")?,
        Some(ms) => writeln!(
            out,
            "  the smallest promise that would have been enough: {} (promised: {promise})",
            duration(ms * 1e3)
        )?,
    }
    let goals: Vec<String> =
        judged.races.iter().map(|(goal, n)| format!("{} {}", thousands(*n), clean(goal))).collect();
    if !goals.is_empty() {
        writeln!(out, "  races met: {}", goals.join(", "))?;
    }
    for (why, count) in &judged.not_tested {
        writeln!(out, "  not tested: {}, {}", counted(*count, "answer"), clean(why))?;
    }
    for what in &result.about.not_tested {
        writeln!(out, "  not tested: {}", clean(what))?;
    }
    writeln!(
        out,
        "  judging took {} of a processor, {} of the generator's {}\n",
        duration(judged.cpu_us as f64),
        share(judged.cpu_us, result.generator.cpu_us),
        duration(result.generator.cpu_us as f64),
    )
}

/// What the run was to meet, and has met.
fn goals(out: &mut dyn Write, result: &LoadResult) -> io::Result<()> {
    if result.goals.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}{:>19} {:>9}", Paint::Strong.on("met"), "planned", "met")?;
    for (goal, count) in &result.goals {
        let planned = format!("{}{}", at_least(*goal), thousands(count.planned));
        let told = format!("{planned:>22} {:>9}  {goal}", thousands(count.met));
        match (count.is_met(*goal), count.planned) {
            (false, _) => writeln!(out, "{}", Paint::Bad.on(format!("{told}: NOT MET")))?,
            (true, 0) => writeln!(out, "{}", Paint::Faint.on(told))?,
            (true, _) => writeln!(out, "{told}")?,
        }
    }
    writeln!(out)
}

fn wrong(out: &mut dyn Write, result: &LoadResult) -> io::Result<()> {
    for found in result.judged.evidence.iter().take(EVIDENCE_SHOWN_MAX) {
        evidence::write(out, found)?;
    }
    let count = result.judged.wrong_count();
    let shown = result.judged.evidence.len().min(EVIDENCE_SHOWN_MAX) as u64;
    if count > shown {
        let kinds = match result.judged.kinds {
            0 | 1 => String::new(),
            kinds => format!(", {} in all", counted(kinds, "kind")),
        };
        writeln!(out, "and {}{kinds}", counted(count - shown, "more wrong answer"))?;
    }
    if result.judged.listed > 0 {
        let listed = result.judged.listed;
        writeln!(out, "all.csv in the folder of wrong answers lists {}\n", thousands(listed))?;
    } else if count > shown {
        writeln!(out)?;
    }
    Ok(())
}

fn outages(out: &mut dyn Write, result: &LoadResult) -> io::Result<()> {
    let all = super::outages::told(result);
    if all.is_empty() {
        return Ok(());
    }
    let count = Paint::Bad.on(counted(all.len() as u64, "outage"));
    let length = duration(super::warnings::away_us(result) as f64);
    writeln!(out, "{count} of the target, {length} without a right answer")?;
    for OutageTold { when, what, after, is_bad } in all {
        writeln!(out, "  {}: {}", Paint::Strong.on(when), clean(&what))?;
        let paint = if is_bad { Paint::Bad } else { Paint::Faint };
        for line in after {
            writeln!(out, "    {}", paint.on(line))?;
        }
    }
    writeln!(out)
}

fn gates(out: &mut dyn Write, result: &LoadResult, quiet: bool) -> io::Result<()> {
    let widest = result.gates.iter().map(|gate| gate.gate.chars().count()).max().unwrap_or(0);
    for gate in result.gates.iter().filter(|gate| !quiet || !gate.passed) {
        let word = match gate.passed {
            true => format!("{}  ", Paint::Good.on("ok")),
            false => Paint::Bad.on("FAIL").to_string(),
        };
        writeln!(out, "{word} {:<widest$}  {}", clean(&gate.gate), clean(&gate.value))?;
    }
    let failed = result.gates.iter().filter(|gate| !gate.passed).count() as u64;
    let passed = result.gates.len() as u64 - failed;
    if quiet && failed == 0 {
        return Ok(());
    }
    let paint = if failed > 0 { Paint::Bad } else { Paint::Good };
    writeln!(
        out,
        "{}: {passed} passed, {failed} failed; {}",
        paint.on(counted(result.gates.len() as u64, "gate")),
        match result.judged.wrong_count() {
            0 => "no wrong answer".to_owned(),
            count => counted(count, "wrong answer"),
        }
    )?;
    match not_met(result).filter(|_| failed == 0) {
        Some(told) => writeln!(out, "{}", Paint::Warn.on(told)),
        None => Ok(()),
    }
}
