//! Coverage as one JSON object, for programs, as `docs/coverage.schema.json` describes it.

use std::io::Write;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::class::{Class, ClassTimes};
use crate::figures::{
    Coverage, Estimate, HourFigures, Longest, Span, StaffingFigures, TOLD, Totals, WidgetFigures,
};
use crate::words::{cause, date};
use lamplighter_core::model::text::write_date;

/// Writes everything.
///
/// # Errors
/// When `out` does not take it.
pub fn write(out: &mut dyn Write, coverage: &Coverage) -> serde_json::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &report(coverage))?;
    out.write_all(b"\n").map_err(serde_json::Error::io)
}

/// The same in a line.
pub(crate) fn report_line(coverage: &Coverage) -> serde_json::Result<String> {
    serde_json::to_string(&report(coverage))
}

#[derive(Serialize)]
struct Report {
    lamplighter: &'static str,
    from: String,
    to: String,
    timezone: String,
    events: u64,
    anomalies: u64,
    totals: Value,
    /// Names of widgets, the dearest first.
    ranking: Vec<String>,
    widgets: Vec<Value>,
    staffing: Vec<Value>,
    alternatives: Vec<Value>,
}

fn report(coverage: &Coverage) -> Report {
    let name = |widget: &WidgetFigures| coverage.roster.widgets.name(widget.widget).to_owned();
    let alternatives = coverage.alternatives.iter().map(|alternative| {
        let names = coverage.roster.widgets.iter();
        let widgets = names.zip(&alternative.widgets).map(|(name, of)| {
            let mut value = totals(of, coverage.has_visitors);
            value.insert("widget".to_owned(), json!(name));
            Value::Object(value)
        });
        json!({
            "label": alternative.label,
            "lines": alternative.lines,
            "totals": totals(&alternative.totals(), coverage.has_visitors),
            "widgets": widgets.collect::<Vec<_>>(),
        })
    });
    Report {
        lamplighter: env!("CARGO_PKG_VERSION"),
        from: coverage.from.to_string(),
        to: coverage.to.to_string(),
        timezone: coverage.zone.name().to_owned(),
        events: coverage.events,
        anomalies: coverage.anomalies,
        totals: Value::Object(totals(&coverage.totals(), coverage.has_visitors)),
        ranking: coverage.ranking().into_iter().map(name).collect(),
        widgets: coverage.widgets.iter().map(|of| widget(coverage, of)).collect(),
        staffing: coverage.staffing.iter().map(|of| staffing(coverage, of)).collect(),
        alternatives: alternatives.collect(),
    }
}

/// The key of how long a class lasted.
fn key(class: Class) -> String {
    format!("{}_ms", class.word().replace('-', "_"))
}

pub(crate) fn times(times: &ClassTimes) -> Map<String, Value> {
    Class::ALL.into_iter().map(|class| (key(class), json!(times.of(class)))).collect()
}

/// How long each class lasted, out of what [`times`] made.
pub(crate) fn class_times(value: &Value) -> Option<ClassTimes> {
    let mut times = ClassTimes::default();
    for class in Class::ALL {
        times.add(class, value[key(class)].as_u64()?);
    }
    Some(times)
}

fn totals(totals: &Totals, has_visitors: bool) -> Map<String, Value> {
    let mut value = times(&totals.times);
    value.insert("false_light_ms".to_owned(), json!(totals.false_light_ms));
    value.insert("dark_while_staffed_ms".to_owned(), json!(totals.dark_while_staffed_ms));
    value.insert("changes".to_owned(), json!(totals.changes));
    value.insert("spells_under_a_minute".to_owned(), json!(totals.short_spells));
    if has_visitors {
        let visitors = &totals.visitors;
        value.insert(
            "visitors".to_owned(),
            json!({
                "came": visitors.came,
                "online": visitors.online,
                "away": visitors.away,
                "offline": visitors.offline,
                "hidden": visitors.hidden,
                "empty": visitors.empty,
            }),
        );
    }
    value
}

fn longest<T>(longest: &Longest<T>, one: impl Fn(&T) -> Value) -> Value {
    let kept: Vec<Value> = longest.kept.iter().map(one).collect();
    json!({ "count": longest.count, "total_ms": longest.total_ms, "longest": kept })
}

