//! Who is in by now, and what team-mates and visitors must see by the target's rules.

use lamplighter_core::model::knobs::{Devices, Merge};
use lamplighter_core::model::{AgentStatus, Chosen, RuleSet, WidgetStatus};

use crate::file::TargetFile;
use crate::file::possible::{PossibleStatuses, fold};

/// What one agent must show: its devices with their statuses.
#[derive(Clone, Copy, Debug, Default)]
pub struct AgentModel {
    /// What each device is, where it is logged in; the last one that was given a status is the newest.
    devices: [Option<Chosen>; 2],
    newest: usize,
    /// Whether the member is suspended (rule P6).
    pub is_suspended: bool,
}

impl AgentModel {
    /// A device is logged in, or was given a status.
    pub fn is(&mut self, device: usize, chosen: Chosen) {
        self.devices[device] = Some(chosen);
        self.newest = device;
    }

    /// A device is logged out.
    pub fn is_out(&mut self, device: usize) {
        self.devices[device] = None;
        self.newest = usize::from(self.devices[0].is_none());
    }

    /// What team-mates see (rule P4).
    pub fn agent(&self, file: &TargetFile) -> AgentStatus {
        file.rules.set.seen_as(self.highest(file))
    }

    /// What a widget without scheduler shows (rules P5, W2 to W4).
    pub fn widget(&self, file: &TargetFile) -> PossibleStatuses<WidgetStatus> {
        let status = if self.is_suspended { AgentStatus::Offline } else { self.highest(file) };
        fold([PossibleStatuses::just(status)], file.rules.counts_as())
    }

    fn highest(&self, file: &TargetFile) -> AgentStatus {
        let RuleSet { devices, merge, .. } = file.rules.set;
        let takes_newest = devices == Devices::OneStatus || merge == Merge::Newest;
        let of = |chosen: Option<Chosen>| match chosen {
            None => AgentStatus::Offline,
            Some(Chosen::Online) => AgentStatus::Online,
            Some(Chosen::Away) => AgentStatus::Away,
            Some(Chosen::Invisible) => AgentStatus::Invisible,
        };
        match takes_newest {
            true => of(self.devices[self.newest]),
            false => of(self.devices[0]).max(of(self.devices[1])),
        }
    }
}
