//! The traces of a scenario as one stream of rows in the order of time.

use std::path::{Path, PathBuf};

use super::ast::Name;
use super::fault::Fault;
use super::roster::Roster;
use super::verdict::Verdict;
use crate::model::{AgentId, DeviceId, Event, Instant};
use crate::trace::{Action, Reader, Row};

/// After so many faults in one trace the rest is not looked at.
const FAULTS_MAX: usize = 50;

/// A row with its agent looked up.
pub struct Feed {
    /// The trace.
    pub path: PathBuf,
    /// The line.
    pub line: u64,
    /// Who.
    pub agent: AgentId,
    /// Where, if on one device.
    pub device: Option<Box<str>>,
    /// What.
    pub action: Action,
}

/// The traces of a scenario, each with the row that is next.
pub struct Feeds {
    traces: Vec<Trace>,
    agents: crate::model::Names<AgentId>,
}

struct Trace {
    path: PathBuf,
    reader: Reader,
    next: Option<(Row, AgentId)>,
    fault_count: usize,
}

impl Feeds {
    /// Opens the traces that lie relative to a scenario, and reads up to their first rows.
    pub fn open(names: &[Name], roster: &Roster, verdict: &mut Verdict) -> Self {
        let folder = verdict.path.parent().unwrap_or(Path::new("")).to_owned();
        let mut feeds = Self { traces: Vec::new(), agents: roster.agents.clone() };
        for name in names {
            let path = folder.join(&name.node);
            match Reader::open(&path) {
                Ok(reader) => {
                    let mut trace = Trace { path, reader, next: None, fault_count: 0 };
                    trace.read_on(&feeds.agents, verdict);
                    feeds.traces.push(trace);
                }
                Err(error) => verdict.faults.push(
                    Fault::new(name.span, error.to_string(), "expected a CSV trace")
                        .help("the path is relative to the scenario's file"),
                ),
            }
        }
        feeds
    }

    /// The instant of the first row.
    pub fn first(&self) -> Option<Instant> {
        self.next_instant()
    }

    /// The instant of the row that is next.
    pub fn next_instant(&self) -> Option<Instant> {
        self.traces.iter().filter_map(|trace| trace.next.as_ref()).map(|(row, _)| row.at).min()
    }

    /// The next row of an instant: of the first trace that has one.
    pub fn next_at(&mut self, at: Instant, verdict: &mut Verdict) -> Option<Feed> {
        let trace = self
            .traces
            .iter_mut()
            .find(|trace| trace.next.as_ref().is_some_and(|(row, _)| row.at == at))?;
        let (row, agent) = trace.next.take()?;
        trace.read_on(&self.agents, verdict);
        Some(Feed {
            path: trace.path.clone(),
            line: row.place.line,
            agent,
            device: row.device.map(Into::into),
            action: row.action,
        })
    }
}

impl Trace {
    /// Reads the next sound row.
    fn read_on(&mut self, agents: &crate::model::Names<AgentId>, verdict: &mut Verdict) {
        while self.fault_count < FAULTS_MAX {
            let fault = match self.reader.next_row() {
                None => return,
                Some(Err(fault)) => fault,
                Some(Ok(row)) => match agents.get(&row.agent) {
                    Some(agent) => {
                        self.next = Some((row, agent));
                        return;
                    }
                    None => {
                        let message = format!("`{}` is not an agent of the scenario", row.agent);
                        let near = super::fault::nearest(&row.agent, agents.iter());
                        let label = match near {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => "expected a member of a declared property".to_owned(),
                        };
                        self.reader.fault(row.place, Some(1), message, &label)
                    }
                },
            };
            self.fault_count += 1;
            verdict.trace_faults.push(*fault);
        }
    }
}

/// A row as an event.
pub fn event(agent: AgentId, device: Option<DeviceId>, action: Action) -> Event {
    match (action, device) {
        (Action::Logout, None) => Event::LogoutEverywhere(agent),
        (Action::Status(chosen), None) => Event::SetStatusEverywhere(agent, chosen),
        (Action::Login, Some(device)) => Event::Login(device),
        (Action::Logout, Some(device)) => Event::Logout(device),
        (Action::Status(chosen), Some(device)) => Event::SetStatus(device, chosen),
        (Action::Disconnect, Some(device)) => Event::Disconnect(device),
        (Action::Reconnect, Some(device)) => Event::Reconnect(device),
        (Action::Active, Some(device)) => Event::Activity(device),
        (Action::Login | Action::Disconnect | Action::Reconnect | Action::Active, None) => {
            unreachable!("the reader of traces refuses `{action:?}` without a device")
        }
    }
}