fn spanned(span: Span, more: Value) -> Value {
    let mut value = Map::new();
    value.insert("from".to_owned(), json!(span.from.to_string()));
    value.insert("to".to_owned(), json!(span.to.to_string()));
    value.insert("ms".to_owned(), json!(span.length_ms()));
    if let Value::Object(more) = more {
        value.extend(more);
    }
    Value::Object(value)
}

fn widget(coverage: &Coverage, widget: &WidgetFigures) -> Value {
    let roster = &coverage.roster;
    let mut value = totals(&widget.totals, coverage.has_visitors);
    let stretches = TOLD.into_iter().zip(&widget.longest).map(|(class, of)| {
        let told = longest(of, |stretch| {
            spanned(stretch.span, json!({ "began": cause(stretch.cause, roster) }))
        });
        (class.word().replace('-', "_"), told)
    });
    let days = widget.days.iter().zip(widget.first_day..).filter_map(|(day, index)| {
        let mut all = ClassTimes::default();
        Class::ALL.into_iter().zip(day).for_each(|(class, ms)| all.add(class, u64::from(*ms)));
        let mut value = times(&all);
        value.insert("date".to_owned(), json!(write_date(date(index)?)));
        Some(Value::Object(value))
    });
    let more = json!({
        "widget": roster.widgets.name(widget.widget),
        "property": roster.properties.name(widget.property),
        "timezone": widget.zone.name(),
        "has_scheduler": widget.has_scheduler,
        "stretches": stretches.collect::<Map<_, _>>(),
        "handovers": longest(&widget.handovers, |gap| spanned(gap.span, json!({
            "went": roster.agents.name(gap.went),
            "came": roster.agents.name(gap.came),
        }))),
        "single_person": longest(&widget.single, |single| spanned(single.span, json!({
            "agent": roster.agents.name(single.agent),
        }))),
        "ghosts": longest(&widget.ghosts, |ghost| spanned(ghost.span, json!({
            "agent": roster.agents.name(ghost.device.agent()),
            "device": roster.device_name(ghost.device),
            "lit_ms": ghost.lit_ms,
        }))),
        "hours": widget.hours.iter().map(|of| hour(of, coverage.has_visitors)).collect::<Vec<_>>(),
        "days": days.collect::<Vec<_>>(),
    });
    if let Value::Object(more) = more {
        value.extend(more);
    }
    Value::Object(value)
}

fn hour(hour: &HourFigures, has_visitors: bool) -> Value {
    let mut value = times(&hour.times);
    value.insert("members_online".to_owned(), json!(hour.members_online()));
    value.insert("members_away".to_owned(), json!(hour.members_away()));
    if has_visitors {
        value.insert("visitors".to_owned(), json!(hour.visitors));
        value.insert("visitors_empty".to_owned(), json!(hour.visitors_empty));
    }
    Value::Object(value)
}

fn estimate(estimate: Estimate) -> Value {
    json!({ "mean": estimate.mean, "plus_minus": estimate.plus_minus })
}

fn staffing(coverage: &Coverage, of: &StaffingFigures) -> Value {
    let hours = of.hours.iter().map(|hour| {
        json!({
            "chats": estimate(hour.chats),
            "answered_within": hour.answered_within.map(estimate),
            "missed": estimate(hour.missed),
            "wait_ms": hour.wait_ms.map(estimate),
            "occupancy": hour.occupancy.map(estimate),
            "members": hour.members,
            "members_needed": hour.needed,
        })
    });
    json!({
        "property": coverage.roster.properties.name(of.property),
        "timezone": of.zone.name(),
        "chats": estimate(of.chats),
        "wait_mean_ms": of.waits.map(|waits| estimate(waits.mean)),
        "wait_p50_ms": of.waits.map(|waits| estimate(waits.p50)),
        "wait_p90_ms": of.waits.map(|waits| estimate(waits.p90)),
        "answered_within": of.answered_within.map(estimate),
        "missed": estimate(of.missed),
        "occupancy": of.occupancy.map(estimate),
        "hours": hours.collect::<Vec<_>>(),
    })
}
