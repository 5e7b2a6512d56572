//! What chats came to, on the page.

use serde::Serialize;

use super::super::words::{estimate, estimate_or_dash, length, percent, weekday};
use crate::report::format::decimal;
use lamplighter_coverage::figures::Coverage;

/// So many properties are told, those that miss the most.
const PROPERTIES_MAX: usize = 20;

/// The chats of a property.
#[derive(Serialize)]
pub struct Chats {
    property: String,
    zone: String,
    facts: Vec<Fact>,
    has_needed: bool,
    hours: Vec<Hour>,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Hour {
    name: String,
    chats: String,
    in_time: String,
    missed: String,
    wait: String,
    occupied: String,
    there: String,
    needed: String,
    /// Whether fewer were there than it takes.
    is_short: bool,
}

/// Tells the chats of all properties.
pub fn tell(coverage: &Coverage) -> Vec<Chats> {
    let mut ranked: Vec<_> = coverage.staffing.iter().collect();
    ranked.sort_by(|a, b| b.missed.mean.total_cmp(&a.missed.mean));
    let ms = |ms: f64| length(((ms / 100.0).round() * 100.0) as u64);
    let told = ranked.into_iter().take(PROPERTIES_MAX).map(|figures| {
        let mut facts = vec![Fact { name: "chats", value: estimate(figures.chats, decimal) }];
        if let Some(waits) = figures.waits {
            facts.push(Fact { name: "wait, mean", value: estimate(waits.mean, ms) });
            facts.push(Fact { name: "wait, half up to", value: estimate(waits.p50, ms) });
            facts.push(Fact { name: "wait, nine of ten up to", value: estimate(waits.p90, ms) });
        }
        if let Some(within) = figures.answered_within {
            facts.push(Fact { name: "answered in time", value: estimate(within, percent) });
        }
        facts.push(Fact { name: "missed", value: estimate(figures.missed, decimal) });
        if let Some(occupancy) = figures.occupancy {
            facts.push(Fact { name: "occupancy", value: estimate(occupancy, percent) });
        }
        let hours = figures.hours.iter().enumerate();
        let hours = hours.filter(|(_, hour)| hour.chats.mean > 0.0 || hour.needed.is_some());
        Chats {
            property: coverage.roster.properties.name(figures.property).to_owned(),
            zone: figures.zone.name().to_owned(),
            facts,
            has_needed: figures.hours.iter().any(|hour| hour.needed.is_some()),
            hours: hours
                .map(|(index, hour)| Hour {
                    name: format!("{} {:02}:00", weekday(index / 24), index % 24),
                    chats: estimate(hour.chats, decimal),
                    in_time: estimate_or_dash(hour.answered_within, percent),
                    missed: estimate(hour.missed, decimal),
                    wait: estimate_or_dash(hour.wait_ms, ms),
                    occupied: estimate_or_dash(hour.occupancy, percent),
                    there: hour.members.map_or_else(|| "-".to_owned(), |n| format!("{n:.1}")),
                    needed: hour.needed.map_or_else(|| "-".to_owned(), |n| n.to_string()),
                    is_short: match (hour.needed, hour.members) {
                        (Some(needed), Some(there)) => there + 0.05 < f64::from(needed),
                        _ => false,
                    },
                })
                .collect(),
        }
    });
    told.collect()
}
