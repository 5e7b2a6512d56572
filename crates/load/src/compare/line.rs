//! One figure of both sides, and what the difference between them comes to.

use crate::figures;

/// One figure of both sides.
#[derive(Clone, PartialEq, Debug)]
pub struct ComparisonLine {
    /// As a gate names it: `p99(widget)`.
    pub what: String,
    /// The figure from before, with its unit.
    pub before: String,
    /// The figure from after, with its unit.
    pub after: String,
    /// The change as a part of what was before; `None` where nothing was before.
    pub change: Option<f64>,
    /// By so much, as a part of what was before, a figure differs from run to run by itself, with the
    /// certainty that was asked for; `None` where that is not known.
    pub noise: Option<f64>,
    /// What the difference comes to, by the thresholds.
    pub verdict: Judgement,
    /// How often chance alone makes a difference like this somewhere in the comparison; `None` where
    /// there is too little to tell.
    pub chance: Option<f64>,
}

/// What a difference comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// It is worse, with certainty and by more than the smallest effect that matters.
    Worse,
    /// It is better, with certainty and by more than the smallest effect that matters.
    Better,
    /// It is as it was: what it may have changed by is less than what matters.
    Alike,
    /// Whether it has changed is not to be told from noise.
    NoDifference,
    /// There is too little on one of the sides.
    TooLittle,
}

impl ComparisonLine {
    /// In words: `worse by 34% (noise ±8.1%), certain (99.99%)`.
    pub fn told(&self) -> String {
        let noise = self.noise.map(|noise| format!("noise ±{}", percent(noise)));
        let by = match self.change {
            None => "from nothing".to_owned(),
            Some(change) => format!("by {}", percent(change.abs())),
        };
        let beside = noise.as_ref().map(|noise| format!(" ({noise})")).unwrap_or_default();
        let certain = self.chance.map(certainty).unwrap_or_default();
        match self.verdict {
            Judgement::Worse => format!("worse {by}{beside}, {certain}"),
            Judgement::Better => format!("better {by}{beside}, {certain}"),
            Judgement::Alike => format!("as before{beside}"),
            Judgement::TooLittle => "too little to tell".to_owned(),
            Judgement::NoDifference => format!("no difference to be seen{beside}"),
        }
    }
}

/// A part of something in percent, which no column is too narrow for.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        percent @ ..9.95 => format!("{percent:.1}%"),
        percent @ ..99_999.5 => format!("{}%", figures::thousands(percent.round() as u64)),
        _ => ">99,999%".to_owned(),
    }
}

/// A p-value turned into words.
fn certainty(chance: f64) -> String {
    match (1.0 - chance) * 100.0 {
        99.99.. => "as good as certain (> 99.99%)".to_owned(),
        percent @ 99.0.. => format!("certain ({percent:.2}%)"),
        percent @ 95.0.. => format!("likely ({percent:.1}%)"),
        percent => format!("doubtful ({:.0}%)", percent.max(0.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_the_chance() {
        for (chance, words) in [
            (0.000_01, "as good as certain (> 99.99%)"),
            (0.004, "certain (99.60%)"),
            (0.03, "likely (97.0%)"),
            (0.4, "doubtful (60%)"),
        ] {
            assert_eq!(certainty(chance), words);
        }
    }
}
