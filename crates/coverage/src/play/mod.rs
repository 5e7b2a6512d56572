//! A scenario and its alternatives, each in a world of its own, from one reading.
//!
//! | file | what it does |
//! | --- | --- |
//! | `options` | what is asked |
//! | `error` | why there is no report |
//! | `lane` | one world that goes along, and what is folded from it |
//! | `share` | what happens, handed to lanes on several threads |
//! | `journal` | a world to which rows come one by one, from whoever keeps a journal |

mod error;
mod journal;
mod lane;
mod options;
mod share;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lamplighter_core::hours::{Zone, Zones};
use lamplighter_core::model::{Instant, PropertyId, WidgetId};
use lamplighter_core::world::World;
use lamplighter_scenario::language::plan::{Alternative, Plan};
use lamplighter_scenario::play::{Happenings, Prepared};

pub use error::CoverageError;
pub use journal::JournalPlayer;
pub use options::{Options, Visitors};

use crate::arrivals::{Arrivals, ArrivalsError, CurveArrivals, FileArrivals};
use crate::figures::Coverage;
use crate::fold::{Detail, FoldOptions};
use crate::staffing::Staffing;
use lane::Lane;
use share::Shared;

/// A scenario that is about to be played.
pub struct Opened {
    plan: Plan,
    happenings: Happenings,
    first: Instant,
    zones: Arc<Zones>,
}

impl Opened {
    /// Opens the traces of a scenario, which lie relative to its file at `path`.
    ///
    /// # Errors
    /// When the scenario is faulty as far as can be seen without playing it, or has no first instant.
    pub fn new(path: &Path, prepared: Prepared, zones: &Arc<Zones>) -> Result<Self, CoverageError> {
        if !prepared.diagnostics.is_empty() {
            return Err(CoverageError::Faulty);
        }
        let plan = prepared.plan;
        let mut happenings = Happenings::open(path, &plan);
        let first = happenings.next_instant();
        if happenings.is_faulty() {
            return Err(CoverageError::Faulty);
        }
        let first = first.ok_or(CoverageError::Nothing)?;
        Ok(Self { plan, happenings, first, zones: Arc::clone(zones) })
    }

    /// The first instant of the run.
    pub fn first(&self) -> Instant {
        self.first
    }

    /// The plan of the scenario, with its names and statements.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Plays it to the end, and every alternative beside it. `reached` is told every now and then how
    /// many rows were read, and up to which instant. Once `stop` is set, there is no report.
    ///
    /// # Errors
    /// When the scenario, a trace or the visitors are faulty, or somebody stopped it.
    pub fn play(
        self,
        options: &Options,
        stop: &AtomicBool,
        reached: &mut dyn FnMut(u64, Instant),
    ) -> Result<Coverage, CoverageError> {
        let Self { plan, happenings, first, zones } = self;
        let from = options.from.unwrap_or(first).max(first);
        if let Some(to) = options.to.filter(|to| *to <= from) {
            return Err(CoverageError::NoTime { from, to });
        }
        let build = |alternative: &Alternative| {
            alternative.build(&plan, first, &zones).ok_or(CoverageError::Faulty)
        };
        let base = build(&Alternative::none("", &plan))?;
        let place = Places::of(&base, &plan);
        let end = end_of(&plan, options);
        let arrivals = arrivals(options, &place, (from, end), 0, &plan)?;
        let lane = |world, detail| {
            let fold = FoldOptions {
                detail,
                from,
                zone: &place.zone,
                ghost_after: options.ghost_after,
                agents: place.agents,
                properties: place.properties,
            };
            Lane::new(world, &fold)
        };
        let mut lanes = Vec::with_capacity(1 + options.alternatives.len());
        let mut first_lane = lane(base, Detail::Whole);
        if let Some(staffing) = &options.staffing {
            first_lane.put_staffing(Staffing::new(
                staffing.clone(),
                &crate::staffing::StaffingScope {
                    agents: place.agents,
                    zones: &place.zones,
                    span: (from, end),
                },
                |run| options.visitors.drawn(&place.widgets, (from, end), (options.seed, run)),
            ));
        }
        lanes.push(first_lane);
        for alternative in &options.alternatives {
            lanes.push(lane(build(alternative)?, Detail::Totals));
        }
        let shared =
            Shared { happenings, arrivals, from, to: options.to, jobs: options.jobs, stop };
        let played = shared.play(lanes, reached)?;
        if played.to <= from {
            return Err(CoverageError::NoTime { from, to: played.to });
        }
        let mut lanes = played.lanes.into_iter();
        let base = lanes.next().expect("the scenario itself is the first");
        if base.refused() > 0 {
            return Err(CoverageError::Faulty);
        }
        let alternatives = options.alternatives.iter().zip(lanes);
        let mut coverage = Coverage {
            roster: played.roster,
            zone: Arc::clone(&plan.zone),
            from,
            to: played.to,
            events: base.events(),
            anomalies: base.anomalies(),
            widgets: Vec::new(),
            has_visitors: !matches!(options.visitors, Visitors::None),
            visitors_outside: played.visitors_outside,
            staffing: Vec::new(),
            alternatives: alternatives
                .map(|(alternative, lane)| lane.finish_totals(alternative, played.to))
                .collect(),
        };
        (coverage.widgets, coverage.staffing) = base.finish(played.to);
        Ok(coverage)
    }
}

