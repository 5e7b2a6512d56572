//! One device in four bits: its status, its connection (rule P7) and whether it went away by
//! itself (rule P8).

use crate::model::DeviceStatus;
use crate::mutations::{Mutation, is_on};

/// What is so of a device. All zero: the agent has no such device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Device(u8);

/// The lowest two bits are the status, in the order of [`DeviceStatus`].
const STATUS: u8 = 0b0011;
/// Of a logged-in device: the connection is lost and the grace runs. Of a logged-out one: that is
/// how it was logged out.
const LOST: u8 = 0b0100;
/// Of a device that is away: by rule P8 rather than by hand. Of a logged-out one: there is one.
const MARK: u8 = 0b1000;

const STATUSES: [DeviceStatus; 4] =
    [DeviceStatus::LoggedOut, DeviceStatus::Invisible, DeviceStatus::Away, DeviceStatus::Online];

impl Device {
    /// Logged out by hand, or never logged in.
    pub const LOGGED_OUT: Self = Self(MARK);
    /// Logged out because its grace ran out (rule P7).
    pub const RAN_OUT: Self = Self(MARK | LOST);
    /// Just logged in (rule P1).
    pub const LOGGED_IN: Self = Self(DeviceStatus::Online as u8);
    /// So many bits are all of it.
    pub const BITS: u32 = 4;
    /// So many different states fit into them.
    pub const STATES: usize = 1 << Self::BITS;

    /// From its [`BITS`](Self::BITS); what stands above them is no part of it.
    #[inline]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits as u8 & 0b1111)
    }

    /// The device as [`BITS`](Self::BITS), to be packed beside others.
    #[inline]
    pub const fn bits(self) -> u64 {
        self.0 as u64
    }

    /// Whether the agent has it.
    pub fn exists(self) -> bool {
        self.0 != 0
    }

    /// The status that it adds to its agent's (rule P4).
    #[inline]
    pub fn status(self) -> DeviceStatus {
        STATUSES[usize::from(self.0 & STATUS)]
    }

    /// Whether its status is that of another one.
    #[inline]
    pub fn is_as(self, other: Self) -> bool {
        (self.0 ^ other.0) & STATUS == 0
    }

    /// Whether it has a status at all, an invisible one too.
    #[inline]
    pub const fn is_logged_in(self) -> bool {
        self.0 & STATUS != 0
    }

    /// Whether its connection is lost and its grace runs.
    #[inline]
    pub const fn is_lost(self) -> bool {
        self.is_logged_in() && self.0 & LOST != 0
    }

    /// Whether that may be so; if not, it surely is not.
    #[inline]
    pub const fn may_be_lost(self) -> bool {
        self.0 & LOST != 0
    }

    /// Whether it was logged out because its grace ran out.
    pub const fn has_run_out(self) -> bool {
        self.0 == Self::RAN_OUT.0
    }

    /// Whether it is away by rule P8.
    pub const fn is_away_by_rule(self) -> bool {
        self.is_logged_in() && self.0 & MARK != 0
    }

    /// With a status by hand; a countdown goes on (rules P2, P7).
    #[inline]
    pub const fn given(self, status: DeviceStatus) -> Self {
        Self(self.0 & LOST | status as u8)
    }

    /// The same as whoever programs it might get it wrong.
    #[inline]
    pub fn with_status(self, status: DeviceStatus) -> Self {
        let given = self.given(status);
        let lost = if is_on(Mutation::StatusEndsCountdown) { LOST } else { 0 };
        let mark = if is_on(Mutation::MarkSurvivesStatus) { self.0 & MARK } else { 0 };
        Self(given.0 & !lost | mark)
    }

    /// Away by rule P8; a countdown goes on.
    pub fn away_by_rule(self) -> Self {
        Self(self.0 & LOST | DeviceStatus::Away as u8 | MARK)
    }

    /// With its connection lost, or back.
    pub const fn with_connection(self, lost: bool) -> Self {
        Self(self.0 & !LOST | if lost { LOST } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_keeps_each_of_its_parts() {
        assert!(!Device::default().exists());
        for out in [Device::LOGGED_OUT, Device::RAN_OUT] {
            assert!(out.exists() && !out.is_logged_in() && !out.is_lost());
            assert!(!out.is_away_by_rule());
            assert_eq!(out.has_run_out(), out == Device::RAN_OUT);
        }
        for status in [DeviceStatus::Invisible, DeviceStatus::Away, DeviceStatus::Online] {
            for lost in [false, true] {
                let device = Device::LOGGED_IN.with_connection(lost).with_status(status);
                assert_eq!(Device::from_bits(device.bits() | 0xF0), device);
                assert!(device.exists() && device.is_logged_in() && !device.has_run_out());
                assert_eq!((device.status(), device.is_lost()), (status, lost));
                assert!(!device.is_away_by_rule());
                let away = device.away_by_rule();
                assert_eq!((away.status(), away.is_lost()), (DeviceStatus::Away, lost));
                assert!(away.is_away_by_rule());
                let back = away.with_connection(!lost);
                assert!(back.is_away_by_rule() && back.is_lost() != lost);
                assert!(!back.with_status(DeviceStatus::Away).is_away_by_rule());
            }
        }
    }
}
