//! What time it is for a service: the machine's, or what an admin says (rule T1: time is an input).
//!
//! The machine's clock is `watch`ed: it can be wrong, and what is written with a wrong time stays so.

mod watch;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant as Moment, SystemTime, UNIX_EPOCH};

use lamplighter_core::model::{Instant, Millis};

use watch::{Course, Watch};

pub use watch::{CLOCK_JUMP_LEAST, Reading};

/// How far ahead a machine's clock may jump where nobody says otherwise.
pub const CLOCK_JUMP_MAX: Millis = Millis(600_000);

/// The clock that the service goes by.
#[derive(Debug)]
pub enum Clock {
    /// The machine's clock, as long as it can be believed.
    Machine(MachineClock),
    /// Stands still until it is put forward.
    Manual(AtomicI64),
}

/// A machine's clock with whoever watches it.
pub struct MachineClock {
    source: Box<dyn Fn() -> Reading + Send + Sync>,
    jump_max: Millis,
    watch: Mutex<Watch>,
    /// What the watch says of writes, for those who may not wait for it.
    stops_writes: AtomicBool,
}

impl fmt::Debug for MachineClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MachineClock").field("watch", &self.watch).finish_non_exhaustive()
    }
}

impl Clock {
    /// The clock of this machine, which may jump as far ahead as it usually may.
    pub fn system() -> Self {
        Self::system_within(CLOCK_JUMP_MAX)
    }

    /// The clock of this machine, which may jump so far ahead.
    pub fn system_within(jump_max: Millis) -> Self {
        let began = Moment::now();
        let source = move || {
            let ms = match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
                Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
            };
            let last = if ms < 0 { Instant::MIN } else { Instant::MAX };
            let wall = Instant::from_millis(ms).unwrap_or(last);
            Reading { wall, passed: began.elapsed() }
        };
        Self::of(source, jump_max)
    }

    /// Some machine's clocks, of which the wall's may jump so far ahead.
    pub fn of(source: impl Fn() -> Reading + Send + Sync + 'static, jump_max: Millis) -> Self {
        let watch = Mutex::new(Watch::new(jump_max, source()));
        let stops_writes = AtomicBool::new(false);
        Self::Machine(MachineClock { source: Box::new(source), jump_max, watch, stops_writes })
    }

    /// A clock that stands at an instant until it is put forward.
    pub fn manual(at: Instant) -> Self {
        Self::Manual(AtomicI64::new(at.as_millis()))
    }

    /// What time it is; never earlier than it was.
    pub fn now(&self) -> Instant {
        match self {
            Self::Machine(machine) => machine.look(|watch, reading| watch.read(reading)),
            Self::Manual(ms) => {
                Instant::from_millis(ms.load(Ordering::Relaxed)).unwrap_or(Instant::MIN)
            }
        }
    }

    /// Whether it stands still by itself.
    pub fn is_manual(&self) -> bool {
        matches!(self, Self::Manual(_))
    }

    /// Puts a manual clock; the machine's stays as it is.
    pub fn put(&self, at: Instant) {
        if let Self::Manual(ms) = self {
            ms.store(at.as_millis(), Ordering::Relaxed);
        }
    }

    /// A service goes on from what is kept: no earlier is it any more.
    pub fn begin_at(&self, kept: Instant) {
        match self {
            Self::Machine(machine) => machine.look(|watch, reading| watch.begin_at(kept, reading)),
            Self::Manual(_) => self.put(kept),
        }
    }

    /// Why writes are not taken now, and how to go on; `None` where they are.
    pub fn why_no_writes(&self) -> Option<String> {
        match self {
            Self::Machine(machine) if machine.stops_writes.load(Ordering::Relaxed) => {
                Some(machine.told(machine.watch().course()))
            }
            _ => None,
        }
    }

    /// How far the machine's clock is ahead of the service's time, in milliseconds; below zero it is behind.
    pub fn off_ms(&self) -> i64 {
        let Self::Machine(machine) = self else { return 0 };
        let signed = |by: Millis| i64::try_from(by.0).unwrap_or(i64::MAX);
        match machine.watch().course() {
            Course::Steady => 0,
            Course::JumpedAhead(by) => signed(by),
            Course::Behind(by) | Course::BehindWhatIsKept(by) => -signed(by),
        }
    }
}

impl MachineClock {
    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the clock, and says what has changed in how it goes.
    fn look<T>(&self, at: impl FnOnce(&mut Watch, Reading) -> T) -> T {
        let mut watch = self.watch();
        let before = watch.course();
        let answer = at(&mut watch, (self.source)());
        let course = watch.course();
        let has_changed = std::mem::discriminant(&before) != std::mem::discriminant(&course);
        if has_changed {
            // While nobody else looks: what is said last is what holds.
            self.stops_writes.store(course.stops_writes(), Ordering::Relaxed);
        }
        drop(watch);
        if has_changed {
            let told = self.told(course);
            match course {
                Course::Steady => tracing::info!("{told}"),
                Course::Behind(_) => tracing::warn!("{told}"),
                Course::JumpedAhead(_) | Course::BehindWhatIsKept(_) => tracing::error!("{told}"),
            }
        }
        answer
    }

    /// How the clock goes, and what to do, in a sentence.
    fn told(&self, course: Course) -> String {
        let max = self.jump_max;
        // What is less than a second tells nobody anything.
        let whole = |by: Millis| Millis((by.0 / 1_000).max(1) * 1_000);
        match course {
            Course::Steady => {
                "the machine's clock goes as time passes; writes are taken".to_owned()
            }
            Course::Behind(by) => format!(
                "the machine's clock is {} behind: the service's time goes a tenth slower until it has \
                 caught up",
                whole(by)
            ),
            Course::JumpedAhead(by) => format!(
                "the machine's clock is {} ahead of the time that has passed (--max-clock-jump {max}): \
                 no writes are taken until it is put right. If it is right, restart the service",
                whole(by)
            ),
            Course::BehindWhatIsKept(by) => format!(
                "the machine's clock is {} behind what is kept (--max-clock-jump {max}): no writes are \
                 taken until it is put right. If it is right, restore a backup of before, or start with \
                 a longer --max-clock-jump to go on from what is kept",
                whole(by)
            ),
        }
    }
}
