//! What all agents of a run share, beside the run itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::context::RunContext;
use crate::history::WriteId;
use crate::plan::{AgentIndex, PropertyIndex};
use lamplighter_target::driver::Pool;
use lamplighter_target::file::template::KeptValues;
use serde_json::Value;

/// What the tasks of all agents of a run share.
#[derive(Debug)]
pub struct AgentsShared {
    /// The run that they play.
    pub run: RunContext,
    /// Where calls of devices go once nobody counts them any more.
    pub uncounted: Arc<Pool>,
    writes: AtomicU64,
}

impl AgentsShared {
    /// Nobody has begun yet.
    pub fn new(run: RunContext) -> Self {
        Self { run, uncounted: Pool::new(), writes: AtomicU64::new(0) }
    }

    /// A number that no write has had yet.
    pub fn next_write(&self) -> WriteId {
        self.writes.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether the target ends sessions after a time, so that a device whose session is over logs in
    /// anew (rule T45 of target files).
    pub fn ends_sessions(&self) -> bool {
        self.run.service.driver().file().timing.session_max.is_some()
    }

    /// The versions of the plan's properties at which an agent's write took effect, by the name that
    /// the target file keeps them in: an object by the names of properties, or one number for all of
    /// the agent's; empty where answers do not say.
    pub fn versions(&self, agent: AgentIndex, kept: &KeptValues) -> Vec<(PropertyIndex, u64)> {
        let service = &self.run.service;
        let name = service.driver().abilities().versions.as_deref();
        match name.and_then(|name| kept.get(name)) {
            Some(Value::Object(all)) => all
                .iter()
                .filter_map(|(name, version)| {
                    Some((service.property_named(name)?, version.as_u64()?))
                })
                .collect(),
            Some(Value::Number(version)) => {
                let properties = &self.run.plan.agents[agent as usize].properties;
                let version = version.as_u64();
                properties.iter().filter_map(|property| Some((*property, version?))).collect()
            }
            _ => Vec::new(),
        }
    }
}