/// What lanes need to know of the world that they begin with.
pub(crate) struct Places {
    /// How many agents there are.
    pub agents: usize,
    /// How many properties there are.
    pub properties: usize,
    /// The zone of the file.
    pub zone: Arc<Zone>,
    /// Each widget with the zone in which it is told.
    pub widgets: Vec<(WidgetId, Arc<Zone>)>,
    /// The zone of each property's first widget.
    pub zones: Vec<Option<Arc<Zone>>>,
}

impl Places {
    fn of(world: &World, plan: &Plan) -> Self {
        let zone_of = |widget| match world.schedule(widget) {
            Some(schedule) => Arc::clone(schedule.zone()),
            None => Arc::clone(&plan.zone),
        };
        let widgets = (0..world.widget_count()).map(WidgetId::new);
        let properties = plan.roster.properties.len();
        let first = |property| world.widgets_of(PropertyId::new(property)).next();
        Self {
            agents: plan.roster.agents.len(),
            properties,
            zone: Arc::clone(&plan.zone),
            widgets: widgets.map(|widget| (widget, zone_of(widget))).collect(),
            zones: (0..properties).map(|property| first(property).map(zone_of)).collect(),
        }
    }
}

/// The last instant that is known before anything is played: of `--to`, else of all of time.
fn end_of(plan: &Plan, options: &Options) -> Instant {
    options.to.or(plan.until.map(|until| until.node)).unwrap_or(Instant::MAX)
}

fn arrivals(
    options: &Options,
    places: &Places,
    span: (Instant, Instant),
    run: u64,
    plan: &Plan,
) -> Result<Option<Arrivals>, ArrivalsError> {
    Ok(match &options.visitors {
        Visitors::None => None,
        Visitors::File(path) => {
            let file = FileArrivals::open(path, &plan.roster.widgets)?;
            Some(Arrivals::File(Box::new(file)))
        }
        Visitors::Drawn { .. } => {
            options.visitors.drawn(&places.widgets, span, (options.seed, run)).map(Arrivals::Curve)
        }
    })
}

impl Visitors {
    fn drawn(
        &self,
        widgets: &[(WidgetId, Arc<Zone>)],
        span: (Instant, Instant),
        draw: (u64, u64),
    ) -> Option<CurveArrivals> {
        match self {
            Self::Drawn { per_day, curve } => {
                Some(CurveArrivals::new(*per_day, curve, widgets, span, draw))
            }
            Self::None | Self::File(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
