//! The machine's clock, watched: what it reads is believed as long as it agrees with the time that has passed
//! since the last look, which no one can put (`CLOCK_MONOTONIC`).
//!
//! | the machine's clock | the service's time |
//! | --- | --- |
//! | goes as time passes, or jumps ahead by what is allowed | is what it reads |
//! | is behind | goes on by the time that passes, a tenth slower, until the clock has caught up |
//! | jumps ahead further | goes on by the time that passes, and no writes are taken meanwhile |
//! | reads less than what is kept, by more than is allowed | likewise, from what is kept |

use std::time::Duration;

use lamplighter_core::model::{Instant, Millis};

/// The least that the machine's clock may be allowed to jump: what is less is how clocks are read.
pub const CLOCK_JUMP_LEAST: Millis = Millis(1_000);

/// What is less than that is how clocks are read, and nothing to speak of.
const UNSAID_US: i64 = CLOCK_JUMP_LEAST.0.cast_signed() * 1_000;
/// While the machine's clock is behind, one part of so many is waited for it.
const WAITED_PART: i64 = 10;

/// What a machine's clocks read at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The clock on the wall, which can be put.
    pub wall: Instant,
    /// The time that has passed since some moment, which cannot.
    pub passed: Duration,
}

/// How the machine's clock goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Course {
    /// It goes as time passes.
    Steady,
    /// It is behind the service's time by so much.
    Behind(Millis),
    /// It is ahead of the time that has passed by so much, which is more than is allowed.
    JumpedAhead(Millis),
    /// It is behind what was kept when the service began, by so much, which is more than is allowed.
    BehindWhatIsKept(Millis),
}

impl Course {
    /// Whether nobody can tell which time to write with.
    pub fn stops_writes(self) -> bool {
        matches!(self, Self::JumpedAhead(_) | Self::BehindWhatIsKept(_))
    }
}

/// The service's time, by the machine's clock.
#[derive(Debug)]
pub struct Watch {
    /// How far ahead the clock may jump.
    jump_max_us: i64,
    /// The service's time, in microseconds.
    reached_us: i64,
    /// The time that had passed at the last look.
    read_at: Duration,
    /// A moment at which the clock was believed: it may be as far ahead of the time that has passed since as
    /// it may jump, be it in one jump or in many.
    believed_us: i64,
    believed_at: Duration,
    /// The last look at which the clock had jumped.
    jumped_at: Duration,
    /// Whether what is kept was further ahead of the clock than it may be, and is still.
    kept_is_ahead: bool,
    course: Course,
}

fn micros(instant: Instant) -> i64 {
    instant.as_millis().saturating_mul(1_000)
}

