//! Waking at an instant. The runtime's own timers are only good to a millisecond or two, which would
//! be most of a fast answer's latency; on Linux the kernel wakes us within some ten microseconds.

#[cfg(target_os = "linux")]
pub use precise::Alarm;

#[cfg(not(target_os = "linux"))]
pub use coarse::Alarm;

#[cfg(target_os = "linux")]
mod precise {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Instant as MachineTime;

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// Wakes one task, at one instant after the other.
    #[derive(Debug)]
    pub struct Alarm(AsyncFd<OwnedFd>);

    impl Alarm {
        /// An alarm that is not set yet; it lives in the runtime that is entered.
        ///
        /// # Errors
        /// When the machine has no descriptors left.
        #[expect(deprecated, reason = "sound for what always has the same descriptor, as this has")]
        pub fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            Ok(Self(AsyncFd::with_interest(timer, Interest::READABLE)?))
        }

        /// Sleeps until `moment`; not at all where it has passed.
        ///
        /// # Errors
        /// None that a timer of one's own gives.
        pub async fn until(&mut self, moment: MachineTime) -> io::Result<()> {
            loop {
                let ahead = moment.saturating_duration_since(MachineTime::now());
                if ahead.is_zero() {
                    return Ok(());
                }
                // To set it also takes back that it went off before: it need not be read.
                let value = Itimerspec {
                    it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
                    it_value: Timespec {
                        tv_sec: ahead.as_secs().try_into().unwrap_or(i64::MAX),
                        tv_nsec: ahead.subsec_nanos().into(),
                    },
                };
                timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &value)?;
                self.0.readable().await?.clear_ready();
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod coarse {
    use std::io;
    use std::time::Instant as MachineTime;

    /// Wakes one task, at one instant after the other.
    #[derive(Debug)]
    pub struct Alarm;

    impl Alarm {
        /// An alarm that is not set yet.
        ///
        /// # Errors
        /// None.
        pub fn new() -> io::Result<Self> {
            Ok(Self)
        }

        /// Sleeps until `moment`; not at all where it has passed.
        ///
        /// # Errors
        /// None.
        pub async fn until(&mut self, moment: MachineTime) -> io::Result<()> {
            tokio::time::sleep_until(moment.into()).await;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant as MachineTime};

    use super::Alarm;

    /// How often it is tried: the machine may be busy with others.
    const TRIES: usize = 50;

    #[test]
    fn an_alarm_never_goes_off_early_and_hardly_late() {
        let bound = Duration::from_micros(if cfg!(target_os = "linux") { 500 } else { 5_000 });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let late = runtime.expect("a runtime").block_on(async {
            let mut alarm = Alarm::new().expect("an alarm");
            let mut half = Duration::MAX;
            for _ in 0..TRIES {
                half = half.min(half_of_them_late_by(&mut alarm).await);
                if half < bound {
                    break;
                }
            }
            half
        });
        assert!(late < bound, "{late:?}");
    }

    /// By how much half of a hundred alarms go off late at most; none does early.
    async fn half_of_them_late_by(alarm: &mut Alarm) -> Duration {
        let mut late: Vec<Duration> = Vec::new();
        for us in (0..100).map(|n| 50 + n * 37) {
            let moment = MachineTime::now() + Duration::from_micros(us);
            alarm.until(moment).await.expect("sleeps");
            let now = MachineTime::now();
            assert!(now >= moment);
            late.push(now - moment);
        }
        late.sort();
        late[50]
    }
}
