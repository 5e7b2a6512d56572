//! What a run is sure to meet, looked at before it begins: a gate about what it never meets is an
//! error, and what is usually met and cannot be is said.

use anyhow::Error;

use crate::cli::exit::Stop;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_load::gates::Gate;
use lamplighter_load::plan::RunKnobs;
use lamplighter_load::run::foreseen;

/// Looks at the plan as it would be were the run started now, or when it was asked to; `asked` are the
/// gates that were asked for.
pub fn look_ahead(
    knobs: &RunKnobs,
    starts_at: Option<Instant>,
    asked: &[Gate],
    zones: &Zones,
) -> Result<Vec<String>, Stop> {
    let foreseen = foreseen(knobs, starts_at, zones);
    let (knobs, plan) = foreseen.map_err(|error| Stop::invalid(Error::new(error)))?;
    match asked.iter().find_map(|gate| gate.unmet(&plan, &knobs)) {
        Some(unmet) => {
            let help = unmet.help;
            Err(Stop::invalid(Error::new(unmet)).hint(help))
        }
        None => Ok(plan.goals.lacking),
    }
}
