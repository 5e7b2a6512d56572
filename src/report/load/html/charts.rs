//! The charts of a load test: latency by percentile, and what happened over time.

use super::chart::{AxisTick, Chart, HEIGHT, Hit, Scale, Series, columns, line, seen, time};
use lamplighter_core::model::Millis;
use lamplighter_load::figures::{counted, duration, rate, thousands};
use lamplighter_load::latencies::Latencies;
use lamplighter_load::result::{IntervalStats, LoadResult};
use lamplighter_load::tally::WIDGET;

/// Stretches are put together until there are no more than so many.
const POINTS_MAX: usize = 240;

/// The large ones: visitors' latency by percentile, then everything over time.
pub fn main(result: &LoadResult) -> Vec<Chart> {
    let mut charts = Vec::new();
    if let Some(widget) = result.operations.get(WIDGET) {
        charts.extend(by_percentile(
            "Visitors’ latency by percentile",
            "From the intended instant, and from the first byte sent; every nine is a tenth of the \
             requests that the one before left.",
            &[
                ("intended", "intended", &widget.intended),
                ("service", "service time", &widget.service),
            ],
        ));
    }
    let stretches = stretches(result);
    if !stretches.is_empty() {
        let over = OverTime { stretches };
        charts.extend(over.latency());
        charts.push(over.rates());
        charts.push(over.open());
    }
    charts
}

/// The small ones, by percentile: propagation latencies, edges, and every other operation.
pub fn small(result: &LoadResult) -> Vec<Chart> {
    let mut charts = Vec::new();
    let push = |latencies| ("intended", "by push", latencies);
    let poll = |latencies| ("service", "by poll", latencies);
    let (propagation, edges) = (&result.propagation, &result.edges);
    charts.extend(by_percentile(
        "propagation",
        "",
        &[push(&propagation.push), poll(&propagation.poll)],
    ));
    charts.extend(by_percentile("edges, late", "", &[push(&edges.push), poll(&edges.poll)]));
    for (name, operation) in result.operations.iter().filter(|(name, _)| *name != WIDGET) {
        charts.extend(by_percentile(
            name,
            "",
            &[
                ("intended", "intended", &operation.intended),
                ("service", "service time", &operation.service),
            ],
        ));
    }
    charts
}

