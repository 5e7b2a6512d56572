//! The devices that rows name, each with a number.

use std::collections::HashMap;

/// A device of one agent, by numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Device {
    /// The number of the agent whose device it is.
    pub agent: u32,
    /// The number of its name in [`Taken::device_names`](super::Taken::device_names).
    pub name: u32,
}

/// The numbers of devices: their places in the order in which they were met.
#[derive(Default)]
pub struct DeviceNumbers {
    all: HashMap<Device, u32>,
    /// Which of an agent's was asked for last, by the agent's number: the name and the number of the device.
    /// Mostly it is the next one, too.
    last: Vec<Option<(u32, u32)>>,
}

impl DeviceNumbers {
    /// The number of a device, which is added to `new` where it is.
    #[inline]
    pub fn number(&mut self, device: Device, new: &mut Vec<Device>) -> u32 {
        let agent = device.agent as usize;
        if let Some(Some((name, number))) = self.last.get(agent)
            && *name == device.name
        {
            return *number;
        }
        let next = u32::try_from(self.all.len()).expect("fewer than 2^32 devices");
        let number = *self.all.entry(device).or_insert_with(|| {
            new.push(device);
            next
        });
        if self.last.len() <= agent {
            self.last.resize(agent + 1, None);
        }
        self.last[agent] = Some((device.name, number));
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_one_number_whoever_was_asked_for_before() {
        let (mut numbers, mut devices) = (DeviceNumbers::default(), Vec::new());
        let asked = [(0, 0), (0, 0), (2, 0), (0, 1), (0, 0), (1, 1), (2, 0), (0, 1)];
        let asked = asked.map(|(agent, name)| Device { agent, name });
        let given = asked.map(|device| numbers.number(device, &mut devices));
        assert_eq!(given, [0, 0, 1, 2, 0, 3, 1, 2]);
        assert!(
            asked.iter().zip(given).all(|(device, number)| devices[number as usize] == *device)
        );
    }
}
