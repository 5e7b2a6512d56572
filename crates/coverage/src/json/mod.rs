//! Coverage as one JSON object, for programs. Its types are what `docs/coverage.schema.json` is made of.

pub(crate) mod by_class;
mod staffing;

use std::io::Write;

use serde::Serialize;

use crate::class::{Class, ClassTimes};
use crate::figures::{
    AlternativeFigures, ClassSpan, Coverage, Ghost, Handover, HourFigures, Longest, Single, Span,
    Totals, VisitorCounts, VisitorsOutside, WidgetFigures,
};
use crate::words::{cause, date};
use by_class::{ByToldClass, TimesMs};
use lamplighter_core::model::text::write_date;
use lamplighter_scenario::language::Roster;
use staffing::StaffingTold;

/// Writes everything.
///
/// # Errors
/// When `out` does not take it.
pub fn write(out: &mut dyn Write, coverage: &Coverage) -> serde_json::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Report::of(coverage))?;
    out.write_all(b"\n").map_err(serde_json::Error::io)
}

/// How long widgets kept what their light promises. Instants are RFC 3339 in UTC, shares lie between 0 and 1.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "lamplighter coverage --json"))]
pub struct Report<'a> {
    /// The version that wrote it.
    lamplighter: &'static str,
    /// The first instant of the report.
    from: String,
    /// The first instant behind it.
    to: String,
    /// The zone of the scenario.
    timezone: &'a str,
    /// How many events happened.
    events: u64,
    /// How many rows of traces could not happen.
    anomalies: u64,
    /// How many visitors of a file came outside of the report, and count nowhere; absent where nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    visitors_outside: Option<VisitorsOutsideTold>,
    /// What all widgets came to together.
    totals: TotalsTold,
    /// The names of widgets by what they cost, the dearest first.
    ranking: Vec<&'a str>,
    /// Each widget.
    widgets: Vec<WidgetTold<'a>>,
    /// What chats came to, property by property; empty where nobody asked.
    staffing: Vec<StaffingTold<'a>>,
    /// What other settings came to.
    alternatives: Vec<AlternativeTold<'a>>,
}

/// What adds up.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct TotalsTold {
    #[serde(flatten)]
    times: TimesMs,
    /// How long it was shown online with no chat possible (rule W6), in milliseconds.
    false_light_ms: u64,
    /// How long it was shown offline while somebody was online, in milliseconds.
    dark_while_staffed_ms: u64,
    /// How often status, or whether a chat can start, changed.
    changes: u64,
    /// How many spells between two such changes were shorter than a minute.
    spells_under_a_minute: u64,
    /// Who came; absent where nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    visitors: Option<VisitorsTold>,
}

/// Visitors, by what they saw.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct VisitorsTold {
    /// All who came.
    came: u64,
    /// Who saw it online.
    online: u64,
    /// Who saw it away.
    away: u64,
    /// Who saw it offline.
    offline: u64,
    /// Who did not see it.
    hidden: u64,
    /// Who came while it was open and nobody was there.
    empty: u64,
}

/// Visitors who came when the report had not begun, or was over.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct VisitorsOutsideTold {
    /// Who came before its first instant.
    before: u64,
    /// Who came at the first instant behind it, or later.
    behind: u64,
}

/// What other settings came to.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct AlternativeTold<'a> {
    /// What it is called.
    label: &'a str,
    /// The lines by which it differs.
    lines: &'a [String],
    /// How many events could not happen by these settings; by those of the scenario it is `anomalies`.
    impossible: u64,
    /// What all widgets came to together.
    totals: TotalsTold,
    /// Each widget.
    widgets: Vec<AlternativeWidget<'a>>,
}

/// What a widget came to by other settings.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct AlternativeWidget<'a> {
    /// Its name.
    widget: &'a str,
    #[serde(flatten)]
    totals: TotalsTold,
}

