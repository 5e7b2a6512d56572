//! How many messages visitors may leave with one property within a day, whoever they are: many addresses
//! at once must not fill the store.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use thiserror::Error;

use lamplighter_core::model::Instant;

const DAY_MS: i64 = 86_400_000;

/// Counts the messages of each property, since the service began.
#[derive(Debug)]
pub struct DailyQuota {
    max: u32,
    /// As many as there are properties, at most.
    taken: Mutex<HashMap<String, (Day, u32)>>,
}

/// A property has taken as many messages as it may.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("too many messages have been left here today: try again after midnight (UTC)")]
pub struct QuotaReached {
    /// How many seconds until then.
    pub wait_s: u64,
}

/// Which day of UTC it is, since 1970.
type Day = i64;

impl DailyQuota {
    /// So many within a day.
    pub fn new(max: u32) -> Self {
        Self { max, taken: Mutex::default() }
    }

    /// Counts a message for a property, of which the caller knows that it is there.
    ///
    /// # Errors
    /// When so many were taken on this day.
    pub fn count(&self, property: &str, now: Instant) -> Result<(), QuotaReached> {
        let today = day(now);
        let mut taken = self.taken();
        let (day, count) = match taken.get_mut(property) {
            Some(taken) => taken,
            None => taken.entry(property.to_owned()).or_insert((today, 0)),
        };
        if *day != today {
            (*day, *count) = (today, 0);
        }
        if *count >= self.max {
            let left_ms = DAY_MS - now.as_millis().rem_euclid(DAY_MS);
            return Err(QuotaReached { wait_s: left_ms.unsigned_abs().div_ceil(1_000) });
        }
        *count += 1;
        Ok(())
    }

    /// A message that was counted on a day was not kept, and does not count.
    pub fn give_back(&self, property: &str, counted: Instant) {
        if let Some((day_of, count)) = self.taken().get_mut(property)
            && *day_of == day(counted)
        {
            *count = count.saturating_sub(1);
        }
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<String, (Day, u32)>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn day(at: Instant) -> Day {
    at.as_millis().div_euclid(DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_takes_so_many_a_day_and_does_not_use_up_anothers() {
        let quota = DailyQuota::new(2);
        let at = |text: &str| -> Instant { text.parse().expect("an instant") };
        let evening = at("2026-03-09T23:59:30Z");
        assert_eq!([quota.count("acme", evening), quota.count("acme", evening)], [Ok(()), Ok(())]);
        assert_eq!(quota.count("acme", evening), Err(QuotaReached { wait_s: 30 }));
        assert_eq!(quota.count("other", evening), Ok(()));
        quota.give_back("acme", evening);
        assert_eq!(quota.count("acme", evening), Ok(()), "what was not kept does not count");
        assert!(quota.count("acme", evening).is_err());
        let morning = at("2026-03-10T00:00:00Z");
        assert_eq!(quota.count("acme", morning), Ok(()));
        quota.give_back("acme", evening);
        assert_eq!(quota.count("acme", morning), Ok(()));
        assert_eq!(quota.count("acme", morning), Err(QuotaReached { wait_s: 86_400 }));
    }
}
