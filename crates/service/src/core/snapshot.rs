//! From a state to a snapshot, and back: grace and auto-away on the first line, then a line for each
//! device.

use std::fmt::Write;

use super::restore::{RestoreError, unfit};
use super::state::State;
use crate::store::Snapshot;
use lamplighter_core::model::{AgentId, Chosen, DeviceId, DeviceStatus, Instant};
use lamplighter_core::world::{Connection, DeviceState, GoesBack};

impl State {
    /// The state of all devices, from which a start takes less time.
    pub fn snapshot(&self) -> Snapshot {
        let timing = serde_json::to_string(&self.timing).expect("settings are plain texts");
        let mut devices = timing + "\n";
        for agent in (0..self.roster.agents.len()).map(AgentId::new) {
            for device in self.world.devices_of(agent) {
                self.write_device(device, &mut devices);
            }
        }
        Snapshot { seq: self.seq, at: self.world.now(), devices }
    }

    /// Agent, device, status, whether away by rule, connection, until when, since when, last active;
    /// and of a status for a time what it goes back to, and when.
    fn write_device(&self, id: DeviceId, out: &mut String) {
        let state = self.world.device_state(id);
        let (agent, device) = (self.roster.agents.name(id.agent()), self.roster.device_name(id));
        let ms = |at: Option<Instant>| at.map_or(String::new(), |at| at.as_millis().to_string());
        let (connection, until) = match state.connection {
            Connection::Up => ("up", None),
            Connection::Lost { until } => ("lost", until),
            Connection::RanOut => ("ran-out", None),
        };
        let status = state.status.word();
        let away = if state.away_by_rule { "by-rule" } else { "" };
        let (until, since, active) = (ms(until), ms(state.since), ms(state.active_at));
        let line =
            format!("{agent},{device},{status},{away},{connection},{until},{since},{active}");
        let back = state
            .goes_back
            .map_or(String::new(), |GoesBack { to, at }| format!(",{},{}", to.word(), ms(at)));
        writeln!(out, "{line}{back}").expect("a string takes everything");
    }

    /// Brings the devices back that a snapshot has.
    ///
    /// # Errors
    /// When a line is none of a snapshot's.
    pub(super) fn restore_devices(&mut self, lines: &str) -> Result<(), RestoreError> {
        let mut states = Vec::new();
        for line in lines.lines() {
            let unfit = || unfit("the snapshot", &format!("it has the line `{line}`"));
            let fields: Vec<&str> = line.split(',').collect();
            let &[agent, device, status, away, connection, until, since, active, ref back @ ..] =
                &fields[..]
            else {
                return Err(unfit());
            };
            let at = |text: &str| match text.is_empty() {
                true => Ok(None),
                false => {
                    text.parse().ok().and_then(Instant::from_millis).map(Some).ok_or_else(unfit)
                }
            };
            let agent = self.roster.agents.get(agent).ok_or_else(unfit)?;
            let device = self.roster.intern_device(agent, device);
            self.make_room(device);
            let state = DeviceState {
                status: DeviceStatus::from_word(status).ok_or_else(unfit)?,
                away_by_rule: away == "by-rule",
                connection: match connection {
                    "up" => Connection::Up,
                    "lost" => Connection::Lost { until: at(until)? },
                    "ran-out" => Connection::RanOut,
                    _ => return Err(unfit()),
                },
                since: at(since)?,
                goes_back: match *back {
                    [] => None,
                    [to, over] => {
                        let to = Chosen::from_word(to).ok_or_else(unfit)?;
                        Some(GoesBack { to, at: at(over)? })
                    }
                    _ => return Err(unfit()),
                },
                active_at: at(active)?,
            };
            states.push((device, state));
        }
        // Deadlines of one instant are taken in fastest from the last one on.
        for (device, state) in states.into_iter().rev() {
            self.world.restore_device(device, state);
        }
        Ok(())
    }
}
