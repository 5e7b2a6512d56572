//! Where an agent is, in a word.

use crate::model::PropertyId;

/// So that a property and a seat fit into a [`Location`].
pub const PROPERTIES_MAX: usize = (1 << 28) - 1;
pub const TOO_MANY_PROPERTIES: &str = "a fleet has fewer than 2^28 properties";

/// Where an agent is: the property and the seat there, or the place among those who stand.
#[derive(Clone, Copy, Debug)]
pub struct Location(pub(super) u32);

impl Location {
    const STANDING: u32 = 1 << 31;

    /// On a seat of a property.
    pub fn seated(property: PropertyId, seat: u32) -> Self {
        Self(u32::from(property) << 3 | seat)
    }

    /// At a place among those who stand.
    pub fn standing(index: usize) -> Self {
        Self(u32::try_from(index).expect("fewer than there are agents") | Self::STANDING)
    }

    /// The property and the seat there; of who stands, a property that there is not.
    #[inline]
    pub fn seat(self) -> (usize, u32) {
        ((self.0 >> 3) as usize, self.0 & 0b111)
    }

    /// Taken apart.
    #[inline]
    pub fn get(self) -> Where {
        match self.0 & Self::STANDING {
            0 => Where::Seated((self.0 >> 3) as usize, self.0 & 0b111),
            _ => Where::Standing((self.0 & !Self::STANDING) as usize),
        }
    }
}

/// Where an agent is, taken apart.
pub enum Where {
    /// The property's index and the seat there.
    Seated(usize, u32),
    /// The place among those who stand.
    Standing(usize),
}