/// What a widget came to.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct WidgetTold<'a> {
    /// Its name.
    widget: &'a str,
    /// The property that it belongs to.
    property: &'a str,
    /// The zone in which its hours and days are told.
    timezone: &'a str,
    /// Whether it had a scheduler at any time of the report; without one it is always open.
    has_scheduler: bool,
    #[serde(flatten)]
    totals: TotalsTold,
    /// The longest stretches of the classes that cost something.
    stretches: ByToldClass<LongestTold<Stretch>>,
    /// Gaps in which it was open and nobody there, between two people.
    handovers: LongestTold<HandoverTold<'a>>,
    /// Stretches on which a single person kept the light on.
    single_person: LongestTold<SingleTold<'a>>,
    /// Stretches on which a device that nobody touched alone kept the light on.
    ghosts: LongestTold<GhostTold<'a>>,
    /// The hours of the week from Monday 00:00, by the widget's own clock.
    #[cfg_attr(feature = "schema", schemars(length(equal = 168)))]
    hours: Vec<HourTold>,
    /// Each day, by the widget's own clock.
    days: Vec<Day>,
}

/// The longest of some spans of time, and what all of them come to.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct LongestTold<T> {
    /// How many there were.
    count: u64,
    /// How long all of them were together, in milliseconds.
    total_ms: u64,
    /// The ten longest, longest first.
    longest: Vec<T>,
}

/// From when to when.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct SpanTold {
    /// Its first instant.
    from: String,
    /// The first instant behind it.
    to: String,
    /// How long it is, in milliseconds.
    ms: u64,
}

/// A span of a class.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Stretch {
    #[serde(flatten)]
    span: SpanTold,
    /// What began it.
    began: String,
}

/// A gap between two people.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct HandoverTold<'a> {
    #[serde(flatten)]
    span: SpanTold,
    /// Who went.
    went: &'a str,
    /// Who came.
    came: &'a str,
}

/// A span on which one person alone was there.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct SingleTold<'a> {
    #[serde(flatten)]
    span: SpanTold,
    /// Who that was.
    agent: &'a str,
}

/// A span on which nobody touched a device.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct GhostTold<'a> {
    #[serde(flatten)]
    span: SpanTold,
    /// Whose device it is.
    agent: &'a str,
    /// Which device.
    device: &'a str,
    /// For how long it alone kept the widget lit, in milliseconds.
    lit_ms: u64,
}

/// An hour of the week.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct HourTold {
    #[serde(flatten)]
    times: TimesMs,
    /// Members online on average; null where the report has no such hour.
    members_online: Option<f64>,
    /// Members away on average; null where the report has no such hour.
    members_away: Option<f64>,
    /// Visitors who came; absent where nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    visitors: Option<u64>,
    /// Of them those who came while it was open and nobody was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    visitors_empty: Option<u64>,
}

/// A day.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Day {
    /// The date in the widget's zone.
    date: String,
    #[serde(flatten)]
    times: TimesMs,
}

impl<'a> Report<'a> {
    /// What a run comes to.
    pub fn of(coverage: &'a Coverage) -> Self {
        let Coverage { roster, has_visitors, .. } = coverage;
        let name = |widget: &WidgetFigures| roster.widgets.name(widget.widget);
        let widgets = coverage.widgets.iter().map(|of| WidgetTold::of(of, roster, *has_visitors));
        let staffing = coverage.staffing.iter().map(|of| StaffingTold::of(of, roster));
        let alternatives =
            coverage.alternatives.iter().map(|of| AlternativeTold::of(of, roster, *has_visitors));
        Self {
            lamplighter: env!("CARGO_PKG_VERSION"),
            from: coverage.from.to_string(),
            to: coverage.to.to_string(),
            timezone: coverage.zone.name(),
            events: coverage.events,
            anomalies: coverage.anomalies,
            visitors_outside: has_visitors.then(|| {
                let VisitorsOutside { before, behind } = coverage.visitors_outside;
                VisitorsOutsideTold { before, behind }
            }),
            totals: TotalsTold::of(&coverage.totals(), *has_visitors),
            ranking: coverage.ranking().into_iter().map(name).collect(),
            widgets: widgets.collect(),
            staffing: staffing.collect(),
            alternatives: alternatives.collect(),
        }
    }
}

impl TotalsTold {
    fn of(totals: &Totals, has_visitors: bool) -> Self {
        let &Totals { times, false_light_ms, dark_while_staffed_ms, changes, .. } = totals;
        Self {
            times: TimesMs(times),
            false_light_ms,
            dark_while_staffed_ms,
            changes,
            spells_under_a_minute: totals.short_spells,
            visitors: has_visitors.then(|| VisitorsTold::of(totals.visitors)),
        }
    }
}

