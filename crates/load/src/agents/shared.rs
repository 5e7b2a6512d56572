//! What all agents of a run share, beside the run itself.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::context::RunContext;
use crate::history::WriteId;
use crate::observation::SessionId;
use crate::plan::{AgentIndex, PropertyIndex};

/// In front of the numbers of sockets, so that they are those of no visitor and no stream.
const SOCKETS_FROM: SessionId = 1 << 63;

/// What all agents share.
#[derive(Debug)]
pub struct AgentsShared {
    /// The run that they play.
    pub run: RunContext,
    writes: AtomicU64,
    sessions: AtomicU64,
    properties: HashMap<String, PropertyIndex>,
    agents: HashMap<String, AgentIndex>,
}

impl AgentsShared {
    /// Nobody has begun yet.
    pub fn new(run: RunContext) -> Self {
        let properties = run.plan.properties.iter().map(|property| property.name.clone());
        let agents = run.plan.agents.iter().map(|agent| agent.name.clone());
        Self {
            properties: properties.zip(0..).collect(),
            agents: agents.zip(0..).collect(),
            run,
            writes: AtomicU64::new(0),
            sessions: AtomicU64::new(0),
        }
    }

    /// A number that no write has had yet.
    pub fn next_write(&self) -> WriteId {
        self.writes.fetch_add(1, Ordering::Relaxed)
    }

    /// A number that no socket has had yet.
    pub fn next_session(&self) -> SessionId {
        SOCKETS_FROM | self.sessions.fetch_add(1, Ordering::Relaxed)
    }

    /// The plan's property of this name.
    pub fn property(&self, name: &str) -> Option<PropertyIndex> {
        self.properties.get(name).copied()
    }

    /// The plan's agent of this name.
    pub fn agent(&self, name: &str) -> Option<AgentIndex> {
        self.agents.get(name).copied()
    }

    /// Versions of the plan's properties; those of others are nobody's business.
    pub fn known(&self, versions: Vec<(String, u64)>) -> Vec<(PropertyIndex, u64)> {
        let known = versions.into_iter();
        known.filter_map(|(name, version)| Some((self.property(&name)?, version))).collect()
    }
}
