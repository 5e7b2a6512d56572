//! An event of a synthetic run in one word, by which those of a span of time are put in order.

use super::knobs::AGENTS_MAX;
use super::names::DEVICES;
use super::shift::{ALL_DEVICES, DayStep};
use lamplighter_core::model::{Action, Chosen, Instant};

/// What an agent does at an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TraceEvent {
    /// The instant at which it happens.
    pub at: Instant,
    /// The agent who does it, by the index in the population.
    pub agent: u32,
    /// The device's place in [`DEVICES`]; `None` for all of the agent's.
    pub device: Option<u8>,
    /// What the agent or the agent's connection does, in the words of a trace.
    pub action: Action,
}

/// An event of a span, as a number that grows with the instant, then with the agent, then with the place
/// among what the agent does at that instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Packed(u64);

/// Bits from the lowest on: the action, the device, the place among an agent's events of one millisecond, the
/// agent, and the milliseconds since the span began.
const ACTION_BITS: u32 = 3;
const DEVICE_BITS: u32 = 4;
const PLACE_BITS: u32 = 6;
const AGENT_BITS: u32 = 27;

const DEVICE: u32 = ACTION_BITS;
const PLACE: u32 = DEVICE + DEVICE_BITS;
const AGENT: u32 = PLACE + PLACE_BITS;
const SINCE: u32 = AGENT + AGENT_BITS;

/// A span is at most two to the power of so many milliseconds long, four hours and a half.
pub(super) const SPAN_BITS_MAX: u32 = u64::BITS - SINCE;

const _: () = assert!(AGENTS_MAX <= 1 << AGENT_BITS && DEVICES.len() < 1 << DEVICE_BITS);

// What days are made of is in the table of words: a status for a time is not among it.
const _: () = assert!(Action::WORDS.len() == 1 << ACTION_BITS);

impl Packed {
    /// What an agent does so many milliseconds after the span began, at so manieth place of what the agent
    /// does at that instant.
    #[inline]
    pub fn new(since_ms: u64, agent: u32, place: u32, step: &DayStep) -> Self {
        debug_assert!(since_ms < 1 << SPAN_BITS_MAX && place < 1 << PLACE_BITS);
        let device = u64::from(step.device) & ((1 << DEVICE_BITS) - 1);
        let who = u64::from(agent) << AGENT | u64::from(place) << PLACE;
        Self(since_ms << SINCE | who | device << DEVICE | number(step.action))
    }

    /// The milliseconds since the span began.
    #[inline]
    pub fn since_ms(self) -> i64 {
        (self.0 >> SINCE) as i64
    }

    /// The agent.
    #[inline]
    pub fn agent(self) -> u32 {
        (self.0 >> AGENT) as u32 & ((1 << AGENT_BITS) - 1)
    }

    /// The device and the action together: a number below two to the power of [`DEED_BITS`], the action in
    /// its lowest bits as the place in [`Action::WORDS`], the device above, all ones for all of them.
    #[inline]
    pub fn deed(self) -> usize {
        self.0 as usize & ((1 << DEED_BITS) - 1)
    }

    /// The same taken apart.
    pub fn unpacked(self, span_begins_ms: i64) -> TraceEvent {
        let at = Instant::from_millis(span_begins_ms + self.since_ms());
        let (device, action) = taken_apart(self.deed());
        TraceEvent {
            at: at.expect("a run lies within the years 1970 to 9999"),
            agent: self.agent(),
            device,
            action,
        }
    }
}

/// How many bits a [deed](Packed::deed) has.
pub(super) const DEED_BITS: u32 = ACTION_BITS + DEVICE_BITS;

/// The device of a deed, if it is one, and the action.
pub(super) const fn taken_apart(deed: usize) -> (Option<u8>, Action) {
    const ALL: usize = ALL_DEVICES as usize & ((1 << DEVICE_BITS) - 1);
    let (_, action) = Action::WORDS[deed & ((1 << ACTION_BITS) - 1)];
    match deed >> DEVICE {
        ALL => (None, action),
        device => (Some(device as u8), action),
    }
}

/// Its place in [`Action::WORDS`].
#[inline]
fn number(action: Action) -> u64 {
    match action {
        Action::Login => 0,
        Action::Logout => 1,
        Action::SetStatus(Chosen::Online) | Action::SetStatusFor(Chosen::Online, _) => 2,
        Action::SetStatus(Chosen::Away) | Action::SetStatusFor(Chosen::Away, _) => 3,
        Action::SetStatus(Chosen::Invisible) | Action::SetStatusFor(Chosen::Invisible, _) => 4,
        Action::Disconnect => 5,
        Action::Reconnect => 6,
        Action::Activity => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_what_they_were_packed_of_and_in_their_order() {
        let mut before = Packed(0);
        for (since_ms, agent, place) in
            [(0, 0, 0), (0, 0, 1), (0, 0, 63), (0, 7, 0), (1, 0, 0), (0xff_ffff, 99_999_999, 0)]
        {
            let devices = (0..DEVICES.len() as u8).chain([ALL_DEVICES]);
            for (device, action) in
                devices.flat_map(|device| Action::WORDS.map(|(_, action)| (device, action)))
            {
                let step = DayStep { at_ms: 0, device, action };
                let packed = Packed::new(since_ms, agent, place, &step);
                let event = TraceEvent {
                    at: Instant::from_millis(1_000 + since_ms as i64).expect("in range"),
                    agent,
                    device: (device != ALL_DEVICES).then_some(device),
                    action,
                };
                assert_eq!(packed.unpacked(1_000), event);
                assert!(before <= packed, "{event:?}");
                before = packed;
            }
        }
    }
}
