//! A number that stands for everything that was reported and answered: two runs with the same number
//! have said the same.

use lamplighter_core::world::Change;

/// FNV-1a over the bytes of numbers, which is the same on every machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Digest {
    /// Takes a number in, byte by byte.
    pub fn number(&mut self, number: u64) {
        for byte in number.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    /// Takes a change with everything in it.
    pub fn change(&mut self, change: &Change) {
        match *change {
            Change::Agent { at, agent, now } => {
                self.number(at.as_millis() as u64);
                self.number(u64::from(u32::from(agent)) << 8 | now as u64);
            }
            Change::Widget { at, widget, before, now } => {
                self.number(at.as_millis() as u64);
                let answers = u64::from(before.rule) << 8 | u64::from(now.rule);
                self.number(u64::from(u32::from(widget)) << 32 | 1 << 31 | answers);
            }
        }
    }

    /// The number that stands for all that was taken in.
    pub fn value(self) -> u64 {
        self.0
    }
}