fn by_percentile(
    title: &str,
    note: &str,
    lines: &[(&'static str, &str, &Latencies)],
) -> Option<Chart> {
    let most = lines.iter().map(|(_, _, latencies)| latencies.count()).max()?;
    let nines = (most as f64).log10().ceil().clamp(1.0, 6.0);
    let steps = 140;
    // How many nines, and the percentile.
    let places: Vec<(f64, f64)> = (0..=steps)
        .map(|step| nines * f64::from(step) / f64::from(steps))
        .map(|at| (at / nines, 100.0 * (1.0 - 10_f64.powf(-at))))
        .collect();
    let drawn: Vec<Vec<f64>> = lines
        .iter()
        .map(|(_, _, all)| places.iter().map(|(_, p)| all.percentile(*p) as f64).collect())
        .collect();
    let scale = Scale::log(drawn.iter().flatten().copied())?;
    let series = lines
        .iter()
        .zip(&drawn)
        .filter(|((_, _, latencies), _)| latencies.count() > 0)
        .map(|((class, label, latencies), values)| Series {
            class,
            label: format!("{label}, max {}", duration(latencies.max() as f64)),
            path: line(&scale, places.iter().zip(values).map(|((x, _), y)| (*x, Some(*y)))),
        })
        .collect();
    let known = [0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999];
    let ticks = known
        .into_iter()
        .map(|percent| (percent, -(1.0 - percent / 100.0_f64).log10() / nines))
        .filter(|(_, at)| *at < 1.001)
        .map(|(percent, at)| AxisTick {
            at: seen(100.0 * at),
            label: if percent == 0.0 { "min".to_owned() } else { format!("p{percent}") },
            is_minor: percent == 50.0 || percent == 99.999,
        })
        .collect();
    let width = 100.0 / (places.len() - 1) as f64;
    let hits = (0..places.len() - 1)
        .map(|index| {
            let told: Vec<String> = lines
                .iter()
                .zip(&drawn)
                .filter(|((_, _, latencies), _)| latencies.count() > 0)
                .map(|((_, label, _), values)| format!("{label} {}", duration(values[index])))
                .collect();
            let percent = places[index].1;
            let digits = ((100.0 / (100.0 - percent)).log10().floor() as usize).max(1);
            Hit {
                at: seen(index as f64 * width),
                width: seen(width),
                title: format!("p{percent:.digits$}: {}", told.join(", ")),
            }
        })
        .collect();
    Some(Chart {
        title: title.to_owned(),
        note: note.to_owned(),
        scale: scale.name(),
        height: HEIGHT,
        grid: scale.grid(time),
        ticks,
        series,
        marks: Vec::new(),
        hits,
    })
}

/// Stretches put together.
struct ChartStretch {
    /// In milliseconds of the run.
    from_ms: u64,
    length_ms: u64,
    all: IntervalStats,
}

fn stretches(result: &LoadResult) -> Vec<ChartStretch> {
    let interval_ms = result.about.interval_ms.max(1);
    let together = result.intervals.len().div_ceil(POINTS_MAX).max(1);
    let chunks = result.intervals.chunks(together).enumerate();
    chunks
        .map(|(index, chunk)| {
            let from_ms = (index * together) as u64 * interval_ms;
            let mut all = IntervalStats::default();
            for interval in chunk {
                all.asked += interval.asked;
                all.answered += interval.answered;
                all.errors += interval.errors;
                all.agent_calls += interval.agent_calls;
                all.wrong += interval.wrong;
                all.widget.add(&interval.widget);
                // What was open at the end of the last one.
                all.sockets = interval.sockets;
                all.streams = interval.streams;
                all.connections = interval.connections;
            }
            let whole_ms = chunk.len() as u64 * interval_ms;
            // The run may end within the last one.
            let rest_ms = result.about.lasted_ms.saturating_sub(from_ms);
            let length_ms = if rest_ms == 0 { whole_ms } else { whole_ms.min(rest_ms) };
            ChartStretch { from_ms, length_ms, all }
        })
        .collect()
}

struct OverTime {
    stretches: Vec<ChartStretch>,
}

/// The class of a line, what it is called, and what it counts.
type CountedLine = (&'static str, &'static str, fn(&IntervalStats) -> u64);

impl OverTime {
    fn end_ms(&self) -> f64 {
        self.stretches.last().map_or(1.0, |last| (last.from_ms + last.length_ms).max(1) as f64)
    }

    /// The middle of each stretch as a part of the whole, with a value.
    fn points<'s>(
        &'s self,
        value: impl Fn(&ChartStretch) -> Option<f64> + 's,
    ) -> impl Iterator<Item = (f64, Option<f64>)> + 's {
        let end_ms = self.end_ms();
        self.stretches.iter().map(move |stretch| {
            let middle = stretch.from_ms as f64 + stretch.length_ms as f64 / 2.0;
            (middle / end_ms, value(stretch))
        })
    }

    fn latency(&self) -> Option<Chart> {
        let of = |percent: f64| {
            move |stretch: &ChartStretch| {
                let widget = &stretch.all.widget;
                (widget.count() > 0).then(|| widget.percentile(percent) as f64)
            }
        };
        let lines = [("max", "max", 100.0), ("p99", "p99", 99.0), ("intended", "p50", 50.0)];
        let all = lines.iter().flat_map(|(_, _, percent)| self.points(of(*percent)));
        let scale = Scale::log(all.filter_map(|(_, value)| value))?;
        let series = lines
            .iter()
            .map(|(class, label, percent)| Series {
                class,
                label: (*label).to_owned(),
                path: line(&scale, self.points(of(*percent))),
            })
            .collect();
        let told = |stretch: &ChartStretch| match stretch.all.widget.count() {
            0 => "no answer".to_owned(),
            _ => {
                let at = |percent| duration(stretch.all.widget.percentile(percent) as f64);
                format!("p50 {}, p99 {}, max {}", at(50.0), at(99.0), at(100.0))
            }
        };
        let note =
            "Each stretch by itself, counted where the answer came; red lines are wrong answers.";
        let grid = scale.grid(time);
        let chart = self.chart("Visitors’ latency over time", note, grid, series, told);
        Some(Chart { scale: scale.name(), ..chart })
    }

    fn rates(&self) -> Chart {
        let per_second = |count: u64, stretch: &ChartStretch| {
            count as f64 * 1e3 / stretch.length_ms.max(1) as f64
        };
        let of = |count: fn(&IntervalStats) -> u64| {
            move |stretch: &ChartStretch| Some(per_second(count(&stretch.all), stretch))
        };
        let counts: [CountedLine; 3] = [
            ("asked", "visitors asked for", |all| all.asked),
            ("intended", "visitors answered", |all| all.answered),
            ("agents", "calls of agents", |all| all.agent_calls),
        ];
        let highest = counts
            .iter()
            .flat_map(|(_, _, count)| self.points(of(*count)))
            .filter_map(|(_, value)| value)
            .fold(0.0, f64::max);
        let scale = Scale::linear(highest);
        let errors: Vec<f64> =
            self.stretches.iter().map(|stretch| per_second(stretch.all.errors, stretch)).collect();
        let mut series = vec![Series {
            class: "errors",
            label: "errors".to_owned(),
            path: columns(&scale, &errors),
        }];
        series.extend(counts.iter().map(|(class, label, count)| Series {
            class,
            label: (*label).to_owned(),
            path: line(&scale, self.points(of(*count))),
        }));
        let told = |stretch: &ChartStretch| {
            let all = &stretch.all;
            format!(
                "asked {}, answered {}, agents {}, {}, {} wrong",
                rate(all.asked, stretch.length_ms),
                rate(all.answered, stretch.length_ms),
                rate(all.agent_calls, stretch.length_ms),
                counted(all.errors, "error"),
                thousands(all.wrong)
            )
        };
        let grid = scale.grid(|value| format!("{}/s", number(value)));
        self.chart("Rates over time", "Calls a second.", grid, series, told)
    }

    fn open(&self) -> Chart {
        let counts: [CountedLine; 3] = [
            ("p99", "sockets of devices", |all| all.sockets),
            ("intended", "event streams", |all| all.streams),
            ("agents", "connections of visitors", |all| all.connections),
        ];
        let of = |count: fn(&IntervalStats) -> u64| {
            move |stretch: &ChartStretch| Some(count(&stretch.all) as f64)
        };
        let highest = counts
            .iter()
            .flat_map(|(_, _, count)| self.points(of(*count)))
            .filter_map(|(_, value)| value)
            .fold(0.0, f64::max);
        let scale = Scale::linear(highest);
        let series = counts
            .iter()
            .map(|(class, label, count)| Series {
                class,
                label: (*label).to_owned(),
                path: line(&scale, self.points(of(*count))),
            })
            .collect();
        let told = |stretch: &ChartStretch| {
            let all = &stretch.all;
            format!(
                "{}, {}, {}",
                counted(all.sockets, "socket"),
                counted(all.streams, "stream"),
                counted(all.connections, "connection")
            )
        };
        let grid = scale.grid(number);
        self.chart("Open connections", "At the end of each stretch.", grid, series, told)
    }

    fn chart(
        &self,
        title: &str,
        note: &str,
        grid: Vec<super::chart::Grid>,
        series: Vec<Series>,
        told: impl Fn(&ChartStretch) -> String,
    ) -> Chart {
        let end_ms = self.end_ms();
        let percent = |ms: f64| seen(100.0 * ms / end_ms);
        let hit = |stretch: &ChartStretch, title: String| Hit {
            at: percent(stretch.from_ms as f64),
            width: percent(stretch.length_ms as f64),
            title: format!("from {}: {title}", Millis(stretch.from_ms)),
        };
        let wrong = self.stretches.iter().filter(|stretch| stretch.all.wrong > 0);
        Chart {
            title: title.to_owned(),
            note: note.to_owned(),
            scale: "",
            height: HEIGHT,
            grid,
            ticks: self.ticks(),
            series,
            marks: wrong
                .map(|stretch| hit(stretch, counted(stretch.all.wrong, "wrong answer")))
                .collect(),
            hits: self.stretches.iter().map(|stretch| hit(stretch, told(stretch))).collect(),
        }
    }

    fn ticks(&self) -> Vec<AxisTick> {
        const STEPS_S: [u64; 17] = [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200,
            86_400,
        ];
        let end_ms = self.end_ms();
        let fits = |step: &&u64| end_ms / (**step as f64 * 1e3) <= 10.0;
        let step_ms = STEPS_S.iter().find(fits).copied().unwrap_or(604_800) * 1_000;
        (0..)
            .map(|index| (index, index * step_ms))
            .take_while(|(_, ms)| *ms as f64 <= end_ms)
            .map(|(index, ms)| AxisTick {
                at: seen(100.0 * ms as f64 / end_ms),
                label: Millis(ms).to_string(),
                is_minor: index % 2 == 1,
            })
            .collect()
    }
}

/// A number on an axis.
fn number(value: f64) -> String {
    match value {
        ..10.0 if value.fract() > 0.0 => format!("{value:.2}"),
        _ => thousands(value.round() as u64),
    }
}
