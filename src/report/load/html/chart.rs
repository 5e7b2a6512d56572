//! The geometry of a chart: lines on a plane of 1,000 by [`HEIGHT`], which the page stretches to its
//! width, and labels beside it, which it does not.

use serde::Serialize;

/// Of the plane, in pixels.
pub const HEIGHT: f64 = 200.0;
/// Of the plane, in units that the page stretches.
const WIDTH: f64 = 1_000.0;

/// A chart with its lines, its labels and what is told of its parts.
#[derive(Serialize)]
pub struct Chart {
    /// The title above the chart, which says what it shows and in which unit.
    pub title: String,
    /// How it is to be read; may be empty.
    pub note: String,
    /// How its heights grow, where not evenly.
    pub scale: &'static str,
    /// The height of the plane, in pixels.
    pub height: f64,
    /// Lines across, with what they stand for.
    pub grid: Vec<Grid>,
    /// Marks below it, with what they stand for.
    pub ticks: Vec<AxisTick>,
    /// The lines, the one in front first.
    pub series: Vec<Series>,
    /// The parts in which something went wrong, each with what is told of it.
    pub marks: Vec<Hit>,
    /// What is told of a part where one points at it.
    pub hits: Vec<Hit>,
}

/// A line across the chart that marks a value.
#[derive(Serialize)]
pub struct Grid {
    /// How far it is from the top, in pixels.
    pub y: f64,
    /// The value that it stands for, with its unit.
    pub label: String,
}

/// A mark on the axis.
#[derive(Serialize)]
pub struct AxisTick {
    /// How far from the left it is, in percent of the width.
    pub at: f64,
    /// The instant or value that it stands for.
    pub label: String,
    /// Whether its label is left out where there is little room.
    pub is_minor: bool,
}

/// A line of the chart.
#[derive(Serialize)]
pub struct Series {
    /// The class of the page's style that gives the line its colour.
    pub class: &'static str,
    /// What it is called in the key.
    pub label: String,
    /// The way of the line over the plane, as SVG has it.
    pub path: String,
}

/// A part of the width, in percent.
#[derive(Serialize)]
pub struct Hit {
    /// Where the part begins, in percent of the width.
    pub at: f64,
    /// How wide the part is, in percent of the width.
    pub width: f64,
    /// The text that a browser shows where one points at the part.
    pub title: String,
}

/// Rounded to what can be seen.
pub fn seen(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// Which value stands how high in a chart.
pub enum Scale {
    /// From 0 to so much.
    Linear(f64),
    /// From the one to the other, each ten times as much as high above the last.
    Log(f64, f64),
}

impl Scale {
    /// For counts up to this one: the next round number.
    pub fn linear(highest: f64) -> Self {
        let (highest, ten) =
            (highest.max(1.0) * 1.02, 10_f64.powf(highest.max(1.0).log10().floor()));
        // Each of them has four round parts.
        let steps = [1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0];
        let fits = |step: &f64| step * ten >= highest;
        Self::Linear(steps.into_iter().find(fits).unwrap_or(12.0) * ten)
    }

    /// For lengths of time; `None` where there is none.
    pub fn log(values: impl Iterator<Item = f64>) -> Option<Self> {
        let (low, high) = values
            .filter(|value| *value > 0.0)
            .fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        (high > 0.0).then(|| {
            let low = round_down(low);
            Self::Log(low, round_up(high * 1.05).max(low * 10.0))
        })
    }

    /// What it is called beside a chart; nothing where heights grow evenly.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Linear(_) => "",
            Self::Log(..) => "logarithmic scale: each ten times as high",
        }
    }

    /// How far from the top a value lies, in pixels.
    pub fn y(&self, value: f64) -> f64 {
        let part = match *self {
            Self::Linear(high) => value / high,
            Self::Log(low, high) => (value.max(low) / low).ln() / (high / low).ln(),
        };
        HEIGHT * (1.0 - part.clamp(0.0, 1.0))
    }

    /// The lines across, at round values, with the labels of these.
    pub fn grid(&self, label: impl Fn(f64) -> String) -> Vec<Grid> {
        let values: Vec<f64> = match *self {
            Self::Linear(high) => (0..=4).map(|step| high * f64::from(step) / 4.0).collect(),
            Self::Log(low, high) => {
                let steps = std::iter::successors(Some(low), |value| Some(round_up(value * 1.5)));
                let all: Vec<f64> = steps.take_while(|value| *value <= high * 1.001).collect();
                let is_ten = |value: &f64| (value.log10() - value.log10().round()).abs() < 1e-6;
                match all.len() {
                    ..=8 => all,
                    _ => all.into_iter().filter(is_ten).collect(),
                }
            }
        };
        values
            .into_iter()
            .map(|value| Grid { y: seen(self.y(value)), label: label(value) })
            .collect()
    }
}