impl VisitorsTold {
    fn of(visitors: VisitorCounts) -> Self {
        let VisitorCounts { came, online, away, offline, hidden, empty } = visitors;
        Self { came, online, away, offline, hidden, empty }
    }
}

impl<'a> AlternativeTold<'a> {
    fn of(of: &'a AlternativeFigures, roster: &'a Roster, has_visitors: bool) -> Self {
        let widgets = roster.widgets.iter().zip(&of.widgets).map(|(widget, totals)| {
            AlternativeWidget { widget, totals: TotalsTold::of(totals, has_visitors) }
        });
        Self {
            label: &of.label,
            lines: &of.lines,
            impossible: of.impossible,
            totals: TotalsTold::of(&of.totals(), has_visitors),
            widgets: widgets.collect(),
        }
    }
}

impl<'a> WidgetTold<'a> {
    fn of(of: &'a WidgetFigures, roster: &'a Roster, has_visitors: bool) -> Self {
        let days = of.days.iter().zip(of.first_day..).filter_map(|(day, index)| {
            let mut times = ClassTimes::default();
            Class::ALL.into_iter().zip(day).for_each(|(class, ms)| times.add(class, (*ms).into()));
            Some(Day { date: write_date(date(index)?), times: TimesMs(times) })
        });
        let stretches = of.longest.each_ref();
        Self {
            widget: roster.widgets.name(of.widget),
            property: roster.properties.name(of.property),
            timezone: of.zone.name(),
            has_scheduler: of.has_scheduler,
            totals: TotalsTold::of(&of.totals, has_visitors),
            stretches: ByToldClass(
                stretches.map(|of| LongestTold::of(of, |stretch| Stretch::of(stretch, roster))),
            ),
            handovers: LongestTold::of(&of.handovers, |gap| HandoverTold::of(gap, roster)),
            single_person: LongestTold::of(&of.single, |single| SingleTold::of(single, roster)),
            ghosts: LongestTold::of(&of.ghosts, |ghost| GhostTold::of(ghost, roster)),
            hours: of.hours.iter().map(|of| HourTold::of(of, has_visitors)).collect(),
            days: days.collect(),
        }
    }
}

impl<T> LongestTold<T> {
    fn of<L>(longest: &Longest<L>, one: impl Fn(&L) -> T) -> Self {
        let kept = longest.kept.iter().map(one).collect();
        Self { count: longest.count, total_ms: longest.total_ms, longest: kept }
    }
}

impl SpanTold {
    fn of(span: Span) -> Self {
        Self { from: span.from.to_string(), to: span.to.to_string(), ms: span.length_ms() }
    }
}

impl Stretch {
    fn of(stretch: &ClassSpan, roster: &Roster) -> Self {
        Self { span: SpanTold::of(stretch.span), began: cause(stretch.cause, roster) }
    }
}

impl<'a> HandoverTold<'a> {
    fn of(gap: &Handover, roster: &'a Roster) -> Self {
        let [went, came] = [gap.went, gap.came].map(|agent| roster.agents.name(agent));
        Self { span: SpanTold::of(gap.span), went, came }
    }
}

impl<'a> SingleTold<'a> {
    fn of(single: &Single, roster: &'a Roster) -> Self {
        Self { span: SpanTold::of(single.span), agent: roster.agents.name(single.agent) }
    }
}

impl<'a> GhostTold<'a> {
    fn of(ghost: &Ghost, roster: &'a Roster) -> Self {
        Self {
            span: SpanTold::of(ghost.span),
            agent: roster.agents.name(ghost.device.agent()),
            device: roster.device_name(ghost.device),
            lit_ms: ghost.lit_ms,
        }
    }
}

impl HourTold {
    fn of(hour: &HourFigures, has_visitors: bool) -> Self {
        Self {
            times: TimesMs(hour.times),
            members_online: hour.members_online(),
            members_away: hour.members_away(),
            visitors: has_visitors.then_some(hour.visitors),
            visitors_empty: has_visitors.then_some(hour.visitors_empty),
        }
    }
}
