//! Writes of which nobody knows whether they have happened (rules T1, T2 of target files): what hangs on one is
//! not tested until another settles it, for either outcome is the product's right.

use std::collections::BTreeMap;

use lamplighter_core::model::{AgentId, DeviceId, PropertyId, WidgetId};
use lamplighter_core::world::{Membership, World};
use lamplighter_scenario::play::Untested;

use crate::file::outcome::StepOutcome;

/// What a device does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeviceWrite {
    /// It logs in (rule P1).
    Login,
    /// It is given a status (rule P2).
    Status,
    /// It is active (rule P8).
    Activity,
    /// It logs out (rule P3).
    Logout,
}

impl DeviceWrite {
    fn words(self) -> &'static str {
        match self {
            Self::Login => "a login",
            Self::Status => "a status",
            Self::Activity => "an activity",
            Self::Logout => "a logout",
        }
    }

    /// Whether only another login tells whether the device is in.
    fn is_about_being_in(self) -> bool {
        matches!(self, Self::Login | Self::Logout)
    }
}

/// Writes of a scenario of which nobody knows whether they have happened.
#[derive(Debug, Default)]
pub struct UnknownWrites {
    devices: BTreeMap<DeviceId, (DeviceWrite, Untested)>,
    members: BTreeMap<(AgentId, PropertyId), Untested>,
    /// By widget, and what was set.
    widgets: BTreeMap<(WidgetId, &'static str), Untested>,
}

impl UnknownWrites {
    /// A device has done something; `why_not` is why it is not done.
    pub fn device(
        &mut self,
        device: DeviceId,
        write: DeviceWrite,
        outcome: &StepOutcome,
        why_not: &str,
    ) {
        match outcome {
            StepOutcome::Unknown(_) => {
                self.devices.insert(device, (write, untested(write.words(), why_not)));
            }
            StepOutcome::Done(_) => {
                let is_settled = |earlier: DeviceWrite| {
                    write.is_about_being_in() || !earlier.is_about_being_in()
                };
                if self.devices.get(&device).is_some_and(|(earlier, _)| is_settled(*earlier)) {
                    self.devices.remove(&device);
                }
            }
            StepOutcome::Refused | StepOutcome::Gone => {}
        }
    }

    /// A member was suspended or reinstated.
    pub fn member(&mut self, member: (AgentId, PropertyId), outcome: &StepOutcome, why_not: &str) {
        note(&mut self.members, member, "a suspension", outcome, why_not);
    }

    /// Something was set on a widget: `what` names it.
    pub fn widget(
        &mut self,
        widget: WidgetId,
        what: &'static str,
        outcome: &StepOutcome,
        why_not: &str,
    ) {
        note(&mut self.widgets, (widget, what), what, outcome, why_not);
    }

    /// Why nothing is said of an agent.
    pub fn of_agent(&self, agent: AgentId) -> Option<&Untested> {
        let mut devices = self.devices.iter();
        devices.find(|(device, _)| device.agent() == agent).map(|(_, (_, why))| why)
    }

    /// Why nothing is said of a widget.
    pub fn of_widget(&self, widget: WidgetId, world: &World) -> Option<&Untested> {
        let property = world.property_of(widget);
        let of_members = world.members(property).iter().find_map(|agent| {
            let counts = world.membership(*agent, property) == Some(Membership::Active);
            let of_agent = self.of_agent(*agent).filter(|_| counts);
            self.members.get(&(*agent, property)).or(of_agent)
        });
        let mut of_widgets = self.widgets.iter().filter(|((other, _), _)| *other == widget);
        of_members.or_else(|| of_widgets.next().map(|(_, why)| why))
    }
}

fn note<K: Ord>(
    unknown: &mut BTreeMap<K, Untested>,
    key: K,
    what: &str,
    outcome: &StepOutcome,
    why_not: &str,
) {
    match outcome {
        StepOutcome::Unknown(_) => drop(unknown.insert(key, untested(what, why_not))),
        StepOutcome::Done(_) => drop(unknown.remove(&key)),
        StepOutcome::Refused | StepOutcome::Gone => {}
    }
}

/// `a status is unknown: no answer came within 10 s`.
fn untested(what: &str, why_not: &str) -> Untested {
    Untested(format!("{what} is {why_not}"))
}
