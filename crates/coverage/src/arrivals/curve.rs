//! Visitors drawn along a curve: so many a day on average, spread over the hours of the week by weights.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::arrival::Arrival;
use super::number::exponential;
use crate::calendar::{HOUR_MS, WEEK_HOURS, WallClock};
use crate::text_file::{self, NoText};
use lamplighter_core::hours::Zone;
use lamplighter_core::model::{Instant, Visitor, WidgetId};
use lamplighter_scenario::synth::random::RandomStream;

/// The weights of the hours of a week: how many visitors come in each, beside the others.
#[derive(Clone, PartialEq, Debug)]
pub struct Curve {
    /// From Monday 00:00 on; their sum is [`WEEK_HOURS`].
    weights: Vec<f64>,
}

/// Why a file is no curve.
#[derive(Debug, Error)]
pub enum CurveError {
    /// The file of the curve cannot be read.
    #[error("cannot read {}", .0.display())]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// It is not there, or no text.
    #[error(transparent)]
    NoText(#[from] NoText),
    /// One of its numbers is none.
    #[error("{}:{line}: `{word}` is no weight; expected a number from 0, such as 12 or 0.5", path.display())]
    NoWeight {
        /// The file of the curve, as it was named.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The text that stands in place of a weight.
        word: String,
    },
    /// It does not have a weight for each hour.
    #[error("{} has {found} weights; a week has {WEEK_HOURS} hours, from Monday 00:00 to Sunday 23:00", path.display())]
    WrongCount {
        /// The file of the curve, as it was named.
        path: PathBuf,
        /// How many weights the file has.
        found: usize,
    },
    /// All of its weights are zero.
    #[error("all weights of {} are 0: nobody would ever come", .0.display())]
    Nobody(PathBuf),
}

impl Curve {
    /// The same at every hour.
    pub fn flat() -> Self {
        Self { weights: vec![1.0; WEEK_HOURS] }
    }