/// The next of 1, 2, 5, 10, ….
fn round_up(value: f64) -> f64 {
    let ten = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * ten);
    steps.into_iter().find(|step| *step >= value * 0.999_999).unwrap_or(10.0 * ten)
}

/// The one before of 1, 2, 5, 10, ….
fn round_down(value: f64) -> f64 {
    let ten = 10_f64.powf(value.log10().floor());
    let steps = [5.0, 2.0, 1.0].map(|step| step * ten);
    steps.into_iter().find(|step| *step <= value * 1.000_001).unwrap_or(ten)
}

/// A round length of time, on an axis.
pub fn time(us: f64) -> String {
    match us {
        ..999.0 => format!("{us:.0}µs"),
        ..999_000.0 => format!("{:.0}ms", us / 1e3),
        _ => format!("{:.0}s", us / 1e6),
    }
}

/// A line through points at parts of the width; it is broken where there is none.
pub fn line(scale: &Scale, points: impl Iterator<Item = (f64, Option<f64>)>) -> String {
    let mut path = String::new();
    let mut is_drawing = false;
    for (x, value) in points {
        let Some(value) = value else {
            is_drawing = false;
            continue;
        };
        let (x, y) = (seen(x * WIDTH), seen(scale.y(value)));
        path.push_str(&format!("{}{x} {y}", if is_drawing { 'L' } else { 'M' }));
        if !is_drawing {
            // A point alone is seen by its round cap.
            path.push_str(&format!("L{x} {y}"));
        }
        is_drawing = true;
    }
    path
}

/// Columns from the ground.
pub fn columns(scale: &Scale, heights: &[f64]) -> String {
    let width = WIDTH / heights.len().max(1) as f64;
    let ground = HEIGHT;
    let mut path = String::new();
    for (index, height) in heights.iter().enumerate().filter(|(_, height)| **height > 0.0) {
        let (from, to) = (seen(index as f64 * width), seen((index + 1) as f64 * width));
        // What is there is seen.
        let y = seen(scale.y(*height).min(ground - 2.0));
        path.push_str(&format!("M{from} {ground}V{y}H{to}V{ground}Z"));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_with_round_numbers() {
        assert!(matches!(Scale::linear(930.0), Scale::Linear(1_000.0)));
        assert!(matches!(Scale::linear(1_000.0), Scale::Linear(1_200.0)));
        let log = Scale::log([240.0, 91_000.0].into_iter()).expect("a scale");
        let labels: Vec<String> =
            log.grid(|us| us.to_string()).into_iter().map(|g| g.label).collect();
        assert_eq!(labels, ["1000", "10000", "100000"]);
        assert_eq!((log.y(200.0), log.y(100_000.0)), (HEIGHT, 0.0));
        assert!(Scale::log(std::iter::empty()).is_none());
    }

    #[test]
    fn a_line_is_broken_where_there_is_no_point() {
        let points = [(0.0, Some(0.0)), (0.5, None), (1.0, Some(10.0))];
        assert_eq!(line(&Scale::Linear(10.0), points.into_iter()), "M0 200L0 200M1000 0L1000 0");
    }
}
