//! Agents and visitors while they play, each on a thread of their own.

use std::sync::Arc;
use std::thread::{Scope, ScopedJoinHandle};

use super::load_run::LoadRun;
use crate::agents::{self, AgentsSignals, AttackError, PlayedAgents};
use crate::plan::{AllArrivals, watches};
use crate::visitors::{self, KeptMessage, Signals, Visitors, VisitorsError};

/// What agents leave when they have played.
pub type AgentsEnd = Result<PlayedAgents, AttackError>;
/// What visitors leave when all have come.
pub type VisitorsEnd = Result<Vec<KeptMessage>, VisitorsError>;

/// The visitors and the agents of a run while they play, each on a thread.
pub struct RunThreads<'scope> {
    /// Visitors as they were sent off: whoever looks for their messages needs what they had.
    pub visitors: Visitors,
    /// The thread of the visitors.
    pub visiting: ScopedJoinHandle<'scope, VisitorsEnd>,
    /// The thread of the agents.
    pub playing: ScopedJoinHandle<'scope, AgentsEnd>,
    agents: Arc<AgentsSignals>,
}

impl<'scope> RunThreads<'scope> {
    /// Lets all loose. Nobody does anything before the run's first instant.
    pub fn start<'env: 'scope>(run: &'env LoadRun<'_>, scope: &'scope Scope<'scope, 'env>) -> Self {
        let (plan, knobs) = (&*run.context.plan, &run.knobs);
        let visitors = Visitors {
            run: run.context.clone(),
            signals: Arc::new(Signals::default()),
            watches: watches(plan, knobs),
            connections_max: run.config.connections_max,
            timeout: run.context.service.driver().file().http.timeout,
        };
        let going = visitors.clone();
        let visiting = scope.spawn(move || visitors::run(going, AllArrivals::new(plan, knobs)));
        let agents = Arc::new(AgentsSignals::default());
        let (runtime, context, signals) = (run.runtime, run.context.clone(), Arc::clone(&agents));
        let playing = scope.spawn(move || runtime.block_on(agents::play(context, signals)));
        Self { visitors, visiting, playing, agents }
    }

    /// Nobody arrives any more, and no agent begins anything.
    pub fn stop(&self) {
        self.visitors.signals.stop();
        self.agents.stop();
    }

    /// Nor is anybody waited for any longer whose call is on its way.
    pub fn give_up(&self) {
        self.visitors.signals.give_up();
        self.agents.give_up();
    }

    /// Whether visitors cannot go about any more: they end once their streams are closed, not before.
    pub fn have_failed(&self) -> bool {
        self.visiting.is_finished()
    }

    /// Whether all have played; streams and sockets may still be open.
    pub fn are_done(&self) -> bool {
        let visitors = self.visitors.signals.are_done() || self.visiting.is_finished();
        visitors && self.playing.is_finished()
    }
}