fn signed(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn millis(us: i64) -> Millis {
    Millis(us.unsigned_abs() / 1_000)
}

impl Watch {
    /// Begins with what the clock reads.
    pub fn new(jump_max: Millis, first: Reading) -> Self {
        let jump_max_us = i64::try_from(jump_max.0).unwrap_or(i64::MAX).saturating_mul(1_000);
        Self {
            jump_max_us: jump_max_us.max(UNSAID_US),
            reached_us: micros(first.wall),
            read_at: first.passed,
            believed_us: micros(first.wall),
            believed_at: first.passed,
            jumped_at: first.passed,
            kept_is_ahead: false,
            course: Course::Steady,
        }
    }

    /// The service's time is no earlier than what is kept.
    pub fn begin_at(&mut self, kept: Instant, now: Reading) {
        if micros(kept) > self.reached_us {
            self.reached_us = micros(kept);
            self.believe(self.reached_us);
            self.kept_is_ahead = self.reached_us - micros(now.wall) > self.jump_max_us;
        }
        self.read(now);
    }

    /// How the clock went at the last look.
    pub fn course(&self) -> Course {
        self.course
    }

    /// The service's time at a look, which is never earlier than at the one before.
    pub fn read(&mut self, now: Reading) -> Instant {
        let passed = signed(now.passed.saturating_sub(self.read_at));
        self.read_at = self.read_at.max(now.passed);
        let wall = micros(now.wall);
        let expected = self.reached_us.saturating_add(passed);
        let since_believed = signed(self.read_at.saturating_sub(self.believed_at));
        let ahead = wall.saturating_sub(self.believed_us.saturating_add(since_believed));
        let behind = expected.saturating_sub(wall);
        if ahead > self.jump_max_us {
            self.reached_us = expected;
            self.jumped_at = self.read_at;
            self.course = Course::JumpedAhead(millis(behind));
        } else if behind > 0 {
            self.reached_us = wall.max(expected - passed / WAITED_PART);
            let behind = self.reached_us - wall;
            self.kept_is_ahead &= behind > self.jump_max_us;
            // A clock that goes to and fro must not come further each time.
            if self.reached_us < self.believed_us.saturating_add(since_believed) {
                self.believe(self.reached_us);
            }
            if behind > UNSAID_US {
                self.jumped_at = self.read_at;
            }
            self.course = match self.kept_is_ahead {
                true => Course::BehindWhatIsKept(millis(behind)),
                false if behind > UNSAID_US => Course::Behind(millis(behind)),
                false => Course::Steady,
            };
        } else {
            self.reached_us = wall;
            self.kept_is_ahead = false;
            if behind < -UNSAID_US {
                self.jumped_at = self.read_at;
            } else if signed(self.read_at.saturating_sub(self.jumped_at)) >= self.jump_max_us {
                self.believe(wall);
            }
            self.course = Course::Steady;
        }
        let reached_ms = self.reached_us.div_euclid(1_000);
        let last = if reached_ms < 0 { Instant::MIN } else { Instant::MAX };
        Instant::from_millis(reached_ms).unwrap_or(last)
    }

    fn believe(&mut self, us: i64) {
        self.believed_us = us;
        self.believed_at = self.read_at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN_MS: i64 = 1_773_057_600_000;
    const MINUTE_MS: i64 = 60_000;
    const YEARS_MS: i64 = 10 * 365 * 1_440 * MINUTE_MS;

    fn at(ms: i64) -> Instant {
        Instant::from_millis(BEGIN_MS + ms).expect("in range")
    }

    /// Wall and passed time since the beginning, in milliseconds.
    fn reading(wall_ms: i64, passed_ms: i64) -> Reading {
        Reading { wall: at(wall_ms), passed: Duration::from_millis(passed_ms as u64) }
    }

    fn watch() -> Watch {
        Watch::new(Millis(10 * MINUTE_MS as u64), reading(0, 0))
    }

    #[test]
    fn a_clock_that_goes_as_time_passes_is_believed_and_so_are_small_jumps_ahead() {
        let mut watch = watch();
        for (wall, passed) in
            [(1_000, 1_000), (1_999, 2_000), (5_003, 5_000), (5 * MINUTE_MS, 6_000)]
        {
            assert_eq!(watch.read(reading(wall, passed)), at(wall));
            assert_eq!(watch.course(), Course::Steady);
        }
    }

    #[test]
    fn a_jump_of_ten_years_for_a_second_moves_nothing() {
        let mut watch = watch();
        assert_eq!(watch.read(reading(YEARS_MS, 500)), at(500));
        assert!(matches!(watch.course(), Course::JumpedAhead(by) if by.0 == YEARS_MS as u64 - 500));
        assert_eq!(watch.read(reading(YEARS_MS + 500, 1_000)), at(1_000));
        assert_eq!(watch.read(reading(1_500, 1_500)), at(1_500));
        assert_eq!(watch.course(), Course::Steady);
    }

    #[test]
    fn many_small_jumps_come_no_further_than_one() {
        let mut watch = watch();
        let mut last = at(0);
        for look in 1..=100 {
            last = watch.read(reading(look * 9 * MINUTE_MS, look * 250));
        }
        assert!(last.since(at(0)).0 <= 10 * MINUTE_MS as u64 + 25_000, "{last}");
        assert!(watch.course().stops_writes());
    }

    #[test]
    fn a_step_back_is_waited_for_while_time_goes_on() {
        let mut watch = watch();
        watch.read(reading(1_000, 1_000));
        let back = -60 * MINUTE_MS;
        let mut last = at(1_000);
        for look in 1..=1_000 {
            let passed = 1_000 + look * 250;
            let now = watch.read(reading(back + passed, passed));
            assert!(now >= last, "{now} is before {last}");
            last = now;
        }
        assert!(matches!(watch.course(), Course::Behind(_)) && !watch.course().stops_writes());
        // Nine tenths of the 250 seconds, however often it was looked.
        assert_eq!(last, at(1_000 + 225_000));
        // In the end the clock has caught up.
        let passed = 11 * 60 * MINUTE_MS;
        assert_eq!(watch.read(reading(back + passed, passed)), at(back + passed));
        assert_eq!(watch.course(), Course::Steady);
    }

    #[test]
    fn what_is_kept_too_far_ahead_stops_writes_until_the_clock_has_come_there() {
        let mut begun = watch();
        begun.begin_at(at(5 * MINUTE_MS), reading(0, 0));
        assert!(!begun.course().stops_writes(), "by what is allowed");
        let mut begun = watch();
        begun.begin_at(at(30 * MINUTE_MS), reading(0, 0));
        assert_eq!(begun.course(), Course::BehindWhatIsKept(Millis(30 * MINUTE_MS as u64)));
        assert!(begun.read(reading(10, 10)) >= at(30 * MINUTE_MS));
        begun.read(reading(25 * MINUTE_MS, 20));
        assert!(!begun.course().stops_writes(), "the clock was put right");
    }

    #[test]
    fn it_never_goes_back_and_never_further_ahead_than_it_may_whatever_the_clock_reads() {
        let mut draw = 0x2545_F491_4F6C_DD1D_u64;
        let mut next = |below: i64| {
            draw ^= draw << 13;
            draw ^= draw >> 7;
            draw ^= draw << 17;
            (draw % below as u64) as i64
        };
        for _ in 0..200 {
            let mut watch = watch();
            let (mut passed, mut offset, mut last) = (0, 0, at(0));
            for _ in 0..200 {
                passed += next(5_000);
                if next(4) == 0 {
                    offset = next(40 * MINUTE_MS) - 20 * MINUTE_MS;
                }
                let now = watch.read(reading(passed + offset, passed));
                assert!(now >= last);
                let ahead = now.as_millis() - at(passed).as_millis();
                // Jumps are forgotten after ten minutes without one: at most one more of them.
                let jumps = 1 + passed / (10 * MINUTE_MS);
                assert!(ahead <= jumps * 10 * MINUTE_MS, "{ahead} ms ahead after {passed}");
                last = now;
            }
        }
    }
}