    /// Reads 168 weights with commas, blanks or ends of lines between them; lines that begin with `#`
    /// don't count.
    ///
    /// # Errors
    /// When the file cannot be read, or does not hold a number for each hour of the week.
    pub fn read(path: &Path) -> Result<Self, CurveError> {
        let text = text_file::read(path, CurveError::Unreadable)?;
        Self::parse(&text, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, CurveError> {
        let mut weights = Vec::with_capacity(WEEK_HOURS);
        let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
        for (index, line) in lines.filter(|(_, line)| !line.trim_start().starts_with('#')) {
            let words = line.split([',', ';', ' ', '\t']).filter(|word| !word.is_empty());
            for word in words {
                let weight: Option<f64> =
                    word.parse().ok().filter(|w: &f64| w.is_finite() && *w >= 0.0);
                weights.push(weight.ok_or_else(|| CurveError::NoWeight {
                    path: path.to_owned(),
                    line: index + 1,
                    word: word.to_owned(),
                })?);
            }
        }
        if weights.len() != WEEK_HOURS {
            return Err(CurveError::WrongCount { path: path.to_owned(), found: weights.len() });
        }
        let sum: f64 = weights.iter().sum();
        if sum <= 0.0 || !sum.is_finite() {
            return Err(CurveError::Nobody(path.to_owned()));
        }
        weights.iter_mut().for_each(|weight| *weight *= WEEK_HOURS as f64 / sum);
        Ok(Self { weights })
    }
}

/// Visitors drawn along a curve, at each widget independently of the others and by its own wall clock: in
/// each hour they come at random, at a rate that its weight gives (a Poisson process).
pub struct CurveArrivals {
    curve: Arc<Curve>,
    /// Visitors in an hour of the weight 1, at each widget.
    per_hour: f64,
    widgets: Vec<DrawnWidget>,
    next: BinaryHeap<Reverse<(Instant, usize)>>,
    to: Instant,
}

struct DrawnWidget {
    widget: WidgetId,
    clock: WallClock,
    stream: RandomStream,
}

impl CurveArrivals {
    /// So many visitors a day at each of some widgets, between two instants; `run` makes another draw of
    /// the same seed.
    pub fn new(
        per_day: f64,
        curve: &Arc<Curve>,
        widgets: &[(WidgetId, Arc<Zone>)],
        (from, to): (Instant, Instant),
        (seed, run): (u64, u64),
    ) -> Self {
        let drawn = widgets.iter().map(|(widget, zone)| DrawnWidget {
            widget: *widget,
            clock: WallClock::new(Arc::clone(zone)),
            stream: RandomStream::fork(seed, b"visitors", widget.index() as u64, run),
        });
        let mut arrivals = Self {
            curve: Arc::clone(curve),
            per_hour: per_day / 24.0,
            widgets: drawn.collect(),
            next: BinaryHeap::new(),
            to,
        };
        for index in 0..arrivals.widgets.len() {
            arrivals.draw(index, from);
        }
        arrivals
    }

    /// When the next one comes.
    pub fn next_at(&self) -> Option<Instant> {
        self.next.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes out the visitor who comes next, and draws the one behind; `None` where nobody comes any
    /// more.
    pub fn take_next(&mut self) -> Option<Arrival> {
        let Reverse((at, index)) = self.next.pop()?;
        self.draw(index, at);
        let widget = self.widgets[index].widget;
        Some(Arrival { at, widget, visitor: Visitor::default() })
    }

    /// Draws the next visitor of a widget behind an instant.
    fn draw(&mut self, index: usize, behind: Instant) {
        if self.per_hour <= 0.0 {
            return;
        }
        let drawn = &mut self.widgets[index];
        // So many visitors are waited for: the rate changes from hour to hour on the way.
        let mut wanted = exponential(&mut drawn.stream);
        let (mut at_ms, to_ms) = (behind.as_millis(), self.to.as_millis());
        while at_ms < to_ms {
            let piece = drawn.clock.piece(at_ms, to_ms);
            let per_ms = self.per_hour * self.curve.weights[piece.hour] / HOUR_MS as f64;
            let here = per_ms * piece.length_ms() as f64;
            if here > wanted {
                let ms = at_ms + (wanted / per_ms) as i64;
                if let Some(at) = Instant::from_millis(ms.min(to_ms - 1)) {
                    self.next.push(Reverse((at, index)));
                }
                return;
            }
            wanted -= here;
            at_ms = piece.to_ms;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    #[test]
    fn visitors_come_as_often_as_the_curve_says() {
        let mut weights = vec![0.0; WEEK_HOURS];
        // Monday from ten to twelve, the second hour three times as much.
        (weights[10], weights[11]) = (1.0, 3.0);
        let text: Vec<String> = weights.iter().map(f64::to_string).collect();
        let curve = Curve::parse(&text.join(","), Path::new("curve.csv")).expect("a curve");
        let span = (instant("2026-03-02T00:00:00Z"), instant("2026-03-30T00:00:00Z"));
        let widgets = [(WidgetId::new(0), Arc::new(Zone::utc()))];
        let mut arrivals = CurveArrivals::new(1_000.0, &Arc::new(curve), &widgets, span, (3, 0));
        let mut found = [0_u32; 2];
        let mut last = span.0;
        while let Some(arrival) = arrivals.take_next() {
            assert!(last <= arrival.at && arrival.at < span.1);
            last = arrival.at;
            let hour = WallClock::new(Arc::new(Zone::utc())).piece(last.as_millis(), i64::MAX).hour;
            found[hour - 10] += 1;
        }
        // Four weeks of seven thousand each.
        assert!((6_700..7_300).contains(&found[0]), "{found:?}");
        assert!((20_500..21_500).contains(&found[1]), "{found:?}");
    }

    #[test]
    fn what_is_no_curve_says_where() {
        let said =
            |text: &str| Curve::parse(text, Path::new("c.csv")).expect_err("no curve").to_string();
        assert_eq!(
            said("# a comment\n1,2\n3,-4"),
            "c.csv:3: `-4` is no weight; expected a number from 0, such as 12 or 0.5"
        );
        assert_eq!(
            said("1,2,3"),
            "c.csv has 3 weights; a week has 168 hours, from Monday 00:00 to Sunday 23:00"
        );
        assert_eq!(said(&"0 ".repeat(168)), "all weights of c.csv are 0: nobody would ever come");
    }
}
