//! What an event about one device does to it and to the others of its agent, by the knobs `devices`, `login`
//! and `logout`: one by one, and as a table for the two devices of a seat.

use super::action::Action;
use super::device::Device;
use crate::model::knobs::{Devices, LogoutEnds};
use crate::model::{Chosen, Impossible, RuleSet};
use crate::mutations::{Mutation, is_on};

/// An event about one device.
#[derive(Clone, Copy, Debug)]
pub struct DeviceEvent {
    /// What it does to that device.
    pub action: Action,
    /// The status that a login gives (rule P1, the knob `login`); of anything else it means nothing.
    pub gives: Chosen,
}

/// Whether what is given to one device is given to all of its agent's, and whether a logout on one ends all.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    one_status: bool,
    one_account: bool,
}

impl Reach {
    /// That of a product's rules.
    pub fn of(rules: &RuleSet) -> Self {
        Self {
            one_status: rules.devices == Devices::OneStatus,
            one_account: rules.logout == LogoutEnds::Account && !is_on(Mutation::AccountGoesOn),
        }
    }

    /// Whether a status is given to all devices (rule P2).
    pub fn of_status(self) -> bool {
        self.one_status && !is_on(Mutation::OneStatusNotShared)
    }
}

impl DeviceEvent {
    /// Whether it gives a status (rules P1, P2).
    pub fn gives_status(self) -> bool {
        matches!(
            self.action,
            Action::LogIn | Action::GoInvisible | Action::GoAway | Action::GoOnline
        )
    }

    /// What becomes of the device that it is said of.
    ///
    /// # Errors
    /// When it cannot happen.
    pub fn on(self, device: Device) -> Result<Device, Impossible> {
        let device = self.action.on(device)?;
        match self.action {
            Action::LogIn => Action::of_status(self.gives).on(device),
            _ => Ok(device),
        }
    }

    /// What becomes of any other.
    pub fn on_other(self, device: Device, reach: Reach) -> Device {
        let action = self.on_others(reach, reach.of_status());
        action.and_then(|action| action.on(device).ok()).unwrap_or(device)
    }

    /// What it does to every other device, where that can happen to it.
    const fn on_others(self, reach: Reach, all_get_it: bool) -> Option<Action> {
        match self.action {
            Action::LogIn if reach.one_status => Some(Action::of_status(self.gives)),
            Action::GoInvisible | Action::GoAway | Action::GoOnline | Action::BeActive
                if all_get_it =>
            {
                Some(self.action)
            }
            Action::LogOut if reach.one_account => Some(self.action),
            _ => None,
        }
    }

    /// Its row in a [`SeatTable`].
    #[inline]
    pub fn row(self) -> usize {
        match (self.action, self.gives) {
            (Action::LogIn, Chosen::Away) => LOG_IN_AWAY,
            (Action::LogIn, Chosen::Invisible) => LOG_IN_INVISIBLE,
            (action, _) => action as usize,
        }
    }
}

/// What becomes of the two devices of a seat, as the bits of both: by what is said, which of them it is said of,
/// and what they are.
pub type SeatTable = [[[u8; 256]; 2]; ROWS];

/// Where what is said cannot happen; no two devices are like that.
pub const IMPOSSIBLE: u8 = u8::MAX;

const ACTIONS: usize = Action::ALL.len();
/// Logins that do not give online have rows of their own, behind those of the actions.
const LOG_IN_AWAY: usize = ACTIONS;
const LOG_IN_INVISIBLE: usize = ACTIONS + 1;
const ROWS: usize = ACTIONS + 2;

/// By whether there is one status, and whether there is one account.
static TABLES: [[SeatTable; 2]; 2] =
    [[table(false, false), table(false, true)], [table(true, false), table(true, true)]];

/// The table of a reach.
pub fn seat_table(reach: Reach) -> &'static SeatTable {
    &TABLES[usize::from(reach.of_status())][usize::from(reach.one_account)]
}

const fn table(one_status: bool, one_account: bool) -> SeatTable {
    let reach = Reach { one_status, one_account };
    let mut table = [[[IMPOSSIBLE; 256]; 2]; ROWS];
    let mut row = 0;
    while row < ROWS {
        let (action, gives) = match row {
            LOG_IN_AWAY => (Action::LogIn, Chosen::Away),
            LOG_IN_INVISIBLE => (Action::LogIn, Chosen::Invisible),
            _ => (Action::ALL[row], Chosen::Online),
        };
        let said = DeviceEvent { action, gives };
        let others = said.on_others(reach, one_status);
        let mut bits = 0;
        while bits < 256 {
            let (first, second) =
                (Device::from_bits(bits as u64), Device::from_bits((bits >> Device::BITS) as u64));
            table[row][0][bits] = pack(said.on_both_by_the_book(others, first, second), false);
            table[row][1][bits] = pack(said.on_both_by_the_book(others, second, first), true);
            bits += 1;
        }
        row += 1;
    }
    table
}

const fn pack(devices: Option<(Device, Device)>, turned: bool) -> u8 {
    match devices {
        None => IMPOSSIBLE,
        Some((one, other)) => {
            let (first, second) = if turned { (other, one) } else { (one, other) };
            (first.bits() | second.bits() << Device::BITS) as u8
        }
    }
}

impl DeviceEvent {
    /// The same as [`on`](Self::on) and [`on_other`](Self::on_other), for those who make no mistakes.
    const fn on_both_by_the_book(
        self,
        others: Option<Action>,
        one: Device,
        other: Device,
    ) -> Option<(Device, Device)> {
        let Ok(mut one) = self.action.by_the_book(one) else { return None };
        if matches!(self.action, Action::LogIn)
            && let Ok(given) = Action::of_status(self.gives).by_the_book(one)
        {
            one = given;
        }
        let other = match others {
            Some(action) => match action.by_the_book(other) {
                Ok(becomes) => becomes,
                Err(_) => other,
            },
            None => other,
        };
        Some((one, other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_becomes_what_its_devices_become_one_by_one() {
        let statuses = [Chosen::Online, Chosen::Away, Chosen::Invisible];
        for reach in [(false, false), (false, true), (true, false), (true, true)] {
            let reach = Reach { one_status: reach.0, one_account: reach.1 };
            let table = seat_table(reach);
            for (action, gives) in
                Action::ALL.into_iter().flat_map(|action| statuses.map(|gives| (action, gives)))
            {
                let said = DeviceEvent { action, gives };
                for bits in 0..=u8::MAX {
                    let devices =
                        [bits, bits >> Device::BITS].map(|bits| Device::from_bits(bits.into()));
                    for slot in [0, 1] {
                        let mut becomes = devices.map(|device| said.on_other(device, reach));
                        let packed = match said.on(devices[slot]) {
                            Err(_) => IMPOSSIBLE,
                            Ok(now) => {
                                becomes[slot] = now;
                                pack(Some((becomes[0], becomes[1])), false)
                            }
                        };
                        assert_eq!(
                            table[said.row()][slot][usize::from(bits)],
                            packed,
                            "{said:?} of {slot} among {devices:?}"
                        );
                    }
                }
            }
        }
    }
}
