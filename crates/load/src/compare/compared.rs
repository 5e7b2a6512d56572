//! A figure of both sides, before it is known what the whole comparison comes to.

use super::line::{ComparisonLine, Judgement};
use super::thresholds::Thresholds;

/// A line on its way.
#[derive(Clone, PartialEq, Debug)]
pub struct Compared {
    /// What is compared, as in [`ComparisonLine::what`].
    pub what: String,
    /// The figure of the first side, as in [`ComparisonLine::before`].
    pub before: String,
    /// The figure of the second side, as in [`ComparisonLine::after`].
    pub after: String,
    /// By how much it has changed, as a part of what was before, as in [`ComparisonLine::change`].
    pub change: Option<f64>,
    /// By how much it differs from run to run by itself, as in [`ComparisonLine::noise`].
    pub noise: Option<f64>,
    /// See [`ComparisonLine::chance`]; of this line alone at first.
    pub chance: Option<f64>,
    /// Whether it has changed, for certain, by less than what matters.
    pub is_alike: bool,
}

impl Compared {
    /// The line with its verdict, by the thresholds.
    pub fn judged(self, thresholds: Thresholds) -> ComparisonLine {
        let Self { what, before, after, change, noise, chance, is_alike } = self;
        // More than nothing is a change beyond any that matters.
        let size = change.unwrap_or(f64::INFINITY);
        let is_certain = |chance: f64| 1.0 - chance >= thresholds.certainty;
        let verdict = match chance {
            None => Judgement::TooLittle,
            Some(chance) if is_certain(chance) && size.abs() > thresholds.min_effect => {
                if size > 0.0 { Judgement::Worse } else { Judgement::Better }
            }
            Some(chance) if is_alike || is_certain(chance) => Judgement::Alike,
            Some(_) => Judgement::NoDifference,
        };
        ComparisonLine { what, before, after, change, noise, verdict, chance }
    }
}
